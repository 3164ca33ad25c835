#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""This version beside the one before, which is built from this tree's history: either
recorder with either collector, and collectors and recorders replaced, and put back, under
live sessions.  Nothing is lost or doubled, and nobody who types notices."""
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import harness as h
import version_before

CONF = "acct = off\nprocess_events = no\nepoch_s = 3600\n"
ECHO = ["bash", "-c", "echo up; while read a; do [ $a = end ] && exit 5; echo got-$a; done"]
FLOOD = ["bash", "-c", "echo up; for i in {1..60}; do seq -f $i-%g 1 2000; sleep 0.1; done; "
                       "while read a; do [ $a = end ] && exit 5; done"]
OLD, NEW = "before", "this"
LATE = 2
PATIENCE = 10  # seconds for a line, on a machine that is busy with others


class Collector(h.Collector):
    """Of a version."""
    version = NEW

    def path(self):
        return program(self.version, "collector/shellacd")

    def launch(self, env=None):
        with open(self.log, "ab") as log:
            self.proc = subprocess.Popen([self.path(), "-d", self.dir, "-n"], stdin=subprocess.DEVNULL,
                                         stdout=log, stderr=log)

    def of(self, version):
        self.version = version
        return self

    def status(self):
        return self.objects("status")[0]


def program(version, name):
    return os.path.join(BEFORE if version == OLD else h.BUILD, name)


def session(c, version, argv=None):
    t = h.Terminal([program(version, "recorder/shellac-rec"), "-d", c.dir, "--", *(argv or ECHO)])
    t.argv = argv or ECHO
    return t


def up(t):
    return t.wait_for("up", 60)


def verdicts(c):
    return [(o["n"], o["status"]) for o in c.objects("verify") if "status" in o]


def all_right(c, terminals, name):
    """They end as ever, each is one session, complete and what was shown."""
    for t in terminals:
        if t.running():
            t.send("end\r")
    h.equal([t.wait() for t in terminals], [5] * len(terminals), f"{name}: the sessions end as ever")
    wanted = [(n + 1, "COMPLETE") for n in range(len(terminals))]
    h.eventually(60, lambda: verdicts(c) == wanted)
    h.equal(verdicts(c), wanted, f"{name}: each is there once and complete")
    raw = sorted(c.raw(n + 1) for n in range(len(terminals)))
    h.ok(raw == sorted(bytes(t.shown) for t in terminals), f"{name}: the records are what was shown")
    h.equal(c.auditor("rotate").returncode, 0, f"{name}: an epoch ends")
    run = c.auditor("verify", "--level", "2")
    h.ok(run.returncode == 0, f"{name}: all of it is proven", run.stdout + run.stderr)
    kinds = [e["type"] for e in c.objects("ledger")]
    h.equal((kinds.count("OPEN"), kinds.count("CLOSE"), kinds.count("GAP"), kinds.count("UNRECORDED")),
            (len(terminals), len(terminals), 0, 0), f"{name}: and nothing is missing")


def pair(recorder, collector):
    """Sessions that begin before, while and after nobody collects."""
    name = f"recorder of {recorder}, collector of {collector} version"
    c = Collector(os.path.join(h.work, recorder[0] + collector[0]), conf=CONF).of(collector).start()
    first = session(c, recorder)
    up(first)
    piped = subprocess.run([program(recorder, "recorder/shellac-rec"), "-d", c.dir, "--", "cat"],
                           input=b"not a terminal", stdout=subprocess.PIPE, check=False, timeout=60)
    h.equal((piped.returncode, piped.stdout), (0, b"not a terminal"), f"{name}: not a terminal")
    h.ok(c.closed(2), f"{name}: is a session too")
    if collector == NEW:
        h.equal(c.status()["older_recorders"], 1 if recorder == OLD else 0,
                f"{name}: the collector knows")
    c.kill()
    first.send("away\r")
    h.ok(first.wait_for("got-away", 20), f"{name}: it goes on while nobody collects")
    late = session(c, recorder)
    h.ok(up(late), f"{name}: another begins then")
    c.start()
    h.ok(h.eventually(30, lambda: c.status()["sessions"] == 2), f"{name}: both are taken up")
    last = session(c, recorder)
    up(last)
    for t in first, late, last:
        t.send("back\r")
        t.wait_for("got-back", 20)
        t.send("end\r")
    h.equal([t.wait() for t in (first, late, last)], [5] * 3, f"{name}: they end as ever")
    wanted = [(n, "COMPLETE") for n in (1, 2, 3, 4)]
    h.eventually(60, lambda: verdicts(c) == wanted)
    h.equal(verdicts(c), wanted, f"{name}: all of them are complete")
    h.ok(sorted(c.raw(n) for n in (1, 3, 4)) == sorted(bytes(t.shown) for t in (first, late, last)),
         f"{name}: the records are what was shown")
    c.stop()


class Typist(threading.Thread):
    """Types a line again and again; how long each took is in `took`."""

    def __init__(self, terminal):
        super().__init__(daemon=True)
        self.terminal, self.took, self.ended = terminal, [], threading.Event()
        self.start()

    def run(self):
        while not self.ended.is_set():
            text = f"line{len(self.took)}"
            begun = time.monotonic()
            self.terminal.send(text + "\r")
            while ("got-" + text + "\r").encode() not in self.terminal.shown[-4096:]:
                if time.monotonic() - begun > 60:
                    break
                time.sleep(0.002)
            self.took.append(time.monotonic() - begun)
            time.sleep(0.02)

    def stop(self):
        self.ended.set()
        self.join()


def switch(c, version, gently, begin, ending):
    """Another collector; meanwhile one session begins and one ends."""
    if gently:
        c.stop()
    else:
        c.kill()
    ending.send("end\r")
    begun = session(c, begin)
    up(begun)
    c.of(version).start()
    return begun


def collected(c):
    """How much of session 1 is in the store."""
    return os.path.getsize(c.files()[1])


def under_live_sessions():
    c = Collector(os.path.join(h.work, "live"), conf=CONF).of(OLD).start()
    typed, flood, idle = session(c, OLD), session(c, OLD, FLOOD), session(c, OLD)
    enders = [session(c, v) for v in (OLD, NEW, OLD, NEW)]
    everybody = [typed, flood, idle, *enders]
    for t in everybody:
        up(t)
    typist = Typist(typed)
    for i, (version, begin) in enumerate([(NEW, OLD), (OLD, NEW), (NEW, OLD), (NEW, NEW)]):
        typed_then = collected(c)
        everybody.append(switch(c, version, i % 2 == 1, begin, enders[i]))
        h.ok(h.eventually(60, lambda: collected(c) > typed_then and not enders[i].running()),
             f"the {version} version has taken over, and one that ends meanwhile ends")
    typist.stop()
    h.note(f"{len(typist.took)} lines, median {sorted(typist.took)[len(typist.took) // 2] * 1000:.1f} ms, "
           f"longest {max(typist.took) * 1000:.0f} ms")
    h.ok(max(typist.took) < PATIENCE and len(typist.took) > 20,
         "who types while collectors are replaced waits for none of them", str(max(typist.took)))
    idle.send("still\r")
    h.ok(idle.wait_for("got-still", 20), "an idle session is there")
    h.ok(h.eventually(30, lambda: c.status()["older_recorders"] == 5),
         "the collector counts the recorders of the version before", c.status()["older_recorders"])
    flood.wait_for("60-2000", 60)
    all_right(c, everybody, "after all that")
    c.stop()


def told_to_end_soon():
    """Collectors that end while sessions still are in their spools leave them to the next."""
    c = Collector(os.path.join(h.work, "soon"), conf=CONF).start()
    everybody = [session(c, OLD), session(c, NEW), session(c, OLD, FLOOD), session(c, NEW, FLOOD)]
    for t in everybody:
        up(t)
    for step in range(12):
        c.kill()
        time.sleep(0.15)
        c.start()
        time.sleep(step / 40)
        c.stop()
        c.start()
    for t in everybody[2:]:
        t.wait_for("60-2000", 60)
    all_right(c, everybody, "collectors that end early")
    c.stop()


def given(c, version, sock):
    """Started with this as descriptor 3, as a service manager does."""
    c.of(version)
    with open(c.log, "ab") as log:
        # pylint: disable=subprocess-popen-preexec-fn
        c.proc = subprocess.Popen(["sh", "-c", 'export LISTEN_PID=$$; exec "$0" -d "$1"', c.path(),
                                   c.dir], preexec_fn=lambda: os.dup2(sock.fileno(), 3),
                                  pass_fds=(3,), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  env={**os.environ, "LISTEN_FDS": "1"})


def flags(c, n):
    with open(c.closed(n), "rb") as f:
        return int.from_bytes(f.read(20)[18:20], "little")


def socket_that_stays():
    """A service manager's socket: recorders that come in between wait in it."""
    c = Collector(os.path.join(h.work, "given"), conf=CONF + "compress = no\n").start()
    c.stop()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.bind(c.dir + "/run/register.sock")
    sock.listen(64)
    given(c, OLD, sock)
    h.eventually(30, c.ready)
    everybody = [session(c, OLD)]
    up(everybody[0])
    for version, begin, gently in (NEW, OLD, True), (OLD, NEW, False), (NEW, NEW, True):
        if gently:
            c.stop()
        else:
            c.kill()
        everybody.append(session(c, begin))
        time.sleep(0.3)
        given(c, version, sock)
        up(everybody[-1])
        everybody[0].send(version + begin + "\r")
        everybody[0].wait_for("got-" + version + begin, 20)
    all_right(c, everybody, "with a socket that stays")
    h.equal([n for n in range(1, 5) if flags(c, n) & LATE], [],
            "with a socket that stays: each was registered before it began")
    c.stop()


class Detached(Collector):
    """Below the process that holds its socket."""

    def begin(self, version):
        return subprocess.run([self.of(version).path(), "-d", self.dir], stdin=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=60, check=False).returncode

    def pid(self):
        with open(self.dir + "/run/shellacd.pid", encoding="ascii") as f:
            return int(f.read())

    def holder(self):
        with open(f"/proc/{self.pid()}/stat", encoding="ascii") as f:
            return int(f.read().rpartition(")")[2].split()[1])

    def end(self):
        """One of the version before that is told to end takes a session that is in its
        spool at that moment for one that has ended."""
        pid, holder = self.pid(), self.holder()
        os.kill(holder, signal.SIGTERM if self.version == NEW else signal.SIGKILL)
        if self.version == OLD:
            os.kill(pid, signal.SIGKILL)
        h.eventually(30, lambda: not os.path.exists(f"/proc/{pid}") and not is_alive(holder))

    def _end(self):
        try:
            for pid in self.holder(), self.pid():
                os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError):
            pass


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def detached():
    c = Detached(os.path.join(h.work, "held"), conf=CONF)
    h.equal(c.begin(OLD), 0, "detached: the version before is ready")
    everybody = [session(c, OLD), session(c, NEW)]
    for t in everybody:
        up(t)
    h.equal(c.begin(NEW), 3, "detached: this one is refused while that is there")
    for version in NEW, OLD, NEW:
        c.end()
        everybody[0].send("in-between\r")
        everybody[0].wait_for("got-in-between", 20)
        h.equal(c.begin(version), 0, f"detached: {version} version takes over")
    h.eventually(30, c.ready)
    all_right(c, everybody, "detached")
    c.end()


def replaced_recorder():
    """The program is another file than the one that records; its name is the same."""
    c = Collector(os.path.join(h.work, "replaced"), conf=CONF).start()
    name = os.path.join(h.work, "shellac-rec")
    shutil.copy(program(OLD, "recorder/shellac-rec"), name)
    t = h.Terminal([name, "-d", c.dir, "--", "bash", "--norc", "--noprofile"],
                   env={"PS1": "$ ", "SHELL": "/bin/sh"})
    prompt = re.compile(rb"[#$] ")  # root's, and that of others
    for again in "", " again":
        shutil.copy(program(NEW, "recorder/shellac-rec"), name + ".new")
        os.rename(name + ".new", name)
        t.wait_for(prompt)
        t.send(f"{name} -d {c.dir}\r")
        t.wait_for(prompt)
        t.send("echo in''side-$SHLVL-$0\r")
        h.ok(t.wait_for(re.compile(rb"inside-\S*-\S*sh\b"), 20), f"replaced{again}, it runs a shell")
        h.equal(len(c.files()), 1, f"replaced{again}: which is no session inside of the session")
        t.wait_for(prompt)
        t.send("exit\r")
        t.wait_for(prompt)
        t.send("echo back-$0\r")
        h.ok(t.wait_for("back-bash", 20), f"replaced{again}: and left again")
    fresh = h.Terminal([name, "-d", c.dir, "--", "echo", "fresh"])
    h.equal(fresh.wait(), 0, "another terminal is recorded by the new one")
    t.send("exit 5\r")
    t.wait()
    h.ok(h.eventually(30, lambda: {s for _, s in verdicts(c)} == {"COMPLETE"}),
         "and all of them are complete", verdicts(c))
    c.stop()


def new_key():
    """In the configuration, of which the version before does not know."""
    c = Collector(os.path.join(h.work, "key"), conf=CONF + "metrics_every = 20\n").start()
    t = session(c, OLD)
    h.ok(up(t) and b"using the defaults" in t.shown,
         "a new key: a recorder of the version before takes the defaults", bytes(t.shown))
    t.send("end\r")
    h.equal((t.wait(), h.eventually(30, lambda: verdicts(c) == [(1, "COMPLETE")])), (5, True),
            "a new key: its session is complete")
    c.stop()
    run = subprocess.run([c.of(OLD).path(), "-d", c.dir, "-n"], stdin=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, check=False, timeout=60)
    h.ok(run.returncode == 1 and b"'metrics_every' is not a key" in run.stderr,
         "a new key: a collector of the version before does not start", run)
    with open(c.dir + "/shellac.conf", "w", encoding="utf-8") as f:
        f.write(CONF)
    h.equal(c.start().stop(), 0, "a new key: it does once that is removed")


BEFORE, WHY = version_before.programs()
if BEFORE is None:
    h.skip_all(WHY)
pair(OLD, NEW)
pair(NEW, OLD)
under_live_sessions()
told_to_end_soon()
socket_that_stays()
detached()
replaced_recorder()
new_key()
h.done()
