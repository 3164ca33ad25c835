#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The trees of 53-trees.t while the collector is killed again and again, with accounting
alone: every process is there once, and none is another session's, nor nobody's.  Those of
sessions that began without a collector may be uncertain."""
import harness as h
import trees_world as t

PIDS = 4000
TREES = 80


def main():
    t.own_init()
    seed, trees = t.seed_and_trees(TREES)
    t.small_pid_space(PIDS)
    collector = h.Collector(conf="acct_size = 65536\nprocess_events = no\n").start()
    world = t.World(collector, seed, trees)
    world.plant_under(t.kill_now_and_then, world.jobs())
    t.Judgement(world).tell(uncertain_of=4)
    h.equal(collector.stop(), 0, "the collector ends")
    h.done()


main()
