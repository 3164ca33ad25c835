#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""false_front.py RECORDER SHIM: becomes RECORDER, without its set-user-ID as it is traced, and
with SHIM preloaded: who traces it when it execs may write there, so ld.so(8) is told that it
has no privilege to guard."""
import ctypes
import os
import struct
import sys

PR_SET_PTRACER = 0x59616d61
PTRACE_SEIZE = 0x4206
PTRACE_O_TRACEEXEC = 0x10
WALL = 0x40000000
AT_SECURE = 23

libc = ctypes.CDLL(None)


def tell_there_is_no_privilege(pid):
    """Its stack: how many arguments, they, 0, the environment, 0, pairs of the kernel's."""
    with open(f"/proc/{pid}/syscall", encoding="ascii") as f:
        top = int(f.read().split()[-2], 16)
    with open(f"/proc/{pid}/mem", "r+b", 0) as f:
        f.seek(top)
        text = f.read(2400)
        word = struct.unpack_from(f"{len(text) // 8}Q", text)
        n = word.index(0, word.index(0, 1) + 1) + 1
        while word[n] != AT_SECURE:
            n += 2
        f.seek(top + 8 * (n + 1))
        f.write(bytes(8))


def main():
    libc.prctl(PR_SET_PTRACER, -1, 0, 0, 0)
    leader, (r, w) = os.getpid(), os.pipe()
    if os.fork() == 0:
        libc.ptrace(PTRACE_SEIZE, leader, None, PTRACE_O_TRACEEXEC)
        os.write(w, b"x")
        os.waitpid(leader, WALL)
        tell_there_is_no_privilege(leader)
        os._exit(0)
    os.read(r, 1)
    os.execve(sys.argv[1], ["shellac-rec"],
              {"LD_PRELOAD": sys.argv[2], "SHIM_RECORDER": sys.argv[1]})


main()
