#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The list of sessions: which ones, in which columns and order; by what was judged before,
as long as nothing changed since; on a terminal."""
import glob
import json
import os
import shutil
import subprocess
import time

import harness as h

h.own_pid_namespace()
CACHE = os.path.join(h.work, "cache")
os.environ["XDG_CACHE_HOME"] = CACHE
os.environ["TZ"] = "UTC"
me = "root"
KEYS = """n id user uid tty host from start end status level exit signal bytes_in bytes_out
    commands""".split()


def run(*args, env=None, where=None):
    return subprocess.run([h.SHELLAC, *(where or ["-d", host.dir]), "list", *args],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env={**os.environ, **(env or {})},
                          timeout=300, check=False)


def rows(*args, **kw):
    return [json.loads(line) for line in run(*args, "--json", **kw).stdout.splitlines()]


def found(*words, **kw):
    return [o["n"] for o in rows(*words, **kw)]


host = h.Collector(conf="acct = own\nprocess_events = no\n").start()
h.equal(h.record(host, ["sh", "-c", "echo alpha; exit 3"]).wait(), 3, "a session that fails")
second = h.record(host, ["sh", "-c", "cd /; sleep 2.2; echo beta needle; env true"])
second.wait()
h.record(host, ["sh", "-c", "setpriv --reuid=1 env true; kill -9 $$"]).wait()
live = h.record(host, ["sh", "-c", "echo gamma; exec sleep 1000"])
live.wait_for("gamma")
for n in (1, 2, 3):
    host.closed(n)
h.ok(h.eventually(30, lambda: len(found("status live")) == 1 and
                  (rows("status complete")[-1]["commands"] or 0) > 2), "all is taken in")

# -- what is known of each
every = rows()
h.equal([o["n"] for o in every], [1, 2, 3, 4], "the oldest first")
h.ok(all(k in o for o in every for k in KEYS), "all keys of the contract")
h.equal([o["status"] for o in every], ["COMPLETE"] * 3 + ["LIVE"], "statuses")
h.equal([(o["exit"], o["signal"]) for o in every],
        [(3, None), (0, None), (None, 9), (None, None)], "how they ended")
h.equal([o["as"] for o in every][:3], [[], [], ["daemon"]], "whom they ran as")
h.ok(2.2 <= every[1]["length_s"] < 60 and every[1]["active_s"] > 2, "length and active time")
h.equal(every[0]["program"].split("/")[-1], "sh", "the program")
h.equal(every[0]["args"], "sh -c echo alpha; exit 3", "and its arguments")
h.equal(every[1]["end"] is not None and every[3]["end"] is None, True, "no end is invented")
h.ok(every[2]["commands"] >= 2, "commands are counted")

# -- expressions
start2 = every[1]["start"]
tty2 = every[1]["tty"]
for words, wanted in (
        (["user", me], [1, 2, 3, 4]), (["user", "0"], [1, 2, 3, 4]), (["user", "nobody"], []),
        (["user", me, "and", "exit", "3"], [1]), (["not exit 3"], [2, 3, 4]),
        (["! exit 3 ! status live"], [2, 3]),
        (["runas", "daemon"], [3]), (["group", "0"], [1, 2, 3, 4]), (["group", "4242"], []),
        (["host", every[0]["host"]], [1, 2, 3, 4]), (["host", "elsewhere"], []),
        (["tty", tty2, "longer", "2s", "not", "status", "live"], [2]),
        (["tty", "/dev/" + tty2, "longer", "2s", "not", "status", "live"], [2]),
        (["command", "alpha.*3$"], [1]), (["command", "^true$"], [2, 3]),
        (["command", "^true$", "exit", "0"], [2]), (["command", "nosuch"], []),
        (["cwd", os.getcwd()], [1, 2, 3, 4]), (["cwd", "/nowhere"], []),
        (["fromdate", start2], [2, 3, 4]), (["todate", start2], [1, 2]),
        (["fromdate", start2, "todate", start2], [2]), (["fromdate", "tomorrow"], []),
        (["from", "192.0.2.*"], []), (["status", "complete"], [1, 2, 3]),
        (["status", "LIVE"], [4]), (["status cut or status torn"], []),
        (["level", "0"], [1, 2, 3, 4]), (["longer", "2"], None), (["longer 1d"], []),
        (["contains", "needle"], [2]), (["contains", "beta needle"], [2]),
        (["contains", "Beta"], []), (["( exit 3 or exit 0 ) and contains alpha"], [1]),
        (["exit", "0", "or", "(", "exit", "3", "not", "user", "nobody", ")"], [1, 2])):
    got = found(*words)
    h.ok(got == wanted if wanted is not None else 2 in got and 1 not in got,
         " ".join(words).replace(start2, "DATE").replace(os.getcwd(), "HERE"), got)
for words, said in ((["frob"], "expected not, ( or one of"), (["exit", "x"], "an exit status"),
                    (["longer", "10 parsecs"], "a duration"), (["status", "fine"], "tampered"),
                    (["command", "("], "regular expression"), (["("], "predicate")):
    r = run(*words)
    h.ok(r.returncode == 2 and said in r.stderr.decode(), "wrong words: " + " ".join(words),
         r.stderr.decode())

# -- columns, order, numbers
h.equal(run("--columns", "n,exit").stdout.decode(), "N  EXIT\n1  3\n2  0\n3  signal 9\n4  -\n",
        "columns")
for option, wrong in (("--columns", "n,frob"), ("--columns", "n,n"), ("--columns", ""),
                      ("--sort", "frob"), ("--limit", "0"), ("--last", "-1")):
    h.equal(run(option, wrong).returncode, 2, f"{option} {wrong} makes no sense")
h.equal(found("--sort", "-n"), [4, 3, 2, 1], "the highest first")
h.equal(found("--sort", "user,-exit,n")[0], 1, "several keys")
h.equal(found("--reverse"), [4, 3, 2, 1], "the other way round")
h.equal(found("--limit", "2"), [1, 2], "the first")
h.equal(found("--last", "2"), [3, 4], "the last")
h.equal(found("--last", "1", "status complete"), [3], "of those asked for")

# -- levels
h.ok(h.eventually(60, lambda: host.auditor("rotate").returncode == 0 and
                  found("level 2 not status live") == [1, 2, 3]), "levels by the ledger")

# -- nothing takes it
for _ in range(12):  # more of a ledger than one write
    host.auditor("rotate")
with open("/dev/full", "wb") as full:
    for words in (["list"], ["list", "--json"], ["ledger", "--json"], ["status"],
                  ["status", "--json"], ["status", "--openmetrics"], ["bundle", "-o", "-", "1"]):
        r = subprocess.run([h.SHELLAC, "-d", host.dir, *words], stdin=subprocess.DEVNULL,
                           stdout=full, stderr=subprocess.PIPE, check=False)
        h.ok(r.returncode == 3 and r.stderr.count(b"put: No space left on device\n") == 1 and
             r.stderr.count(b"\n") == 1, " ".join(words) + ": says once why", r)

# -- on a terminal


def shown(*args, rows_=24, env=None):
    t = h.Terminal([h.SHELLAC, "-d", host.dir, "list", *args], rows=rows_, cols=80, env=env)
    t.wait()
    return bytes(t.shown).decode()


text = shown(env={"PAGER": "sed s/^/P:/"})
h.ok("\x1b[32mLIVE" in text, "live is green on a terminal", text)
h.ok("P:" not in text, "and without a pager where it fits")
h.ok(max(len(line) for line in text.replace("\x1b[32m", "").replace("\x1b[0m", "").splitlines())
     <= 80, "80 columns are enough")
h.ok("\x1b" not in shown(env={"NO_COLOR": "1"}), "NO_COLOR")
h.ok(b"\x1b" not in run().stdout, "none where there is no terminal")
text = shown(rows_=4, env={"PAGER": "sed s/^/P:/"})
h.equal(text.count("P:"), 5, "a pager has what is longer")
h.ok("P:" not in shown("--no-pager", rows_=4, env={"PAGER": "sed s/^/P:/"}), "--no-pager")
h.ok("LIVE" in shown(rows_=4, env={"PAGER": "cat"}), "cat is none")
t = h.Terminal([h.SHELLAC, "-d", host.dir, "list"], rows=4, env={"PAGER": "head -1"})
h.equal(t.wait(), 0, "a pager that is left early is no error")
h.equal(bytes(t.shown).decode().count("\n"), 1, "and shows what it showed")

live.send(b"\x03")
live.wait()
host.closed(4)
host.stop()

# -- what was judged before
copy = os.path.join(h.work, "copy")
shutil.copytree(os.path.join(host.dir, "store"), copy)
at = ["-S", copy]
time.sleep(2.2)  # what was written just now is judged each time
first = run(where=at, env={"XDG_CACHE_HOME": os.path.join(h.work, "empty")}).stdout
h.equal(run(where=at).stdout, first, "a copied store")
cache = max(glob.glob(CACHE + "/shellac/session-*"), key=os.path.getmtime)
with open(cache, "rb") as f:
    kept = f.read()
h.equal(os.stat(cache).st_mode & 0o777, 0o600, "the cache is its owner's")
traced = subprocess.run(["strace", "-f", "-e", "trace=openat", h.SHELLAC, *at, "list"],
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False) \
    if shutil.which("strace") else None
if traced and traced.returncode == 0:
    h.ok(b".shlc" not in traced.stderr, "what is known is not read again")
else:
    h.skip("what is known is not read again", "no strace")
h.equal(run(where=at).stdout, first, "and says the same")

files = {int(os.path.basename(p).split("-")[0]): p
         for p in glob.glob(copy + "/session/*/*/*/*.shlc")}


def flip(path, offset):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)
        file.seek(offset)
        file.write(bytes([byte[0] ^ 1]))


size = os.stat(files[2]).st_size
times = os.stat(files[2])
flip(files[2], size // 2)
os.utime(files[2], ns=(times.st_atime_ns, times.st_mtime_ns))
h.equal(found("status tampered", where=at), [2], "what was changed since is seen")
h.equal(found("status complete", where=at), [1, 3, 4], "and hides nothing else")
h.equal(run(where=at).returncode, 0, "a status is no failure of list")
flip(files[2], size // 2)
h.equal(found("status tampered", where=at), [], "changed back")
os.rename(files[3], files[3][:-5] + ".shlc.cut")
h.ok(found("status tampered", where=at) == [3], "another name is another file")
os.rename(files[3][:-5] + ".shlc.cut", files[3])
os.truncate(files[1], 0)
h.equal(rows("exit 3", where=at), [], "an empty file says nothing")
h.equal(len(rows(where=at)), 4, "and is there")
shutil.copy(os.path.join(host.dir, "store", os.path.relpath(files[1], copy)), files[1])
with open(os.path.join(copy, "ledger/log"), "ab") as f:
    f.write(b"\1")
h.equal(run(where=at).stdout, first, "a torn ledger: the same levels, as far as it goes")
os.truncate(os.path.join(copy, "ledger/log"), 200)
h.equal(found("level 1", where=at), [], "without its ledger's end nothing has a level above 0")
shutil.copy(os.path.join(host.dir, "store/ledger/log"), os.path.join(copy, "ledger/log"))
h.equal(run(where=at).stdout, first, "and with it again")
other = os.path.join(copy, "host.pub")
shutil.copy(other, other + ".was")
key = open(other, encoding="ascii").read().split("+")
with open(other, "w", encoding="ascii") as f:
    f.write("+".join(key[:-1] + ["AAAA" + key[-1][4:]]) if len(key) > 1 else "none\n")
h.ok("COMPLETE" not in run(where=at).stdout.decode(), "with another key nothing is believed",
     run(where=at).stdout.decode())
os.replace(other + ".was", other)
h.equal(run(where=at).stdout, first, "until it is back")

# -- the cache itself
time.sleep(2.2)
run(where=at)
for name, damage in (
        ("cut", lambda: os.truncate(cache, os.path.getsize(cache) // 2)),
        ("empty", lambda: os.truncate(cache, 0)),
        ("another's", lambda: shutil.copy("/etc/passwd", cache)),
        ("a byte in it", lambda: flip(cache, kept.index(b"sh -c echo alpha"))),
        ("of other tables", lambda: (os.unlink(cache), subprocess.run(
            [h.PYTHON, "-c", "import sqlite3, sys; sqlite3.connect(sys.argv[1])"
             ".execute('create table x(y)')", cache], check=True)))):
    with open(cache, "wb") as f:
        f.write(kept)
    damage()
    h.equal(run(where=at).stdout, first, f"a cache that is damaged: {name}")
    h.equal(run(where=at).stdout, first, f"and made anew: {name}")
h.equal(run(where=at, env={"XDG_CACHE_HOME": "/dev/null/no"}).stdout, first, "no cache")
h.done()
