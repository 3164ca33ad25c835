# SPDX-License-Identifier: ISC
"""Collectors that are killed, come back, refuse, or have no room."""
import os
import signal
import subprocess
import time

from torture_term import Skip, check, until

FLOOD = ("stty -echo; echo up; read x; seq -f line-%.0f 0 299999; read x;"
         " echo got-$x; exit 7")


def case_killed(t):
    "killed, strict: it stands still; back: all of it"
    c = t.collector(conf="away = strict\n")
    term = t.recorded(["bash", "-c", FLOOD], c.dir)
    term.expect("up")
    c.kill()
    term.send("\r")
    term.expect("nobody collects")
    size = len(term.out)
    term.read_on(1)
    check(len(term.out) == size, "it goes on unrecorded")
    c.start()
    term.expect("line-299999\r\n")
    term.send("word\r")
    term.expect("got-word\r\n")
    check(term.wait() == "exit 7", "exit")
    term.as_before()
    got = bytes(term.out).replace(b"\r\nshellac-rec: nobody collects this session: it waits\r\n", b"")
    check(b"".join(b"line-%d\r\n" % i for i in range(300000)) in got, "lines are missing")


def ends_without_collector(t, how, wanted):
    """A session whose collector has gone can be ended; the keeper waits for it to be
    back and then goes."""
    c = t.collector(conf="away = strict\n")
    term = t.recorded(["bash", "-c", FLOOD], c.dir)
    term.expect("up")
    c.kill()
    term.send("\r")
    term.expect("nobody collects")
    begin = time.monotonic()
    how(term)
    end = term.wait()
    check(end in wanted, "ended by %s" % end)
    check(time.monotonic() - begin < 8, "%.1f s" % (time.monotonic() - begin))
    until(lambda: term.modes() == term.start_modes, "the modes come back")
    c.start()
    until(lambda: t.bury() or not t.left(), "the keeper goes")


def case_killed_hup(t):
    "killed for good: SIGHUP ends the frozen session"
    ends_without_collector(t, lambda term: os.kill(term.pid, signal.SIGHUP), ["signal 1"])


def case_killed_program(t):
    "killed for good: the frozen program is killed"
    ends_without_collector(t, lambda term: os.kill(term.program(), signal.SIGKILL), ["signal 9"])


def case_killed_front(t):
    "killed for good: the frozen session's front is killed"
    ends_without_collector(t, lambda term: os.kill(term.pid, signal.SIGKILL), ["signal 9"])


def case_killed_quiet(t):
    "killed, a short session ends meanwhile as ever, its keeper waits idle"
    c = t.collector()
    term = t.recorded(["sh", "-c", "echo up; read x; exit 9"], c.dir)
    term.expect("up")
    keeper = term.keeper()
    c.kill()
    term.send("\r")
    begin = time.monotonic()
    check(term.wait() == "exit 9", "exit")
    check(time.monotonic() - begin < 5, "slow")
    term.as_before()
    check(os.path.exists("/proc/%d" % keeper), "nobody waits for the ack")
    c.start()
    until(lambda: t.bury() or not t.left(), "the keeper goes")


def case_stopped(t):
    "stopped and continued, strict: a session is refused, then runs"
    c = t.collector(conf="away = strict\n")
    os.kill(c.pid, signal.SIGSTOP)
    try:
        term = t.recorded(["sh", "-c", "exit 3"], c.dir)
        end = term.wait()
    finally:
        os.kill(c.pid, signal.SIGCONT)
    check(end == "exit 125", end)
    term.as_before()
    term = t.recorded(["sh", "-c", "exit 3"], c.dir)
    check(term.wait() == "exit 3", "afterwards")


def case_store_full(t):
    "the store's file system is full: the session stands still, and ends when told to"
    if os.getuid() != 0:
        raise Skip("not root")
    path = t.tmp + "/full"
    os.mkdir(path)
    if subprocess.call(["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "torture", path],
                       stderr=subprocess.DEVNULL) != 0:
        raise Skip("no mount")
    try:
        c = t.collector(directory=path)
        term = t.recorded(["bash", "-c", "echo up; head -c 6000000 /dev/zero | tr '\\0' x; read x"],
                          path)
        term.expect("up")
        term.read_on(3)
        check(len(term.out) < 5000000, "shown though not recorded")
        os.kill(term.pid, signal.SIGHUP)
        check(term.wait() in ("signal 1", "signal 13"), "end")
        until(lambda: term.modes() == term.start_modes, "the modes come back")
        c.kill()
    finally:
        t.kill_left()
        t.reap()
        subprocess.call(["umount", "-l", path])
