#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""shellac-filter: which events pass, and that acknowledgements of the program behind it come
back in order, with what did not pass."""
import json
import os
import subprocess
import time

import harness as h
import fed_plugin as w

# Writes what it gets to a file; acknowledges what another file says, each time that grows.
TAKER = """import os, sys, threading, time
got, told = sys.argv[1:3]
def read():
    for line in sys.stdin.buffer:
        with open(got, "ab") as f:
            f.write(line)
    os._exit(0 if len(sys.argv) < 4 else int(sys.argv[3]))
threading.Thread(target=read, daemon=True).start()
at = 0
while True:
    try:
        with open(told, "rb") as f:
            f.seek(at)
            text = f.read()
    except FileNotFoundError:
        text = b""
    at += len(text)
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()
    time.sleep(0.02)
"""


class Taker:
    """A program behind the filter."""
    count = 0

    def __init__(self):
        Taker.count += 1
        self.got, self.told = (os.path.join(h.work, f"{name}{Taker.count}") for name in ("got", "told"))
        self.script = os.path.join(h.work, "taker.py")
        with open(self.script, "w", encoding="ascii") as f:
            f.write(TAKER)

    def argv(self, *more):
        return ["--", h.PYTHON, self.script, self.got, self.told, *more]

    def events(self):
        try:
            with open(self.got, encoding="utf-8") as f:
                return [json.loads(line)["event"].get("sequence", 0) for line in f]
        except FileNotFoundError:
            return []

    def has(self, wanted):
        return h.eventually(60, lambda: self.events() == wanted)

    def say(self, text):
        with open(self.told, "a", encoding="ascii") as f:
            f.write(text)


def run(*args):
    return subprocess.run([w.program("filter"), *args], stdin=subprocess.DEVNULL, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def checks():
    path = os.path.join(h.work, "rules")
    with open(path, "w", encoding="ascii") as f:
        f.write("# fine\nuser.name = root\n\nevent.action ~ \"(\"\nuser.name = root or\n")
    done = run("--check", path)
    h.equal(done.returncode, 1, "a file with wrong lines is 1")
    said = done.stderr.decode()
    h.ok(f"{path}:4:16: " in said and f"{path}:5:20: " in said, "each with line and column", said)
    with open(path, "w", encoding="ascii") as f:
        f.write("user.name = root\nevent.kind = alert\n")
    h.equal(run("--check", path).returncode, 0, "a file without is 0")
    h.equal(run("--check", path + "x").returncode, 3, "one that is not there is 3")
    for args in ((), ("keep",), ("maybe", "a = 1"), ("keep", "a ="), ("--rate", "0", "keep", "a = 1"),
                 ("--file", path + "x", "keep")):
        h.equal(run(*args).returncode, 2, f"refused: {' '.join(args)}")
    h.equal(run("keep", "a = 1").returncode, 0, "an end before the first line is fine")
    plugin = w.Plugin("filter", "--file", path, "keep", hello=None)
    plugin.put(b"no hello\n")
    h.equal(plugin.ended(), 3, "a first line that is none is 3")


def order():
    """What did not pass is acknowledged with what came before it, never earlier."""
    taker = Taker()
    plugin = w.Plugin("filter", "keep", "event.action = session-start and", "user.name != bob",
                      *taker.argv())
    plugin.put(*(w.event(n, "session-start" if n % 3 == 0 else "process-end") for n in range(1, 11)))
    h.ok(taker.has([0, 3, 6, 9]), "the first line and what matches pass", taker.events())
    h.ok(plugin.acks(2), "what did not pass before is acknowledged")
    taker.say("ACK 6\n")
    h.ok(plugin.acks(8), "with one that did, what did not behind it")
    time.sleep(0.3)
    h.equal(plugin.acked, 8, "and no more")
    taker.say("ACK 9\nACTION refuse-new\nrubbish\x1b[31m\nACK many\n")
    h.ok(plugin.acks(10), "then the rest")
    h.ok(h.eventually(30, lambda: plugin.answers == [b"ACTION refuse-new\n"]),
         "actions travel back", plugin.answers)
    h.ok(h.eventually(30, lambda: "rubbish\\x1b[31m" in plugin.text() and "ACK many" in plugin.text()),
         "other answers are said, without control characters", plugin.text())
    plugin.put({"event": {"action": "events-lost"}, "shellac": {"lost": {"count": 3, "from": 11, "to": 13}}})
    plugin.put(w.event(14), w.event(15, "session-start"))
    h.ok(taker.has([0, 3, 6, 9, 0, 15]), "lost events are said to the program")
    taker.say("ACK 13\n")
    h.ok(plugin.acks(14), "and acknowledged")
    taker.say("ACK 15\n")
    h.ok(plugin.acks(15), "all is acknowledged")
    h.equal(plugin.eof(), 0, "the end of the events is 0")


def dropping():
    taker = Taker()
    plugin = w.Plugin("filter", "--no-acks", "drop", "event.sequence < 90", *taker.argv())
    plugin.put(*(w.event(n) for n in range(1, 101)))
    h.ok(taker.has([0, *range(90, 101)]), "drop passes all others")
    h.ok(plugin.acks(100), "--no-acks: what was written is taken")
    h.equal(plugin.term(), 0, "SIGTERM is an end")


def last_words():
    """At the end of the events, what the program still acknowledges is heard."""
    program = ("import sys\nlast = 0\nfor line in sys.stdin:\n"
               " last = line.split('\"sequence\": ')[-1].split(',')[0] if 'sequence' in line else last\n"
               "sys.stdout.write('ACK 5\\n')\n")
    plugin = w.Plugin("filter", "keep", "event.sequence = 5", "--", h.PYTHON, "-c", program)
    plugin.put(*(w.event(n) for n in range(1, 8)))
    h.ok(plugin.acks(4), "before the end there are none of it")
    h.equal(plugin.eof(), 0, "the end of the events ends both")
    h.equal(plugin.acked, 7, "and its last acknowledgement has come")


def deaths():
    plugin = w.Plugin("filter", "keep", "event.sequence exists", "--", "/bin/sh", "-c", "exit 7")
    h.equal(plugin.ended(), 1, "the program's death is the filter's")
    h.ok("exit status 7" in plugin.text(), "which is said", plugin.text())
    plugin = w.Plugin("filter", "keep", "a exists", "--", "/nowhere/program")
    h.equal(plugin.ended(), 1, "a program that is not there, too")
    h.ok("/nowhere/program: cannot be run" in plugin.text(), "is said", plugin.text())
    stubborn = "trap '' TERM; while :; do sleep 0.1; done"
    plugin = w.Plugin("filter", "keep", "a exists", "--", "/bin/sh", "-c", stubborn)
    plugin.put(w.event(1))
    h.ok(plugin.acks(1), "one that ignores its end ...")
    h.equal(plugin.eof(), 0, "... is ended")


def commands():
    out = os.path.join(h.work, "ran")
    script = os.path.join(h.work, "command")
    with open(script, "w", encoding="ascii") as f:
        f.write(f"#!/bin/sh\nread -r line\necho \"$1 $line\" >>{out}\necho not for the dispatcher\n"
                "case $line in *slow*) sleep 600;; *bad*) exit 9;; esac\n")
    os.chmod(script, 0o755)
    plugin = w.Plugin("filter", "--timeout", "1", "--rate", "5", "--run", script, "keep",
                      "event.action ~ ^run", "--", "$(id);")
    actions = ["run", "other", "run-bad", "run-slow", "run", "run", "run", "run", "other"]
    plugin.put(*(w.event(n + 1, action) for n, action in enumerate(actions)))
    h.ok(plugin.acks(len(actions)), "each is acknowledged when the command has ended")
    with open(out, encoding="utf-8") as f:
        lines = f.read().splitlines()
    h.equal([json.loads(line.removeprefix("$(id); "))["event"]["sequence"] for line in lines],
            [1, 3, 4, 5, 6], "it ran for what matches, with its argument, no more often than allowed")
    said = plugin.text()
    h.ok("exit status 9, for event 3" in said, "its exit status is said", said)
    h.ok("killed after 1 s, for event 4" in said, "it has its time", said)
    h.equal(plugin.eof(), 0, "the end of the events is 0")
    h.ok("2 events were left out" in plugin.text(), "what was left out is said", plugin.text())
    h.equal(plugin.answers, [], "what it writes is no answer")
    plugin = w.Plugin("filter", "--run", script, "keep", "event.action exists")
    plugin.put(w.event(1, "run-slow"))
    h.ok(h.eventually(60, lambda: "run-slow" in open(out, encoding="utf-8").read().splitlines()[-1]),
         "a command that runs ...")
    h.equal(plugin.term(), 0, "... does not hold the end up")
    h.equal(plugin.acked, 0, "and what it had not done is not acknowledged")


def main():
    checks()
    order()
    dropping()
    last_words()
    deaths()
    commands()
    h.done()


main()
