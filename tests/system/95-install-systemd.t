#!/bin/sh
# SPDX-License-Identifier: ISC
# The installed units, below a systemd: the socket, the sandbox, an end by SIGKILL, a
# restart and a stop under a live session.
. "$(dirname "$0")/lib.sh"
sanitized && skip_all "a sanitizer does what the sandbox forbids"
. "$(dirname "$0")/installed.sh"
. "$(dirname "$0")/systemd.sh"
become shla
cd /tmp || exit 1

# -- what can be said without a manager
env -i PATH="$PATH" SYSTEMD_UNIT_PATH="$prefix/lib/systemd/system:" systemd-analyze verify \
	shellacd.service shellacd.socket >"$work/said" 2>&1
is "$(cat "$work/said")" "" "systemd-analyze finds nothing wrong with the units"
# in tenths; what is left is what the work takes: see the unit's comments
systemd-analyze security --offline=yes --threshold=35 "$prefix/lib/systemd/system/shellacd.service" \
	>"$work/said" 2>&1
ok $? "their exposure is 3.5 at most"
tail -n 1 "$work/said" | note

log=$work/unit.log
var=$localstatedir
if ! start_manager; then
	note <"$work/manager.log"
	echo "Bail out! systemd does not start here"
	exit 1
fi
as="nsenter -t $manager -m -p -C -i -- $as"

# What is forbidden kills here, and is not only refused; and there is time to look.
mkdir "$work/units/shellacd.service.d"
cat >"$work/units/shellacd.service.d/test.conf" <<END
[Service]
StandardError=append:$log
SystemCallErrorNumber=kill
RestartSec=10
END
unit daemon-reload

# state: of the service
state() { property shellacd.service ActiveState; }
is_active() { [ "$(state)" = active ]; }
is_activating() { [ "$(state)" = activating ]; }
main_pid() { property shellacd.service MainPID; }
folders() { in_manager find "$runstatedir/shellac" "$var" "$sysconfdir/shellac" -type d -printf '%M %u %g %p\n' | sort; }
answers() { in_manager "$shellac" status; }

# -- what has to be there before
in_manager systemd-tmpfiles --create "$prefix/lib/tmpfiles.d/shellac.conf"
ok $? "the folders are made"
folders >"$work/before"

# -- the socket
unit start shellacd.socket
ok $? "the socket listens"
is "$(in_manager stat -c '%A %U %G' "$runstatedir/shellac/register.sock")" \
	"srw------- _shellac root" "and is whose it would be without"
is "$(state)" inactive "and nobody collects"
is "$(recorded -- /bin/echo first)" "exit 0" "a login starts the collector"
is_active
ok $? "which is up, and has said so"
is "$(in_manager "$shellac" cat last)" first "it is recorded"
folders | grep -vF -e "$var/lib/shellac/" >"$work/after"
same "$work/after" "$work/before" "the folders were right, and stay as they are"

in_manager "$shellac" check >"$work/check" 2>/dev/null
is "$(grep '^FAIL' "$work/check")" "" "the auditor finds nothing wrong with the host"

# -- a unit's confinement
status=/proc/$(main_pid)/status
is "$(in_manager sed -n 's/^\(NoNewPrivs\|Seccomp\):\t//p' "$status" | tr '\n' ' ')" "1 2 " \
	"it is confined"
# PACCT NET_ADMIN RESOURCE PTRACE CHOWN DAC_OVERRIDE FOWNER KILL SETUID SETGID
wanted=$((1 << 20 | 1 << 12 | 1 << 24 | 1 << 19 | 1 << 0 | 1 << 1 | 1 << 3 | 1 << 5 | 1 << 7 | 1 << 6))
got=$((0x$(in_manager sed -n 's/^CapBnd:\t//p' "$status")))
[ $((got & ~wanted)) = 0 ]
ok $? "and has no capability more than it needs"
is "$(in_manager "$shellac" status --json | field acct | grep -o '"state": "[a-z]*"')" \
	'"state": "on"' "it owns process accounting"

# -- plugins, as root's and as their own user
cat >"$home/probe" <<'END'
#!/bin/sh
# tries what the unit forbids, and says what it could
read -r line || exit 1
for file in /etc/shellac-probe /usr/shellac-probe "$1/shellac-probe"; do
	{ echo >"$file"; } 2>/dev/null && echo "wrote $file"
done
echo "heard" >"$1/lib/shellac-plugin/heard"
while read -r line; do :; done
END
chmod 755 "$home/probe"
conf=$sysconfdir/shellac/plugins.d
printf 'active = yes\ndirection = out\npath = %s\nargs = %s\nformat = json\nuser = root\n' \
	"$home/probe" "$var" >"$conf/probe.conf"
printf 'active = yes\ndirection = out\npath = %s\nargs = %s\nformat = json\noverflow_action = block\n' \
	"$prefix/libexec/shellac/shellac-file" "$var/log/shellac" >"$conf/file.conf"
unit reload shellacd.service
ok $? "it reads its configuration again"
is "$(recorded -- /bin/echo second)" "exit 0" "with plugins a session is recorded"
eventually 60 test -s "$var/lib/shellac-plugin/heard"
ok $? "a plugin hears of it"
is "$(find /etc/shellac-probe /usr/shellac-probe "$var/shellac-probe" 2>/dev/null)" "" \
	"and can write where the unit lets it, and nowhere else"
eventually 60 sh -c "grep -rqs session '$var/log/shellac'"
ok $? "shellac-file writes its files"
dispatcher=$(in_manager pgrep -xo shellac-dispatc)
if [ "$(in_manager cat "/proc/$(main_pid)/oom_score_adj")" = -900 ]; then
	is "$(in_manager cat "/proc/$dispatcher/oom_score_adj")" 0 "plugins are not spared when memory is short"
else
	skip "plugins are not spared when memory is short" "nobody may be spared here"
fi

# -- killed, under a live session
cp /bin/true "$home/shl-away"
printf 'echo begins; until [ -e %s/go ]; do sleep 0.2; done; echo ends\n' "$work" >"$home/live"
(recorded -c ". $home/live" >"$work/live_exit") &
live=$!
eventually 60 sh -c "grep -q begins '$work/screen'"
ok $? "a session is live"
before=$(main_pid)
in_manager kill -KILL "$before"
eventually 60 is_activating
ok $? "shellacd was killed, and is to be started again"
in_manager "$home/shl-away"
is "$(state)" activating "something runs meanwhile"
eventually 60 is_active
ok $? "it is started again"
[ "$(main_pid)" != "$before" ]
ok $? "as another process"
is "$(property shellacd.service NRestarts)" 1 "at the first attempt"
is "$(in_manager "$shellac" procs --json command shl-away 2>"$work/said" | wc -l)" 1 \
	"the kernel's records of meanwhile are there"
# one from before there was a collector
is "$(grep -c 'accounting: lost' "$work/said")" 1 "and nothing is said to be missing"
is "$(in_manager "$shellac" status --json | field acct | grep -o '"gaps": [0-9]*')" '"gaps": 0' \
	"nor known to be"

# -- started anew
unit restart shellacd.service
ok $? "it is restarted"
is_active && answers >/dev/null
ok $? "and answers"

# -- stopped: the socket goes on
unit stop shellacd.service
ok $? "it is stopped"
is "$(property shellacd.service Result) $(property shellacd.service ExecMainStatus)" "success 0" \
	"and ended well"
is "$(in_manager pgrep -c '^shellac(d|-|$)')" 2 "of ours the live session's two processes are left"
is "$(property shellacd.socket ActiveState)" active "the socket still listens"
is "$(recorded -- /bin/echo third)" "exit 0" "the next login"
eventually 60 answers
ok $? "starts it again"
touch "$work/go"
wait "$live"
is "$(cat "$work/live_exit")" "exit 0" "the session that was live all the time ends"
eventually 60 sh -c "[ \$(nsenter -t $manager -m -p '$shellac' list --json | grep -c COMPLETE) = 4 ]"
in_manager "$shellac" verify >"$work/verify" 2>&1
is "$(grep -c COMPLETE "$work/verify")" 5 "all sessions are complete, and the sum says so"
note <"$work/verify"
is "$(in_manager "$shellac" cat 3 | tr '\n' ' ')" "begins ends " "nothing of the live one is lost or doubled"

# -- the end
unit stop shellacd.socket shellacd.service
is "$(property shellacd.service Result)" success "all of it ends"
[ ! -e "/proc/$manager/root$runstatedir/shellac/register.sock" ]
ok $? "and nobody listens any more"
! grep -E 'Operation not permitted|Read-only|Permission denied' "$log" | grep -v 'hard limits' >"$work/refused"
ok $? "nothing was refused that shellacd wants to do"
note <"$work/refused"
note <"$log"
plan
