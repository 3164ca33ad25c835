#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A host's store goes to the fleet store as it grows and comes whole: sessions that go on,
that end, that are cut, packed, purged; records, ledger and small files; after a cursor that
is lost or is of another store; and what is changed under a key that is there is tampering."""
import glob
import hashlib
import json
import os
import re
import signal
import subprocess
import time

import harness as h
import pg_world
import process_made as made

pg_world.need()
FORWARD = os.path.join(h.BUILD, "plugins/forward/shellac-forward")
CONF = "acct = off\nprocess_events = no\nepoch_s = 2\ncompress = yes\n"


def stream(path):
    """The frames of a session's file."""
    with open(path, "rb") as f:
        data = f.read()
    if data[:4] != b"SHLZ":
        return data
    count = int.from_bytes(data[16:20], "little")
    return subprocess.run(["zstd", "-q", "-d", "-c"], input=data[24:len(data) - 32 - 24 * count],
                          stdout=subprocess.PIPE, check=True).stdout


class Forwarder:
    def __init__(self, store, state, conninfo):
        self.argv = [FORWARD, "--store", store, "--state", state]
        self.conninfo, self.log, self.proc = conninfo, os.path.join(h.work, "forward.log"), None
        h.at_end(self.stop)

    def once(self, *more):
        return subprocess.run([*self.argv, "--once", *more, self.conninfo], check=False,
                              timeout=120, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)

    def start(self):
        with open(self.log, "ab") as log:
            self.proc = subprocess.Popen([*self.argv, self.conninfo], stdin=subprocess.DEVNULL,
                                         stdout=log, stderr=log)

    def stop(self, how=signal.SIGTERM):
        if self.proc is None:
            return 0
        self.proc.send_signal(how)
        status = self.proc.wait(30)
        self.proc = None
        return status

    def text(self):
        with open(self.log, encoding="utf-8") as f:
            return f.read()


server = pg_world.Server().start()
collector = h.Collector(conf=CONF)
collector.start()
store, state = os.path.join(collector.dir, "store"), os.path.join(h.work, "state")
os.mkdir(state, 0o700)


def shellac(*args):
    return subprocess.run([h.SHELLAC, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)


def rows(sql):
    return server.rows(sql)


def fleet_stream(n):
    """A session's frames in the fleet store; a hole between its chunks is no stream."""
    found = rows("select seq, encode(data, 'hex') from shellac.piece where kind = 1 and "
                 f"n = {n} order by seq")
    if [int(seq) for seq, _ in found] != list(range(len(found))):
        return None
    return b"".join(bytes.fromhex(data) for _, data in found)


def fleet_bytes(kind, n):
    data = b""
    for seq, part in rows("select seq, encode(data, 'hex') from shellac.piece where "
                          f"kind = {kind} and n = {n} order by seq"):
        if int(seq) != len(data):
            return None
        data += bytes.fromhex(part)
    return data


def differences():
    """Sessions whose bytes are not the same on both sides."""
    return [n for n, path in sorted(collector.files().items())
            if not path.endswith(".live") and fleet_stream(n) != stream(path)]


def run(script):
    t = h.record(collector, ["/bin/sh", "-c", script])
    t.wait()


# -- set up --

done = shellac("fleet", "init", "-S", server.conninfo())
h.equal(done.returncode, 0, "fleet init makes the store")
h.equal(shellac("fleet", "init", "-S", server.conninfo()).returncode, 0, "and may be run again")
done = shellac("fleet", "add", "-S", server.conninfo(), "--name", "web1", f"{store}/host.pub")
h.equal(done.returncode, 0, "fleet add takes a host.pub")
f = Forwarder(store, state, server.conninfo(user="shellac-web1"))

# -- what is there --

for i in range(4):
    run(f"i=0; while [ $i -lt 300 ]; do echo line {i} $i; i=$((i+1)); done")
h.eventually(30, lambda: len([p for p in collector.files().values()
                              if not p.endswith(".live")]) == 4)
done = f.once()
h.equal(done.returncode, 0, "a store is sent")
h.equal(differences(), [], "its sessions come byte for byte")
h.equal(rows("select state, count(*) from shellac.session group by 1"), [["closed", "4"]],
        "and have rows")
piece = rows("select encode(hash, 'hex'), encode(data, 'hex') from shellac.piece where "
             "kind = 1 and n = 1 and seq = 0")[0]
h.equal(piece[0], hashlib.blake2b(bytes.fromhex(piece[1]), digest_size=32).hexdigest(),
        "with the digest of each chunk")
with open(f"{store}/host.pub", "rb") as file:
    wanted = file.read()
have = rows("select encode(p.data, 'hex') from shellac.piece p join shellac.stream s "
            "using (host, kind, n) where s.path = 'host.pub' and p.seq = s.version")
h.equal(bytes.fromhex(have[0][0]), wanted, "host.pub is there")

# -- what grows --

f.start()
t = h.record(collector, ["/bin/sh", "-c", "echo begun; read x; echo $x"])
n = 5
h.ok(h.eventually(60, lambda: b"begun" in (fleet_stream(n) or b"")), "a session that goes on "
     "is there before it has ended", f.text())
h.equal(rows(f"select state from shellac.session where n = {n}"),
        [["live"]], "as a live one")
t.send(b"over\r")
t.wait()
h.ok(h.eventually(60, lambda: rows(
    f"select state, status from shellac.session where n = {n}") == [["closed", "0"]]),
    "its end follows")
h.equal(differences(), [], "all of it")
with open(f"{store}/ledger/log", "rb") as file:
    ledger = file.read()
h.ok(h.eventually(60, lambda: len(fleet_bytes(3, 0) or b"") >= len(ledger)),
     "the ledger follows")
h.equal(fleet_bytes(3, 0)[:len(ledger)], ledger, "as it is")
h.ok(h.eventually(60, lambda: rows("select 1 from shellac.stream where path = "
                                   "'ledger/checkpoint' and version > 0")), "and its checkpoints")
h.ok(h.eventually(30, lambda: rows("select 1 from shellac.seen where state = 'current'")),
     "it is seen")
f.proc.send_signal(signal.SIGUSR1)
h.ok(h.eventually(30, lambda: re.search(r'^\{"connected":true.*\}$', f.text(), re.M)),
     "SIGUSR1 writes its state")
said = json.loads(re.findall(r'^(\{"connected".*\})$', f.text(), re.M)[-1])
h.ok(said["commits"] > 0 and said["lost"] == 0 and said["last_commit"], "in JSON", said)

# -- it is killed, and the database goes away --

h.equal(f.stop(signal.SIGKILL), -9, "it is killed")
f.start()
server.stop(signal.SIGINT)
run("echo while it was away")
h.ok(h.eventually(60, lambda: re.search("again in", f.text())), "a database that is away is said")
server.start()
h.ok(h.eventually(90, lambda: (fleet_stream(6) or b"") and not differences()),
     "what happened meanwhile is there when it is back", f.text())
h.equal(f.stop(), 0, "SIGTERM ends it")
h.ok(os.path.exists(f"{state}/cursor"), "it leaves a cursor")

# -- it is told to end while the database holds it up --

class Lock:
    """On the table of pieces, until it is let go."""

    def __init__(self):
        self.psql = subprocess.Popen([os.path.join(pg_world.BIN, "psql"), "-Xq", "-d",
                                      server.conninfo()], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE)
        self.psql.stdin.write(b"begin;\nlock table shellac.piece in share mode;\n\\echo held\n")
        self.psql.stdin.flush()
        self.psql.stdout.readline()

    def release(self):
        self.psql.communicate()


def rests():
    """It has sent what the way to the database holds, and waits."""
    def cpu():
        with open(f"/proc/{f.proc.pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")")[1].split()[11:13]
    before = cpu()
    time.sleep(0.5)
    return cpu() == before and rows("select 1 from pg_stat_activity where usename = "
                                    "'shellac-web1' and wait_event_type = 'Lock'")


run("head -c 9000000 /dev/urandom | base64 -w 1000")
h.eventually(60, lambda: not any(p.endswith(".live") for p in collector.files().values()))
lock = Lock()
f.start()
h.ok(h.eventually(60, rests), "it waits for the database")
f.proc.send_signal(signal.SIGTERM)
time.sleep(0.3)
lock.release()
f.proc.wait(30)
f.proc = None
h.equal((f.once().returncode, differences()), (0, []),
        "told to end amidst, it loses nothing of what it had not sent yet")

# -- the cursor is lost, damaged, of another store --

before = rows("select count(*) from shellac.piece where kind = 1")
for name, text in (("no cursor", None), ("a damaged one", "shellac-forward 1\nhost zz\n"),
                   ("one that says too much", "shellac-forward 1\nhost " + "0" * 32 +
                    "\nstore x\nledger 99999999\nprocess 9 9\nbelow 999\nend\n")):
    os.unlink(f"{state}/cursor")
    if text is not None:
        with open(f"{state}/cursor", "w", encoding="utf-8") as file:
            file.write(text)
    done = f.once()
    h.equal((done.returncode, rows("select count(*) from shellac.piece where kind = 1")),
            (0, before), f"{name} costs nothing but time")
h.equal(rows("select count(*) from shellac.tamper")[0][0], "0", "and nothing is tampered with")

# -- a session is purged --

collector.auditor("purge", "2")
h.eventually(60, lambda: b"SHLZ\1\2" in open(collector.files()[2], "rb").read(8))
h.ok(h.eventually(60, lambda: f.once().returncode == 0 and rows(
    "select state from shellac.session where n = 2") == [["purged"]]), "a purge is told")
h.equal(rows("select count(*) from shellac.lost")[0][0], "0", "nothing of it was lost")
run("echo never sent")
h.eventually(60, lambda: any(p.endswith(".shlc") for n, p in collector.files().items() if n == 8))
collector.auditor("purge", "8")
h.eventually(60, lambda: b"SHLZ\1\2" in open(collector.files()[8], "rb").read(8))
done = f.once()
h.equal(rows("select n, seq from shellac.lost"), [["8", "0"]],
        "one that was purged before it was sent is lost, and said")
h.ok(b"session 8" in done.stderr, "on standard error, too", done.stderr)

# -- process records --

collector.stop()
ran = made.exec_slots(41, b"vi", b"/usr/bin/vi", b"/srv", [b"vi", b"a \xff b"], start=500)
odd = made.exec_slots(42, b"x", b"", b"", [], start=600)
segments = [made.segment(1, [ran, made.slot(made.acct(b"vi", pid=41, uid=1000, status=256), session=3,
                                            reason=made.RECORDER, start=500)]),
            made.segment(2, [odd, made.slot(b"nonsense".ljust(64, b"\1"), kind=200),
                             made.slot(made.acct(b"\xe2\x80\xae", pid=43, flags=1))])]
os.makedirs(f"{store}/process", mode=0o700, exist_ok=True)
for k, data in enumerate(segments, 1):
    with open(f"{store}/process/{k:08}.shlp", "wb") as file:
        file.write(data)
with open(f"{store}/process/00000002.shlp", "ab") as file:
    file.write(b"torn")
h.equal(f.once().returncode, 0, "process segments are sent")
h.equal([fleet_bytes(2, 1), fleet_bytes(2, 2)], segments, "byte for byte, whole slots of the last")
h.equal(rows("select comm, exe, cwd, args, uid, session, status, segment, slot, exec_slot, "
             "extract(epoch from started)::numeric(20, 2) from shellac.process where segment = 1"),
        [["vi", "/usr/bin/vi", "/srv", "vi a \ufffd b", "1000", "3", "256", "1", "3", "1",
          "1790000005.00"]], "what ended has a row, with what it ran")
h.equal(rows("select acct_flags, exe is null, session is null from shellac.process where segment = 2"),
        [["1", "t", "t"]], "what is not known is null")

# -- somebody changes what was sent --

path = collector.files()[1]
plain = bytearray(stream(path))
at = plain.index(b"line 0 7")
plain[at + 5] ^= 1
with open(path, "wb") as file:
    file.write(plain)
ledger = bytearray(ledger)
ledger[60] ^= 1
with open(f"{store}/ledger/log", "r+b") as file:
    file.write(ledger)
os.unlink(f"{state}/cursor")
done = f.once("--events")
h.ok(b"TAMPERED" in done.stderr, "changed bytes under a key that is there are said", done.stderr)
h.ok(json.loads(done.stdout.splitlines()[0])["event"]["action"] == "tamper-detected",
     "and an event", done.stdout)
h.equal(sorted(r[0] for r in rows("select distinct kind from shellac.tamper")), ["1", "3"],
        "the fleet store has a row for each")
h.ok(b"line 0 7" in fleet_stream(1), "the first bytes stay")
h.ok(plain[at:at + 8] in bytes.fromhex(rows("select encode(data, 'hex') from shellac.tamper where "
                                            "kind = 1")[0][0]), "the others are beside them")
done = shellac("fleet", "list", "-S", server.conninfo())
h.ok(re.search(rb"^web1\t.*\t2\t1\t", done.stdout, re.M), "fleet list counts them", done.stdout)

# -- it cannot --

f.conninfo = server.conninfo(user="shellac-nobody")
done = f.once()
h.equal(done.returncode, 3, "a role that is none of ours is refused")
done = subprocess.run([FORWARD, "nonsense"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                      check=False)
h.equal(done.returncode, 2, "no connection string is usage")
h.equal(glob.glob(f"{state}/*.new"), [], "nothing is left")
h.done()
