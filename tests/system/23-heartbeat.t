#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A session in which nothing happens says that it is there: each half minute at first, then
each minute; and where nothing can be recorded any more it waits without work."""
import struct
import threading
import time

import harness as h
from recorder_clock import Clock
from soak_users import children

SOON_S, LATER_S, SOON = 30, 60, 10
HEARTBEAT = 3  # kind of a SEAL, shellac-format(5)
TURNS_S = 0.2  # some of the recorder's, when the test sets its clocks


def heartbeats(collector):
    path, = collector.files().values()
    try:
        return sum(f.body[5] == HEARTBEAT for f in h.events(path, h.SEAL))
    except (AssertionError, IndexError, struct.error):
        return None  # while its last frame is written


def is_sealed(collector, text):
    """What was typed, its echo, and all behind them?"""
    path, = collector.files().values()
    try:
        found = h.frames(path)
    except (AssertionError, IndexError, struct.error):
        return False
    shown = b"".join(f.data for f in found if f.type == h.OUTPUT)
    return shown.count(text.encode()) == 2 and found[-1].type == h.SEAL


def types(collector, clock, terminal, text):
    terminal.send(text + "\r")
    for _ in "echo", "cat":
        terminal.wait_for(text)
    clock.add(1)  # what is open is sealed
    h.ok(h.eventually(30, lambda: is_sealed(collector, text)), f"{text} is sealed")


def comes_after(collector, clock, seconds, wanted):
    """The next one, and not a second before."""
    clock.add(seconds - 1)
    time.sleep(TURNS_S)
    early = heartbeats(collector)
    clock.add(1)
    return early == wanted - 1 and h.eventually(30, lambda: heartbeats(collector) == wanted)


def they_come():
    collector, clock = h.Collector(conf="acct = off\ncompress = no\n").start(), Clock()
    terminal = h.record(collector, ["/bin/cat"], env=clock.env)
    types(collector, clock, terminal, "first")
    for n in range(1, SOON + 4):
        apart = SOON_S if n <= SOON else LATER_S
        if not h.ok(comes_after(collector, clock, apart, n), f"heartbeat {n} after {apart} s"):
            return
    types(collector, clock, terminal, "second")
    h.ok(comes_after(collector, clock, SOON_S, SOON + 4), "and soon again once something happened")
    terminal.send("\x04")
    h.equal(terminal.wait(), 0, "it ends")
    h.equal(collector.auditor("verify").returncode, 0, "and is proven")
    collector.stop()


def cpu_s(pid):
    return time.clock_gettime((~pid << 3) | 2)  # clock_getcpuclockid(3)


class Running(Clock):
    """Goes on by itself."""

    def __init__(self):
        super().__init__()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        last = time.monotonic()
        while True:
            time.sleep(0.01)
            now = time.monotonic()
            self.add(now - last)
            last = now


def nothing_to_do():
    """The spool is full, bytes are lost, and then nothing happens."""
    collector = h.Collector(conf="acct = off\nspool_size = 2M\nfull_action = gap\n").start()
    clock = Running()
    terminal = h.record(collector, ["/bin/sh"], env=clock.env)
    terminal.send("echo re''ady\r")
    terminal.wait_for("ready")
    collector.kill()
    terminal.send("head -c 6000000 /dev/zero | tr '\\0' x; echo do''ne\r")
    h.ok(terminal.wait_for("done", 60), "a program goes on that cannot be recorded")
    family = [terminal.pid] + children(terminal.pid)
    clock.add(2 * LATER_S)
    time.sleep(1)
    before = sum(map(cpu_s, family))
    time.sleep(2)
    used = sum(map(cpu_s, family)) - before
    h.ok(len(family) > 1 and used < 0.5, "and its recorder rests while nothing happens", used)
    collector.start()
    terminal.send("exit\r")
    h.equal(terminal.wait(), 0, "it ends")
    collector.stop()


if h.sanitized():
    h.skip_all("sanitizers and preloaded objects do not go together")
they_come()
nothing_to_do()
h.done()
