#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""make bench-scale: a thousand live sessions of the real recorder beside ten, one after the
other in one run: of ten users four type, one builds, two look at something that redraws
itself and three are away; bench/scaleuser.c has the rates.

SESSIONS (default 1000), SECONDS_EACH (60), SEED.  As root it has a pid namespace of its own,
and with it the kernel's accounting.  The exit status is 1 where something was lost, came
twice or is not proven; the other limits are printed beside what was measured."""
import hashlib
import json
import os
import subprocess
import sys
import time

from processes import children, cpu_s

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/system"))
import harness as h  # pylint: disable=wrong-import-position

DRIVE = os.path.join(h.BUILD, "bench/scaledrive")
ACT = os.path.join(h.BUILD, "bench/scaleact")
FEW = 10
CONF = "compress = yes\n"
MARK_LATE = 3


def machine():
    """Seconds that all cores were idle, and all seconds."""
    with open("/proc/stat", encoding="utf-8") as f:
        ticks = [int(word) for word in f.readline().split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


class Moment:
    def __init__(self, collector):
        pid = collector.proc.pid
        self.cpu = cpu_s(pid) + sum(cpu_s(child) for child in children(pid))
        self.status = collector.objects("status")[0]
        self.idle, self.ticks = machine()
        self.at = time.monotonic()


class World:
    def __init__(self, count, seconds, seed):
        self.count, self.bad = count, []
        conf = CONF if os.geteuid() == 0 else CONF + "acct = off\n"
        self.collector = h.Collector(os.path.join(h.work, f"d{count}"), conf=conf).start()
        argv = [DRIVE, str(count), str(seconds), str(seed), h.REC, "-d", self.collector.dir, "--", ACT]
        # pylint: disable=consider-using-with
        self.drive = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        h.at_end(lambda: self.drive.poll() is None and self.drive.kill())
        self.up_s = float(self.said("up")[1])
        time.sleep(2)
        before = Moment(self.collector)
        self.go_on()
        self.said("still")
        self.measure(before, Moment(self.collector))
        self.read_live()
        self.go_on()
        self.hear_users()
        self.check()

    def said(self, word):
        words = self.drive.stdout.readline().split()
        if not words or words[0] != word:
            sys.exit(f"bench-scale: the driver ends with {self.drive.wait()}, it said {words}\n"
                     + self.collector.text()[-2000:])
        return words

    def go_on(self):
        self.drive.stdin.write("\n")
        self.drive.stdin.flush()

    def measure(self, a, b):
        self.seconds = b.at - a.at
        self.stream = b.status["bytes"] - a.status["bytes"]
        self.cpu = b.cpu - a.cpu
        self.syncs = b.status["syncs"] - a.status["syncs"]
        self.acks = b.status["acks"] - a.status["acks"]
        self.busy = 1 - (b.idle - a.idle) / (b.ticks - a.ticks)
        self.rss = self.collector.memory()[0]

    def read_live(self):
        """While files are as they were written: lines that went on without their ack, and
        what was typed."""
        self.late, self.lines = 0, {}
        for n, path in self.collector.files().items():
            found = h.frames(path)
            self.late += sum(f.type == h.MARK and f.data[0] == MARK_LATE for f in found)
            self.lines[n] = h.typed(found).count(b"\r")

    def hear_users(self):
        self.users, self.enter = [], ["enter", "0", "0", "0", "0"]
        for line in self.drive.stdout:
            words = line.split()
            if words[0] == "user":
                self.users.append(words[1:])
            else:
                self.enter = words
        if self.drive.wait() != 0:
            self.bad.append("somebody could not leave")

    def check(self):
        if not h.eventually(120, lambda: self.collector.objects("status")[0]["sessions"] == 0):
            self.bad.append("not all sessions are closed")
        self.hwm = self.collector.memory()[1]
        if self.collector.stop() != 0:
            self.bad.append("the collector does not end well")
        verify = self.collector.auditor("verify")
        if verify.returncode != 0:
            self.bad.append("verify: " + verify.stdout.decode()[-600:])
        rows = {row["args"].split()[-1]: row for row in self.collector.objects("list")}
        if len(rows) != self.count or len(self.users) != self.count:
            self.bad.append(f"{len(rows)} sessions are stored, {len(self.users)} were had")
        for user in self.users:
            self.check_user(rows.get(user[0]), *user)
        self.check_processes()

    def check_user(self, row, i, kind, lines, typed, shown, _, status, digest):
        """What the terminal showed and what was typed is what is stored, no more, no less."""
        if row is None:
            self.bad.append(f"user {i}: no session")
            return
        raw = self.collector.raw(row["n"])
        # the line with which it left was typed behind read_live()
        got = (row["status"], row["exit"], row["bytes_in"], self.lines.get(row["n"]), len(raw),
               hashlib.blake2b(raw, digest_size=32).hexdigest())
        wanted = ("COMPLETE", int(status), int(typed), int(lines) - 1, int(shown), digest)
        if got != wanted:
            self.bad.append(f"user {i}, {kind}: stored {got}, had {wanted}")

    def check_processes(self):
        if os.geteuid() != 0:
            return
        out = self.collector.auditor("procs", "--json", "command", "^true$").stdout.decode()
        of_sessions = sum(json.loads(line)["session"] is not None for line in out.splitlines())
        begun = sum(int(user[5]) for user in self.users)
        if of_sessions != begun:
            self.bad.append(f"of {begun} processes {of_sessions} are stored as a session's")

    def ms_per_mb(self):
        return self.cpu * 1000 / (self.stream / 1e6)


def row(name, values, limit=""):
    print(f"{name:<44}" + "".join(f"{v:>12}" for v in values) + f"   {limit}")


def table(worlds):
    row("live sessions", [w.count for w in worlds])
    row("recorded, MB", [f"{w.stream / 1e6:.2f}" for w in worlds])
    row("in seconds", [f"{w.seconds:.0f}" for w in worlds])
    row("both cores busy, %", [f"{w.busy * 100:.0f}" for w in worlds])
    row("log-in of all, s", [f"{w.up_s:.2f}" for w in worlds])
    row("collector: CPU ms per recorded MB", [f"{w.ms_per_mb():.1f}" for w in worlds])
    row("  as a ratio", [f"{w.ms_per_mb() / worlds[0].ms_per_mb():.2f}" for w in worlds], "<= 2")
    row("  % of a core", [f"{w.cpu / w.seconds * 100:.1f}" for w in worlds])
    row("  syncs", [w.syncs for w in worlds])
    row("  acknowledgements", [w.acks for w in worlds])
    row("  resident MB", [f"{w.rss / 1e6:.1f}" for w in worlds], "< 200")
    row("  at most, to the end", [f"{w.hwm / 1e6:.1f}" for w in worlds], "< 200")
    row("Enter to its answer: lines", [w.enter[1] for w in worlds])
    for i, name in (2, "p50"), (3, "p99"), (4, "longest"):
        row(f"  {name}, ms", [f"{int(w.enter[i]) / 1000:.2f}" for w in worlds],
            "< 20" if name == "p99" else "")
    row("  lines that went on without their ack", [w.late for w in worlds])
    row("lost, doubled or not proven", [len(w.bad) for w in worlds], "0")


def main():
    count, seconds = int(os.environ.get("SESSIONS", "1000")), int(os.environ.get("SECONDS_EACH", "60"))
    seed = int(os.environ.get("SEED", "20261122"))
    if os.geteuid() == 0:
        h.own_pid_namespace()
    print(f"seed {seed}")
    worlds = [World(n, seconds, seed) for n in (FEW, count)]
    table(worlds)
    for world in worlds:
        for line in world.bad[:20]:
            print(f"{world.count} sessions: {line}")
    sys.exit(1 if any(world.bad for world in worlds) else 0)


main()
