#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The same without process events: accounting says it at the end, a look at /proc while
it goes on; and a login that is recorded is not called unrecorded."""
import os
import re

import coverage_world as cw
import harness as h
import ways_in_world as world

PROMPT = re.compile(rb"[$%>#] ")
LOOK = 45 # seconds: they are 30 apart


def recorded(port, *users):
    for user in users:
        t = cw.Login(user, port).terminal()
        t.wait_for(PROMPT)
        t.send("ls -d /; exit\r")
        t.wait()


def short_ones(port):
    """Over before anybody looks."""
    cw.Login("cwa", port).command("sleep 0.2; true")
    t = cw.Login("cwb", port).terminal("bash --noprofile --norc")
    t.wait_for(PROMPT)
    t.send("ls -d /; exit\r")
    t.wait()


def said(host, *users):
    return {u: [(r["kind"], r["tty"] is not None, r["live"]) for r in host.rows(u)] for u in users}


def main():
    cw.need(*world.PROGRAMS)
    h.own_pid_namespace()
    host = cw.Host("acct = own\nprocess_events = no\n")
    for user in ("cwa", "cwb", "cwc", "cwd"):
        host.user(user, "/bin/bash")
    host.user("cwe", os.path.join(host.bin, "shellac-bash"))
    host.collector()
    port = host.sshd("Subsystem=sftp /usr/lib/openssh/sftp-server")
    long_one = cw.Login("cwc", port).terminal("bash --noprofile --norc")
    long_one.wait_for(PROMPT)
    recorded(port, "cwd", "cwe")
    short_ones(port)
    wanted = {"cwa": [("unrecorded", False, False)], "cwb": [("unrecorded", True, False)],
              "cwc": [("unrecorded", True, True)], "cwd": [], "cwe": []}
    h.eventually(LOOK, lambda: said(host, *wanted) == wanted)
    h.equal(said(host, *wanted), wanted, "found at the next look, each once, none falsely")
    row = host.rows("cwc")[0] if host.rows("cwc") else {}
    h.equal([row.get(k) for k in ("user", "command", "origin")], ["cwc", "bash", "sshd"],
            "and who it is")
    long_one.send("exit\r")
    long_one.wait()
    recorded(port, "cwd", "cwe")
    wanted["cwc"] = [("unrecorded", True, False)]
    h.ok(h.eventually(LOOK, lambda: said(host, *wanted) == wanted), "and when it is over",
         said(host, *wanted))
    text = world.run([host.shellac, "coverage"]).stdout.decode()
    h.ok("seen by: accounting alone" in text, "by what it was seen", text)
    host.end_collector()
    host.collector()
    h.equal(said(host, *wanted), wanted, "nothing is said again after a restart")
    gaps = [r["text"] for r in host.coverage()[1] if r["kind"] == "gap"]
    h.ok("no collector ran" in gaps, "which is a gap", gaps)
    h.done()


main()
