# SPDX-License-Identifier: ISC
"""Process ids and terminal numbers that are given out again."""
import glob
import os
import shutil
import signal
import time

import harness as h

PAIRS = 10


def rows_by_name(collector):
    found = {}
    for row in collector.objects("procs"):
        found.setdefault(row["comm"], []).append(row)
    return found


def sessions(rows):
    return {row["session"] for row in rows}


def same_terminal(collector):
    """One session after the other, as fast as they go."""
    names = [f"shl-pts{i:02d}" for i in range(2 * PAIRS)]
    line = "trap '' HUP; {0}; (setsid {0} & {0} &); {0}"
    for name in names:
        shutil.copy("/bin/true", os.path.join(h.work, name))
        path = os.path.join(h.work, name)
        pid = h.record(collector, ["/bin/sh", "-c", line.format(path)])
        os.waitpid(pid.pid, 0)
        pid.status = 0
        os.close(pid.master)

    def all_ended():  # a session does not wait for those behind it
        rows = rows_by_name(collector)
        return rows if all(len(rows.get(name, ())) >= 4 for name in names) else None

    found = h.eventually(30, all_ended) or rows_by_name(collector)
    first = min(sessions(found[names[0]]))
    wrong = [(name, found[name]) for i, name in enumerate(names)
             if sessions(found[name]) != {first + i}]
    h.ok(not wrong, f"{2 * PAIRS} sessions in a row: each has its own", wrong[:2])
    h.ok(all(len(found[name]) == 4 for name in names), "all four of its processes",
         {name: len(found[name]) for name in names})
    last = [sorted(found[name], key=lambda row: row["start"])[0] for name in names]
    both = [a for a, b in zip(last, last[1:]) if a["tty"] == b["tty"]
            and a["start"][:19] == b["start"][:19]]
    h.ok(both, "two on the same terminal in one second are among them",
         [(row["tty"], row["start"]) for row in last])


def storm(collector, world, count):
    """Two sessions and none, as fast as they go."""
    ends = []
    for key in ("A", "B", "-"):
        argv = [world.generator, "storm", world.dir, key, "0", str(count), "storm" + key]
        ends.append(h.record(collector, argv) if key != "-" else h.Terminal(argv))
    h.equal([end.wait(200) for end in ends], [0, 0, 0], "storms in two sessions and beside them")
    h.eventually(30, lambda: not world.living())
    found, keys = rows_by_name(collector), world.keys()
    for key, end in zip(("A", "B", "-"), ends):
        rows = found.get("storm" + key, [])
        h.equal(len(rows), count, f"storm {key}: none is lost")
        got = {keys[n] if n else "-" for n in sessions(rows)}
        h.equal(got, {key}, "none is another's")


class Actor:
    def __init__(self, collector, name):
        self.path = os.path.join(h.work, name)
        os.mkfifo(self.path)
        script = os.path.join(h.HERE, "trees_actor.py")
        self.terminal = h.record(collector, [h.PYTHON, script, self.path])
        h.eventually(20, lambda: os.path.exists(self.path + ".out"))
        self.say = open(self.path, "w", buffering=1, encoding="ascii")
        self.done = open(self.path + ".out", encoding="ascii")
        self.n = max(collector.files())

    def do(self, line):
        self.say.write(line + "\n")
        return h.eventually(30, lambda: self.done.readline() == line + "\n")

    def end(self):
        self.say.write("end\n")
        self.say.close()
        self.done.close()
        return self.terminal.wait()


def free_pid():
    """A process id that nobody has, and nobody is about to get."""
    with open("/proc/sys/kernel/ns_last_pid", encoding="ascii") as f:
        last = int(f.read())
    with open("/proc/sys/kernel/pid_max", encoding="ascii") as f:
        most = int(f.read())
    used = {int(path.split("/")[2]) for path in glob.glob("/proc/[0-9]*")}
    pid = (last + most // 2) % most
    while pid < 1000 or pid in used:
        pid = (pid + 1) % most
    return pid


def families(collector, n, pid, name, count):
    """Their sessions, n or None where that is said to be uncertain."""
    found = rows_by_name(collector)
    rows = [found.get(f"{name}{i}{who}", []) for i in range(count) for who in ("", "m", "o")]
    h.equal([len(r) for r in rows], [1] * 3 * count, f"families {name}: all are there")
    h.equal({r[0]["pid"] for r in rows[::3] if r}, {pid}, "under one process id")
    got = [r[0]["session"] if r and r[0]["reason"] != "broken" else None for r in rows]
    h.ok(not {n} - set(got), "in their session", got)
    h.ok(not set(got) - {n, None}, "none is another's", got)
    return got


def in_turn(collector, a, b, pid, pause):
    """The same process id in two sessions, again and again: all is certain."""
    for i in range(2):
        for actor, name in ((a, "a"), (b, "b")):
            h.ok(actor.do(f"family {pid} {name}{i}"), "a process id is given out")
            time.sleep(pause)
    h.ok(None not in families(collector, a.n, pid, "a", 2)
         + families(collector, b.n, pid, "b", 2), "all is certain")


def looking_away(collector, a, b, pid, certain):
    os.kill(collector.proc.pid, signal.SIGSTOP)
    done = [actor.do(f"family {pid} {name}{i}") for i in range(5)
            for actor, name in ((a, "x"), (b, "y"), (a, "z"))]
    time.sleep(0.1)
    os.kill(collector.proc.pid, signal.SIGCONT)
    h.ok(all(done), "fifteen times while the collector looks away")
    got = [n for actor, name in ((a, "x"), (b, "y"), (a, "z"))
           for n in families(collector, actor.n, pid, name, 5)]
    h.ok(not certain or None not in got, "all is certain", got)


def late_children(collector, a, b, pid, certain):
    """A parent whose record stands before those of its children, and whose process id is
    another session's when the collector looks: uncertain at worst."""
    os.kill(collector.proc.pid, signal.SIGSTOP)
    done = a.do(f"slow {pid} slow 300000") and b.do(f"family {pid} next")
    os.kill(collector.proc.pid, signal.SIGCONT)
    h.ok(done, "a parent is slow to leave, and its process id is used again")
    time.sleep(0.3)
    found = rows_by_name(collector)
    rows = found.get("slows", [])
    h.equal(len(rows), 60, "its children are all there")
    wrong = [row for row in rows if row["session"] not in (a.n, None)]
    h.ok(not wrong, "none is the other session's", wrong[:3])
    unsaid = [row for row in rows if row["session"] is None and row["reason"] != "broken"]
    h.ok(not unsaid, "those without a session are told to be uncertain", unsaid[:3])
    count = sum(row["session"] is None for row in rows)
    h.ok(not certain or count == 0, "all is certain", count)
    h.note(f"uncertain: {count} of {len(rows)}")
    h.equal(sessions(found["next"]), {b.n}, "the next one is the other session's")
