#!/bin/sh
# SPDX-License-Identifier: ISC
# A replay on a terminal, tmux's: its keys, terminals of other sizes, every way out of it,
# and sessions that go on.
. "$(dirname "$0")/lib.sh"
command -v tmux >/dev/null || skip_all "no tmux"
command -v bash >/dev/null || skip_all "no bash"

# a server of our own, ended with the test
tm() { tmux -f /dev/null -S "$work/tmux" "$@" </dev/null; }
shows() { tm capture-pane -p -t "$pane" | grep -q -e "$1"; }
hides() { tm display-message -p -t "$pane" ok >/dev/null && ! shows "$1"; }
status() { tm capture-pane -p -t "$pane" | tail -n 1; }
says() { status | grep -q -e "$1"; }
keys() { tm send-keys -t "$pane" "$@"; }
expect() { # PATTERN [NAME]: it is shown
	eventually 60 shows "$1"
	ok $? "${2:-it shows $1}"
	shows "$1" || tm capture-pane -p -t "$pane" | grep . | note
}
expect_status() {
	eventually 60 says "$1"
	ok $? "${2:-the last row says $1}"
	says "$1" || tm capture-pane -p -t "$pane" | grep . | note
}
gone() { ! kill -0 "$1" 2>/dev/null; }
trap 'tm kill-server 2>/dev/null; finish' EXIT
export LC_ALL=C.UTF-8 TZ=UTC0 HISTFILE=/dev/null

start_collector
ok $? "the collector starts"
unset TMUX
tm new-session -d -x 80 -y 24 'exec bash --norc -i' && tm set-option -g status off
pane=0

# -- a session, 80 columns and 24 rows, then 60 and 20
keys "PS1='out''er>'; PS1='inner>' $rec $where -- bash --norc -i" Enter
expect '^inner>' "a recorded shell"
keys 'echo fi''rst words' Enter
expect '^first words'
keys 'seq 1000 1400' Enter
expect '^1400'
# what acts on a terminal: title, clipboard, queries, keys, palette, mouse
cat >"$work/hostile" <<'E2'
stty -echo
printf '\033]0;EVIL\a\033]52;c;RVZJTA==\a\033[6n\033[c\033]4;1;?\a\033[?1000h\033[?1000l\033P+q\033\\'
read -r -t 2 -N 100 answers # the terminal's
stty echo
clear
echo hostile
E2
keys "bash $work/hostile" Enter
expect '^hostile'
tm resize-window -t "$pane" -x 60 -y 20
keys 'clear; stty size' Enter
expect '^20 60'
keys 'echo last''words; exit' Enter
expect '^outer>' "the session ends"
tm resize-window -t "$pane" -x 80 -y 25
auditor verify last >/dev/null
is "$?" 0 "the session is complete"
auditor rotate >/dev/null
ok $? "and its epoch is closed"
keys clear Enter
keys "stty -a | sed 's/rows [0-9]*; columns [0-9]*//' >$work/modes; echo no''ted" Enter
expect '^noted'

# restored NAME: the terminal is as it was before the replay
restored() {
	expect '^outer>' "$1: the shell goes on"
	rm -f "$work/after"
	keys "stty -a | sed 's/rows [0-9]*; columns [0-9]*//' >$work/after.new; mv $work/after.new $work/after" Enter
	eventually 60 test -s "$work/after"
	cmp -s "$work/after" "$work/modes"
	ok $? "$1: the modes are as before"
	is "$(tm display-message -p -t "$pane" '#{alternate_on}#{cursor_flag}')" 01 \
		"$1: so are the screen and its cursor"
	keys clear Enter
	eventually 60 hides '^status' # what the next one says is its own
}
replay() { # OPTION...: of session 1
	keys "$shellac $where replay $* 1; echo status \$?" Enter
}

# -- keys
replay --at +0
expect_status 'verified 0-' "a replay begins"
expect_status 'level 2' "with the ledger's level"
keys Space
expect_status PAUSED
keys G
expect_status END
expect '^lastwords' "G goes to the end"
expect '^20 60' "with the window that was then"
expect '^───' "whose border is drawn"
keys g
expect_status '0:00:00/'
eventually 60 hides '^lastwords'
ok $? "g goes to the beginning"
keys . . . .
expect '^inner>' ". plays on by one output"
keys g ']' ']'
expect_status 'seq 1000 1400$' "] goes to commands"
keys '['
expect_status 'echo first words$' "[ goes back"
keys g / 1234 Enter
expect '^1234$' "/ finds a text in the middle of what came at once"
expect_status '1/1 1234'
keys n
expect_status 'not behind'
keys g / first Space words Enter
expect_status '/2 first words'
keys n
expect_status '2/2 first words'
keys N
expect_status '1/2 first words'
keys t 'chunk:0' Enter
expect_status 'verified 0-0\|nothing yet'
keys t 'never' Enter
expect_status 'no such time'
keys '?'
expect 'twice as fast' "? shows the keys"
keys x
eventually 60 hides 'twice as fast'
ok $? "and any key hides them"
keys + +
expect_status ' 4x ' "+ is twice as fast"
keys - - -
expect_status ' 1/2x ' "- half"
keys Right
keys Left
keys C-l
expect_status 'PAUSED'
keys q
expect '^status 0' "q ends it"
expect 'COMPLETE; stopped before its end' "which is said"
restored q

# -- where it begins
replay -E --match "'^lastwords'"
expect '^lastwords' "--match shows the place"
expect_status 'PAUSED'
keys q
restored --match
replay --at chunk:1 -s 1000
expect '^status 0' "--at chunk:1"
expect '^lastwords' "it ends by itself, and leaves the last screen"
restored "the end"
replay -n --at 2001-02-03
expect '^status 0' "-n plays all at once"
restored -n
auditor replay --at nonsense 1 >/dev/null 2>"$work/err" </dev/null
is "$?" 2 "a place that is none"
auditor replay --match x 1 >/dev/null 2>"$work/err" </dev/null
is "$?" 2 "--match without a terminal"

# -- terminals of other sizes
replay --at +0
expect_status 'verified 0-'
keys Space / 1399 Enter # the cursor is far down
expect '^1399$'
tm resize-window -t "$pane" -x 30 -y 8
keys G
expect '^lastwords' "a smaller terminal shows what is round the cursor"
keys g / 1390 Enter
expect '^1390$'
keys g
tm resize-window -t "$pane" -x 120 -y 40
keys G
expect '^───' "it follows the terminal's new size"
expect '^lastwords'
keys q
restored sizes
tm resize-window -t "$pane" -x 80 -y 25

# -- every way out
replay --at +0
expect_status 'verified 0-'
keys Space
expect_status PAUSED
keys C-z
expect 'Stopped' "^Z stops it"
keys "jobs; stty -a | sed 's/rows [0-9]*; columns [0-9]*//' | cmp - $work/modes && echo as''before" Enter
expect '^asbefore' "with the terminal's modes put back"
is "$(tm display-message -p -t "$pane" '#{alternate_on}#{cursor_flag}')" 01 "and its screen"
keys fg Enter
expect_status PAUSED "fg goes on"
keys g
expect_status '0:00:00/'
keys C-c
restored "^C"
for signal in TERM HUP QUIT; do
	replay --at +0
	expect_status 'verified 0-'
	keys Space
	expect_status PAUSED
	inner=$(tm display-message -p -t "$pane" '#{pane_pid}')
	pid=$(pgrep -P "$inner" -x shellac)
	kill "-$signal" "$pid"
	eventually 60 gone "$pid"
	restored "SIG$signal"
done
keys "$shellac $where replay -s 1000 1 </dev/null; echo status \$?" Enter
expect '^status 0' "standard input can be /dev/null"
restored "no keys"
auditor replay 1 2>/dev/null </dev/null | head -n 1 >"$work/head"
[ -s "$work/head" ]
ok $? "nor does it mind who reads no more"
auditor replay 1 2>/dev/null </dev/null >"$work/out"
is "$?" 0 "where no terminal is, all is written"
grep -q lastwords "$work/out"
ok $? "to its end"
auditor replay --at chunk:2 1 2>/dev/null </dev/null >"$work/part"
[ "$(wc -c <"$work/part")" -lt "$(wc -c <"$work/out")" ] && grep -q lastwords "$work/part"
ok $? "from where it is wanted"

# -- nothing that acts on a terminal comes through
tm select-pane -t "$pane" -T plain
tm delete-buffer 2>/dev/null
tm pipe-pane -t "$pane" "cat >$work/piped"
replay -s 20
expect '^status 0'
restored "what is hostile"
tm pipe-pane -t "$pane"
eventually 60 grep -q EVIL "$work/piped"
"$python" - "$work/piped" <<'E2'
import re, sys
data = open(sys.argv[1], "rb").read()
data = data[data.index(b"\x1b[?1049h"):data.rindex(b"\x1b[?1049l") + 8]
sys.exit(0 if re.fullmatch(rb"(?:\x1b\[(?:\d+;\d+H|[\d;]*m|K|2J|\?25[hl]|\?1049[hl])|[^\x00-\x1f\x7f])*", data) else 1)
E2
ok $? "all that it puts out is on the list"
is "$(tm display-message -p -t "$pane" '#{pane_title}' | grep -c EVIL)" 0 "no title"
is "$(tm show-buffer 2>/dev/null | grep -c EVIL)" 0 "no clipboard"

# -- one that goes on
keys "clear; PS1='inner>' $rec $where -- bash --norc -i" Enter
expect '^inner>' "another session"
tm split-window -d -t "$pane" -l 12 'exec bash --norc -i'
recorded=$pane
tm set-environment -g X x
watch=$(tm list-panes -F '#{pane_id}' | tail -n 1)
pane=$watch
keys "PS1='out''er>'; clear; $shellac $where replay --follow last; echo status \$?" Enter
expect_status LIVE "a session is followed"
pane=$recorded
keys 'echo it goes on' Enter
pane=$watch
expect '^it goes on' "what comes is shown"
keys g
eventually 60 hides '^it goes on'
ok $? "it can be wound back"
keys G
expect '^it goes on' "and to the present"
expect_status LIVE
keys "clear" # none of these is a command but a and r: no harm is done
auditor replay --at +0 -n last </dev/null 2>"$work/err" | grep -q 'it goes on'
ok $? "--at in one that goes on"
grep -q LIVE "$work/err"
ok $? "whose verdict says so"
auditor replay --follow last </dev/null >"$work/followed" 2>"$work/err" &
follower=$!
pane=$recorded
keys 'echo by''e; exit' Enter
expect '^outer>' "it ends"
eventually 60 gone "$follower"
ok $? "following ends with it"
wait "$follower"
is "$?" 0 "and finds nothing wrong"
grep -q bye "$work/followed"
ok $? "to its last words"
pane=$watch
expect '^bye' "on a terminal, too"
expect_status END
keys q
expect '^status 0'
stop_collector
plan
