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
VARINT_MAX, BODY_MAX, PAYLOAD_MAX, PLAIN_MAX = 2**63 - 1, 4084, 122880, 131072


class Refused(Exception):
    """One check failed: the kind of the finding, and if not the frame at hand chunk and offset."""


def need(condition, kind="format", where=None):
    if not condition:
        raise Refused(kind, where)


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


class HostKey(bytes):
    """A key of a host whose id is made of an earlier one."""
    host_id = None


def host_id_of(key):
    return getattr(key, "host_id", None) or blake(key)[:16]


class Certificate:
    def __init__(self, data, host_key):
        body = Body(data)
        magic, version, zero, flags, self.n, self.id, self.key, host = body.unpack("4sBBHQ16s32s16s")
        need(magic == b"SHCT" and version == 1 and zero == 0 and flags in (0, 1, 2, 3, 6, 7, 8, 9))
        need(self.n >= 1)
        self.late, claimed = bool(flags & 2), bool(flags & 4)
        body.take(208 - body.at)
        for most in (255, 255, 64, 128, 1024):
            body.string(most)
        (ancestors,) = body.unpack("B")
        need(ancestors <= 16)
        for _ in range(ancestors):
            body.unpack("IQ")
            body.string(15)
        body.take(32 if flags & 8 else 0)
        message, signature = data[:body.at], body.rest()
        need(len(signature) == 64)
        ours = host_key is None or (
            host == host_id_of(host_key) and signed(message, signature, host_key))
        self.attested = ours and not claimed


class Seal:
    def __init__(self, data):
        need(len(data) == 272)
        (self.magic, self.version, self.kind, self.flags, self.id, self.chunk, self.prev,
         self.frame, self.length, self.frames, self.digest, self.next_key, self.time, _wall, _boot,
         self.output, self.input, self.hidden, self.lost, self.status, self.reason,
         self.signature) = struct.unpack("<4sBBH16sQ32sQII32s32sQqQQQQQII64s", data)
        self.message = data[:208]

    def check_fields(self, session):
        need(self.magic == b"SHLC" and self.version == 1 and self.flags <= 1)
        need(START <= self.kind <= END and (self.kind == START) == (self.chunk == 0))
        need(37 <= self.length <= PAYLOAD_MAX and self.frames >= 1)
        need(self.kind != HEARTBEAT or self.frames == 1)
        need(self.next_key == bytes(32) if self.kind == END else self.status == 0)
        need(self.reason in REASONS.get(self.kind, (0,)))
        number = session.frame + (self.frames if session.purged else 0)
        need((self.id, self.chunk, self.frame, session.number, self.prev)
             == (session.cert.id, session.chunk, number, number, session.prev), "chain")

    def check_totals(self, session):
        mine = self.time, self.output, self.input, self.hidden
        known = session.time, *session.totals
        if session.purged:
            need(all(a >= b for a, b in zip(mine, known)), "totals")
            need(max(self.time, self.hidden) <= VARINT_MAX, "totals")
        else:
            need(mine == known, "totals")
        need(self.lost >= session.lost, "totals")
        need((self.kind == GAP) == (self.lost > session.lost), "totals")


class Session:
    """What the frames read so far have said."""

    def __init__(self, host_key, purged=False):
        self.host_key, self.cert, self.kind, self.purged = host_key, None, None, purged
        self.number = self.length = self.sealed = 0
        self.heads, self.tail = [], b""
        self.frame = self.chunk = self.time = self.lost = 0
        self.totals = [0, 0, 0]
        self.prev = self.key = None
        self.events = []
        self.open_chunk()

    def open_chunk(self):
        self.payload, self.frames, self.sealed_events = b"", 0, len(self.events)

    def check_header(self, head):
        """As much of a frame header as there is; returns the body's length or None."""
        need(self.kind != END and head[0] == 0xf5)
        need(len(head) < 2 or head[1] in (CERT, SEAL, *NAMES))
        size = int.from_bytes(head[2:4], "little")
        need(len(head) < 4 or 1 <= size <= BODY_MAX)
        return size if len(head) == 12 else None

    def take_frame(self, whole):
        kind, body = whole[1], whole[12:]
        self.number = int.from_bytes(whole[4:12], "little")
        need(self.number == self.frame or self.purged and kind == SEAL, "chain")
        need(not self.purged or kind in (CERT, SEAL))
        need((kind == CERT) == (self.frame == 0))
        need(kind == CERT or self.purged or (kind == BEGIN) == (self.frames == 0))
        if kind in NAMES:
            need(len(self.payload) + len(whole) <= PAYLOAD_MAX)
            self.take_event(kind, Body(body))
            self.payload += whole
            self.frames += 1
        else:
            (self.take_seal if kind == SEAL else self.take_cert)(body)
        self.length += len(whole)
        if kind == SEAL:
            self.sealed, self.tail = self.length, b""
        else:
            self.tail += whole
        self.frame += 1

    def take_cert(self, body):
        self.cert = Certificate(body, self.host_key)
        self.key = self.cert.key
        self.prev = blake(self.cert.id + self.key if self.cert.late else body)
        self.heads.append(blake(body))

    def take_seal(self, body):
        seal = Seal(body)
        seal.check_fields(self)
        need(signed(seal.message, seal.signature, self.key), "signature")
        if not self.purged:
            need((seal.length, seal.frames, seal.digest)
                 == (len(self.payload), self.frames, blake(self.payload)), "digest")
        seal.check_totals(self)
        if self.purged:
            self.frame, self.time = seal.frame, seal.time
            self.totals = [seal.output, seal.input, seal.hidden]
            self.length += seal.length
        self.prev, self.key = blake(body), seal.next_key
        self.heads.append(self.prev)
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
            self.totals[2] += n
            need(n >= 1 and self.totals[2] <= VARINT_MAX)
        elif kind in (BEGIN, WINDOW):
            body.take(24 if kind == BEGIN else 8)
        elif kind == SIGNAL:
            need(1 <= body.take(1)[0] <= 64)
        elif kind == MARK:
            need(1 <= body.take(1)[0] <= 3)
            body.varint()
        else:
            need(1 <= body.take(1)[0] <= 6)
            body.rest()


class Plain:
    """A stream as it is: one piece, offsets are those of the file."""

    def __init__(self, data):
        self.data = data

    def pieces(self):
        yield self.data

    def offset(self, at):
        return at

    def check_end(self, session, torn):
        """The stream may end anywhere."""


class Packed:
    """A stream in the container: a piece a segment, offsets are the segments'."""

    def __init__(self, data):
        self.data, self.start, self.rows, self.chunk = data, 24, [], 0

    def offset(self, _at):
        return self.start

    def refuse_unless(self, condition):
        need(condition, "container", (self.chunk, self.start))

    def check_end(self, session, torn):
        """A segment is one chunk; the last may be frames that no SEAL covers."""
        self.refuse_unless(not torn and session.chunk + bool(session.frames) <= self.chunk + 1)
        last = self.chunk == len(self.rows) - 1
        self.refuse_unless(last or (session.chunk > self.chunk and not session.frames))

    def check_table(self):
        data, nowhere = self.data, (None, None)
        need(len(data) >= 24 and data[:8] == b"SHLZ\1\1\0\0", "container", nowhere)
        stream, count, zero = struct.unpack_from("<QII", data, 8)
        table, end = len(data) - 32 - 24 * count, len(data) - 32
        self.rows = list(struct.iter_unpack("<II16s", data[table:end])) if table >= 24 else []
        if not self.rows or blake(data[:24] + data[table:end]) != data[end:]:
            need(False, "container", self.wrong_entry(table) or self.cut_segment(count) or nowhere)
        right = sum(row[0] for row in self.rows) == table - 24 and zero == 0
        need(right and sum(row[1] for row in self.rows) == stream, "container", nowhere)

    def wrong_entry(self, table):
        """The one entry that does not fit, if made anew it makes the digest right."""
        good, at, end = 0, 24, table
        while good < len(self.rows) and self.entry(at, at + self.rows[good][0]) == self.rows[good]:
            at += self.rows[good][0]
            good += 1
        for packed, plain, digest in reversed(self.rows[good + 1:]):
            if self.entry(end - packed, end) != (packed, plain, digest):
                return None
            end -= packed
        rows = [struct.pack("<II16s", *row) for row in self.rows]
        rows[good:good + 1] = [struct.pack("<II16s", *self.entry(at, end))] if at < end else []
        right = blake(self.data[:24] + b"".join(rows)) == self.data[-32:]
        return (good, table + 24 * good) if right else None

    def entry(self, start, end):
        segment = self.data[start:end]
        return len(segment), zstd_lengths(segment)[0], blake(segment, 16)

    def cut_segment(self, count):
        """The segment that the end of the file cuts, following their own lengths."""
        at = 24
        for chunk in range(count):
            size = zstd_lengths(self.data[at:])[1]
            if size is None:
                return None
            if at + size > len(self.data):
                return chunk, at
            at += size
        return None

    def pieces(self):
        self.check_table()
        for self.chunk, (packed, plain, digest) in enumerate(self.rows):
            segment = self.data[self.start:self.start + packed]
            self.refuse_unless(1 <= plain <= PLAIN_MAX and 10 <= packed <= plain + 12)
            self.refuse_unless(blake(segment, 16) == digest)
            self.refuse_unless(zstd_lengths(segment) == (plain, packed))
            piece = unzstd(segment)
            self.refuse_unless(len(piece) == plain)
            yield piece
            self.start += packed


class Purged:
    """CERT and the SEALs alone: the payload was deleted."""

    def __init__(self, data):
        self.data = data

    def offset(self, at):
        return 8 + at

    def pieces(self):
        data = self.data
        need(len(data) > 56 and blake(data[:-32]) == data[-32:], "container", (None, None))
        yield data[8:-48]

    def stream_length(self):
        return int.from_bytes(self.data[-48:-40], "little")

    def check_end(self, session, torn):
        length = self.stream_length()
        more = session.kind != END and length > session.length
        need(torn or length == session.length or more, "container", (None, None))


def zstd_lengths(data):
    """RFC 8878 3.1.1: plain and packed length of the frame that data starts with.

    It must be as the page demands.  (0, None) if it is not; what is missing at the end of
    the data is not held against it: the packed length is then more than there is.
    """
    field = {0x20: 1, 0x60: 2, 0xa0: 4}.get((data[4:5] or b"\x20")[0], 0)
    if not b"\x28\xb5\x2f\xfd".startswith(data[:4]) or not field:
        return 0, None
    if len(data) < 8 + field:
        return 0, len(data) + 1
    plain = int.from_bytes(data[5:5 + field], "little") + (256 if field == 2 else 0)
    block = int.from_bytes(data[5 + field:8 + field], "little")
    last, kind, size = block & 1, block >> 1 & 3, block >> 3
    shortest = 1 if plain < 256 else 2 if plain < 65536 + 256 else 4
    if not last or field != shortest or size > plain or kind == 3 or (kind < 2 and size != plain):
        return 0, None
    return plain, 8 + field + (1 if kind == 1 else size)


def unzstd(segment):
    """What the zstd command makes of a segment, nothing if it fails."""
    run = subprocess.run(["zstd", "-q", "-d", "-c"], input=segment, check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return run.stdout if run.returncode == 0 else b""


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
    """Returns what was refused: the finding's kind, and its chunk and offset; or None."""
    progress, torn = [0], False
    try:
        for piece in source.pieces():
            torn = walk(session, piece, progress)
            source.check_end(session, torn)
    except Refused as refused:
        kind, where = refused.args
        return kind, where or (session.chunk, source.offset(progress[0]))
    return ("torn", (session.chunk, source.offset(progress[0]))) if torn else None


def judge(session, refused, size):
    """The status, and the findings as (kind, (chunk, offset))."""
    findings = [] if session.cert is None or session.cert.attested else [("certificate", (None, None))]
    end = session.chunk, size
    if refused:
        return "TORN" if refused[0] == "torn" else "TAMPERED", findings + [refused]
    if session.frame == 0:
        return "TORN", [("torn", end)]
    if session.kind != END:
        loose = [("unsealed", end)] if session.frames else []
        status = "CUT" if session.chunk else "UNSEALED"
        status = "PURGED" if session.purged else status
        return "UNCERTIFIED" if findings else status, findings + [("cut", end)] + loose
    whole = "PURGED" if session.purged else "COMPLETE"
    return "UNCERTIFIED" if findings else whole, findings


def read_stream(data, host_key):
    """What the file says, and what of it was refused."""
    purged = data[:8] == b"SHLZ\1\2\0\0"
    session = Session(host_key, purged)
    source = (Purged if purged else Packed if data[:1] == b"S" else Plain)(data)
    return session, run_stream(session, source)


def verify(data, host_key):
    """Without a host key nothing is said about the certificate's signature."""
    session, refused = read_stream(data, host_key)
    status, findings = judge(session, refused, len(data))
    believed = session.sealed_events if status == "TAMPERED" else None
    n, name = (session.cert.n, session.cert.id.hex()) if session.cert else (None, None)
    findings = [{"chunk": chunk, "offset": offset, "kind": kind}
                for kind, (chunk, offset) in findings]
    return {"n": n, "id": name, "status": status, "findings": findings}, session.events[:believed]


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
    if args.proc:
        from verify_process import read_processes
    good = [read_processes(path) if args.proc else read_session(path, key, args.events)
            for path in args.file]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
