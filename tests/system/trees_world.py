# SPDX-License-Identifier: ISC
"""Trees of processes made to be hard to attribute (treegen), in recorded sessions
and beside them, and the judgement of what shellac says of each: every process has
written down whose it is, before it could die."""
import collections
import glob
import os
import queue
import random
import re
import shutil
import signal
import struct
import subprocess
import threading
import time

import harness as h

TREEGEN = os.path.join(h.BUILD, "tests/system/treegen")
AT_ONCE = 4
TREES_A_ROOT = 4

Life = collections.namedtuple("Life", "pid start key parent tty tags")


class Truth:
    """lives by (pid, start), the life of each tag, the session around each."""

    def __init__(self, path):
        self.lives, self.of_tag, self.outer = {}, {}, {}
        with open(path, encoding="ascii") as f:
            for line in f:
                self._line(line.split())

    def _line(self, word):
        if word[0] == "key":
            self.outer[word[1]] = word[2]
            return
        pid, start, tag, key, parent, tty = word[1:]
        life = self.lives.get((pid, start))
        if life is None:
            life = self.lives[pid, start] = Life(int(pid), int(start), key, int(parent),
                                                 int(tty), [])
        life.tags.append(tag)
        self.of_tag[tag] = life

    def outer_recorded(self, key):
        """The key of the recorded session around this one, or None."""
        key = self.outer.get(key)
        return None if key is None or key[0] == "-" else key


class World:
    def __init__(self, collector, seed, trees):
        self.collector = collector
        self.random = random.Random(seed)
        self.dir = os.path.join(h.work, "trees")
        self.generator = os.path.join(self.dir, "treegen")
        self.roots = max(1, trees // TREES_A_ROOT)
        os.makedirs(os.path.join(self.dir, "x"))
        shutil.copy(TREEGEN, self.generator)
        run = random.SystemRandom().getrandbits(20)
        self.comm = re.compile(f"t[gf]{run:05x}[0-9a-f]{{7}}")
        for name, content in (("truth", b""), ("count", struct.pack("II", 0, run))):
            with open(os.path.join(self.dir, name), "wb") as f:
                f.write(content)
        for name, mode in ((h.work, 0o755), (self.dir, 0o755), ("truth", 0o666),
                           ("count", 0o666), ("x", 0o777)):
            os.chmod(os.path.join(self.dir, name), mode)
        os.environ.update(TREES_REC=h.REC, TREES_DIR=collector.dir)
        h.at_end(self._end)

    def _end(self):
        for pid in self.living():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def living(self):
        """Processes that run the generator now, zombies left out, but for those that live on
        in another thread."""
        found = set()
        for exe in glob.glob("/proc/[0-9]*/task/[0-9]*/exe"):
            try:
                if os.readlink(exe) == self.generator:
                    found.add(int(exe.split("/")[2]))
            except OSError:
                pass
        return found

    def root(self, key, trees=TREES_A_ROOT):
        return [self.generator, "root", self.dir, key, str(self.random.getrandbits(60)),
                str(trees), "2"]

    def say_key(self, key):
        with open(os.path.join(self.dir, "truth"), "a", encoding="ascii") as f:
            f.write(f"key {key} -\n")

    def jobs(self):
        """Functions that run a root each; most of them in a session of its own."""
        made = []
        for i in range(self.roots):
            key = f"{'SSSSuub'[i % 7]}{i}"
            made.append(self._recorded(key) if key[0] == "S" else
                        self._beside("-" + key, key[0] == "u"))
        self.random.shuffle(made)
        return made

    def _recorded(self, key, argv=None):
        argv = argv or self.root(key)
        self.say_key(key)
        return lambda: h.record(self.collector, argv).wait(120)

    def _beside(self, key, terminal):
        argv = self.root(key)
        if terminal:
            return lambda: h.Terminal(argv).wait(120)
        return lambda: subprocess.call(argv, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, start_new_session=True)

    def shared_tmux(self):
        """A server started in one session runs what another asks it for."""
        tmux = f"tmux -f /dev/null -S {self.dir}/tmux"
        mine, theirs = (" ".join(self.root("T1", 2)) for _ in range(2))
        own = " ".join(self.root("T2", 2))
        first = self._recorded("T1", ["/bin/sh", "-c",
                                      f"echo key T1; {tmux} new-session -d '{mine}; sleep 3'"])
        second = self._recorded("T2", ["/bin/sh", "-c",
                                       f"echo key T2; {tmux} new-window '{theirs}'; {own}"])
        return [lambda: (first(), second())]

    def plant_under(self, trouble, jobs):
        """The same while something goes on that stop_now_and_then() or the like begins."""
        over = threading.Event()
        thread = trouble(self.collector, self.random.random(), over)
        try:
            self.plant(jobs)
        finally:
            over.set()
            thread.join()

    def plant(self, jobs):
        """Runs the jobs, a few at once, until none of their processes is left."""
        todo, bad = queue.Queue(), []
        for job in jobs:
            todo.put(job)

        def work():
            while True:
                try:
                    job = todo.get_nowait()
                except queue.Empty:
                    return
                if job() is None:
                    bad.append(job)

        workers = [threading.Thread(target=work) for _ in range(AT_ONCE)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        h.ok(not bad, "all sessions end")
        # twice: one that ends may have forked behind the back of the first look
        h.ok(h.eventually(60, lambda: not self.living() and not self.living()),
             "and all processes", self.living())

    def keys(self):
        """Number of a session -> its key, from what it shows."""
        found = {}
        for row in self.collector.objects("list"):
            shown = self.collector.auditor("cat", str(row["n"])).stdout.decode("utf-8", "replace")
            match = re.search(r"key (\S+)", shown)
            found[row["n"]] = match.group(1) if match else None
        return found


class Judgement:
    """What shellac says of the processes, against the truth.  events: it has seen each
    fork, so nothing is uncertain, and lives have their start and parent."""

    def __init__(self, world, events=False):
        self.events, self.vague, self.late = events, [], []
        self.truth = Truth(os.path.join(world.dir, "truth"))
        self.keys = world.keys()
        self.records = collections.defaultdict(list)
        self.wrong, self.uncertain, self.missing, self.twice = [], [], [], []
        self.unsaid, self.contradicted = [], []
        rows = world.collector.objects("procs")
        self._begun_again(rows)
        for row in rows:
            if world.comm.fullmatch(row["comm"]):
                self.records[row["comm"]].append(row)
        for tag, life in self.truth.of_tag.items():
            self._tag(tag, life)
        for tag in self.records.keys() - self.truth.of_tag.keys():
            self.twice.append((tag, self.records[tag]))

    def _begun_again(self, rows):
        """A collector that dies before it has answered a recorder leaves a session in
        which nothing stands: the recorder begins another."""
        of_keeper = {}
        for row in rows:
            if row["session"] and self.keys.get(row["session"]):
                of_keeper.setdefault(row["keeper_pid"], self.keys[row["session"]])
        for row in rows:
            if row["session"] and self.keys.get(row["session"], "") is None:
                self.keys[row["session"]] = of_keeper.get(row["keeper_pid"])
                h.note(f"session {row['session']} was begun twice")
        self.keys = {n: key for n, key in self.keys.items() if key is not None
                     or any(row["session"] == n for row in rows)}

    def _tag(self, tag, life):
        rows = self.records[tag]
        last = tag == life.tags[-1]
        if last and not rows:
            self.missing.append(life)
        if tag[1] == "g" and len(rows) > last:
            self.twice.append((life, rows))
        for row in rows:
            self._record(life, row)

    def _record(self, life, row):
        if self.events:
            self._life(life, row)
        recorded = life.key[0] != "-"
        got = self.keys.get(row["session"], "?") if row["session"] else None
        wanted = life.key if recorded else None
        if got is not None and (row["reason"] == "recorder" or
                                (row["reason"] == "lead-in" and not recorded)):
            # the keeper of a nested session, still under its front's name; the front
            if self.truth.outer.get(got) != life.key:
                self.wrong.append((life, row, got))
        elif got is None and (row["reason"] == "broken" or row.get("certainty") == "doubtful"):
            self.uncertain.append((life, row))
        elif got != wanted:
            self.wrong.append((life, row, got))
        elif recorded:
            around = self.keys.get(row["outer"]) if row["outer"] else None
            if around is None and self.truth.outer_recorded(life.key) \
               and row["certainty"] != "exact":
                self.uncertain.append((life, row))  # it is not known yet what is around it
            elif around != self.truth.outer_recorded(life.key):
                self.wrong.append((life, row, got, around))
        elif row["tty"] and row["reason"] != "no-recorder-terminal":
            self.unsaid.append((life, row))

    def _life(self, life, row):
        tag = row["comm"]
        own = tag[1] == "g" or (row["pid"], row["start_ticks"]) == (life.pid, life.start)
        if row["certainty"] != "exact":
            self.vague.append((life, row))
        elif own and row["start_ticks"] == life.start + 1:
            # a fork that had to wait for a processor before the kernel told of it
            self.late.append((life, row))
        elif own and (row["start_ticks"] != life.start or row["pid"] != life.pid
                      or life.parent not in (0, row["parent"])):
            self.vague.append((life, row))

    def lives(self):
        return len(self.truth.lives)

    def show(self, rows, most=5):
        return "\n".join(str(row) for row in rows[:most])

    def tell(self, uncertain_of=1000):
        """As TAP; uncertain_of: of so many lives one may be."""
        n = self.lives()
        h.note(f"{n} lives, {len(self.truth.of_tag)} programs, {len(self.keys)} sessions, "
               f"{len(self.uncertain)} uncertain")
        h.ok(None not in self.keys.values(), "each session is told by what it shows", self.keys)
        h.ok(not self.missing, "each process has its record", f"{len(self.missing)}\n"
             + self.show(self.missing))
        h.ok(not self.twice, "and one only", f"{len(self.twice)}\n" + self.show(self.twice))
        h.ok(not self.wrong, "none is another session's", f"{len(self.wrong)}\n"
             + self.show(self.wrong))
        h.ok(len(self.uncertain) * uncertain_of <= n, "hardly one is uncertain",
             f"{len(self.uncertain)} of {n}\n" + self.show(self.uncertain))
        if self.events:
            h.ok(not self.vague, "each life is exact: start, parent, certainty",
                 f"{len(self.vague)}\n" + self.show(self.vague))
            h.ok(len(self.late) * 500 <= n, "the start of hardly one is a hundredth late",
                 f"{len(self.late)}\n" + self.show(self.late))
        h.ok(not self.unsaid, "the unrecorded ones on a terminal are said to be so",
             f"{len(self.unsaid)}\n" + self.show(self.unsaid))


def stop_now_and_then(collector, seed, until):
    """Stops the collector for moments, so that it takes in much at once."""
    chance = random.Random(seed)

    def work():
        while not until.is_set():
            time.sleep(chance.random() * 0.3)
            os.kill(collector.proc.pid, signal.SIGSTOP)
            time.sleep(chance.random() * 0.25)
            os.kill(collector.proc.pid, signal.SIGCONT)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def kill_now_and_then(collector, seed, until):
    """Sessions and processes begin and end while there is no collector."""
    chance = random.Random(seed)

    def work():
        while not until.wait(0.5 + chance.random() * 1.5):
            collector.kill()
            time.sleep(chance.random() * 0.5)
            collector.launch()
            h.eventually(30, collector.ready)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def seed_and_trees(trees=200):
    seed = int(os.environ.get("SHELLAC_SEED") or random.SystemRandom().getrandbits(32))
    if h.sanitized():
        trees //= 5  # which start slowly
    trees = int(os.environ.get("SHELLAC_TREES") or trees)
    h.note(f"SHELLAC_SEED={seed} SHELLAC_TREES={trees} does this again")
    return seed, trees


def small_pid_space(most):
    """Process ids are given out again soon; the namespace's own from Linux 6.14 on."""
    version = tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups()))
    if version < (6, 14):
        h.note("process ids are the whole machine's here: not given out again soon")
        return
    with open("/proc/sys/kernel/pid_max", "w", encoding="ascii") as f:
        f.write(str(most))


def events_of(collector):
    return collector.objects("status")[0].get("events") or {}


def own_init():
    """Process 1 of the namespace only buries; the test goes on below it."""
    h.own_pid_namespace()
    if os.getpid() != 1:
        return
    os.rmdir(h.work)
    pid = os.fork()
    if pid == 0:
        os.execv(h.PYTHON, [h.PYTHON] + os.sys.argv)
    while True:
        ended, status = os.wait()
        if ended == pid:
            os._exit(os.waitstatus_to_exitcode(status) & 0xff)
