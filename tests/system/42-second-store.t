#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What witnesses saw, and what was deleted: the tool and the second verifier say the
same of cosigned checkpoints under a policy, and of a session whose payload is gone."""
import calendar
import json
import os
import subprocess
import time

import harness as h
import ledger_world as w
from nacl.bindings import crypto_sign, crypto_sign_seed_keypair
from verify_note import Policy

COSIGNED = "ledger/cosigned"
AT = 1790000000
KEYS = [crypto_sign_seed_keypair(bytes([number]) * 32) for number in range(1, 4)]
GROUPS = {"two": "group two 2 a b c\n", "none": "",
          "every": "group some any b c\ngroup every all some a\n"}
NAMES = ["one.example/witness", "two.example/witness", "three.example/w\u00e4chter"]


def number_of(i):
    return w.verify_ledger.sha(NAMES[i].encode() + b"\n\4" + KEYS[i][0])[:4]


def cosigned(note, times):
    """The note with a line of each witness that has a time."""
    text = note[:note.index(b"\n\n") + 1]
    for i, at in times.items():
        message = b"cosignature/v1\ntime %d\n" % at + text
        blob = number_of(i) + at.to_bytes(8, "big") + crypto_sign(message, KEYS[i][1])[:64]
        note += f"\u2014 {NAMES[i]} {w.b64(blob)}\n".encode()
    return note


def policy_file(name, quorum):
    path = os.path.join(h.work, name)
    with open(path, "w", encoding="utf-8") as file:
        for i, short in enumerate("abc"):
            blob = b"\4" + KEYS[i][0]
            file.write(f"witness {short} {NAMES[i]}+{number_of(i).hex()}+{w.b64(blob)}\n")
        file.write(f"# who counts\n{GROUPS[quorum]}quorum {quorum}\n")
    return path


def witnessed(store, key, policy):
    """How much was witnessed, and when, by both."""
    run = subprocess.run([h.SHELLAC, "-S", store, "verify", "--json", "--key", key, "--policy",
                          policy], stdout=subprocess.PIPE, check=False)
    line = json.loads(run.stdout.splitlines()[-1])["ledger"]
    at = line["witnessed_at"]
    at = at and calendar.timegm(time.strptime(at[:19], "%Y-%m-%dT%H:%M:%S"))
    with open(policy, encoding="utf-8") as file:
        ours = w.verify_store.verify_store(store, w.verify_store.load_host(key),
                                           Policy(file.read()))
    return (line["witnessed"], at), (ours["witnessed"], ours["witnessed_at"])


class Case:
    """The base with this cosigned note."""

    def __init__(self, base, key):
        self.base, self.key, self.count = base, key, 0

    def __call__(self, name, note, policy, status, levels, kinds=(), seen=(0, None)):
        self.count += 1
        store = w.copy(self.base, os.path.join(h.work, f"case/{self.count}"), {COSIGNED: note})
        with open(policy, encoding="utf-8") as file:
            ours = w.second(store, self.key, Policy(file.read()))
        theirs, code = w.tool([store], self.key, policy)
        wanted = status, [(n + 1, s, level) for n, (s, level) in
                          enumerate(zip(("COMPLETE", "COMPLETE", "LIVE"), levels))], set(kinds)
        h.equal((theirs[0], code), (wanted, int(bool(kinds))), f"{name}: found")
        h.equal(ours, wanted, f"{name}: by the second too")
        h.equal(witnessed(store, self.key, policy), (seen, seen), f"{name}: since when")


def cosignatures(base, key):
    note, known = w.read(os.path.join(base, w.CHECKPOINT)), w.entries(base)
    two, every, none = (policy_file(q, q) for q in ("two", "every", "none"))
    case, size = Case(base, key), len(known)
    case("two of three", cosigned(note, {0: AT, 1: AT + 5}), two, "CONSISTENT", (3, 3, 3),
         seen=(size, AT + 5))
    case("three of three", cosigned(note, {0: AT + 9, 1: AT, 2: AT + 7}), two, "CONSISTENT",
         (3, 3, 3), seen=(size, AT + 7))
    case("one of three", cosigned(note, {2: AT}), two, "CONSISTENT", (2, 2, 2))
    case("groups in groups", cosigned(note, {1: AT, 2: AT + 1}), every, "CONSISTENT", (2, 2, 2))
    case("groups in groups, all", cosigned(note, {0: AT + 3, 2: AT + 1}), every, "CONSISTENT",
         (3, 3, 3), seen=(size, AT + 3))
    case("nobody asked for", cosigned(note, {1: AT}), none, "CONSISTENT", (3, 3, 3),
         seen=(size, AT))
    good = cosigned(note, {0: AT, 1: AT})
    at = good.rindex(b"\n", 0, -1) + 60
    bad = good[:at] + (b"A" if good[at:at + 1] != b"A" else b"B") + good[at + 1:]
    case("one of them wrong", bad, two, "TAMPERED", (2, 2, 2), ["witness"])
    thief = w.Thief(base + ".key", base)
    first = [e.index for e in known if e.word == "EPOCH"][1]
    _, older = thief.log(known[:first + 1])
    case("an older checkpoint", cosigned(older, {0: AT, 1: AT}), two, "CONSISTENT", (3, 2, 2),
         seen=(first + 1, AT))
    more = w.verify_ledger.Entry(w.pack(known[1], size, known[1].fields))
    _, ahead = thief.log(known + [more])
    case("a newer one", cosigned(ahead, {0: AT, 1: AT}), two, "ROLLBACK", (2, 2, 2), ["rollback"])
    other = w.verify_ledger.Entry(w.pack(known[2], 2, {**known[2].fields, "hash": bytes(32)}))
    _, fork = thief.log(known[:2] + [other] + known[3:])
    case("another ledger's", cosigned(fork, {0: AT, 1: AT}), two, "FORK", (0, 0, 0), ["fork"])
    renewed(case, thief, known, two)


def renewed(case, thief, known, policy):
    """New epoch keys are a finding until a witness has seen them."""
    own = crypto_sign_seed_keypair(b"x" * 32)
    log, note = thief.log(known + [w.recover(known[-1], own[0])])
    case.base = thief.store(case.base, os.path.join(h.work, "renewed"), (log, note))
    case("new epoch keys", cosigned(note, {0: AT}), policy, "CONSISTENT", (2, 2, 2), ["epoch"])
    case("new epoch keys, witnessed", cosigned(note, {0: AT, 1: AT}), policy, "CONSISTENT",
         (3, 3, 3), seen=(len(known) + 1, AT))


def purged():
    collector = h.Collector(os.path.join(h.work, "p"),
                            "acct = off\nprocess_events = no\nepoch_s = 1\n").start()
    store = os.path.join(collector.dir, "store")
    for n in (1, 2):
        h.record(collector, ["echo", f"session {n}"]).wait()
        collector.closed(n)
    run = collector.auditor("purge", "1")
    h.equal(run.returncode, 0, "a session is purged")
    w.wait_epochs(store, 1)
    collector.stop()
    base = os.path.join(h.work, "purged")
    w.copy(store, base)
    key = os.path.join(base, "host.pub")
    wanted = "CONSISTENT", [(1, "PURGED", 2), (2, "COMPLETE", 2)], set()
    h.equal(w.tool([base], key), ([wanted], 0), "it is proven all the same")
    h.equal(w.second(base, key), wanted, "by the second too")
    pool, path = w.Pool(base, key), w.sessions_of(base)[1]
    data = w.read(os.path.join(base, path))
    every = list(w.flips(data, 3)) + list(w.cuts(data, 3)) + inside(data)
    wrong = [f"{name}: {theirs}, but the second {ours}" for name, theirs, ours in
             pool.judge(path, every)
             if theirs[:2] != ours[:2] or theirs[1][0][1] in ("PURGED", "COMPLETE")]
    h.ok(not wrong, f"{len(every)} changes of it, all seen", "\n".join(wrong[:10]))


def inside(data):
    """Changes with a digest that fits; not of the time, which is the last thing before it."""
    wall, out = len(data) - 40, []
    out += [(name, body + data[wall:-32]) for name, body in w.flips(data[:wall], 5)]
    out += [(name, body + data[-48:-32]) for name, body in w.cuts(data[:-48], 50)]
    return [(f"digest made anew, {name}", body + w.verify.blake(body)) for name, body in out]


def main():
    base = w.make(os.path.join(h.work, "base"))
    cosignatures(base, os.path.join(base, "host.pub"))
    purged()
    h.done()


main()
