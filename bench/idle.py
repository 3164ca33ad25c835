#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""make bench-idle: a collector with very many sessions that do nothing: how much memory it
has, and of one core it takes, once all are up.  tests/system/idlegen.c is the sessions.

SESSIONS (default 10000), SECONDS (120).  What 10000 would take is computed from what so many
took: the memory from that of each session, the CPU from that of each heartbeat.  Limits are
for that, and beside one stands whether it was kept.  The exit status is 1 where a session is
lost.

The files are written by workers of the kernel, which write everybody else's, too."""
import os
import sys
import time

from processes import children, cpu_s

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/system"))
import harness as h  # pylint: disable=wrong-import-position
import idle_world  # pylint: disable=wrong-import-position

EVERY, AT_FIRST = 60, 30  # seconds, as shellac-rec does; in the first five minutes
WANTED = 10000
MEMORY_MB, CORE_PERCENT = 400, 2  # limits


def kernel_workers():
    """CPU seconds of each that there is."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8") as f:
                is_worker = f.read().startswith("kworker/")
            if is_worker:
                with open(f"/proc/{pid}/schedstat", encoding="utf-8") as f:
                    found[pid] = int(f.read().split()[0]) / 1e9
        except OSError:
            continue
    return found


def rss(pid):
    with open(f"/proc/{pid}/statm", encoding="utf-8") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def row(name, value, limit=None):
    words = "" if limit is None else f"limit {limit}: {'kept' if value <= limit else 'EXCEEDED'}"
    print(f"{name:<44}{value if isinstance(value, (int, str)) else f'{value:.2f}':>14}   {words}")


def rows(count, memory, used, took, syncs):
    """memory: with none, and with all; used: CPU of shellacd, its children, kernel workers."""
    each_kb, each_us = (memory[1] - memory[0]) / count / 1e3, used[0] / max(syncs, 1) * 1e6
    row("resident memory of shellacd, MB", memory[1] / 1e6)
    row("  for each session, KB", each_kb)
    row(f"  {WANTED} sessions, MB", memory[0] / 1e6 + each_kb * WANTED / 1e3, MEMORY_MB)
    row("heartbeats on disk in a second", syncs / took)
    row("of a core, shellacd, %", used[0] / took * 100)
    row("  for each heartbeat, us", each_us)
    row(f"  {WANTED} sessions, %", each_us / 1e6 * WANTED / EVERY * 100, CORE_PERCENT)
    row("  idle for less than five minutes all, %", each_us / 1e6 * WANTED / AT_FIRST * 100)
    row("of a core, its children, %", used[1] / took * 100)
    row("of a core, the kernel's workers, everybody's, %", used[2] / took * 100)


def main():
    count, seconds = [int(a) for a in sys.argv[1:3]] + [WANTED, 120][len(sys.argv) - 1:]
    wanted, count = count, idle_world.allowed(count)
    c = h.Collector(conf=idle_world.CONF + f"max_sessions = {count}\n").start()
    empty = rss(c.proc.pid)
    idle = idle_world.Idle(c, count, EVERY)
    if idle.up_s is None:
        sys.exit(c.text()[-2000:])
    time.sleep(EVERY)  # what begins has been stored and forgotten
    row("sessions", count)
    if count != wanted:
        print(f"  as many as the limit of open files allows, not {wanted}")
    row("seconds until all were up", idle.up_s[0])
    family = [c.proc.pid] + children(c.proc.pid)
    syncs, workers = c.objects("status")[0]["syncs"], kernel_workers()
    before, start = [cpu_s(p) for p in family], time.monotonic()
    time.sleep(seconds)
    used, took = [cpu_s(p) - b for p, b in zip(family, before)], time.monotonic() - start
    syncs = c.objects("status")[0]["syncs"] - syncs
    working = sum(s - workers.get(pid, 0) for pid, s in kernel_workers().items())
    rows(count, (empty, rss(c.proc.pid)), (used[0], sum(used[1:]), working), took, syncs)
    row("resident memory of its children, MB", sum(rss(p) for p in family[1:]) / 1e6)
    said = idle.end()
    good = said is not None and said[0] == said[1] + 2 * count and \
        h.eventually(300, lambda: c.objects("status")[0]["sessions"] == 0) and c.stop() == 0
    row("acks, heartbeats, slowest ack in ms", " ".join(str(int(v)) for v in said or []))
    statuses = [r["status"] for r in c.objects("list")]
    good = good and statuses == ["COMPLETE"] * count
    row("complete sessions", statuses.count("COMPLETE"))
    return 0 if good else 1


sys.exit(main())
