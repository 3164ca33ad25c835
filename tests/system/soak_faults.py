# SPDX-License-Identifier: ISC
"""The soak's faults, in three lanes that go on at the same time: what happens to the
collector and its machine, to recorders, and to the processes around the collector.  Each
waits until what it has to leave behind is there: a fault without a trace is an error."""
import os
import signal

import harness as h
from soak_engine import boot, until
from soak_users import state

TRACE_S = 120  # on a busy machine
FAR_S = 3      # no clock is set by less


def send(pid, sig):
    try:
        os.kill(pid, sig)
        return True
    except ProcessLookupError:
        return False


# -- the collector and its machine --

def is_up(world):
    """Is the one that was launched there to stay?  A full store may keep it from that."""
    c = world.collector
    yield from until(lambda: c.proc.poll() is not None or c.state(), TRACE_S)
    return c.proc.poll() is None


def starts_again(world):
    """Until it works."""
    for _ in range(60):
        world.collector.launch()
        if (yield from is_up(world)):
            return
        yield 1
    world.bad("the collector does not start: " + world.collector.text()[-400:])
    world.closing = True


def is_killed(world, rng):
    fault = world.journal.begin("kill")
    world.collector.kill()
    yield rng.choice((0, 0, 0.1, 1, 4))
    yield from starts_again(world)
    world.journal.end(fault)


def is_restarted(world, rng):
    fault = world.journal.begin("restart")
    world.collector.proc.terminate()
    if not (yield from until(lambda: world.collector.proc.poll() is not None, TRACE_S)):
        world.bad("the collector does not end")
        world.collector.kill()
    elif world.collector.proc.returncode != 0:
        world.bad(f"the collector ends with {world.collector.proc.returncode}")
    yield rng.choice((0, 1, 4))
    yield from starts_again(world)
    world.journal.end(fault)


def is_stopped(world, rng):
    fault = world.journal.begin("stop")
    send(world.collector.proc.pid, signal.SIGSTOP)
    yield rng.choice((0.1, 0.5, 2, 5))
    send(world.collector.proc.pid, signal.SIGCONT)
    yield from until(world.collector.state, TRACE_S)
    world.journal.end(fault)


def fill(path, collector, leave):
    with open(path, "wb", buffering=0) as f:
        try:
            while collector.free() > leave:
                f.write(bytes(max(4096, min(1 << 20, collector.free() - leave))))
        except OSError:
            pass


def disk_is_full(world, rng):
    """Down to where sessions wait, or to the last byte; perhaps the collector is killed
    meanwhile."""
    c = world.collector
    ballast = os.path.join(c.store, ".ballast")
    leave = rng.choice((0, 1 << 20))
    fault = world.journal.begin("disk", leave=leave)
    fill(ballast, c, leave)
    if not (yield from until(lambda: c.state().get("space", {}).get("state") == "reserve", TRACE_S)):
        world.bad("a full store is not told: " + str(c.state().get("space")))
    yield rng.choice((0.5, 3, 6))
    nested = rng.random() < 0.3 and world.journal.begin("kill")
    if nested:
        c.kill()
        c.launch()
        yield 2
    os.unlink(ballast)
    if not (yield from is_up(world)):
        yield from starts_again(world)
    if not (yield from until(lambda: c.state().get("space", {}).get("state") == "fine", TRACE_S)):
        world.bad("room is not told: " + str(c.state().get("space")))
    if nested:
        world.journal.end(nested)
    world.journal.end(fault)


def clock_is_set(world, rng):
    def told():
        return sum(e["type"] == "CLOCK" for e in world.collector.objects("ledger"))

    known = told()
    step = rng.choice((-1, 1)) * rng.uniform(FAR_S, 300)
    fault = world.journal.begin("clock", step=step)
    world.wall.step(step)
    if not (yield from until(lambda: told() > known, TRACE_S, 0.5)):
        world.bad(f"the clock was set by {step:.3f} s, and the ledger has no CLOCK")
    world.journal.end(fault)


def collector_lane(world, end):
    rng = world.rng_of("collector")
    acts = [is_killed] * 3 + [is_stopped] * 2 + [is_restarted, disk_is_full]
    if world.wall.env:
        acts.append(clock_is_set)
    order = []
    yield 5
    while boot() < end and not world.closing:
        if not order:  # each kind comes, however short the soak
            order = rng.sample(acts, len(acts))
        yield from order.pop()(world, rng)
        yield rng.uniform(1, 6)


# -- recorders --

def hit_recorder(world, rng, session):
    kind = rng.choice(("keeper killed", "keeper stopped", "front stopped", "front killed"))
    pid = session.keeper() if kind.startswith("keeper") else session.pid
    if pid is None or session.status is not None or not session.up or session.left:
        return
    fault = world.journal.begin(kind, session=session.name)
    session.hit[kind] = boot()
    if kind.endswith("killed"):
        send(pid, signal.SIGKILL)
    else:
        send(pid, signal.SIGSTOP)
        yield rng.choice((0.1, 1, 3))
        send(pid, signal.SIGCONT)
    world.journal.end(fault)


def recorder_lane(world, end):
    rng = world.rng_of("recorders")
    yield 8
    while boot() < end and not world.closing:
        there = [s for s in world.sessions if s.up and s.status is None and not s.left and not s.hit]
        if there:
            yield from hit_recorder(world, rng, rng.choice(there))
        yield rng.uniform(1, 5)


# -- what is around the collector --

def lives_of(world, name):
    """So many lives a plugin has had."""
    return sum(n.startswith(name + ".out.") for n in os.listdir(world.collector.at))


def helper_killed(world, rng):
    """A plugin, or the process that keeps them."""
    c = world.collector
    name = rng.choice(("deep", "short", "shellac-dispatc"))
    plugins = {p["name"]: p["pid"] for p in c.state().get("plugins") or [] if p["pid"]}
    pids = c.below(name) if name.startswith("shellac") else [plugins[name]] if name in plugins else []
    if not pids:
        return
    watched = "deep" if name.startswith("shellac") else name
    before = lives_of(world, watched)
    fault = world.journal.begin("helper killed", name=name)
    send(pids[0], signal.SIGKILL)
    if not (yield from until(lambda: lives_of(world, watched) > before, TRACE_S)):
        world.bad(f"{name} was killed and is not started again")
    world.journal.end(fault)


def helper_stopped(world, rng):
    c = world.collector
    pids = {p["name"]: p["pid"] for p in c.state().get("plugins") or [] if p["pid"]}
    pids.update({name: pid for name in ("shellac-dispatc", "shellac-push", "shellacd-key")
                 for pid in c.below(name)})
    if not pids:
        return
    name = rng.choice(sorted(pids))
    fault = world.journal.begin("helper stopped", name=name)
    send(pids[name], signal.SIGSTOP)
    yield rng.choice((0.3, 1, 5))
    send(pids[name], signal.SIGCONT)
    world.journal.end(fault)


def key_process_killed(world, _):
    before = world.collector.state().get("key_process")
    if not before:
        return
    fault = world.journal.begin("key process killed")
    send(before, signal.SIGKILL)
    if not (yield from until(lambda: (world.collector.state().get("key_process") or before) != before,
                             TRACE_S)):
        world.bad("the process that holds the keys was killed and no other is there")
    world.journal.end(fault)


def pusher_killed(world, _):
    pids = world.collector.below("shellac-push")
    if not pids:
        return
    fault = world.journal.begin("helper killed", name="shellac-push")
    send(pids[0], signal.SIGKILL)
    if not (yield from until(lambda: set(world.collector.below("shellac-push")) - set(pids), TRACE_S)):
        world.bad("the pusher was killed and is not started again")
    world.journal.end(fault)
    yield 0


def witness_away(world, rng):
    fault = world.journal.begin("witness away")
    world.witness.kill()
    if not (yield from until(lambda: world.collector.state() and not world.witnessed(), TRACE_S)):
        world.bad("the witness is away, and the collector does not say so")
    yield rng.choice((0.5, 5))
    world.witness.start("--log", world.log_key)
    world.journal.end(fault)


def helper_lane(world, end):
    rng = world.rng_of("helpers")
    acts = [helper_killed] * 2 + [helper_stopped] * 3 + [key_process_killed, pusher_killed, witness_away]
    order = []
    yield 6
    while boot() < end and not world.closing:
        if not order:
            order = rng.sample(acts, len(acts))
        yield from order.pop()(world, rng)
        yield rng.uniform(1, 6)


def nothing_is_stopped(world):
    """At the end."""
    for name in os.listdir("/proc"):
        if name.isdigit() and state(name) == "T":
            send(int(name), signal.SIGCONT)
    if world.collector.proc.poll() is not None:
        h.note("the collector had ended")
