#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The notice: shown first, on terminals only, recorded, its digest certified.  And
configurations with errors, which keep nobody from logging in."""
import hashlib
import os
import signal
import subprocess

import harness as h

TEXT = "This host records sessions \u2013 yours too.\n\nThink of it.\n"
SHOWN = TEXT.replace("\n", "\r\n").encode()
BASE = "acct = off\nprocess_events = no\ncompress = no\n"


def write(path, text, mode=0o644):
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path + ".new", mode)
    os.rename(path + ".new", path)


class World:
    def __init__(self, name, conf):
        self.dir = os.path.join(h.work, name)
        self.notice = self.dir + ".notice"
        self.conf = self.dir + "/shellac.conf"
        self.collector = h.Collector(self.dir, BASE + conf.format(notice=self.notice))

    def set(self, conf):
        write(self.conf, BASE + conf.format(notice=self.notice), 0o600)

    def logged(self, text, seconds=20):
        return h.eventually(seconds, lambda: text in self.collector.text())

    def reread(self, text):
        before = self.collector.text().count(text)
        self.collector.proc.send_signal(signal.SIGHUP)
        return h.eventually(20, lambda: self.collector.text().count(text) > before)

    def session(self, *command, **kw):
        terminal = h.record(self.collector, list(command) or ["echo", "hello"], **kw)
        status = terminal.wait()
        self.file = self.collector.closed(max(self.collector.files(), default=0))
        return status, bytes(terminal.shown)

    def certificate(self):
        return h.frames(self.file)[0].body

    def findings(self):
        objects = self.collector.objects("verify", "last")
        return [o["kind"] for o in objects if "kind" in o]


def names_notice(cert, text):
    return cert[6] & 8 and hashlib.blake2b(text.encode(), digest_size=32).digest() in cert


def notice():
    world = World("notice", "notice = {notice}\n")
    write(world.notice, TEXT)
    world.collector.start()
    status, shown = world.session()
    h.equal((status, shown), (0, SHOWN + b"hello\r\n"), "the notice is shown, and then the rest")
    h.equal(world.collector.raw(), SHOWN + b"hello\r\n", "both are recorded")
    h.ok(names_notice(world.certificate(), TEXT), "the certificate names its digest")
    h.equal((world.collector.auditor("verify").returncode, world.findings()), (0, []),
            "and verify has nothing to say")
    if not subprocess.run([h.PYTHON, "-c", "import nacl.bindings"], stderr=subprocess.DEVNULL,
                          check=False).returncode:
        second = subprocess.run([h.PYTHON, os.path.join(h.TOP, "tests/verify.py"), "--key",
                                 world.dir + "/store/host.pub", world.file],
                                stdout=subprocess.DEVNULL, check=False)
        h.equal(second.returncode, 0, "nor has the second verifier")
    pipe = subprocess.run([h.REC, "-d", world.dir, "-c", "echo hello"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    h.equal(pipe.stdout, b"hello\n", "nothing is shown where there is no terminal")
    world.collector.closed(2)
    world.file = world.collector.files()[2]
    h.equal(world.certificate()[6] & 8, 0, "nor is it certified")
    inner = h.Terminal([h.REC, "-d", world.dir], env={"SHELL": "/bin/sh", "PS1": "<$ "})
    inner.wait_for("<$ ")
    inner.send(f"SHELL=/bin/echo {h.REC} -d {world.dir}; exit\r")
    inner.wait()
    h.equal(bytes(inner.shown).count(b"Think of it."), 1, "nor in a shell inside a session")
    write(world.notice, "Another one.\n")
    shown = world.session()[1]
    h.equal(shown, b"Another one.\r\nhello\r\n", "a new text is shown")
    h.ok(names_notice(world.certificate(), "Another one.\n"), "and certified, without a SIGHUP")
    world.set("notice = none\n")
    world.session()
    h.equal(world.findings(), ["notice"], "a notice that should have been shown and was not is found")
    h.ok(world.reread("read " + world.conf), "SIGHUP")
    h.equal(world.session()[1], b"hello\r\n", "no notice, nothing shown")
    h.equal((world.certificate()[6] & 8, world.findings()), (0, []), "nor certified")
    world.collector.stop()


def bad_notice():
    world = World("bad", "notice = {notice}\n")
    write(world.notice, "\x1b[31mred\n")
    world.collector.start()
    h.ok(world.logged("something else than printable UTF-8"), "a bad notice is complained about")
    h.equal(world.session()[1], b"hello\r\n", "and not shown")
    h.equal(world.certificate()[6] & 8, 0, "nor certified")
    check = subprocess.run([h.SHELLACD, "-d", world.dir, "--check"], stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, check=False)
    h.ok(check.returncode == 1 and b"printable" in check.stderr, "--check says so", check.stderr)
    write(world.notice, "x\n", 0o666)
    h.ok(world.reread("nobody else may write"), "as it does of one that anybody may write")
    h.equal(world.session()[1], b"hello\r\n", "which is not shown either")
    world.collector.stop()


def typed(world):
    """Is what is typed in a session kept?"""
    terminal = h.record(world.collector, ["sh", "-c", "echo up; read x; echo got-$x"])
    terminal.wait_for("up")
    terminal.send("word\r")
    h.equal(terminal.wait(), 0, "a session runs")
    shown = bytes(terminal.shown)
    path = world.collector.closed(max(world.collector.files()))
    return any(f.type == h.INPUT for f in h.frames(path)), shown


def last_good():
    world = World("good", "input = none\n")
    world.collector.start()
    h.equal(typed(world)[0], False, "a configuration holds")
    world.set("input = none\ncolour = red\n")
    kept, shown = typed(world)
    h.equal(kept, False, "with errors in it, the last good one")
    h.equal(shown.count(b"using the last good configuration"), 1, "which is said in one line")
    h.ok(world.reread("the configuration from before stays"), "the collector keeps what it has")
    h.equal(world.collector.stop(), 0, "it ends")
    world.collector.start()
    h.ok(world.logged("going on with the last good configuration"), "starts with the last good one")
    h.equal(typed(world)[0], False, "and records by it")
    h.equal(world.collector.auditor("verify").returncode, 0, "what it has kept is no stray")
    world.set("input = echoed\n")
    h.ok(world.reread("read " + world.conf), "repaired, SIGHUP takes it")
    kept, shown = typed(world)
    h.ok(kept and b"shellac-rec" not in shown, "it holds", shown)
    world.set("nonsense\n")
    world.collector.stop()
    world.collector.start()
    h.equal(typed(world)[0], True, "and is the last good one from then on")
    probe = subprocess.run([h.REC, "-d", world.dir, "--probe"], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)
    h.equal((probe.returncode, probe.stdout), (0, b""), "the probe is silent about it")
    world.collector.stop()


def never_good():
    world = World("never", "nonsense\n")
    start = subprocess.run([h.SHELLACD, "-d", world.dir, "-n"], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
                           timeout=60)
    h.equal(start.returncode, 1, "without a good one ever the collector does not start")
    h.ok(b"shellac.conf:4: " in start.stderr, "and says where", start.stderr)


def main():
    for part in (notice, bad_notice, last_good, never_good):
        part()
    h.done()


main()
