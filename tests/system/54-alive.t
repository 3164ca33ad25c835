#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""shellac alive: one life of a pid, while others get the same pid.  In a pid namespace of
the test's own, where it can say which pid is next."""
import json
import os
import signal
import time

import harness as h


def start_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
        return int(f.read().rsplit(")", 1)[1].split()[19])


def sleeper(pid=None):
    """A child that sleeps, under this pid: its life's name."""
    for _ in range(100):
        if pid:
            with open("/proc/sys/kernel/ns_last_pid", "w", encoding="ascii") as f:
                f.write(str(pid - 1))
        child = os.fork()
        if child == 0:
            signal.pause()
            os._exit(0)
        if pid in (None, child):
            return child, f"{child}:{start_of(child)}"
        end(child)
    return h.skip_all(f"pid {pid} cannot be had")


def end(pid):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def status(collector, life):
    return collector.auditor("alive", life).returncode


def reused(collector):
    pid, first = sleeper()
    h.equal(status(collector, first), 0, "a process that lives is alive")
    boot = open("/proc/sys/kernel/random/boot_id", encoding="ascii").read().strip().replace("-", "")
    h.equal(status(collector, f"{boot}:{first}"), 0, "by its full name")
    h.equal(status(collector, f"{boot[::-1]}:{first}"), 3, "not in another boot")
    h.equal(status(collector, f"{first}:1"), 3, "no second life of that tick is known")
    end(pid)
    h.ok(status(collector, first) in (1, 3), "it ends, and is not alive")
    for i in range(3):
        time.sleep(0.05)  # another tick
        again, life = sleeper(pid)
        h.equal(status(collector, life), 0, f"the pid is given out again, time {i + 1}: that life is alive")
        h.ok(life == first or status(collector, first) in (1, 3), "the first is not", (first, life))
        end(again)


def said(collector):
    pid, life = sleeper()
    got = json.loads(collector.auditor("alive", "--json", life).stdout)
    h.equal(got["state"], "alive", "--json says the state")
    h.ok(got["life"].endswith(":" + life) and len(got["life"]) == 33 + len(life), "and the full name", got)
    h.equal(sorted(got), ["comm", "end", "exit", "life", "reason", "session", "signal", "start", "state"],
            "and has the keys of shellac(1)")
    end(pid)
    text = collector.auditor("alive", "1:999999999999")
    h.equal(text.returncode, 3, "what never was is unknown")
    h.ok("unknown" in str(text.stdout), "and it says so", text.stdout)
    for bad in ("", "1", "x:1", "01:1", "1:1:0", "1:1:1:1"):
        h.equal(status(collector, bad), 2, f"{bad!r} is no life's name")


def main():
    h.own_pid_namespace()
    collector = h.Collector().start()
    for part in (reused, said):
        part(collector)
    h.equal(collector.stop(), 0, "the collector ends")
    pid, life = sleeper()
    h.equal(status(collector, life), 0, "without a collector, what is there is alive")
    end(pid)
    h.equal(status(collector, life), 3, "and what is not there is unknown")
    h.done()


main()
