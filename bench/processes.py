# SPDX-License-Identifier: ISC
"""What processes have used, and whose they are."""
import os
import time


def cpu_s(pid):
    """Of a process, threads that have ended too; clock_getcpuclockid(3)."""
    return time.clock_gettime((~pid << 3) | 2)


def children(pid):
    """Of all its threads."""
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="utf-8") as f:
            found += [int(word) for word in f.read().split()]
    return found
