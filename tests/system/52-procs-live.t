#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""procs beside a collector at work: new processes as they end, a session's tree."""
import json
import os
import shutil
import subprocess
import time

import harness as h


def program(name, what="/bin/true"):
    path = os.path.join(h.work, name)
    shutil.copy(what, path)
    return path


def read_until(pipe, name):
    """The row of this name, and when it was there."""
    for line in pipe:
        row = json.loads(line)
        if row["comm"] == name:
            return row, time.monotonic()
    return None, None


def follow(collector):
    before = program("shl-before")
    subprocess.run([before], check=True)
    collector.auditor("procs")
    follower = subprocess.Popen([h.SHELLAC, "-d", collector.dir, "procs", "--follow", "--json",
                                 "command ^shl-"], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)
    h.at_end(follower.kill)
    # it is there when it shows one of these
    ready = program("shl-ready")
    for _ in range(100):
        subprocess.run([ready], check=True)
        if h.eventually(0.2, lambda: os.read(follower.stdout.fileno(), 65536)
                        if can_read(follower.stdout) else None):
            break
    time.sleep(0.5)
    drain(follower.stdout)
    late = []
    for i in range(20):
        path = program(f"shl-n{i}")
        subprocess.run([path], check=True)
        ended = time.monotonic()
        row, there = read_until(follower.stdout, f"shl-n{i}")
        late.append(there - ended if row else 60)
    late.sort()
    h.note(f"from the end to the line: median {late[10] * 1000:.0f} ms, worst {late[-1] * 1000:.0f} ms")
    h.ok(late[-1] < 5, "each process has its line soon after its end", late)
    follower.stdout.close()
    subprocess.run([program("shl-last")], check=True)
    h.equal(h.eventually(20, lambda: None if follower.poll() is None else (follower.returncode,)) is None,
            False, "it ends when nobody reads")
    idle = subprocess.Popen([h.SHELLAC, "-d", collector.dir, "procs", "--follow", "pid 1"],
                            stdout=subprocess.DEVNULL)
    h.at_end(idle.kill)
    time.sleep(1)
    used = cpu(idle.pid)
    time.sleep(3)
    h.ok(cpu(idle.pid) - used < 0.2, "waiting takes no CPU", cpu(idle.pid) - used)
    idle.kill()
    idle.wait()


def cpu(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
        return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13])) / 100


def can_read(pipe):
    import select
    return select.select([pipe], [], [], 0)[0]


def drain(pipe):
    while can_read(pipe):
        os.read(pipe.fileno(), 65536)


def tree(collector):
    inner = program("shl-inner")
    terminal = h.record(collector, ["/bin/sh", "-c", f"/bin/sh -c '{inner}; {inner}; exit 5'; exit 3"])
    h.equal(terminal.wait(), 3, "a session of two shells")
    n = max(collector.files())
    collector.closed(n)
    lines = collector.auditor("procs", "--session", str(n), "--tree").stdout.decode().splitlines()
    at = lines[0].index("ARGS")
    shown = [(line[at:].replace("[", "").replace("]", ""), line.split()[6] if line else "")
             for line in lines[1:]]
    text = [s for s, _ in shown]
    depth = {t.strip(): len(t) - len(t.lstrip()) for t in text}
    h.ok(depth.get("shl-inner", 0) > 0 and sum("shl-inner" in t for t in text) == 2,
         "its tree has both programs", "\n".join(lines))
    inner_at = text.index(next(t for t in text if "shl-inner" in t))
    parent = next(t for t in reversed(text[:inner_at])
                  if len(t) - len(t.lstrip()) == depth["shl-inner"] - 2)
    h.equal(parent.strip(), "sh", "below the shell that ran them")
    h.ok(any(" 5 " in line for line in lines) and any(" 3 " in line for line in lines),
         "with exit statuses", "\n".join(lines))
    said = collector.auditor("procs", "--session", str(n))
    h.ok(b"accounting alone" in said.stderr, "what it was seen by is said", said.stderr)
    whole = collector.auditor("procs")
    h.ok(b"because: no collector" in whole.stderr, "and when nobody looked", whole.stderr)
    h.ok(b"because: no collector" not in said.stderr, "but not of a session that began later",
         said.stderr)
    h.equal(collector.objects("procs", "--session", str(n), "--strict"), [],
            "nothing is certain without process events")


h.own_pid_namespace()
daemon = h.Collector(conf="process_events = no\n").start()
for part in (follow, tree):
    part(daemon)
daemon.stop()
h.done()
