#!/bin/sh
# SPDX-License-Identifier: ISC
# Installed: a member of the group auditors reads recordings through the collector,
# which logs it first; nobody else does.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/installed.sh"
cd /tmp || exit 1

conf=$sysconfdir/shellac/shellac.conf
store=$localstatedir/lib/shellac
mkdir -p "$sysconfdir/shellac"
printf 'acct = off\nprocess_events = no\nauditors = shlgroup\nepoch_s = 1\n' >"$conf"
chmod 644 "$conf"

# by USER COMMAND...: what shellac says to that user
by() {
	user=$1
	shift
	setpriv --reuid="$user" --regid="$user" --init-groups --inh-caps=-all -- \
		"$shellac" "$@" </dev/null
}

# entries: how many ACCESS the ledger has
entries() { "$shellac" ledger | grep -c ACCESS; }

start_collector
ok $? "the collector starts"
as="setpriv --reuid=shlb --regid=shlb --init-groups --inh-caps=-all --"
chmod 755 "$work"
touch "$work/screen" && chmod 666 "$work/screen"
for i in 1 2 3; do
	is "$(recorded -c "echo word $i")" "exit 0" "session $i is recorded"
done
eventually 20 sh -c "[ \$('$shellac' list --json | grep -c COMPLETE) = 3 ]"
ok $? "all are complete"
is "$(entries)" 0 "root is not logged"

by shlb list >"$work/out" 2>&1
is "$?" 3 "who is in no such group is refused"
grep -q 'only root may read it' "$work/out"
ok $? "and told so"

is "$(by shla cat 2)" "word 2" "a member reads a session"
is "$(entries)" 1 "which is one ACCESS"
index=$("$shellac" ledger --json | grep ACCESS | field index | tail -n 1)
is "$(cat "$store/ledger/access/$index")" "who $(id -u shla) shla
what cat 2
reason " "that says who and what"
is "$(stat -c %a "$store/ledger/access/$index")" 600 "to root alone"
is "$(by shla --reason 'ticket 17' cat last)" "word 3" "with a reason"
index=$("$shellac" ledger --json | grep ACCESS | field index | tail -n 1)
is "$(tail -n 1 "$store/ledger/access/$index")" "reason ticket 17" "which is kept"
"$python" - "$store" "$index" <<'EOF'
import hashlib, struct, sys
store, index = sys.argv[1], int(sys.argv[2])
log = open(store + "/ledger/log", "rb").read()
at = 0
for _ in range(index):
    at += 2 + struct.unpack_from("<H", log, at)[0]
size, = struct.unpack_from("<H", log, at)
body = log[at + 2:at + 2 + size][32:]
lines = open("%s/ledger/access/%d" % (store, index), "rb").read().split(b"\n")
for i, line in enumerate(lines[:3]):
    want = hashlib.blake2b(body[:16] + line.split(b" ", 1)[1], digest_size=32).digest()
    assert body[16 + 32 * i:48 + 32 * i] == want, line
EOF
ok $? "the ledger has the salted digests of these"
is "$(by shla --reason "$(printf 'a\nb')" cat 2 2>&1 | grep -c 'a line of text')" 1 \
	"a reason of two lines is refused"

before=$(entries)
is "$(by shla list --json | grep -c COMPLETE)" 3 "list shows all"
is "$(($(entries) - before))" 1 "for one ACCESS"
is "$(by shla list --json | field user | sort -u)" '"shlb"' "and whose"
by shla verify >"$work/out" 2>&1
is "$?" 0 "verify proves all"
grep -q '3 COMPLETE' "$work/out"
ok $? "and says so"
eventually 20 by shla verify --level 1 3
ok $? "up to the ledger, which a member may read"
is "$(by shla replay 1 2>/dev/null | tr -d '\r')" "word 1" "replay plays"
by shla ledger | grep -q OPEN
ok $? "ledger shows the ledger"
by shla procs >/dev/null 2>&1
is "$?" 0 "procs looks for process records"

by shla hold >"$work/out" 2>&1
is "$? $(grep -c 'only root' "$work/out")" "3 1" "what is held is for root to see"
by shla purge 1 >"$work/out" 2>&1
is "$? $(grep -c 'only root' "$work/out")" "3 1" "and to purge"
before=$(entries)
by shla bundle 1 -o "$home/shla/bundle" >"$work/out" 2>&1
is "$? $(($(entries) - before))" "0 1" "a bundle is made, and logged"

before=$(entries)
by shla report >"$work/out" 2>&1
is "$? $(($(entries) - before))" "0 1" "a report is made, and logged"
grep -q 'cat 2' "$work/out"
is "$? $(grep -c 'root alone may' "$work/out")" "1 $((before + 2))" \
	"without what root alone may read, and it says so"

# what the collector gives leads nowhere else
cat >"$work/ask.py" <<'EOF'
import array, os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
def ask(line):
    s.send(line)
    data, fds, flags, addr = socket.recv_fds(s, 4096, 4)
    return data.decode(), fds
bad = 0
def check(name, good):
    global bad
    if not good:
        bad += 1
        print("#", name)
for path in ("host.key", "epoch.key", ".", "", "ledger/access", "ledger/access/1", "../etc/passwd",
             "session/../host.pub", "/etc/passwd", "hold", "purge", "shellac.conf", "session/",
             "ledger/live/../access/1", "process/kernel-00000001.acct"):
    answer, fds = ask(b"open " + path.encode())
    check(path, answer.startswith("refused") and not fds)
answer, (folder,) = ask(b"open session")
check("folder", answer == "ok")
names = []
path = "session"
while True:
    answer, (fd,) = ask(b"open " + path.encode())
    names = os.listdir(fd)
    if names[0].endswith(".shlc"):
        break
    try:
        os.open(names[0], os.O_RDONLY, dir_fd=fd)
        check("a folder leads into the next", False)
    except PermissionError:
        pass
    path += "/" + names[0]
names.sort()
answer, fds = ask(b"open " + (path + "/" + names[0]).encode())
check("nothing was wanted", answer == "want" and not fds)
answer, fds = ask(b"want cat 1\n")
check("want", answer == "ok" and not fds)
answer, fds = ask(b"open " + (path + "/" + names[1]).encode())
check("another session", answer == "want" and not fds)
answer, fds = ask(b"open process/00000001.shlp")
check("process records", answer == "want" and not fds)
answer, fds = ask(b"open " + (path + "/" + names[0]).encode())
check("the session", answer == "ok" and len(fds) == 1)
check("read only", os.read(fds[0], 1) in (b"S", b"\xf5"))
for how in (lambda: os.write(fds[0], b"x"), lambda: os.ftruncate(fds[0], 0),
            lambda: os.open("/proc/self/fd/%d" % fds[0], os.O_RDWR)):
    try:
        how()
        check("written", False)
    except OSError:
        pass
sys.exit(bad != 0)
EOF
setpriv --reuid=shla --regid=shla --init-groups --inh-caps=-all -- \
	"$python" "$work/ask.py" "$runstatedir/shellac/access.sock" >"$work/out" 2>&1
ok $? "descriptors of files are given, and of nothing else"
note <"$work/out"

# not before it is logged: the ledger cannot be synced
stop_collector
gate=$work/gate
sanitized || {
	echo hold >"$gate"
	SHIM_SYNC=$gate SHIM_SYNC_NAME=/ledger/log LD_PRELOAD=$top_builddir/tests/collector/shim_sync.so \
		"$shellacd" -n </dev/null >>"$work/log" 2>&1 &
	collector=$!
	echo >"$gate"
	eventually 20 ready
	echo hold >"$gate"
	by shla cat 1 >"$work/out" 2>"$work/err" &
	reader=$!
	sleep 1
	is "$(wc -c <"$work/out")" 0 "while ACCESS is not on disk, nothing is given"
	kill -0 $reader
	ok $? "and who asked waits"
	echo >"$gate"
	wait $reader
	is "$(cat "$work/out")" "word 1" "it is given when it is"
	stop_collector
}

printf 'acct = off\nprocess_events = no\n' >"$conf"
start_collector
ok $? "a collector without auditors starts"
by shla cat 1 >"$work/out" 2>&1
is "$?" 3 "and lets nobody in"
printf 'acct = off\nprocess_events = no\nauditors = shlgroup\n' >"$conf"
kill -HUP "$collector"
eventually 20 test -S "$runstatedir/shellac/access.sock"
is "$(by shla cat 1)" "word 1" "until it is told to"
printf 'acct = off\nprocess_events = no\nauditors = shlb\n' >"$conf"
kill -HUP "$collector"
eventually 20 sh -c "[ \$(stat -c %G '$runstatedir/shellac/access.sock') = shlb ]"
by shla cat 1 >"$work/out" 2>&1
is "$?" 3 "another group's members"
stop_collector
is "$(cat "$work/collector_status")" 0 "the collector ends well"
auditor verify >/dev/null
is "$?" 0 "verify finds nothing"
plan
