#!/bin/sh
# SPDX-License-Identifier: ISC
# Installed: a member of the group auditors sees what is to be looked at, plays it, and signs
# it off through the collector; nobody else does.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/installed.sh"
cd /tmp || exit 1

conf=$sysconfdir/shellac/shellac.conf
mkdir -p "$sysconfdir/shellac"
# by USER COMMAND...: what shellac says to that user
by() {
	user=$1
	shift
	HOME=$home/$user XDG_CACHE_HOME=$home/$user/cache setpriv --reuid="$user" --regid="$user" \
		--init-groups --inh-caps=-all -- "$shellac" "$@"
}
entries() { "$shellac" ledger | grep -c "$1"; }

by shla key auditor --name ann "$home/shla/key" >"$sysconfdir/shellac/reviewers" </dev/null
ok $? "a reviewer has a key"
chmod 644 "$sysconfdir/shellac/reviewers"
printf 'acct = off\nprocess_events = no\nauditors = shlgroup\nepoch_s = 3600\nreviewers = %s\n' \
	"$sysconfdir/shellac/reviewers" >"$conf"
printf 'rule word severity 90 output "word 2"\n' >"$sysconfdir/shellac/rules"
chmod 644 "$conf" "$sysconfdir/shellac/rules"

start_collector
as="setpriv --reuid=shlb --regid=shlb --init-groups --inh-caps=-all --"
chmod 755 "$work"
touch "$work/screen" && chmod 666 "$work/screen"
for i in 1 2 3; do recorded -c "echo word $i" >/dev/null; done
eventually 30 sh -c "[ \$('$shellac' list --json | grep -c COMPLETE) = 3 ]"
ok $? "three sessions are recorded"

by shla review --json --sample 0 --night 0-0 </dev/null >"$work/list" 2>"$work/err"
is "$(field n <"$work/list" | tr '\n' ' ')$(field class <"$work/list")" '2 "rule"' \
	"a member sees the queue" || note <"$work/err"
is "$(entries ACCESS)" 1 "which is logged once"
by shlb review </dev/null >"$work/out" 2>&1
is "$?" 3 "who is in no such group is refused"
printf 'c\nsee this\n' | by shla review next --sample 0 --night 0-0 --key "$home/shla/key" \
	>"$work/out" 2>"$work/err"
grep -q 'session 2: signed off by ann as concern' "$work/out"
ok $? "next signs off" || note <"$work/err"
is "$(entries REVIEW) $(entries ACCESS)" "1 3" "into the ledger, and what was played is logged"
is "$(by shla review list --json </dev/null | field text)" '"see this"' "the list says so"
by shla review sign --verdict ok --key "$home/shla/key" 3 </dev/null >"$work/out" 2>&1
is "$? $(entries REVIEW)" "0 2" "a session is signed off by its number" || note <"$work/out"
by shla review sign --verdict ok -o "$home/shla/note" --key "$home/shla/key" 1 </dev/null
by shlb review submit "$home/shla/note" </dev/null >"$work/out" 2>&1
is "$?" 3 "another cannot hand in what he found"
by shla review submit "$home/shla/note" </dev/null >/dev/null
is "$? $(entries REVIEW)" "0 3" "whose it is can"
by shla review submit "$home/shla/note" </dev/null >"$work/out" 2>&1
is "$? $(grep -c 'was taken already' "$work/out")" "3 1" "once"
"$shellac" review submit "$home/shla/note" </dev/null >"$work/out" 2>&1
is "$? $(grep -c 'was taken already' "$work/out")" "3 1" "root too"
by shla verify </dev/null >"$work/out" 2>&1
is "$?" 0 "a member proves them" || note <"$work/out"
"$shellac" verify </dev/null >"$work/out" 2>&1
is "$?" 0 "as root does" || note <"$work/out"
plan
