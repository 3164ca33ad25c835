#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What the ledger's epochs vouch for of the process records, in slots of every kind:
whatever is changed, cut or taken away in it is found, by the tool and by the second
verifier, and the tool says where."""
import json
import os
import shutil
import struct
import subprocess

import harness as h
import ledger_world as w
import verify_process

h.own_pid_namespace()

SEGMENT = "process/%08d.shlp"
DATE = 1789000000 * 10**9


def slot(kind, body, **more):
    f = {"session": 7, "outer": 0, "reason": 7, "keeper": 9, "start": 123456, "parent": 2,
         "sid": 3, "certainty": 1, "origin": 0, **more}
    return body.ljust(64, b"\0") + struct.pack(
        "<IIQQqBBHIQIIHBB4x", 1, 5, f["session"], f["outer"], DATE, f["reason"], kind, 0,
        f["keeper"], f["start"], f["parent"], f["sid"], 0, f["certainty"], f["origin"])


def every_kind(k):
    """A segment of another boot with a slot of each kind."""
    nobody = dict(session=0, reason=0, keeper=0, start=0, parent=0, sid=0, certainty=0)
    text = b"/usr/bin/cat\0/home/alice\0cat\0-n\0" + b"x" * 60 + b"\0"
    execs = slot(1, struct.pack("<5IIQB7x16s", 42, 1000, 1000, 0x08800003, 2**32 - 1, len(text),
                                5 * 10**9, 31, b"cat"))
    execs += b"".join(slot(2, text[i:i + 64]) for i in range(0, len(text), 64))
    acct = struct.pack("<BBHIIIIII", 0, 3, 0, 0, 1000, 1000, 42, 2, 1789000001).ljust(48, b"\0") + b"cat"
    return (b"SHLP\2\0\0\0" + b"\xb0" * 16 + struct.pack("<Q", k)
            + slot(6, struct.pack("<qI", DATE, 100), **nobody) + execs
            + slot(3, struct.pack("<BBxxIQQ32s", 2, 1, 105, 17, 4 * 10**9, b"ENOBUFS"), **nobody)
            + slot(4, struct.pack("<B3xIIIQQI4x16s", 1, 42, 1000, 0x08800003, 10**9, 0, 0, b"bash"),
                   session=0, reason=5, origin=2)
            + slot(5, struct.pack("<B3xI32s", 1, 42, b"backup")) + slot(0, acct))


def work():
    for _ in range(5):
        subprocess.run(["/bin/true"], check=True)


def make(folder):
    """A store of three segments, the second with every kind; all of it is vouched for."""
    collector = h.Collector(conf="epoch_s = 1\n").start()
    store = os.path.join(collector.dir, "store")
    w.put(folder + ".enrolment", collector.auditor("key", "enrol").stdout)
    work()
    w.wait_epochs(store, 1)
    collector.stop()
    w.put(os.path.join(store, SEGMENT % 2), every_kind(2))
    collector.start()
    work()
    w.wait_epochs(store, 1)
    collector.stop()
    shutil.copytree(store, folder)
    return folder


def missed(every, kind="process"):
    return [name for name, their, our in every
            if kind not in their[2] or their[2] != our[2] or their[0] != "CONSISTENT"]


def findings(store, key):
    run = subprocess.run([h.SHELLAC, "-S", store, "verify", "--json", "--key", key],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    return run.returncode, [(f["text"].split(":")[0], f["offset"]) for f in found if "kind" in f]


def places(base, key):
    """A change is found in the file that it is in, at the slot or the epoch's begin."""
    data = w.read(os.path.join(base, SEGMENT % 2))
    broken = data[:32 + 128 + 97] + b"\7" + data[32 + 128 + 98:]
    store = w.copy(base, os.path.join(h.work, "kind"), {SEGMENT % 2: broken})
    code, found = findings(store, key)
    name = SEGMENT % 2
    h.ok(code == 1 and (name, 32 + 128) in found, "a slot that is none: its file and offset", found)
    changed = data[:-128 + 72] + b"\10" + data[-127 + 72:]
    store = w.copy(base, os.path.join(h.work, "session"), {name: changed})
    h.equal(findings(store, key), (1, [(name, None)]), "another session: the begin of what is vouched for")
    store = w.copy(base, os.path.join(h.work, "gone"), {SEGMENT % 3: None})
    code, found = findings(store, key)
    h.equal((code, found[:1]), (1, [(name, len(data))]), "the last segment is gone: the end of what is left")
    code, found = findings(w.copy(base, os.path.join(h.work, "middle"), {name: None}), key)
    h.ok(code == 1 and ("process", None) in found, "one between two is gone", found)
    shutil.rmtree(os.path.join(store, "process"))
    code, found = findings(store, key)
    h.ok(code == 1 and found, "all are gone", found)


def main():
    base = make(os.path.join(h.work, "base"))
    key = base + ".enrolment"
    theirs, code = w.tool([base], key)
    h.equal((theirs[0][2], code), (set(), 0), "nothing is found in what was not changed")
    h.equal(w.second(base, key)[2], set(), "by the second neither")
    data = w.read(os.path.join(base, SEGMENT % 2))
    kinds = {record["kind"] for _, record in verify_process.read_records(data, 2)}
    h.equal(len(kinds), 6, "the store has all kinds, a text with its exec")
    pool = w.Pool(base, key)
    for k in (1, 2, 3):
        data = w.read(os.path.join(base, SEGMENT % k))
        h.equal(missed(pool.judge(SEGMENT % k, list(w.flips(data, 7)))), [],
                f"segment {k}: every seventh byte changed")
        h.equal(missed(pool.judge(SEGMENT % k, list(w.cuts(data, 61)))), [],
                f"segment {k}: cut")
    places(base, key)
    h.done()


main()
