#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""attacks.py OUT KEEPER FRONT OUTER-TERMINAL RUN STORE SPOOL CONF RECORDER FIFO same|other

What an ordinary user, the same as the recorded one or another, can try against a
recorder, its collector and their files.
A line for each try in OUT: its name, and the error or "done".  The last name says
who ran it, so that what did not run is seen too."""
import ctypes
import errno
import os
import signal
import socket
import sys

OUT, KEEPER, FRONT, OUTER, RUN, STORE, SPOOL, CONF, RECORDER, FIFO, WHO = sys.argv[1:]
KEEPER, FRONT = int(KEEPER), int(FRONT)
PTRACE_ATTACH, PTRACE_SEIZE = 16, 0x4206
RLIMIT_CPU, PIDFD_GETFD = 0, 438

libc = ctypes.CDLL(None, use_errno=True)
tries = []


def call(function, *args):
    if getattr(libc, function)(*args) < 0:
        raise OSError(ctypes.get_errno(), function)


def add(name, function, *args):
    tries.append((name, function, args))


def touch(path, flags):
    os.close(os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY))


def by_descriptor(pid, sig):
    fd = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(fd, sig)
    finally:
        os.close(fd)


def take_descriptor(pid, number):
    call("syscall", PIDFD_GETFD, os.pidfd_open(pid), number, 0)


def memory(pid, function):
    class Iovec(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]
    buf = ctypes.create_string_buffer(8)
    mine = Iovec(ctypes.addressof(buf), 8)
    theirs = Iovec(0x400000, 8)
    call(function, pid, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0)


def limit(pid):
    call("prlimit", pid, RLIMIT_CPU, ctypes.byref((ctypes.c_ulong * 2)(1, 1)), None)


def connect(name, kind):
    with socket.socket(socket.AF_UNIX, kind) as s:
        s.connect(RUN + "/" + name)


def signals(who, pid):
    for name in ("0", "HUP", "TERM", "CONT", "STOP", "KILL"):
        add(f"{who}: signal {name}", os.kill, pid, int(getattr(signal, "SIG" + name, 0)))
    add(f"{who}: signal to its group", os.killpg, os.getpgid(pid), signal.SIGKILL)
    add(f"{who}: signal by descriptor", by_descriptor, pid, signal.SIGKILL)


def rights(who, pid):
    """What is a matter of the same user's rights."""
    add(f"{who}: priority", os.setpriority, os.PRIO_PROCESS, pid, 19)
    add(f"{who}: processors", os.sched_setaffinity, pid, {0})
    add(f"{who}: scheduling", os.sched_setscheduler, pid, os.SCHED_IDLE, os.sched_param(0))


def inside(who, pid):
    proc = f"/proc/{pid}/"
    add(f"{who}: ptrace attach", call, "ptrace", PTRACE_ATTACH, pid, None, None)
    add(f"{who}: ptrace seize", call, "ptrace", PTRACE_SEIZE, pid, None, None)
    add(f"{who}: process_vm_readv", memory, pid, "process_vm_readv")
    add(f"{who}: process_vm_writev", memory, pid, "process_vm_writev")
    add(f"{who}: prlimit", limit, pid)
    add(f"{who}: pidfd_getfd", take_descriptor, pid, 3)
    add(f"{who}: mem, to read", touch, proc + "mem", os.O_RDONLY)
    add(f"{who}: mem, to write", touch, proc + "mem", os.O_RDWR)
    for name in ("environ", "maps", "auxv", "stack", "syscall", "io", f"task/{pid}/mem"):
        add(f"{who}: {name}", lambda p: open(p, "rb").read(), proc + name)
    for name in ("fd", "map_files"):
        add(f"{who}: {name}", os.listdir, proc + name)
    for number in range(12):
        add(f"{who}: fd/{number}", touch, f"{proc}fd/{number}", os.O_RDWR)
    for name in ("exe", "cwd", "root"):
        add(f"{who}: {name}", os.readlink, proc + name)
    for name in ("oom_score_adj", "coredump_filter", "comm", "clear_refs"):
        add(f"{who}: {name}, to write", touch, proc + name, os.O_WRONLY)


def files():
    fifo = f"{RUN}/session/{FIFO}"
    add("FIFO: listed", os.listdir, RUN + "/session")
    add("FIFO: looked at", os.stat, fifo)
    add("FIFO: read", touch, fifo, os.O_RDONLY)
    add("FIFO: fed", touch, fifo, os.O_WRONLY)
    add("FIFO: removed", os.unlink, fifo)
    add("FIFO: renamed", os.rename, fifo, fifo + "2")
    add("FIFO: linked", os.link, fifo, RUN + "/f")
    add("FIFO: mode", os.chmod, fifo, 0o666)
    add("FIFO: one more", os.mkfifo, f"{RUN}/session/{'0' * 32}.fifo")
    add("run: listed", os.listdir, RUN)
    add("run: session renamed", os.rename, RUN + "/session", RUN + "/elsewhere")
    add("run: a file in it", os.mkfifo, RUN + "/x")
    add("run: socket removed", os.unlink, RUN + "/register.sock")
    add("run: registered", connect, "register.sock", socket.SOCK_SEQPACKET)
    add("run: asked", connect, "control.sock", socket.SOCK_STREAM)
    for name, path in (("store", STORE), ("spool", SPOOL)):
        add(f"{name}: listed", os.listdir, path)
        add(f"{name}: a file in it", os.mkfifo, path + "/x")
        add(f"{name}: renamed", os.rename, path, path + "2")
    spooled = SPOOL + "/" + FIFO.replace(".fifo", ".spool")
    add("spool: read", touch, spooled, os.O_RDONLY)
    add("spool: written", touch, spooled, os.O_WRONLY)
    add("spool: removed", os.unlink, spooled)
    add("configuration: written", touch, CONF, os.O_WRONLY)
    add("configuration: beside it", os.mkfifo, CONF + ".x")
    add("recorder: written", touch, RECORDER, os.O_WRONLY)
    add("recorder: mode", os.chmod, RECORDER, 0o777)


def terminal():
    add("outer terminal: read", touch, OUTER, os.O_RDONLY)
    add("outer terminal: written", touch, OUTER, os.O_WRONLY)
    add("outer terminal: its modes", touch, OUTER, os.O_RDWR)


signals("keeper", KEEPER)
rights("keeper", KEEPER)
inside("keeper", KEEPER)
inside("front", FRONT)
if WHO == "other":  # one's own front keeps its place in the login, and has no secret
    signals("front", FRONT)
    rights("front", FRONT)
files()
terminal()
with open(OUT, "w", encoding="utf-8") as out:
    for what, function, args in tries:
        try:
            function(*args)
            result = "done"
        except OSError as e:
            result = errno.errorcode[e.errno]
        print(what, result, sep="\t", file=out)
    print("end", os.getuid(), sep="\t", file=out)
