#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Trees of processes made to be hard to attribute, from a seed, with accounting
alone: no process is ever told to be another session's, hardly one is uncertain.
In a pid namespace of the test's own, with few process ids."""
import harness as h
import trees_world as t

PIDS = 4000


def main():
    t.own_init()
    seed, trees = t.seed_and_trees()
    t.small_pid_space(PIDS)
    collector = h.Collector(conf="acct_size = 65536\n").start()
    world = t.World(collector, seed, trees)
    world.plant_under(t.stop_now_and_then, world.jobs() + world.shared_tmux())
    judged = t.Judgement(world)
    judged.tell()
    h.note(collector.objects("status")[0].get("acct"))
    h.equal(collector.stop(), 0, "the collector ends")
    h.equal(collector.auditor("verify").returncode, 0, "verify is clean")
    h.done()


main()
