#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""odd.py KIND ... PROGRAM ARG...: runs the program with what a user can set oddly
before a login's recorder starts."""
import os
import resource
import signal
import sys


def umask(_):
    os.umask(0o777)


def ignored(_):
    for sig in range(1, 65):
        if sig not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):
            signal.signal(sig, signal.SIG_IGN)


def blocked(_):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))


def alarm(_):
    signal.setitimer(signal.ITIMER_REAL, 1)


def limit(text):
    name, value = text.split(":")
    if name == "NOFILE":
        os.closerange(3, 256)
    number = getattr(resource, "RLIMIT_" + name)
    resource.setrlimit(number, (int(value), int(value)))


def descriptors(_):
    for fd in range(3, 64):
        os.dup2(0, fd)


for kind in sys.argv[1].split(","):
    what, _, value = kind.partition("=")
    {"umask": umask, "ignored": ignored, "blocked": blocked, "alarm": alarm, "limit": limit,
     "descriptors": descriptors}[what](value)
os.execv(sys.argv[2], sys.argv[2:])
