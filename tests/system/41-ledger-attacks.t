#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A store that somebody changed: bit by bit, cut at every length, or written anew with
stolen keys.  The tool and the second verifier see each of them, and say the same.

With SHELLAC_TEST_ALL in the environment really every bit and every length."""
import os

import harness as h
import ledger_world as w
from nacl.bindings import crypto_sign_seed_keypair

ALL = bool(os.environ.get("SHELLAC_TEST_ALL"))
WHOLE = [(1, "COMPLETE", 2), (2, "COMPLETE", 2), (3, "LIVE", 2)]


def spread(number):
    return 0 if ALL else number


def same(theirs, ours):
    """Ledger, sessions and levels; and what was found, but of a session that is damaged, where
    the two go on looking at different things."""
    damaged = any(s[1] == "TAMPERED" for s in ours[1])
    return theirs[:2] == ours[:2] and (damaged or theirs[2] == ours[2])


def all_seen(name, answers, may_pass=None):
    """Each answer is a finding of both, or may_pass says it need not be."""
    unseen, other, count = [], [], 0
    for what, theirs, ours in answers:
        count += 1
        if not same(theirs, ours):
            other.append(f"{what}: {theirs}, but the second {ours}")
        if not w.is_seen(theirs) and not (may_pass and may_pass(what, theirs)):
            unseen.append(f"{what}: {theirs}")
    h.ok(not unseen, f"{name}: all {count} changes are seen", "\n".join(unseen[:10]))
    h.ok(not other, f"{name}: both say the same", "\n".join(other[:10]))


def log_cuts(base):
    """At each border of an entry, and in some of each."""
    data, at = w.read(os.path.join(base, w.LOG)), 0
    for entry in w.entries(base):
        yield f"cut {at}", data[:at]
        if entry.index % 4 == 1 and not ALL:
            yield f"cut {at + 7}", data[:at + 7]
        at += 2 + len(entry.data)
    if ALL:
        yield from w.cuts(data, 0)


def changed_bits(base, key):
    pool = w.Pool(base, key)
    data = {path: w.read(os.path.join(base, path)) for path in
            (w.LOG, w.CHECKPOINT, *w.sessions_of(base).values())}
    all_seen("the log's bits", pool.judge(w.LOG, list(w.flips(data[w.LOG], spread(4)))))
    all_seen("the log's ends", pool.judge(w.LOG, list(log_cuts(base))))
    note = data[w.CHECKPOINT]
    every = list(w.flips(note, spread(1))) + list(w.cuts(note, spread(5)))
    all_seen("the checkpoint", pool.judge(w.CHECKPOINT, every))
    last = [e for e in w.entries(base) if e.word == "EPOCH"][-1]
    table = f"ledger/live/{last.epoch}"
    rows = w.read(os.path.join(base, table))
    every = list(w.flips(rows, spread(1))) + list(w.cuts(rows, spread(1))) + [("longer", rows * 2)]
    all_seen("the table of live sessions", pool.judge(table, every))
    sessions(pool, base, data)


def sessions(pool, base, data):
    for n, path in w.sessions_of(base).items():
        if n == 2:
            continue
        every = list(w.flips(data[path], spread(4))) + list(w.cuts(data[path], spread(4)))
        all_seen(f"session {n}", pool.judge(path, every), still_live if n == 3 else None)


def still_live(what, theirs):
    """Of a live session nothing is known behind what the last EPOCH knew."""
    return what.startswith("cut") and theirs[1][2][1:] == ("LIVE", 2)


def ask(store, key, wanted, status, name, seen=None):
    """Both answer exactly this."""
    theirs, code = w.tool([store], key, seen=seen)
    h.equal(theirs[0], wanted, f"{name}: found")
    h.equal(code, status, f"{name}: exit status {status}")
    h.equal(w.second(store, key, seen=seen), wanted, f"{name}: by the second too")


def stolen_keys(base, key):
    thief = w.Thief(base + ".key", base)
    known = w.entries(base)
    epochs = [e.index for e in known if e.word == "EPOCH"]
    place = lambda name: os.path.join(h.work, "stolen", name)
    kept = os.path.join(base, w.CHECKPOINT)

    log, note = thief.log(known)
    h.equal(log, w.read(os.path.join(base, w.LOG)), "the thief writes logs as the collector does")
    h.equal(note, w.read(kept), "and checkpoints")

    # an entry of an epoch that is over, and all that states its root
    closed = next(e for e in known if e.word == "CLOSE" and e.n == 1)
    closed.fields["tail"] = bytes(32)
    store = thief.store(base, place("changed"), thief.log(known))
    results, code = w.tool([store], key)
    h.ok(results[0][0] == "TAMPERED" and "log" in results[0][2] and code == 1,
         "an entry of an epoch that is over is changed: its EPOCH cannot be signed again", results)
    h.equal(w.second(store, key)[0], "TAMPERED", "the second says so too")
    h.ok(all(level in (None, 0) for _, _, level in results[0][1]), "and nothing is proven", results)
    known = w.entries(base)

    # the current epoch is his
    more = known + [w.verify_ledger.Entry(w.pack(known[1], len(known), known[1].fields))]
    store = thief.store(base, place("current"), thief.log(more))
    ask(store, key, ("CONSISTENT", WHOLE, set()), 0, "what he writes in the current epoch")
    ask(store, key, ("CONSISTENT", WHOLE, set()), 0, "and a kept checkpoint allows that", seen=kept)

    # the end left out, up to an epoch that is over
    short = known[:epochs[1] + 1]
    store = thief.store(base, place("short"), thief.log(short), (2, 3))
    ask(store, key, ("CONSISTENT", WHOLE[:1], set()), 0, "sessions 2 and 3 left out with the end")
    ask(store, key, ("ROLLBACK", WHOLE[:1], {"rollback"}), 1,
        "the same against a kept checkpoint", seen=kept)
    again(thief, base, key, short, place, kept)


def again(thief, base, key, short, place, kept):
    """He cannot go on from there but with a key of his own."""
    own = crypto_sign_seed_keypair(b"x" * 32)
    epoch = short[-1]
    fields = {**epoch.fields, "epoch": epoch.epoch + 1, "size": len(short) + 1,
              "records_from": epoch.records_to}
    behind = w.verify_ledger.Entry(w.pack(epoch, len(short) + 1, fields))
    renewed = short + [w.recover(epoch, own[0]), behind]
    stolen = w.Thief(base + ".key", base)
    stolen.epoch = own
    store = thief.store(base, place("renewed"), stolen.log(renewed), (2, 3))
    ask(store, key, ("CONSISTENT", WHOLE[:1], {"epoch"}), 1, "a new chain of epoch keys")
    ask(store, key, ("ROLLBACK", WHOLE[:1], {"epoch", "rollback"}), 1,
        "the same against a kept checkpoint", seen=kept)
    fields["epoch"] = epoch.epoch + 1
    unsigned = short + [w.verify_ledger.Entry(w.pack(epoch, len(short), {**fields, "size": len(short)}))]
    store = thief.store(base, place("current-key"), thief.log(unsigned), (2, 3))
    results, code = w.tool([store], key)
    h.ok(results[0][0] == "TAMPERED" and code == 1,
         "the current epoch's key signs no other epoch", results)
    anew = thief.log(w.entries(base), own)
    store = thief.store(base, place("anew"), anew)
    other = [(n, status, 0) for n, status, _ in WHOLE]
    ask(store, key, ("CONSISTENT", WHOLE, set()), 0, "a ledger begun anew, by the host's key alone")
    ask(store, key, ("FORK", other, {"fork"}), 1, "the same against a kept checkpoint", seen=kept)
    enrolment = base + ".enrolment"
    ask(base, enrolment, ("CONSISTENT", WHOLE, set()), 0, "the true one, by the enrolment")
    ask(store, enrolment, ("FORK", other, {"log"}), 1, "the one begun anew, by the enrolment")


def main():
    base = w.make(os.path.join(h.work, "base"))
    key = os.path.join(base, "host.pub")
    ask(base, key, ("CONSISTENT", WHOLE, set()), 0, "the store as it is")
    changed_bits(base, key)
    stolen_keys(base, key)
    h.done()


main()
