#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The keeper is killed in mid-output: the session is CUT, everything that was on
the screen is in it, what no seal covers is marked so."""
import os
import signal
import struct
import time

import harness as h

LINES = """
import os, time
n = 0
while True:
    os.write(1, b"line %d\\n" % n)
    n += 1
    time.sleep({pause})
"""


def keeper_pid(path):
    """The process id in the certificate."""
    return struct.unpack_from("<I", h.frames(path)[0].body, 112)[0]


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return [int(p) for p in f.read().split()]


def round_(collector, n, pause, seconds):
    terminal = h.record(collector, [h.PYTHON, "-c", LINES.replace("{pause}", str(pause))])
    h.ok(terminal.wait_for("line 3"), f"{n}: the session goes")
    time.sleep(seconds)
    path = collector.files()[n]
    keeper = keeper_pid(path)
    h.ok(keeper == terminal.pid or keeper in children(terminal.pid),
         f"{n}: the certificate names the keeper")
    inner = children(keeper)
    os.kill(keeper, signal.SIGKILL)
    h.equal(terminal.wait(20), 125, f"{n}: the front says 125")
    h.equal(terminal.modes()[3] & 0o12, 0o12, f"{n}: the terminal is cooked again")
    shown = bytes(terminal.shown)
    path = collector.closed(n)
    h.ok(path and path.endswith(".cut"), f"{n}: the file's name says cut", path)
    raw = collector.raw(n)
    on_screen = shown[:shown.rfind(b"line ")]
    h.ok(raw.startswith(on_screen[:len(raw)]) and len(raw) >= len(on_screen),
         f"{n}: all that was on the screen is in the recording",
         f"{len(raw)} of {len(on_screen)}: {raw[-60:]!r} {shown[-90:]!r}")
    verdict = collector.auditor("verify", str(n))
    h.equal(verdict.returncode, 1, f"{n}: verify is not clean")
    status = collector.objects("verify", str(n))[0]["status"]
    h.ok(status in ("CUT", "UNSEALED"), f"{n}: it says what happened", status)
    h.ok("COMPLETE" not in verdict.stdout.decode(), f"{n}: and never complete")
    found = h.frames(path)
    if found[-1].type != h.SEAL:
        h.ok(b"UNSEALED" in verdict.stdout.upper(), f"{n}: unsealed frames are named",
             verdict.stdout)
    h.ok(h.eventually(20, lambda: not any(os.path.exists(f"/proc/{p}") and alive(p)
                                          for p in inner)),
         f"{n}: the program got its hang-up")
    return found[-1].type != h.SEAL


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def main():
    collector = h.Collector(conf="compress = no\n").start()
    unsealed = 0
    for n, (pause, seconds) in enumerate(((0.002, 0.3), (0.0001, 0.5), (0.03, 0.41), (0.3, 0.45)), 1):
        unsealed += round_(collector, n, pause, seconds)
    h.ok(unsealed > 0, "some of them had frames that no seal covers")
    h.equal(h.record(collector, ["/bin/true"]).wait(), 0, "the next session is fine")
    collector.stop()
    h.equal(collector.auditor("verify", "5").returncode, 0, "and complete")
    h.done()


main()
