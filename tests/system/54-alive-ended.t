#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""shellac alive, of lives that end: with process events and accounting, which together
know of which life a record is.  In the machine's own namespaces."""
import json
import os
import shutil
import subprocess

import harness as h


def alive(collector, life):
    got = collector.auditor("alive", "--json", life)
    return got.returncode, json.loads(got.stdout or "{}")


def start_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
        return int(f.read().rsplit(")", 1)[1].split()[19])


def ends(collector):
    one = subprocess.Popen([program("shl-ends"), "600"])
    life = f"{one.pid}:{start_of(one.pid)}"
    status, got = alive(collector, life)
    h.equal((status, got["state"], got["end"]), (0, "alive", None), "it is alive")
    h.ok(got["start"], "its start is a date", got)
    start = got["start"]
    one.kill()
    os.waitid(os.P_PID, one.pid, os.WEXITED | os.WNOWAIT)
    status, got = alive(collector, life)
    h.equal((status, got["state"]), (1, "ended"), "killed, and not yet waited for, it has ended")
    h.equal((got["signal"], got["exit"], got["comm"]), (9, None, "shl-ends"), "its record says how")
    h.equal(got["start"], start, "its start is the same")
    h.ok(got["end"] >= start, "its end is behind it", got)
    one.wait()
    row = [r for r in collector.objects("procs", "command", "shl-ends") if r["pid"] == one.pid][0]
    h.equal(row["life"], got["life"], "procs has that life")
    h.equal(alive(collector, row["life"])[0], 1, "under its full name")
    h.equal(alive(collector, f"{life}:1")[0], 3, "of a second one in that tick nothing is known")
    return life


def program(name):
    path = os.path.join(h.work, name)
    shutil.copy("/bin/sleep", path)
    return path


def main():
    h.with_machine_acct()
    collector = h.Collector().start()
    state = collector.objects("status")[0]
    if state["events"]["state"] != "on" or state["acct"]["state"] != "on":
        collector.stop()
        h.skip_all(f"no process events and accounting here: {state['events']}, {state['acct']}")
    life = ends(collector)
    h.equal(collector.stop(), 0, "the collector ends")
    h.equal(alive(collector, life)[0], 1, "what has ended stays so without one")
    h.done()


main()
