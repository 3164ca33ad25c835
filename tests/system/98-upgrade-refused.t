#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Recorder and collector that have no version in common: each says so in words, nobody's
login is lost, and nothing of what is recorded either."""
import os
import socket
import struct
import subprocess
import threading
import time

import harness as h

CONF = "acct = off\nprocess_events = no\nepoch_s = 3600\n"
REGISTER, RESUME, CERTIFICATE, ACK, REFUSED = 2, 3, 17, 18, 19
MALFORMED, UNKNOWN, NEWER, VERSION = 1, 3, 10, 11
VERSION_TEXT = b"shellacd 9.0 takes versions 8 to 9 of the registration, shellac-rec speaks 1 to 2"
SAID = "shellac-rec: " + VERSION_TEXT.decode()


def message(kind, body=b""):
    return b"SHRG" + struct.pack("<BBH", 1, kind, len(body)) + body


def answer(c, kind, body):
    """What the collector answers to a recorder of some version: type, and code or None."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(20)
    s.connect(c.dir + "/run/register.sock")
    s.sendmsg([message(kind, body)], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack(
        "3i", os.getpid(), os.getuid(), os.getgid()))])
    got = s.recv(8192)
    s.close()
    return got[5], struct.unpack_from("<H", got, 8)[0] if got[5] == REFUSED else None, got[10:]


def register(c, version, oldest, flags=0, more=b""):
    session = os.urandom(16)
    os.mkfifo(f"{c.dir}/run/session/{session.hex()}.fifo", 0o600)
    return answer(c, REGISTER, session + bytes(32) + struct.pack("<HHHH", flags, version, oldest, 0) + more)


def resume(c, version, oldest, more=b""):
    return answer(c, RESUME, os.urandom(16) + struct.pack("<HHI", version, oldest, 0) + more)


def collector():
    """What it says to recorders of other versions."""
    c = h.Collector(os.path.join(h.work, "c"), conf=CONF).start()
    h.equal(register(c, 0, 0)[0], CERTIFICATE, "a recorder of the first version is taken")
    h.equal(register(c, 2, 1)[0], CERTIFICATE, "one of this")
    h.equal(register(c, 3, 2)[:2], (REFUSED, NEWER), "one of the next is told to ask in an older one")
    h.equal(register(c, 3, 2, 0x8000, b"more")[:2], (REFUSED, NEWER), "whatever else is new to it")
    h.equal(resume(c, 3, 2, b"more")[:2], (REFUSED, NEWER), "also when it comes back")
    h.equal(resume(c, 2, 1)[:2], (REFUSED, UNKNOWN), "as one of this version does")
    h.ok("too" not in c.text(), "which is nothing to be said in the log", c.text())
    kind, code, text = register(c, 9, 8)
    h.equal((kind, code), (REFUSED, VERSION), "one that is newer than that is refused")
    wanted = b"takes versions 1 to 2 of the registration, shellac-rec speaks 8 to 9"
    h.ok(text.startswith(b"shellacd ") and text.endswith(wanted), "in words", text)
    h.ok(h.eventually(10, lambda: f"the recorder of pid {os.getpid()}, uid {os.getuid()} is too new: "
                      in c.text() and "start the shellacd that was installed with it" in c.text()),
         "the log says who, what, and what to do", c.text())
    for version, oldest in (1, 1), (2, 3), (0, 1), (2, 0):
        h.equal(register(c, version, oldest)[:2], (REFUSED, MALFORMED),
                f"versions {version} and {oldest} are malformed")
    h.ok(c.ready(), "and it is still there")
    c.stop()


class Stranger(threading.Thread):
    """A collector that knows no version of ours."""

    def __init__(self, place):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock.bind(place + "/run/register.sock")
        self.sock.listen(16)
        self.asked = []
        self.start()

    def run(self):
        while True:
            try:
                peer = self.sock.accept()[0]
            except OSError:
                return
            got = peer.recv(8192)
            if len(got) > 5 and got[5] == 1:
                peer.send(message(16))
            elif len(got) > 5:
                self.asked.append((got[5], got[58:62]))
                peer.send(message(REFUSED, struct.pack("<H", VERSION) + VERSION_TEXT))
            peer.close()

    def stop(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()


def place_of(name, more=""):
    """A place where a collector was, and a stranger is now."""
    c = h.Collector(os.path.join(h.work, name), conf=CONF + more).start()
    c.stop()
    return c


def leave(c, stranger):
    stranger.stop()
    os.unlink(c.dir + "/run/register.sock")


def found(c):
    """The first word that a session showed, and its status."""
    return {(c.raw(o["n"]).split() or [b""])[0].decode(): o["status"] for o in c.objects("verify")
            if "status" in o}


def spooled():
    """The session begins in its spool, says why, and is taken up by a collector that can."""
    c = place_of("spool")
    stranger = Stranger(c.dir)
    t = h.record(c, ["sh", "-c", "echo up; read a; exit 5"])
    h.ok(t.wait_for("up", 30), "refused for its version, a session begins")
    shown = bytes(t.shown).decode()
    h.equal(shown.count(SAID), 1, "and says why, once")
    h.ok(shown.startswith(SAID) and "in its spool" in shown, "before anything else", shown)
    time.sleep(1.5)
    h.ok(len(stranger.asked) <= 6, "it does not ask again and again", stranger.asked)
    h.equal({a[1] for a in stranger.asked}, {struct.pack("<HH", 2, 1)}, "each time in its own version")
    short = h.record(c, ["sh", "-c", "echo short"])
    h.equal(short.wait(), 0, "another begins and ends")
    leave(c, stranger)
    c.start()
    h.ok(h.eventually(90, lambda: len(c.files()) == 2), "with another collector it is taken up", c.text())
    t.send("\r")
    h.equal(t.wait(), 5, "it ends as ever")
    wanted = {"short": "UNCERTIFIED", "up": "COMPLETE"}
    h.eventually(60, lambda: found(c) == wanted)
    h.equal(found(c), wanted, "nothing of either is missing")
    c.stop()


def policies():
    """What the configuration says of a collector that is away holds here."""
    c = place_of("plain")
    stranger = Stranger(c.dir)
    run = subprocess.run([h.REC, "-d", c.dir, "--", "cat"], input=b"bytes", stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, check=False, timeout=60)
    h.equal((run.returncode, run.stdout, run.stderr), (0, b"bytes", b""), "what is not a terminal shows nothing")
    leave(c, stranger)
    c = place_of("strict", "away = strict\n")
    stranger = Stranger(c.dir)
    t = h.record(c, ["echo", "ran"])
    h.equal(t.wait(), 125, "strict: none begins")
    h.ok(VERSION_TEXT in bytes(t.shown) and b"ran" not in bytes(t.shown), "strict: and says why", t.shown)
    leave(c, stranger)
    c = place_of("full")
    os.rmdir(c.dir + "/spool")
    with open(c.dir + "/spool", "wb"):
        pass
    stranger = Stranger(c.dir)
    t = h.Terminal([h.REC, "-d", c.dir], env={"SHELL": "/bin/sh", "PS1": "$ "})
    t.wait_for(VERSION_TEXT)
    h.ok(t.wait_for("going on unrecorded", 20), "no spool to be had: a login goes on without")
    t.send("exit 4\r")
    h.equal(t.wait(), 4, "and is none that is lost")
    leave(c, stranger)


collector()
spooled()
policies()
h.done()
