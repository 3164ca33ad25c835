#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Hold the second verifier against the vectors, and against the tool.

    second-verifier.py VECTORS SHELLAC

VECTORS is the folder of the known-answer vectors.  Every bit of every seventh
byte of their session is flipped, plain and packed, and every shorter file is
made; the tool judges all of them, and the two have to agree.
"""
import base64
import functools
import hashlib
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import verify  # noqa: E402

verify.unzstd = functools.lru_cache(None)(verify.unzstd)
BATCH = 1000
EVERY = 7


def read_lines(path):
    with open(path, encoding="ascii") as file:
        lines = [line.split() for line in file]
    return [line for line in lines if line and not line[0].startswith("#")]


def split_chunks(stream):
    """CERT, and the chunks."""
    parts, at, start = [], 0, 0
    while at < len(stream):
        kind = stream[at + 1]
        at += 12 + int.from_bytes(stream[at + 2:at + 4], "little")
        if kind in (verify.CERT, verify.SEAL):
            parts.append(stream[start:at])
            start = at
    return parts


def flip(data, offset, bit):
    return data[:offset] + bytes([data[offset] ^ 1 << bit]) + data[offset + 1:]


def change(data, how, *args):
    """The changes that the README of the vectors describes."""
    if how in ("append", "put"):
        new = bytes.fromhex(args[-1])
        at = int(args[0]) if how == "put" else len(data)
        return data[:at] + new + data[at + len(new):]
    number = int(args[0])
    if how == "flip":
        return flip(data, number, int(args[1]))
    if how == "cut":
        return data[:number]
    cert, *chunks = split_chunks(data)
    here = slice(number, number + (2 if how == "swapchunk" else 1))
    chunks[here] = {"dropchunk": [], "dupchunk": chunks[here] * 2,
                    "swapchunk": chunks[here][::-1]}[how]
    return cert + b"".join(chunks)


def expected(kind, chunk, offset):
    """Status and last finding that a vector asks for."""
    where = (None, None) if chunk < 0 else (chunk, offset)
    if kind == "complete":
        return "COMPLETE", None
    if kind in ("cut", "unsealed"):
        return "CUT" if chunk else "UNSEALED", (kind, *where)
    if kind in ("torn", "empty"):
        return "TORN", ("torn", *where)
    return "TAMPERED", (kind, *where)


def last_finding(result):
    found = result["findings"][-1:]
    return (found[0]["kind"], found[0]["chunk"], found[0]["offset"]) if found else None


class Report:
    """TAP of one group of checks a line."""

    def __init__(self):
        self.count = self.failed = 0

    def say(self, name, wrong):
        self.count += 1
        self.failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {self.count} - {name}")
        for line in wrong[:20]:
            print(f"# {line}")
        sys.stdout.flush()


def check_session(report, fields, stream, packed, host):
    plain_result, plain_events = verify.verify(stream, host)
    packed_result, packed_events = verify.verify(packed, host)
    frames = b"".join(bytes.fromhex(f) for _, f in sorted(fields["frame"]))
    wrong = [text for good, text in (
        (plain_result["status"] == "COMPLETE", plain_result),
        (packed_result == plain_result and packed_events == plain_events, packed_result),
        (frames == stream, "the frames are not the stream"),
        (stream[12:].startswith(bytes.fromhex(fields["cert"])), "cert is not in the stream"),
        (plain_result["n"] == 7 and len(plain_events) == len(fields["frame"]) - 7, "events"),
    ) if not good]
    report.say("the session, plain and packed", wrong)


def check_negative(report, lines, bases, host):
    wrong, with_key = [], []
    cert_end = 12 + int.from_bytes(bases["stream"][2:4], "little")
    for name, kind, chunk, offset, base, *how in lines:
        data = change(bases[base], *how)
        result, _ = verify.verify(data, None)
        want = expected(kind, int(chunk), int(offset))
        if (result["status"], last_finding(result)) != want:
            wrong.append(f"{name}: {want}, but {result}")
        other, _ = verify.verify(data, host)
        touched = (base == "stream" and data[12:cert_end] != bases[base][12:cert_end]
                   and result["n"] is not None)
        if touched:
            good = other["findings"][0] == {"chunk": None, "offset": None, "kind": "certificate"}
            good = good and other["findings"][1:] == result["findings"]
        else:
            good = other == result
        if not good:
            with_key.append(f"{name}: {other}")
    report.say(f"{len(lines)} changed files as the vectors say", wrong)
    report.say("the same with the key, but for the certificate", with_key)


def mutants(data):
    for offset in range(0, len(data), EVERY):
        for bit in range(8):
            yield f"flip {offset} {bit}", flip(data, offset, bit)
    for length in range(len(data)):
        yield f"cut {length}", data[:length]


def run_tool(tool, folder, files):
    """A list for each file: what the tool says of it, and its findings."""
    names = []
    for i, data in enumerate(files):
        names.append(os.path.join(folder, f"{i}.shlc"))
        with open(names[-1], "wb") as file:
            file.write(data)
    key = os.path.join(folder, "host.pub")
    run = subprocess.run([tool, "-S", folder, "verify", "--json", "--key", key, *names],
                         check=False, stdout=subprocess.PIPE)
    groups = []
    for line in map(json.loads, run.stdout.splitlines()):
        if "status" in line:
            groups.append({**line, "findings": []})
        elif line["kind"] != "gap":  # the page lets a GAP be; the tool points at it
            groups[-1]["findings"].append({k: line[k] for k in ("chunk", "offset", "kind")})
    return groups


def essence(result):
    """What the two have to agree on; where no chunk can be told no offset counts."""
    found = []
    for finding in result["findings"]:
        kind, chunk, offset = finding["kind"], finding["chunk"], finding["offset"]
        found.append((kind, *((chunk, offset) if chunk is not None else (None, None))))
    return result["status"], sorted(found)


def check_tool(name, data, tool, folder, host):
    """How many files, and where the two differ."""
    wrong = []
    every = list(mutants(data))
    for at in range(0, len(every), BATCH):
        batch = every[at:at + BATCH]
        theirs = run_tool(tool, folder, [changed for _, changed in batch])
        if len(theirs) != len(batch):
            wrong.append(f"{len(batch)} files, {len(theirs)} answers")
        for (what, changed), their in zip(batch, theirs):
            mine = essence(verify.verify(changed, host)[0])
            text = f"{name} {what}: {mine}, the tool {essence(their)}"
            if mine[0] == "COMPLETE" or mine != essence(their):
                wrong.append(text)
    return len(every), wrong


def write_key(path, host):
    blob = b"\1" + host
    name = hashlib.sha256(b"vectors\n" + blob).hexdigest()[:8]
    with open(path, "w", encoding="ascii") as file:
        file.write(f"vectors+{name}+{base64.b64encode(blob).decode()}\n")
    assert verify.read_key(path) == host


def main():
    vectors, tool = sys.argv[1:]
    fields = {"frame": []}
    for name, *values in read_lines(os.path.join(vectors, "session.txt")):
        if name == "frame":
            fields["frame"].append((int(values[0]), values[1]))
        else:
            fields[name] = values[0]
    host = bytes.fromhex(fields["host_pk"])
    bases = {name: bytes.fromhex(fields[name]) for name in ("stream", "packed")}
    report = Report()
    print("1..5")
    check_session(report, fields, bases["stream"], bases["packed"], host)
    check_negative(report, read_lines(os.path.join(vectors, "negative.txt")), bases, host)
    with tempfile.TemporaryDirectory() as folder:
        write_key(os.path.join(folder, "host.pub"), host)
        for name, data in bases.items():
            count, wrong = check_tool(name, data, tool, folder, host)
            report.say(f"{name}: both judge {count} changed files alike", wrong)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
