#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""watch, with process events and without accounting."""
import os
import subprocess
import time

import harness as h
import watch_world as world


def at_once(collector, path):
    """What an event says needs no look at /proc."""
    longest = 0
    for _ in range(5):
        count = len(world.said(collector, "w"))
        begin = time.monotonic()
        one = subprocess.Popen([path, "600"])
        h.eventually(30, lambda: "start" in world.said(collector, "w")[count:])
        longest = max(longest, time.monotonic() - begin)
        one.kill()
        one.wait()
        h.eventually(30, lambda: "absent" in world.said(collector, "w")[count:])
    h.ok(longest < 5, "a start is said before the next look at /proc", longest)


def main():
    name = f"shlw{os.getpid()}"
    path = world.program(name)
    collector = h.Collector(conf=f"acct = off\nwatch = w {name} grace 1\n").start()
    events = collector.objects("status")[0]["events"]
    if events["state"] != "on":
        collector.stop()
        h.skip_all(f"no process events here: {events['reason']}")
    world.lifecycle(collector, path)
    at_once(collector, path)
    world.restarted(collector, path)
    h.done()


main()
