#!/bin/sh
# SPDX-License-Identifier: ISC
# What make install puts where, what make uninstall leaves, and what the files for
# users, folders and configuration come to.
. "$(dirname "$0")/lib.sh"
umask 022
root=$work/root

# what configure was told; the longest first, where one is below another
# shellcheck disable=SC2016 # make expands them
printf 'include Makefile\nplaces:\n\t@printf "%%s\\n" %s\n' '$(foreach p,bindir sbindir \
	pkglibexecdir sysconfdir localstatedir runstatedir docdir mandir pkgdatadir profiledir \
	bashcompletiondir zshcompletiondir fishcompletiondir systemdsystemunitdir sysusersdir \
	tmpfilesdir startscriptdir,"$($(p)) @$(p)@")' >"$work/places.mk"
env -u MAKEFLAGS -u MAKELEVEL make -s --no-print-directory -C "$top_builddir" \
	-f "$work/places.mk" places | awk '{ print length($1), $0 }' | sort -rn | cut -d ' ' -f 2- >"$work/places"
place() { sed -n "s|^\([^ ]*\) @$1@\$|\1|p" "$work/places"; }
sed 's/^\([^ ]*\) \(.*\)$/s|\1\/|\2\/|/' "$work/places" >"$work/to_places"
while read -r dir name; do
	[ -n "$name" ] || echo "Bail out! no place $dir"
done <"$work/places"

make_it() {
	make -C "$top_builddir" "$1" DESTDIR="$root" >"$work/make" 2>&1 && return
	tail -n 20 "$work/make" | note
	return 1
}

# installed: all that is there, as modes, places and where links lead; whether the
# recorder is set-user-ID depends on this machine's users
installed() {
	find "$root" ! -type d -printf '%M %P %l\n' | sed -e 's/ \([^ ]\)/ \/\1/' -e 's/ *$//' \
		-e 's/^-rws/-rwx/' | sed -f "$work/to_places" | LC_ALL=C sort -k 2
}

# -- make install
make_it install
ok $? "make install DESTDIR="
installed >"$work/list"
sed '/^#/d' "$top_srcdir/tests/system/installed.list" >"$work/wanted"
same "$work/list" "$work/wanted" "installs what installed.list says, and nothing else"
diff "$work/wanted" "$work/list" | note
is "$(find "$root" -type f ! -size 0 -exec grep -lE '@[a-z]+dir@' {} +)" "" "no place is left to be filled in"

# -- the configuration
conf=$root$(place sysconfdir)/shellac
mkdir "$D"
"$shellacd" -d "$D" --check >"$work/defaults"
sed -n 's/^#\([a-z]\)/\1/p' "$conf/shellac.conf" >"$D/shellac.conf"
"$shellacd" -d "$D" --check >"$work/example"
same "$work/example" "$work/defaults" "its lines, taken as they are, change nothing"
is "$(cut -d ' ' -f 1 <"$D/shellac.conf" | sort)" \
	"$(sed -n 's/^\([a-z_]*\) = .*/\1/p' "$work/defaults" | sort)" "and every key is there"
is "$(grep -v '^#' "$conf/shellac.conf" | tr -d '\n')" "" "all as comments"
rm -rf "$D"

echo 'input = none' >>"$conf/shellac.conf"
echo 'user = root' >>"$conf/plugins.d/file.conf"
find "$conf" -type f -exec md5sum {} + | sort >"$work/before"
make_it install
ok $? "make install once more"
find "$conf" -type f -exec md5sum {} + | sort >"$work/after"
same "$work/after" "$work/before" "changes nothing that is configured"

# -- users and folders
if ! command -v systemd-tmpfiles >/dev/null; then
	skip "users and folders" "no systemd"
elif [ "$(id -u)" != 0 ]; then
	skip "users and folders" "needs root"
else
	mkdir -p "$root/etc"
	for again in "" ", once more"; do
		systemd-sysusers --root="$root" "$root$(place sysusersdir)/shellac.conf" 2>"$work/said" &&
		systemd-tmpfiles --root="$root" --create "$root$(place tmpfilesdir)/shellac.conf" 2>>"$work/said"
		ok $? "users and folders are made$again"
		note <"$work/said"
	done
	names=$(cut -d : -f 1 "$root/etc/passwd" | tr '\n' ' ')
	is "$names" "_shellac _shellacd _shellac-plugin " "the users are there"
	# who they are here is another matter
	id_of() { sed -n "s/^$1:[^:]*:\([0-9]*\):.*/\1/p" "$root/etc/$2"; }
	rec_uid=$(id_of _shellac passwd) col_gid=$(id_of _shellacd group)
	plug_uid=$(id_of _shellac-plugin passwd) plug_gid=$(id_of _shellac-plugin group)
	run=$(place runstatedir)/shellac var=$(place localstatedir)
	while read -r wanted dir; do
		is "$(stat -c '%a:%u:%g' "$root$dir")" "$wanted" "$dir"
	done <<-END
	711:0:0 $run
	2770:$rec_uid:$col_gid $run/session
	700:0:0 $var/lib/shellac
	700:$rec_uid:0 $var/spool/shellac
	700:$plug_uid:$plug_gid $var/lib/shellac-forward
	700:$plug_uid:$plug_gid $var/lib/shellac-plugin
	700:$plug_uid:$plug_gid $var/log/shellac
	END
fi
var=$(place localstatedir)
is "$("$root$(place pkglibexecdir)/shellac-forward" --help | sed -n 's/.*(default: \(.*\))$/\1/p')" \
	"$var/lib/shellac-forward" "shellac-forward keeps its cursor in the folder made for that"
is "$(sed -n 's/^args = .*--state \([^ ]*\)\/firewall .*/\1/p' "$conf/plugins.d/input.conf")" \
	"$var/lib/shellac-plugin" "the example of shellac-input keeps its state in such a folder"
is "$(sed -n 's/^args = --keep 90 //p' "$conf/plugins.d/file.conf")" "$var/log/shellac" \
	"and that of shellac-file its files"

# -- the capabilities of the unit: no fewer than it takes to hear of processes
hears() {
	echo 'acct = off' >"$D/shellac.conf"
	"$@" "$shellacd" -d "$D" -n </dev/null >>"$work/log" 2>&1 &
	collector=$!
	eventually 60 ready && "$shellac" -d "$D" status --json | field events | grep -o '"state": "[a-z]*"'
	stop_collector
}
caps=$(sed -n 's/^CapabilityBoundingSet=//p' "$root$(place systemdsystemunitdir)/shellacd.service" |
	tr '\n' ' ' | tr 'A-Z ' 'a-z,' | sed -e 's/cap_/+/g' -e 's/,$//')
if [ "$(id -u)" = 0 ]; then
	mkdir "$D"
	wanted=$(hears env)
	is "$(hears setpriv --bounding-set="-all,$caps" --inh-caps=-all --)" "$wanted" \
		"process events are no worse with the unit's capabilities: $wanted"
	rm -rf "$D"
else
	skip "the unit's capabilities" "needs root"
fi

# -- make uninstall
mkdir -p "$root$(place localstatedir)/lib/shellac"
echo evidence >"$root$(place localstatedir)/lib/shellac/host.pub"
make_it uninstall
ok $? "make uninstall"
find "$root" -name 'passwd*' -o -name 'group*' -o -name '*shadow*' -o -name .pwd.lock >"$work/accounts"
xargs rm -f <"$work/accounts"
installed | cut -d ' ' -f 2- >"$work/left"
printf '%s\n' @localstatedir@/lib/shellac/host.pub @sysconfdir@/shellac/plugins.d/file.conf \
	@sysconfdir@/shellac/shellac.conf >"$work/wanted"
same "$work/left" "$work/wanted" "leaves evidence and what was configured, and no file more"
is "$(find "$root" -type d -path '*shellac*' -empty | grep -v "^$root$var\|^$root$run")" "" "nor a folder of ours"
rm -rf "$conf"
make_it install && make_it uninstall
ok $? "installed and uninstalled again"
[ ! -e "$conf" ]
ok $? "what nobody has configured goes, too"
plan
