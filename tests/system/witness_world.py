# SPDX-License-Identifier: ISC
"""Witnesses and logs for tests: C2SP notes and RFC 6962 trees once more, from the
specifications alone, and the program as a child."""
import base64
import hashlib
import os
import re
import subprocess
import time

import nacl.exceptions
import nacl.signing

import harness as h

WITNESS = os.path.join(h.BUILD, "witness/shellac-witness")
ED25519, COSIGNATURE = b"\x01", b"\x04"


def b64(data):
    return base64.b64encode(data).decode()


def key_id(name, kind, public):
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def vkey(name, kind, public):
    return f"{name}+{key_id(name, kind, public).hex()}+{b64(kind + public)}"


def read_vkey(text):
    """Name, kind, public key."""
    name, number, key = text.strip().split("+", 2)
    key = base64.b64decode(key)
    assert key_id(name, key[:1], key[1:]).hex() == number
    return name, key[:1], key[1:]


def split_note(note):
    """Text, and from (name, key id) to signature."""
    at = note.rindex(b"\n\n") + 1
    signatures = {}
    for line in note[at + 1:].decode().splitlines():
        dash, name, data = line.split(" ")
        assert dash == "\u2014"
        data = base64.b64decode(data, validate=True)
        signatures[name, data[:4]] = data[4:]
    return note[:at], signatures


def verified(public, message, signature):
    try:
        nacl.signing.VerifyKey(public).verify(message, signature)
        return True
    except nacl.exceptions.BadSignatureError:
        return False


def signed_at(note, witness):
    """The time of the cosignature of this verifier key, None where there is no good one."""
    name, kind, public = read_vkey(witness)
    text, signatures = split_note(note)
    found = signatures.get((name, key_id(name, kind, public)))
    if found is None or len(found) != 72:
        return None
    at = int.from_bytes(found[:8], "big")
    good = verified(public, b"cosignature/v1\ntime %d\n" % at + text, found[8:])
    return at if good else None


def state_of(note):
    """Origin, size and root of a checkpoint."""
    origin, size, root = split_note(note)[0].decode().splitlines()[:3]
    return origin, int(size), base64.b64decode(root)


# -- a tree, RFC 6962, 2.1 --

def root_of(leaves):
    if len(leaves) <= 1:
        return hashlib.sha256(b"\0" + leaves[0] if leaves else b"").digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root_of(leaves[:k]) + root_of(leaves[k:])).digest()


def consistency(old, leaves, whole=True):
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if old <= k:
        return consistency(old, leaves[:k], whole) + [root_of(leaves[k:])]
    return consistency(old - k, leaves[k:], False) + [root_of(leaves[:k])]


class Log:
    def __init__(self, name, count=40, twist=None):
        self.name = name
        self.key = nacl.signing.SigningKey(hashlib.sha256(name.encode()).digest())
        self.public = bytes(self.key.verify_key)
        self.vkey = vkey(name, ED25519, self.public)
        self.leaves = [b"leaf %d" % i if twist is None or i < twist else b"other %d" % i
                       for i in range(count)]

    def note(self, size):
        text = f"{self.name}\n{size}\n{b64(root_of(self.leaves[:size]))}\n".encode()
        number = key_id(self.name, ED25519, self.public)
        return text + f"\n\u2014 {self.name} {b64(number + self.key.sign(text).signature)}\n".encode()

    def request(self, old, size):
        lines = [f"old {old}"]
        if old:
            lines += [b64(x) for x in consistency(old, self.leaves[:size])]
        return "\n".join(lines + ["", ""]).encode() + self.note(size)


class Witness:
    def __init__(self, name, folder=None):
        self.name = name
        self.state = os.path.join(folder or h.work, name)
        self.log = self.state + ".log"
        self.url = self.proc = None
        self.vkey = run("--state", self.state, "--new-key", "--name", f"{name}.test/w").stdout \
            .decode().strip()
        h.at_end(self.kill)

    def start(self, *args, before=()):
        """On the port that it had, else on a free one."""
        where = self.url[len("http://"):] if self.url else "127.0.0.1:0"
        seen = len(self.text())
        with open(self.log, "ab") as log:
            self.proc = subprocess.Popen([*before, WITNESS, "--state", self.state, "--listen", where,
                                          *args], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        ready = h.eventually(30, lambda: re.search(r" at (http://\S+),", self.text()[seen:]))
        if not ready:
            h.note(self.text())
            raise SystemExit("Bail out! a witness does not start")
        self.url = ready[1]
        return self

    def text(self):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def stop(self):
        self.proc.terminate()
        return self.proc.wait(60)

    def kill(self):
        if self.proc and self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait()

    def file(self, origin):
        return os.path.join(self.state, hashlib.sha256(origin.encode()).hexdigest())

    def newest(self, origin):
        """The note that it keeps, b"" for none."""
        try:
            with open(self.file(origin), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return b""


def run(*args):
    return subprocess.run([WITNESS, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, check=False)


def curl(url, body=None, *more):
    """Status, content type, body, by curl(1)."""
    out = os.path.join(h.work, "curl.%d.%d" % (os.getpid(), time.monotonic_ns()))
    data = ["-X", "POST", "--data-binary", "@-"] if body is not None else []
    done = subprocess.run(["curl", "-sS", "-q", "--noproxy", "*", "-m", "30", "-H", "Expect:", "-o",
                           out, "-w", "%{http_code} %{content_type}", *data, *more, url],
                          input=body or b"", stdout=subprocess.PIPE, check=False)
    status, _, kind = done.stdout.decode().partition(" ")
    with open(out, "rb") as f:
        answer = f.read()
    os.unlink(out)
    return int(status), kind, answer
