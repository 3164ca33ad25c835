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


def slow_end():
    """A collector that is told to end while its disk is slow: what its recorders spool
    meanwhile is for the next one."""
    gate = os.path.join(h.work, "gate")
    collector = h.Collector(os.path.join(h.work, "slow"), env={
        "LD_PRELOAD": os.path.join(h.BUILD, "tests/collector/shim_sync.so"), "SHIM_SYNC": gate},
        conf="acct = off\nprocess_events = no\ncompress = no\n").start()
    terminal = h.record(collector, ["sh", "-c", "echo up; read -r a; seq 400000; exit 5"])
    terminal.wait_for("up\r")
    with open(gate, "w", encoding="ascii") as f:
        f.write("hold")
    collector.proc.terminate()
    h.eventually(30, lambda: "told to end" in collector.text())
    terminal.send("\r")
    terminal.wait_for("\n400000\r")
    os.unlink(gate)
    h.equal(collector.proc.wait(60), 0, "told to end on a slow disk, a collector ends")
    collector.start()
    h.equal(terminal.wait(180), 5, "a session that saw it ends as it should")
    path = collector.closed(1)
    h.ok(path and path.endswith(".shlc"), "is closed", path)
    h.equal(collector.raw(1), bytes(terminal.shown), "and has all that was shown")
    h.equal(collector.auditor("verify").returncode, 0, "as verify says")
    collector.stop()


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
    if not h.sanitized():
        slow_end()
    h.done()


main()
