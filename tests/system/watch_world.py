# SPDX-License-Identifier: ISC
"""A command that is to run, watched by a collector: what is said of it, and where."""
import os
import re
import shutil
import subprocess
import sys

import harness as h

sys.path.insert(0, os.path.join(h.TOP, "tests"))
import verify_process  # noqa: E402


def program(name):
    path = os.path.join(h.work, name)
    shutil.copy("/bin/sleep", path)
    return path


def said(collector, rule):
    """The states of a rule that the log has, in order."""
    return re.findall(rf"watch: rule={rule} state=(\w+) ", collector.text())


def stored(collector, rule):
    """The same of the process records, with the pid."""
    folder = os.path.join(collector.dir, "store/process")
    found = []
    for name in sorted(f for f in os.listdir(folder) if f.endswith(".shlp")):
        with open(os.path.join(folder, name), "rb") as f:
            data = f.read()
        for _, r in verify_process.read_records(data, verify_process.read_header(data)[0]):
            if r and r.get("kind") == "WATCH" and r["rule"] == rule:
                found.append((["", "start", "end", "absent"][r["state"]], r["pid"]))
    return found


def state(collector, rule):
    return [w for w in collector.objects("status")[0]["watch"] if w["rule"] == rule][0]


def lifecycle(collector, path):
    """path is that of rule w, with a grace of 1 s.  Nothing was started yet."""
    def until(*want):
        return h.eventually(40, lambda: said(collector, "w") == list(want))

    h.ok(until("absent"), "what is not there is absent", collector.text())
    h.equal(state(collector, "w")["state"], "absent", "the status says so")
    one = subprocess.Popen([path, "600"])
    h.ok(until("absent", "start"), "it starts", said(collector, "w"))
    now = state(collector, "w")
    h.equal((now["state"], now["pid"]), ("present", one.pid), "the status has its pid")
    two = subprocess.Popen([path, "600"])
    h.eventually(30, lambda: state(collector, "w")["lives"] == 2)
    one.kill()
    one.wait()
    h.ok(h.eventually(30, lambda: state(collector, "w")["lives"] == 1), "one of two ends")
    h.equal(said(collector, "w"), ["absent", "start"], "which is no end")
    two.kill()
    two.wait()
    h.ok(until("absent", "start", "end", "absent"), "the last one's is, and then it is absent",
         said(collector, "w"))
    h.equal(stored(collector, "w"), [("absent", 0), ("start", one.pid), ("end", two.pid), ("absent", two.pid)],
            "the process records have it all")


def restarted(collector, path):
    """Who is there when a collector starts has not begun then."""
    one = subprocess.Popen([path, "600"])
    h.eventually(40, lambda: state(collector, "w")["state"] == "present")
    count = len(said(collector, "w"))
    h.equal(collector.stop(), 0, "the collector ends")
    collector.start()
    h.ok(h.eventually(30, lambda: state(collector, "w")["state"] == "present"), "another one finds it there")
    h.equal(said(collector, "w")[count:], [], "and says nothing")
    one.kill()
    one.wait()
    h.ok(h.eventually(40, lambda: said(collector, "w")[count:] == ["end", "absent"]),
         "until it ends", said(collector, "w"))
    h.equal(collector.stop(), 0, "it ends, too")
    h.equal(collector.auditor("verify").returncode, 0, "verify is clean")
