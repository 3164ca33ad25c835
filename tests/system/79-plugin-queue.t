#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Queues of plugins: what overflows is counted exactly, nothing else is lost, over SIGHUP
and over the end of plugin, dispatcher and collector."""
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness as h  # noqa: E402
import plugin_world as w  # noqa: E402

# takes nothing as long as there is a file beside its output
HELD = w.ACT + """
while os.path.exists(OUT + ".hold"):
    time.sleep(0.02)
""" + w.SINK.replace(w.ACT, "")

# does not acknowledge the last
FORGETS = w.ACT + """
for line in sys.stdin:
    out.write(line)
    n = sequence(line)
    if n and n % 10 == 0:
        say(f"ACK {n}\\n")
"""

SILENT = w.ACT + """
for line in sys.stdin:
    out.write(line)
"""


def numbers(c, name):
    return [m for m in c.messages(name) if m.startswith("number ")]


def all_numbers(c, name, count):
    want = [f"number {n}" for n in range(count)]
    return h.eventually(90, lambda: numbers(c, name) == want)


def dispatcher(c):
    for pid in w.below(c.proc.pid):
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            argv = f.read()
        with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
            if b"shellac-dispatch" in argv and \
                    int(f.read().rsplit(")", 1)[1].split()[1]) == c.proc.pid:
                return pid
    return 0


def hold(c, name):
    with open(c.out(name) + ".hold", "w", encoding="utf-8"):
        pass


def let_go(c, name):
    os.remove(c.out(name) + ".hold")


def overflow():
    c = w.Plugins(folder=os.path.join(h.work, "overflow"))
    c.plugin("good")
    for action in ("ignore", "syslog", "suspend", "block"):
        hold(c, action)
        c.plugin(action, HELD, queue_depth="200", overflow_action=action)
    c.plugin("unasked", SILENT, acks="no", queue_depth="200")
    c.generator()
    c.start()
    h.ok(c.reaches("good", state="runs"), "the plugins run", c.text())
    c.generate(1500)
    h.ok(all_numbers(c, "good", 1500), "who is quick gets all, past those that are held",
         len(numbers(c, "good")))
    for action in ("ignore", "syslog"):
        h.ok(h.eventually(30, lambda a=action: c.status(a)["queue"] == 200),
             f"{action}: the queue is bounded", c.status(action))
        let_go(c, action)
    for action in ("ignore", "syslog"):
        h.ok(c.reaches(action, queue=0), f"{action}: the rest arrives")
        s, counted = c.status(action), c.account(action)
        h.equal(counted[1], s["lost"], f"{action}: what is lost is told it exactly")
        h.equal(counted, c.account("good")[:0] + (c.account("good")[0] - s["lost"], s["lost"]),
                f"{action}: sent and lost are all there were")
        h.ok(s["lost"] > 500, f"{action}: and they are many", s)
    h.equal(c.text().count("plugin ignore: its queue"), 0, "ignore: the log hears nothing")
    n = c.text().count("plugin syslog: its queue")
    h.ok(1 <= n <= 10, "syslog: the log hears of it, now and then", n)
    s = c.status("suspend")
    h.equal([s["state"], s["queue"]], ["suspended", 200], "suspend: it is fed no more")
    let_go(c, "suspend")
    c.hang_up()
    h.ok(c.reaches("suspend", state="runs", queue=0), "suspend: SIGHUP resumes it")
    h.equal(c.account("suspend")[1], c.status("suspend")["lost"], "suspend: it is told what is lost")
    h.ok(c.status("block")["queue"] > 1500 - 200, "block: all of it waits", c.status("block"))
    let_go(c, "block")
    h.ok(all_numbers(c, "block", 1500), "block: all of it arrives")
    h.equal([c.status("block")["lost"], c.account("block")[1]], [0, 0], "block: nothing is lost")
    s = c.status("unasked")
    h.equal(c.account("unasked")[1], s["lost"], "acks = no: what is lost is told exactly")
    h.ok(c.reaches("unasked", queue=0), "acks = no: what is written counts as taken")
    w.session_goes_on(c, "overflow")
    h.equal(c.stop(), 0, "the collector ends")


def over_ends():
    """1,000 events flow meanwhile."""
    c = w.Plugins(folder=os.path.join(h.work, "ends"))
    c.plugin("good", queue_depth="100000")
    c.plugin("forgets", FORGETS, overflow_action="block")
    c.generator()
    c.start()
    h.ok(c.reaches("good", state="runs"), "the plugins run", c.text())
    c.generate(300)
    c.plugin("later")
    c.hang_up()
    h.ok(c.reaches("later", state="runs"), "SIGHUP starts one")
    old = c.status("good")["pid"]
    c.generate(300)
    c.plugin("good", queue_depth="100000", acks="yes")
    c.hang_up()
    h.ok(h.eventually(30, lambda: c.status("good").get("pid", old) not in (0, old)),
         "SIGHUP changes one")
    h.ok(not w.running(old), "whose life before is over")
    same = c.status("later")["pid"]
    c.generate(200)
    with open(os.path.join(c.conf_dir, "later.conf"), "a", encoding="utf-8") as f:
        f.write("nonsense\n")
    c.hang_up()
    h.ok(c.logged("later.conf:4: no '=' in the line"), "SIGHUP with an error in a file says so",
         c.text()[-500:])
    h.equal(c.status("later")["pid"], same, "and changes nothing")
    c.remove("later")
    c.hang_up()
    h.ok(h.eventually(30, lambda: not c.status("later")), "SIGHUP stops one")
    c.generate(200)
    h.ok(all_numbers(c, "good", 1000), "nothing is lost or doubled", len(numbers(c, "good")))
    h.ok(all_numbers(c, "forgets", 1000), "and who was not touched has all, too")
    h.equal([type(c.account(n)) for n in ("good", "forgets")], [tuple] * 2, "in order")

    unacked = c.status("forgets")["queue"]
    before = len(c.events("forgets"))
    os.kill(c.status("forgets")["pid"], signal.SIGKILL)
    h.ok(c.reaches("forgets", restarts=1, state="runs"), "one that is killed is started again")
    h.ok(h.eventually(30, lambda: len(c.events("forgets")) == before + 1 + unacked),
         "it gets what it had not acknowledged, and no more",
         (unacked, before, len(c.events("forgets"))))
    note = c.status("good")["pid"]
    os.kill(dispatcher(c), signal.SIGKILL)
    h.ok(c.logged("the dispatcher of plugins was ended by signal 9"), "a dispatcher that is killed")
    h.ok(h.eventually(60, lambda: c.status("good").get("pid", note) not in (0, note)),
         "is started again, and so are its plugins", c.text()[-1000:])
    h.ok(not w.running(note), "after those of before have ended")
    kin = w.below(c.proc.pid)
    c.kill()
    h.ok(h.eventually(30, lambda: not any(w.running(p) for p in kin)),
         "when the collector is killed all that was below it ends")
    c.start()
    h.ok(c.reaches("good", state="runs"), "it is started again")
    w.session_goes_on(c, "after all that")
    h.ok(c.status("good")["sent"] > 0, "and its plugins hear of it", c.status("good"))
    h.ok(c.reaches("good", queue=0) and isinstance(c.account("good"), tuple),
         "nothing was lost or doubled", c.account("good"))
    h.equal(c.stop(), 0, "the collector ends")


def leave(c, space):
    """So much of the disk is to be left free."""
    with open(os.path.join(c.dir, "shellac.conf"), "w", encoding="utf-8") as f:
        f.write(f"acct = off\nprocess_events = no\nepoch_s = 3600\nspace_left = {space}\n"
                "space_left_action = syslog\n")
    c.hang_up()


def failures(c):
    return [e["text"] for e in c.objects("ledger") if e["type"] == "FAIL"]


def no_room():
    """block keeps all that waits, but not where the store has no room for it."""
    c = w.Plugins(folder=os.path.join(h.work, "room"))
    c.plugin("good", queue_depth="100000")
    hold(c, "block")
    c.plugin("block", HELD, queue_depth="200", overflow_action="block")
    c.generator()
    c.start()
    h.ok(c.reaches("good", state="runs"), "the plugins run", c.text())
    c.generate(600)
    h.ok(all_numbers(c, "good", 600), "events flow")
    h.ok(h.eventually(30, lambda: c.status("block")["queue"] >= 600), "block: they wait",
         c.status("block"))
    leave(c, "99%")
    h.ok(c.reaches("block", queue=200), "with less than space_left, no more than its queue")
    h.ok(c.status("block")["lost"] >= 400, "the rest is dropped, and counted", c.status("block"))
    h.ok(c.logged("plugin block: the store has no room for what waits"), "which is said")
    h.ok(h.eventually(30, lambda: "events wait for plugins" in str(failures(c))),
         "and in the ledger", c.objects("ledger"))
    leave(c, "0")
    h.ok(c.logged("plugin block: the store has room for what waits"), "so is that there is room again")
    lost = c.status("block")["lost"]
    c.generate(600)
    h.ok(all_numbers(c, "good", 1200), "events flow again")
    h.ok(h.eventually(30, lambda: c.status("block")["queue"] >= 800), "and wait, all of them",
         c.status("block"))
    let_go(c, "block")
    h.ok(c.reaches("block", queue=0), "until they are taken")
    h.equal((c.account("block")[1], c.status("block")["lost"]), (lost, lost),
            "it is told exactly what was lost")
    w.session_goes_on(c, "short of room")
    h.equal(c.stop(), 0, "the collector ends")


def long_queue():
    """What waits for a plugin is more than the journal's newest segment, when all end."""
    c = w.Plugins(folder=os.path.join(h.work, "long"))
    c.plugin("good", queue_depth="100000")
    hold(c, "block")
    c.plugin("block", HELD, overflow_action="block", queue_depth="100000")
    c.generator()
    c.start()
    h.ok(c.reaches("good", state="runs"), "the plugins run", c.text())
    c.generate(14000)
    h.ok(all_numbers(c, "good", 14000), "many events flow")
    folder = os.path.join(c.dir, "store/event")

    def segments():
        return sorted(n for n in os.listdir(folder) if n.endswith(".jsonl"))

    first = segments()[0]
    h.ok(len(segments()) > 1, "more than a segment of them", segments())
    h.equal(c.stop(), 0, "the collector ends")
    h.equal(segments()[0], first, "and what nobody has taken stays")
    c.remove("gen")  # it would begin anew
    c.start()
    h.ok(c.reaches("block", state="runs"), "it is fed again")
    c.kill()
    c.start()
    h.ok(c.reaches("block", state="runs"), "and by the one after that was killed")
    let_go(c, "block")
    h.ok(all_numbers(c, "block", 14000), "all of it arrives",
         len(numbers(c, "block")))
    h.equal(c.stop(), 0, "the last one ends")


overflow()
over_ends()
long_queue()
no_room()
h.done()
