#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A full process table: with no room for the keeper or for the program the user
gets one line, 125 and the terminal as it was; with room for both, all is well."""
import os
import pty
import re
import select
import signal
import termios
import time

import harness as h

PID_MAX = "/proc/sys/kernel/pid_max"
ROOM = 600  # process ids under 300 are given out only once


def own_table():
    """pid_max is the namespace's own from this kernel on; before, it is the host's."""
    version = tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups()))
    if version < (6, 14):
        h.skip_all("pid_max is the whole machine's in this kernel")
    h.own_pid_namespace()
    try:
        with open(PID_MAX, "w", encoding="ascii") as f:
            f.write(str(ROOM))
    except OSError as e:
        h.skip_all(f"pid_max cannot be set: {e}")


def fill():
    """Sleepers until there is no room for one more."""
    sleepers = []
    while len(sleepers) < 2 * ROOM:
        try:
            pid = os.fork()
        except BlockingIOError:
            return sleepers
        if pid == 0:
            while True:
                signal.pause()
        sleepers.append(pid)
    h.skip_all("the process table does not fill")


def end(pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def bury():
    """Keepers come to us when their front has left, and need a place until then."""
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:
        if os.waitpid(-1, os.WNOHANG)[0] == 0:
            time.sleep(0.02)


def play(argv):
    """How it ends, what it shows, and whether the modes are those of before.  No
    thread: that would take a place."""
    pid, master = pty.fork()
    if pid == 0:
        try:
            os.execv(argv[0], argv)
        finally:
            os._exit(99)
    modes = termios.tcgetattr(master)[:4]
    shown, status, deadline = b"", None, time.monotonic() + 60
    while time.monotonic() < deadline and status is None:
        if select.select([master], [], [], 0.05)[0]:
            try:
                shown += os.read(master, 4096)
            except OSError:
                time.sleep(0.02)
        done, raw = os.waitpid(pid, os.WNOHANG)
        status = os.waitstatus_to_exitcode(raw) if done else None
    same = True
    try:
        while select.select([master], [], [], 0)[0]:
            shown += os.read(master, 4096)
        same = termios.tcgetattr(master)[:4] == modes
    except OSError:
        pass  # the last of its users is gone
    os.close(master)
    return status, shown, same


def main():
    own_table()
    collector = h.Collector(conf="acct = off\nprocess_events = no\n").start()
    argv = [h.REC, "-d", collector.dir, "-c", "echo up"]
    sleepers = fill()
    h.ok(len(sleepers) > 100, "the table is full", len(sleepers))
    ends = []
    for room in range(1, 9):
        end([sleepers.pop()])
        status, shown, same = play(argv)
        bury()
        h.note(f"room for {room}: {status} {shown!r}")
        good = (status, shown) == (0, b"up\r\n") or \
            (status == 125 and shown.startswith(b"shellac-rec: ") and shown.count(b"\n") == 1)
        h.ok(good and same, f"room for {room}: it runs, or says in a line why not",
             f"{status} {shown!r} {same}")
        ends.append(status)
        if status == 0:
            break
    h.ok(125 in ends and ends[-1] == 0, "both are seen", ends)
    end(sleepers)
    h.equal(play(argv)[:2], (0, b"up\r\n"), "with room again it runs")
    h.eventually(20, lambda: all(f.endswith(".shlc") for f in collector.files().values()))
    left = os.listdir(os.path.join(collector.dir, "run/session"))
    h.equal(left, [], "no FIFO is left")
    collector.stop()
    h.done()


main()
