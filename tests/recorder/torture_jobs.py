# SPDX-License-Identifier: ISC
"""Signals typed, job control inside and outside, window sizes."""
import os
import re
import signal
import time

from torture_term import check, raw, same, until

BASH = ["bash", "--norc", "--noprofile", "-i"]


def case_ctrl_c(t):
    "Ctrl-C and Ctrl-\\ reach the program in front, not the recorder"
    def play(term):
        term.expect("<$ ")
        term.send("sleep 60\r")
        until(lambda: b"sleep 60\r\n" in term.out or not term.pump(0.1), "typed")
        time.sleep(0.3)
        term.send("\x03")
        term.expect("<$ ")
        term.send("echo st=$?\r")
        term.expect("st=130\r\n")
        term.send("sh -c 'trap \"\" INT; echo up; exec sleep 60'\r")
        term.expect("up\r\n")
        term.send("\x03\x1c")
        term.expect("<$ ")
        term.send("echo st=$?; exit 5\r")
        term.expect("st=131\r\n")
        return term.wait()
    same("exit", *t.both(play, BASH))


def case_ctrl_z(t):
    "Ctrl-Z, jobs, bg, fg in a shell inside"
    def play(term):
        term.expect("<$ ")
        term.send("sh -c 'echo one; read x; echo two-$x'\r")
        term.expect("one\r\n")
        term.send("\x1a")
        term.expect("Stopped")
        term.expect("<$ ")
        term.send("jobs\r")
        term.expect("Stopped")
        term.expect("<$ ")
        term.send("fg\r")
        term.expect("two-$x'\r\n")
        term.send("line\r")
        term.expect("two-line\r\n")
        term.expect("<$ ")
        term.send("sleep 60 & kill %1; wait %1; echo st=$?\r")
        term.expect("st=143\r\n")
        term.send("exit 6\r")
        return term.wait()
    same("exit", *t.both(play, BASH))


def case_stopped_jobs(t):
    "stopped jobs at the exit: the warning, then the end of the jobs"
    def play(term):
        term.expect("<$ ")
        term.send("cat\r")
        term.expect("cat\r\n")
        time.sleep(0.3)
        term.send("\x1a")
        term.expect("Stopped")
        term.expect("<$ ")
        term.send("exit\r")
        term.expect("There are stopped jobs.")
        term.expect("<$ ")
        term.send("exit 8\r")
        end = term.wait()
        term.as_before()
        return end
    same("exit", *t.both(play, BASH))


def case_background(t):
    "started in the background the recorder waits for the terminal, as a shell does"
    script = "set -m; %s & wait %%1; echo stopped=$?; read x; fg >/dev/null; echo left=$?"
    seen = []
    for argv in (["sh", "-c", "'stty -a >/dev/null; stty echo; exit 4'"],
                 t.rec(["sh", "-c", "'stty -a >/dev/null; stty echo; exit 4'"])):
        term = t.bare(["bash", "--norc", "-c", script % " ".join(argv)])
        term.expect("stopped=", 10)
        check(not term.is_raw(), "raw in the background")
        term.send("\r")
        term.expect("left=4", 10)
        term.wait()
        term.as_before()
        seen.append(re.findall(rb"stopped=\d+", term.out))
    same("stops", *seen)


def case_pipeline(t):
    "recorded at the head of a pipeline, Ctrl-Z and fg in the shell outside"
    def play(term, argv):
        term.expect("<$ ")
        term.send("%s | cat; exit 9\r" % " ".join(argv))
        term.expect("up\r\n")
        term.send("\x1a")
        term.expect("Stopped")
        term.expect("<$ ")
        term.send("fg\r")
        time.sleep(0.3)
        term.send("a\rb\r\x04")
        term.expect("got a\r\n")
        term.expect("<$ ")
        term.send("exit 9\r")
        end = term.wait()
        return end
    program = ["sh", "-c", "'echo up; read x; echo got $x'"]
    same("exit", play(t.bare(BASH), program), play(t.bare(BASH), t.rec(program)))


def case_stop_ignored(t):
    "with its output in a file, a program that ignores Ctrl-Z goes on; one that is stopped is not lost"
    def play(term, argv):
        term.expect("<$ ")
        term.send("%s >/dev/null\r" % " ".join(argv))
        term.expect("up\r\n")
        term.send("\x1a")
        time.sleep(0.3)
        term.send("a\r")
        term.expect("got a\r\n")
        term.expect("Stopped")
        term.expect("<$ ")
        term.send("kill -CONT %1\r")
        term.expect("went on\r\n")
        term.send("wait; exit 9\r")
        return term.wait()
    program = ["sh", "-c", "'trap \"\" TSTP; echo up >&2; read x; echo got $x >&2;"
               " kill -STOP $$; echo went on >&2'"]
    same("exit", play(t.bare(BASH), program), play(t.bare(BASH), t.rec(program)))


SIZES = """
import os, signal, sys
def show(*_):
    size = os.get_terminal_size(0)
    os.write(1, b"%d %d\\n" % (size.lines, size.columns))
signal.signal(signal.SIGWINCH, show)
os.write(1, b"up\\n")
sys.stdin.readline()
show()
"""


def case_window_storm(t):
    "200 window changes in a row: the last size holds"
    def play(term):
        term.expect("up\r\n")
        for i in range(200):
            term.resize(10 + i % 90, 40 + i)
            term.pump(0)
        term.resize(51, 132)
        term.expect("51 132\r\n")
        term.read_on(0.3)
        term.pos = len(term.out)
        term.send("\r")
        term.expect("51 132\r\n")
        seen = re.findall(rb"(\d+) (\d+)\r", term.out)
        check(all(r == b"51" or (int(r) - 10) % 90 == (int(c) - 40) % 90 for r, c in seen),
              "rows and columns of different sizes")
        return term.wait()
    same("exit", *t.both(play, ["/usr/bin/python3", "-S", "-c", SIZES]))


def case_window_sizes(t):
    "no size at all, one of 4,000 columns, one of 65,535"
    for size in ((0, 0), (1, 1), (50, 4000), (65535, 65535)):
        def play(term):
            end = term.wait()
            return end, bytes(term.out)
        same("size", *t.both(play, ["sh", "-c", "stty size; printf '%5000s|'"], size=size))


def case_wide_line(t):
    "an editor of lines that are 4,000 columns wide"
    term = t.recorded(BASH, size=(50, 4000))
    term.expect("<$ ")
    text = "x" * 3000
    term.send("echo %s\r" % text)
    term.expect(text)
    term.expect(text + "\r\n")
    term.send("exit\r")
    check(term.wait() == "exit 0", "exit")


def case_front_stopped(t):
    "a front that is stopped by another terminal and goes on"
    term = t.recorded(["sh", "-c", "echo up; read x; exit 12"])
    term.expect("up")
    os.kill(term.pid, signal.SIGSTOP)
    term.hear("stop")
    term.send("\r")
    time.sleep(0.3)
    term.ctl.send(b"go")
    check(term.wait() == "exit 12", "exit")
    term.as_before()


def case_raw_outside(t):
    "signals typed to a program that reads raw arrive as bytes"
    def play(term):
        term.expect("up")
        term.send("\x03\x1a\x1c\x11\x13")
        end = term.wait()
        return end, bytes(term.out)
    same("bytes", *t.both(play, ["sh", "-c", "stty raw -echo; echo up; head -c 5 | od -An -tx1"]))
