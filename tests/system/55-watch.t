#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""watch, with accounting alone: in a pid namespace of the test's own."""
import os
import signal

import harness as h
import watch_world as world


def other_rules(collector):
    """SIGHUP brings other rules."""
    path = world.program("shl-other")
    with open(os.path.join(collector.dir, "shellac.conf"), "w", encoding="ascii") as f:
        f.write(f"watch = other {os.path.basename(path)} user root grace 0\n")
    collector.start()
    h.ok(h.eventually(20, lambda: world.said(collector, "other") == ["absent"]), "another rule is followed")
    h.ok(collector.proc.poll() is None, "by the collector")
    with open(os.path.join(collector.dir, "shellac.conf"), "w", encoding="ascii") as f:
        f.write("watch = none\n")
    collector.proc.send_signal(signal.SIGHUP)
    h.ok(h.eventually(20, lambda: collector.objects("status")[0]["watch"] == []), "SIGHUP takes it away")
    h.equal(collector.stop(), 0, "the end")


def main():
    h.own_pid_namespace()
    path = world.program("shl-watched")
    collector = h.Collector(conf="watch = w shl-watched grace 1\n").start()
    h.equal(collector.objects("status")[0]["events"]["state"], "off", "there are no process events here")
    world.lifecycle(collector, path)
    world.restarted(collector, path)
    other_rules(collector)
    h.done()


main()
