#!/bin/sh
# SPDX-License-Identifier: ISC
# On a real terminal, tmux's: a recorded shell with an editor and a pager, and
# its replay.
. "$(dirname "$0")/lib.sh"
command -v tmux >/dev/null || skip_all "no tmux"

# a server of our own, ended with the test
tm() { tmux -f /dev/null -S "$work/tmux" "$@"; }
screen() { tm capture-pane -p; }
shows() { screen | grep -q -e "$1"; }
keys() { tm send-keys "$@"; }
# keys are typed when what they answer is there
expect() {
	eventually 30 shows "$1"
	ok $? "${2:-it shows $1}"
	shows "$1" || screen | grep . | note
}
trap 'tm kill-server 2>/dev/null; finish' EXIT

start_collector
ok $? "the collector starts"
unset TMUX
tm new-session -d -x 90 -y 30 'exec bash --norc -i' && tm set-option -g status off
keys "PS1='out''er>'" Enter
expect '^outer>' "a bare shell"
keys 'stty -a | cksum; stty -a >'"$work/before" Enter
keys "PS1='inner>' $rec $where -- bash --norc -i" Enter
expect '^inner>' "a recorded shell"
keys 'stty size; echo in the session' Enter
expect 'in the session' "commands run"
expect '^30 90' "it has the terminal's size"
tm resize-window -x 100 -y 40
keys 'stty size' Enter
expect '^40 100' "and its new one"
keys 'echo s''tart; sleep 50' Enter
expect '^start' "a program runs"
sleep 0.5
keys C-z
keys 'jobs -l' Enter
expect '[Ss]topped' "a job can be stopped"
keys 'kill %1; echo o''ther; sleep 60' Enter
expect '^other' "so does another"
sleep 0.5
keys C-c
keys 'echo again' Enter
expect '^again' "and another interrupted"

i=1
while [ $i -le 200 ]; do echo "text line $i"; i=$((i + 1)); done >"$work/text"
if command -v less >/dev/null; then
	keys "LESS= less $work/text" Enter
	expect 'text line 39' "less shows a page"
	keys G
	expect 'text line 200' "and the last one"
	keys q
else
	skip less "not here"
fi
if command -v vi >/dev/null; then
	keys "vi -u NONE $work/text" Enter
	expect 'text line 3$' "vi shows the file"
	keys ':set nocp' Enter 'ggOadded by vi' Escape ':wq' Enter
	eventually 20 grep -q 'added by vi' "$work/text"
	ok $? "and writes it"
else
	skip vi "not here"
fi
keys 'clear; printf "\033[31mred\033[0m caf\303\251\n"; exit 6' Enter
expect 'red café' "colour and UTF-8 are shown" # and so the first prompt is gone
expect '^outer>' "the recorded shell ends"
# shellcheck disable=SC2016
keys 'echo status $?' Enter
expect 'status 6' "with its status"
keys "stty -a >$work/after; echo saved" Enter
expect '^saved' "the outer shell goes on"
sed 's/rows [0-9]*; columns [0-9]*//' "$work/before" >"$work/modes"
sed 's/rows [0-9]*; columns [0-9]*//' "$work/after" | cmp -s - "$work/modes"
ok $? "the terminal's modes are as before"
auditor verify last >/dev/null
is "$?" 0 "the session is complete"

keys "clear; $shellac $where replay --speed 1000 last; echo replayed" Enter
expect '^replayed' "replay plays to the end"
expect 'red café' "and leaves the session's last screen"
keys "stty -a >$work/after; echo saved again" Enter
expect '^saved again' "the shell goes on"
sed 's/rows [0-9]*; columns [0-9]*//' "$work/after" | cmp -s - "$work/modes"
ok $? "the modes are as before the replay"
is "$(tm display-message -p '#{alternate_on}')" 0 "the normal screen is on"
is "$(tm display-message -p '#{cursor_flag}')" 1 "the cursor is shown"
stop_collector
plan
