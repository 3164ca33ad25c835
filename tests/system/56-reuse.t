#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Process ids and terminal numbers that are given out again: by the second session on
the same terminal within a second, by a storm that goes around the process ids, by the
very next process of another session.  With accounting alone, in a pid namespace."""
import harness as h
import trees_reuse as r
import trees_world as t

STORM = 7000
PIDS = 8000
KNOWN_S = 2.1  # accounting alone knows seconds


def main():
    t.own_init()
    t.small_pid_space(PIDS)
    collector = h.Collector(conf="acct_size = 65536\nprocess_events = no\n").start()
    world = t.World(collector, 0, 0)
    r.same_terminal(collector)
    r.storm(collector, world, STORM)
    a, b, pid = r.Actor(collector, "a"), r.Actor(collector, "b"), r.free_pid()
    r.in_turn(collector, a, b, pid, KNOWN_S)
    r.looking_away(collector, a, b, pid, False)
    r.late_children(collector, a, b, pid, False)
    h.equal([a.end(), b.end()], [0, 0], "both sessions end")
    h.equal(collector.stop(), 0, "the collector ends")
    h.equal(collector.auditor("verify").returncode, 0, "verify is clean")
    h.done()


main()
