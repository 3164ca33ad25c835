#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The kernel kills the keeper for want of memory, or all of a cgroup is killed at once:
the session is CUT, with what it had, and never complete."""
import contextlib
import os
import signal
import time

import harness as h

LIMIT = 256 << 20
# Four, so that none of them is worth more to the kernel than who is offered to it first.
HOG = """
import os, time
print("begins", flush=True)
time.sleep(2)
for _ in range(3):
    if os.fork() == 0:
        break
kept = []
while len(kept) < 500:
    kept.append(bytearray(b"x") * (1 << 20))
    time.sleep(0.005)
"""


class Group:
    """A memory cgroup of our own, of version 1 or 2."""

    def __init__(self):
        roots = [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
                 ("/sys/fs/cgroup", "memory.max")]
        self.path = self.why = None
        for root, limit in roots:
            path = f"{root}/shellac-test-{os.getpid()}"
            try:
                os.mkdir(path)
                self.path = path
                self.write(limit, LIMIT)
                return
            except OSError as e:
                self.why = e
                self.remove()

    def write(self, name, value):
        with open(f"{self.path}/{name}", "w", encoding="ascii") as f:
            f.write(str(value))

    def pids(self):
        with open(f"{self.path}/cgroup.procs", encoding="ascii") as f:
            return [int(p) for p in f.read().split()]

    def kills(self):
        """Processes that the kernel killed in it for want of memory."""
        for name in ("memory.oom_control", "memory.events"):
            try:
                with open(f"{self.path}/{name}", encoding="ascii") as f:
                    return int(dict(line.split() for line in f)["oom_kill"])
            except FileNotFoundError:
                pass
        return 0

    def remove(self):
        if self.path:
            h.eventually(30, self.gone)
            self.path = None

    def gone(self):
        """Its last processes leave it some time after they have ended."""
        try:
            os.rmdir(self.path)
        except OSError:
            return False
        return True


def record_in(group, collector, argv):
    """As harness.record(), of a process that has moved into the group."""
    enter = f'echo $$ >{group.path}/cgroup.procs && exec "$@"'
    return h.Terminal(["/bin/sh", "-c", enter, "sh", h.REC, "-d", collector.dir, "--", *argv])


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return [int(p) for p in f.read().split()]


def kill_all(group):
    """At once: none of them acts on the others' ends."""
    for sig in (signal.SIGSTOP, signal.SIGKILL):
        for pid in group.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sig)


def is_cut(collector, n, name, seen):
    path = collector.closed(n)
    h.ok(path and path.endswith(".cut"), f"{name}: the file's name says cut", path)
    verdict = collector.auditor("verify", str(n))
    h.equal(verdict.returncode, 1, f"{name}: verify is not clean")
    status = collector.objects("verify", str(n))[0]["status"]
    h.ok(status in ("CUT", "UNSEALED"), f"{name}: it says what happened", status)
    h.ok(seen in collector.raw(n), f"{name}: what came before is there")


def out_of_memory(group, collector):
    terminal = record_in(group, collector, [h.PYTHON, "-c", HOG])
    h.ok(terminal.wait_for("begins"), "memory: the session goes")
    keeper, = children(terminal.pid)
    with open(f"/proc/{keeper}/oom_score_adj", "w", encoding="ascii") as f:
        f.write("1000")
    h.equal(terminal.wait(60), 125, "memory: the front says 125")
    h.ok(group.kills() > 0, "memory: by the kernel")
    kill_all(group)
    is_cut(collector, 1, "memory", b"begins")


def all_at_once(group, collector):
    terminal = record_in(group, collector, ["/bin/sh", "-c", "echo begins; read x"])
    h.ok(terminal.wait_for("begins"), "group: the session goes")
    time.sleep(0.3)
    pids = group.pids()
    h.ok(len(pids) == 3, "group: front, keeper and program are in it", pids)
    kill_all(group)
    terminal.wait(20)
    is_cut(collector, 2, "group", b"begins")


def main():
    group = Group()
    if group.path is None:
        h.skip_all(f"no memory cgroup can be made here: {group.why}")
    collector = h.Collector(conf="compress = no\n").start()
    try:
        out_of_memory(group, collector)
        all_at_once(group, collector)
        collector.stop()
    finally:
        kill_all(group)
        group.remove()
    h.done()


main()
