# SPDX-License-Identifier: ISC
"""What the store says after a soak, held against what the users saw and what was done to
the host: whatever no fault of a fitting kind and time explains is an error."""
import bisect
import collections
import concurrent.futures
import datetime
import glob
import itertools
import json
import os

import soak_users
from soak_engine import boot

AWAY = ("kill", "restart", "stop", "disk")  # nobody collected
SLACK_S = 30 if os.environ.get("SOAK_JITTER") else 15  # from a fault to what is written about it
SUSPENDED_S = 45  # until the kernel writes records again where there was no room: acct(2) looks
                  # each 30 s
STEP_SLACK_S = 1

# a recorder that waits for its certificate begins without, and then that session is nobody's
SLOW = AWAY + ("helper stopped", "key process killed")

# which faults explain what a FAIL of the ledger is about
FAILS = {"space": ("disk",), "store": ("disk",), "sync": ("disk",), "events": ("disk",),
         "accounting": ("disk", "restart", "kill", "stop")}
# and which ones a gap in the records of processes
GAPS = ("disk", "restart", "kill", "stop")


# what the ledger and what events call it
WORDS = {"OPEN": "session-start", "CLOSE": "session-end"}


class Lost:
    """The numbers that a plugin was told are lost: each is one event at most, of a time between
    those of the sessions that begin and end around it."""

    def __init__(self, told, known):
        known = sorted((number, when) for number, when in known if when is not None)
        times = [when for _, when in known]
        self.known = [number for number, _ in known]
        # of those up to each, the latest; of those from it on, the earliest
        self.latest = list(itertools.accumulate(times, max))
        self.earliest = list(itertools.accumulate(times[::-1], min))[::-1]
        self.numbers = sorted({n for e in told.values() if e["event"]["action"] == "events-lost"
                               for n in range(e["shellac"]["lost"]["from"],
                                              e["shellac"]["lost"]["to"] + 1)})

    def fits(self, number, when):
        before = bisect.bisect_left(self.known, number)
        after = bisect.bisect_right(self.known, number)
        return (self.latest[before - 1] if before else when) - SLACK_S <= when <= \
            (self.earliest[after] if after < len(self.known) else when) + SLACK_S

    def take(self, when):
        """Was one of that time lost?  It is used up."""
        found = next((n for n in self.numbers if self.fits(n, when)), None)
        if found is not None:
            self.numbers.remove(found)
        return found is not None


class Explain:
    def __init__(self, world):
        self.world, self.journal = world, world.journal
        self.errors = []
        c = world.collector
        self.rows = c.objects("list")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            asked = [pool.submit(c.objects, *words) for words in (
                ("verify", "--level", "2", "--policy", world.policy), ("ledger",), ("coverage",),
                ("procs", "command", "^true$"))]
            rows = [row["n"] for row in self.rows]
            self.raw = dict(zip(rows, pool.map(c.raw, rows)))
            self.verify, self.ledger, self.coverage, trues = (a.result() for a in asked)
        self.deep = [e for life in events(c, "deep") for e in life]
        self.trues = collections.Counter(p["session"] for p in trues)

    def bad(self, text):
        self.errors.append(text)

    def all(self):
        self.sessions()
        self.entries()
        self.findings()
        self.gaps()
        self.plugins()
        return self.errors

    # -- sessions --

    def sessions(self):
        self.row_of, self.session_of = {}, {}
        for row in self.rows:
            name = row["args"].split()[-1] if row["args"] else f"?{row['n']}"
            if name in self.row_of:
                self.bad(f"{name} is there twice: {self.row_of[name]['n']} and {row['n']}")
            self.row_of[name] = row
        for session in self.world.sessions:
            row = self.row_of.pop(session.name, None)
            if row is None:
                self.bad(f"{session.about()}: there is no record")
            else:
                self.session_of[row["n"]] = session
                self.session(session, row)
        self.turned_away = set()
        for name, row in self.row_of.items():
            if name.startswith("?") and not row["bytes_out"] and row["status"] in ("CUT", "UNSEALED") and \
                    self.by_date(row["start"], row["start"], *SLOW):
                self.turned_away.add(row["n"])
            else:
                self.bad(f"session {row['n']}, {name}, is nobody's: {row}")

    def session(self, session, row):
        killed = is_killed(session)
        wanted = {"CUT", "UNSEALED"} if killed else {"COMPLETE"}
        if self.was_away(session):
            wanted |= {"UNCERTIFIED"}
        about = f"{session.name}, session {row['n']}, {session.hit}, left by {session.left}: "
        if row["status"] not in wanted:
            self.bad(about + f"is {row['status']}: {row['finding']}")
        self.screen(session, row, about)
        self.keys(session, row, about)
        if session.wanted is not None and not self.is_cut_off(session):
            got = -row["signal"] if row["signal"] else row["exit"]
            if not got == session.wanted == session.status:
                self.bad(about + f"ended with {session.status}, the record has {got}, "
                         f"wanted {session.wanted}")
        self.processes(session, row, about)

    def was_away(self, session):
        """Was there nobody from its beginning to its end, or nobody who was quick enough?"""
        return any(f["from"] <= session.started + SLACK_S and f["to"] + SLACK_S >= (session.ended or 0)
                   for f in self.journal.of(*SLOW))

    def screen(self, session, row, about):
        raw = self.raw[row["n"]]
        shown = soak_users.KEEPER_SAYS.sub(b"", bytes(session.shown))
        if is_killed(session) or "front killed" in session.hit:
            shown = without_front(shown, raw, session)
        whole = not self.is_cut_off(session)
        if raw != shown if whole else not raw.startswith(shown):
            at = next((i for i, (a, b) in enumerate(zip(raw, shown)) if a != b), min(len(raw), len(shown)))
            self.bad(about + f"{len(shown)} bytes were shown, {len(raw)} are stored, the first that "
                     f"differs is {at}: {shown[at - 20:at + 60]!r}, {raw[at - 20:at + 60]!r}")

    @staticmethod
    def is_cut_off(session):
        """Did its user not see the end?"""
        return is_killed(session) or "front killed" in session.hit or session.stuck or \
            session.left == "hang-up"

    def keys(self, session, row, about):
        got, typed = (row["bytes_in"], row["bytes_hidden"]), (session.typed, session.hidden)
        if self.is_cut_off(session):
            if sum(got) > sum(typed):
                self.bad(about + f"typed {typed}, stored {got}")
        elif got != typed:
            self.bad(about + f"typed {typed}, stored {got}")

    def processes(self, session, row, about):
        got = self.trues[row["n"]]
        gap = self.journal.around(session.started, session.ended or 0, *GAPS) or \
            self.journal.around(session.started - SUSPENDED_S, session.ended or 0, "disk") or \
            self.near(session.started, *SLOW)  # it was not known yet whose they are
        if got > session.programs + 30 * self.is_cut_off(session) or \
                got < session.programs and not gap:
            self.bad(about + f"ran {session.programs} programs, the records have {got}")

    # -- the ledger --

    def near(self, at, *kinds):
        return self.journal.around(at - SLACK_S, at, *kinds)

    def entries(self):
        seen = collections.Counter()
        for e in self.ledger:
            seen[e["type"], e.get("n")] += 1
            explain = getattr(self, "entry_" + e["type"].lower(), None)
            if explain is not None:
                explain(e, e["boot_ns"] / 1e9)
        for row in self.rows:
            for word in "OPEN", "CLOSE":
                if seen[word, row["n"]] != 1:
                    self.bad(f"session {row['n']}: {seen[word, row['n']]} entries {word}")
        for fault in self.journal.of("kill"):
            if not any(e["type"] == "RECOVER" and not e["clean"] and
                       fault["from"] <= e["boot_ns"] / 1e9 <= fault["to"] for e in self.ledger):
                self.bad(f"no RECOVER for {fault}")

    def entry_recover(self, e, at):
        if not e["clean"] and not self.near(at, "kill"):
            self.bad(f"RECOVER without a kill: {e}")

    def entry_fail(self, e, at):
        if not self.near(at, *FAILS.get(e["what"], ())):
            self.bad(f"a FAIL that nothing explains: {e}")

    def entry_clock(self, e, at):
        step = e["step_ns"] / 1e9
        if not any(abs(f["step"] - step) < STEP_SLACK_S for f in self.near(at, "clock")):
            self.bad(f"a CLOCK that nothing explains: {e}")

    def entry_close(self, e, _):
        session = self.session_of.get(e["n"])
        if session and e["end"] != "whole" and not is_killed(session):
            self.bad(f"{session.name} was not killed: {e}")

    def entry_gap(self, e, _):
        self.bad(f"something is lost: {e}")

    entry_action = entry_purge = entry_access = entry_gap

    def entry_unrecorded(self, e, at):
        row = next((o for o in self.coverage if o.get("ledger") == e["index"]), None)
        wrongly = self.seen_wrongly(row) if row else self.near(at, "disk")  # which took no row
        if not self.is_front(e["pid"], e["start_ticks"]) and not wrongly:
            self.bad(f"nobody was unrecorded: {e}, {row}, {self.about(e['pid'], e['start_ticks'])}")

    def front_of(self, pid, ticks):
        """The session with this front, or None; process ids come again."""
        return next((s for s in self.world.sessions if s.pid == pid and
                     abs(s.started - ticks / 100) < SLACK_S), None)

    def about(self, pid, ticks):
        s = self.front_of(pid, ticks)
        return s and (s.name, s.hit, s.left, s.status, s.started, s.ended)

    def is_front(self, pid, ticks):
        """Of a session that began or ended while nobody heard of it, or records were lost."""
        front = self.front_of(pid, ticks)
        return front is not None and self.journal.around(
            ticks / 100 - SUSPENDED_S, (front.ended or boot()) + SLACK_S, *AWAY)

    def seen_wrongly(self, row):
        """Everybody was recorded; what is not a front may be called otherwise while records are
        lost."""
        return self.is_front(*map(int, row["life"].split(":")[1:3])) or \
            self.by_date(row["start"], row["end"] or row["start"], "disk")

    # -- verify and coverage --

    def findings(self):
        for f in self.verify:
            if "kind" in f:
                session = self.session_of.get(f.get("n"))
                if not self.explains(session, f):
                    self.bad(f"verify: {f}; {session and (session.name, session.hit, session.left)}")
            elif "ledger" in f and f["ledger"]["status"] != "CONSISTENT":
                self.bad(f"verify: {f}")
        if not any("ledger" in f for f in self.verify):
            self.bad(f"verify says nothing of the ledger: {self.verify[:3]}")

    def explains(self, session, f):
        if f["kind"] in ("cut", "unsealed"):
            return is_killed(session) if session else f.get("n") in self.turned_away
        if f["kind"] in ("certificate", "level"):
            return session and self.was_away(session)
        if f["kind"] == "clock":
            step = float(f["text"].split(" by ")[1].split()[0])
            return any(abs(c["step"] - step) < STEP_SLACK_S for c in self.journal.of("clock"))
        if f["text"].endswith("more findings are not shown"):  # a CLOCK each, as those before
            clocks = [sum(e["type"] == "CLOCK" for e in self.ledger),
                      sum(v.get("kind") == "clock" for v in self.verify)]
            return int(f["text"].split()[0]) == clocks[0] - clocks[1]
        return False

    def gaps(self):
        for o in self.coverage:
            if o["kind"] in ("unrecorded", "lead-in") and not self.seen_wrongly(o):
                self.bad(f"coverage: {o}")
            if o["kind"] == "gap" and not self.by_date(o["start"], o["end"] or o["start"], *GAPS):
                self.bad(f"coverage: a gap that nothing explains: {o}")

    def by_date(self, start, end, *kinds):
        """Faults around that time, by any of the clock's settings: dates of process lives stay
        with the one that was first."""
        settings = self.world.wall.settings
        last, first = seconds(end) - min(settings), seconds(start) - max(settings)
        return any(f["from"] - SLACK_S <= last and first <= f["to"] + SUSPENDED_S
                   for f in self.journal.of(*kinds))

    # -- plugins --

    def plugins(self):
        for name in "deep", "short":
            self.account(name)
        told = {e["event"]["sequence"]: e for e in self.deep}
        at = {(WORDS.get(e["type"]), e.get("n")): e["boot_ns"] / 1e9 for e in self.ledger}
        seen = {number: (e["event"]["action"], e["shellac"]["session"]["n"])
                for number, e in told.items() if e["event"]["action"] in WORDS.values()}
        count = collections.Counter(seen.values())
        lost = Lost(told, [(number, at.get(what)) for number, what in seen.items()])
        for row in self.rows:
            for action in WORDS.values():
                when = at.get((action, row["n"]))
                if count[action, row["n"]] > 1 or not count[action, row["n"]] and not (
                        when and lost.take(when) and
                        self.journal.around(when - SLACK_S, when + SLACK_S, "disk")):
                    self.bad(f"session {row['n']}: {count[action, row['n']]} events {action}")

    def account(self, name):
        """Nothing is missing that it was not told of, and nothing comes twice but after its
        end."""
        last = None
        for life in events(self.world.collector, name):
            begun = False
            for e in life:
                self.lost(name, e)
                number = e["event"]["sequence"]
                first = e["shellac"]["lost"]["from"] if e["event"]["action"] == "events-lost" else number
                if last is not None and (first > last + 1 if not begun else first != last + 1):
                    self.bad(f"the plugin {name} gets {first} behind {last}")
                last, begun = number, True

    def lost(self, name, e):
        """The plugin whose queue is long loses only what the journal could not take."""
        if name == "deep" and e["event"]["action"] == "events-lost" and not self.by_date(
                e["@timestamp"], e["@timestamp"], "disk"):
            self.bad(f"{e['shellac']['lost']} for a plugin that is to lose none")


def is_killed(session):
    return "keeper killed" in session.hit


def without_front(shown, raw, session):
    """What was on the screen until the terminal was nobody's, which echoes keys as they are."""
    shown = shown.partition(soak_users.FRONT_SAYS)[0]
    echo = shown[len(raw):]
    return raw if shown.startswith(raw) and echo in session.keys.replace(b"\r", b"\r\n") else shown


def seconds(text):
    """Of RFC 3339; nanoseconds are cut."""
    return datetime.datetime.strptime(text[:26] + "+0000", "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()


def events(collector, name):
    """What each life of a plugin got and wrote whole, in order."""
    lives = []
    for path in sorted(glob.glob(collector.out(name) + ".*"), key=lambda p: int(p.rsplit(".", 1)[1])):
        with open(path, encoding="utf-8") as f:
            found = [json.loads(line) for line in f if line.endswith("\n")]
        lives.append([e for e in found if "sequence" in e["event"]])
    return lives
