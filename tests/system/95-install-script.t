#!/bin/sh
# SPDX-License-Identifier: ISC
# The start script of hosts without systemd: start, status, reload, a collector that is
# killed, restart and stop, under a live session.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/installed.sh"
become shla
cd /tmp || exit 1
run=$runstatedir/shellac

# script ACTION: its exit status; what it says is in $work/said
script() {
	env -i PATH=/usr/bin:/bin "$sysconfdir/init.d/shellacd" "$1" </dev/null >"$work/said" 2>&1
	echo $?
}

pid_in() { cat "$run/$1.pid"; }
is_other() { [ "$(pid_in shellacd)" != "$1" ] && ready; }

# What has to be given back if this test ends early.
trap 'script stop >/dev/null; finish' EXIT

is "$(script status)" 3 "it is not running"
is "$(script reload)" 7 "and cannot be told anything"
is "$(script stop)" 0 "stopped is what it is"
is "$(script sing)" 2 "an action that there is not"
is "$(script start)" 0 "start"
ready >/dev/null
ok $? "it works from then on"
is "$(script status)" 0 "status says so"
grep -q "pid $(pid_in shellacd)$" "$work/said"
ok $? "and who it is"
is "$(script start)" 0 "a second start"
grep -q "runs already, pid $(pid_in shellacd-hold)$" "$work/said"
ok $? "finds it there"

printf 'echo begins; until [ -e %s/go ]; do sleep 0.2; done; echo ends\n' "$work" >"$home/live"
(recorded -c ". $home/live" >"$work/live_exit") &
live=$!
eventually 60 grep -q begins "$work/screen"
ok $? "a session is live"

echo 'input = none' >"$sysconfdir/shellac/shellac.conf"
is "$(script reload)" 0 "reload"
eventually 60 grep -q 'input = none' "$run/shellac.conf"
ok $? "it has read its configuration"

before=$(pid_in shellacd)
kill -KILL "$before"
eventually 60 is_other "$before"
ok $? "one that is killed is started again"
is "$(script status)" 0 "and that is its status"

before=$(pid_in shellacd-hold)
is "$(script restart)" 0 "restart"
[ "$(pid_in shellacd-hold)" != "$before" ] && ready >/dev/null
ok $? "is another one"
is "$(recorded -- /bin/echo second)" "exit 0" "which records"

is "$(script stop)" 0 "stop"
is "$(script status)" 3 "nobody runs"
[ ! -e "$run/register.sock" ]
ok $? "and nobody listens"
is "$(recorded -- /bin/echo third)" "exit 0" "a login goes on meanwhile"
is "$(script try-restart)" 0 "try-restart"
is "$(script status)" 3 "leaves it stopped"
is "$(script start)" 0 "start"
touch "$work/go"
wait "$live"
is "$(cat "$work/live_exit")" "exit 0" "the session that was live all the time ends"
# that of meanwhile is taken in later: nobody attests it
both_complete() { [ "$("$shellac" list --json | grep -c '"COMPLETE"')" = 2 ]; }
eventually 90 both_complete
ok $? "the sessions are complete"
is "$("$shellac" cat 1 | tr '\n' ' ')" "begins ends " "nothing of the live one is lost or doubled"
"$shellac" list --json | note

# nothing of it is left: a pid that is somebody else's is not ended
is "$(script stop)" 0 "stop"
sleep 300 &
other=$!
echo $other >"$run/shellacd-hold.pid"
is "$(script stop)" 0 "a stale pid"
kill -0 $other
ok $? "is left alone"
kill $other
plan
