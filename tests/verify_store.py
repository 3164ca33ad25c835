#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A second verifier of a whole store, its ledger and witnesses included.  Like
verify.py it shares no code with the tool and is written to be read.

    verify_store.py --key FILE [--policy FILE] [--seen NOTE] STORE

FILE is the host's public key, host.pub, or its enrolment.
"""
import argparse
import glob
import hashlib
import json
import os
import re
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.dirname(os.path.abspath(__file__)))
import verify  # noqa: E402
from verify import Refused, blake, read, signed  # noqa: E402
from verify_ledger import Log, Tree  # noqa: E402
from verify_note import Key, Policy, Signed, load_host, load_note  # noqa: E402
from verify_process import check_segments  # noqa: E402

ORDER = ["NONE", "CONSISTENT", "MISSING", "TORN", "TAMPERED", "ROLLBACK", "FORK"]


class Ledger:
    """What a store's ledger is worth."""

    def __init__(self, store, host, policy, seen):
        host_key, epoch_key, enrolled = host
        policy = policy or enrolled
        self.store, self.status, self.signed, self.witnessed = store, "CONSISTENT", 0, 0
        self.witnessed_at, self.findings, self.log = None, [], Log()
        folder = os.path.join(store, "ledger")
        if not os.path.isdir(folder):
            self.status = "NONE"
            if epoch_key or os.path.exists(os.path.join(store, "epoch.key")):
                self.find("MISSING", "log")
        elif not os.path.exists(os.path.join(folder, "log")):
            self.find("MISSING", "log")
        else:
            self.read_log(os.path.join(folder, "log"), host_key)
        began = [entry.epoch_pk for entry in self.log.entries[:1]]
        if epoch_key and began not in ([], [epoch_key]):
            self.find("FORK", "log")
        signers = self.signers(host_key)
        paths = [(os.path.join(folder, name), name) for name in ("checkpoint", "cosigned")]
        notes = [(load_note(path), name) for path, name in paths + [(seen, "seen")] if path]
        epochs = any(entry.word == "EPOCH" for entry in self.log.entries)
        if notes[0][0] is None and epochs:
            self.find("MISSING", "checkpoint")
        for note, name in notes:
            if note is not None:
                self.hold_against(note, name, signers, policy)
        self.believe_keys(host_key)
        if any(index >= self.witnessed for index in self.log.renewals):
            self.findings.append("epoch")
        if self.status == "FORK":
            self.signed = self.witnessed = 0

    def find(self, status, kind):
        self.status = max(self.status, status, key=ORDER.index)
        self.findings.append(kind)

    def read_log(self, path, host_key):
        log = Log().read(read(path))
        keys = [key for _, key in log.keys]
        known = getattr(host_key, "host_id", None)
        if keys and not (host_key in keys if known is None else blake(keys[0])[:16] == known):
            self.find("TAMPERED", "log")
            return
        self.log = log
        if log.wrong or log.torn:
            self.find("TAMPERED" if log.wrong else "TORN", "log")
        elif keys and host_key not in keys:
            self.find("ROLLBACK", "rollback")

    def signers(self, host_key):
        """Who signs for the host from which entry on: all keys that the ledger names, and
        the one that is known from elsewhere."""
        keys = list(self.log.keys)
        self.host_id = getattr(host_key, "host_id", None) or \
            blake(keys[0][1] if keys else host_key)[:16]
        if host_key not in [key for _, key in keys]:
            keys.append((self.log.tree.size if keys else 0, host_key))
        return [(index, self.of_host(key)) for index, key in keys]

    def of_host(self, key):
        key = verify.HostKey(key)
        key.host_id = self.host_id
        return key

    def believe_keys(self, host_key):
        """Keys from before the one that is known count for what that, or a later one, signed."""
        named = [index for index, key in self.log.keys if key == host_key]
        if getattr(host_key, "host_id", None) is None and named and named[0] >= max(self.signed, 1):
            self.find("TAMPERED", "log")
            self.log.keys = []

    def hold_against(self, note, name, signers, policy):
        size = note.size if note else 0
        first = max((index for index, _ in signers if index < max(size, 1)), default=0)
        if not note or not any(note.is_by_host(key) for index, key in signers if index >= first):
            self.find("TAMPERED", "checkpoint")
            return
        ours = self.log.roots.get(note.size)
        if ours is None:
            if self.status != "TAMPERED":
                self.find("ROLLBACK", "rollback")
            return
        if ours != note.root:
            self.find(*("TAMPERED", "checkpoint") if name == "checkpoint" else ("FORK", "fork"))
            return
        self.signed = max(self.signed, note.size)
        try:
            at = policy.check(note) if policy else None
        except Refused as refused:
            self.find("TAMPERED", refused.args[0])
            return
        if at is not None and note.size > self.witnessed:
            self.witnessed, self.witnessed_at = note.size, at

    def epochs(self):
        return [entry for entry in self.log.entries if entry.word == "EPOCH"]

    def sealed_to(self):
        """The last EPOCH whose key is gone for all we know; a RECOVER that names a new key
        ends that, unless it was witnessed."""
        end = min((r for r in self.log.renewals if r >= self.witnessed), default=len(self.log.entries))
        return max((e.index for e in self.epochs() if e.index < end), default=0)

    def of(self, n):
        """OPEN, CLOSE, and the row of the last EPOCH before CLOSE: index, chunks, head."""
        opened = [e for e in self.log.entries if e.word == "OPEN" and e.n == n]
        if not opened:
            return None
        closed = [e for e in self.log.entries if e.word == "CLOSE" and e.n == n]
        closed = closed[0] if closed else None
        row = None if closed and closed.end == 1 else self.row(opened[0], closed)
        return opened[0], closed, row

    def purged(self, n, name):
        return any(e.word == "PURGE" and e.n == n and e.id.hex() == name for e in self.log.entries)

    def row(self, opened, closed):
        before = [e for e in self.epochs() if closed is None or e.index < closed.index]
        if not before or before[-1].index < opened.index:
            return None
        path = os.path.join(self.store, "ledger/live", str(before[-1].epoch))
        if not os.path.exists(path):
            return None
        table = read(path)
        rows = [table[i:i + 64] for i in range(0, len(table), 64)]
        right = len(table) == 64 * before[-1].live and Tree(rows).root() == before[-1].live_root
        if not right:
            self.findings.append("table")
            return None
        for n, name, chunks, head in map(struct.Struct("<Q16sQ32s").unpack, rows):
            if (n, name) == (opened.n, opened.id):
                return before[-1].index, chunks, head
        return None

    def level(self, known, live):
        if known is None:
            return 0
        opened, closed, row = known
        if not live and closed is None:
            return 0
        if (closed or opened).index >= self.signed:
            return 0
        if closed is None and row is None:
            return 1
        leaf = closed.index if closed else row[0]
        if leaf < self.witnessed:
            return 3
        return 2 if leaf + (1 if closed else 0) <= self.sealed_to() else 1


def agrees(data, session, known):
    """Is the session's file, which is right so far, the one that the ledger knows?"""
    opened, closed, row = known
    heads, rest = session.heads, b"" if data[:1] == b"S" else data[session.length:]
    if heads and heads[0] != opened.cert:
        return False
    if row and (len(heads) <= row[1] or heads[row[1]] != row[2]):
        return False
    if closed is None or not heads:
        return closed is None or not closed.chunks
    length = session.length + len(rest)
    tail = blake(session.tail + rest)
    if session.purged:
        length, tail = verify.Purged(data).stream_length(), closed.tail
    sealed = session.sealed if session.chunk else 0
    return ((len(heads) - 1, heads[-1], sealed, length, tail, session.kind == verify.END)
            == (closed.chunks, closed.head, closed.sealed, closed.size, closed.tail, closed.end == 1))


def host_key_of(ledger, known, host_key):
    """The one that certified a session: of the last GENESIS or KEY before its OPEN, of
    GENESIS where it has none."""
    keys = [key for index, key in ledger.log.keys if index < (known[0].index if known else 1)]
    return ledger.of_host(keys[-1] if keys else host_key)


def judge_session(ledger, path, n, name, host_key):
    known = ledger.of(n)
    data, key = read(path), host_key_of(ledger, known, host_key)
    result, _ = verify.verify(data, key)
    status, live = result["status"], path.endswith(".live")
    kinds = [finding["kind"] for finding in result["findings"]]
    if status == "CUT" and live:
        status, kinds = "LIVE", [k for k in kinds if k not in ("cut", "unsealed")]
    if (result["n"], result["id"]) not in ((n, name), (None, None)):
        status, kinds = "TAMPERED", kinds + ["name"]
    if known and (known[0].id.hex() != name or status != "TAMPERED" and
                  not agrees(data, verify.read_stream(data, key)[0], known)):
        status, kinds = "TAMPERED", kinds + ["ledger"]
    if known is None and ledger.status == "CONSISTENT" and ledger.log.next_n is not None and \
            n >= first_number(ledger) and status in ("COMPLETE", "LIVE"):
        status, kinds = "MISSING", kinds + ["missing"]
    if status == "PURGED" and not ledger.purged(n, name):
        kinds = kinds + ["purged"]
    level = None if status in ("TAMPERED", "TORN", "UNCERTIFIED") else ledger.level(known, live)
    return {"n": n, "id": name, "status": status, "level": level, "kinds": sorted(kinds)}


def first_number(ledger):
    known = [e.n if e.word == "OPEN" else e.next_n for e in ledger.log.entries
             if e.word in ("OPEN", "EPOCH")]
    return known[0]


def judge_store(ledger, store, host_key):
    """A result for each session that the store or the ledger has, in order."""
    files = {}
    for path in glob.glob(os.path.join(store, "session/*/*/*/*.shlc*")):
        n, name = re.match(r"(\d+)-([0-9a-f]{32})\.", os.path.basename(path)).groups()
        files.setdefault(int(n), []).append((path, name))
    opened = [e.n for e in ledger.log.entries if e.word == "OPEN"]
    number = os.path.join(store, "number")
    last = max([*files, *opened, int(read(number)) if os.path.exists(number) else 0])
    for n in range(1, last + 1):
        for path, name in files.get(n, ()):
            yield judge_session(ledger, path, n, name, host_key)
        if n not in files:
            yield {"n": n, "id": None, "status": "MISSING", "level": None, "kinds": ["missing"]}


def is_about(fields, entry, entries):
    """Does a sign-off name the session of this REVIEW, or if it has none an entry before it?"""
    if entry.n:
        return fields["session"] == f"{entry.n} {entry.id.hex()}"
    index, leaf = fields["entry"].split(" ")
    return int(index) < entry.index and entry.id.hex() == leaf[:32] and \
        hashlib.sha256(b"\0" + entries[int(index)].data).hexdigest() == leaf


def is_sign_off(store, name, entry, entries):
    """Is the file of that name what this REVIEW is about, signed by the key that it names?"""
    data = read(os.path.join(store, "review", name))
    note = Signed(data)
    fields = dict(line.split(" ", 1) for line in note.text.decode().splitlines()[1:])
    key = Key(fields["key"])
    blobs = note.blobs(key.name, key.id)
    verdict = ["ok", "concern", "violation", "unreadable"].index(fields["verdict"]) + 1
    return bool(
        re.fullmatch(rf"{entry.n}-{blake(data).hex()}\.(note|new)", name) and blobs
        and all(signed(note.text, blob, key.key) for blob in blobs)
        and is_about(fields, entry, entries) and verdict == entry.verdict
        and blake(entry.salt + fields["key"].encode()) == entry.who
        and blake(entry.salt + data) == entry.text)


def check_reviews(store, ledger):
    """Each REVIEW has its note, and each note its REVIEW."""
    folder = os.path.join(store, "review")
    names = set(os.listdir(folder)) if os.path.isdir(folder) else set()
    for entry in (e for e in ledger.log.entries if e.word == "REVIEW"):
        for name in [name for name in names if name.startswith(f"{entry.n}-")]:
            try:
                found = is_sign_off(store, name, entry, ledger.log.entries)
            except (ValueError, KeyError, AttributeError, IndexError):
                found = False
            if found:
                names.remove(name)
                break
        else:
            return False
    return all(name.endswith(".new") for name in names)


def verify_store(store, host, policy=None, seen=None):
    """host as load_host() gives it."""
    ledger = Ledger(store, host, policy, seen)
    if not check_segments(store, ledger.epochs()):
        ledger.findings.append("process")
    if not check_reviews(store, ledger):
        ledger.findings.append("review")
    sessions = list(judge_store(ledger, store, host[0]))
    return {"sessions": sessions, "status": ledger.status, "entries": len(ledger.log.entries),
            "signed": ledger.signed, "witnessed": ledger.witnessed,
            "witnessed_at": ledger.witnessed_at, "kinds": sorted(set(ledger.findings))}


def is_right(result):
    good = all(s["status"] in ("COMPLETE", "LIVE", "PURGED") and not s["kinds"] for s in result["sessions"])
    return good and result["status"] in ("CONSISTENT", "NONE") and not result["kinds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--key", metavar="FILE", required=True)
    parser.add_argument("--policy")
    parser.add_argument("--seen", metavar="NOTE")
    parser.add_argument("store")
    args = parser.parse_args()
    policy = args.policy and Policy(read(args.policy).decode())
    result = verify_store(args.store, load_host(args.key), policy, args.seen)
    for session in result["sessions"]:
        print(json.dumps(session))
    print(json.dumps({"ledger": {k: v for k, v in result.items() if k != "sessions"}}))
    return 0 if is_right(result) else 1


if __name__ == "__main__":
    sys.exit(main())
