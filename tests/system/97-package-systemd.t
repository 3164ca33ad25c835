#!/bin/sh
# SPDX-License-Identifier: ISC
# The Debian packages where systemd is process 1: installed, used, upgraded under a live
# session, switched off, removed, installed again, purged.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/package.sh"
needs
. "$(dirname "$0")/systemd.sh"

# --- a fresh system, with the packages that 97-package.t has built
make_root >"$work/debootstrap" 2>&1
ok $? "a fresh system is made"
set -- "$debs"/shellac_*.deb "$debs"/shellac-auditor_*.deb "$debs"/shellac-witness_*.deb
[ -e "$3" ] && [ -x "$root/usr/sbin/sshd" ] || bail "no packages, or no system to put them into"
make_devices && make_users && services denied && rm -f "$root/etc/resolv.conf"
ok $? "with users and devices"
inside sh -c 'dpkg -i /var/cache/apt/archives/*.deb' >"$work/apt" 2>&1
ok $? "and a systemd"
services allowed

# It starts as on a host; what would start by the hour, or want a console, does not.
find_port
printf 'Port %d\nListenAddress 127.0.0.1\nPrintMotd no\nPrintLastLog no\n' "$port" \
	>"$root/etc/ssh/sshd_config.d/test.conf"
inside systemctl --quiet mask timers.target console-getty.service getty.target
cat >"$work/begin" <<END
mount -t proc proc $root/proc && mount -t sysfs sysfs $root/sys &&
mount -t cgroup2 cgroup2 $root/sys/fs/cgroup && mount -t tmpfs -o mode=755 tmpfs $root/run &&
cd $root && pivot_root . mnt || exit 1
exec chroot . sh -c 'umount -l /mnt; exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    $systemd --system --unit=multi-user.target --log-target=console --show-status=no'
END
if ! begin_manager; then
	note <"$work/manager.log"
	bail "systemd does not start here"
fi
inside systemctl is-system-running --wait >"$work/running"
is "$(unit is-active ssh.service)" active "systemd is process 1, and runs sshd"
note <"$work/running"
eventually 60 login alice -n -o RemoteCommand=true || bail "no sshd"

# states: of both units
states() { unit is-enabled shellacd.socket shellacd.service | tr '\n' ' '
	unit is-active shellacd.socket shellacd.service | tr '\n' ' '; }
works="enabled enabled active active "
main_pid() { property shellacd.service MainPID; }
# sshd, told to, closes its port and opens it again
listened() { [ "$(inside journalctl -q -o cat -u ssh.service | grep -c 'Server listening')" -ge "$1" ]; }
register() { inside stat -c '%i %A %U %G' /run/shellac/register.sock; }

# --- installed
mkdir "$root/tmp/now" "$root/tmp/next"
cp "$@" "$root/tmp/now"
for deb; do newer "$deb" "$version+1" "$root/tmp/next/${deb##*/}"; done
# shellcheck disable=SC2046 # words are wanted
apt install $(packages now)
ok $? "apt installs them"
[ -x "$root/usr/bin/shellac" ] || bail "not installed"
is "$(states)" "$works" "the socket and the collector are enabled, and run"
is "$(register | cut -d ' ' -f 2-)" "srw------- _shellac root" "who registers may only come from a recorder"
inside shellac setup enable profile >"$work/setup" 2>&1
ok $? "setup lets logins come to the recorder"
note <"$work/setup"
inside shellac setup --reload enable forcecommand bob >"$work/setup" 2>&1
is "$? $(grep -cx 'forcecommand: /bin/systemctl reload ssh' "$work/setup")" "0 1" "and has sshd told by systemd"
note <"$work/setup"
eventually 60 listened 2
typed alice 'echo from-$((40 + 2))' 'exit 7'
is $? 7 "a login ends as its shell"
eventually 60 ended
is "$(of user) $(of exit)" '"alice" 7' "and is recorded"
inside shellac check >"$work/check" 2>/dev/null
is "$(grep '^FAIL' "$work/check")" "" "the host has no fault"

# --- upgraded under a live session
open_live alice
says 'echo before-$((1 + 1))' before-2
ok $? "a session is live"
id=$(of id)
was=$(main_pid)
before=$(register)
# shellcheck disable=SC2046
apt install $(packages next)
ok $? "apt upgrades them"
[ "$(main_pid)" != "$was" ]
ok $? "the collector is another one"
is "$(states)" "$works" "and runs"
is "$(register)" "$before" "the socket was never away"
is "$(property shellacd.service NeedDaemonReload)" no "systemd has read the units of now"
says 'echo after-$((1 + 2))' after-3
ok $? "the session goes on"
close_live 9
is $? 9 "and ends as its shell"
eventually 60 ended
inside shellac cat last >"$work/cat"
is "$(of id) $(of status) $(grep -c '^before-2\|^after-3' "$work/cat")" "$id \"COMPLETE\" 2" \
	"it is one session, with what was before and after"

# --- switched off by the administrator
unit -q disable --now shellacd.socket shellacd.service
# shellcheck disable=SC2046
apt install --allow-downgrades $(packages now)
is "$? $(states)" "0 disabled disabled inactive inactive " "what is switched off stays off in an upgrade"
unit -q enable --now shellacd.socket shellacd.service
is "$(states)" "$works" "until it is switched on"

# --- removed under a live session
open_live alice
says 'echo still-$((1 + 1))' still-2
ok $? "a session is live"
id=$(of id)
evidence >"$work/evidence"
[ -s "$work/evidence" ] || bail "no evidence"
apt remove shellac
ok $? "it is removed"
is "$(unit is-active shellacd.socket shellacd.service | tr '\n' ' ')$(inside pgrep -c shellacd)" \
	"inactive inactive 0" "the units are stopped"
is "$(property shellacd.service LoadState)" not-found "and systemd has forgotten them"
says 'echo without-$((1 + 2))' without-3
ok $? "the live session goes on"
close_live 11
is $? 11 "and ends as its shell"
eventually 60 listened 3
typed bob 'echo parent $(cat /proc/$PPID/comm)' 'exit 6'
is "$? $(grep -c 'parent sshd' "$work/shown")" "6 1" "sshd runs the recorder for nobody any more"
evidence >"$work/evidence-after"
same "$work/evidence-after" "$work/evidence" "what was recorded is there"

# --- installed again
n=$(number)
# shellcheck disable=SC2046
apt install $(packages next)
is "$? $(states)" "0 $works" "installed again, it runs again"
inside shellac setup enable profile >"$work/setup" 2>&1
typed alice 'exit 8'
eventually 60 ended
is "$(number) $(of exit)" "$((n + 2)) 8" "and goes on with the number after that of setup's own login"
live() { inside shellac list --json | grep "$id" | field "$1"; }
live_ended() { [ "$(live status)" = '"COMPLETE"' ]; }
eventually 60 live_ended
is "$(live exit)" 11 "what was live without a collector is complete"
inside shellac verify >"$work/verify" 2>&1
ok $? "all is verified"
note <"$work/verify"
inside journalctl -q -o cat -u shellacd.service -u shellacd.socket >"$work/journal"
! grep -E 'Operation not permitted|Read-only|Permission denied' "$work/journal" |
	grep -v 'hard limits' >"$work/refused"
ok $? "the unit refused nothing that shellacd wants to do"
note <"$work/refused"
is "$(grep 'shellacd.*\(Failed\|failed\)' "$work/manager.log")" "" "and no start and no end of it failed"

# --- purged
apt purge shellac shellac-auditor shellac-witness
ok $? "they are purged"
is "$(unit list-units --all --plain --no-legend 'shellac*')$(unit list-unit-files --no-legend 'shellac*')" "" \
	"systemd knows nothing of them"
is "$(inside getent passwd | grep shellac)" "" "nor is there any user of theirs"
inside rm -rf /tmp/now /tmp/next /var/log/journal
is "$(inside find / /run -xdev -iname '*shellac*')" "" "nothing has their name"
note <"$work/journal"
plan
