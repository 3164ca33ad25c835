#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The trees of 53-trees.t with process events: each process has its session, for sure.
In the initial namespaces, where the kernel tells of them: one such test at a time."""
import harness as h
import trees_reuse as r
import trees_world as t

STORM = 5000


def trees_grow(collector, seed, trees):
    world = t.World(collector, seed, trees)
    world.plant_under(t.stop_now_and_then, world.jobs() + world.shared_tmux())
    t.Judgement(world, events=True).tell(uncertain_of=1000000)
    return world


def same_tick(collector, a, pid):
    """Two lives of one process id in one tick are told apart by their number."""
    h.ok(a.do(f"tick {pid} tick"), "a process id is given out twice in a hundredth of a second")
    rows = [row for row in collector.objects("procs") if row["comm"].startswith("tick")]
    pairs = {}
    for row in sorted(rows, key=lambda row: row["comm"]):
        pairs.setdefault(row["comm"][:-1], []).append(row)
    same = [p for p in pairs.values() if len(p) == 2 and p[0]["start_ticks"] == p[1]["start_ticks"]]
    h.ok(same, "both have the same start",
         [(row["comm"], row["start_ticks"], row["ordinal"]) for row in rows])
    h.ok(all(p[0]["ordinal"] + 1 == p[1]["ordinal"] and p[0]["life"] != p[1]["life"]
             for p in same), "they are one and the next", same[-1:])
    h.equal({row["session"] for row in rows}, {a.n}, "in their session")


def reuse(collector, world):
    r.same_terminal(collector)
    r.storm(collector, world, STORM)
    a, b, pid = r.Actor(collector, "a"), r.Actor(collector, "b"), r.free_pid()
    r.in_turn(collector, a, b, pid, 0)
    r.looking_away(collector, a, b, pid, True)
    r.late_children(collector, a, b, pid, True)
    same_tick(collector, a, pid)
    h.equal([a.end(), b.end()], [0, 0], "both sessions end")


def main():
    h.with_machine_acct()
    seed, trees = t.seed_and_trees()
    collector = h.Collector(conf="acct_size = 65536\n").start()
    events = t.events_of(collector)
    if events.get("state") != "on":
        h.skip_all(f"no process events here: {events.get('reason')}")
    reuse(collector, trees_grow(collector, seed, trees))
    status = collector.objects("status")[0]
    for part in "acct", "events", "lives":
        h.note(f"{part}: {status.get(part)}")
    h.equal(collector.stop(), 0, "the collector ends")
    h.equal(collector.auditor("verify").returncode, 0, "verify is clean")
    h.done()


main()
