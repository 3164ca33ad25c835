#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Exports: other programs play them with the same bytes, each names its source, and a
session with something wrong gives what verified and says so."""
import base64
import glob
import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness as h  # noqa: E402
from harness import work  # noqa: E402

SHOWN = r"""printf 'begin \033[1;31mred\033[0m w\303\266rld \344\275\240\345\245\275 \360\237\230\200\n'
printf 'bad \377\376 \303( bytes, cut \344\275'; sleep 0.4; printf '\240 behind\n'
read -r line; echo "got <$line>"
stty -echo; echo ready; read -r secret; stty echo
printf '\033]0;a title\007\033]52;c;ZXZpbA==\007</script><script>alert(1)</script>\n'
printf 'a nul \000 and \302\233m C1\n'; sleep 1.2; echo 'last line'
exit 3"""

collector = h.Collector(conf="acct = off\n").start()


def out(name):
    return os.path.join(work, name)


def export(*args):
    return collector.auditor("export", *args)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def session():
    t = h.record(collector, ["/bin/sh", "-c", SHOWN])
    t.wait_for("behind")
    t.resize(30, 100)
    time.sleep(0.2)
    t.send("abc d\r")
    t.wait_for("ready")
    time.sleep(0.2)
    t.send("s3cret\r")
    h.equal(t.wait(60), 3, "a session with all that formats differ in")
    collector.closed(1)


def wanted_cast(events, code):
    return "".join(e[2] for e in events if e[1] == code)


def casts(raw):
    """Both versions; JSON cannot hold what is no UTF-8."""
    text = raw.decode("utf-8", "replace")
    run = export("1", "-f", "cast", "-o", out("c2"))
    h.equal((run.returncode, run.stderr), (0, b""), "asciicast-v2")
    lines = [json.loads(line) for line in read(out("c2")).splitlines()]
    head, events = lines[0], lines[1:]
    h.equal((head["version"], head["width"], head["height"], head["env"]["TERM"]),
            (2, 80, 24, "xterm"), "its header")
    h.equal(wanted_cast(events, "o"), text, "has the bytes, characters cut in two joined")
    h.equal([e[2] for e in events if e[1] == "r"], ["100x30"], "and the new window")
    h.equal(wanted_cast(events, "i"), "", "typed input only where it was asked for")
    times = [e[0] for e in events]
    h.ok(times == sorted(times) and times[-1] <= head["duration"] + 1e-6, "times go on", times)
    h.ok(all(0x20 <= b < 0x7f or b == 10 for b in read(out("c2"))), "it is ASCII without controls")

    typed = [json.loads(line) for line in
             export("1", "-f", "asciicast-v2", "--input").stdout.splitlines()][1:]
    h.equal(wanted_cast(typed, "i"), "abc d\r", "--input has it; what nothing echoed is not there")

    lines = [json.loads(line) for line in export("1", "-f", "v3").stdout.splitlines()]
    h.equal((lines[0]["version"], lines[0]["term"]["cols"]), (3, 80), "asciicast-v3")
    h.equal(wanted_cast(lines[1:], "o"), text, "has the same text")
    h.equal((lines[-1][1], lines[-1][2]), ("x", "3"), "and the exit status")
    passed = sum(e[0] for e in lines[1:])
    h.ok(abs(passed - head["duration"]) < 1e-5, "its intervals sum up to the length exactly", passed)
    if shutil.which("asciinema"):
        t = h.Terminal(["asciinema", "cat", out("c2")], rows=24, cols=80, env={"HOME": work})
        h.equal(t.wait(60), 0, "asciinema reads it")
        h.same_bytes(bytes(t.shown).replace(b"\r\r\n", b"\r\n").replace(b"\r\r\n", b"\r\n"),
                     text.encode().replace(b"\r\r\n", b"\r\n"), "and shows the same")
    else:
        h.skip("asciinema", "no asciinema")
    return head


def script(raw):
    run = export("1", "-f", "script", "--input", "-o", out("script"))
    h.equal((run.returncode, run.stderr), (0, b""), "script")
    log = ["--log-timing", out("script/timing"), "--log-out", out("script/typescript"),
           "--log-in", out("script/input"), "-d", "100", "--cr-mode", "never"]
    if not shutil.which("scriptreplay"):
        h.skip("scriptreplay", "no scriptreplay")
        return
    for stream, wanted in (("out", raw), ("in", b"abc d\r")):
        got = subprocess.run(["scriptreplay", *log, "--stream", stream], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, check=False, timeout=100).stdout
        h.same_bytes(got[:len(wanted)], wanted, f"scriptreplay has its {stream}put, byte by byte")
        h.ok(got[len(wanted):].strip() == b"", "and no more", got[len(wanted):])
    facts = subprocess.run(["scriptreplay", "--summary", *log], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, check=False, timeout=100).stdout.decode()
    h.ok("SHELLAC_STATUS:  COMPLETE" in facts and "EXIT_CODE:  3" in facts, "and its facts", facts)
    h.ok("S " in read(out("script/timing")).decode() and
         "SIGWINCH ROWS=30 COLS=100" in read(out("script/timing")).decode(), "the new window, too")
    h.equal(export("1", "-f", "script").returncode, 2, "it needs a folder")


def ttyrec(raw):
    run = export("1", "-f", "ttyrec", "-o", out("t.ttyrec"))
    h.equal((run.returncode, run.stderr), (0, b""), "ttyrec")
    if shutil.which("ttyplay"):
        got = subprocess.run(["ttyplay", "-n", out("t.ttyrec")], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, check=False, timeout=100).stdout
        h.same_bytes(got, raw, "ttyplay has it, byte by byte")
    else:
        h.skip("ttyplay", "no ttyrec")
    t = h.Terminal([h.SHELLAC, "-d", collector.dir, "export", "1", "-f", "ttyrec"])
    h.equal(t.wait(60), 2, "it does not go to a terminal")
    h.ok(b"\x1b]52" not in t.shown, "where its bytes would act", bytes(t.shown))


def lines_and_text(raw):
    found = [json.loads(line) for line in export("1", "-f", "json").stdout.splitlines()]
    whole = b"".join(base64.b64decode(o["base64"]) if "base64" in o else o["text"].encode()
                     for o in found if o["kind"] == "output")
    h.same_bytes(whole, raw, "json has the exact bytes")
    text = export("1", "-f", "text").stdout.decode()
    h.ok("last line" in text and "begin red w\u00f6rld \u4f60\u597d" in text, "text has the lines", text)
    h.ok(all(c in "\n\t" or c.isprintable() for c in text), "and nothing that a terminal acts on")
    return found[0]["shellac"], text


def sources(head, json_source, text):
    """Every one names what it is made of."""
    path = collector.files()[1]
    digest = hashlib.blake2b(read(path), digest_size=32).hexdigest()
    said = next(o for o in collector.objects("verify", "1") if "status" in o)
    for name, source in (("asciicast", head["shellac"]), ("json", json_source),
                         ("ttyrec", json.loads(read(out("t.ttyrec.source.json"))))):
        h.equal((source["blake2b_256"], source["bytes"], source["status"], source["level"],
                 source["id"], source["session"], source["findings"]),
                (digest, os.path.getsize(path), said["status"], said["level"], said["id"], 1, []),
                f"{name} names its source")
    h.ok(digest in text and digest in read(out("script/timing")).decode() and
         digest.encode() in read(out("script/typescript")), "text and script, too")


def parts():
    """A part of it, and shorter pauses."""
    events = [json.loads(line) for line in
              export("1", "-f", "cast", "--idle-limit", "0.1").stdout.splitlines()]
    gaps = [b[0] - a[0] for a, b in zip(events[1:], events[2:])]
    h.ok(max(gaps) <= 0.100001, "--idle-limit: no pause is longer", gaps)
    whole = [json.loads(line) for line in export("1", "-f", "cast").stdout.splitlines()][1:]
    cut = next(e[0] for e in whole if "got <" in e[2])
    found = [json.loads(line) for line in
             export("1", "-f", "cast", "--from", f"{cut - 0.001:.6f}").stdout.splitlines()]
    shown = wanted_cast(found[1:], "o")
    h.equal(found[0]["height"], 30, "--from: the window is that of then")
    h.ok("last line" in shown and found[0]["shellac"]["from_s"] is not None, "what came then")
    h.ok("begin" in shown.split("got <")[0], "behind the screen as it stood", shown)
    found = [json.loads(line) for line in
             export("1", "-f", "cast", "--until", f"{cut - 0.001:.6f}").stdout.splitlines()]
    shown = wanted_cast(found[1:], "o")
    h.ok("begin" in shown and "last line" not in shown, "--until: nothing behind it")
    for args in (["--from", "x"], ["--from", "2", "--until", "1"], ["--idle-limit", "0"],
                 ["--from", "1:2:3:4"]):
        h.equal(export("1", "-f", "cast", *args).returncode, 2, " ".join(args) + " is a usage error")
    h.equal(export("1").returncode, 2, "so is no format")
    h.equal(export("1", "-f", "gif").returncode, 2, "and one that there is not")


def files():
    """Whole or not at all, and never in another's place."""
    before = sorted(os.listdir(work))
    h.equal(export("1", "-f", "cast", "-o", out("c2")).returncode, 3, "nothing is replaced")
    h.equal(export("1", "-f", "script", "-o", out("script")).returncode, 3, "no folder either")
    h.equal(export("1", "-f", "cast", "-o", out("none/c2")).returncode, 3, "a folder must be there")
    h.equal(sorted(os.listdir(work)), before, "and nothing is left of it")
    mode = stat.S_IMODE(os.stat(out("c2")).st_mode)
    h.equal(oct(mode & 0o077), "0o0", "others may not read an export")
    h.same_bytes(export("1", "-f", "cast").stdout, read(out("c2")), "the same bytes each time")
    run = subprocess.Popen([h.SHELLAC, "-d", collector.dir, "export", "1", "-f", "json"],
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run.stdout.close()
    h.ok(run.wait(60) in (0, 3, -signal.SIGPIPE), "an end of the pipe is an end")


def copied():
    """From a copied store, without its collector; and one that was changed."""
    copy = out("copy")
    shutil.copytree(os.path.join(collector.dir, "store"), copy, symlinks=True)
    run = subprocess.run([h.SHELLAC, "-S", copy, "export", "1", "-f", "cast"],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    h.same_bytes(run.stdout, read(out("c2")), "a copied store gives the same")
    path = glob.glob(copy + "/session/*/*/*/1-*")[0]
    data = bytearray(read(path))
    where = data.rfind(b"last line")
    data[where] ^= 1
    with open(path, "wb") as f:
        f.write(data)
    run = subprocess.run([h.SHELLAC, "-S", copy, "export", "1", "-f", "json"],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         check=False)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    h.equal((run.returncode, found[0]["shellac"]["status"]), (1, "TAMPERED"), "one that was changed")
    shown = "".join(o["text"] for o in found if o["kind"] == "output")
    h.ok("begin" in shown and "ast line" not in shown, "gives what verified and nothing else")
    h.ok(any(o["kind"] == "finding" for o in found) and b"TAMPERED" in run.stderr,
         "and says where it stops")


def live():
    """One that goes on: as far as it has come."""
    t = h.record(collector, ["/bin/sh", "-c", "echo going on; read x"])
    t.wait_for("going on")
    h.eventually(30, lambda: b"going on" in export("2", "-f", "cast").stdout)
    run = export("2", "-f", "cast")
    source = json.loads(run.stdout.splitlines()[0])["shellac"]
    data = read(collector.files()[2])[:source["bytes"]]
    h.equal((run.returncode, source["status"], source["blake2b_256"]),
            (0, "LIVE", hashlib.blake2b(data, digest_size=32).hexdigest()),
            "a live one, with the digest of the part that it names")
    t.send("\r")
    t.wait()


def unshown():
    """What was typed and kept, and the screen did not show, is typed input everywhere."""
    t = h.record(collector, ["/bin/sh", "-c", "stty raw -echo; printf on; i=0; while [ $i -lt 8 ]; "
                             "do dd bs=1 count=1 2>/dev/null >/dev/null; printf x; i=$((i + 1)); done"])
    t.wait_for("on")
    for key in "unshown\r":
        t.send(key)
        t.wait_for("x")
    t.wait()
    collector.closed(3)
    typed = [json.loads(line) for line in
             export("3", "-f", "cast", "--input").stdout.splitlines()][1:]
    h.equal(wanted_cast(typed, "i"), "unshown\r", "what the screen did not show, with --input")
    for fmt in ("html", "text", "cast", "json"):
        h.ok(b"unshown" not in export("3", "-f", fmt).stdout, f"{fmt} does not have it unasked")
    h.ok(b"unshown" in export("3", "-f", "html", "--input").stdout, "a page has it when asked")


session()
recorded = collector.raw(1)
header = casts(recorded)
script(recorded)
ttyrec(recorded)
sources(header, *lines_and_text(recorded))
parts()
files()
copied()
live()
unshown()
h.done()
