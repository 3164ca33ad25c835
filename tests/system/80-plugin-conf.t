#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Files of plugins.d with every kind of wrongness, and the example of shellac-plugins(5)."""
import hashlib
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness as h  # noqa: E402
import plugin_world as w  # noqa: E402

GOOD = "active = yes\npath = /bin/cat\n"
ROOT = os.geteuid() == 0


def text(content, mode=0o644):
    def make(path):
        with open(path, "wb") as f:
            f.write(content.encode() if isinstance(content, str) else content)
        os.chmod(path, mode)
    return make


def program(mode=0o755, owner=None):
    """A file whose program is of that kind."""
    def make(path):
        other = os.path.join(h.work, f"program.{mode:o}.{owner}")
        text("#!/bin/sh\n", mode)(other)
        if owner is not None:
            os.chown(other, owner, owner)
        text(f"active = yes\npath = {other}\n")(path)
    return make


def owned(path):
    text(GOOD)(path)
    os.chown(path, 54321, 54321)


WRONG = {  # what it is, how it is made, what is said
    "an unknown key": (text(GOOD + "colour = red\n"), "bad.conf:3: 'colour' is not a key"),
    "no value": (text(GOOD + "user =\n"), "bad.conf:3: user has no value; write one"),
    "two values": (text("active = yes no\npath = /bin/cat\n"), "bad.conf:1: active: 'yes no' is not"),
    "a line too long": (text(GOOD + "args = " + "x" * 3000 + "\n"), "bad.conf:3: the line is longer"),
    "no regular file": (os.mkdir, "bad.conf: it is no regular file; remove it"),
    "a FIFO": (os.mkfifo, "bad.conf: it is no regular file"),
    "a link": (lambda path: os.symlink("/etc/passwd", path), "bad.conf: it is a link; put the file"),
    "writable by its group": (text(GOOD, 0o664), "bad.conf: others may write to it; chmod go-w"),
    "writable by all": (text(GOOD, 0o646), "bad.conf: others may write to it"),
    "no such program": (text("active = yes\npath = /nowhere/x\n"), "bad.conf:2: /nowhere/x: there is no"),
    "a program that cannot be run": (program(0o644), "it cannot be run; chmod a+x it"),
    "a program writable by others": (program(0o757), "others may write to it; chmod go-w it"),
    "a program that is a folder": (text("active = yes\npath = /tmp\n"), "bad.conf:2: /tmp: it is no"),
    "no such user": (text(GOOD + "user = no-such-user-here\n"), "bad.conf:3: there is no user no-such"),
    "no user's name": (text(GOOD + "user = a b\n"), "bad.conf:3: user: 'a b' is not a value"),
    "a bad number": (text(GOOD + "queue_depth = -1\n"), "bad.conf:3: queue_depth: '-1' is not"),
    "a key twice": (text(GOOD + "active = no\n"), "bad.conf:3: active is already set in line 1"),
    "bytes that are no text": (text(bytes(range(256))), "bad.conf:1: the line holds a control char"),
    "an escape sequence": (text(GOOD + "\x1b[2J = 1\n"), "bad.conf:3: the line holds a control char"),
    "no end of its last line": (text(GOOD + "acks = no"), "bad.conf:3: the last line has no end"),
    "more than a megabyte": (text("#\n" * 600000), "bad.conf: it is longer than 65536 bytes"),
    "an open quote": (text(GOOD + "args = 'a\n"), "bad.conf:3: args: ''a' is not a value; a quote"),
    "an action that is none": (text(GOOD + "actions = reboot\n"), "bad.conf:3: actions: 'reboot'"),
    "no path": (text("active = yes\n"), "bad.conf: path is missing; write path ="),
    "a path that is not absolute": (text("active = yes\npath = cat\n"), "bad.conf:2: path: 'cat'"),
    "nothing at all": (text(""), "bad.conf: active is missing; write active = yes or"),
}
if ROOT:
    WRONG["a file of somebody's"] = (owned, "bad.conf: it does not belong to root; chown root it")
    WRONG["a program of somebody's"] = (program(owner=54321), "it does not belong to root; chown root")


def check(c):
    run = subprocess.run([h.SHELLACD, "-d", c.dir, "--check"], stdin=subprocess.DEVNULL,
                         capture_output=True, check=False)
    return run.returncode, (run.stdout + run.stderr).decode("utf-8", "replace")


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        os.rmdir(path)
    else:
        os.remove(path)


def wrongness():
    c = w.Plugins(folder=os.path.join(h.work, "wrong"))
    c.plugin("good")
    c.start()
    h.ok(c.reaches("good", state="runs"), "a good one runs", c.text())
    pid, path = c.status("good")["pid"], os.path.join(c.conf_dir, "bad.conf")
    for name, (make, says) in WRONG.items():
        make(path)
        status, said = check(c)
        before = len(c.text())
        c.hang_up()
        refused = h.eventually(30, lambda b=before: "from before stays" in c.text()[b:])
        h.ok(status == 1 and says in said and "\x1b" not in said, f"{name}: --check says it",
             (status, said[:600]))
        h.ok(refused and says in c.text()[before:] and c.status("good")["pid"] == pid,
             f"{name}: SIGHUP changes nothing", c.text()[before:][:600])
        remove(path)
    for name in (".hidden.conf", "two.dots.conf"):
        text(GOOD)(os.path.join(c.conf_dir, name))
        status, said = check(c)
        h.ok(status == 0 and f"{name}: passed over" in said and "plugin good" in said and
             "\nuser = " not in said,  # everything here is one user's
             f"{name} is passed over, which is said", said)
        os.remove(os.path.join(c.conf_dir, name))
    os.chmod(c.conf_dir, 0o777)
    h.ok(check(c)[0] == 1 and "others may write to this folder" in check(c)[1],
         "a folder that others may write to", check(c))
    os.chmod(c.conf_dir, 0o755)
    w.session_goes_on(c, "wrong files")
    c.stop()
    text(GOOD + "colour = red\n")(path)
    c.start()
    h.ok(c.reaches("good", state="runs") and not c.status("bad"),
         "at the start a bad file is left out, the others start", c.text()[-600:])
    h.ok("bad.conf:3: 'colour' is not a key" in c.text(), "which is said")
    remove(path)
    return c


def configs(c):
    return [e["hash"] for e in c.objects("ledger") if e["type"] == "CONFIG"
            and e["what"] == "configuration"]


def policy(c):
    """Each change is a CONFIG, and the policy's text has the digest of the file."""
    before = configs(c)
    c.plugin("good", queue_depth="77")
    c.hang_up()
    h.ok(h.eventually(30, lambda: len(configs(c)) == len(before) + 1), "a change is a CONFIG",
         (before, configs(c)))
    with open(os.path.join(c.dir, "store/shellac.conf"), "rb") as f:
        kept = f.read()
    with open(os.path.join(c.conf_dir, "good.conf"), "rb") as f:
        digest = blake(f.read())
    h.ok(f"# plugin good = {digest}\n".encode() in kept, "the policy names the file's digest", kept)
    h.equal(configs(c)[-1], blake(kept), "and the ledger the policy's")
    c.hang_up()
    h.ok(c.logged("read "), "SIGHUP without a change")
    h.equal(len(configs(c)), len(before) + 1, "is no CONFIG")
    h.equal(c.stop(), 0, "the collector ends")


def blake(data):
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def example():
    with open(os.path.join(h.TOP, "man/shellac-plugins.5"), encoding="utf-8") as f:
        body = f.read().split("# begin example\n")[1].split("# end example\n")[0]
    body = body.replace("\\e", "\\")
    h.ok(body.count("\n") <= 11, "the page's example is short", body)
    c = w.Plugins(folder=os.path.join(h.work, "example"))
    mailer = c.program("mailer", f"cat >>{c.out('mail')}\n", "/bin/sh")
    c.configure("gap", path=c.program("gap", f"MAILER={mailer}\n" + body, "/bin/sh"), args="x")
    c.generator()
    c.start()
    h.ok(c.reaches("gap", state="runs") and c.reaches("gen", state="runs"), "it runs", c.text())
    c.generate(3)
    h.ok(h.eventually(30, lambda: c.status("gap").get("acked", 0) >= 3) and
         c.reaches("gap", queue=0, garbage=0), "it acknowledges all that it gets", c.status("gap"))
    w.session_goes_on(c, "the page's example")
    h.ok(c.reaches("gap", queue=0, garbage=0), "and what happens meanwhile", c.status("gap"))
    h.equal(c.stop(), 0, "the collector ends")
    real = c.program("gap-mails", f"MAILER={mailer}\n" + body, "/bin/sh")
    line = '{"event":{"sequence":7,"id":"x","action":"recording-gap"}}\n'
    run = subprocess.run([real], input=line.encode() * 2, capture_output=True, check=False)
    h.equal(run.stdout, b"ACK 7\n" * 2, "it acknowledges a gap")
    with open(c.out("mail"), encoding="utf-8") as f:
        h.equal(f.read(), line * 2, "and mails it")


policy(wrongness())
example()
h.done()
