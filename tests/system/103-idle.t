#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""500 sessions that do nothing: each is there and stays, none is lost, and the collector
has as little to do as they."""
import harness as h
import idle_world

COUNT = 500

if idle_world.allowed(COUNT) < COUNT:
    h.skip_all("too few open files are allowed")
c = h.Collector(conf=idle_world.CONF + f"max_sessions = {COUNT}\n").start()
idle = idle_world.Idle(c, COUNT, 4, wake=7)  # a second of it is the disk's
h.ok(idle.up_s, f"{COUNT} sessions begin")
status = c.objects("status")[0]
h.equal((status["sessions"], status["cut"], status["refused"]), (COUNT, 0, 0), "all are live")
beats = status["syncs"] + 2 * COUNT
h.ok(h.eventually(120, lambda: c.objects("status")[0]["syncs"] >= beats),
     "they are heard of again and again, and each time it is on disk")
h.equal(len([r for r in c.objects("list") if r["status"] == "LIVE"]), COUNT, "shellac lists them")
h.equal(c.auditor("verify").returncode, 0, "what is there by then is proven")

said = idle.end()
h.ok(said is not None and said[0] == said[1] + 2 * COUNT,
     "each seal of each session was acknowledged", f"acks, heartbeats, slowest: {said}")
h.ok(h.eventually(120, lambda: c.objects("status")[0]["sessions"] == 0), "all end")
rows = c.objects("list")
h.equal((len(rows), sorted({r["status"] for r in rows})), (COUNT, ["COMPLETE"]), "all are complete")
h.equal([r["n"] for r in rows], list(range(1, COUNT + 1)), "with the numbers that they were given")
h.equal(c.auditor("verify").returncode, 0, "and proven")
h.equal(c.stop(), 0, "the collector ends cleanly")
h.done()
