#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Sessions with hostile output, and copies of their files with bytes changed, cut off, put
in and turned round, before everything that shows them: it ends in time with a status that is
documented, says nothing of its own with recorded bytes in it, and puts out no control
sequence but what a replay may."""
import os
import random
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness as h  # noqa: E402
from harness import work  # noqa: E402

ROUNDS = 8
os.environ.pop("TERM", None)
collector = h.Collector(conf="acct = off\n").start()

HOSTILE = (b"\x1b]0;title\x07\x1b]52;c;QUJD\x1b\\\x1bP+q544e\x1b\\\x1b[c\x1b[6n\x1b[18t\x1b[5i"
           b"\x1b[?1000h\x1b[?2004h\x9b31m\xc2\x9b2J\xe2\x80\xae\xff\xc3\x7f\x1b[5b\x1b#8\x1bc"
           b"\x1b[!p\x1b[9999;9999H\xcc\x81\r\n</script><b>&amp;\x1b[4h\x1b[?6hx\r\n")
SCREEN = (b"\x1b[?1049h\x1b[2J\x1b[Hfull\x1b[5;1H~\x1b[24;1H\x1b[7mstatus\x1b[m\x1b[2;10r\x1b[10;1H\n"
          b"\x1b[?1049l")
LINES = b"".join(b"\x1b[01;3%dmline %d\x1b[0m \xe4\xb8\xad e\xcc\x81\r\n" % (i % 8, i)
                 for i in range(400))


def record(number, data):
    path = os.path.join(work, f"data{number}")
    with open(path, "wb") as f:
        f.write(data)
    t = h.record(collector, ["sh", "-c", f"stty raw; cat {path}; echo typed; read x; echo $x"])
    t.wait_for("typed")
    t.send("some text\n")
    h.equal(t.wait(), 0, f"session {number} is recorded")
    collector.closed(number)


for n, output in enumerate((HOSTILE, SCREEN, LINES, b"\r\x1b[K".join(b"%d%%" % i for i in range(99))), 1):
    record(n, output)
collector.stop()

# what a replay may put out: replay_filter.h
ALLOWED = re.compile(
    rb"\x1b(?:[78DEM]|[()*+][0AB]|\[[0-9;]*[@ABCDEFGHIKLMPSXZ`adefr]|\[[0-9]*[bT]|\[[0-9;:]*m"
    rb"|\[[012]?J|\[[su]|\[4[hl]|\[\?(?:7|25|47|1047|1048|1049)[hl])|[\b\t\n\v\f\r\x0e\x0f]")
CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")


def plain(data):
    """UTF-8 without control characters but line feeds and tabs?"""
    try:
        return CONTROL.search(data.decode("utf-8")) is None
    except UnicodeDecodeError:
        return False


def commands(n):
    """Arguments, and whether a replay's sequences may be in what comes out."""
    yield ["cat", n], False
    yield ["cat", "--time", "--screens", n], False
    yield ["cat", "--commands", n], False
    yield ["cat", "--commands", "--json", n], False
    yield ["cat", "--json", n], False
    yield ["replay", "--no-wait", n], True
    yield ["verify", n], False
    for name in ("asciicast-v2", "asciicast-v3", "json", "text", "html"):
        yield ["export", "--input", "-f", name, n], False


FOR_ALL = (["list"], ["list", "--json"], ["verify"], ["report"], ["search", "--no-index", "line 1"],
           ["search", "--no-index", "--json", "-E", "[a-z]+ [0-9]"])
tried = {"runs": 0, "bad": []}


def attempt(store, args, replay):
    tried["runs"] += 1
    try:
        p = subprocess.run([h.SHELLAC, "-S", store, *args], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        tried["bad"].append((args, "does not end"))
        return
    if p.returncode not in (0, 1, 3):
        tried["bad"].append((args, f"status {p.returncode}", p.stderr[-300:]))
    if not plain(ALLOWED.sub(b"", p.stdout) if replay else p.stdout):
        tried["bad"].append((args, "puts out control characters",
                             CONTROL.findall(p.stdout.decode("utf-8", "replace"))[:5]))
    if not plain(p.stderr):
        tried["bad"].append((args, "says control characters", p.stderr[-300:]))


def session_files(store):
    return sorted(os.path.join(folder, name)
                  for folder, _, names in os.walk(os.path.join(store, "session"))
                  for name in names if ".shlc" in name)


def harm(chance, path):
    """Changes a file in one of several ways; once in a while not at all."""
    with open(path, "rb") as f:
        data = bytearray(f.read())
    at = chance.randrange(len(data))
    kind = chance.randrange(6)
    if kind == 0:
        data[at] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del data[at:]
    elif kind == 2:
        data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 40)))
    elif kind == 3:
        other = chance.randrange(len(data))
        data[at:at + 64], data[other:other + 64] = data[other:other + 64], data[at:at + 64]
    elif kind == 4:
        del data[at:at + chance.randrange(1, 500)]
    os.chmod(path, 0o600)
    with open(path, "wb") as f:
        f.write(data)


def all_of(store):
    for args in FOR_ALL:
        attempt(store, args, False)
    for n in range(1, 5):
        for args, replay in commands(str(n)):
            attempt(store, args, replay)


def report_bad(name):
    h.ok(not tried["bad"], f"{name} ({tried['runs']} runs)",
         "\n".join(repr(b) for b in tried["bad"][:8]))
    tried["runs"], tried["bad"] = 0, []


STORE = os.path.join(collector.dir, "store")
all_of(STORE)
report_bad("hostile output, sealed as it should be")
chances = random.Random(6)
for i in range(ROUNDS):
    copy = os.path.join(work, f"copy{i}")
    shutil.copytree(STORE, copy)
    for file in session_files(copy):
        harm(chances, file)
    all_of(copy)
    shutil.rmtree(copy)
report_bad("files that were changed")
h.done()
