#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A second verifier of shellac's files, written from shellac-format(5) alone.

It shares no code with the tool: where the two disagree, one of them or the
page is wrong.  It is written to be read next to the page, not to be fast.

    verify.py [--events] --key host.pub FILE...
    verify.py --proc FILE.shlp
"""
import argparse
import base64
import binascii
import hashlib
import json
import re
import struct
import subprocess
import sys

from nacl.bindings import crypto_sign_open
from nacl.exceptions import CryptoError

CERT, SEAL = 0x01, 0x02
BEGIN, OUTPUT, INPUT, HIDDEN, WINDOW, SIGNAL, MARK, META = range(0x10, 0x18)
NAMES = dict(zip(range(0x10, 0x18), "BEGIN OUTPUT INPUT HIDDEN WINDOW SIGNAL MARK META".split()))
START, _DATA, HEARTBEAT, GAP, END = range(1, 6)
REASONS = {END: range(1, 5), GAP: range(1, 2)}
VARINT_MAX, BODY_MAX, PAYLOAD_MAX, PLAIN_MAX = 2**63 - 1, 4084, 65536, 131072
STATUS = {None: "COMPLETE", "certificate": "UNCERTIFIED", "cut": "CUT", "unsealed": "UNSEALED",
          "torn": "TORN"}


class Refused(Exception):
    """One check failed: the kind of the finding, and where if not in the frame at hand."""


def need(condition, kind="format", at=None):
    if not condition:
        raise Refused(kind, at)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def blake(data, size=32):
    return hashlib.blake2b(data, digest_size=size).digest()


def signed(message, signature, key):
    try:
        crypto_sign_open(signature + message, key)
    except (CryptoError, ValueError):
        return False
    return True


class Body:
    """A reader of fields that never goes past the end of its bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def rest(self):
        return self.take(len(self.data) - self.at)

    def take(self, size):
        self.at += size
        need(self.at <= len(self.data))
        return self.data[self.at - size:self.at]

    def unpack(self, layout):
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)))

    def varint(self):
        value = 0
        for i in range(9):
            byte = self.take(1)[0]
            value |= (byte & 0x7f) << (7 * i)
            if byte < 0x80:
                need(byte or i == 0)
                return value
        return need(False)

    def string(self, most):
        (size,) = self.unpack("H")
        need(size <= most)
        value = self.take(size)
        need(0 not in value)
        return value


def read_key(path):
    """host.pub: <name>+<id>+<key>, one line."""
    line = re.fullmatch(rb"([!-*,-~]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\n", read(path))
    try:
        key = base64.b64decode(line[3], validate=True)
        digest = hashlib.sha256(line[1] + b"\n" + key).digest()[:4].hex().encode()
        if (base64.b64encode(key), len(key), key[:1], digest) == (line[3], 33, b"\1", line[2]):
            return key[1:]
    except (TypeError, binascii.Error):
        pass
    sys.exit(f"{path}: not a verifier key")


class Certificate:
    def __init__(self, data, host_key):
        body = Body(data)
        magic, version, zero, flags, self.n, self.id, self.key, host = body.unpack("4sBBHQ16s32s16s")
        need(magic == b"SHCT" and version == 1 and zero == 0 and flags <= 1 and self.n >= 1)
        body.take(208 - body.at)
        for most in (255, 255, 64, 128, 1024):
            body.string(most)
        (ancestors,) = body.unpack("B")
        need(ancestors <= 16)
        for _ in range(ancestors):
            body.unpack("IQ")
            body.string(15)
        message, signature = data[:body.at], body.rest()
        need(len(signature) == 64)
        self.ours = host == blake(host_key)[:16] and signed(message, signature, host_key)


class Seal:
    def __init__(self, data):
        need(len(data) == 272)
        (self.magic, self.version, self.kind, self.flags, self.id, self.chunk, self.prev,
         self.frame, self.length, self.frames, self.digest, self.next_key, self.time, _wall, _boot,
         self.output, self.input, self.hidden, self.lost, self.status, self.reason,
         self.signature) = struct.unpack("<4sBBH16sQ32sQII32s32sQqQQQQQII64s", data)
        self.message = data[:208]

    def check_fields(self, session):
        need(self.magic == b"SHLC" and self.version == 1)
        need(START <= self.kind <= END and (self.kind == START) == (session.chunk == 0))
        need(self.flags <= 1 and self.id == session.cert.id)
        need(self.chunk == session.chunk and self.frame == session.frame)
        need(self.next_key == bytes(32) if self.kind == END else self.status == 0)
        need(self.reason in REASONS.get(self.kind, (0,)))
        need(self.kind != HEARTBEAT or session.frames == 1)

    def check_totals(self, session):
        need(self.time == session.time, "totals")
        need([self.output, self.input, self.hidden] == session.totals, "totals")
        need(self.lost >= session.lost, "totals")
        need((self.kind == GAP) == (self.lost > session.lost), "totals")


class Session:
    """What the frames read so far have said."""

    def __init__(self, host_key):
        self.host_key, self.cert, self.kind = host_key, None, None
        self.frame = self.chunk = self.time = self.lost = 0
        self.totals = [0, 0, 0]
        self.prev = self.key = self.last_meta = None
        self.events = []
        self.open_chunk()

    def open_chunk(self):
        self.payload, self.frames, self.sealed_events = b"", 0, len(self.events)

    def check_header(self, head):
        """As much of a frame header as there is; returns the body's length or None."""
        need(self.kind != END and head[0] == 0xf5)
        if len(head) > 1:
            need(head[1] in ((CERT,) if self.frame == 0 else (SEAL, *NAMES)))
        size = int.from_bytes(head[2:4], "little")
        need(len(head) < 4 or 1 <= size <= BODY_MAX)
        if len(head) < 12:
            return None
        need(int.from_bytes(head[4:], "little") == self.frame)
        need(head[1] == CERT or (head[1] == BEGIN) == (self.frames == 0))
        need(head[1] not in NAMES or len(self.payload) + 12 + size <= PAYLOAD_MAX)
        return size

    def take_frame(self, whole):
        kind, body = whole[1], whole[12:]
        if kind in NAMES:
            self.take_event(kind, Body(body))
            self.payload += whole
            self.frames += 1
        else:
            (self.take_seal if kind == SEAL else self.take_cert)(body)
        self.frame += 1

    def take_cert(self, body):
        self.cert = Certificate(body, self.host_key)
        need(self.cert.ours, "certificate")
        self.prev, self.key = blake(body), self.cert.key

    def take_seal(self, body):
        seal = Seal(body)
        seal.check_fields(self)
        need(seal.prev == self.prev, "chain")
        need(signed(seal.message, seal.signature, self.key), "signature")
        need((seal.length, seal.frames, seal.digest)
             == (len(self.payload), self.frames, blake(self.payload)), "digest")
        seal.check_totals(self)
        self.prev, self.key = blake(body), seal.next_key
        self.kind, self.lost = seal.kind, seal.lost
        self.chunk += 1
        self.open_chunk()

    def take_event(self, kind, body):
        self.time += body.varint()
        need(self.time <= (VARINT_MAX if self.frame > 1 else 0))
        data = body.data[body.at:].hex()
        self.take_fields(kind, body)
        need(not body.rest())
        self.events.append({"time_ns": self.time, "type": NAMES[kind], "data": data})

    def take_fields(self, kind, body):
        if kind in (INPUT, HIDDEN):
            body.varint()
        if kind in (OUTPUT, INPUT):
            data = body.rest()
            need(data)
            self.totals[kind - OUTPUT] += len(data)
        elif kind == HIDDEN:
            n = body.varint()
            need(n >= 1)
            self.totals[2] += n
        elif kind in (BEGIN, WINDOW):
            body.take(24 if kind == BEGIN else 8)
        elif kind == SIGNAL:
            need(1 <= body.take(1)[0] <= 64)
        elif kind == MARK:
            need(body.take(1)[0] == 1)
            body.varint()
        else:
            self.take_meta(body)

    def take_meta(self, body):
        key = body.take(1)[0]
        value = body.rest()
        need(1 <= key <= 5)
        need(key != 4 or len(value) % 12 == 0)
        need(key != 5 or (self.last_meta in (1, 2, 3, 4) and re.fullmatch(rb"[0-9]+", value)))
        self.last_meta = key


class Plain:
    """A stream as it is: one piece, offsets are those of the file."""

    def __init__(self, data):
        self.data = data

    def pieces(self):
        yield self.data

    def offset(self, at):
        return at

    def check_end(self, session, sealed, torn):
        """The stream may end anywhere."""


class Packed:
    """A stream in the container: a piece a segment, offsets are the segments'."""

    def __init__(self, data):
        self.data, self.start, self.last = data, 24, False

    def offset(self, _at):
        return self.start

    def check_end(self, session, sealed, torn):
        """A segment ends behind a SEAL, or it is the last and holds none."""
        behind_seal = session.chunk and not session.frames and not torn
        need(behind_seal or (self.last and session.chunk == sealed), "container", self.start)

    def table(self):
        data = self.data
        need(len(data) >= 24, "container", len(data))
        need(data[:8] == b"SHLZ\1\1\0\0", "container", 0)
        need(data[20:24] == bytes(4), "container", 20)
        stream, count = struct.unpack_from("<QI", data, 8)
        table, end = len(data) - 32 - 24 * count, len(data) - 32
        need(count >= 1 and table >= 24, "container", 16)
        need(blake(data[:24] + data[table:end]) == data[end:], "container", end)
        rows = list(struct.iter_unpack("<II16s", data[table:end]))
        need(sum(row[0] for row in rows) == table - 24, "container", table)
        need(sum(row[1] for row in rows) == stream, "container", 8)
        return rows

    def pieces(self):
        rows = self.table()
        for i, (packed, plain, digest) in enumerate(rows):
            segment = self.data[self.start:self.start + packed]
            self.last = i == len(rows) - 1
            need(1 <= plain <= PLAIN_MAX and blake(segment, 16) == digest, "container", self.start)
            need(zstd_shape(segment, plain), "container", self.start)
            run = subprocess.run(["zstd", "-q", "-d", "-c"], input=segment, check=False,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            need(run.returncode == 0 and len(run.stdout) == plain, "container", self.start)
            yield run.stdout
            self.start += packed


def zstd_shape(segment, plain):
    """RFC 8878 3.1.1: one frame, single segment, shortest content size, one block."""
    flag, layout, bias = ((0, "<B", 0) if plain < 256 else
                          (1, "<H", 256) if plain < 65536 + 256 else (2, "<I", 0))
    head = b"\x28\xb5\x2f\xfd" + bytes([flag << 6 | 0x20]) + struct.pack(layout, plain - bias)
    if not segment.startswith(head) or len(segment) < len(head) + 3:
        return False
    block = int.from_bytes(segment[len(head):len(head) + 3], "little")
    last, kind, size = block & 1, block >> 1 & 3, block >> 3
    held = len(segment) - len(head) - 3
    right = (size == plain == held, size == plain and held == 1, size == held, False)[kind]
    return bool(last and right and size <= plain)


def walk(session, piece, progress):
    """Take the whole frames of a piece; progress[0] is the frame at hand. True: torn."""
    at = progress[0] = 0
    while at < len(piece):
        size = session.check_header(piece[at:at + 12])
        if size is None or at + 12 + size > len(piece):
            return True
        session.take_frame(piece[at:at + 12 + size])
        at = progress[0] = at + 12 + size
    return False


def run_stream(session, source):
    """Returns the finding's kind (None if complete) and its offset."""
    progress, torn = [0], False
    try:
        for piece in source.pieces():
            sealed = session.chunk
            torn = walk(session, piece, progress)
            source.check_end(session, sealed, torn)
            here = source.offset(progress[0]), source.offset(progress[0] - len(session.payload))
    except Refused as refused:
        kind, at = refused.args
        return kind, source.offset(progress[0]) if at is None else at
    if torn:
        return "torn", here[0]
    if session.frames:
        return "unsealed", here[1]
    return (None, None) if session.kind == END else ("cut", len(source.data))


def verify(data, host_key):
    session = Session(host_key)
    source = Packed(data) if data[:1] == b"S" else Plain(data)
    kind, offset = run_stream(session, source)
    status = STATUS.get(kind, "TAMPERED")
    believed = session.sealed_events if status in ("TAMPERED", "UNCERTIFIED") else None
    n, name = (session.cert.n, session.cert.id.hex()) if session.cert else (None, None)
    findings = [{"chunk": session.chunk, "offset": offset, "kind": kind}] if kind else []
    return {"n": n, "id": name, "status": status, "findings": findings}, session.events[:believed]


RECORD = "acct file place session around wall reason zero flags keeper rest".split()


def read_record(data):
    """One process record; of the kernel's part, as acct(5) has it, the ids and the name."""
    record = dict(zip(RECORD, struct.unpack("<64sIIQQqBBHI24s", data)))
    acct = record.pop("acct")
    need(acct[1] & 0x0f == 3 and 1 <= record["reason"] <= 6 and record["flags"] <= 1)
    need(record.pop("zero") == 0 and record.pop("rest") == bytes(24))
    pid, parent = struct.unpack_from("<II", acct, 16)
    return {**record, "pid": pid, "ppid": parent, "comm": acct[48:].split(b"\0")[0].decode("latin-1")}


def read_processes(path):
    """Print the records of a .shlp file; true if all of it is right and whole."""
    data, at = read(path), 0
    try:
        magic, version, zero, boot, k = Body(data).unpack("4sB3s16sQ")
        need(magic == b"SHLP" and version == 1 and zero == bytes(3) and k >= 1)
        print(json.dumps({"boot": boot.hex(), "k": k}))
        for at in range(32, len(data) - 127, 128):
            print(json.dumps(read_record(data[at:at + 128])))
    except Refused:
        print(json.dumps({"offset": at, "kind": "format"}))
        return False
    torn = (len(data) - 32) % 128
    if torn:
        print(json.dumps({"offset": len(data) - torn, "kind": "torn"}))
    return not torn


def read_session(path, key, with_events):
    """Print what a session file is worth; true if it is complete."""
    result, events = verify(read(path), key)
    for event in events if with_events else ():
        print(json.dumps(event))
    print(json.dumps({"file": path, **result}))
    return result["status"] == "COMPLETE"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--key", metavar="host.pub")
    parser.add_argument("--events", action="store_true", help="print the believed events too")
    parser.add_argument("--proc", action="store_true", help="the files are process records")
    parser.add_argument("file", nargs="+")
    args = parser.parse_args()
    if not args.proc and not args.key:
        parser.error("--key is needed")
    key = args.key and read_key(args.key)
    good = [read_processes(path) if args.proc else read_session(path, key, args.events)
            for path in args.file]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
