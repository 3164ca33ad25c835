#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""100,000 events through the collector, its dispatcher, shellac-file and shellac-syslog: none is
lost with `block`, and what is lost with `ignore` is counted exactly."""
import json
import os
import signal
import subprocess

import fed_plugin as p
import harness as h
import plugin_world as w
import syslog_world as s

COUNT = 100000


def in_files(folder):
    """Every event in shellac-file's folder, in the order of the files."""
    for name in sorted(os.listdir(folder)):
        if not name.endswith((".jsonl", ".jsonl.zst")):
            continue
        path = os.path.join(folder, name)
        if name.endswith(".zst"):
            text = subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE,
                                  check=True).stdout
        else:
            with open(path, "rb") as f:
                text = f.read()
        yield from map(json.loads, text.splitlines())


def numbers(events):
    """Numbers of events, and of how many it is said that they are lost."""
    got, lost = [], 0
    for e in events:
        if e["event"]["action"] == "events-lost":
            lost += e["shellac"]["lost"]["count"]
        else:
            got.append(e["event"]["sequence"])
    return got, lost


def configure(c, daemon):
    folders = {name: os.path.join(h.work, name) for name in ("kept", "dropped")}
    if daemon:
        c.configure("syslog", path=p.program("syslog"), args=f"--socket {daemon.socket}",
                    queue_depth="5000", overflow_action="block")
    c.configure("kept", path=p.program("file"), args=f"--size 8M {folders['kept']}",
                queue_depth="5000", overflow_action="block")
    c.configure("dropped", path=p.program("file"), args=f"--size 8M {folders['dropped']}",
                queue_depth="2000", overflow_action="ignore")
    c.generator()
    return folders


def drained(c, name, last):
    def all_said():
        status = c.status(name)
        return status["acked"] + status["lost"] >= last

    return h.eventually(120, all_said) or h.note(f"{name}: {c.status(name)}")


def main():
    daemon = s.Rsyslogd().start() if s.available() else None
    c = w.Plugins()
    folders = configure(c, daemon)
    c.start()
    h.ok(c.reaches("dropped", state="runs"), "the plugins run", c.text())
    # one that is stopped for a while fills its queue
    stopped = c.status("dropped")["pid"]
    os.kill(stopped, signal.SIGSTOP)
    c.generate(COUNT)
    h.ok(h.eventually(120, lambda: c.status("dropped")["lost"] > COUNT // 2),
         "one that takes nothing for a while loses events", c.status("dropped"))
    os.kill(stopped, signal.SIGCONT)
    h.ok(h.eventually(120, lambda: c.status("kept")["sent"] >= COUNT), "all are sent",
         c.status("kept"))
    h.ok(drained(c, "kept", c.status("kept")["sent"]), "shellac-file acknowledges all")
    got, lost = numbers(in_files(folders["kept"]))
    h.ok(len(got) >= COUNT and got == [*range(got[0], got[0] + len(got))] and lost == 0,
         "block: each event is in its files, once and in order",
         (len(got), lost, got[:3], got[-3:]))
    h.ok(drained(c, "dropped", len(got)), "the other has come to the end, too")
    some, lost = numbers(in_files(folders["dropped"]))
    h.ok(0 < len(some) < len(got) and len(some) == len(set(some)),
         "ignore: some are in its files, none twice", len(some))
    h.equal(len(some) + lost, len(got), "and with those that are said to be lost it is all")
    h.equal(c.status("dropped")["lost"], lost, "of which status says the same")
    if daemon:
        h.ok(drained(c, "syslog", len(got)), "shellac-syslog acknowledges all")
        h.ok(daemon.has(len(got), 120), "rsyslogd has written all", len(daemon.lines("ok")))
        there, lost = numbers(m[3] for m in daemon.messages())
        h.ok(there == got and lost == 0, "block: each event is in the log, once and in order",
             (len(there), lost))
    else:
        h.skip("the same in the log of a daemon", "no rsyslogd or openssl")
    h.equal(c.stop(), 0, "the collector ends well")
    h.done()


main()
