#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The collector is killed twenty times in a session of more than thirty seconds:
nothing is lost, nothing comes twice."""
import os
import random
import time

import harness as h

SEED = int(os.environ.get("SEED", "20261121"))
PACED = """
import os, sys, time
end = time.monotonic() + 32
n = 0
while time.monotonic() < end:
    os.write(1, b"line %d %s\\n" % (n, b"x" * (n * 7919 % 400)))
    n += 1
    time.sleep(0.005)
os.write(1, b"last %d\\n" % n)
"""


def main():
    rng = random.Random(SEED)
    h.note(f"seed {SEED}")
    collector = h.Collector(conf="compress = no\n").start()
    terminal = h.record(collector, [h.PYTHON, "-c", PACED])
    h.ok(terminal.wait_for("line 5 "), "the session goes")
    kills = 0
    while kills < 20 and terminal.running():
        time.sleep(rng.uniform(0.05, 2.2))
        if not terminal.running():
            break
        collector.kill()
        time.sleep(rng.choice((0, 0, 0.02, 0.3)))
        collector.start()
        kills += 1
    h.equal(kills, 20, "killed 20 times while it went")
    h.equal(terminal.wait(180), 0, "it ended as it should")
    h.ok(b"last " in terminal.shown, "and showed all")
    h.same_bytes(collector.raw(), bytes(terminal.shown), "the recording has exactly what was shown")
    verdict = collector.auditor("verify")
    h.equal(verdict.returncode, 0, "verify is clean")
    h.equal([o["n"] for o in collector.objects("list")], [1], "it is one session")
    path = collector.closed(1)
    h.ok(path and path.endswith(".shlc"), "closed", path)
    numbers = [f.number for f in h.frames(path)] if path else []
    h.equal(numbers, list(range(len(numbers))), "frames are numbered without a gap")
    h.equal(collector.stop(), 0, "the last collector ends cleanly")
    if any(line for line in collector.text().splitlines() if "ound " in line):
        h.note(collector.text()[-2000:])
    h.done()


main()
