# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# Sourced by run.sh: where our programs are, who runs them, our collector.
#
#   $rec $auditor $shellacd  words of a command       as_user  words before one
#   store                    the collector's          disk US  what a sync costs
# shellcheck disable=SC2034,SC2154 # this file and run.sh share them

# out of the build tree, all in a private folder, as whoever runs this
place_build() {
	rec="$build/recorder/shellac-rec -d $TMP/h"
	auditor=("$build/auditor/shellac" -d "$TMP/h")
	shellacd=("$build/collector/shellacd" -d "$TMP/h" -n)
	store=$TMP/h/store
	as_user=()
	mkdir -p "$TMP/h"
	conf=$TMP/h/shellac.conf
}

# what configure was told, in the order of $1
places() {
	printf 'include Makefile\nplaces:\n\t@echo %s\n' "$1" |
		env -u MAKEFLAGS -u MAKELEVEL make -s --no-print-directory -C "$build" -f - places
}

# Private copies of the account files, with ours in them.
accounts() {
	local f
	mkdir "$TMP/etc"
	for f in passwd group shadow; do
		cp -p "/etc/$f" "$TMP/etc/$f" || return 1
		sed -i -E '/^(_shellacd?|bench):/d' "$TMP/etc/$f"
	done
	cat >>"$TMP/etc/passwd" <<-E2
		_shellac:x:4240:4240::/:/usr/sbin/nologin
		_shellacd:x:4241:4241::/:/usr/sbin/nologin
		bench:x:4242:4242::$TMP/home:/bin/bash
	E2
	printf '%s\n' _shellac:x:4240: _shellacd:x:4241: bench:x:4242: >>"$TMP/etc/group"
	echo 'bench:*:20000:0:99999:7:::' >>"$TMP/etc/shadow"
	for f in passwd group shadow; do
		mount --bind "$TMP/etc/$f" "/etc/$f" || return 1
	done
}

# Installed for real, with set-user-ID, in a mount namespace of this run; sessions
# are those of an ordinary user.
place_installed() {
	local prefix bindir sbindir sysconfdir localstatedir
	# shellcheck disable=SC2016 # make expands them
	read -r prefix bindir sbindir sysconfdir localstatedir < <(places \
		'$(prefix) $(bindir) $(sbindir) $(sysconfdir) $(localstatedir)')
	case $prefix in / | /usr | '') echo "(configured for '$prefix': not installed there)" >&2; return 1 ;; esac
	accounts || return 1
	mkdir -p "$prefix" "$TMP/prefix"
	mount --bind "$TMP/prefix" "$prefix" || return 1
	env -u MAKEFLAGS -u MAKELEVEL make -C "$build" install >"$TMP/install.log" 2>&1 || { tail -n 3 "$TMP/install.log" >&2; return 1; }
	if [ ! -u "$bindir/shellac-rec" ]; then
		echo "(the recorder was installed without set-user-ID)" >&2
		return 1
	fi
	mkdir -p "$sysconfdir/shellac"
	rec=$bindir/shellac-rec
	auditor=("$bindir/shellac")
	shellacd=("$sbindir/shellacd" -n)
	store=$localstatedir/lib/shellac
	conf=$sysconfdir/shellac/shellac.conf
	as_user=(setpriv --reuid=4242 --regid=4242 --clear-groups)
	chmod 755 "$TMP"
}

user_folder() { # PATH: empty, the user's
	rm -rf "$1"
	mkdir "$1"
	[ ${#as_user[@]} = 0 ] || chown 4242:4242 "$1"
}

# so many microseconds more for each sync of the collector
disk() { echo "$1" >"$TMP/disk"; }

start_collector() {
	disk 0
	printf 'acct = off\nuser_quota = 0\nsession_rate = 0\n' >"$conf"
	LD_PRELOAD=$tools/slowdisk.so SLOWDISK=$TMP/disk "${shellacd[@]}" 2>"$TMP/shellacd.log" &
	collector=$!
	for _ in $(seq 100); do
		"${auditor[@]}" status >/dev/null 2>&1 || [ $? = 1 ] && return
		sleep 0.05
	done
	echo "run.sh: the collector does not get ready" >&2
	tail -n 3 "$TMP/shellacd.log" >&2
	exit 1
}

shellac() { "${auditor[@]}" "$@"; }

# without the packer, which runs behind everybody and is the one that is nice
collector_cpu_ns() {
	local task nice sum=0
	for task in /proc/"$collector"/task/*; do
		nice=$(cut -d ' ' -f 19 "$task/stat")
		[ "$nice" = 0 ] && sum=$((sum + $(cut -d ' ' -f 1 "$task/schedstat")))
	done
	echo "$sum"
}
all_cpu_ns() { awk '{s += $1} END {printf "%.0f", s}' /proc/"$collector"/task/*/schedstat; }

session_file() { find "$store/session" -type f -name '[0-9]*.shlc*' | sort -V | tail -n 1; }
wait_packed() { # until the newest session is closed and in its container
	local f
	for _ in $(seq 600); do
		f=$(session_file)
		case $f in *.shlc) head -c 4 "$f" | grep -q SHLZ && return ;; esac
		sleep 0.02
	done
	echo "(the newest session was not packed: $f)" >&2
}
