#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""make soak: sessions on a host where all goes wrong that can, by chance, for SOAK_S seconds
(7200), from SEED; what is stored then must be what the users saw, each finding the work of
a fault, each fault told, and nothing leaked.  TAP.
SOAK_USERS: so many at a time; SOAK_JITTER: one of so many calls into the kernel is late;
SOAK_KEEP: the folder where all stays that explains a finding."""
import collections
import json
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness as h  # noqa: E402
from soak_engine import boot, until  # noqa: E402
from soak_explain import Explain  # noqa: E402
from soak_faults import collector_lane, helper_lane, nothing_is_stopped, recorder_lane  # noqa: E402
from soak_users import logs_in  # noqa: E402
from soak_world import World, all_processes  # noqa: E402

QUIET = 0.25      # of the time, at the end: the collector is left alone, so that a leak shows
GROWTH = 6 << 20  # resident bytes, of an allocator that has to be somewhere
# where a full disk did not take the ledger's hashes, the pusher makes them, until the next start
BUILT = collections.Counter({"/memfd:hashes (deleted)": 1})


def own_namespace():
    """A pid namespace, so that accounting is ours, with a shell as its first process, which
    takes the orphans' statuses."""
    if os.environ.get("SHELLAC_TEST_NAMESPACE"):
        return
    if os.geteuid() != 0:
        h.skip_all("accounting and mounts need root")
    if subprocess.run(["unshare", "-pf", "--mount-proc", "true"], stderr=subprocess.DEVNULL,
                      check=False).returncode:
        h.skip_all("no pid namespace to be had")
    os.environ["SHELLAC_TEST_NAMESPACE"] = "1"
    os.rmdir(h.work)
    os.execvp("unshare", ["unshare", "-pf", "--kill-child", "--mount-proc", "sh", "-c",
                          '"$@"; exit $?', "sh", h.PYTHON] + sys.argv)


def watches(world, end):
    """What the processes need, each second."""
    while boot() < end and not world.closing:
        world.samples.append((boot(), world.sizes()))
        yield 1


def comes_to_rest(world, end):
    """Faults are over; users leave; what waits arrives."""
    yield from until(lambda: boot() > end, 2 * world.seconds, 0.5)
    world.closing = True
    while world.engine.alive > 1:
        nothing_is_stopped(world)
        yield 1
    if not (yield from until(world.rests, 240, 0.2)):
        s = world.collector.state()
        world.bad(f"it does not come to rest: {s}, spool "
                  f"{os.listdir(os.path.join(world.collector.dir, 'spool'))}")
    if not (yield from until(world.witnessed, 120, 0.2)):
        world.bad(f"the witness is not reached again: {world.collector.state().get('witnesses')}")


def more_open(world, base):
    """Threads and descriptors that were not there at the beginning."""
    found = []
    for name, now in world.sizes().items():
        first = base.get(name, now)
        more = list((now["fds"] - first["fds"] - BUILT).elements())
        if more or now["threads"] > first["threads"]:
            found.append(f"{name}: {first['threads']} threads, then {now['threads']}; more is open: {more}")
    return found


def more_memory(world, quiet):
    """Of what lived on since the quiet time began."""
    found = []
    for name, now in world.sizes().items():
        before = [s[name]["rss"] for t, s in world.samples
                  if t > quiet and s.get(name, {}).get("pid") == now["pid"]]
        if before and now["rss"] > max(before[:10]) + GROWTH and not h.sanitized():
            found.append(f"{name}: {before[0]} bytes resident, at the end {now['rss']}")
    return found


def left_over(world):
    found = []
    for folder in "run/session", "spool":
        names = os.listdir(os.path.join(world.collector.dir, folder))
        if names:
            found.append(f"{folder}: {names[:5]}")
    for pid, (name, state) in all_processes().items():
        if state == "Z" or name == "shellac-rec":
            found.append(f"process {pid}, {name}, is left in state {state}")
    return found


def leaks(world, base, quiet):
    """Who asked for the status is gone in a moment; a leak stays."""
    h.eventually(30, lambda: not more_open(world, base) and not left_over(world))
    return more_open(world, base) + more_memory(world, quiet) + left_over(world)


def say(name, found):
    h.ok(not found, name, "\n".join(str(f) for f in found[:20]))


def keep(world, explained):
    """All that explains a finding, in the folder that SOAK_KEEP names."""
    folder = os.environ.get("SOAK_KEEP")
    if not folder:
        return
    shutil.copytree(world.collector.dir, os.path.join(folder, "d"), symlinks=True,
                    ignore=lambda _, names: set(names) & {"run"})
    shutil.copy(world.collector.log, folder)
    with open(os.path.join(folder, "truth"), "w", encoding="utf-8") as out:
        for fault in world.journal.faults:
            out.write(json.dumps(fault) + "\n")
        for session in world.sessions:
            out.write(f"{session.about()}\n")
        for row in explained.rows:
            out.write(json.dumps(row) + "\n")


def main():
    seconds = float(os.environ.get("SOAK_S", "7200"))
    seed = int(os.environ.get("SEED", "0")) or time.time_ns() % 1000000
    own_namespace()
    print(f"# seed {seed}: SOAK_S={seconds:.0f} SEED={seed} make soak")
    users = int(os.environ.get("SOAK_USERS", "30"))
    world = World(seed, seconds)
    h.eventually(60, lambda: world.rests() and world.witnessed())
    base = world.sizes()
    start = boot()
    end, quiet = start + seconds, start + seconds * (1 - QUIET)
    for place in range(users):
        world.engine.add(logs_in(world, place, end))
    world.engine.add(collector_lane(world, quiet))
    world.engine.add(recorder_lane(world, end - 5))
    world.engine.add(helper_lane(world, end - 5))
    world.engine.add(watches(world, end))
    world.engine.add(comes_to_rest(world, end))
    world.engine.run()
    left = leaks(world, base, quiet)
    last = world.journal.begin("restart")
    h.equal(world.collector.stop(), 0, "the collector ends cleanly")
    world.journal.end(last)
    explained = Explain(world)
    unexplained = explained.all()
    h.note(f"{len(world.sessions)} sessions, {len(world.journal.faults)} faults, "
           f"{len(explained.ledger)} entries, {boot() - start:.0f} s")
    say("faults were told, and answers came", world.errors)
    say("all that the store says is so, or the work of a fault", unexplained)
    say("nothing leaked", left)
    text = world.collector.text()
    say("no sanitizer complains", [line for line in text.splitlines()
                                   if "Sanitizer" in line or "runtime error" in line])
    if unexplained or world.errors or left:
        keep(world, explained)
        for f in world.journal.faults:
            h.note({k: round(v, 1) if isinstance(v, float) else v for k, v in f.items()})
        h.note("\n".join(line for line in text.splitlines() if "checkpoint" not in line)[-2500:])
    h.done()


main()
