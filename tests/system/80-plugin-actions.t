#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What plugins may have done, and what not; all of it is in the ledger."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness as h  # noqa: E402
import plugin_world as w  # noqa: E402

# says the lines of a file beside its output, as they come
ACTOR = w.ACT + """
import select
at = 0
while not select.select([sys.stdin], [], [], 0)[0] or sys.stdin.readline():
    try:
        with open(OUT + ".do", encoding="utf-8") as f:
            f.seek(at)
            text = f.read()
    except FileNotFoundError:
        text = ""
    if text.endswith("\\n"):
        say(text)
        at += len(text)
    time.sleep(0.02)
"""

c = w.Plugins("away = strict\n")
hook = c.program("the-hook", w.ACT + "out.write(' '.join(sys.argv[2:]) + chr(10))\n")
c.plugin("actor", ACTOR, acks="no",
         actions="refuse-new freeze hang-up run-hook",
         **{"hook note": f"{hook} {c.out('hook')} 'one two' three", "hook slow": "/bin/sleep 1000"})
c.plugin("meek", ACTOR, acks="no", actions="freeze")
c.start()
h.ok(c.reaches("actor", state="runs") and c.reaches("meek", state="runs"), "they run", c.text())


def act(text, name="actor"):
    with open(c.out(name) + ".do", "a", encoding="utf-8") as f:
        f.write(f"ACTION {text}\n")


def entries():
    return [(e["text"]["who"], e["text"]["what"], e["text"]["reason"], e["done"], e.get("n"))
            for e in c.objects("ledger") if e["type"] == "ACTION" and e.get("text")]


def recorded(what, done, reason, name="actor", n=None):
    wanted = ("plugin " + name, what, reason, done, n)
    h.ok(h.eventually(30, lambda: wanted in entries()), f"the ledger has it: {what}, {reason}",
         (entries()[-3:], c.text()[-500:]))


def shell():
    term = h.record(c, ["/bin/sh", "-c", "stty -echo; echo ready; while read -r a; do echo "
                        "\"got $a\"; done; exit 3"])
    h.ok(term.wait_for("ready"), "a session begins")
    term.send("first\r")
    h.ok(term.wait_for("got first"), "and answers")
    return term


first = shell()
act("freeze 1")
h.ok(first.wait_for("this session is held"), "freeze: its user is told")
recorded("freeze 1", True, "done", n=1)
seen = len(first.shown)
first.send("second\r")
h.ok(not h.eventually(1.5, lambda: len(first.shown) > seen), "freeze: it stands still")
other = shell()
act("thaw 1")
h.ok(first.wait_for("got second"), "thaw: it goes on with what was typed")
recorded("thaw 1", True, "done", n=1)
act("freeze 1")
h.ok(first.wait_for("this session is held"), "freeze: again")
c.hang_up()
first.send("third\r")
h.ok(first.wait_for("got third"), "SIGHUP to the collector thaws, too")

live = {s["n"]: s["id"] for s in c.objects("list") if s["status"] == "LIVE"}
act(f"hang-up {live[2][:12]}")
h.equal(other.wait() is not None and other.wait(), -1, "hang-up: it ends by that signal")
recorded(f"hang-up {live[2][:12]}", True, "done", n=2)
h.ok(c.closed(2), "hang-up: it is closed")
h.equal([s["status"] for s in c.objects("verify", "2")], ["COMPLETE"], "hang-up: and complete")

act("refuse-new")
recorded("refuse-new", True, "done")
status = h.record(c, ["/bin/echo", "no"]).wait()
h.equal(status, 125, "refuse-new: no session begins")
first.send("fourth\r")
h.ok(first.wait_for("got fourth"), "refuse-new: one that has begun goes on")
act("admit")
recorded("admit", True, "done")
h.equal(h.record(c, ["/bin/echo", "yes"]).wait(), 0, "admit: they begin again")

act("run-hook note")
recorded("run-hook note", True, "done")
h.ok(h.eventually(30, lambda: os.path.exists(c.out("hook")) and
                  open(c.out("hook"), encoding="utf-8").read() == "one two three\n"),
     "run-hook: with its own arguments", c.text()[-500:])
act("run-hook slow")
recorded("run-hook slow", True, "done")

for what, why in (("run-hook other", "no hook is called so"), ("reboot", "no action is called so"),
                  ("freeze 99", "no live session is called so"), ("freeze", "no live session is "
                   "called so"), ("refuse-new all", "it takes no argument"),
                  ("hang-up 99999999999999999999999", "no live session is called so")):
    act(what)
    recorded(what, False, why)
act("hang-up 1", "meek")
recorded("hang-up 1", False, "its configuration does not allow it", "meek")
before = c.status("actor")["garbage"]
act("two words too many")
act("")
h.ok(h.eventually(30, lambda: c.status("actor")["garbage"] == before + 2),
     "what is no action is garbage", c.status("actor"))
for _ in range(100):
    act("nonsense", "meek")
h.ok(c.logged("plugin meek asks for more than 60 actions a minute"), "there is a limit")
h.ok(h.eventually(30, lambda: len([e for e in entries() if e[0] == "plugin meek"]) == 60),
     "also to what the ledger takes of it", len(entries()))
first.send("\x04")
h.equal(first.wait(), 3, "a session that nobody hung up ends as it should")

path = os.path.join(c.dir, "store/ledger/log")
out = subprocess.run([h.PYTHON, os.path.join(h.TOP, "tests/verify_ledger.py"), path],
                     stdin=subprocess.DEVNULL, capture_output=True, check=False)
h.ok(out.returncode == 0 and out.stdout.count(b"ACTION") > 60, "a second reader takes the ledger",
     out.stderr[-500:] + out.stdout[-300:])
text = c.auditor("ledger").stdout.decode()
h.ok("plugin actor: hang-up" in text and "because: done" in text, "shellac ledger says it",
     [line for line in text.splitlines() if "ACTION" in line][:3])
kin = w.below(c.proc.pid)
h.equal(c.stop(), 0, "the collector ends")
h.equal([p for p in kin if w.running(p)], [], "and with it a hook that runs")
h.equal(c.auditor("verify").returncode, 0, "the store is as it should be")
with open(os.path.join(c.dir, "store/ledger/access", min(os.listdir(os.path.join(
        c.dir, "store/ledger/access")), key=int)), "r+", encoding="utf-8") as f:
    f.write("who plugin other")
h.equal(c.auditor("ledger").returncode, 1, "a text that is not what the entry was made of")
h.done()
