# SPDX-License-Identifier: ISC
"""The soak's users: each logs in, types, builds, looks at what redraws itself or rests, and
leaves in one way or another.  What they saw and typed is the truth that the store is held
against."""
import errno
import fcntl
import os
import pty
import re
import struct
import termios

import harness as h
from soak_engine import boot, until

PATIENCE_S = 240   # for an answer: the store may be full, the recorder stopped
PROMPT = b"@> "
SECRET = "not for the record"
KEY_S = (0.01, 0.08)


class Session:
    """One session from the outside."""

    def __init__(self, world, number):
        self.world, self.number, self.rng = world, number, world.rng_of(f"session {number}")
        self.name = f"soak{number}"
        self.shown, self.seen, self.keys = bytearray(), 0, bytearray()
        self.typed = self.hidden = self.programs = self.marks = 0
        self.status = self.ended = None
        self.kept = True           # the record is to have all that is typed
        self.left = None           # how: "exit", "hang-up", "kill"
        self.wanted = None         # the exit status that this gives, -n a signal
        self.hit = {}              # fault: when
        self.up = self.stuck = False
        self.started = boot()
        self.pid, self.master = self.log_in()
        world.engine.hear(self.master, self.read)

    def log_in(self):
        argv = [h.REC, "-d", self.world.collector.dir, "--", "/bin/sh", "-i", "-s", self.name]
        pid, master = pty.fork()
        if pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
                os.execve(argv[0], argv, {"PATH": "/usr/bin:/bin", "TERM": "xterm", "PS1": "@> ",
                                           **self.world.jitter})
            finally:
                os._exit(127)
        os.set_blocking(master, False)
        return pid, master

    def read(self):
        try:
            data = os.read(self.master, 65536)
        except BlockingIOError:
            return
        except OSError as e:
            assert e.errno == errno.EIO
            data = b""
        self.shown += data
        if not data:
            self.close()

    def about(self):
        return (f"{self.name}, process {self.pid}, from {self.started:.3f} to {self.ended}, "
                f"{self.hit}, up {self.up}, left by {self.left}, shown {len(self.shown)} bytes: "
                f"{bytes(self.shown[-200:])!r}")

    def close(self):
        if self.master is not None:
            self.world.engine.forget(self.master)
            os.close(self.master)
            self.master = None

    def has_ended(self):
        """Its front is gone and the terminal is nobody's any more."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status, self.ended = os.waitstatus_to_exitcode(status), boot()
        return self.status is not None and self.master is None

    def keeper(self):
        """Process id of it, or None."""
        found = [p for p in children(self.pid) if comm(p) == "shellac-rec"]
        return found[0] if found and self.status is None else None

    # -- what is done --

    def press(self, text, hidden=False):
        """Key by key, as far as there is a terminal to press them on."""
        at, keys = 0, text.encode()
        self.keys += keys
        while at < len(keys) and self.master is not None:
            try:
                at += os.write(self.master, keys[at:at + 1])
            except BlockingIOError:
                pass
            except OSError:
                break
            yield self.rng.uniform(*KEY_S)
        if hidden:
            self.hidden += at
        else:
            self.typed += at

    def shows(self, text):
        def look():
            at = self.shown.find(text, self.seen)
            if at >= 0:
                self.seen = at + len(text)
            return at >= 0 or self.master is None

        if not (yield from until(look, PATIENCE_S)):
            self.stuck = True
            self.world.bad(f"{self.name}: waited in vain for {text!r}; shown: "
                           f"{bytes(self.shown[-200:])!r}; {self.hit}")
        return self.master is not None and not self.stuck

    def does(self, command):
        """A line, and until it is done."""
        self.marks += 1
        yield from self.press(f"{command}; echo d''{self.marks}.\r")
        return (yield from self.shows(b"d%d.\r\n" % self.marks)) and \
            (yield from self.shows(PROMPT))

    def types(self):
        return (yield from self.does(f"echo {self.rng.choice('abcdefgh') * self.rng.randrange(40)}"))

    def builds(self):
        programs, lines = self.rng.randrange(1, 30), self.rng.randrange(2000)
        good = yield from self.does(f"i=0; while [ $i -lt {programs} ]; do /bin/true; i=$((i+1)); "
                                    f"done; seq {lines}")
        self.programs += programs if good else 0
        return good

    def looks(self):
        return (yield from self.does(
            f"for i in $(seq {self.rng.randrange(5, 25)}); do printf '\\033[H\\033[2J'; "
            "for j in 1 2 3 4 5 6 7 8; do printf '%s \\033[3%smprocess\\033[m %s\\n' $i $j "
            "abcdefghijklmnopqrstuvwxyz; done; sleep 0.1; done"))

    def hides(self):
        self.marks += 1
        yield from self.press(f"stty -echo; echo d''{self.marks}.; read x; stty echo\r")
        if not (yield from self.shows(b"d%d.\r\n" % self.marks)):
            return False
        yield from self.press(SECRET + "\r", hidden=True)
        return (yield from self.shows(PROMPT))

    def resizes(self):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", self.rng.randrange(10, 60), self.rng.randrange(40, 200), 0, 0))
        return (yield from self.types())

    def rests(self):
        yield self.rng.uniform(1, 5)
        return self.master is not None

    # -- how it ends --

    def leaves(self):
        self.left = self.rng.choice(("exit", "exit", "flood", "hang-up", "kill"))
        if self.left == "hang-up":
            self.kept = False
            return self.close()
        code = self.rng.randrange(100)
        line = {"exit": f"exit {code}", "flood": f"seq 20000; exit {code}", "kill": "kill -9 $$"}
        self.wanted = -9 if self.left == "kill" else code
        yield from self.press(line[self.left] + "\r")

    def lives(self, seconds):
        """All of it."""
        self.up = yield from self.shows(PROMPT)
        acts = [self.types] * 5 + [self.builds, self.looks, self.hides, self.resizes] + [self.rests] * 2
        end = boot() + seconds
        good = self.up
        while good and boot() < end and not self.world.closing:
            good = yield from self.rng.choice(acts)()
        if good:
            yield from self.leaves()
        if not (yield from until(self.has_ended, PATIENCE_S)):
            self.stuck = True
            self.world.bad(f"{self.name}: does not end; left by {self.left}, status {self.status}, {self.hit}")
            self.close()


def logs_in(world, place, end):
    """One after the other at the same place, until the end."""
    rng = world.rng_of(f"place {place}")
    yield rng.uniform(0, 5)
    while boot() < end and not world.closing:
        session = Session(world, len(world.sessions) + 1)
        world.sessions.append(session)
        yield from session.lives(rng.choice((0.5, 5, 15, 30, 60, 300)))
        yield rng.uniform(0, 3)


# -- processes --

def children(pid):
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as f:
                found += [int(p) for p in f.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def comm(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as f:
            return f.read().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def state(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


# what the recorder tells the user is no part of the record
KEEPER_SAYS = re.compile(rb"\r\nshellac-rec: (?:nobody collects this session: it waits|"
                         rb"your quota is used up: this session goes on slowly)\r\n")
FRONT_SAYS = b"\r\nshellac-rec: the recorder of this session was killed\r\n"
