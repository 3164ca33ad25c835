#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Plugins that do not what they should: each is dealt with, none is noticed by a recorded
session, and none keeps another from its events."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness as h  # noqa: E402
import plugin_world as w  # noqa: E402

READS_NOTHING = w.ACT + "time.sleep(1000)\n"
EXITS = w.ACT + "sys.exit(3)\n"
GARBAGE = w.ACT + """
for line in sys.stdin:
    n = sequence(line) or 0
    out.write(line)
    for bad in (f"ACK {n + 1000000}", "ACK", "ACK -1", "ACK 1x", "ACK 0", "ACK 9" + "9" * 40,
                "ack 1", "NOISE " + "x" * (40000 if n % 50 == 0 else 9), "\\x1b[31mred", "\\x00\\x01\\x02", '{"a":1}', ""):
        say(bad + "\\n")
    if n:
        say(f"ACK {n}\\n")
    if n % 50 == 1:
        say("y" * 300000)
        say("\\n")
"""
DEAF = w.ACT + """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for line in sys.stdin:
    pass
time.sleep(1000)
"""
DAEMON = w.ACT + """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        out.write(f"{os.getpid()}\\n")
        time.sleep(1000)
    os._exit(0)
for line in sys.stdin:
    pass
"""
ENDLESS = w.ACT + """
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
noise = b"z" * 65536
while True:
    os.write(1, noise)
"""
LOUD = w.ACT + """
for n in range(100000):
    sys.stderr.write(f"\\x1b]0;line {n}\\n")
for line in sys.stdin:
    pass
"""
STATE = w.ACT + """
fds = sorted(int(f) for f in os.listdir("/proc/self/fd"))
with open("/proc/self/status") as f:
    status = dict(line.rstrip("\\n").split(":\\t", 1) for line in f if ":\\t" in line)
out.write(json.dumps({"fds": fds, "env": dict(os.environ), "cwd": os.getcwd(),
    "sid": os.getsid(0) == os.getpid(), "nnp": status["NoNewPrivs"], "umask": status["Umask"],
    "blocked": int(status["SigBlk"], 16), "ignored": int(status["SigIgn"], 16),
    "argv": sys.argv[1:]}) + "\\n")
for line in sys.stdin:
    pass
"""


def bad_one(name, body, check, **keys):
    """A collector with it, a good plugin and the generator."""
    c = w.Plugins(folder=os.path.join(h.work, name))
    c.plugin("good")
    c.plugin("bad", body, **keys)
    c.generator()
    c.start()
    h.ok(c.reaches("good", state="runs"), f"{name}: the plugins are started", c.text())
    c.generate(100)
    w.session_goes_on(c, name)
    h.ok(h.eventually(60, lambda: len([m for m in c.messages("good") if "number" in m]) == 100),
         f"{name}: another plugin gets its events", c.text()[-2000:])
    check(c)
    kin = w.below(c.proc.pid)
    h.equal(c.stop(), 0, f"{name}: the collector ends")
    h.equal([p for p in kin if w.running(p)], [], f"{name}: nothing of it is left")
    h.ok("\x1b" not in c.text() and "\x00" not in c.text(), f"{name}: nothing raw on the log")


def reads_nothing(c):
    h.ok(c.reaches("bad", state="runs", acked=0), "it stays where it is")
    h.ok(h.eventually(30, lambda: c.status("bad")["queue"] >= 100), "its queue holds what it did not take", c.status("bad"))


def exits(c):
    h.ok(h.eventually(30, lambda: c.status("bad").get("restarts", 0) >= 3),
         "it is started again", c.status("bad"))
    h.equal(c.status("bad").get("reason"), "ended with status 3", "and the reason is said")
    h.ok(c.status("bad")["restarts"] < 30, "with growing delay")


def garbage(c):
    h.ok(h.eventually(60, lambda: c.status("bad").get("acked", 0) >= 100),
         "its good acks are taken", c.status("bad"))
    s = c.status("bad")
    h.ok(s["acked"] <= s["sent"], "it is not believed beyond what it was sent", s)
    h.ok(s["garbage"] > 1000, "the rest is counted", s)
    h.equal(c.text().count("such lines are counted"), 1, "and said once")
    h.equal(c.account("bad")[1], 0, "it lost nothing")


def daemon(c):
    def pid():
        with open(c.out("bad"), encoding="utf-8") as f:
            return int(f.read() or 0)
    h.ok(h.eventually(30, pid), "its daemon runs")
    one = pid()
    c.remove("bad")
    c.hang_up()
    h.ok(h.eventually(30, lambda: not w.running(one)), "the daemon ends with it", c.text())


def endless(c):
    h.ok(h.eventually(30, lambda: c.status("bad").get("state") == "runs"), "it runs")
    h.ok(len(c.text()) < 20000, "the log stays short", len(c.text()))


def loud(c):
    h.ok(c.logged("plugin bad: \\x1b]0;line 0"), "its words are on the log, escaped",
         c.text()[:2000])
    h.ok(c.text().count("plugin bad: ") < 60, "some of them", c.text().count("plugin bad: "))


def state(c):
    h.ok(h.eventually(30, lambda: c.events("bad")), "it has begun")
    s = c.events("bad")[0]
    # the listing itself has one open; a script's interpreter has the script
    h.ok(set(s["fds"]) <= {0, 1, 2, 3, 4, 5}, "it inherits no descriptor", s["fds"])
    h.equal(set(s["env"]) - {"LC_CTYPE"}, {"PATH", "LANG"}, "nor an environment")
    h.equal([s["cwd"], s["sid"], s["nnp"], s["umask"], s["blocked"]], ["/", True, "1", "0077", 0],
            "and is by itself: folder, session, privileges, mask, signals")
    h.equal(s["argv"], [c.out("bad"), "a b", "c\"d", ""], "its arguments are as written")


bad_one("reads-nothing", READS_NOTHING, reads_nothing)
bad_one("exits", EXITS, exits)
bad_one("garbage", GARBAGE, garbage)
bad_one("deaf", DEAF, lambda c: h.ok(c.reaches("bad", state="runs"), "it runs"))
bad_one("daemon", DAEMON, daemon)
bad_one("endless", ENDLESS, endless)
bad_one("loud", LOUD, loud)
bad_one("state", STATE, state, args=os.path.join(h.work, "state.plugins/bad.out")
        + " 'a b' \"c\\\"d\" ''")
h.done()
