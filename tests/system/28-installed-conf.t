#!/bin/sh
# SPDX-License-Identifier: ISC
# Installed: a configuration with errors keeps nobody from logging in, and those who
# log in see nothing of it; the notice is the administrator's.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/installed.sh"
become shla
cd /tmp || exit 1

conf=$sysconfdir/shellac/shellac.conf
text=$sysconfdir/shellac/notice
mkdir -p "$sysconfdir/shellac"
good="acct = off
process_events = no
input = none
notice = $text"

# shown TEXT NAME: what a user of a new session sees
shown() {
	is "$(recorded -c 'echo ran')" "exit 0" "$2: a session runs"
	printf '%b' "$1" >"$work/wanted"
	same "$work/screen" "$work/wanted" "$2: and shows no more than it should"
}

# kept NAME WANTED: how many typed bytes of a session are kept
kept() {
	is "$(on_terminal -e 'wait up' -e 'send word\r' -- "$rec" -c 'echo up; read x')" "exit 0" \
		"$1: typing ends it"
	eventually 20 sh -c "'$shellac' list --json | tail -n 1 | grep -q COMPLETE"
	is "$(auditor list --json | tail -n 1 | field bytes_in)" "$2" "$1: and is kept or not"
}

echo "$good" >"$conf"
printf 'Recorded.\n' >"$text"
chmod 644 "$conf" "$text"
start_collector
ok $? "the collector starts"
shown 'Recorded.\r\nran\r\n' "a good configuration"
kept "a good configuration" 0
auditor verify >/dev/null
is "$?" 0 "verify finds nothing"

printf '%s\nnonsense\n' "$good" >"$conf"
shown 'Recorded.\r\nran\r\n' "one with errors"
kept "one with errors" 0
stop_collector
start_collector
ok $? "a collector starts with the last good one"
grep -q 'shellac.conf:5: ' "$work/log"
ok $? "it says what is wrong"
grep -q 'going on with the last good configuration' "$work/log"
ok $? "and what it does"
shown 'Recorded.\r\nran\r\n' "after a start with errors"
kept "after a start with errors" 0

chmod 666 "$text"
shown 'ran\r\n' "a notice that others may write"
chmod 644 "$text"
chown shla "$text"
shown 'ran\r\n' "a user's own notice"
stop_collector
plan
