#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The trees of 53-trees.t while the collector is killed again and again, with accounting
alone: every process is there once, and none is another session's, nor nobody's.  Those of
sessions that began without a collector, or whose recorder was killed, may be uncertain."""
import os
import shutil
import signal
import time

import harness as h
import trees_world as t

PIDS = 4000
TREES = 80


def keeper_killed(collector):
    """What a session leaves when root ends its recorder is never said to be nobody's."""
    job = os.path.join(h.work, "shl-left")
    shutil.copy("/bin/sleep", job)
    line = f"trap '' HUP; (setsid {job} 0.6 &); echo up; {job} 0.8; {job} 0.1"
    terminal = h.record(collector, ["/bin/sh", "-c", line])
    terminal.wait_for("up")
    with open(f"/proc/{terminal.pid}/task/{terminal.pid}/children", encoding="ascii") as f:
        keeper = int(f.read().split()[0])
    time.sleep(0.2)
    os.kill(keeper, signal.SIGKILL)
    terminal.wait()
    rows = h.eventually(20, lambda: (lambda found: found if len(found) == 3 else None)(
        [row for row in collector.objects("procs") if row["comm"] == "shl-left"])) or []
    n = max(collector.files())
    h.ok(rows and all(row["session"] == n or row["reason"] == "broken" for row in rows),
         "what a killed recorder leaves is the session's, or uncertain", rows)


def main():
    t.own_init()
    seed, trees = t.seed_and_trees(TREES)
    t.small_pid_space(PIDS)
    collector = h.Collector(conf="acct_size = 65536\nprocess_events = no\n").start()
    world = t.World(collector, seed, trees)
    world.plant_under(t.kill_now_and_then, world.jobs())
    t.Judgement(world).tell(uncertain_of=4)
    keeper_killed(collector)
    h.equal(collector.stop(), 0, "the collector ends")
    h.done()


main()
