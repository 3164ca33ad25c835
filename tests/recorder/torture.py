#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Runs the cases of torture_*.py against $top_builddir/recorder/shellac-rec with a
collector of its own.  After each case: no process, no FIFO and no file may be left."""
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

from torture_term import (Fail, Skip, Term, become_subreaper, check, children, comm, descendants,
                          reset_signals, until)

TOP = os.path.abspath(os.environ["top_builddir"])
REC = TOP + "/recorder/shellac-rec"
MODULES = ["away", "modes", "status", "jobs", "bytes", "start", "limits", "channel", "collector", "end",
           "programs"]
CASE_SECONDS = 60
WORKERS = 3


class Collector:
    def __init__(self, directory, before=None, conf=""):
        self.dir, self.before, self.pid = directory, before, 0
        with open(directory + "/shellac.conf", "w") as f:
            f.write("acct = off\nprocess_events = no\n" + conf)

    def start(self):
        argv = [TOP + "/collector/shellacd", "-d", self.dir, "-n"]
        self.pid = os.fork()
        if self.pid == 0:
            try:
                reset_signals()
                log = os.open(self.dir + "/log", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
                null = os.open("/dev/null", os.O_RDWR)
                for fd, target in ((null, 0), (log, 1), (log, 2)):
                    os.dup2(fd, target)
                os.setsid()
                if self.before:
                    self.before()
                os.execv(argv[0], argv)
            finally:
                os._exit(99)
        until(lambda: subprocess.call([TOP + "/auditor/shellac", "-d", self.dir, "status"],
                                      preexec_fn=self.before, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL) in (0, 1), "the collector is ready")
        return self

    def kill(self, sig=signal.SIGKILL):
        os.kill(self.pid, sig)
        os.waitpid(self.pid, 0)
        self.pid = 0


class Torture:
    """What a case is given."""

    def __init__(self, directory):
        self.tmp = directory
        self.terms, self.collectors, self.count = [], [], 0
        os.mkdir(directory + "/home")
        self.home = directory + "/home"
        self.env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "HOME": self.home, "TERM": "xterm", "LANG": "C.UTF-8", "SHELL": "/bin/bash",
                    "PS1": "<$ ", "PS2": "", "HISTFILE": "", "TMPDIR": self.home}
        self.main = self.collector()
        self.dir = self.main.dir

    def collector(self, before=None, directory=None, conf=""):
        """A further one, for a case that ends it or needs another user."""
        self.count += 1
        path = directory or "%s/c%d" % (self.tmp, self.count)
        if not directory:
            os.mkdir(path, 0o700)
        c = Collector(path, before, conf).start()
        self.collectors.append(c)
        return c

    def rec(self, argv, directory=None):
        return [REC, "-d", directory or self.dir, "--"] + argv

    @staticmethod
    def sanitized():
        with open(REC, "rb") as f:
            return b"__asan_init" in f.read()

    def bare(self, argv, **how):
        how.setdefault("env", self.env)
        term = Term(argv, **how)
        self.terms.append(term)
        return term

    def recorded(self, argv, directory=None, **how):
        return self.bare(self.rec(argv, directory), **how)

    def both(self, play, argv, **how):
        """The same played on a bare pty and recorded; both results."""
        return play(self.bare(argv, **how)), play(self.recorded(argv, **how))

    def left(self):
        mine = [c.pid for c in self.collectors] + [t.leader for t in self.terms]
        return [p for p in children(os.getpid()) if p not in mine]

    def bury(self):
        """Takes the dead among those that came to us."""
        for p in self.left():
            try:
                os.waitpid(p, os.WNOHANG)
            except ChildProcessError:
                pass

    def reap(self):
        """Ends what the case left; returns the names of those that would have stayed."""
        for t in self.terms:
            t.close()
        self.terms = []
        end, names = time.monotonic() + 8, []
        while self.left():
            self.bury()
            if time.monotonic() > end:
                names += [comm(p) for p in self.left()]
                self.kill_left()
            time.sleep(0.02)
        return names

    def kill_left(self):
        for p in self.left():
            for q in descendants(p) + [p]:
                try:
                    os.kill(q, signal.SIGKILL)
                except OSError:
                    pass

    def clean(self):
        """After a case; raises Fail if something is left."""
        names = self.reap()
        check(not names, "processes left: %s" % names)
        for c in self.collectors[1:]:
            if c.pid:
                c.kill(signal.SIGTERM)
        self.collectors = self.collectors[:1]
        fifos = self.dir + "/run/session"
        until(lambda: not os.listdir(fifos), "no FIFO left", 5)
        check(not os.listdir(self.home), "files left: %s" % os.listdir(self.home))


def timed_out(*_):
    raise Fail("time-out")


def run_case(t, case):
    text, skip = "", ""
    signal.alarm(CASE_SECONDS)
    try:
        case(t)
    except Skip as e:
        skip = " # SKIP %s" % e
    except Fail as e:
        text = str(e)
    except Exception:
        text = traceback.format_exc()
    signal.alarm(30)
    try:
        t.clean()
    except Fail as e:
        text = text or str(e)
        for name in os.listdir(t.home):
            shutil.rmtree(t.home + "/" + name, ignore_errors=True)
            if os.path.lexists(t.home + "/" + name):
                os.unlink(t.home + "/" + name)
    signal.alarm(0)
    return text, skip


def find_cases(words):
    cases = []
    for m in MODULES:
        try:
            module = importlib.import_module("torture_" + m)
        except ModuleNotFoundError:
            continue
        for name, f in vars(module).items():
            if name.startswith("case_"):
                f.title = "%s: %s" % (m, f.__doc__)
                if not words or any(w in name or w == m for w in words):
                    cases.append(f)
    return cases


def work(cases, out):
    """Runs cases one after the other, tells a line of JSON about each."""
    become_subreaper()
    signal.signal(signal.SIGALRM, timed_out)
    directory = tempfile.mkdtemp(prefix="torture.")
    os.chmod(directory, 0o711)
    t = Torture(directory)
    for case in cases:
        begin = time.monotonic()
        text, skip = run_case(t, case)
        line = json.dumps([case.title, text, skip, time.monotonic() - begin]) + "\n"
        out.write(line)
        out.flush()
    t.main.kill(signal.SIGTERM)
    shutil.rmtree(directory, ignore_errors=True)


def start_worker(cases):
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(r)
            with open(w, "w") as out:
                work(cases, out)
            status = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(w)
    return pid, open(r)


def main():
    """Most of a case is waiting: so several at once."""
    cases = find_cases(sys.argv[1:])
    print("1..%d" % len(cases), flush=True)
    workers = [start_worker(cases[i::WORKERS]) for i in range(WORKERS)]
    n = bad = 0
    for pid, results in workers:
        for line in results:
            title, text, skip, seconds = json.loads(line)
            n += 1
            bad += bool(text)
            print("%sok %d - %s%s" % ("not " if text else "", n, title, skip))
            for line in text.splitlines():
                print("# " + line)
            print("# %.1f s" % seconds, flush=True)
        os.waitpid(pid, 0)
    return bad != 0 or n != len(cases)


if __name__ == "__main__":
    sys.exit(main())
