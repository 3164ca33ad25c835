#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Evidence before effect: a program gets a typed line when the line is on disk, and
not before, but at most evidence_ms later; the record says when it was too late."""
import os
import re
import subprocess
import time

import harness as h

SHIM = os.path.join(h.BUILD, "tests/collector/shim_sync.so")
HELD, LATE = 2, 3
PATIENCE = 1.0  # seconds; the most that evidence_ms can be

# Answers each read with [what it read|was it on disk]: was it in the first bytes of
# the session's file, as many as the last fdatasync had seen?
READER = """
import os, struct, sys, tty
mode, store, synced = sys.argv[1:]
if mode == "raw":
    tty.setraw(0)
def on_disk(word):
    try:
        size = int(open(synced).read())
    except (OSError, ValueError):
        size = 0
    for folder, _, names in os.walk(store):
        for name in names:
            if name.endswith(".live"):
                with open(os.path.join(folder, name), "rb") as f:
                    return word in typed(f.read(size))
def typed(data):
    at, found = 0, b""
    while at < len(data):
        kind, size = struct.unpack_from("<BH", data, at + 1)
        body = data[at + 12:at + 12 + size]
        if kind == 0x12:
            for _ in "dt", "age":
                while body[0] >= 0x80:
                    body = body[1:]
                body = body[1:]
            found += body
        at += 12 + size
    return found
os.write(1, b"up\\r\\n")
line = b""
while True:
    got = os.read(0, 65536)
    if mode == "raw":
        os.write(1, got)
        line += got
        if not got[-1:] in b"\\r\\n":
            continue
        got, line = line, b""
    if not got or got[:3] == b"bye":
        break
    word = got.strip()
    os.write(1, b"[%s|%s]\\r\\n" % (word, b"yes" if on_disk(word) else b"no"))
"""
# says how many lines have come, and every window size; prints all along
COUNTER = """
import os, signal, sys, threading, time
def size(*_):
    s = os.get_terminal_size(0)
    os.write(1, b"size %d %d.\\n" % (s.lines, s.columns))
signal.signal(signal.SIGWINCH, size)
def tick():
    for n in range(100000):
        time.sleep(0.02)
        os.write(1, b"tick %d.\\n" % n)
if sys.argv[1] == "tick":
    threading.Thread(target=tick, daemon=True).start()
os.write(1, b"up\\n")
n = 0
for line in sys.stdin:
    n += 1
    os.write(1, b"line %d %s.\\n" % (n, line.strip().encode()))
    if line == "bye\\n":
        break
"""
# the far side of a raw terminal: reads a secret and answers nothing
SECRET = """
import os, tty
tty.setraw(0)
os.write(1, b"Password: ")
got = b""
while not got.endswith(b"\\r"):
    got += os.read(0, 100)
os.write(1, b"\\r\\ngot %d.\\r\\n" % len(got))
"""


class World:
    """A collector whose disk does what the test wants."""

    def __init__(self, name, conf):
        self.dir = os.path.join(h.work, name)
        self.wishes, self.synced = self.dir + ".wish", self.dir + ".synced"
        self.wish("")
        env = {"LD_PRELOAD": SHIM, "SHIM_SYNC": self.wishes, "SHIM_SYNCED": self.synced}
        self.collector = h.Collector(self.dir, "acct = off\nprocess_events = no\ncompress = no\n" + conf, env).start()

    def wish(self, word):
        with open(self.wishes + ".new", "w", encoding="ascii") as f:
            f.write(word)
        os.rename(self.wishes + ".new", self.wishes)

    def run(self, program, *args):
        terminal = h.record(self.collector, [h.PYTHON, "-c", program, *args])
        terminal.wait_for("Password: " if program == SECRET else "up")
        # what the start sealed is on disk: only then does a line wait for its own
        time.sleep(0.3)
        return terminal

    def end(self, terminal, name):
        terminal.send("bye\r")
        h.equal(terminal.wait(), 0, f"{name}: the session ends")
        path = self.collector.closed(max(self.collector.files()))
        verdict = self.collector.auditor("verify", "last")
        h.ok(verdict.returncode == 0, f"{name}: it is complete", verdict.stdout.decode())
        second_opinion(self.dir, path, name)
        return h.frames(path)


def second_opinion(folder, path, name):
    if subprocess.run([h.PYTHON, "-c", "import nacl.bindings"], stderr=subprocess.DEVNULL,
                      check=False).returncode:
        return
    found = subprocess.run([h.PYTHON, os.path.join(h.TOP, "tests/verify.py"), "--key",
                            folder + "/store/host.pub", path], stdout=subprocess.PIPE, check=False)
    h.equal(found.returncode, 0, f"{name}: nor has the second verifier anything to say")


def marks(frames, kind):
    return [h.varint(f.data, 1)[0] for f in frames if f.type == h.MARK and f.data[0] == kind]


def answered(terminal, text, seconds):
    """Is it shown within so many seconds?"""
    return h.eventually(seconds, lambda: text.encode() in bytes(terminal.shown))


def is_first():
    """Whatever the disk does, a program that gets a line finds it there."""
    world = World("first", f"evidence_ms = {PATIENCE * 1000:.0f}\n")
    store = world.dir + "/store/session"
    for disk in ("", "slow"):
        world.wish(disk)
        for mode, end in (("cooked", "\r"), ("cooked", "\n"), ("raw", "\r"), ("raw", "\n"),
                          ("pasted", "\r")):
            name = f"{mode} terminal, {end!r}, {disk or 'quick'} disk"
            terminal = world.run(READER, "cooked" if mode == "cooked" else "raw", store,
                                 world.synced)
            good = 0
            for n in range(10):
                word = f"{mode[0]}w-{n}"
                if mode == "raw":  # the program answers each key, as a line editor does
                    for c in word:
                        terminal.send(c)
                        terminal.wait_for(c)
                    terminal.send(end)
                else:
                    terminal.send(word + end)
                terminal.wait_for(re.compile(rb"\[[^]]*\]"))
                good += f"[{word}|yes]".encode() in bytes(terminal.shown)
            late = len(marks(world.end(terminal, name), LATE))
            h.ok(good + late >= 10 and good >= 8, f"{name}: each line is on disk before its effect",
                 f"{good} were, {late} late\n{bytes(terminal.shown)!r}")
    world.wish("")
    world.collector.stop()


def waits():
    world = World("waits", f"evidence_ms = {PATIENCE * 1000:.0f}\n")
    terminal = world.run(COUNTER, "tick")
    world.wish("hold")
    terminal.send("one\r")
    terminal.send("t")
    before = len(terminal.shown)
    terminal.resize(33, 99)
    early = h.eventually(0.4 * PATIENCE, lambda: b"line 1 " in bytes(terminal.shown))
    h.ok(not early, "a line waits for its disk")
    h.ok(bytes(terminal.shown[before:]).count(b"tick") > 3, "output goes on meanwhile")
    h.ok(b"size 33 99." in bytes(terminal.shown), "so does a new window size")
    world.wish("")
    h.ok(answered(terminal, "line 1 one.", 20), "and has its effect when it is there")
    terminal.send("wo\r")
    h.ok(answered(terminal, "line 2 two.", 20), "a key typed meanwhile came behind it")
    late = marks(world.end(terminal, "waiting"), LATE)
    h.ok(all(ns >= PATIENCE * 1e9 for ns in late), "LATE is where nothing came in time", late)
    world.collector.stop()


def gives_up():
    world = World("gives-up", f"evidence_ms = {PATIENCE * 1000:.0f}\n")
    terminal = world.run(COUNTER, "still")
    world.wish("hold")
    began = time.monotonic()
    terminal.send("one\r")
    h.ok(answered(terminal, "line 1 one.", 20), "a line gets through though no ack comes")
    h.ok(time.monotonic() - began >= PATIENCE, "at the end of its time")
    began = time.monotonic()
    for n in range(2, 12):
        terminal.send(f"{n}\r")
        terminal.wait_for(f"line {n} {n}.")
    h.ok(time.monotonic() - began < 5 * PATIENCE, "the next ten do not wait each",
         time.monotonic() - began)
    world.wish("")
    time.sleep(0.5)
    terminal.send("x\r")
    h.ok(answered(terminal, "line 12 x.", 20), "nor is anything lost")
    frames = world.end(terminal, "giving up")
    late = marks(frames, LATE)
    h.ok(len(late) >= 11 and late[0] >= PATIENCE * 1e9, "each of them is marked as late", late)
    first = next(f for f in frames if f.type == h.MARK)
    seals = [f.number for f in frames if f.type == h.SEAL and f.number < first.number]
    typed = next(f for f in frames if f.type == h.INPUT)
    h.ok(typed.number < seals[-1] < first.number, "in the chunk behind the line's")
    world.collector.stop()


def paste_waits_once():
    world = World("paste", f"evidence_ms = {PATIENCE * 1000:.0f}\n")
    terminal = world.run(COUNTER, "still")
    world.wish("hold")
    began = time.monotonic()
    terminal.send("".join(f"p{n}\r" for n in range(1, 401)))
    h.ok(answered(terminal, "line 400 p400.", 60), "all of a paste arrives")
    took = time.monotonic() - began
    h.ok(PATIENCE <= took < 20 * PATIENCE, "400 lines wait together", f"{took:.2f} s")
    world.wish("")
    world.end(terminal, "a paste")
    world.collector.stop()


def collector_away():
    world = World("away", f"evidence_ms = {PATIENCE * 1000:.0f}\n")
    terminal = world.run(COUNTER, "still")
    world.collector.kill()
    began = time.monotonic()
    for n in range(1, 11):
        terminal.send(f"{n}\r")
        h.eventually(30, lambda n=n: f"line {n} {n}.".encode() in bytes(terminal.shown))
    took = time.monotonic() - began
    h.ok(b"line 10 10." in bytes(terminal.shown) and took < 6 * PATIENCE,
         "without a collector lines do not wait each", f"{took:.2f} s")
    world.collector.start()
    world.end(terminal, "a collector away")
    world.collector.stop()


def switched_off():
    world = World("off", "evidence_ms = 0\n")
    terminal = world.run(COUNTER, "still")
    world.wish("hold")
    terminal.send("one\r")
    h.ok(answered(terminal, "line 1 one.", 20), "with evidence_ms = 0 nothing waits")
    world.wish("")
    h.equal(marks(world.end(terminal, "switched off"), LATE), [], "and nothing is late")
    world.collector.stop()


def secret_is_counted():
    world = World("secret", "evidence_ms = 20\n")
    terminal = world.run(SECRET)
    terminal.send("hush-hush-Zq9\r")
    h.ok(answered(terminal, "got 14.", 20), "a secret gets to its program")
    h.equal(terminal.wait(), 0, "which ends")
    path = world.collector.closed(1)
    frames = h.frames(path)
    with open(path, "rb") as f:
        h.ok(b"hush" not in f.read(), "it is nowhere in the record")
    h.equal(marks(frames, HELD), [14], "that so much was typed is, before the program got it")
    h.equal(sum(f.data for f in frames if f.type == h.HIDDEN), 14, "and that it was hidden")
    held = next(f for f in frames if f.type == h.MARK and f.data[0] == HELD)
    seal = next(f for f in frames if f.type == h.SEAL and f.number > held.number)
    answer = next(f for f in frames if f.type == h.OUTPUT and b"got 14" in f.data)
    h.ok(held.number < seal.number < answer.number, "sealed before the answer")
    world.collector.stop()


def main():
    if h.sanitized():
        h.skip_all("a sanitized collector bears no preloaded object")
    for part in (is_first, waits, gives_up, paste_waits_once, collector_away, switched_off,
                 secret_is_counted):
        part()
    h.done()


main()
