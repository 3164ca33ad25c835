# SPDX-License-Identifier: ISC
"""Run in a session, it makes processes with the process ids that it is told to; for
56-reuse.t.  Commands come from a FIFO, an answer goes to FIFO.out when each is done:

    family PID NAME         PID and a child, and an orphan of that
    slow PID NAME FILES     PID has many files open when it ends, so that it leaves long
                            after its record; many children end meanwhile
    end
"""
import ctypes
import os
import resource
import sys
import time

LAST_PID = "/proc/sys/kernel/ns_last_pid"
SLOW_S = 0.25
CHILDREN = 60
libc = ctypes.CDLL(None)


def named(name):
    libc.prctl(15, name.encode(), 0, 0, 0)  # PR_SET_NAME


def fork_as(pid):
    """fork(2) that gives this process id, of this namespace."""
    for _ in range(100):
        with open(LAST_PID, "w", encoding="ascii") as f:
            f.write(str(pid - 1))
        child = os.fork()
        if child in (0, pid):
            return child
        os.waitpid(child, 0)
    raise RuntimeError(f"no process {pid} to be had")


def child(act):
    pid = os.fork()
    if pid == 0:
        try:
            act()
        finally:
            os._exit(0)
    return pid


def family(name):
    def orphan():
        named(name + "o")
        time.sleep(0.02)

    def middle():
        named(name + "m")
        child(orphan)

    named(name)
    os.waitpid(child(middle), 0)


def slow(name, files):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    named(name)
    for _ in range(min(files, hard - 50)):
        os.eventfd(0)

    def short(i):
        named(name + "s")
        os.closerange(3, hard)
        time.sleep(SLOW_S + i * 0.004)

    for i in range(CHILDREN):
        child(lambda i=i: short(i))
    time.sleep(SLOW_S)


def obey(word):
    pid = fork_as(int(word[1]))
    if pid == 0:
        try:
            if word[0] == "family":
                family(word[2])
            else:
                slow(word[2], int(word[3]))
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def main():
    with open(sys.argv[1] + ".out", "w", buffering=1, encoding="ascii") as out, \
         open(sys.argv[1], encoding="ascii") as told:
        for line in told:
            if line.strip() == "end":
                return
            obey(line.split())
            out.write(line)


main()
