#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Attacks beside the store: the host's clock set forth and back or made to run wrong,
and a spool changed while nobody collects."""
import json
import mmap
import os
import shutil
import struct
import time

import harness as h

SHIM = os.path.join(h.BUILD, "tests/collector/shim_wall.so")
CONF = "acct = off\nprocess_events = no\ncompress = no\nepoch_s = 1\n"
HEAD = 128  # of a spool


def verdict(collector, *args):
    """Exit status, (number, status), findings."""
    run = collector.auditor("verify", "--json", *args)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    return (run.returncode, [(o["n"], o["status"]) for o in found if "status" in o],
            [o for o in found if "kind" in o])


class Clock:
    """What the collector takes for the wall clock."""

    def __init__(self):
        path = os.path.join(h.work, "wall")
        with open(path, "wb") as f:
            f.write(bytes(8))
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 8)
        self.env = {"LD_PRELOAD": SHIM, "SHIM_WALL_FILE": path}

    def ahead(self, seconds):
        self.map[:] = struct.pack("<q", int(seconds * 1e9))


def steps(collector):
    return [e["step_ns"] / 1e9 for e in collector.objects("ledger") if e["type"] == "CLOCK"]


def clock_set():
    """Forth, back, and slewed: the ledger says by how much, verify that it was."""
    clock = Clock()
    c = h.Collector(os.path.join(h.work, "clock"), conf=CONF, env=clock.env).start()
    h.equal(h.record(c, ["true"]).wait(), 0, "a session")
    c.closed(1)
    h.ok(h.eventually(20, lambda: verdict(c, "--level", "2") == (0, [(1, "COMPLETE")], [])),
         "while the clock is right nothing is found", verdict(c))
    user = h.record(c, ["cat"])
    user.send("x\n")
    user.wait_for("x\r\nx")
    for at, step in ((3600, 3600), (-1800, -5400), (0, 1800)):
        clock.ahead(at)
        known = len(steps(c))
        h.ok(h.eventually(20, lambda: len(steps(c)) > known), f"the clock is set by {step} s")
        h.ok(abs(steps(c)[-1] - step) < 0.5, "and the ledger says by how much", steps(c))
    known = len(steps(c))
    for i in range(200):  # it runs a third too fast
        clock.ahead(i * 0.01)
        time.sleep(0.03)
    h.ok(h.eventually(20, lambda: sum(steps(c)[known:]) > 1.4), "a clock that runs wrong", steps(c))
    h.ok(sum(steps(c)[known:]) < 2.6, "is said to, too", steps(c))
    user.send(b"\x04")
    h.equal(user.wait(), 0, "the session that saw it all ends")
    c.closed(2)
    h.ok(h.eventually(20, lambda: c.auditor("verify", "--level", "2", "1", "2").returncode == 0),
         "is whole, as any session is", c.auditor("verify", "1", "2").stdout)
    code, sessions, found = verdict(c)
    h.equal((code, sessions), (1, [(1, "COMPLETE"), (2, "COMPLETE")]), "verify ends with 1")
    h.equal({f["kind"] for f in found}, {"clock"}, "and finds the clock")
    h.ok(any("+3600." in f["text"] for f in found) and any("-5400." in f["text"] for f in found),
         "with all that it was set by", found)
    c.stop()


def spooled():
    """A session whose second half is in its spool: the folder, and the spool in it."""
    c = h.Collector(os.path.join(h.work, "away"), conf=CONF).start()
    user = h.record(c, ["cat"])
    user.send("one\n")
    user.wait_for("one\r\none")
    time.sleep(0.5)
    c.kill()
    for word in ("two", "three", "four"):
        user.send(word + "\n")
        user.wait_for(f"{word}\r\n{word}")
        time.sleep(0.5)
    user.send(b"\x04")
    h.equal(user.wait(), 0, "a session ends while nobody collects")
    spool = [os.path.join(c.dir, "spool", n) for n in os.listdir(os.path.join(c.dir, "spool"))]
    h.equal(len(spool), 1, "it has a spool")
    return c.dir, os.path.relpath(spool[0], c.dir)


def frames_of(spool):
    """Its frames as (type, bytes), and what stands behind them."""
    (length,) = struct.unpack_from("<Q", spool, 8)
    data, at, found = spool[HEAD:HEAD + length], 0, []
    while at < len(data):
        size = 12 + struct.unpack_from("<H", data, at + 2)[0]
        found.append((data[at + 1], data[at:at + size]))
        at += size
    return found


def with_frames(spool, frames):
    data = b"".join(raw for _, raw in frames)
    new = bytearray(len(spool))
    new[:HEAD] = spool[:HEAD]
    new[HEAD:HEAD + len(data)] = data
    struct.pack_into("<Q", new, 8, len(data))
    return bytes(new)


def numbered(frames, first):
    """The same with numbers that fit."""
    return [(kind, raw[:4] + struct.pack("<Q", first + i) + raw[12:])
            for i, (kind, raw) in enumerate(frames)]


def attacks(frames):
    """Name, frames, and the first chunk that is not there any more."""
    seals = [i for i, (kind, _) in enumerate(frames) if kind == h.SEAL]
    first = struct.unpack_from("<Q", frames[0][1], 4)[0]
    middle = seals[1] + 1
    flip = lambda i, at: frames[:i] + [(frames[i][0], frames[i][1][:at] + bytes(
        [frames[i][1][at] ^ 1]) + frames[i][1][at + 1:])] + frames[i + 1:]
    out = next(i for i in range(middle, len(frames)) if frames[i][0] == h.OUTPUT)
    chunk_of = lambda i: struct.unpack_from(
        "<Q", frames[next(s for s in seals if s >= i)][1], 12 + 24)[0]
    bad = chunk_of(middle)
    yield "a bit of output", flip(out, 14), chunk_of(out)
    yield "a bit of a seal", flip(seals[2], 150), bad
    yield "a bit of a frame's header", flip(out, 1), chunk_of(out)
    yield "a chunk dropped", numbered(frames[:middle] + frames[seals[2] + 1:], first), bad
    yield "two chunks in another order", numbered(
        frames[:middle] + frames[seals[2] + 1:seals[3] + 1] + frames[middle:seals[2] + 1] +
        frames[seals[3] + 1:], first), bad
    yield "a chunk twice", numbered(frames[:seals[2] + 1] + frames[middle:], first), bad + 1
    yield "a frame put in", numbered(frames[:out + 1] + frames[out:], first), chunk_of(out)
    yield "the end left out", frames[:seals[2] + 1], bad + 1


def spool_changed():
    origin, path = spooled()
    with open(os.path.join(origin, path), "rb") as f:
        spool = f.read()
    frames = frames_of(spool)
    wrong = []
    for name, changed, chunk in [("nothing", frames, None), *attacks(frames)]:
        copy = os.path.join(h.work, "copy")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(origin, copy, symlinks=True, ignore=shutil.ignore_patterns("run"))
        os.chmod(copy, 0o700)
        with open(os.path.join(copy, path), "wb") as f:
            f.write(with_frames(spool, changed))
        c = h.Collector(copy).start()
        h.eventually(30, lambda: c.files() and not any(p.endswith(".live") for p in c.files().values()))
        code, sessions, found = verdict(c)
        wanted = (1, ["CUT"], [chunk]) if chunk else (0, ["COMPLETE"], [])
        if (code, [s for _, s in sessions], [f["chunk"] for f in found if f["kind"] == "cut"]) != wanted:
            wrong.append((name, code, sessions, found, c.text()[-500:]))
        c.kill()
    h.equal(wrong, [], "whatever is done to a spool, the session is cut right there")
    c = h.Collector(origin).start()  # its recorder has waited for that
    h.ok(h.eventually(20, lambda: verdict(c)[:2] == (0, [(1, "COMPLETE")])), "untouched it is whole")
    h.equal(c.stop(), 0, "the collector ends")


def in_the_making():
    """A spool without a header when its recorder was killed; and what never was one."""
    clock = Clock()
    c = h.Collector(os.path.join(h.work, "making"), conf=CONF, env=clock.env).start()
    c.stop()
    folder = os.path.join(c.dir, "spool")
    for name, content in (("ab" * 16, b""), ("cd" * 16, bytes(4096))):
        with open(os.path.join(folder, name + ".spool"), "wb") as f:
            f.write(content)
        os.chmod(f.name, 0o600)
    c.start()
    h.equal(len(os.listdir(folder)), 2, "spools in the making are left alone")
    c.stop()
    clock.ahead(120)
    c.start()
    h.eventually(20, lambda: len(os.listdir(folder)) == 1)
    h.equal(os.listdir(folder), ["cd" * 16 + ".spool.refused"],
            "later nothing is said of one without a header, and what is none is kept aside")
    c.stop()


def main():
    if h.sanitized():
        h.skip("the clock is set", "a sanitizer's runtime wants to be the first library")
    else:
        clock_set()
        in_the_making()
    spool_changed()
    h.done()


main()
