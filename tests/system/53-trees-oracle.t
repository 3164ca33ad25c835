#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The trees of 53-trees.t under a tracer of the kernel that is not ours (bpftrace): its
fork tree, what the trees say of themselves and what shellac says are the same.
In the initial namespaces, as 53-trees-events.t: one such test at a time."""
import os
import pathlib
import re
import shutil
import subprocess
import time

import harness as h
import trees_world as t

# a life is named by its pid and start; at the fork the start is not to be had
PROGRAM = r"""
tracepoint:sched:sched_process_fork { printf("fork %llu %d %d\n", nsecs, pid, args->child_pid) }
tracepoint:sched:sched_process_exec { printf("exec %llu %d %d\n", nsecs, pid, args->old_pid) }
tracepoint:sched:sched_process_exit {
	printf("exit %llu %d %d %llu %s\n", nsecs, pid, tid,
	    ((struct task_struct *)curtask)->start_boottime / 10000000, comm)
}
"""


class Tracer:
    """Writes to a file what the kernel tells of all processes, until end()."""

    def __init__(self, path):
        self.path, self.last = path, None
        with open(path, "wb") as out, open(path + ".err", "wb") as err:
            # pylint: disable=consider-using-with
            self.proc = subprocess.Popen(
                ["bpftrace", "-B", "line", "-e", PROGRAM], stdin=subprocess.DEVNULL,
                stdout=out, stderr=err, env={**os.environ, "BPFTRACE_PERF_RB_PAGES": "1024"})
        h.at_end(self.end)
        h.eventually(30, lambda: self.proc.poll() is not None or self._on())
        if self.proc.poll() is not None or not self._on():
            h.skip_all("bpftrace cannot trace here: " + " ".join(self.text(".err").split())[-300:])

    def _on(self):
        """Each of the three is attached: a program that ends is seen by it."""
        subprocess.call(["true"])
        return {"fork", "exec", "exit"} <= set(re.findall(r"^\w+", self.text(), re.M))

    def text(self, of=""):
        return pathlib.Path(self.path + of).read_text(encoding="utf-8", errors="replace")

    def end(self):
        if self.proc.poll() is None:
            self.proc.terminate()
            self.proc.wait(30)

    def lost(self):
        return sum(map(int, re.findall(r"Lost (\d+) events", self.text() + self.text(".err"))))


class Node:
    """A process of the fork tree.  session: of which it is the keeper."""

    def __init__(self, pid, parent):
        self.pid, self.parent, self.comm, self.session = pid, parent, None, None

    def above(self):
        """This one and its forker, its forker's, ..."""
        node = self
        while node:
            yield node
            node = node.parent

    def is_ours(self):
        return any(node.pid == os.getpid() for node in self.above())

    def derived(self):
        return next((node.session for node in self.above() if node.session), None)


def fork_tree(text):
    """(pid, start) -> Node of each that has ended; a list of the others."""
    lives, now = {}, {}  # the text is in order for each processor only
    events = (line.split(" ", 5) for line in re.findall("^(?:fork|exec|exit) .*", text, re.M))
    for event in sorted(events, key=lambda event: int(event[1])):
        pid, other = int(event[2]), int(event[3])
        if event[0] == "fork":  # of a process or a thread; threads never end as their own pid
            now[other] = Node(other, now.setdefault(pid, Node(pid, None)))
        elif event[0] == "exec" and pid != other:  # the thread is the process from now on
            now.pop(other, None)
        elif event[0] == "exit" and pid == other:
            node = lives[pid, int(event[4])] = now.setdefault(pid, Node(pid, None))
            node.comm = event[5]
    return lives, [node for node in now.values() if node.comm is None]


def life_of(lives, row):
    """Its node; a start may be told a hundredth late."""
    start = row["start_ticks"] or 0
    return lives.get((row["pid"], start)) or lives.get((row["pid"], start - 1))


def keepers(lives, rows):
    """Marks them in the tree, by what shellac says; whether it is so, the truth tells."""
    for row in rows:
        if row["session"] and row["pid"] == row["keeper_pid"] and life_of(lives, row):
            life_of(lives, row).session = row["session"]


def against_truth(lives, world, keys):
    truth = t.Truth(os.path.join(world.dir, "truth"))
    said = {(life.pid, life.start): life for life in truth.lives.values()}
    h.note(f"{len(said)} lives of the trees, {len(lives)} traced")
    missing = [life for name, life in said.items() if name not in lives]
    h.ok(said and not missing, "the tracer has each life of the trees", missing[:5])
    own = re.compile(world.comm.pattern.replace("[gf]", "g"))
    more = [name for name in lives if own.fullmatch(lives[name].comm) and name not in said]
    h.ok(not more, "and none that they have not said", more[:5])
    both = [(life, lives[name]) for name, life in said.items() if name in lives]
    bad = [life for life, node in both if life.parent not in (0, node.parent and node.parent.pid)]
    h.ok(not bad, "with the same forker", bad[:5])
    bad = [(life, node.derived()) for life, node in both
           if keys.get(node.derived()) != (None if life.key[0] == "-" else life.key)]
    h.ok(not bad, "the tree leads to the keeper whose session they have said", bad[:5])


def against_shellac(lives, world, rows, keys):
    found, strange, parents, sessions = set(), [], [], []
    for row in rows:
        node = life_of(lives, row)
        if node in found or (node is None and (row["session"] in keys
                                               or world.comm.fullmatch(row["comm"]))):
            strange.append(row)
        if node is None or not node.is_ours():
            continue
        found.add(node)
        if row["parent"] != node.parent.pid:
            parents.append((row, node.parent.pid))
        # what leads in is given to the session that begins below it
        if row["outer" if row["reason"] == "lead-in" else "session"] != node.derived():
            sessions.append((row, node.derived()))
    below = {node for node in lives.values() if node.is_ours()}
    missing = [(node.pid, node.comm) for node in below - found]
    h.note(f"{len(below)} processes below this test, {len(rows)} records in all")
    h.ok(below and not missing, "shellac has each process that the tracer has", missing[:5])
    h.ok(not strange, "once, and in the sessions no other", strange[:5])
    h.ok(not parents, "with the same parent", parents[:5])
    h.ok(not sessions, "and the session to which the tree leads", sessions[:5])


def traced(collector, seed, trees):
    """The trees, grown and ended; what was traced."""
    shutil.rmtree(os.path.join(h.work, "trees"), ignore_errors=True)
    tracer = Tracer(collector.dir + ".trace")
    world = t.World(collector, seed, trees)
    world.plant(world.jobs() + world.shared_tmux())

    def gone():  # keepers, the tmux server, and what has lost its first thread
        time.sleep(0.3)
        return not any(node.is_ours() and node.pid != os.getpid()
                       and os.path.exists(f"/proc/{node.pid}")
                       for node in fork_tree(tracer.text())[1])

    h.ok(h.eventually(20, gone), "and all that was around them")
    with subprocess.Popen(["true"]) as last:
        tracer.last = last.pid
    tracer.end()
    return world, tracer


def main():
    if not shutil.which("bpftrace"):
        h.skip_all("no bpftrace")
    h.with_machine_acct()
    seed, trees = t.seed_and_trees(60)
    for attempt in range(3):
        folder = os.path.join(h.work, f"d{attempt}")
        collector = h.Collector(folder, conf="acct_size = 65536\n").start()
        events = t.events_of(collector)
        if events.get("state") != "on":
            h.skip_all(f"no process events here: {events.get('reason')}")
        world, tracer = traced(collector, seed, trees)
        if tracer.lost() == 0:
            break
        h.note(f"the tracer lost {tracer.lost()} events of {trees} trees")
        trees //= 2
        collector.stop()
    h.equal(tracer.lost(), 0, "the tracer has lost nothing")
    h.ok(re.search(f"^exit [0-9]+ {tracer.last} ", tracer.text(), re.M), "up to the end")
    keys, rows = world.keys(), collector.objects("procs")
    keys = {n: key for n, key in keys.items() if key}
    lives = fork_tree(tracer.text())[0]
    keepers(lives, rows)
    against_truth(lives, world, keys)
    against_shellac(lives, world, rows, keys)
    h.equal(collector.stop(), 0, "the collector ends")
    h.done()


main()
