#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""store_made.py OUT: makes a small store, with a session of every kind, by the programs
below $top_builddir, and what these say of it: a fixture for 98-upgrade-store.t.  As root.

OUT/state.tar.xz has shellac.conf, plugins.d/, host.key and store/ of a collector that was
killed while a plugin had acknowledged nothing; OUT/host.enrolment, OUT/*.json and
OUT/cat-N the answers."""
import json
import os
import re
import signal
import subprocess
import sys
import time

OUT = os.path.abspath(sys.argv[1])
if not os.environ.get("STORE_MADE"):
    os.environ["STORE_MADE"] = "1"
    os.execvp("unshare", ["unshare", "-pfu", "--kill-child", "--mount-proc", "sh", "-c",
                          'hostname "archive"; exec "$@"', "sh", sys.executable, *sys.argv])

import harness as h  # pylint: disable=wrong-import-position

CONF = "acct = own\nepoch_s = 3600\nlinger = no\nspool_size = 2M\nreviewers = %s\n"
ANSWERS = {"list": ["list"], "verify": ["verify"], "procs": ["procs"], "ledger": ["ledger"],
           "review": ["review", "list"]}


def keeper(top):
    """The child of the front that is a recorder."""
    out = subprocess.run(["ps", "-o", "pid=", "--ppid", str(top)], stdout=subprocess.PIPE,
                         check=True).stdout.split()
    return int(out[0])


def sealed(c, n):
    """Everything that session n has is sealed and on disk."""
    time.sleep(0.5)
    return c.files()[n]


def ended(c, t, n, status=0):
    assert t.wait() == status, (n, t.status)
    assert c.closed(n), n
    assert h.eventually(20, lambda: not c.files()[n].endswith(".live"))


def plain_ones(c):
    t = h.record(c, ["sh", "-c", 'echo hello; read a; echo "<$a>"; stty -echo; read b; stty echo; ls /; exit 3'])
    t.wait_for("hello")
    t.send("typed\r")
    t.wait_for("<typed>")
    t.send("secret\r")
    ended(c, t, 1, 3)
    t = h.record(c, ["sh", "-c", "printf '\\033[1;31mr\\303\\266t\\033[0m\\377\\n'; read a; seq 3000"],
                 rows=30, cols=100)
    t.wait_for("r")
    t.resize(50, 132)
    t.send("on\r")
    ended(c, t, 2)
    run = subprocess.run([h.REC, "-d", c.dir, "--", "tr", "a-z", "A-Z"], input=b"not a terminal\n",
                         stdout=subprocess.DEVNULL, check=True)
    assert run.returncode == 0 and c.closed(3)


def cut_ones(c):
    t = h.record(c, ["sh", "-c", "echo before; read a"])
    t.wait_for("before")
    sealed(c, 4)
    os.kill(keeper(t.pid), signal.SIGKILL)
    ended(c, t, 4, 125)
    t = h.record(c, ["sh", "-c", "echo sealed; read a; echo not sealed; kill -9 $PPID; sleep 1"])
    t.wait_for("sealed")
    t.send("on\r")
    t.wait()
    assert c.closed(5)


def spooled_ones(c):
    going_on = h.record(c, ["sh", "-c", "echo first; read a; echo second; read b; seq 500"])
    going_on.wait_for("first")
    sealed(c, 6)
    c.kill()
    going_on.send("away\r")
    going_on.wait_for("second")
    late = h.record(c, ["sh", "-c", "echo late; read a"])
    late.wait_for("late")
    nobody = h.record(c, ["sh", "-c", "echo nobody attests this; read a"])
    nobody.wait_for("nobody attests this")
    time.sleep(1.5)
    os.kill(keeper(nobody.pid), signal.SIGKILL)
    nobody.wait()
    c.start()
    assert h.eventually(30, lambda: len(c.files()) == 8), c.files()
    going_on.send("back\r")
    late.send("\r")
    ended(c, going_on, 6)
    late.wait()
    assert h.eventually(30, lambda: not any(f.endswith(".live") for f in c.files().values()))


def signed_ones(c, keys):
    for args in (["review", "sign", "--key", keys + "/ann", "--verdict", "concern", "--text",
                  "why \u00e0 22:00?", "1"], ["hold", "2", "--reason", "case 17"],
                 ["key", "rotate"], ["rotate"]):
        run = c.auditor(*args)
        assert run.returncode == 0, (args, run.stderr)


def last_ones(c):
    """Purged, one that is not compressed, and one that goes on."""
    t = h.record(c, ["sh", "-c", "echo to be forgotten"])
    ended(c, t, 9)
    for args in ["purge", "9"], ["rotate"]:
        run = c.auditor(*args)
        assert run.returncode == 0, run.stderr
    with open(c.dir + "/shellac.conf", "a", encoding="ascii") as f:
        f.write("compress = no\n")
    os.kill(c.proc.pid, signal.SIGHUP)
    time.sleep(1)
    t = h.record(c, ["sh", "-c", "echo not compressed"])
    ended(c, t, 10)
    t = h.record(c, ["sh", "-c", "echo it goes on; read a"])
    t.wait_for("it goes on")
    sealed(c, 11)
    return t


def ask(folder, enrolment):
    for name, words in ANSWERS.items():
        more = ["--key", enrolment] if name == "verify" else []
        run = subprocess.run([h.SHELLAC, "-S", folder + "/store", *words, "--json", *more],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
        with open(f"{OUT}/{name}.json", "wb") as f:
            f.write(run.stdout)
    with open(OUT + "/list.json", encoding="utf-8") as f:
        numbers = [json.loads(line)["n"] for line in f]
    for n in numbers:
        run = subprocess.run([h.SHELLAC, "-S", folder + "/store", "cat", str(n)],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
        with open(f"{OUT}/cat-{n}", "wb") as f:
            f.write(run.stdout)


os.makedirs(OUT)
os.chdir("/")
os.umask(0o022)
KEYS = h.work + "/keys"
os.mkdir(KEYS, 0o700)
line = subprocess.run([h.SHELLAC, "key", "auditor", "--name", "ann", KEYS + "/ann"],
                      stdout=subprocess.PIPE, check=True).stdout
with open(KEYS + "/reviewers", "wb") as file:
    file.write(line)
os.chmod(KEYS + "/reviewers", 0o600)
collector = h.Collector(conf=CONF % (KEYS + "/reviewers"))
os.mkdir(collector.dir + "/plugins.d", 0o755)
with open(collector.dir + "/plugins.d/slow.conf", "w", encoding="ascii") as file:
    file.write("active = yes\npath = /bin/sleep\nargs = 1000\n")
collector.start()
with open(OUT + "/host.enrolment", "wb") as file:
    file.write(collector.auditor("key", "enrol").stdout)
plain_ones(collector)
cut_ones(collector)
spooled_ones(collector)
signed_ones(collector, KEYS)
LIVE = last_ones(collector)
time.sleep(1.5)
collector.kill()
with open(collector.dir + "/shellac.conf", encoding="ascii") as file:
    text = re.sub("reviewers.*\n", "", file.read())
with open(collector.dir + "/shellac.conf", "w", encoding="ascii") as file:
    file.write(text)
subprocess.run(["rm", "-rf", h.work + "/copy"], check=True)
subprocess.run(["cp", "-a", collector.dir, h.work + "/copy"], check=True)
ask(h.work + "/copy", OUT + "/host.enrolment")
subprocess.run(["tar", "-C", h.work + "/copy", "--owner=0", "--group=0", "--numeric-owner", "--sort=name",
                "-cJf", OUT + "/state.tar.xz", "shellac.conf", "plugins.d", "host.key",
                "store"], check=True)
