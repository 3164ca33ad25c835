#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Short sessions, most of which lose their recorder at some moment of their lives, while
their collector comes and goes and calls into the kernel are late: whatever was shown is in
the store."""
import contextlib
import os
import random
import signal
import time

import harness as h
from soak_users import FRONT_SAYS, KEEPER_SAYS, children, comm

SECONDS = 20
AT_ONCE = 8
ODDS = "25"
TWICE_S = 1  # what is in a FIFO goes with the last who has it open: recorder and collector
LINES = "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo line $i; sleep 0.0%d; done"
EXPECTED = ("cut", "unsealed", "certificate", "level")


def late():
    """The environment of who is to be late."""
    return {} if h.sanitized() else {
        "LD_PRELOAD": h.BUILD + "/tests/system/shim_jitter.so", "SHIM_JITTER": ODDS}


def size(path):
    try:
        return os.path.getsize(path)
    except FileNotFoundError:
        return 0


class Session:
    def __init__(self, c, number, rng):
        self.name, self.killed = f"n{number}", None
        self.doomed = rng.random() < 0.7
        self.due = time.monotonic() + rng.choice((rng.uniform(0, 0.3), rng.uniform(0, 3)))
        self.terminal = h.Terminal([h.REC, "-d", c.dir, "--", "/bin/sh", "-c",
                                    LINES % rng.choice((1, 3, 5)), self.name], env=late())

    def is_over(self):
        """Kills its recorder, as soon as there is one, or its program, in time."""
        now = time.monotonic()
        if now < self.due:
            return False
        if not self.doomed:
            there = b"line" in self.terminal.shown
            if there:
                with contextlib.suppress(OSError):  # it may have come to its end
                    self.terminal.send("\x03")
            return there or now > self.due + 30
        keepers = [p for p in children(self.terminal.pid) if comm(p) == "shellac-rec"]
        if keepers:
            os.kill(keepers[0], signal.SIGKILL)
            self.killed = time.monotonic()
        return bool(keepers) or now > self.due + 3

    def shown(self):
        text = KEEPER_SAYS.sub(b"", bytes(self.terminal.shown)).partition(FRONT_SAYS)[0]
        return b"" if text.startswith(b"shellac-rec:") else text


class Weather:
    """A collector that comes and goes."""

    def __init__(self, c, rng):
        self.c, self.rng, self.there = c, rng, True
        self.due, self.did = time.monotonic() + 2, []

    def does(self, what):
        self.did.append((what, time.monotonic()))

    def turn(self):
        if time.monotonic() < self.due:
            return
        if not self.there:
            self.begin()
        elif self.rng.random() < 0.6:
            self.c.kill()
            self.does("gone")
        else:
            self.does("end")
            self.c.stop()
            self.does("gone")
        self.there = not self.there
        self.due = time.monotonic() + (self.rng.choice((0.05, 0.3, 1, 3)) if self.there else
                                       self.rng.uniform(0, 1.2))

    def begin(self):
        self.does("launch")
        self.c.launch()

    def spools(self):
        """One without a header was in the making; it goes in a minute."""
        folder = self.c.dir + "/spool/"
        return [n for n in os.listdir(folder) if size(folder + n)]

    def calm(self):
        if not self.there:
            self.begin()
        return h.eventually(120, lambda: self.c.ready() and not self.spools() and
                            [o["sessions"] for o in self.c.objects("status")] == [0])

    def took_both(self, session):
        """What was in the FIFO then is nowhere."""
        return session.killed and any(abs(t - session.killed) < TWICE_S
                                      for what, t in self.did if what == "gone")

    def around(self, session):
        """What was done then, in seconds after its recorder was killed."""
        return [(what, round(t - session.killed, 3)) for what, t in self.did
                if session.killed and abs(t - session.killed) < 3]


def storm(c, rng):
    weather, everyone, live = Weather(c, rng), [], []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        weather.turn()
        if len(live) < AT_ONCE:
            live.append(Session(c, len(everyone) + 1, rng))
            everyone.append(live[-1])
        live = [s for s in live if not s.is_over()]
        time.sleep(0.005)
    for s in everyone:
        s.terminal.wait(120)
    h.ok(weather.calm(), "all comes to rest", c.text()[-2000:])
    return weather, [s for s in everyone if s.shown()]


def lacking(c, weather, sessions, rows):
    """What the store does not have of those that showed something."""
    found = []
    for s in sessions:
        row, shown = rows.get(s.name), s.shown()
        raw = c.raw(row["n"]) if row else b""
        if not raw.startswith(shown) and not (weather.took_both(s) and shown.startswith(raw)):
            at = len(os.path.commonprefix([raw, shown]))
            found.append(f"{s.name}, session {row and row['n']}: {len(shown)} bytes shown, "
                         f"{len(raw)} stored, from {at} on: {shown[at:at + 400]!r}, "
                         f"{raw[at:at + 60]!r}; {weather.around(s)}")
        if row and not s.killed and row["status"] not in ("COMPLETE", "UNCERTIFIED"):
            found.append(f"{s.name} was not killed: {row}")
    return found


def main():
    seed = int(os.environ.get("SEED", "0")) or time.time_ns() % 1000000
    c = h.Collector(conf="acct = off\nprocess_events = no\nspool_size = 4M\n", env=late()).start()
    weather, sessions = storm(c, random.Random(seed))
    listed = c.objects("list")
    rows = {row["args"].split()[-1]: row for row in listed if row["args"]}
    h.note(f"SEED={seed}: {len(listed)} sessions, {len(sessions)} showed something, "
           f"{len(weather.did)} times the collector came or went")
    h.ok(len(sessions) > 20, "sessions show something")
    found = lacking(c, weather, sessions, rows)
    h.ok(not found, "all that was shown is stored", "\n".join(found))
    h.equal(len(rows), len([row for row in listed if row["args"]]), "each once")
    h.equal([row for row in listed if not row["args"] and row["bytes_out"]], [],
            "who has no name has shown nothing")
    h.equal([f for f in c.objects("verify") if "kind" in f and f["kind"] not in EXPECTED], [],
            "nothing is found but what was killed")
    h.ok(h.eventually(60, lambda: not os.listdir(c.dir + "/run/session")), "no FIFO is left",
         os.listdir(c.dir + "/run/session"))  # of who was gone before it registered: swept
    c.stop()
    h.done()


main()
