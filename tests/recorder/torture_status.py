# SPDX-License-Identifier: ISC
"""How the program ended."""
from torture_term import check, same

STATUSES = [0, 1, 2, 3, 63, 77, 125, 126, 127, 128, 129, 130, 143, 254, 255]
SIGNALS = [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 31, 34, 64]


def run(t, argv, recorded):
    term = (t.recorded if recorded else t.bare)(argv)
    end = term.wait(quiet=0.01)
    term.as_before()
    return end


def case_statuses(t):
    "exit statuses"
    for n in STATUSES:
        end = run(t, ["sh", "-c", "exit %d" % n], True)
        check(end == "exit %d" % n, "exit %d became %s" % (n, end))


def case_signals(t):
    "deaths by signal"
    for n in SIGNALS:
        argv = ["bash", "-c", "ulimit -c 0; kill -%d $$" % n]
        same("kill -%d" % n, run(t, argv, False), run(t, argv, True))


def case_shell(t):
    "the status of an interactive shell's last command"
    for text, wanted in (("exit 7\r", "exit 7"), ("false\r\x04", "exit 1"), ("kill -9 $$\r", "signal 9")):
        term = t.recorded(["bash", "--norc", "--noprofile", "-i"])
        term.expect("<$ ")
        term.send(text)
        end = term.wait()
        check(end == wanted, "%r: %s" % (text, end))
        term.as_before()
