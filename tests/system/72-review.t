#!/bin/sh
# SPDX-License-Identifier: ISC
# A reviewer's word on a session becomes a REVIEW of the ledger: once, signed by a key that
# counts, whatever crashes meanwhile.
. "$(dirname "$0")/lib.sh"

store=$D/store
mkdir -m 700 "$D" "$work/keys"
for name in ann ben mallory; do
	"$shellac" key auditor --name $name "$work/keys/$name" >"$work/keys/$name.line"
done
cat "$work/keys/ann.line" "$work/keys/ben.line" >"$work/reviewers"
chmod 600 "$work/reviewers"
printf 'acct = off\nprocess_events = no\nepoch_s = 3600\nreviewers = %s\n' "$work/reviewers" \
	>"$D/shellac.conf"

all_are() { [ "$(auditor list --json | grep -c "\"$1\"")" = "$2" ]; }
sign() {
	name=$1
	shift
	auditor review sign --key "$work/keys/$name" "$@" </dev/null
}
# refused TEXT COMMAND...: it says this, and ends with 3
refused() {
	text=$1
	shift
	"$@" >"$work/out" 2>"$work/err" </dev/null
	is "$? $(grep -c -- "$text" "$work/err")" "3 1" "refused: $text" || cat "$work/err"
}
reviews() { auditor ledger --json | grep -c '"REVIEW"'; }
second() { "$python" "$top_srcdir/tests/verify_store.py" --key "$store/host.pub" "$store" | tail -n 1; }

start_collector
for n in 1 2 3; do
	recorded -c "echo word $n" >/dev/null
done
eventually 20 all_are COMPLETE 3
ok $? "three sessions are recorded"

# -- by whom it counts
sign ann --verdict ok 1 >"$work/out"
is "$? $(cut -d, -f1 "$work/out")" "0 session 1: signed off by ann as ok" "a reviewer signs"
leaf=$(auditor ledger --json | grep '"REVIEW"' | field index)
is "$(sed 's/.*entry \([0-9]*\) .*/\1/' "$work/out")" "$leaf" "and is told the entry"
sign ben --verdict concern --text 'why à 22:00, and "rm"?' 2 >/dev/null
ok $? "another has more to say"
auditor review list --json >"$work/list"
is "$(field n <"$work/list" | tr '\n' ' ')$(field who <"$work/list" | tr '\n' ' ')" '1 2 "ann" "ben" ' \
	"the list says who"
is "$(field verdict <"$work/list" | tr '\n' ' ')$(field proven <"$work/list" | uniq)" \
	'"ok" "concern" true' "what, and that it is proven"
is "$(tail -n 1 "$work/list" | "$python" -c 'import json; print(json.loads(input())["text"])')" \
	'why à 22:00, and "rm"?' "in their words"
auditor review list | grep -q 'concern .* ben .* why'
ok $? "to eyes too"
refused "signed by none of reviewers" sign mallory --verdict ok 3
sed "s/^mallory+/ann+/" "$work/keys/mallory.pub" >"$work/keys/forged.pub"
cp "$work/keys/mallory" "$work/keys/forged"
refused "forged" sign forged --verdict ok 3
auditor review sign --verdict ok 3 2>"$work/err" </dev/null
is "$?" 2 "without a key there is none"
sign ann 3 2>"$work/err"
is "$?" 2 "nor without a verdict"
sign ann --verdict fine 3 2>"$work/err"
is "$?" 2 "which is one of four"
sign ann --verdict ok --text "$(printf 'a\nb')" 3 2>"$work/err"
is "$?" 2 "and a text is one line"
SHELLAC_REVIEW_KEY=$work/keys/ann auditor review sign --verdict ok 4 2>/dev/null
is "$?" 3 "of a session that there is"
is "$(reviews)" 2 "none of these is in the ledger"

# -- by a file
cp -a "$store" "$work/copy"
"$shellac" -S "$work/copy" review sign --key "$work/keys/ann" --verdict violation 3 2>"$work/err"
is "$? $(grep -c 'review submit' "$work/err")" "2 1" "a copy has no collector, and says how else"
"$shellac" -S "$work/copy" review sign --key "$work/keys/ann" --verdict violation --text 'see case 9' \
	-o "$work/note" 3
is "$? $(sed -n 1p "$work/note")" "0 shellac review v1" "it is written to a file"
sed 's/^verdict violation/verdict ok/' "$work/note" >"$work/changed"
auditor review submit "$work/changed" 2>"$work/err"
is "$?" 1 "whose change is noticed"
auditor review submit "$work/note" >/dev/null
ok $? "and handed in on the host"
refused "was taken already" auditor review submit "$work/note"
echo 'by order' >"$work/order"
refused "this is no sign-off" auditor review submit "$work/order"
is "$(reviews)" 3 "each is there once"
sed "/^key /s|.*|key $(cat "$work/keys/mallory.pub")|" "$work/note" >"$work/other"
printf 'review 2026/01/01 %s\n' "$(base64 -w0 <"$work/other")" >"$work/line"
"$python" - "$D/run/control.sock" "$work/line" >"$work/answer" <<'EOF'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(open(sys.argv[2], "rb").read())
print(s.recv(4096).decode().strip())
for line in b"review", b"review x", b"review 2026/01/01 ????", b"review ../../../../.. eHg=", b"review  ":
    t = socket.socket(socket.AF_UNIX)
    t.connect(sys.argv[1])
    t.sendall(line + b"\n")
    print(t.recv(4096).decode().split()[0])
EOF
is "$(tr '\n' ',' <"$work/answer")" \
	"refused the sign-off is not signed by the key that it names,unknown,refused,refused,refused,refused," \
	"the collector believes no client"

# -- verify
auditor verify >"$work/out"
is "$?" 0 "verify finds nothing wrong with them" || note <"$work/out"
second | grep -q '"kinds": \[\]'
ok $? "and finds nothing either"
# hurt NAME COMMAND: in a copy, verify finds it, the second reader too
hurt() {
	rm -rf "$work/copy"
	cp -a "$store" "$work/copy"
	(cd "$work/copy/review" && sh -c "$2")
	"$shellac" -S "$work/copy" verify --json >"$work/out"
	is "$? $(grep -c '"kind": *"review"' "$work/out")" "1 $3" "verify: $1" || note <"$work/out"
	"$python" "$top_srcdir/tests/verify_store.py" --key "$store/host.pub" "$work/copy" |
		grep -q '"kinds": \["review"\]'
	ok $? "so says the second reader"
}
hurt "a note that is gone" "rm 2-*" 1
hurt "a note that was changed" "sed -i s/22:00/23:00/ 2-*" 2
hurt "a note of nobody's" "for f in 2-*; do cp \$f 1-\${f#2-}; done" 1
"$shellac" -S "$work/copy" review list >/dev/null 2>"$work/err"
is "$? $(grep -c 'no entry of the ledger' "$work/err")" "1 1" "review list says so"

# -- what is no session in the store: an entry of the ledger
queue() { auditor review --json --sample 0 --night 0-0 | "$python" -c 'import json, sys
print(*["%s:%s:%s" % (e["class"], e["n"], e["entry"]) for e in map(json.loads, sys.stdin)])'; }
recorded -c 'echo lost' >/dev/null
eventually 20 all_are COMPLETE 4
mv "$store"/session/*/*/*/4-* "$work/"
open=$(auditor ledger --json | "$python" -c 'import json, sys
print(*[e["index"] for e in map(json.loads, sys.stdin) if e["type"] == "OPEN" and e["n"] == 4])')
is "$(queue)" "finding:4:$open" "a session that is missing waits, by its entry"
sign ann --verdict concern --text 'whose was it?' "entry:$open" >"$work/out"
is "$? $(cut -d, -f1 "$work/out")" "0 entry $open: signed off by ann as concern" "which is signed off"
is "$(queue)" "" "and waits no more"
auditor review list | grep -q "entry:$open .* concern .* whose"
ok $? "the list has it"
sign ann --verdict ok "entry:99999" 2>"$work/err"
is "$? $(grep -c 'the ledger has none of this number' "$work/err")" "2 1" "an entry that there is not"
auditor verify --json >"$work/out"
is "$(grep -c '"kind": *"review"' "$work/out")" 0 "verify finds nothing wrong with it" || note <"$work/out"
second | grep -q '"review"'
is "$?" 1 "nor does the second reader"
hurt "an entry's note that is gone" "rm 0-*" 1
mkdir -m 700 "$work/two"
echo 'acct = off' >"$work/two/shellac.conf"
"$shellacd" -d "$work/two" -n </dev/null 2>/dev/null &
eventually 60 test -S "$work/two/run/register.sock"
kill $!
wait $!
"$shellac" -S "$work/two/store" review sign --key "$work/keys/ann" --verdict ok -o "$work/about" entry:1
refused "the ledger has no such entry" auditor review submit "$work/about"
mv "$work"/4-* "$store"/session/*/*/*/

# -- crashes: at every call that changes the disk
if sanitized; then
	skip "a crash leaves nothing half done" "sanitized programs bear no preloaded object"
else
	stop_collector
	k=0 bad=0 done=0 have=4
	while [ $k -lt 40 ] && [ $done = 0 ]; do
		k=$((k + 1))
		"$shellac" -S "$store" review sign --key "$work/keys/ann" --verdict ok --text "try $k" \
			-o "$work/try$k" 1 || bad=$((bad + 1))
		rm -f "$D"/run/*.sock "$work/said"
		# shellcheck disable=SC2086
		LD_PRELOAD=$top_builddir/tests/collector/shim_die.so SHIM_DIE=$k SHIM_WAIT=1 \
			SHIM_SAID=$work/said "$shellacd" $where -n </dev/null >>"$work/log" 2>&1 &
		collector=$!
		eventually 60 test -S "$D/run/register.sock" || bad=$((bad + 1))
		told=0
		auditor review submit "$work/try$k" >/dev/null 2>&1 && told=1
		[ -e "$work/said" ] || done=1
		kill -KILL "$collector" 2>/dev/null
		wait "$collector" 2>/dev/null
		start_collector || bad=$((bad + 1))
		auditor review list --json >"$work/list" || bad=$((bad + 1))
		new=$(($(wc -l <"$work/list") - have))
		case $told$new in
		00 | 01 | 11) ;;
		*) bad=$((bad + 1)) ;;
		esac
		[ -z "$(find "$store/review" -type f ! -name '*.note')" ] || bad=$((bad + 1))
		told=0
		auditor review submit "$work/try$k" >/dev/null 2>&1 && told=1
		[ $((told + new)) = 1 ] || bad=$((bad + 1))
		have=$((have + 1))
		stop_collector
	done
	is "$bad $done" "0 1" "a crash leaves nothing half done, in any of $k places"
	auditor verify >"$work/out"
	is "$?" 0 "and a store that verifies" || note <"$work/out"
	start_collector
fi

# -- configuration
chmod 666 "$work/reviewers"
refused "must be root's, and nobody else may write to it" sign ann --verdict ok 3
auditor check | grep -q 'reviewers .*must be root.s'
ok $? "check says so"
sed -i /reviewers/d "$D/shellac.conf"
stop_collector
start_collector
refused "nobody's sign-off counts here" sign ann --verdict ok 3
plan
