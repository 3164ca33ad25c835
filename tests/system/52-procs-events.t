#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""procs with process events: trees by forks, programs and their arguments, what runs,
what is certain, and each process's line soon after its end."""
import json
import os
import shutil
import subprocess
import time

import harness as h


def rows(collector, *args):
    return collector.objects("procs", *args)


def tree_of(collector, n):
    lines = collector.auditor("procs", "--session", str(n), "--tree").stdout.decode().splitlines()
    at = lines[0].index("ARGS")
    return [line[at:] for line in lines[1:]]


def depth(tree, name):
    return next((len(t) - len(t.lstrip()) for t in tree if name in t.split()[0]), -1)


def program(name, what):
    path = os.path.join(h.work, name)
    shutil.copy(what, path)
    return path


def followed(collector, terminal, n):
    """Seconds from a process's end, as its shell says it, to its line."""
    follower = subprocess.Popen([h.SHELLAC, "-d", collector.dir, "procs", "--follow", "--json",
                                 "session", str(n), "command", "shl-f"], stdout=subprocess.PIPE)
    h.at_end(follower.kill)
    path = program("shl-f", "/bin/true")
    time.sleep(1)
    late, seen = [], []
    for i in range(10):
        begin = time.monotonic()
        terminal.send(f"{path} {i}\r")
        seen.append(json.loads(follower.stdout.readline()))
        late.append(time.monotonic() - begin)
        time.sleep(0.05)
    follower.kill()
    follower.wait()
    late.sort()
    h.note(f"from the command's return key to the line: median {late[5] * 1000:.0f} ms, "
           f"worst {late[-1] * 1000:.0f} ms")
    h.ok(late[-1] < 5, "--follow has each process soon", late)
    h.equal({(r["session"], r["certainty"], r["reason"]) for r in seen}, {(n, "exact", "fork")},
            "and knows whose it was at once")


def session(collector):
    inner = program("shl-inner", "/bin/sleep")
    daemon = program("shl-daemon", "/bin/sleep")
    terminal = h.record(collector, ["/bin/sh"])
    h.ok(h.eventually(20, collector.files), "a session")
    n = max(collector.files())
    terminal.send(f"cd /tmp; sh -c '{inner} 0.5; exit 5'; (setsid {daemon} 6 0.1 &)\r")
    h.ok(h.eventually(20, lambda: any("shl-daemon" in t for t in tree_of(collector, n))),
         "a daemon is in the tree while it runs", tree_of(collector, n))
    followed(collector, terminal, n)
    running = [r for r in rows(collector, "--running", "session", str(n)) if r["elapsed_s"] is None]
    left = [r for r in running if r["comm"] == "shl-daemon"]
    h.equal([r["argv"] for r in left], [[daemon, "6", "0.1"]], "--running has its arguments")
    h.equal([(r["cwd"], r["exe"]) for r in left], [("/tmp", daemon)], "its folder and its path")
    h.ok(left and left[0]["life"] and left[0]["exit"] is None, "the life that it is", left)
    terminal.send("exit 3\r")
    h.equal(terminal.wait(), 3, "the session ends")
    h.eventually(30, lambda: any(r["comm"] == "shl-daemon" for r in rows(collector)))
    tree = tree_of(collector, n)
    h.note("\n".join(tree))
    h.ok(depth(tree, "shl-inner") > depth(tree, "shl-f") > 0, "the tree has who forked whom", tree)
    h.ok(depth(tree, "shl-daemon") > depth(tree, "shl-f"), "the daemon stays below the shell", tree)
    mine = rows(collector, "session", str(n))
    h.equal(rows(collector, "--session", str(n), "--strict"), mine, "all of it is certain")
    h.equal([r["pid"] for r in mine if not r["life"]], [], "each has its life")
    kept = [r for r in mine if r["comm"] == "shl-inner"]
    h.equal([(r["argv"], r["exit"]) for r in kept], [([inner, "0.5"], 0)],
            "arguments stay known behind the end")
    h.equal([r["comm"] for r in rows(collector, f"cwd /tmp command '^{inner}' session {n}")],
            ["shl-inner"], "and can be asked for")


h.with_machine_acct()
one = h.Collector(conf="acct = own\n").start()
state = one.objects("status")[0].get("events", {})
if state.get("state") != "on":
    one.stop()
    h.skip_all(f"no process events here: {state.get('reason')}")
session(one)
h.equal(one.stop(), 0, "the collector ends")
h.done()
