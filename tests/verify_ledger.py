#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A second reader of shellac's ledgers, written from shellac-format(5) alone.

    verify_ledger.py LOG

prints every entry of the log that can be believed, and how it ends.
"""
import hashlib
import json
import os
import re
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.dirname(os.path.abspath(__file__)))
from verify import Refused, need, read, signed  # noqa: E402

TYPES = {  # name, flags, fields of the body
    1: ("GENESIS", 0, "host_pk:32s epoch_pk:32s boot_id:16s sig:64s"),
    2: ("BOOT", 0, "boot_id:16s"),
    3: ("OPEN", 7, "n:Q id:16s cert:32s"),
    4: ("CLOSE", 4, "n:Q id:16s end:B chunks:Q head:32s sealed:Q size:Q tail:32s"),
    5: ("EPOCH", 0, "epoch:Q next_n:Q live:I live_root:32s records_from:Q records_to:Q records:32s"
        " raw_ns:Q clock_offset_ns:q clock_state:I est_error_us:Q size:Q root:32s next_pk:32s"
        " sig:64s"),
    6: ("GAP", 0, "n:Q id:16s chunk:Q lost:Q reason:I"),
    7: ("FAIL", 0, "what:I error:i n:Q text:64s"),
    8: ("RECOVER", 0, "torn:Q opened:I closed:I clean:I epoch_pk:32s sig:64s"),
    9: ("UNRECORDED", 0, "pid:I tty_dev:I start_ticks:Q salt:16s user:32s"),
    10: ("CLOCK", 0, "step_ns:q clock_state:I"),
    11: ("CONFIG", 0, "what:I hash:32s"),
    12: ("ACCESS", 0, "salt:16s who:32s what:32s reason:32s"),
    13: ("REVIEW", 0, "n:Q id:16s verdict:I salt:16s who:32s text:32s"),
    14: ("PURGE", 0, "n:Q id:16s chunks:Q bytes:Q why:I approval:32s"),
    15: ("KEY", 0, "host_pk:32s old_sig:64s new_sig:64s"),
    16: ("ACTION", 0, "salt:16s who:32s what:32s reason:32s n:Q done:I"),
}
FIELDS = {number: [f.split(":") for f in fields.split()] for number, (_, _, fields) in TYPES.items()}
LAYOUT = {number: "<" + "".join(kind for _, kind in fields) for number, fields in FIELDS.items()}
SIZE = {number: 32 + struct.calcsize(layout) for number, layout in LAYOUT.items()}
SIGNED = b"shellac ledger v1\0"


def sha(data):
    return hashlib.sha256(data).digest()


class Tree:
    """RFC 6962, 2.1: the perfect subtrees of what was added, the largest first."""

    def __init__(self, leaves=()):
        self.size, self.subtrees = 0, []
        for leaf in leaves:
            self.add(leaf)

    def add(self, leaf):
        self.subtrees.append((1, sha(b"\0" + leaf)))
        self.size += 1
        while len(self.subtrees) > 1 and self.subtrees[-1][0] == self.subtrees[-2][0]:
            (size, left), (_, right) = self.subtrees[-2:]
            self.subtrees[-2:] = [(2 * size, sha(b"\1" + left + right))]

    def root(self):
        if not self.subtrees:
            return sha(b"")
        root = self.subtrees[-1][1]
        for _, left in reversed(self.subtrees[:-1]):
            root = sha(b"\1" + left + root)
        return root


class Entry:
    def __init__(self, data):
        self.data = data
        head = struct.unpack("<4sBBHQqQ", data[:32])
        self.type, self.flags, self.index, self.wall_ns, self.boot_ns = head[2:]
        self.word = TYPES[self.type][0]
        values = struct.unpack(LAYOUT[self.type], data[32:])
        self.fields = dict(zip((name for name, _ in FIELDS[self.type]), values))
        self.check_flags()
        need((self.word == "GENESIS") == (self.index == 0))
        getattr(self, "check_" + self.word.lower(), lambda **_: None)(**self.fields)

    def __getattr__(self, name):
        try:
            return self.__dict__["fields"][name]
        except KeyError:
            raise AttributeError(name) from None

    def check_flags(self):
        need(self.flags & ~TYPES[self.type][1] == 0)
        need(not self.flags & 2 or self.flags & 1)

    @staticmethod
    def check_open(n, **_):
        need(n >= 1)

    @staticmethod
    def check_close(n, end, chunks, sealed, size, **_):
        need(n >= 1 and end in (1, 2) and sealed <= size)
        need((chunks == 0) == (sealed == 0))
        need(end == 2 or (sealed == size and chunks))

    def check_epoch(self, epoch, next_n, records_from, records_to, size, **_):
        need(epoch >= 1 and next_n >= 1 and size == self.index and records_from <= records_to)

    @staticmethod
    def check_gap(n, lost, reason, **_):
        need(n >= 1 and lost >= 1 and reason == 1)

    @staticmethod
    def check_fail(what, text, **_):
        need(1 <= what <= 7 and re.fullmatch(rb"[ -~]*\0*", text))

    @staticmethod
    def check_action(done, **_):
        need(done in (1, 2))

    @staticmethod
    def check_recover(clean, epoch_pk, sig, **_):
        need(clean <= 1 and (any(epoch_pk) or not any(sig)))

    @staticmethod
    def check_config(what, **_):
        need(1 <= what <= 3)

    @staticmethod
    def check_purge(n, why, **_):
        need(n >= 1 and why in (1, 2))

    def is_signed(self, key):
        message = SIGNED + self.data[:len(self.data) - (128 if self.word == "KEY" else 64)]
        return signed(message, self.data[-64:] if self.word != "KEY" else self.old_sig, key)


def check_start(data, size):
    """What there is of an entry of that size: can it be one?"""
    need(32 <= size <= 512)
    need(b"SHLE\1".startswith(data[:5]))
    need(len(data) < 6 or SIZE.get(data[5]) == size)


class Log:
    """The entries that were read, and what the next one must be."""

    def __init__(self):
        self.entries, self.tree, self.roots = [], Tree(), {0: sha(b"")}
        self.host_key = self.epoch_key = None
        self.keys, self.renewals = [], []
        self.epoch = self.records_to = 0
        self.next_n = None
        self.open, self.offset, self.torn, self.wrong = {}, 0, False, None

    def read(self, data):
        try:
            while self.offset < len(data) and not self.torn:
                self.torn = not self.take_next(data)
        except Refused as refused:
            self.wrong = refused.args[0]
        return self

    def take_next(self, data):
        head = data[self.offset:self.offset + 2]
        size = int.from_bytes(head, "little")
        body = data[self.offset + 2:self.offset + 2 + size]
        if len(head) < 2:
            return False
        check_start(body, size)
        if len(body) < size:
            return False
        entry = Entry(body)
        need(entry.index == self.tree.size, "chain")
        getattr(self, "take_" + entry.word.lower(), lambda _: None)(entry)
        self.tree.add(body)
        self.roots[self.tree.size] = self.tree.root()
        self.entries.append(entry)
        self.offset += 2 + size
        return True

    def next_number(self, n):
        need(self.next_n in (None, n), "chain")

    def take_genesis(self, entry):
        need(entry.is_signed(entry.host_pk), "signature")
        self.host_key, self.epoch_key = entry.host_pk, entry.epoch_pk
        self.keys.append((entry.index, entry.host_pk))

    def take_open(self, entry):
        need(entry.n < 2**64 - 1)
        self.next_number(entry.n)
        self.open[entry.n], self.next_n = entry.id, entry.n + 1

    def take_close(self, entry):
        need(self.open.pop(entry.n, None) == entry.id, "chain")

    def take_gap(self, entry):
        need(self.open.get(entry.n) == entry.id, "chain")

    def take_purge(self, entry):
        need(entry.n not in self.open and (self.next_n is None or entry.n < self.next_n), "chain")

    def take_review(self, entry):
        need(self.next_n is None or entry.n < self.next_n, "chain")

    def take_action(self, entry):
        need(entry.n == 0 or self.next_n is None or entry.n < self.next_n, "chain")

    def take_epoch(self, entry):
        need(entry.epoch == self.epoch + 1, "chain")
        need(self.epoch == 0 or entry.records_from == self.records_to, "chain")
        self.next_number(entry.next_n)
        need(entry.root == self.tree.root(), "digest")
        need(entry.is_signed(self.epoch_key), "signature")
        self.epoch, self.epoch_key = entry.epoch, entry.next_pk
        self.records_to, self.next_n = entry.records_to, entry.next_n

    def take_recover(self, entry):
        if any(entry.epoch_pk):
            need(entry.is_signed(self.host_key), "signature")
            self.epoch_key = entry.epoch_pk
            self.renewals.append(entry.index)

    def take_key(self, entry):
        need(entry.is_signed(self.host_key), "signature")
        need(signed(SIGNED + entry.data[:-128], entry.new_sig, entry.host_pk), "signature")
        self.host_key = entry.host_pk
        self.keys.append((entry.index, entry.host_pk))


def print_entries(path):
    """Every entry of a log, and how it ends."""
    log = Log().read(read(path))
    for entry in log.entries:
        fields = {k: v.hex() if isinstance(v, bytes) else v for k, v in entry.fields.items()}
        print(json.dumps({"index": entry.index, "type": entry.word, "wall_ns": entry.wall_ns,
                          "boot_ns": entry.boot_ns, "flag_bits": entry.flags, **fields}))
    end = log.wrong or ("torn" if log.torn else None)
    print(json.dumps({"entries": len(log.entries), "offset": log.offset, "end": end,
                      "root": log.tree.root().hex()}))
    return end is None


if __name__ == "__main__":
    sys.exit(0 if print_entries(sys.argv[1]) else 1)
