#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""make bench-idle: a collector with very many sessions that do nothing: how much memory it
has, and of one core it takes, once all are up.  tests/system/idlegen.c is the sessions.

SESSIONS (default 10000), SECONDS (90).  The exit status is 1 where a session is lost; the
limits are printed beside what was measured."""
import os
import sys
import time

from processes import children, cpu_s

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/system"))
import harness as h  # pylint: disable=wrong-import-position
import idle_world  # pylint: disable=wrong-import-position

EVERY = 30  # seconds, as shellac-rec does


def rss(pid):
    with open(f"/proc/{pid}/statm", encoding="utf-8") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def row(name, value, limit=""):
    print(f"{name:<44}{value:>14}   {limit}")


def main():
    count, seconds = [int(a) for a in sys.argv[1:3]] + [10000, 90][len(sys.argv) - 1:]
    wanted, count = count, idle_world.allowed(count)
    c = h.Collector(conf=idle_world.CONF + f"max_sessions = {count}\n").start()
    empty = rss(c.proc.pid)
    idle = idle_world.Idle(c, count, EVERY)
    if idle.up_s is None:
        sys.exit(c.text()[-2000:])
    time.sleep(EVERY)  # what begins has been stored and forgotten
    family = [c.proc.pid] + children(c.proc.pid)
    before, start = [cpu_s(p) for p in family], time.monotonic()
    syncs = c.objects("status")[0]["syncs"]
    time.sleep(seconds)
    used, took = [cpu_s(p) - b for p, b in zip(family, before)], time.monotonic() - start
    syncs = c.objects("status")[0]["syncs"] - syncs
    memory = rss(c.proc.pid)
    row("sessions", count, "" if count == wanted else f"{wanted} are too many open files")
    row("seconds until all were up", f"{idle.up_s[0]:.1f}")
    row("resident memory of shellacd, MB", f"{memory / 1e6:.1f}", "limit 400 for 10000 sessions")
    row("  for each session, KB", f"{(memory - empty) / count / 1e3:.1f}")
    row("of its children, MB", f"{sum(rss(p) for p in family[1:]) / 1e6:.1f}")
    row("of a core, shellacd, %", f"{used[0] / took * 100:.2f}", "limit 2, likewise")
    row("of a core, its children, %", f"{sum(used[1:]) / took * 100:.2f}")
    row("heartbeats synced in a second", f"{syncs / took:.1f}")
    row("CPU for each, us", f"{used[0] / max(syncs, 1) * 1e6:.1f}")
    said = idle.end()
    good = said is not None and said[0] == said[1] + 2 * count and \
        h.eventually(300, lambda: c.objects("status")[0]["sessions"] == 0) and c.stop() == 0
    row("acks, heartbeats, slowest ack in ms", " ".join(str(int(v)) for v in said or []))
    statuses = [r["status"] for r in c.objects("list")]
    good = good and statuses == ["COMPLETE"] * count
    row("complete sessions", statuses.count("COMPLETE"))
    return 0 if good else 1


sys.exit(main())
