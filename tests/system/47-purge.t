#!/bin/sh
# SPDX-License-Identifier: ISC
# What sessions held is deleted when root or the configuration says so, not while they
# are held, and never by half; their proofs stay.
. "$(dirname "$0")/lib.sh"

store=$D/store
mkdir -m 700 "$D"
printf 'acct = off\nprocess_events = no\nepoch_s = 1\n' >"$D/shellac.conf"

# file N: the session's
file() { find "$store/session" -name "$1-*"; }
# status N: as verify says it
status() { auditor verify --json "$1" | head -n 1 | field status; }
# all_are STATUS COUNT
all_are() { [ "$(auditor list --json | grep -c "\"$1\"")" = "$2" ]; }
# shimmed SHIM VARIABLE=VALUE...: start_collector with that object preloaded
shimmed() {
	shim=$top_builddir/tests/collector/$1
	shift
	env "$@" LD_PRELOAD="$shim" "$shellacd" -d "$D" -n </dev/null >>"$work/log" 2>&1 &
	collector=$!
	eventually 20 ready
}
killed() {
	kill -KILL "$collector"
	wait "$collector" 2>/dev/null
	collector=""
}

start_collector
ok $? "the collector starts"
n=0
while [ $n -lt 8 ]; do
	n=$((n + 1))
	recorded -c "echo word $n; seq 300" >/dev/null
done
eventually 20 all_are COMPLETE 8
ok $? "eight sessions are recorded"
cp "$(file 3)" "$work/whole3"
cp "$(file 6)" "$work/whole6"

is "$(auditor hold 2 --reason 'case 17'; auditor hold)" "     2  case 17" "one is held"
auditor purge 1 2 >"$work/out" 2>"$work/err"
is "$?" 3 "of two, one is refused"
grep -q '^session 1: deleted [0-9]* bytes' "$work/out"
ok $? "the other's payload is deleted"
grep -q 'session 2: the session is held' "$work/err"
ok $? "who holds wins"
is "$(auditor cat 2 | head -n 1)" "word 2" "what is held is there"
is "$(auditor cat 1 2>"$work/err")" "" "what is purged is not"
grep -q "PURGED, what it held was deleted on $(date -u +%Y-%m-%d)" "$work/err"
ok $? "and when it went is said"
auditor replay 1 2>&1 | grep -q 'PURGED, what it held was deleted on'
ok $? "by replay too"
! zstd -dc <"$(file 1)" 2>/dev/null | grep -q word && ! grep -aq word "$(file 1)"
ok $? "nothing of it is in the file"
is "$(auditor list --json | head -n 1 | field exit)" 0 "what its seals say is"
auditor purge 1 2>"$work/err"
is "$?" 3 "it is not purged twice"
auditor purge 9 2>"$work/err"
is "$?" 3 "nor what is not there"
auditor purge 2>"$work/err"
is "$?" 2 "nor everything"
is "$(auditor ledger --json | grep -c '"PURGE"')" 1 "the ledger has one PURGE"

is "$(status 1)" '"PURGED"' "verify says what it is"
eventually 20 auditor verify
ok $? "and finds nothing wrong, once a checkpoint covers it"
eventually 20 auditor verify --level 2 1
ok $? "a closed epoch vouches for it"
rm -rf "$work/copy"
cp -a "$store" "$work/copy"
rm -rf "$work/copy/ledger"
"$shellac" -S "$work/copy" verify 1 >"$work/out"
is "$?" 1 "without a ledger that says so it is a finding"
for at in 0 5 9 200 700 -1 -40 -45; do
	cp "$(file 1)" "$work/copy/session/1"
	"$python" - "$work/copy/session/1" $at <<'EOF'
import sys
b = bytearray(open(sys.argv[1], "rb").read())
b[int(sys.argv[2])] ^= 4
open(sys.argv[1], "wb").write(b)
EOF
	"$shellac" verify --key "$store/host.pub" "$work/copy/session/1" >"$work/out"
	is "$? $(grep -c TAMPERED "$work/out")" "1 2" "a changed bit at $at"
done
rm "$work/copy/session/1"

# shellcheck disable=SC2086
("$ptyx" -t 60 -- "$rec" $where -c 'sleep 60' </dev/null >/dev/null 2>&1 & echo $! >"$work/live")
eventually 20 all_are LIVE 1
auditor purge 9 2>"$work/err"
is "$? $(grep -c 'the session goes on' "$work/err")" "3 1" "a live session is not purged"
kill "$(cat "$work/live")"
eventually 20 sh -c "! '$shellac' -d '$D' list --json | grep -q LIVE"
stop_collector

# a crash before PURGE is in the ledger, and one behind it
before=$(sha256sum <"$(file 3)")
cp "$(file 1)" "$store/purge/$(basename "$(file 3)")"
start_collector
is "$(sha256sum <"$(file 3)")" "$before" "what no PURGE is of is left whole"
is "$(ls "$store/purge")" "" "and forgotten"
auditor purge 6 >/dev/null
ok $? "a session is purged"
killed
mv "$(file 6)" "$store/purge/"
day=$(dirname "$(file 1)")
cp "$work/whole6" "$day/$(ls "$store/purge")"
start_collector
is "$(status 6)" '"PURGED"' "what a PURGE is of is finished by the next start"
is "$(ls "$store/purge")" "" "for good"
eventually 20 auditor verify
ok $? "verify finds nothing"
stop_collector

if sanitized; then
	skip "order" "sanitizers bear no preloaded object"
else
	gate=$work/gate
	: >"$gate"
	shimmed shim_sync.so SHIM_SYNC="$gate" SHIM_SYNC_NAME=/ledger/log
	echo hold >"$gate"
	before=$(sha256sum <"$(file 4)")
	auditor purge 4 >/dev/null 2>&1 &
	asking=$!
	eventually 20 sh -c "[ -n \"\$(ls '$store/purge')\" ]"
	sleep 1
	is "$(sha256sum <"$(file 4)")" "$before" "while PURGE is not on disk the file is whole"
	auditor hold 4 2>"$work/err"
	is "$? $(grep -c 'is being deleted' "$work/err")" "3 1" "and a hold comes too late"
	: >"$gate"
	wait $asking
	ok $? "it goes on when it is"
	is "$(status 4)" '"PURGED"' "and is done"
	stop_collector
fi

# retention, three days later
auditor list --json >"$work/before"
printf 'acct = off\nprocess_events = no\nepoch_s = 1\nretention = 2\n' >"$D/shellac.conf"
start_collector
sleep 1
auditor list --json | grep -v '"LIVE"' >"$work/after"
same "$work/after" "$work/before" "retention touches nothing that is young"
stop_collector
if sanitized; then
	skip "retention" "sanitizers bear no preloaded object"
else
	tries=0
	while [ $tries -lt 12 ]; do # killed at any moment
		env SHIM_WALL=259200 LD_PRELOAD="$top_builddir/tests/collector/shim_wall.so" \
			"$shellacd" -d "$D" -n </dev/null >>"$work/log" 2>&1 &
		collector=$!
		sleep "0.$((tries * 7 / 10))$((tries * 7 % 10))"
		killed
		tries=$((tries + 1))
	done
	shimmed shim_wall.so SHIM_WALL=259200
	eventually 20 all_are PURGED 8
	ok $? "retention deletes what all others held"
	is "$(status 2)" '"COMPLETE"' "but not what is held"
	is "$(auditor cat 2 | head -n 1)" "word 2" "which is whole"
	is "$(ls "$store/purge")" "" "nothing is left half"
	auditor ledger --json | grep '"PURGE"' | field n | sort | uniq -d >"$work/twice"
	is "$(cat "$work/twice")" "" "each has one PURGE"
	auditor hold --release 2
	is "$(auditor hold)" "" "it is let go"
	auditor purge 2 >/dev/null
	ok $? "and then purged"
	stop_collector
fi
auditor verify --json | field kind | grep -v -e null -e absent >"$work/kinds"
is "$(grep -v -e clock -e epoch "$work/kinds")" "" "verify finds nothing in the end"
plan
