# SPDX-License-Identifier: ISC
"""Writes what terminals get: generate.py KIND."""
import os
import random
import signal
import sys
import termios
import time
import tty

OUT = 1


def put(data):
    while data:
        data = data[os.write(OUT, data):]


def bulk():
    rng = random.Random(1)
    words = [bytes(rng.choices(b"abcdefghijklmnopqrstuvwxyz", k=rng.randint(1, 12)))
             for _ in range(500)]
    for _ in range(200):
        put(b"".join(b" ".join(rng.choices(words, k=9)) + b"\n" for _ in range(200)))


def binary():
    rng = random.Random(2)
    for _ in range(100):
        put(rng.randbytes(rng.randint(1, 20000)))
    put(bytes(range(256)) * 4)


def single():
    for byte in random.Random(3).randbytes(3000):
        put(bytes((byte,)))


def invalid():
    for bad in (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xc3"):
        for good in ("plain", "\u20ac", "\U0001f41a", "\u202e"):
            put(bad + good.encode() + bad + b"\n")
            time.sleep(0.001)


def redraw():
    rng = random.Random(4)
    put(b"\033[?1049h")
    for n in range(120):
        frame = b"\033[H"
        for row in range(24):
            frame += b"\033[%d;1H\033[%dm%s\033[K" % (row + 1, 31 + (row + n) % 7, b"".join(
                rng.choice((b"x", b"\xe2\x94\x80", b" ")) for _ in range(79)))
        put(frame)
    put(b"\033[?1049l")


def raw():
    tty.setraw(OUT)
    put(b"one\ntwo\n" * 1000 + bytes(range(256)))


def window(*_):
    size = os.get_terminal_size(0)
    put(b"window %d %d.\n" % (size.lines, size.columns))


def echo():
    """Says every line back, and every new window size."""
    modes = termios.tcgetattr(0)
    modes[3] &= ~termios.ECHOCTL
    termios.tcsetattr(0, termios.TCSANOW, modes)
    signal.signal(signal.SIGWINCH, window)
    put(b"ready\n")
    for line in sys.stdin:
        put(b"[" + line.strip().encode() + b"]\n")


globals()[sys.argv[1]]()
