# SPDX-License-Identifier: ISC
"""The terminal's modes, on every way out."""
import os
import signal
import termios

from torture_term import check, raw, same, until


def odd(fd):
    """Modes that no program would guess."""
    attr = termios.tcgetattr(fd)
    attr[0] |= termios.IXANY
    attr[3] &= ~termios.ECHOK
    attr[6][termios.VINTR] = b"\x07"
    attr[6][termios.VERASE] = b"\x08"
    termios.tcsetattr(fd, termios.TCSANOW, attr)


def end_of(t, argv, wanted, modes=None):
    term = t.recorded(argv, modes=modes)
    end = term.wait()
    check(end == wanted, "ended by %s, not %s: %r" % (end, wanted, bytes(term.out)))
    term.as_before()
    return bytes(term.out)


def case_exit(t):
    "cooked, raw and odd modes come back after an exit"
    for modes in (None, raw, odd):
        end_of(t, ["sh", "-c", "exit 3"], "exit 3", modes)


def case_inside(t):
    "the program's terminal begins with the modes of the user's"
    for modes in (None, raw, odd):
        seen = []
        for run in (t.bare, t.recorded):
            term = run(["stty", "-a"], modes=modes)
            check(term.wait() == "exit 0", "stty")
            seen.append(bytes(term.out))
        same("stty -a", *seen)


def case_program_raw(t):
    "a program that leaves its terminal raw leaves the user's as it was"
    end_of(t, ["sh", "-c", "stty raw -echo; exit 0"], "exit 0")


def case_not_found(t):
    "a program that is not there: 127, one line, modes"
    out = end_of(t, ["/nonexistent/program"], "exit 127")
    check(out.count(b"\n") == 1 and b"\r\n" in out, "shown: %r" % out)


def case_not_executable(t):
    "a program that cannot be run: 126, one line, modes"
    out = end_of(t, ["/etc/passwd"], "exit 126")
    check(out.count(b"\n") == 1 and b"\r\n" in out, "shown: %r" % out)


def killed(t, whom, sig, wanted):
    term = t.recorded(["sh", "-c", "echo up; exec sleep 60"])
    term.expect("up")
    until(term.is_raw, "the user's terminal is raw")
    pid = {"front": lambda: term.pid, "keeper": term.keeper, "program": term.program}[whom]()
    program = term.program()
    os.kill(pid, sig)
    end = term.wait()
    check(end in wanted, "ended by %s: %r" % (end, bytes(term.out)))
    until(lambda: term.modes() == term.start_modes, "the modes come back: %r" % (term.modes(),))
    until(lambda: not os.path.exists("/proc/%d" % program) or
          open("/proc/%d/stat" % program).read().rsplit(")", 1)[1][1] == "Z", "the program ends")


def case_front_term(t):
    "SIGTERM to the front ends the session"
    killed(t, "front", signal.SIGTERM, ["signal 1", "signal 15"])


def case_front_hup(t):
    "SIGHUP to the front ends the session"
    killed(t, "front", signal.SIGHUP, ["signal 1"])


def case_front_usr1(t):
    "SIGUSR1 to the front, which no shell handles"
    killed(t, "front", signal.SIGUSR1, ["signal 10"])


def case_front_kill(t):
    "SIGKILL of the front: the keeper gives the terminal back"
    killed(t, "front", signal.SIGKILL, ["signal 9"])


def case_program_kill(t):
    "SIGKILL of the program"
    killed(t, "program", signal.SIGKILL, ["signal 9"])


def case_keeper_kill(t):
    "SIGKILL of the keeper: the front gives the terminal back"
    killed(t, "keeper", signal.SIGKILL, ["exit 125"])


def case_usage(t):
    "a wrong option and no collector: modes untouched"
    for argv, wanted in ((["-x"], "exit 2"), (["-d", "/nonexistent", "--", "true"], "exit 125")):
        term = t.bare([t.rec([])[0]] + argv)
        check(term.wait() == wanted, "not " + wanted)
        term.as_before()
        check(b"\n" not in bytes(term.out).replace(b"\r\n", b""), "shown: %r" % bytes(term.out))
