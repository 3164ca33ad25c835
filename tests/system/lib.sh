# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# What the shell tests share: TAP, a private collector, the terminal's user.
# Everything a test starts is ended by its process id when the test ends.

: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir/build}"
rec=$top_builddir/recorder/shellac-rec
shellacd=$top_builddir/collector/shellacd
shellac=$top_builddir/auditor/shellac
ptyx=${SHELLAC_TEST_PTYX:-$top_builddir/tests/recorder/ptyx}
python=/usr/bin/python3
LC_ALL=C.UTF-8
SHELL=/bin/sh # whatever this user's is
export LC_ALL SHELL
unset SHELLAC_DIR

work=$(mktemp -d /tmp/shlt.XXXXXX) || exit 1
D=$work/d
XDG_CACHE_HOME=$work/cache
export XDG_CACHE_HOME
where="-d $D" # how the programs are told; empty in the installed world
collector=""
tap_n=0
as="" # what is recorded is the caller's, or another user's
user_uid=$(id -u)

# become USER: from now on that one is recorded, and may write to $work.  Needs root.
become() {
	user_uid=$(id -u "$1")
	as="setpriv --reuid=$1 --regid=$1 --init-groups --inh-caps=-all --"
	chown "$1" "$work"
	chmod 755 "$work"
}

finish() {
	[ -z "$collector" ] || kill -KILL "$collector" 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# ok STATUS NAME
ok() {
	tap_n=$((tap_n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tap_n - $2"
	else
		echo "not ok $tap_n - $2"
	fi
}

# is GOT WANTED NAME
is() {
	if [ "$1" = "$2" ]; then
		ok 0 "$3"
	else
		ok 1 "$3"
		printf 'wanted: %s\ngot:    %s\n' "$2" "$1" | sed 's/^/# /'
	fi
}

# same FILE WANTED-FILE NAME
same() {
	cmp "$1" "$2" >"$work/cmp" 2>&1
	ok $? "$3"
	sed 's/^/# /' "$work/cmp"
}

skip() {
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

plan() { echo "1..$tap_n"; }

note() { sed 's/^/# /'; }

# eventually SECONDS COMMAND...: until it succeeds
eventually() {
	tries=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.05
	done
}

# shellcheck disable=SC2086 # $where is words
ready() { "$shellac" $where status </dev/null || [ $? = 1 ]; }

# Accounting is the whole machine's: a collector leaves it alone unless its test has it to
# itself, or a pid namespace of its own.  The number is the kernel's, PROC_PID_INIT_INO.
leave_accounting() {
	[ "$where" = "-d $D" ] && [ -z "${SHELLAC_TEST_MACHINE-}" ] && [ ! -e "$D/shellac.conf" ] &&
		[ "$(readlink /proc/self/ns/pid)" = 'pid:[4026531836]' ] || return 0
	mkdir -p -m 700 "$D" && echo 'acct = off' >"$D/shellac.conf"
}

# Starts the collector; its log is added to $work/log.
start_collector() {
	leave_accounting
	# shellcheck disable=SC2086
	"$shellacd" $where -n </dev/null >>"$work/log" 2>&1 &
	collector=$!
	eventually 20 ready && return 0
	note <"$work/log"
	return 1
}

stop_collector() {
	kill -TERM "$collector" 2>/dev/null
	wait "$collector"
	echo $? >"$work/collector_status"
	collector=""
}

# on_terminal PTYX-OPTION... -- COMMAND...: prints "exit N" or "signal N"; what
# was shown is in $work/screen.
# shellcheck disable=SC2086
on_terminal() { $as "$ptyx" -t 120 -o "$work/screen" "$@" </dev/null | tail -n 1; }

# recorded RECORDER-ARGUMENT...: the same through the recorder
# shellcheck disable=SC2086
recorded() { on_terminal -- "$rec" $where "$@"; }

# shellcheck disable=SC2086
auditor() { "$shellac" $where "$@"; }

# with_machine_acct "$@": goes on as the only test here that owns the machine's accounting
with_machine_acct() {
	[ -z "${SHELLAC_TEST_MACHINE-}" ] || return 0
	[ "$(id -u)" = 0 ] || skip_all "accounting needs root"
	rm -rf "$work"
	SHELLAC_TEST_MACHINE=1 exec flock -o /run/lock/shellac-acct "$0" "$@"
}

# field KEY: that key of every JSON line on stdin, as JSON
field() {
	"$python" -c 'import json, sys
for line in sys.stdin:
    print(json.dumps(json.loads(line).get(sys.argv[1], "absent")))' "$1"
}

# Are the programs built with a sanitizer?  Such ones bear no preloaded object.
sanitized() { nm -D "$rec" 2>/dev/null | grep -q __asan_init || nm "$rec" 2>/dev/null | grep -q __asan_init; }

[ -z "${SHELLAC_TEST_USER-}" ] || become "$SHELLAC_TEST_USER"
