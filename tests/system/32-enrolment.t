#!/bin/sh
# SPDX-License-Identifier: ISC
# shellac key: a host enrols, an auditor signs, and what either did not sign shows.
. "$(dirname "$0")/lib.sh"

note=$work/note
both=$work/both
policy=$work/policy
printf '# whom we believe\nquorum none\n' >"$policy"

# status WANTED COMMAND... NAME is the last word
refused() {
	wanted=$1
	name=$2
	shift 2
	"$@" >"$work/out" 2>"$work/err" </dev/null
	is "$?" "$wanted" "$name"
}

mode() { stat -c %a "$1"; }

auditor key new >"$work/shown"
is $? 0 "a host's key is made"
is "$(mode "$D/host.key") $(mode "$D/store") $(mode "$D/store/host.pub")" "600 700 644" \
	"with these modes"
cp "$D/host.key" "$work/first"
refused 3 "and not a second time" auditor key new
same "$D/host.key" "$work/first" "the first one stays"
auditor key show >"$work/shown2"
same "$work/shown2" "$work/shown" "show says the same"
is "$(sed -n 's/^host key  //p' "$work/shown")" "$(cat "$D/store/host.pub")" "and what host.pub has"
refused 3 "a store's copy cannot enrol" "$shellac" -S "$D/store" key enrol

"$shellac" key auditor "$work/audit" --name alice >"$work/vkey"
is $? 0 "an auditor's key is made"
is "$(mode "$work/audit")" 600 "which is theirs alone"
same "$work/vkey" "$work/audit.pub" "its public half is printed"
"$shellac" key auditor "$work/other" >/dev/null
refused 3 "and none is replaced" "$shellac" key auditor "$work/audit"
refused 2 "a name with a space is none" "$shellac" key auditor "$work/third" --name "a b"
[ ! -e "$work/third" ]
ok $? "and no key is made"

auditor key enrol --policy "$policy" >"$note"
is $? 0 "a host enrols"
is "$(sed -n 's/^epoch //p' "$note")" none "before it has a ledger"
"$shellac" key sign --sign "$work/audit" - <"$note" >"$both" 2>"$work/seen"
is $? 0 "an auditor signs"
grep -q "^          quorum none$" "$work/seen"
ok $? "and sees what"
"$shellac" key check "$both" --auditor "$work/audit.pub" >"$work/out"
is $? 0 "both signatures are right"
same "$work/out" "$work/seen" "it says what was signed"
refused 0 "also by the key as it is written" "$shellac" key check "$both" --auditor "$(cat "$work/vkey")"
refused 1 "not by the host alone" "$shellac" key check "$note" --auditor "$work/audit.pub"
refused 1 "not by another auditor" "$shellac" key check "$both" --auditor "$work/other.pub"
refused 2 "a key that is none" "$shellac" key check "$both" --auditor nonsense
refused 2 "a check without an auditor" "$shellac" key check "$both"
refused 2 "an option that does not belong" auditor key enrol --name x
refused 3 "a note that is not there" "$shellac" key check "$work/none" --auditor "$work/audit.pub"
for change in 's/^host ./host X/' 's/^epoch none/epoch ffff/' 's/^quorum none/quorum nobody/' \
	's/^# whom/# when/' '$d' '1d'; do
	sed "$change" "$both" >"$work/changed"
	refused 1 "changed by $change" "$shellac" key check "$work/changed" --auditor "$work/audit.pub"
done

# another host's key, in the place of this one's, and its own signature
"$shellac" -d "$work/evil" key new >/dev/null
"$shellac" -d "$work/evil" key enrol --policy "$policy" >"$work/evil.note"
cp "$work/evil.note" "$work/evil.note2"
tail -n 1 "$both" >>"$work/evil.note"
refused 1 "another host with the auditor's signature" "$shellac" key check "$work/evil.note" \
	--auditor "$work/audit.pub"
cp "$work/evil/host.key" "$D/host.key"
refused 3 "a secret key that is not host.pub's" auditor key enrol
cp "$work/first" "$D/host.key"
chmod 644 "$D/host.key"
refused 3 "one that others may read" auditor key enrol
chmod 600 "$D/host.key"
printf 'quorum\tnone\n' >"$work/tab"
refused 3 "a policy with a tab" auditor key enrol --policy "$work/tab"
printf 'quorum nobody\n' >"$work/nobody"
refused 3 "a policy that says nothing" auditor key enrol --policy "$work/nobody"
grep -q 'line 1' "$work/err"
ok $? "and where"

start_collector
ok $? "a collector takes the key that was made"
eventually 20 test -s "$D/store/ledger/log"
ok $? "it has a ledger"
same "$D/host.key" "$work/first" "and leaves the key alone"
auditor key enrol --sign "$work/audit" >"$both"
is $? 0 "the host enrols and the auditor signs at once"
"$shellac" key check "$both" --auditor "$work/audit.pub" >"$work/out"
is $? 0 "both are right"
epoch=$(auditor ledger --json | sed -n "s/.*GENESIS.*\"epoch_pk\": *\"\([0-9a-f]*\)\".*/\1/p")
is "$(sed -n 's/^epoch //p' "$both")" "$epoch" "it has the first epoch's key"
is "$(recorded -c 'echo hello')" "exit 0" "a session is recorded"
eventually 20 sh -c "'$shellac' -d '$D' list --json | grep -q COMPLETE"
stop_collector
refused 0 "the host is verified by its enrolment" auditor verify --key "$both"
refused 0 "and by one from before its ledger" auditor verify --key "$note"
mkdir "$work/wiped"
refused 1 "a store of which nothing is left" "$shellac" -S "$work/wiped" verify --key "$both"
grep -q MISSING "$work/out"
is $? 0 "its ledger is missing"
refused 1 "another host's enrolment does not do" auditor verify --key "$work/evil.note2"
sed 's/^epoch ../epoch 00/' "$both" >"$work/changed"
refused 3 "nor one that was changed" auditor verify --key "$work/changed"
cp -a "$D/store" "$work/copy"
rm -r "$D/store/ledger" "$D/store/epoch.key"
refused 1 "a ledger that was taken away" auditor verify --key "$both"
start_collector
eventually 20 test -s "$D/store/ledger/log"
stop_collector
refused 1 "a ledger that was begun anew" auditor verify --key "$both"
grep -q 'not the one that its host was enrolled with' "$work/out"
ok $? "verify says so"
grep -q 'ledger FORK' "$work/out"
ok $? "and what that is"
refused 0 "the copy from before is right" "$shellac" -S "$work/copy" verify --key "$both"
echo "witness_policy = $policy" >"$D/shellac.conf"
auditor key enrol | grep -q '^quorum none$'
ok $? "the policy is that of the configuration, where there is one"
plan
