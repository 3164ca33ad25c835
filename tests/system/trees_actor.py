# SPDX-License-Identifier: ISC
"""Run in a session, it makes processes with the process ids that it is told to; for
trees_reuse.py.  Commands come from a FIFO, an answer goes to FIFO.out when each is done:

    family PID NAME         PID and a child, and an orphan of that
    slow PID NAME FILES     PID has many files open when it ends, so that it leaves long
                            after its record; many children end meanwhile
    tick PID NAME           until two in a row have started in the same tick
    end
"""
import ctypes
import os
import resource
import signal
import sys
import time

CLONE3 = 435
SLOW_S = 0.25
CHILDREN = 60
libc = ctypes.CDLL(None)


def named(name):
    libc.prctl(15, name.encode(), 0, 0, 0)  # PR_SET_NAME


def fork_as(pid):
    """fork(2) that gives this process id: clone3(2) with set_tid."""
    wanted = (ctypes.c_int * 1)(pid)
    words = (ctypes.c_uint64 * 11)()  # struct clone_args
    words[4] = signal.SIGCHLD
    words[8], words[9] = ctypes.addressof(wanted), 1
    for _ in range(500):
        child_pid = libc.syscall(CLONE3, words, ctypes.sizeof(words))
        if child_pid >= 0:
            return child_pid
        time.sleep(0.01)  # somebody else has it just now
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


def start_ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
        return f.read().rpartition(")")[2].split()[19]


def tick(pid, name):
    for i in range(100):
        starts = []
        for which in "xy":
            child_pid = fork_as(pid)
            if child_pid == 0:
                named(f"{name}{i}{which}")
                os._exit(0)
            starts.append(start_ticks(pid))
            os.waitpid(pid, 0)
        if starts[0] == starts[1]:
            return


def obey(word):
    if word[0] == "tick":
        tick(int(word[1]), word[2])
        return
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
