#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A session and its proofs in one file, for somebody who has a public key and nothing
else."""
import json
import os
import struct
import subprocess

import harness as h
import notes

SESSION = ["/bin/sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.15; done"]
LIVE = ["/bin/sh", "-c", "echo on; read x"]


def verify(path, key, *args):
    """Exit status, sessions, kinds of findings."""
    run = subprocess.run([h.SHELLAC, "verify", "--json", "--key", key, *args, path],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         stdin=subprocess.DEVNULL, check=False, timeout=100)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    return (run.returncode, [(o["n"], o["status"], o["level"]) for o in found if "status" in o],
            [o["kind"] for o in found if "kind" in o])


def changed(data, key):
    """Every byte of it counts."""
    path = os.path.join(h.work, "changed.shlb")

    def refused(new, *args):
        with open(path, "wb") as f:
            f.write(new)
        return verify(path, key, *args)

    missed = []
    for at in [*range(32), *range(32, len(data), max(1, len(data) // 150))]:
        flipped = bytearray(data)
        flipped[at] ^= 1
        if refused(bytes(flipped))[0] not in (1, 3):
            missed.append(at)
    h.equal(missed, [], "a bit flipped anywhere is found")
    missed = [at for at in range(0, len(data), max(1, len(data) // 60))
              if refused(data[:at])[0] not in (1, 3)]
    h.equal(missed, [], "and an end that is missing")
    h.equal(refused(data + b"\0"), (1, [(None, "TAMPERED", None)], ["bundle"]), "or added")


def parts(data):
    """Header and the parts behind it."""
    sizes = struct.unpack_from("<III", data, 8)
    found, at = [], 32
    for size in sizes:
        found.append(data[at:at + size])
        at += size
    return found, data[at:]


def joined(proofs, session):
    return (b"SHLB\1\0\0\0" + struct.pack("<IIIIQ", *map(len, proofs), 0, len(session)) +
            b"".join(proofs) + session)


def mixed(first, second, key):
    """Parts of two bundles do not make a third."""
    path = os.path.join(h.work, "mixed.shlb")
    a, session_a = parts(first)
    b, session_b = parts(second)
    for name, data in (("the session of another", joined(a, session_b)),
                       ("CLOSE of another", joined([a[0], b[1], a[2]], session_a)),
                       ("OPEN of another", joined([b[0], a[1], a[2]], session_a)),
                       ("OPEN for CLOSE", joined([a[0], a[0], a[2]], session_a)),
                       ("no session", joined(a, b""))):
        with open(path, "wb") as f:
            f.write(data)
        code, sessions, _ = verify(path, key)
        h.equal((code, [s[1] for s in sessions]), (1, ["TAMPERED"]), name)
    with open(path, "wb") as f:
        f.write(joined([a[0], a[1], b""], session_a))
    h.equal(verify(path, key)[0], 0, "without EPOCH it proves as much")


def witnessed(collector, key):
    witness = notes.Key("witness.example", b"w" * 32, notes.COSIGNATURE)
    policy = os.path.join(h.work, "policy")
    with open(policy, "w", encoding="ascii") as f:
        f.write(f"witness one {witness.vkey()}\nquorum one\n")
    ledger = os.path.join(collector.dir, "store/ledger")
    with open(os.path.join(ledger, "checkpoint"), "rb") as f:
        note = f.read()
    with open(os.path.join(ledger, "cosigned"), "wb") as f:
        f.write(note + witness.line(notes.text_of(note), 1700000000))
    path = os.path.join(h.work, "witnessed.shlb")
    h.equal(collector.auditor("bundle", "-o", path, "1").returncode, 0, "one that was witnessed")
    h.equal(verify(path, key, "--level", "3", "--policy", policy),
            (0, [(1, "COMPLETE", 3)], []), "is at level 3")
    h.equal(verify(path, key, "--level", "3"), (1, [(1, "COMPLETE", 1)], ["level"]),
            "but not without a policy")


def main():
    collector = h.Collector(conf="acct = off\nprocess_events = no\ncompress = no\nepoch_s = 1\n").start()
    key = os.path.join(collector.dir, "store/host.pub")
    for _ in range(2):
        h.equal(h.record(collector, SESSION).wait(), 0, "a session")
    live = h.record(collector, LIVE)
    live.wait_for("on")
    h.eventually(20, lambda: collector.auditor("verify", "--level", "2", "1", "2").returncode == 0)
    path = [os.path.join(h.work, name) for name in ("1.shlb", "2.shlb", "3.shlb")]
    for n in (1, 2):
        run = collector.auditor("bundle", "-o", path[n - 1], str(n))
        h.equal(run.returncode, 0, f"a bundle of session {n}")
    h.equal(collector.auditor("bundle", "-o", path[0], "1").returncode, 3, "none is replaced")
    h.equal(collector.auditor("bundle", "-o", path[2], "3").returncode, 3,
            "none of a session that goes on")
    h.ok(not os.path.exists(path[2]), "and no file is left")
    out = collector.auditor("bundle", "-o", "-", "1")
    with open(path[0], "rb") as f:
        first = f.read()
    with open(path[1], "rb") as f:
        second = f.read()
    h.ok(out.returncode == 0 and parts(out.stdout)[1] == parts(first)[1], "to standard output")
    h.equal(verify(path[0], key), (0, [(1, "COMPLETE", 1)], []), "it verifies")
    h.equal(verify(path[0], key, "--level", "1", "--fast"), (0, [(1, "COMPLETE", 1)], []),
            "without signatures, too")
    h.equal(verify(path[0], key, "--level", "2"), (1, [(1, "COMPLETE", 1)], ["level"]),
            "at level 1")
    other = h.Collector(os.path.join(h.work, "other"), conf="acct = off\nprocess_events = no\n").start()
    h.equal(verify(path[0], os.path.join(other.dir, "store/host.pub")),
            (1, [(None, "TAMPERED", None)], ["bundle"]), "not by another host's key")
    other.stop()
    changed(first, key)
    mixed(first, second, key)
    witnessed(collector, key)
    live.send("\n")
    live.wait()
    collector.closed(3)
    collector.stop()
    collector = h.Collector(conf="acct = off\nprocess_events = no\ncompress = yes\nepoch_s = 1\n").start()
    h.record(collector, SESSION).wait()
    h.eventually(20, lambda: collector.auditor("verify", "--level", "2", "4").returncode == 0)
    packed = os.path.join(h.work, "packed.shlb")
    h.equal(collector.auditor("bundle", "-o", packed, "4").returncode, 0, "a packed session")
    h.equal(verify(packed, key), (0, [(4, "COMPLETE", 1)], []), "verifies as well")
    with open(packed, "rb") as f:
        changed(f.read(), key)
    collector.stop()
    h.done()


main()
