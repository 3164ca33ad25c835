#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Tables fit the terminal that they are shown on, and nothing is left out where
there is none."""
import subprocess

import harness as h

h.own_pid_namespace()
host = h.Collector().start()
h.equal(h.record(host, ["sh", "-c", "true; sleep 0.1 & wait"]).wait(), 0, "a session")
host.closed(1)


def shown(cols, *args):
    terminal = h.Terminal([h.SHELLAC, "-d", host.dir, *args], cols=cols)
    terminal.wait()
    return bytes(terminal.shown).decode().splitlines()


for command, heads, keep in (
        ("procs", "COMMAND FL USER TTY SESSION PID EXIT CPU ELAPSED START REASON",
         "COMMAND PID SESSION"),
        ("list", "N USER FROM TTY START LENGTH ACTIVE CMDS STATUS LVL EXIT ID", "N USER START STATUS")):
    piped = subprocess.run([h.SHELLAC, "-d", host.dir, command], stdout=subprocess.PIPE,
                           check=True).stdout.decode().splitlines()
    h.equal(piped[0].split(), heads.split(), f"{command}: all columns where there is no terminal")
    h.equal(shown(200, command)[:2], piped[:2], f"{command}: and where there is room")
    before = heads.split()
    for cols in (120, 110, 100, 80, 60):
        lines = shown(cols, command)
        h.ok(max(map(len, lines)) <= cols, f"{command}: fits {cols} columns", "\n".join(lines))
        names = lines[0].split()
        h.ok(set(names) <= set(before), f"{command}: {cols} have no more than wider ones", names)
        h.ok(set(keep.split()) <= set(names), f"{command}: and what matters most", names)
        before = names
    h.ok(len(shown(80, command)[0].split()) >= 7, f"{command}: 80 columns are used")
host.stop()
h.done()
