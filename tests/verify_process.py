# SPDX-License-Identifier: ISC
"""The process records of a store, shellac-format(5), PROCESS RECORDS: the part of the
second verifier that knows them."""
import glob
import json
import os
import re
import struct

from verify import Body, Refused, blake, need, read

RECORD = ("body file place session around wall reason kind flags keeper start parent sid ordinal "
          "certainty origin rest").split()
KINDS = "ACCT EXEC TEXT LOSS TERMINAL WATCH BOOT INPUT".split()


def raw_name(data):
    return data.split(b"\0")[0].decode("latin-1")


def ascii_name(data):
    text = data.rstrip(b"\0")
    need(all(0x20 <= byte <= 0x7e for byte in text))
    return text.decode()


def read_acct(body):
    """Of the kernel's part, as acct(5) has it, the ids and the name."""
    need(body[1] == 3)
    pid, parent = struct.unpack_from("<II", body, 16)
    return {"pid": pid, "ppid": parent, "comm": raw_name(body[48:])}


def read_exec(body):
    *ids, length, boot_ns, have, zero, comm, rest = struct.unpack("<5IIQB7s16s8s", body)
    need(length <= 4096 and have <= 31 and not any(zero + rest))
    names = "pid uid euid tty audit_session".split()
    return {**dict(zip(names, ids)), "boot_ns": boot_ns, "have": have, "length": length,
            "comm": raw_name(comm)}


def read_loss(body):
    source, state, zero, error, count, since, text, rest = struct.unpack("<BB2sIQQ32s8s", body)
    need(source in (1, 2) and state in (1, 2) and not any(zero + rest))
    return {"source": source, "state": state, "error": error, "count": count, "since": since,
            "text": ascii_name(text)}


def read_terminal(body):
    state, zero, pid, uid, tty, since, until, processes, more, comm, rest = struct.unpack(
        "<B3s3IQQI4s16s8s", body)
    need(state in (1, 2) and not any(zero + more + rest))
    return {"state": state, "pid": pid, "uid": uid, "tty": tty, "since": since, "until": until,
            "processes": processes, "comm": raw_name(comm)}


def read_watch(body):
    state, zero, pid, rule, rest = struct.unpack("<B3sI32s24s", body)
    need(state in (1, 2, 3) and not any(zero + rest))
    return {"state": state, "pid": pid, "rule": ascii_name(rule)}


def read_boot(body):
    wall, ticks, rest = struct.unpack("<qI52s", body)
    need(1 <= ticks <= 10**9 and not any(rest))
    return {"boot_wall": wall, "ticks": ticks}


def read_input(body):
    boot_ns, length, zero, source, rest = struct.unpack("<QI4s32s16s", body)
    need(1 <= length <= 32768 and source[0] and not any(zero + rest))
    return {"boot_ns": boot_ns, "length": length, "source": ascii_name(source)}


BODIES = {"ACCT": read_acct, "EXEC": read_exec, "TEXT": lambda body: {"text": body},
          "LOSS": read_loss, "TERMINAL": read_terminal, "WATCH": read_watch, "BOOT": read_boot,
          "INPUT": read_input}


def read_record(data, version):
    """One slot of a .shlp file."""
    record = dict(zip(RECORD, struct.unpack("<64sIIQQqBBHIQIIHBB4s", data)))
    need(record["kind"] < len(KINDS) and not any(record.pop("rest")))
    kind = record["kind"] = KINDS[record["kind"]]
    body = BODIES[kind](record.pop("body"))
    need(record["reason"] <= 8 and record["flags"] <= 15)
    need(record["certainty"] <= 3 and record["origin"] <= 12)
    need(kind != "ACCT" or record["reason"] >= 1)
    if kind in ("LOSS", "BOOT", "INPUT"):
        need(not any(data[72:88] + data[96:97] + data[98:]))
    need(version >= 3 or kind != "INPUT")
    if version == 1:
        need(kind == "ACCT" and record["reason"] <= 6 and record["flags"] <= 1)
        need(not any(data[104:]))
    return {**record, **body}


def read_records(data, version):
    """Yield offset and record: an EXEC or INPUT once, with the text of its TEXTs."""
    begun = None
    for at in range(32, len(data) - 127, 128):
        try:
            record = read_record(data[at:at + 128], version)
            need((record["kind"] == "BOOT") == (at == 32 and version >= 2))
            need((record["kind"] == "TEXT") == (begun is not None))
        except Refused:
            yield at, None
            return
        if record["kind"] in ("EXEC", "INPUT") and record["length"] > 0:
            begun = at, record, b""
        elif record["kind"] != "TEXT":
            yield at, record
            continue
        else:
            begun = (*begun[:2], begun[2] + record["text"])
            if data[at + 64:at + 97] + data[at + 98:at + 128] != \
                    data[begun[0] + 64:begun[0] + 97] + data[begun[0] + 98:begun[0] + 128]:
                yield at, None
                return
            length = begun[1]["length"]
            if len(begun[2]) >= length:
                if any(begun[2][length:]):
                    yield at, None
                    return
                yield begun[0], {**begun[1], "text": begun[2][:length].decode("latin-1")}
                begun = None
    if begun is not None:
        yield begun[0], {"torn": True}


def read_header(data):
    magic, version, zero, boot, k = Body(data).unpack("4sB3s16sQ")
    need(magic == b"SHLP" and version in (1, 2, 3) and zero == bytes(3) and k >= 1)
    return version, boot, k


def read_processes(path):
    """Print the records of a .shlp file; true if all of it is right and whole."""
    data = read(path)
    try:
        version, boot, k = read_header(data)
    except Refused:
        print(json.dumps({"offset": 0, "kind": "format"}))
        return False
    print(json.dumps({"boot": boot.hex(), "k": k, "version": version}))
    torn = len(data) - (len(data) - 32) % 128 if (len(data) - 32) % 128 else None
    if version >= 2 and len(data) < 160:
        torn = 32
    for at, record in read_records(data, version):
        if record is None:
            print(json.dumps({"offset": at, "kind": "format"}))
            return False
        if "torn" in record:
            torn = at
        else:
            print(json.dumps(record))
    if torn is not None:
        print(json.dumps({"offset": torn, "kind": "torn"}))
    return torn is None


def is_segment(data, number, before):
    """Is all that is whole of it right?  before: boot id and date of the segment before, which
    becomes this one's."""
    if len(data) < 32:
        return True
    try:
        version, boot, k = read_header(data)
    except Refused:
        return False
    records = [record for _, record in read_records(data, version)]
    if k != number or None in records:
        return False
    if version == 1 or not records:
        return True
    date = records[0]["boot_wall"], records[0]["ticks"]
    same = boot not in before or before[boot] == date
    before.clear()
    before[boot] = date
    return same


def check_segments(store, epochs):
    """Are the segments right, and what the epochs vouch for?"""
    names = [re.fullmatch(r"(\d{8,18})\.shlp", os.path.basename(path))
             for path in glob.glob(os.path.join(store, "process/*.shlp"))]
    numbers = sorted(int(match[1]) for match in names if match)
    segments = [read(os.path.join(store, "process", f"{k:08}.shlp")) for k in numbers]
    before = {}
    good = all(b == a + 1 for a, b in zip(numbers, numbers[1:]))
    for k, data in zip(numbers, segments):
        good = is_segment(data, k, before) and good
    stream = b"".join(segments)
    for epoch in epochs:
        piece = stream[epoch.records_from:epoch.records_to]
        if len(piece) < epoch.records_to - epoch.records_from or blake(piece) != epoch.records:
            good = False
    return good
