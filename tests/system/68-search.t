#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What was shown, typed and run is found, with the index and without: the same hits, of
what is there and of nothing else, whatever becomes of the index."""
import glob
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import time

import harness as h

ENV = {**os.environ, "XDG_CACHE_HOME": os.path.join(h.work, "cache"), "TZ": "UTC0"}
COPY = os.path.join(h.work, "copy")
SCRIPT = r"""
printf 'a \033[31mneedle\033[0m in red\r\n'
printf '\033]0;title\007\033]52;c;aGFjaw==\007clip-needle\n'
i=0; while [ $i -lt 40 ]; do echo "line $i of forty"; i=$((i+1)); done
printf 'Gr\303\234N und Stra\303\237e\n'
printf '\033[?1049h\033[2J\033[3;5Hfull-screen-needle\033[H'; sleep 1.5; printf '\033[?1049l'
"""


def session(collector, typed, end="exit\r"):
    terminal = h.record(collector, ["sh"], env={"PS1": "$ ", "ENV": ""})
    terminal.wait_for(re.compile(rb"[#$] "))
    for line in typed:
        terminal.send(line + "\r")
        terminal.wait_for(re.compile(rb"[#$] "))
    terminal.send(end)
    if end:
        terminal.wait()
    return terminal


def hidden(collector):
    terminal = h.record(collector, ["sh", "-c", "stty -echo; echo ask; read x; stty echo; echo done"])
    terminal.wait_for("ask")
    terminal.send("s3cret-needle\r")
    terminal.wait_for("done")
    terminal.wait()


def search(*args, where=COPY, env=None, before=()):
    return subprocess.run([*before, h.SHELLAC, "-S", where, "search", *args], env=env or ENV,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=300, check=False)


def text(*args, **kw):
    return search(*args, **kw).stdout.decode()


def objects(*args):
    return [json.loads(line) for line in text("--json", *args).splitlines()]


QUESTIONS = (["needle"], ["e"], ["ne"], ["-i", "NEEDLE"], ["-i", "gr\u00fcn"], ["-E", "line [0-9]+ of"],
             ["-E", "^echo"], ["-E", "colou?r|forty$"], ["-C", "2", "red"], ["-A", "1", "line 39"],
             ["-B", "3", "Stra\u00dfe"], ["-c", "line"], ["-l", "line"], ["--in", "typed", "needle"],
             ["--in", "commands", "s"], ["--in", "screen", "needle"], ["--max", "3", "line"],
             ["-e", "red", "-e", "line 7"], ["-E", "x*"], ["--json", "needle"], ["no such thing"])


def same(name):
    """With the index, made by the way or there, and without."""
    for question in QUESTIONS:
        without, first, second = search("--no-index", *question), search(*question), search(*question)
        if not (without.stdout == first.stdout == second.stdout and
                without.stderr == first.stderr == second.stderr and
                without.returncode == first.returncode == second.returncode):
            h.ok(False, f"{name}: {question}", (without, first, second))
            return
    h.ok(True, name)


def caches():
    return glob.glob(os.path.join(ENV["XDG_CACHE_HOME"], "shellac/search-*"))


def finds():
    found = text("red")
    h.ok(re.search(r"^session 1, \w+, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n"
                   r"\d\d:\d\d:\d\d  shellac -S \S+ replay 1 --at \+\d+\.\d{3}  : a needle in red$",
                   found, re.M), "a hit is told with session, user, time and command", found)
    found = text("clip-needle")
    h.ok("clip-needle" in found and "\033" not in found and "\007" not in found,
         "no control sequence is in it", found)
    h.ok("full-screen-needle" in text("full-screen"), "a full-screen program's screen is searched")
    h.ok("gr\u00fcn" in text("-i", "GR\u00fcN").lower(), "case is left out in all alphabets")
    h.equal(len(objects("-C", "2", "line 20 of")), 5, "lines around a hit")
    h.equal([o["hit"] for o in objects("-A", "1", "line 20 of")], [True, False], "and which it is")
    h.equal(text("-c", "line 2"), text("-c", "line 2", "--no-index"), "hits are counted")
    h.equal(text("-l", "typed-needle").split()[0], "2", "sessions are named")
    h.equal(text("s3cret"), "", "what was typed unseen, as a password, is not there")
    h.equal(len(objects("--max", "3", "line")), 3, "--max ends it")
    h.equal(len(objects("-e", "line 3 of", "-e", "line 5 of")), 2, "several patterns")
    h.equal(text("line", "user", "nobody-of-that-name"), "", "words say which sessions")
    h.ok("needle" in text("needle", "longer", "0s"), "and others are found", search("needle", "longer", "0s"))


def typed_and_json():
    found = objects("--in", "typed", "typed-needle")
    h.equal(len(found), 1, "a line that was typed, once")
    if not found:
        return
    one = found[0]
    h.equal(one["typed"], "echo typed-needle", "what of it was typed")
    h.equal((one["n"], one["source"], one["hit"]), (2, "screen", True), "where it stood")
    h.ok(one["chunk"] >= 0 and one["at_s"] > 0 and one["time"] > one["start"], "and when", one)
    h.equal(len(objects("--in", "typed", "forty")), 0, "what was only shown was not typed")
    h.equal(len(objects("-E", "^echo typed")), 1, "^ is where typing began, too")


def statuses():
    h.equal(search("no such thing").returncode, 0, "nothing found is no failure,")
    h.ok(b"no hits in 3 sessions" in search("no such thing").stderr, "and is said")
    h.equal(search("-E", "a(b").returncode, 2, "a wrong expression: 2")
    h.ok(b"parenthesis" in search("-E", "a(b").stderr, "and what is wrong with it")
    h.equal(search().returncode, 2, "no pattern: 2")
    h.equal(search("--in", "nowhere", "x").returncode, 2, "no such place: 2")
    h.equal(search("x", "flavour", "sweet").returncode, 2, "no such word: 2")
    h.equal(search("x", where=os.path.join(h.work, "none")).returncode, 3, "no store: 3")


def on_a_terminal():
    terminal = h.Terminal([h.SHELLAC, "-S", COPY, "search", "red"], env=ENV)
    terminal.wait()
    shown = bytes(terminal.shown)
    h.ok(b"\033[1;31mred\033[m" in shown, "on a terminal hits are marked", shown)
    left = re.sub(rb"\033\[[0-9;]*m", b"", shown)
    h.ok(b"\033" not in left, "and that is all", left)


def index_file():
    found = caches()
    h.ok(found, "there is an index")
    h.ok(all(stat.S_IMODE(os.stat(name).st_mode) == 0o600 for name in found), "of its owner alone")
    mode = stat.S_IMODE(os.stat(os.path.dirname(found[0])).st_mode)
    h.equal(mode, 0o700, "in a folder of its owner's")
    for name in found:
        with open(name, "r+b") as f:
            size = f.seek(0, 2)
            for at in range(100, size, max(size // 50, 1)):
                f.seek(at)
                f.write(b"\xa5")
    same("a damaged index")
    for name in caches():
        os.truncate(name, 1000)
    same("a torn one")
    for name in caches():
        with open(name, "wb") as f:
            f.write(b"this is none\n" * 500)
    same("one that is none")


def killed():
    for i in range(12):
        for name in caches() if i % 3 == 0 else ():
            os.unlink(name)
        with subprocess.Popen([h.SHELLAC, "-S", COPY, "search", "line"], env=ENV,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as p:
            time.sleep(0.004 * i)
            p.send_signal(signal.SIGKILL)
    same("an index whose maker was killed")


def nobody_reads():
    """As | head -1."""
    with subprocess.Popen([h.SHELLAC, "-S", COPY, "search", "-E", "x*"], env=ENV,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as p:
        p.stdout.readline()
        p.stdout.close()
        h.ok(p.wait(60) in (-signal.SIGPIPE, 0, 3), "it ends when nobody reads", p.returncode)


def other_user():
    if os.geteuid() != 0:
        h.skip("an unprivileged user searches a copy", "needs root")
        return
    theirs = os.path.join(h.work, "theirs")
    shutil.copytree(COPY, theirs)
    cache = os.path.join(h.work, "theircache")
    os.mkdir(cache)
    for folder, names, files in os.walk(theirs):
        for name in [".", *names, *files]:
            os.chown(os.path.join(folder, name), 65534, 65534)
    os.chown(cache, 65534, 65534)
    os.chmod(h.work, 0o711)
    done = search("red", where=theirs, env={**ENV, "XDG_CACHE_HOME": cache},
                  before=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"))
    h.ok(b"needle in red" in done.stdout, "an unprivileged user searches a copy", done)


def file_of(n):
    return glob.glob(os.path.join(COPY, f"session/*/*/*/{n}-*"))[0]


def what_changed():
    """A finding is told each time, what went is found no more."""
    with open(file_of(1), "r+b") as f:
        f.seek(-600, 2)
        byte = f.read(1)
        f.seek(-600, 2)
        f.write(bytes([byte[0] ^ 1]))
    for _ in range(2):
        done = search("typed-needle")
        h.equal(done.returncode, 1, "a session that is not right: 1")
        h.ok(b"session 1 " in done.stderr and b"TAMPERED" in done.stderr, "and which it is", done)
    same("a session that is not right")
    os.unlink(file_of(2))
    h.equal(text("typed-needle"), "", "what was deleted is not found")
    same("a session that was deleted")


def live(collector):
    terminal = session(collector, ["echo live-needle"], end="")
    h.ok(h.eventually(30, lambda: b"live-needle" in collector.auditor("search", "live-needle").stdout),
         "a session that goes on is searched", collector.auditor("search", "live-needle"))
    terminal.send("exit\r")
    terminal.wait()


def main():
    os.environ["XDG_CACHE_HOME"] = ENV["XDG_CACHE_HOME"]
    os.mkdir(ENV["XDG_CACHE_HOME"])
    collector = h.Collector(conf="acct = off\n").start()
    script = os.path.join(h.work, "script")
    with open(script, "w", encoding="utf-8") as f:
        f.write(SCRIPT)
    terminal = h.record(collector, ["sh", script])
    terminal.wait()
    session(collector, ["echo typed-needle", "echo other"])
    hidden(collector)
    h.ok(all(collector.closed(n) for n in (1, 2, 3)), "three sessions are there")
    live(collector)
    h.equal(collector.stop(), 0, "the collector ends well")
    shutil.copytree(os.path.join(collector.dir, "store"), COPY)
    os.unlink(file_of(4))
    time.sleep(0.3)  # a younger file is not kept
    finds()
    typed_and_json()
    statuses()
    same("the same hits")
    on_a_terminal()
    index_file()
    killed()
    nobody_reads()
    other_user()
    what_changed()
    h.done()


main()
