#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""follow.py COUNT PROGRAM -- SHELLAC-PROCS-FOLLOW...: how long it takes from the end of a
process to its line.  One line of KEY=VALUE words, milliseconds."""
import json
import subprocess
import sys
import threading
import time

count, program = int(sys.argv[1]), sys.argv[2]
seen = {}
follow = subprocess.Popen(sys.argv[4:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)


def read():
    for line in follow.stdout:
        now = time.monotonic()
        row = json.loads(line)
        seen.setdefault((row["pid"], row["comm"]), now)


threading.Thread(target=read, daemon=True).start()
comm = program.rsplit("/", 1)[-1][:15]
time.sleep(1)
took, lost = [], 0
for _ in range(count):
    child = subprocess.Popen([program])
    child.wait()
    ended = time.monotonic()
    while (child.pid, comm) not in seen and time.monotonic() < ended + 5:
        time.sleep(0.001)
    if (child.pid, comm) in seen:
        took.append(max(0, seen[child.pid, comm] - ended) * 1000)
    else:
        lost += 1
    time.sleep(0.02)
follow.terminate()
follow.wait()
took.sort()
if took:
    print(f"p50={took[len(took) // 2]:.1f} p99={took[int(len(took) * 0.99)]:.1f} "
          f"max={took[-1]:.1f} lost={lost}")
else:
    print(f"p50=0 p99=0 max=0 lost={lost}")
