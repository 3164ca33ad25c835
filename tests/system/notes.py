# SPDX-License-Identifier: ISC
"""Signed notes, as a thief of keys or a witness would make them."""
import base64
import ctypes
import ctypes.util
import hashlib
import os
import struct

_sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
ED25519, COSIGNATURE = 1, 4


class Key:
    """A pair of keys from its seed; its name is the first to sign with it."""

    def __init__(self, name, seed, kind=ED25519):
        self.name, self.kind = name, kind
        self.pk = ctypes.create_string_buffer(32)
        self.sk = ctypes.create_string_buffer(64)
        _sodium.crypto_sign_seed_keypair(self.pk, self.sk, seed)
        self.public = bytes([kind]) + self.pk.raw
        self.id = hashlib.sha256(name.encode() + b"\n" + self.public).digest()[:4]

    def vkey(self):
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self.public).decode()}"

    def sign(self, message):
        out = ctypes.create_string_buffer(64)
        _sodium.crypto_sign_detached(out, None, message, ctypes.c_ulonglong(len(message)), self.sk)
        return out.raw

    def line(self, text, time=0):
        """The signature line of a note with this text."""
        if self.kind == COSIGNATURE:
            made = struct.pack(">Q", time) + self.sign(b"cosignature/v1\ntime %d\n" % time + text)
        else:
            made = self.sign(text)
        return f"\u2014 {self.name} {base64.b64encode(self.id + made).decode()}\n".encode()


def host_key(folder):
    """The host's secret key, stolen from a private folder."""
    with open(os.path.join(folder, "host.key"), encoding="ascii") as f:
        seed = base64.b64decode(f.read().split("\n")[1])
    host = Key("x", seed)
    name = "shellac/" + hashlib.blake2b(host.pk.raw, digest_size=32).hexdigest()[:32]
    return Key(name, seed)


def text_of(note):
    return note[:note.index(b"\n\n") + 1]


def _tree(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + _tree(leaves[:k]) + _tree(leaves[k:])).digest()


def entries(log):
    """The entries of a ledger's log."""
    found = []
    while log:
        size = struct.unpack_from("<H", log)[0]
        found.append(log[2:2 + size])
        log = log[2 + size:]
    return found


def log_of(found):
    return b"".join(struct.pack("<H", len(e)) + e for e in found)


def checkpoint(key, found):
    """The note that the host signs of these entries."""
    root = _tree([hashlib.sha256(b"\x00" + e).digest() for e in found])
    text = f"{key.name}\n{len(found)}\n{base64.b64encode(root).decode()}\n".encode()
    return text + b"\n" + key.line(text)
