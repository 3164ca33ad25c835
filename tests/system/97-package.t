#!/bin/sh
# SPDX-License-Identifier: ISC
# The Debian packages: built, installed into a fresh system, used, upgraded under a live
# session, removed, purged; nothing of them is left then.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/package.sh"
needs dpkg-buildpackage dh lintian

# --- built, while a fresh system is made
is "$version" "$(sed -n 's/^AC_INIT(\[shellac\], \[\(.*\)\])/\1/p' "$top_srcdir/configure.ac")" \
    "the packages' version is that of the programs"
mkdir -p "$debs"
rm -f "$debs"/*.deb "$debs"/*.changes "$debs"/*.buildinfo
make_root >"$work/debootstrap" 2>&1 &
debootstrap=$!
if [ -n "${SHELLAC_TEST_PACKAGES-}" ]; then
	cp "$SHELLAC_TEST_PACKAGES"/* "$debs"
else
	env -u MAKEFLAGS -u MAKELEVEL \
	    DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(getconf _NPROCESSORS_ONLN)" \
	    "$top_srcdir/debian/make-packages" "$debs" "$work/built" >"$work/build" 2>&1
fi
ok $? "the packages are built"
wait $debootstrap
ok $? "a fresh system is made"
set -- "$debs"/shellac_*.deb "$debs"/shellac-auditor_*.deb "$debs"/shellac-witness_*.deb
if [ ! -e "$3" ] || [ ! -x "$root/usr/sbin/sshd" ]; then
	tail -n 5 "$work/debootstrap" "$work/build" | note
	bail "no packages, or no system to put them into"
fi
lintian --allow-root --fail-on error,warning "$debs"/*.changes >"$work/lintian" 2>&1
ok $? "lintian has no error and no warning"
note <"$work/lintian"
for deb; do dpkg-deb -x "$deb" "$work/content"; done
is "$(grep -rl "$work/built" "$work/content")" "" "the folder of the build is in no file"

# --- installed
make_devices && make_users && services denied && rm -f "$root/etc/resolv.conf"
ok $? "with users and devices"
picture >"$work/before"
mkdir "$root/tmp/now" "$root/tmp/next"
cp "$@" "$root/tmp/now"
# shellcheck disable=SC2046 # words are wanted
apt install $(packages now)
ok $? "apt installs them, and nothing else is needed"
[ -x "$root/usr/bin/shellac" ] || bail "not installed"
is "$(inside stat -c '%U %G %a' /usr/bin/shellac-rec)" "_shellac root 4755" \
    "the recorder is set-user-ID"
is "$(inside getent passwd _shellac _shellacd _shellac-plugin | cut -d: -f1,6,7 | tr '\n' ' ')" \
    "_shellac:/nonexistent:/usr/sbin/nologin _shellacd:/nonexistent:/usr/sbin/nologin\
 _shellac-plugin:/nonexistent:/usr/sbin/nologin " "its users are there"
is "$(inside dpkg --verify shellac shellac-auditor shellac-witness)" "" "no file differs from the package's"
start_sshd && eventually 60 login alice -n -o RemoteCommand=true || bail "no sshd"
typed alice 'ps -o comm= $PPID | tr s S; echo parent $(cat /proc/$PPID/comm)' 'exit 3'
is $? 3 "a login is as before"
grep -q 'parent sshd' "$work/shown"
ok $? "and is not recorded by installation alone"

# --- started, enabled, recorded
inside /etc/init.d/shellacd start >"$work/start" 2>&1
ok $? "the start script starts the collector"
note <"$work/start"
eventually 60 inside shellac status || bail "no collector"
inside shellac setup enable profile >"$work/setup" 2>&1
ok $? "setup lets logins come to the recorder"
note <"$work/setup"
typed alice 'echo from-$((40 + 2))' 'exit 7'
is $? 7 "the first recorded login ends as its shell"
eventually 60 ended
is "$(of user) $(of exit)" '"alice" 7' "and is in the list, COMPLETE"
inside shellac cat last | grep -q '^from-42'
ok $? "what it showed is there"
inside shellac verify >"$work/verify" 2>&1
ok $? "and is verified"
note <"$work/verify"

# --- upgraded under a live session
services allowed
for deb; do newer "$deb" "$version+1" "$root/tmp/next/${deb##*/}"; done
echo "# mine" >>"$root/etc/shellac/shellac.conf"
open_live alice
says 'echo before-$((1 + 1))' before-2
ok $? "a session is live"
id=$(of id)
n=$(number)
collector_of() { cat "$root/run/shellac/shellacd.pid"; }
was=$(collector_of)
# shellcheck disable=SC2046
apt install $(packages next)
ok $? "apt upgrades them"
is "$(inside dpkg-query -W -f '${Version} ' shellac shellac-auditor)" "$version+1 $version+1 " "to the later version"
eventually 60 inside shellac status && [ "$(collector_of)" != "$was" ]
ok $? "the collector is another one"
is "$(inside stat -c '%U %G %a' /usr/bin/shellac-rec)" "_shellac root 4755" "the recorder still set-user-ID"
is "$(tail -n 1 "$root/etc/shellac/shellac.conf")" "# mine" "the configuration as it was changed"
says 'echo after-$((1 + 2))' after-3
ok $? "the session goes on"
close_live 9
is $? 9 "and ends as its shell"
eventually 60 ended
is "$(number) $(of id) $(of status)" "$n $id \"COMPLETE\"" "it is one session, COMPLETE"
inside shellac cat last >"$work/cat"
grep -q '^before-2' "$work/cat" && grep -q '^after-3' "$work/cat"
ok $? "with what was before and after"

# --- removed
refused() {
	! apt remove shellac 2>/dev/null >&2 &&
	inside dpkg-query -W -f '${db:Status-Status}' shellac | grep -qx installed
}
inside usermod -s /usr/bin/shellac-bash bob
inside usermod -s /bin/shellac-bash alice
refused
ok $? "it is not removed where that would lock somebody out"
grep -q 'login shell of: alice bob' "$work/apt"
ok $? "which is said"
inside usermod -s /bin/bash bob
inside usermod -s /bin/bash alice
forced=/etc/ssh/sshd_config.d/own.conf
printf 'Match User nobody\n\tForceCommand=/bin/shellac-rec --forced\n' >"$root$forced"
refused
ok $? "nor where sshd runs the recorder"
grep -q "not removed: $forced has ForceCommand" "$work/apt"
ok $? "which is said, too"
rm "$root$forced"
inside shellac setup enable profile >"$work/setup" 2>&1 &&
inside shellac setup enable login-shell bob >>"$work/setup" 2>&1
ok $? "setup makes the recorder a login shell"
note <"$work/setup"
typed bob 'echo bobs' 'exit 4'
status=$?
eventually 60 ended
is "$status $(of user) $(of exit)" '4 "bob" 4' "which records"
open_live alice
says 'echo still-$((1 + 1))' still-2
ok $? "a session is live"
evidence >"$work/evidence"
apt remove shellac shellac-auditor shellac-witness
ok $? "they are removed"
says 'echo without-$((1 + 2))' without-3
ok $? "the live session goes on"
close_live 11
is $? 11 "and ends as its shell"
typed alice 'echo parent $(cat /proc/$PPID/comm)' 'exit 5'
is "$? $(grep -c 'parent sshd' "$work/shown")" "5 1" "who logged in by the snippet logs in as before"
typed bob 'echo parent $(cat /proc/$PPID/comm)' 'exit 6'
is "$? $(grep -c 'parent sshd' "$work/shown")" "6 1" "who had it as login shell, too"
is "$(inside getent passwd bob | cut -d: -f7)" /bin/bash "with the shell of before"
acct_size() { cat "$root"/var/lib/shellac/process/kernel-* 2>/dev/null | wc -c; }
none_runs() { ! grep -qs "^Name:	$1" /proc/[0-9]*/status; }
none_runs shellacd
ok $? "the collector does not run"
before=$(acct_size)
inside /bin/true
is "$(acct_size)" "$before" "accounting is given back"
evidence >"$work/evidence-after"
same "$work/evidence-after" "$work/evidence" "what was recorded is there"

# --- purged
# what plugins keep, and setup of a file that somebody changed by hand
for folder in log/shellac lib/shellac-forward lib/shellac-plugin lib/shellac-setup; do
	mkdir -p "$root/var/$folder" && echo kept >"$root/var/$folder/kept"
done
apt purge shellac shellac-auditor shellac-witness
ok $? "they are purged"
none_runs shellac
ok $? "the recorder that waited for the collector ended then"
grep -q 'deleting /var/lib/shellac' "$work/apt"
ok $? "which says what it deletes"
is "$(inside dpkg-query -W -f '${Package} ${Status}\n' 'shellac*' 2>/dev/null)" "" "dpkg knows nothing of them"
rm -rf "$root/tmp/now" "$root/tmp/next"
services denied
picture >"$work/after"
diff "$work/before" "$work/after" >"$work/diff"
ok $? "the system is what it was before"
note <"$work/diff"
is "$(find "$root" -xdev -iname '*shellac*')" "" "nothing has their name"
plan
