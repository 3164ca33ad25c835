# SPDX-License-Identifier: ISC
"""Ends: vanished terminals, jobs that stay, many sessions."""
import os
import signal
import time

from torture_term import check, comm, cpu_ticks, descendants, same, until

BASH = ["bash", "--norc", "--noprofile", "-i"]


def case_vanished(t):
    "the user's terminal is gone: the session ends, whatever it runs"
    for script in ("echo up; exec sleep 60", "echo up; while :; do echo y; done",
                   "stty raw; echo up; exec cat", "echo up; sleep 60 & wait"):
        term = t.recorded(["bash", "-c", script])
        term.expect("up")
        term.vanish()
        until(lambda: t.bury() or not t.left(), "all processes end")


def case_vanished_shell(t):
    "the same with a shell inside and jobs, some stopped"
    term = t.recorded(BASH)
    term.expect("<$ ")
    term.send("sleep 60 &\rcat\r")
    term.expect("cat\r\n")
    time.sleep(0.3)
    term.send("\x1a")
    term.expect("Stopped")
    term.vanish()
    until(lambda: t.bury() or not t.left(), "all processes end")


def case_vanished_ignored(t):
    "a program that ignores the hang-up sees the end of its input"
    term = t.recorded(["bash", "-c", "trap '' HUP; echo up; cat; sleep 0.3; exit 0"])
    term.expect("up")
    term.vanish()
    until(lambda: t.bury() or not t.left(), "all processes end")


def quick(t, argv, seconds=2):
    term = t.recorded(argv)
    begin = time.monotonic()
    end = term.wait()
    took = time.monotonic() - begin
    check(took < seconds, "the front stayed for %.1f s" % took)
    term.as_before()
    return term, end


def case_job_holds(t):
    "a background job that holds the terminal does not hold the login"
    for job in ("sleep 4 &", "(trap '' HUP; sleep 4) &", "(trap '' HUP; sleep 4 | cat) &"):
        check(quick(t, ["bash", "-c", job + " exit 5"])[1] == "exit 5", "exit")


def case_job_writes(t):
    "one that writes all the time does not either"
    for job in ("(trap '' HUP; for ((i=0;i<300;i++)); do echo y; sleep 0.01; done) &",
                "(trap '' HUP; timeout 3 yes) &"):
        check(quick(t, ["bash", "-c", job + " sleep 0.2; exit 5"])[1] == "exit 5", "exit")


def case_survivor(t):
    "a daemon stays: the front leaves at once, the keeper lingers idle and then goes"
    term = t.recorded(["bash", "-c", "setsid sleep 4 & sleep 0.3; echo up; read x"])
    term.expect("up")
    keeper = term.keeper()
    begin = time.monotonic()
    term.send("\r")
    check(term.wait() == "exit 0" and time.monotonic() - begin < 2, "the front stayed")
    ticks = cpu_ticks(keeper)
    time.sleep(1)
    names = [comm(p) for p in descendants(keeper)]
    check(names == ["sleep"], "the keeper's are %s" % names)
    check(cpu_ticks(keeper) - ticks <= 5, "it uses processor time")
    if os.access("/proc/%d/fd" % keeper, os.R_OK):
        for fd in os.listdir("/proc/%d/fd" % keeper):
            target = os.readlink("/proc/%d/fd/%s" % (keeper, fd))
            check("/dev/pts" not in target and "ptmx" not in target, "it holds " + target)
    until(lambda: t.bury() or not t.left(), "the keeper goes")


def case_double_fork(t):
    "daemons that fork twice, end while nobody looks, and are reaped"
    term = t.recorded(["bash", "-c", "for i in 1 2 3; do (setsid sh -c 'sleep 0.5 & sleep 0.2' &); done"])
    check(term.wait() == "exit 0", "exit")
    until(lambda: t.bury() or not t.left(), "all processes end")


def case_nohup_front(t):
    "a hang-up that was ignored from the start"
    ignore = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    term = t.recorded(["sh", "-c", "echo up; read x; exit 3"], before=ignore)
    term.expect("up")
    os.kill(term.pid, signal.SIGHUP)
    term.send("\r")
    check(term.wait() == "exit 3", "exit")


def case_many(t):
    "200 sessions leave no process, FIFO or file"
    begin = len(os.listdir("/proc/self/fd"))
    for i in range(100):
        terms = [t.recorded(["/bin/true"]), t.recorded(["/bin/echo", "x"])]
        for term in terms:
            check(term.wait(quiet=0) == "exit 0", "exit")
            term.close()
            t.terms.remove(term)
        t.bury()
    check(len(os.listdir("/proc/self/fd")) <= begin + 2, "descriptors of the test")
