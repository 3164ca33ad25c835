#!/bin/sh
# SPDX-License-Identifier: ISC
# The end-to-end suite, run in two worlds: "private" with -d and no privileges,
# "installed" in the system's places, where $SHELLAC_TEST_USER is recorded.
# shellcheck disable=SC2016,SC2181
. "$(dirname "$0")/lib.sh"
world=$1
cd /tmp || exit 1
if [ "$world" = installed ]; then
	where=""
	rec=$(command -v shellac-rec) shellacd=$(command -v shellacd) shellac=$(command -v shellac)
fi

# -- before there is a collector
# shellcheck disable=SC2086
$as "$rec" $where --probe </dev/null >/dev/null 2>&1
[ $? != 0 ]
ok $? "$world: a probe without a collector fails"
is "$(recorded -c 'echo ran')" "exit 125" "and nothing is run"
[ "$(wc -l <"$work/screen")" -le 1 ] && ! grep -q '^ran' "$work/screen"
ok $? "but for one line that says why"
auditor status >/dev/null 2>&1
is "$?" 3 "status without a collector is 3"

# -- the collector
start_collector
ok $? "the collector starts"
# shellcheck disable=SC2086
"$shellacd" $where -n </dev/null >"$work/second" 2>&1
is "$?" 3 "a second one on the same store refuses"
grep -q "$collector" "$work/second"
ok $? "and names the first"
auditor status >"$work/status"
[ $? -le 1 ]
ok $? "status with a collector is 0, or 1 where something is wrong"
auditor status --json >"$work/status"
for key in sessions fifos acct records; do
	case $(field $key <"$work/status") in
	'"absent"') ok 1 "status has $key" ;;
	*) ok 0 "status has $key" ;;
	esac
done

# -- one session
is "$(recorded -- /bin/echo 'hello world')" "exit 0" "a command is recorded"
printf 'hello world\r\n' >"$work/wanted"
same "$work/screen" "$work/wanted" "the terminal shows what it wrote"
auditor cat last >"$work/cat"
is "$?" 0 "cat ends with 0"
printf 'hello world\n' | cmp - "$work/cat" | note
is "$(cat "$work/cat")" "hello world" "cat gives the line"
auditor cat --raw last >"$work/raw"
same "$work/raw" "$work/wanted" "cat --raw gives the bytes"
auditor cat last --raw >"$work/raw"
same "$work/raw" "$work/wanted" "wherever the option stands"
auditor verify last >"$work/verify"
is "$?" 0 "verify ends with 0"
grep -q COMPLETE "$work/verify"
ok $? "and says COMPLETE"
mkdir "$work/named" "$work/named/last"
(cd "$work/named" && auditor verify last >/dev/null)
is "$?" 0 "an ID is one where a folder has its name, too"
is "$(auditor verify --json last | field status)" '"COMPLETE"' "in JSON too"
is "$(auditor verify --json last | field n)" 1 "it is session 1"
auditor list --json >"$work/list"
is "$(wc -l <"$work/list")" 1 "list has one line"
absent=""
for key in n id user uid tty host from start end status level exit signal bytes_in \
    bytes_out commands; do
	"$python" -c 'import json, sys; json.loads(sys.stdin.readline())' <"$work/list" ||
		absent="$absent (not JSON)"
	[ "$(field $key <"$work/list")" != '"absent"' ] || absent="$absent $key"
done
is "$absent" "" "list has the keys of a session"
is "$(field uid <"$work/list")" "$user_uid" "the user is the kernel's word"
is "$(field bytes_out <"$work/list")" 13 "the bytes are counted"
is "$(field exit <"$work/list")" 0 "the exit status is kept"

# -- how programs end
is "$(recorded -c 'exit 7')" "exit 7" "exit status 7"
is "$(auditor list --json | tail -n 1 | field exit)" 7 "is kept"
is "$(recorded -- /nonexistent/program)" "exit 127" "no such program: 127"
is "$(recorded -- /etc/passwd)" "exit 126" "not executable: 126"
for signal in 1 2 9 11 15; do
	# shellcheck disable=SC2016
	is "$(recorded -c 'ulimit -c 0; kill -'$signal' $$')" "signal $signal" \
		"killed by $signal, the recorder dies by it too"
	is "$(auditor list --json | tail -n 1 | field signal)" $signal "signal $signal is kept"
done
auditor verify >/dev/null
is "$?" 0 "all of these are complete"

# -- input, window, environment
# shellcheck disable=SC2086
on_terminal -s 33x99 -e 'wait ready' -e 'send abc\r' -e 'wait got' -- \
	"$rec" $where -c 'stty size; echo ready; read -r x; echo "got <$x>"' >"$work/end"
is "$(cat "$work/end")" "exit 0" "a session with input ends"
auditor cat last >"$work/cat"
grep -q '^33 99' "$work/cat"
ok $? "it has the terminal's window"
grep -q '^got <abc>' "$work/cat"
ok $? "and what was typed"
is "$(auditor list --json | tail -n 1 | field bytes_in)" 4 "input is counted"
# shellcheck disable=SC2086
on_terminal -e 'wait go' -e 'send \x04' -- "$rec" $where -c 'echo go; exec cat' >"$work/end"
is "$(cat "$work/end")" "exit 0" "end of file is passed on"
# shellcheck disable=SC2086
on_terminal -e 'wait go' -e 'send \x03' -- "$rec" $where -c 'echo go; exec sleep 60' >"$work/end"
is "$(cat "$work/end")" "signal 2" "so is the interrupt key"
# shellcheck disable=SC2086
on_terminal -e 'wait go' -e 'send exit 5\r' -- "$rec" $where -c 'echo go; exec sh' >"$work/end"
is "$(cat "$work/end")" "exit 5" "a shell can be used and left"

# -- names of sessions
count=$(auditor list --json | wc -l)
id=$(auditor list --json | head -n 1 | field id | tr -d '"')
is "${#id}" 32 "a session id has 32 digits"
is "$(auditor cat 1)" "hello world" "a session is found by its number"
case $id in
*[a-f]*) ;;
*) id="" ;; # all digits would be a number
esac
is "$(auditor cat "${id:-1}")" "hello world" "by its id"
is "$(auditor list --json | tail -n 1 | field n)" "$count" "numbers have no gaps"
auditor cat 1000000 >/dev/null 2>&1
is "$?" 3 "no such session is 3"
auditor cat abc >/dev/null 2>&1
is "$?" 2 "a start of three letters is a usage error"
auditor frobnicate >/dev/null 2>&1
is "$?" 2 "so is an unknown subcommand"
auditor list --frobnicate >/dev/null 2>&1
is "$?" 2 "and an unknown option"
"$shellacd" --frobnicate >/dev/null 2>&1
is "$?" 2 "shellacd too"
"$rec" --frobnicate >/dev/null 2>&1
[ $? != 0 ]
ok $? "shellac-rec too"

# -- not a terminal
printf 'in\nput\0\377' >"$work/in"
# shellcheck disable=SC2086
$as "$rec" $where -c 'cat; echo err >&2; exit 3' <"$work/in" >"$work/out" 2>"$work/err"
is "$?" 3 "without a terminal: the exit status"
same "$work/out" "$work/in" "the bytes of standard output"
is "$(cat "$work/err")" err "and of standard error are untouched"
if auditor cat --raw last | grep -q put; then ok 1 "and not recorded"; else ok 0 "and not recorded"; fi

# -- several at once
for i in 1 2 3 4 5 6 7 8; do
	# shellcheck disable=SC2086
	$as "$ptyx" -q -t 120 -o "$work/many$i" -- "$rec" $where -c \
		"i=0; while [ \$i -lt 200 ]; do echo $i.\$i; i=\$((i + 1)); done" </dev/null >/dev/null &
	pids="${pids-} $!"
done
# shellcheck disable=SC2086
for pid in $pids; do wait "$pid"; done
auditor verify >/dev/null
is "$?" 0 "eight at once are complete"
auditor list --json | tail -n 8 | field n | while read -r n; do auditor cat --raw "$n"; done |
	sort >"$work/all"
cat "$work"/many? | sort >"$work/wanted"
same "$work/all" "$work/wanted" "with all that they showed"

# -- processes
if [ "$world" = installed ]; then
	is "$(recorded -c '/bin/true; /bin/echo x | /bin/cat; exit 0')" "exit 0" "a shell that runs programs"
	auditor procs --session last --json >"$work/procs"
	is "$?" 0 "procs ends with 0"
	is "$(field comm <"$work/procs" | grep -cE '"(true|cat)"')" 2 "its processes are there"
	for key in pid ppid uid user tty session comm start elapsed_s cpu_s exit signal flags \
	    reason; do
		[ "$(head -n 1 "$work/procs" | field $key)" != '"absent"' ]
		ok $? "procs has $key"
	done
	is "$(field session <"$work/procs" | sort -u)" \
		"$(auditor list --json | tail -n 1 | field n)" "all are of that session"
else
	auditor procs >/dev/null
	is "$?" 0 "procs without accounting is no error"
fi

# -- the store after the collector
# but for the level, which its last EPOCH raises
without_level() { auditor list --json | sed 's/"level":[0-9]/"level":0/'; }
without_level >"$work/before"
stop_collector
is "$(cat "$work/collector_status")" 0 "SIGTERM ends the collector cleanly"
without_level | cmp - "$work/before"
ok $? "list says the same without it"
auditor verify >/dev/null
is "$?" 0 "verify needs no collector"
is "$(auditor cat 1)" "hello world" "nor does cat"
start_collector
is "$(recorded -- /bin/true)" "exit 0" "it can be started again"
is "$(auditor list --json | tail -n 1 | field n)" \
	"$(($(tail -n 1 "$work/before" | field n) + 1))" "and numbers go on"
stop_collector
plan
