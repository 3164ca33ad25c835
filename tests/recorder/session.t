#!/bin/bash
# SPDX-License-Identifier: ISC
# The recorder with a real collector, unprivileged, on ptys: what the user sees is
# what the program alone would show, and all of it is in the record.
ptyx=$top_builddir/tests/recorder/ptyx
rec=$top_builddir/recorder/shellac-rec
shellac=$top_builddir/auditor/shellac
dir=$(mktemp -d) || exit 1
chmod 700 "$dir"
# the store is searched for a secret: no compression
printf 'acct = off\nprocess_events = no\ncompress = no\naway = strict\n' >"$dir/shellac.conf"
unset SHELLAC_DIR
export SHELL=/bin/sh
collector=
n=0

start() {
	"$top_builddir/collector/shellacd" -d "$dir" -n >>"$dir/log" 2>&1 &
	collector=$!
	for _ in $(seq 200); do
		"$shellac" -d "$dir" status >/dev/null 2>&1 || [ $? = 1 ] && return
		sleep 0.05
	done
}
crash() {
	kill -KILL $collector
	wait $collector 2>/dev/null
}
trap 'kill $collector; wait $collector; rm -rf "$dir"' EXIT

ok() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}
is() { # GOT WANTED NAME
	[ "$1" = "$2" ]
	ok $? "$3"
	[ "$1" = "$2" ] || printf '%s\n' "$1" | sed 's/^/# got: /'
}
# on_pty ARG...: ptyx around the recorder; $end is how it ended, the screen in $dir/screen
on_pty() {
	end=$("$ptyx" -o "$dir/screen" -t 60 "$@")
}
screen() { tr -d '\r' <"$dir/screen"; }
# recorded STATUS: the last session is closed and its bytes are what was shown
recorded() {
	for _ in $(seq 100); do
		[ "$("$shellac" -d "$dir" verify --json last | tail -1 | sed 's/.*"status": *"\([A-Z]*\).*/\1/')" = COMPLETE ] && break
		sleep 0.1
	done
	"$shellac" -d "$dir" verify last >/dev/null && "$shellac" -d "$dir" cat --raw last | cmp -s - "$dir/screen"
}

start

on_pty -e 'modes a' -e exit -e 'modes b' -- "$rec" -d "$dir" -c 'echo out; exit 3'
is "${end##*$'\n'}" 'exit 3' 'exit status is the program'\''s'
is "$(echo "$end" | sed -n 's/^modes . //p' | uniq | wc -l)" 1 'modes are given back'
recorded
ok $? 'what was shown is recorded'

on_pty -- "$rec" -d "$dir" -c 'kill -KILL $$'
is "$end" 'signal 9' 'killed as the program was'
on_pty -- "$rec" -d "$dir" -- /no/such/program
is "$end" 'exit 127' 'not found is 127'
on_pty -- "$rec" -d "$dir" -- "$top_srcdir/man/shellac.1"
is "$end" 'exit 126' 'not executable is 126'

on_pty -s 30x101 -e 'wait go' -e 'resize 33 77' -e 'wait 33 77' -- \
	"$rec" -d "$dir" -c 'stty size; trap "stty size; exit" WINCH; echo go; while :; do sleep 0.1; done'
is "$(screen | tr '\n' ' ')" '30 101 go 33 77 ' 'window size and its changes arrive'

# exec: a shell that forks just then may miss the key, on any terminal
on_pty -e 'wait go' -e 'send \x03' -- "$rec" -d "$dir" -c 'echo go; exec sleep 60'
is "$end" 'signal 2' 'interrupt reaches the program'
for sig in 1 15; do
	on_pty -e 'wait go' -e "signal $sig" -- "$rec" -d "$dir" -c 'echo go; sleep 60'
	is "$end" 'signal 1' "signal $sig to the recorder hangs up the program"
done
on_pty -e 'wait go' -e close -- "$rec" -d "$dir" -c 'echo go; sleep 60'
is "$end" 'signal 1' 'the terminal hangs up, so does the program'
on_pty -e 'modes a' -e 'wait go' -e 'signal 9' -e exit -e 'sleep 300' -e 'modes b' -- \
	"$rec" -d "$dir" -c 'echo go; sleep 60'
is "$(echo "$end" | sed -n 's/^modes . //p' | uniq | wc -l)" 1 'modes are given back when the front is killed'
on_pty -e 'modes a' -e 'wait go' -e exit -e 'modes b' -- "$rec" -d "$dir" -c 'echo go; sleep 0.5; kill -KILL $PPID; sleep 60'
is "$(echo "$end" | sed -n 's/^modes . //p' | uniq | wc -l)" 1 'modes are given back when the keeper is killed'
is "${end##*$'\n'}" 'exit 125' 'the front says that the recorder is gone'

head -c 3000000 /dev/urandom >"$dir/random"
on_pty -r -- "$rec" -d "$dir" -- cat "$dir/random"
cmp -s "$dir/random" "$dir/screen"
ok $? 'random bytes are shown as they are'
recorded
ok $? 'random bytes are recorded as they are'

on_pty -e 'wait go' -e 'stall 700' -e 'send \x03' -- "$rec" -d "$dir" -c 'echo go; yes'
is "$end" 'signal 2' 'a terminal that does not read does not keep keys away'

began=$SECONDS
on_pty -- "$rec" -d "$dir" -c 'setsid sleep 8 & sleep 0.3; echo bye; exit 4'
is "$end" 'exit 4' 'a daemon that stays does not hold the login'
[ $((SECONDS - began)) -lt 7 ]
ok $? '... nor delay it'

on_pty -e 'wait # ' -e 'send read -s x; echo got ${#x}\r' -e 'sleep 500' -e 'send hush' \
	-e 'sleep 100' -e 'send -hush\r' -e 'wait got 9' -e 'send exit\r' -- \
	env -i PATH="$PATH" PS1='# ' HOME="$dir" TERM=dumb "$rec" -d "$dir" -- bash --norc
recorded
ok $? 'a session with a secret is recorded'
grep -a -q hush "$dir"/store/session/*/*/*/*
is $? 1 'the secret is nowhere in the store'

got=$(printf 'in' | "$rec" -d "$dir" -c 'cat; echo err >&2; exit 9' 2>"$dir/err"; echo " $?")
is "$got $(cat "$dir/err")" 'in 9 err' 'without a terminal descriptors and status are left alone'
ask='umask; ulimit -n; grep SigIgn /proc/self/status'
got=$(trap '' HUP; umask 027; ulimit -n 99; "$rec" -d "$dir" -c "$ask" </dev/null)
want=$(trap '' HUP; umask 027; ulimit -n 99; sh -c "$ask")
is "$got" "$want" 'umask, limits and ignored signals are inherited'
on_pty -- "$rec" -d "$dir" -c 'echo /proc/self/fd/*'
is "$(screen)" '/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3' \
	'none of the recorder'\''s descriptors is'

on_pty -e 'wait # ' -e "send $rec -d $dir --probe || echo ins\"\"ide\r" -e 'wait inside' -e 'send exit\r' -- \
	env -i PATH="$PATH" PS1='# ' HOME="$dir" SHELL=/bin/sh "$rec" -d "$dir"
is "$end" 'exit 0' 'inside a recording the probe says no'
on_pty -- "$rec" -d "$dir" -- "$rec" -d "$dir" -c 'echo deep; exit 6'
is "$end $(screen)" 'exit 6 deep' 'a recorder in a recorder works'

on_pty -- "$rec" -d "$dir" -c 'for i in $(seq 40); do echo line $i; sleep 0.1; done' &
user=$!
for _ in 1 2 3; do
	sleep 0.8
	crash
	sleep 0.3
	start
done
wait $user
recorded
ok $? 'a collector that dies and comes back loses nothing'

"$ptyx" -q -o "$dir/screen" -t 60 -- "$rec" -d "$dir" -c 'sleep 1; seq 600000' &
user=$!
sleep 0.6
crash
sleep 4
grep -a -q 'nobody collects this session' "$dir/screen"
ok $? 'a session that nobody collects waits and says so'
start
wait $user
[ "$(tr -d '\r' <"$dir/screen" | tail -1)" = 600000 ]
ok $? 'and goes on when the collector is back'
sleep 1
[ "$("$shellac" -d "$dir" cat --raw last | tr -d '\r' | cksum)" = "$(seq 600000 | cksum)" ]
ok $? 'with nothing lost'

crash
on_pty -e 'modes a' -e exit -e 'modes b' -- "$rec" -d "$dir" -c 'echo never'
is "${end##*$'\n'}" 'exit 125' 'without a collector nothing runs'
is "$(screen | grep -c 'nobody collects at')" 1 'and one line says why'
is "$(find "$dir/run/session" -name "*fifo*" | wc -l)" 0 'no FIFO is left'
start
echo "1..$n"
