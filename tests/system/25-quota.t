#!/bin/sh
# SPDX-License-Identifier: ISC
# Two users of an installation: what one takes of the store, of sessions and of the
# rate at which they begin, the other does not miss.
# shellcheck disable=SC2086,SC2154
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/installed.sh"

users=""
end_users() {
	for pid in $users; do
		kill "$pid" 2>/dev/null
	done
}
trap 'end_users; finish' EXIT

# is_user NAME: the next session is this one's
is_user() {
	become "$1"
	chmod 777 "$work"
	rm -f "$work/screen"
}
# alone COMMAND...: by the user, on a terminal, in the background
alone() {
	$as "$ptyx" -t 300 -o /dev/null -- "$rec" -- "$@" </dev/null >/dev/null &
	users="$users $!"
}
space() { auditor status --json | "$python" -c '
import json, sys
print(json.load(sys.stdin)["space"][sys.argv[1]])' "$1"; }
is_space() { [ "$(space "$1")" = "$2" ]; }
live() { [ "$(auditor status --json | field sessions)" = "$1" ]; }
configure() {
	printf 'acct = off\nprocess_events = no\n%s\n' "$1" >"$sysconfdir/shellac/shellac.conf"
	[ -z "$collector" ] || kill -HUP "$collector"
}

cd / || exit 1
mkdir -p "$localstatedir/lib/shellac" "$sysconfdir/shellac"
mount -t tmpfs -o mode=700,size=16M tmpfs "$localstatedir/lib/shellac"
configure "user_quota = 25%"
start_collector
ok $? "a collector whose store has 16 megabytes"

# -- bytes
is_user shla
alone yes
eventually 60 is_space over_quota 1
ok $? "one user prints until a quarter of it is used up"
grep -c "uid $user_uid has used up its quota of 4194304 bytes" "$work/log" >"$work/n"
is "$(cat "$work/n")" 1 "and the log says who"
is "$(recorded -- echo mine)" "exit 0" "that user still gets a session"
grep -q mine "$work/screen"
ok $? "and something to see"
is_user shlb
for i in 1 2 3; do
	is "$(recorded -- /bin/sh -c 'head -c 200000 /dev/zero | tr "\0" x')" "exit 0" \
		"another prints as ever ($i)"
done
is "$(stat -c %s "$work/screen")" 200000 "all of it is shown"
is "$(space over_quota) $(space state)" "1 fine" "one is over quota and the store has room"
configure "user_quota = 0"
end_users
users=""
eventually 60 live 0
ok $? "without a quota all goes on to its end"
auditor verify >"$work/verify"
is "$?" 0 "and all is complete"
[ $? = 0 ] || note <"$work/verify"

# -- sessions
configure "user_quota = 0
max_sessions = 6
away = strict"
sleep 0.2
is_user shla
for i in 1 2 3; do
	alone sleep 300
done
eventually 20 live 3
is "$(recorded -- true)" "exit 125" "nobody has more than half of max_sessions"
grep -q 'too many sessions of yours' "$work/screen"
ok $? "who wants more is told so"
configure "user_quota = 0
max_sessions = 6"
is "$(recorded -- echo spooled)" "exit 0" "unless there is a spool for it"
grep -q '^spooled' "$work/screen"
ok $? "which nobody sees"
is "$(space put_off)" 1 "it waits to be let in"
chmod 0 "$localstatedir/spool/shellac"
is "$(on_terminal -e 'send exit 6\r' -- "$rec")" "exit 125" "without one there is no login, recorded or not"
chmod 700 "$localstatedir/spool/shellac"
is_user shlb
is "$(recorded -- true)" "exit 0" "others are let in"
end_users
users=""
eventually 60 live 0
eventually 60 is_space put_off 0
ok $? "in the end who was put off is let in"
is "$(auditor verify >"$work/verify"; echo $?)" 0 "and all is complete"
is "$(auditor list --json | tail -n 2 | field user | sort -u | tr -d '\n')" '"shla""shlb"' "and whose it was"

# -- their rate
configure "user_quota = 0
session_rate = 2
away = strict"
sleep 0.2
is_user shla
is "$(recorded -- true) $(recorded -- true)" "exit 0 exit 0" "two sessions within a minute"
is "$(recorded -- true)" "exit 125" "are not three"
grep -q 'in a minute' "$work/screen"
ok $? "which is said"
is_user shlb
is "$(recorded -- true)" "exit 0" "another user has a minute of their own"
is "$(space turned_away)" 4 "status has counted"
stop_collector
plan
