# SPDX-License-Identifier: ISC
"""Notes, checkpoints, cosignatures and policies, read as the C2SP pages have them."""
import base64
import binascii
import hashlib
import os
import re

from verify import HostKey, Refused, blake, host_id_of, read, read_key, signed


def sha(data):
    return hashlib.sha256(data).digest()


def unbase64(text):
    """RFC 4648, and only as one writes it."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64")
    return data


def log_name(key):
    return "shellac/" + host_id_of(key).hex()


class Key:
    """A verifier key of C2SP signed-note: NAME+ID+BASE64."""

    def __init__(self, text):
        self.name, number, blob = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+(\S+)", text).groups()
        blob = unbase64(blob)
        self.kind, self.key = blob[0], blob[1:]
        self.id = sha(self.name.encode() + b"\n" + blob)[:4]
        if self.id.hex() != number or len(self.key) != 32 or self.kind not in (1, 4):
            raise ValueError(text)


class Signed:
    """A signed note."""

    def __init__(self, data):
        text, gap, lines = data.decode("utf-8").rpartition("\n\n")
        self.text = (text + "\n").encode()
        rows = re.findall("\u2014 ([^+\\s]+) (\\S+)\n", lines)
        if not gap or not rows or "".join(f"\u2014 {n} {b}\n" for n, b in rows) != lines:
            raise ValueError("not a note")
        self.sigs = [(name, unbase64(blob)) for name, blob in rows]

    def blobs(self, name, number):
        return [blob[4:] for n, blob in self.sigs if n == name and blob[:4] == number]

    def is_by_host(self, key):
        """By this key, under the name of its host."""
        name = log_name(key)
        found = self.blobs(name, sha(name.encode() + b"\n\1" + key)[:4])
        return bool(found) and all(signed(self.text, s, key) for s in found)


class Note(Signed):
    """One whose text is a checkpoint."""

    def __init__(self, data):
        super().__init__(data)
        self.origin, size, root = self.text.decode("utf-8").split("\n")[:3]
        if not re.fullmatch("0|[1-9][0-9]*", size):
            raise ValueError("size")
        self.size, self.root = int(size), unbase64(root)
        if len(self.root) != 32:
            raise ValueError("root")

    def is_by_host(self, key):
        return self.origin == log_name(key) and super().is_by_host(key)

    def cosigned_at(self, key):
        """C2SP tlog-cosignature: seconds since 1970, None where key did not sign."""
        times = []
        for blob in self.blobs(key.name, key.id):
            at = int.from_bytes(blob[:8], "big")
            if not signed(b"cosignature/v1\ntime %d\n" % at + self.text, blob[8:], key.key):
                raise Refused("witness", None)
            times.append(at)
        return min(times, default=None)


class Policy:
    """C2SP tlog-policy: is the quorum reached by what has a time, and since when?"""

    def __init__(self, text):
        self.witnesses, self.groups, self.quorum = {}, {}, None
        for line in text.splitlines():
            word, *rest = line.split() or ["#"]
            if word == "witness":
                self.witnesses[rest[0]] = Key(rest[1])
            elif word == "group":
                self.groups[rest[0]] = rest[1], rest[2:]
            elif word == "quorum":
                self.quorum = rest[0]

    def reached(self, times, name):
        """The earliest time at which name had signed, None where it has not."""
        if name == "none":
            return min((t for t in times.values() if t is not None), default=None)
        if name in self.witnesses:
            return times.get(name)
        number, members = self.groups[name]
        number = {"all": len(members), "any": 1}.get(number) or int(number)
        signers = sorted(t for t in (self.reached(times, m) for m in members) if t is not None)
        return signers[number - 1] if len(signers) >= number else None

    def check(self, note):
        times = {name: note.cosigned_at(key) for name, key in self.witnesses.items()}
        return self.reached(times, self.quorum)


def load_note(path):
    """The note, None where there is none, False where it is not one."""
    try:
        return Note(read(path)) if os.path.lexists(path) else None
    except (OSError, ValueError, IndexError, binascii.Error):
        return False


def load_host(path):
    """The host's key, and where path is its enrolment the key of epoch 1 and the policy."""
    data = read(path)
    if not data.startswith(b"shellac enrolment v1\n"):
        return read_key(path), None, None
    note = Signed(data)
    _, host, key, epoch, policy, *rest = note.text.split(b"\n")
    found = Key(key.removeprefix(b"key ").decode())
    rest, digest = b"\n".join(rest), policy.removeprefix(b"policy ")
    if not re.fullmatch("shellac/[0-9a-f]{32}", found.name):
        raise ValueError("not a host's name")
    key = HostKey(found.key)
    key.host_id = bytes.fromhex(found.name[8:])
    right = note.is_by_host(key)
    if not right or not host.startswith(b"host ") or digest != b"none" and \
            blake(rest).hex().encode() != digest:
        raise ValueError("not an enrolment")
    epoch = epoch.removeprefix(b"epoch ")
    return (key, None if epoch == b"none" else bytes.fromhex(epoch.decode()),
            None if digest == b"none" else Policy(rest.decode()))
