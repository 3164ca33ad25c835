#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The start and the end of each session are told once, wherever the collector is killed: in
front of each call that writes, in sessions and at its start; and where the journal had no
room for them, that is told, also by a collector that follows one that was killed."""
import collections
import concurrent.futures
import glob
import json
import os
import resource
import shutil
import signal
import struct
import subprocess

import events_check as check
import harness as h

SHIM = os.path.join(h.BUILD, "tests/collector/shim_die.so")
CONF = "acct = off\nprocess_events = no\nepoch_s = 3600\nsync_ms = 1\ncompress = no\n"
AT_SESSION = 24  # shellac-format(5), event/told
BOTH = ("session-start", "session-end")
AT_ONCE = 6      # collectors: they mostly wait


class Host(h.Collector):
    """With a plugin that never acknowledges: the journal keeps all."""

    def __init__(self, name):
        super().__init__(os.path.join(h.work, name), conf=CONF)
        folder = os.path.join(self.dir, "plugins.d")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.taken, self.said = (os.path.join(self.dir, n) for n in ("taken", "said"))
        with open(os.path.join(folder, "take.conf"), "w", encoding="utf-8") as f:
            f.write(f"active = yes\npath = /bin/sh\nargs = -c 'exec cat >>{self.taken}'\n"
                    "type = always\nformat = json\nacks = yes\noverflow_action = block\n")

    def session(self, *argv):
        before = len(self.files())
        terminal = h.record(self, argv or ["true"])
        h.eventually(20, lambda: len(self.files()) > before)
        return terminal

    def told(self):
        """Of each session, how often its start and its end."""
        count = collections.Counter((e["event"]["action"], e["shellac"]["session"]["n"])
                                    for e in check.journal(self.dir)
                                    if e["event"]["action"] in BOTH)
        return {n: [count[action, n] for action in BOTH] for n in self.files()}

    def rests(self):
        return h.eventually(20, lambda: not any(p.endswith(".live") for p in self.files().values()))

    def wrong(self):
        return {n: v for n, v in self.told().items() if v != [1, 1]}

    def segments(self):
        return sorted(glob.glob(os.path.join(self.dir, "store/event/*.jsonl")))

    def killed_at(self, n, wait=False):
        """Launched; 0 where it is not killed."""
        env = {"LD_PRELOAD": SHIM, "SHIM_DIE": str(n), "SHIM_SAID": self.said}
        self.launch({**env, "SHIM_WAIT": "1"} if wait else env)
        h.eventually(30, lambda: self.proc.poll() is not None or self.ready())
        return self.proc.poll() is not None


def killed_in_sessions():
    host = Host("sessions").start()
    host.stop()
    bad, kills = [], 0
    for n in range(1, 40):
        host.killed_at(n, wait=True)
        terminal = host.session()
        terminal.wait()
        killed = h.eventually(0.3, lambda: host.proc.poll() is not None)
        if not killed:
            host.kill()
        kills += bool(killed)
        host.start()
        if not h.eventually(20, lambda: host.rests() and not host.wrong()):
            bad.append((n, host.wrong()))
        host.stop()
        if not killed and n > 8:
            break
    h.ok(kills > 8, f"killed at each of {kills} calls in a session", host.text()[-500:])
    h.equal((bad, host.wrong()), ([], {}), "its start and its end are told once")


def drop_lines(host, *dropped):
    """Events of sessions that the journal is not to have."""
    for path in host.segments():
        with open(path, "rb") as f:
            lines = f.read().splitlines(True)
        with open(path, "wb") as f:
            for line in lines:
                e = json.loads(line)
                if (e["event"]["action"], e["shellac"].get("session", {}).get("n")) not in dropped:
                    f.write(line)


def base_of_starts():
    """What a killed collector left: session 1 has ended, and its file not the name yet; 2 is
    live, without a recorder, and its start untold, though that of 3 was told; the end of 3 is not
    in the ledger.  Neither end is told."""
    host = Host("base").start()
    host.session().wait()
    host.closed(1)
    live = host.session("sleep", "100")
    host.session().wait()
    host.closed(3)
    host.kill()
    os.kill(live.pid, signal.SIGKILL)
    path = host.files()[1]
    os.rename(path, path + ".live")
    drop_lines(host, ("session-end", 1), ("session-start", 2), ("session-end", 3))
    with open(os.path.join(host.dir, "store/event/told"), "r+b") as f:
        f.seek(AT_SESSION)
        f.write(struct.pack("<Q", 2))
    with open(os.path.join(host.dir, "store/ledger/log"), "r+b") as f:
        f.truncate(os.path.getsize(f.name) - 3)
    return host


def killed_at_start(base, n):
    """Which call that was, and what is told wrongly then; None: there are not so many."""
    name = f"copy{n}"
    shutil.copytree(base.dir, os.path.join(h.work, name), symlinks=True,
                    ignore=shutil.ignore_patterns("run", "spool"))
    os.chmod(os.path.join(h.work, name), 0o700)
    host = Host(name)
    if not host.killed_at(n):
        host.kill()
        return None
    host.start()
    host.rests()
    h.eventually(3, lambda: not host.wrong())
    host.kill()
    with open(host.said, encoding="ascii") as f:
        return f.read(), host.wrong()


def killed_at_starts():
    base = base_of_starts()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        found = [r for r in pool.map(lambda n: killed_at_start(base, n), range(1, 80)) if r]
    h.ok(len(found) > 10, f"killed at each of {len(found)} calls of a start", found)
    h.equal([r for r in found if r[1]], [], "what was found there is told once")


class Bounded(Host):
    """No file of it grows beyond what its journal has: that is the longest."""

    held = ()

    def launch(self, env=None):
        with open(self.log, "ab") as log:
            # pylint: disable=consider-using-with,subprocess-popen-preexec-fn
            self.proc = subprocess.Popen([h.SHELLACD, "-d", self.dir, "-n"], stdout=log, stderr=log,
                                         stdin=subprocess.DEVNULL, preexec_fn=lambda:
                                         signal.signal(signal.SIGXFSZ, signal.SIG_IGN))

    def bound(self, last):
        """And there is no other segment behind this number."""
        size = os.path.getsize(self.segments()[-1])
        resource.prlimit(self.proc.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        self.held = [os.path.join(self.dir, f"store/event/{last + i:020}.jsonl")
                     for i in range(2, 9)]
        for path in self.held:
            os.mkdir(path)

    def unbound(self):
        for path in self.held:
            os.rmdir(path)


def lost():
    """CLOSE finds room and its event does not; then the collector is killed."""
    host = Bounded("lost").start()
    for _ in range(20):
        host.session().wait()
        host.rests()
    terminal = host.session("sh", "-c", "read x")
    h.eventually(20, lambda: host.told()[21] == [1, 0])
    last = check.journal(host.dir)[-1]["event"]["sequence"]
    host.bound(last)
    terminal.send("\r")
    terminal.wait()
    h.ok(host.closed(21) and "events are lost" in host.text(), "the journal has no room for an end")
    host.kill()
    host.unbound()
    host.start()
    host.session().wait()
    host.rests()
    h.equal(host.wrong(), {21: [1, 0]}, "what was lost does not come")
    found = [e["event"]["sequence"] for e in check.journal(host.dir)]
    h.ok(last + 1 not in found and max(found) > last + 2, "nothing else has its number",
         (last, found[-5:]))

    def events_lost():
        with open(host.taken, encoding="utf-8") as f:
            return [e["shellac"]["lost"] for e in map(json.loads, f.read().split("\n")[:-1])
                    if e["event"]["action"] == "events-lost"]
    h.eventually(20, events_lost)
    h.equal([e["from"] for e in events_lost()], [last + 1], "and the plugin hears so")
    h.equal(host.stop(), 0, "the collector ends")


def main():
    if h.sanitized():
        h.skip("a killed collector", "a sanitizer bears no preloaded object")
    else:
        killed_in_sessions()
        killed_at_starts()
    lost()
    h.done()


main()
