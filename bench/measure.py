#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""measure.py NAME COMMAND... - runs it without a shell, its output read and dropped; prints
"NAME wall cpu rss first lines": seconds, seconds, megabytes at most of one of its processes,
seconds until its first byte came, lines."""
import os
import subprocess
import sys
import time


def main():
    begun = time.monotonic()
    # pylint: disable=consider-using-with
    child = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
    first, lines = None, 0
    while True:
        data = os.read(child.stdout.fileno(), 1 << 20)
        if not data:
            break
        first = first or time.monotonic() - begun
        lines += data.count(b"\n")
    _, _, used = os.wait4(child.pid, 0)
    wall = time.monotonic() - begun
    print(f"{sys.argv[1]} {wall:.4f} {used.ru_utime + used.ru_stime:.4f} "
          f"{used.ru_maxrss / 1024:.1f} {first or wall:.4f} {lines}")


main()
