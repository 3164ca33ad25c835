#!/bin/sh
# SPDX-License-Identifier: ISC
# Where the configuration names auditors who approve it, root alone purges nothing.
. "$(dirname "$0")/lib.sh"

store=$D/store
mkdir -m 700 "$D" "$work/keys"
for name in alice bob mallory; do
	"$shellac" key auditor --name $name "$work/keys/$name" >"$work/keys/$name.line"
done
cat "$work/keys/alice.line" "$work/keys/bob.line" >"$work/approvers"
chmod 600 "$work/approvers"
printf 'acct = off\nepoch_s = 1\npurge_approvers = %s\n' "$work/approvers" >"$D/shellac.conf"

# status N: as verify says it
status() { auditor verify --json "$1" | head -n 1 | field status; }
all_are() { [ "$(auditor list --json | grep -c "\"$1\"")" = "$2" ]; }
id() { auditor list --json | sed -n "$1p" | field id | tr -d '"'; }
# approve NAME ID...: to $work/NAME.note
approve() {
	name=$1
	shift
	auditor key approve --sign "$work/keys/$name" --reason 'case 17, over' "$@" >"$work/$name.note"
}
# refused TEXT ARG...: purge with these says this, and deletes nothing
refused() {
	text=$1
	shift
	auditor purge "$@" >"$work/out" 2>"$work/err"
	is "$? $(grep -c -- "$text" "$work/err")" "3 1" "refused: $text" || cat "$work/err"
}

start_collector
n=0
while [ $n -lt 5 ]; do
	n=$((n + 1))
	recorded -c "echo word $n" >/dev/null
done
eventually 20 all_are COMPLETE 5
ok $? "five sessions are recorded"
refused "an auditor has to approve it" 1
approve mallory 1
ok $? "whoever has a key writes an approval"
refused "signed by none of purge_approvers" --approval "$work/mallory.note" 1
approve alice 1 "$(id 2)"
is "$(sed -n 1,2p "$work/alice.note" | tr '\n' ,)" "shellac approval v1,purge," "an auditor's is text"
is "$(grep -c "^session $(id 1)$\|^session $(id 2)$\|^reason case 17, over$" "$work/alice.note")" 3 \
	"that says which sessions, and why"
sed "s/^session $(id 2)/session $(id 3)/" "$work/alice.note" >"$work/changed"
refused "signature does not verify" --approval "$work/changed" 3
{ sed '/^$/,$d' "$work/alice.note" && echo && sed '1,/^$/d' "$work/mallory.note"; } >"$work/mixed"
refused "signed by none of purge_approvers" --approval "$work/mixed" 1
refused "does not name this session" --approval "$work/alice.note" 3
echo 'by order of the court' >"$work/order"
refused "this is no approval" --approval "$work/order" 1
is "$(auditor ledger --json | grep -c '"PURGE"')" 0 "none of these is in the ledger"
all_are COMPLETE 5
ok $? "and all sessions are whole"

auditor hold --reason 'case 18' 2
auditor purge --approval "$work/alice.note" 1 2 >"$work/out" 2>"$work/err"
is "$?" 3 "of two that are approved, one is held"
grep -q 'session 2: the session is held' "$work/err"
ok $? "a hold wins over an approval"
is "$(status 1) $(status 2)" '"PURGED" "COMPLETE"' "the other is purged"
digest=$(b2sum -l 256 "$work/alice.note" | cut -d' ' -f1)
is "$(auditor ledger --json | grep '"PURGE"' | field approval)" "\"$digest\"" \
	"the approval's digest is in the ledger"
cmp -s "$work/alice.note" "$store/approval/$digest"
ok $? "and the approval in the store"
eventually 20 sh -c "'$shellac' -d '$D' verify --json 1 | head -n 1 | grep -q '\"approval\": *\"$digest\"'"
ok $? "verify says which it was"
auditor verify 1 | grep -q "approved, $(printf %.8s "$digest")"
ok $? "to eyes too"
eventually 20 auditor verify
ok $? "and finds nothing wrong"
auditor hold --release 2
auditor purge --approval "$work/alice.note" 2 >/dev/null
ok $? "one that is held no more is purged by the same"
approve bob 3
{ cat "$work/bob.note" && sed '1,/^$/d' "$work/mallory.note"; } >"$work/both"
auditor purge --approval "$work/both" 3 >/dev/null
ok $? "another signature beside does no harm"

chmod 666 "$work/approvers"
approve bob 4
refused "must be root's, and nobody else may write to it" --approval "$work/bob.note" 4
auditor check | grep -q 'purge_approvers .*must be root.s'
ok $? "check says so"
chmod 600 "$work/approvers"
echo 'not a key' >>"$work/approvers"
refused "has a line that is no public key" --approval "$work/bob.note" 4
rm "$work/approvers"
refused "purge_approvers: No such file or directory" --approval "$work/bob.note" 4
sed -i '/purge_approvers/d' "$D/shellac.conf"
stop_collector
start_collector
refused "nobody's approval counts here" --approval "$work/bob.note" 4
auditor purge 4 >/dev/null
ok $? "where nobody is named root decides alone"
is "$(auditor ledger --json | grep '"PURGE"' | tail -n 1 | field approval)" null \
	"and the ledger says that nobody approved it"
printf 'retention = 1\npurge_approvers = /nowhere\n' >>"$D/shellac.conf"
stop_collector
"$shellac" -d "$D" key approve --sign "$work/keys/bob" --reason "$(printf 'a\nb')" "$(id 5)" 2>"$work/err"
is "$?" 2 "a reason is one line"
"$shellac" -d "$D" key approve --sign "$work/keys/bob" "$(id 5)" 2>"$work/err"
is "$?" 2 "and there is one"
is "$(cd / && "$shellac" -S "$work/nothing" key approve --sign "$work/keys/bob" --reason x \
	0123456789abcdef0123456789abcdef | grep -c '^session 0123456789abcdef0123456789abcdef$')" 1 \
	"by its whole id a session is approved without a store"
plan
