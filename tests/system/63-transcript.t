#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What was typed into real shells, and what was to be read: lines as they were left, with
history and completion in them, joined with the processes that they began; nothing of a
password; full-screen programs in a word."""
import glob
import json
import os
import shutil
import sys
import time

import harness as h

PROMPT = "ready$ "
FISH = ("function fish_prompt; echo -n 'ready$ '; end; function fish_right_prompt; "
        "echo -n RIGHT; end; function fish_greeting; end")
SHELLS = {
    "bash": ["bash", "--norc"],
    "dash": ["dash"],
    "mksh": ["mksh"],
    "zsh": ["zsh", "-f"],
    "fish": ["fish", "-N", "-C", FISH],
}
PLAIN = ("dash",)  # neither history nor completion
PAUSE_S = 0.4  # accounting tells of a start when the process has ended
READS_S = 2    # and by accounting alone only some time later it is sure that it read this
SECRET = "hunter2secret"


class Shell:
    def __init__(self, collector, name):
        self.name = name
        rc = os.path.join(h.work, "rc")
        with open(rc, "w", encoding="utf-8") as f:
            f.write(f"PS1='{PROMPT}'\n")
        self.t = h.record(collector, SHELLS[name], env={
            "PS1": PROMPT, "TERM": "xterm-256color", "ENV": rc, "HOME": h.work,
            "RPS1": "RIGHT"})
        self.prompt()

    def prompt(self):
        self.t.wait_for(PROMPT.strip())
        time.sleep(PAUSE_S)


def runs(program):
    """Anywhere in this test's own namespace."""
    for path in glob.glob("/proc/[0-9]*/comm"):
        try:
            with open(path, encoding="utf-8") as f:
                if f.read() == program + "\n":
                    return True
        except OSError:  # it has ended
            pass
    return False


def session(collector, name):
    s = Shell(collector, name)
    found = []
    s.t.send("echo hexx")
    s.t.wait_for("hexx")
    s.t.send("\x7f\x7fllo\r")
    s.prompt()
    found.append(("echo hello", None))
    if name not in PLAIN:
        s.t.send("\x1b[A")
        s.t.wait_for("hello")
        s.t.send("\r")
        s.prompt()
        found.append(("echo hello", None))
        s.t.send("cd /usr/includ\t")
        s.t.wait_for("include")
        s.t.send("\r")
        s.prompt()
        found.append(("cd /usr/include/", None))
    s.t.send("sh -c 'exit 7'\r")
    s.prompt()
    found.append(("sh -c 'exit 7'", 7))
    s.t.send("cat >/dev/null\r")
    s.t.wait_for("\n")
    h.eventually(30, lambda: runs("cat"))
    time.sleep(READS_S)
    s.t.send("some input\r")
    s.t.wait_for("some input")
    time.sleep(PAUSE_S)
    s.t.send("\x04")
    s.prompt()
    found += [("cat >/dev/null", 0), ("some input", "input")]
    s.t.send("python3 -c 'import getpass; getpass.getpass()'\r")
    s.t.wait_for("Password")
    s.t.send(SECRET + "\r")
    s.prompt()
    found.append(("python3 -c 'import getpass; getpass.getpass()'", "hidden"))
    s.t.send("printf '10%%\\r50%%\\r99%%\\n'\r")
    s.t.wait_for("99%\r\n")
    s.prompt()
    found.append(("printf '10%%\\r50%%\\r99%%\\n'", None))
    s.t.send("vim -u NONE -i NONE /etc/hostname\r")
    s.t.wait_for("\x1b[?1049h")
    s.t.wait_for("hostname")
    s.t.send(":q")
    time.sleep(PAUSE_S)  # what is not echoed in time is hidden
    s.t.send("\r")
    s.t.wait_for("\x1b[?1049l")
    s.prompt()
    found.append(("vim -u NONE -i NONE /etc/hostname", 0))
    s.t.send("clear\r")
    s.prompt()
    found.append(("clear", 0))
    s.t.send("exit\r")
    h.equal(s.t.wait(), 0, f"{name}: ends")
    found.append(("exit", None))
    return found


def commands(collector, n, name, wanted):
    h.ok(collector.closed(n), f"{name}: its session is closed")
    got = [json.loads(x) for x in collector.raw_auditor("cat", "--commands", "--json", str(n))]
    typed = [x for x in got if x["typed"]]
    # zsh takes back a slash that it put there itself; a prompt on the right that comes behind
    # the first key is the line's
    h.equal([x["command"].removesuffix("RIGHT").rstrip(" /") for x in typed],
            [w[0].rstrip("/") for w in wanted],
            f"{name}: what was typed")
    h.equal([x["input"] for x in typed], [w[1] == "input" for w in wanted],
            f"{name}: what of it a program got")
    # of a shell's own commands nothing is known, of which mksh has fewer
    known = [(x["exit"], w) for x, w in zip(typed, wanted) if w[1] not in (None, "input")]
    h.equal([x[0] for x in known], [0 if w[1] == "hidden" else w[1] for _, w in known],
            f"{name}: exit statuses")
    h.equal([x["hidden"] for x in typed], [w[1] == "hidden" for w in wanted],
            f"{name}: where something was typed unseen")
    h.equal([x["command"] for x in typed if x["full_screen"]],
            ["vim -u NONE -i NONE /etc/hostname"], f"{name}: where the whole screen was taken")
    h.ok(all(a["at_s"] <= b["at_s"] for a, b in zip(typed, typed[1:])), f"{name}: in order")


def lines(collector, n, name):
    got = [json.loads(x) for x in collector.raw_auditor("cat", "--json", str(n))]
    text = [x["text"] for x in got if x["kind"] == "line"]
    h.ok("99%" in text and not any("50%" in x and "printf" not in x for x in text),
         f"{name}: a progress bar is what it was at last", text)
    h.ok(any("full screen" in x["text"] and "vim" in x["text"] for x in got),
         f"{name}: vim in a word")
    h.ok(not any("\x1b" in x["text"] for x in got), f"{name}: no control sequence")
    h.ok(SECRET not in json.dumps(got), f"{name}: no password")
    marked = [x["typed"].removesuffix("RIGHT").rstrip() for x in got if x["typed"]]
    h.ok("sh -c 'exit 7'" in marked and "echo hello" in marked, f"{name}: typed lines are marked",
         marked)
    plain = collector.raw_auditor("cat", str(n))
    h.equal(plain, text, f"{name}: without options the lines alone")


def main():
    h.own_pid_namespace()
    collector = h.Collector(conf="process_events = no\n").start()
    collector.raw_auditor = lambda *a: collector.auditor(*a).stdout.decode().splitlines()
    n = 0
    for name in sys.argv[1:] or SHELLS:
        if shutil.which(name) is None or shutil.which("vim") is None:
            h.skip(name, f"no {name}, or no vim")
            continue
        wanted = session(collector, name)
        n += 1
        commands(collector, n, name, wanted)
        lines(collector, n, name)
    h.equal(collector.stop(), 0, "the collector ends")
    h.done()


main()
