#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Clients that lie: the collector refuses them with a clear line, the others go
on, and its memory stays small."""
import os
import resource
import secrets
import socket
import struct
import time

import harness as h

PROBE, REGISTER, RESUME = 1, 2, 3
READY, CERTIFICATE, ACK, REFUSED = 16, 17, 18, 19


def message(kind, body=b"", magic=b"SHRG", version=1, length=None):
    return struct.pack("<4sBBH", magic, version, kind, len(body) if length is None else length) + body


def frame(kind, body, number, magic=0xf5, length=None):
    return struct.pack("<BBHQ", magic, kind, len(body) if length is None else length, number) + body


class Client:
    """A recorder that does what it is told."""

    def __init__(self, collector):
        self.dir = collector.dir
        self.id = secrets.token_bytes(16)
        self.fifo = os.path.join(self.dir, "run/session", self.id.hex() + ".fifo")
        self.fd = -1
        self.cert = None
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(20)
        self.socket.connect(os.path.join(self.dir, "run/register.sock"))

    def send(self, data):
        try:
            self.socket.send(data)
        except OSError:
            pass

    def reply(self):
        """(type, body); (0, b"") when the collector has closed."""
        try:
            data = self.socket.recv(8192)
        except ConnectionError:
            data = b""
        except socket.timeout:
            return None, b"time-out"
        return (data[5], data[8:]) if len(data) >= 8 else (0, b"")

    def register_body(self):
        return self.id + secrets.token_bytes(32) + struct.pack("<H6x", 1)

    def register(self, mode=0o640, make=True):
        if make:
            os.mkfifo(self.fifo)
            os.chmod(self.fifo, mode)
        self.send(message(REGISTER, self.register_body()))
        kind, body = self.reply()
        if kind == CERTIFICATE:
            self.cert = body
            self.fd = os.open(self.fifo, os.O_WRONLY | os.O_NONBLOCK)
        return kind, body

    def write(self, data):
        try:
            return os.write(self.fd, data)
        except (BrokenPipeError, BlockingIOError):
            return 0

    def close(self):
        self.socket.close()
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def refused(reply):
    kind, body = reply
    return kind == 0 or (kind == REFUSED and body[2:].isascii() and body[2:].decode().isprintable())


def messages(c):
    """What is wrong before there is a session."""
    bad = {
        "an empty message": b"",
        "garbage": os.urandom(500),
        "a short header": b"SHRG\1",
        "another magic": message(PROBE, magic=b"XXXX"),
        "another version": message(PROBE, version=2),
        "an unknown type": message(77),
        "an answer's type": message(CERTIFICATE, bytes(300)),
        "a length too large": message(REGISTER, bytes(56), length=65535),
        "a length too small": message(REGISTER, bytes(56), length=10),
        "a body too short": message(REGISTER, bytes(20)),
        "a body too long": message(REGISTER, bytes(57)),
        "a message of 100,000 bytes": message(REGISTER, bytes(100_000), length=65535),
        "unknown flags": message(REGISTER, bytes(48) + b"\xff\xff" + bytes(6)),
        "bytes that must be zero": message(REGISTER, bytes(48) + b"\1\0" + b"\1" * 6),
        "RESUME of no session": message(RESUME, bytes(16)),
    }
    for name, data in bad.items():
        client = Client(c)
        client.send(data)
        if name == "an empty message":
            client.socket.shutdown(socket.SHUT_WR)
        got = client.reply()
        h.ok(refused(got), f"refused: {name}", got)
        client.close()


def fifos(c):
    """What is wrong with a FIFO."""
    client = Client(c)
    h.ok(refused(client.register(make=False)), "refused: no FIFO")
    for name, make in (
            ("a regular file", lambda p: open(p, "wb").close()),
            ("a folder", os.mkdir),
            ("a link to a FIFO", link_to_fifo),
            ("a FIFO with two names", second_name),
            ("a device's name", lambda p: os.symlink("/dev/zero", p))):
        client = Client(c)
        make(client.fifo)
        h.ok(refused(client.register(make=False)), f"refused: {name}")
        client.close()
    client = Client(c)
    h.ok(refused(client.register(mode=0o666)), "refused: a FIFO that others may write")
    client.close()


def link_to_fifo(path):
    os.mkfifo(path + ".x", 0o640)
    os.symlink(path + ".x", path)


def second_name(path):
    os.mkfifo(path, 0o640)
    os.link(path, path + ".y")


def streams(c):
    """What is wrong in a FIFO of a session that was let in."""
    begin = frame(0x10, b"\0" + bytes(16) + struct.pack("<HHHH", 24, 80, 0, 0), 1)
    bad = {
        "garbage": lambda cert: os.urandom(3000),
        "another certificate": lambda cert: frame(1, cert[:-1] + bytes((cert[-1] ^ 1,)), 0),
        "a frame of length 65535": lambda cert: frame(1, cert, 0) + frame(0x11, b"x" * 20, 1, length=65535),
        "a frame of length 0": lambda cert: frame(1, cert, 0) + frame(0x11, b"", 1),
        "an unknown type": lambda cert: frame(1, cert, 0) + frame(0x55, b"x", 1),
        "a number left out": lambda cert: frame(1, cert, 0) + begin + frame(0x11, b"\0x", 3),
        "a second certificate": lambda cert: frame(1, cert, 0) + frame(1, cert, 1),
        "output without BEGIN": lambda cert: frame(1, cert, 0) + frame(0x11, b"\0x", 1),
        "an overlong varint": lambda cert: frame(1, cert, 0) + begin + frame(0x11, b"\x80\0x", 2),
        "a seal that nobody signed": lambda cert: frame(1, cert, 0) + begin + frame(2, os.urandom(272), 2),
    }
    for name, make in bad.items():
        client = Client(c)
        kind, body = client.register()
        if not h.equal(kind, CERTIFICATE, f"let in: {name}"):
            h.note(body)
            continue
        before = len(c.text())
        client.write(make(client.cert))
        number = struct.unpack_from("<Q", client.cert, 8)[0]
        ended = c.closed(number, 10)
        h.ok(ended is None or ended.endswith(".cut"), f"never a closed session: {name}", ended)
        h.ok(h.eventually(5, lambda: new_lines(c, before)), f"a clear line: {name}")
        client.close()
        h.ok(c.closed(number, 10), f"the session is over: {name}")
        h.equal(c.auditor("verify", str(number)).returncode, 1, f"a finding: {name}")


def new_lines(c, before):
    text = c.text()[before:]
    return text and all(ord(ch) >= 32 or ch == "\n" for ch in text)


def half_way(c):
    """A writer that stops in the middle of a frame, and one of a message."""
    client = Client(c)
    client.register()
    client.write(frame(1, client.cert, 0)[:100])
    silent = Client(c)
    ok_session(c, "while a writer has stopped half-way")
    number = struct.unpack_from("<Q", client.cert, 8)[0]
    h.ok(c.files()[number].endswith(".live"), "it is waited for as long as it lives")
    client.close()
    silent.close()
    path = c.closed(number)
    h.ok(path and path.endswith(".cut"), "then it is cut", path)


def second_writer(c):
    """Somebody else of the same user writes into a session's FIFO."""
    terminal = h.record(c, ["/bin/sh", "-c", "echo here; read -r x; echo $x; read -r x"])
    terminal.wait_for("here")
    number = max(c.files())
    name = os.path.basename(c.files()[number]).split("-")[1].split(".")[0]
    fd = os.open(os.path.join(c.dir, "run/session", name + ".fifo"), os.O_WRONLY | os.O_NONBLOCK)
    before = len(c.text())
    os.write(fd, frame(0x11, b"\0forged", 4))
    os.write(fd, os.urandom(100))
    os.close(fd)
    h.ok(h.eventually(10, lambda: new_lines(c, before)), "a second writer: a clear line")
    ok_session(c, "beside a session with a second writer")
    terminal.send("word\r")
    time.sleep(0.5)
    terminal.send("\r")
    h.ok(terminal.wait(30) is not None, "that session's user is not left hanging")
    path = c.closed(number)
    h.ok(path is not None, "that session is over")
    h.equal(c.auditor("verify", str(number)).returncode, 1, "and verify says so")
    h.ok(b"forged" not in c.raw(number) or
         h.equal(c.auditor("verify", str(number)).returncode, 1, "forged bytes are no evidence"),
         "what was forged is not taken for output")


def thousand(c):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < 2100:
        h.skip("1,000 hostile writers", f"only {hard} descriptors")
        return
    clients = []
    let_in = 0
    for i in range(1000):
        client = Client(c)
        kind, _ = client.register()
        clients.append(client)
        if kind != CERTIFICATE:
            continue
        let_in += 1
        flavour = i % 4
        cert = frame(1, client.cert, 0)
        if flavour == 0:
            client.write(os.urandom(4000))
        elif flavour == 1:
            client.write(cert[:50])
        elif flavour == 2:
            client.write(cert + frame(0x10, b"\0" + bytes(24), 1))
            number = 2
            while client.write(frame(0x11, b"\0" + b"x" * 4000, number)) and number < 40:
                number += 1
        else:
            client.write(cert + frame(0x11, b"x", 1, length=65535))
    h.note(f"{let_in} let in")
    h.ok(let_in > 900, "a thousand writers are served", let_in)
    ok_session(c, "among a thousand hostile writers")
    now, most = c.memory()
    h.ok(most < 64 << 20, "the collector's memory stays under 64 MiB", most)
    h.note(f"resident: {now >> 10} KiB, at most {most >> 10} KiB")
    for client in clients:
        client.close()
    h.ok(h.eventually(60, lambda: not [p for p in c.files().values() if p.endswith(".live")]),
         "when they are gone no session is live")
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def ok_session(c, when):
    terminal = h.record(c, ["/bin/echo", "fine"])
    status = terminal.wait(60)
    h.ok(status == 0 and bytes(terminal.shown) == b"fine\r\n", f"{when} others go on",
         f"{status} {bytes(terminal.shown)!r}")


def main():
    c = h.Collector(conf="compress = no\nmax_sessions = 2000\n").start()
    messages(c)
    fifos(c)
    ok_session(c, "after bad registrations")
    streams(c)
    half_way(c)
    second_writer(c)
    if h.sanitized():
        h.skip("1,000 hostile writers", "memory is not measured under sanitizers")
    else:
        thousand(c)
    ok_session(c, "after all of this")
    h.ok(c.proc.poll() is None, "it is the same collector still")
    h.equal(c.auditor("verify", "last").returncode, 0, "and the last session is complete")
    h.equal(c.stop(), 0, "it ends cleanly")
    h.done()


main()
