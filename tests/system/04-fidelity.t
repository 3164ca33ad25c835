#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What comes out of a recording is what a bare terminal would have shown, byte
for byte, and times and window sizes are those that were."""
import os
import struct

import harness as h
from recorder_clock import START_NS, Clock

GENERATOR = os.path.join(h.HERE, "generate.py")


def show(argv):
    terminal = h.Terminal(argv)
    status = terminal.wait(120)
    return status, bytes(terminal.shown)


def bytes_are_the_same(collector):
    for kind in ("bulk", "binary", "single", "invalid", "redraw", "raw"):
        status, bare = show([h.PYTHON, GENERATOR, kind])
        h.equal(status, 0, f"{kind}: the generator on a bare terminal")
        status, shown = show([h.REC, "-d", collector.dir, "--", h.PYTHON, GENERATOR, kind])
        h.equal(status, 0, f"{kind}: recorded")
        h.same_bytes(shown, bare, f"{kind}: the terminal shows the same")
        h.same_bytes(collector.raw(), bare, f"{kind}: cat --raw gives the same")
    h.equal(collector.auditor("verify").returncode, 0, "verify is clean")


def times_are_exact(collector):
    clock = Clock()
    terminal = h.record(collector, [h.PYTHON, GENERATOR, "echo"], env=clock.env, rows=24, cols=80)
    if not h.ok(terminal.wait_for("ready"), "a session whose clock the test sets starts"):
        return
    start, wanted = START_NS, {}
    steps = [1, 999, 1_000_003, 77_777_777, 3_600 * 10**9 + 1, 12_345_678_901]
    for i, step in enumerate(steps):
        start += step
        clock.set(start)
        name = b"<%d>" % i
        terminal.send(name + b"\n")
        terminal.wait_for(b"[" + name + b"]")
        wanted[name] = start
    windows = []
    for i, (rows, cols) in enumerate(((50, 132), (1, 1), (24, 80), (65535, 4000))):
        start += 10**9 + i
        clock.set(start)
        terminal.resize(rows, cols)
        terminal.wait_for(f"window {rows} {cols}.")
        windows.append((start, rows, cols))
    start += 5
    clock.set(start)
    terminal.send("\x04")
    h.equal(terminal.wait(), 0, "it ends")
    path = collector.closed(max(collector.files()))
    found = h.frames(path)
    zero = start - found[-2].time if found[-1].type == h.SEAL else None
    base = START_NS
    first = {f.data: f.time for f in found if f.type == h.INPUT}
    offset = {first.get(name + b"\n", -1) + base - t for name, t in wanted.items()}
    h.equal(len(offset), 1, "all lines typed are there with the right distance in time")
    offset = offset.pop() if len(offset) == 1 else 0
    echoed = {name: t for name, t in wanted.items()
              if any(f.type == h.OUTPUT and b"[" + name + b"]" in f.data and
                     f.time + base - offset == t for f in found)}
    h.equal(echoed, wanted, "what was shown has the exact time")
    seen = [(f.time + base - offset, *struct.unpack("<HH", f.data[:4]))
            for f in found if f.type == h.WINDOW]
    h.equal(seen, windows, "window changes have their time and size")
    if zero is not None:
        elapsed = struct.unpack_from("<Q", found[-1].body, 144)[0]
        h.equal(elapsed, sum_of_dt(found), "the sum of the differences is the session's length")


def sum_of_dt(found):
    return sum(h.varint(f.body, 0)[0] for f in found if f.type >= h.BEGIN)


def main():
    collector = h.Collector(conf="compress = no\n").start()
    bytes_are_the_same(collector)
    if h.sanitized():
        h.skip("times", "sanitizers and preloaded objects do not go together")
    else:
        times_are_exact(collector)
    h.done()


main()
