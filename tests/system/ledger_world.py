# SPDX-License-Identifier: ISC
"""A small store with a ledger, copies of it that somebody changed, and what the tool
and the second verifier say of them."""
import base64
import json
import os
import shutil
import struct
import subprocess
import sys
import time

import harness as h

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(h.TOP, "tests"))
try:
    import verify
    import verify_ledger
    import verify_store
    from nacl.bindings import crypto_sign, crypto_sign_seed_keypair
except ModuleNotFoundError as error:
    h.skip_all(f"python3 has no {error.name}")

BATCH = 200
GOOD = ("COMPLETE", "LIVE", "PURGED")
LOG, CHECKPOINT = "ledger/log", "ledger/checkpoint"


def read(path):
    with open(path, "rb") as file:
        return file.read()


def put(path, data):
    """Replaces the file; other names of the old one keep what they had."""
    if os.path.exists(path):
        os.unlink(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def entries(store):
    return verify_ledger.Log().read(read(os.path.join(store, LOG))).entries


def is_settled(store):
    """Its last entry is an EPOCH that the host's checkpoint covers."""
    try:
        known = entries(store)
        size = int(read(os.path.join(store, CHECKPOINT)).split(b"\n")[1])
    except OSError:
        return False
    return known[-1].word == "EPOCH" and size == len(known)


def epoch(store):
    return max((e.epoch for e in entries(store) if e.word == "EPOCH"), default=0)


def wait_epochs(store, number):
    until = epoch(store) + number
    if not h.eventually(60, lambda: epoch(store) >= until and is_settled(store)):
        h.note("no epoch ends")


def make(folder):
    """Sessions 1 and 2 closed in epochs that are over, 3 live when its collector was
    killed: a copy of that store.  Beside it, with .key and .enrolment at its name's end,
    the host's key and its enrolment."""
    collector = h.Collector(conf="acct = off\nprocess_events = no\nepoch_s = 1\ncompress = no\n").start()
    store = os.path.join(collector.dir, "store")
    put(folder + ".enrolment", collector.auditor("key", "enrol").stdout)
    for n in (1, 2):
        h.record(collector, ["echo", f"session {n}"]).wait()
        collector.closed(n)
        wait_epochs(store, 1)
    live = h.record(collector, ["sh"])
    live.send("echo a; echo b\n")
    live.wait_for("b\r\n")
    time.sleep(1)
    wait_epochs(store, 2)
    while True:
        os.kill(collector.proc.pid, 19)
        if is_settled(store):
            break
        os.kill(collector.proc.pid, 18)
        time.sleep(0.1)
    collector.kill()
    shutil.copytree(store, folder)
    shutil.copy(os.path.join(collector.dir, "host.key"), folder + ".key")
    live.send("exit\n")
    live.wait()
    return folder


def copy(base, folder, changes=None):
    """A copy by hard links, but for what changes, which are bytes by path, None for a file
    that is gone."""
    shutil.copytree(base, folder, copy_function=os.link)
    for path, data in (changes or {}).items():
        if data is None:
            os.unlink(os.path.join(folder, path))
        else:
            put(os.path.join(folder, path), data)
    return folder


def options(key, policy, seen):
    out = ["--key", key]
    out += ["--policy", policy] if policy else []
    return out + (["--seen", seen] if seen else [])


def tool(stores, key, policy=None, seen=None):
    """For each store: its ledger's status, (n, status, level) of each session, and the kinds
    of what was found; and the exit status."""
    run = subprocess.run([h.SHELLAC, "-S", stores[0], "verify", "--json",
                          *options(key, policy, seen), *stores],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    results, sessions, kinds = [], [], set()
    for line in map(json.loads, run.stdout.splitlines()):
        if "status" in line:
            sessions.append((line["n"], line["status"], line["level"]))
        elif "kind" in line:
            kinds.add(line["kind"])
        else:
            results.append((line["ledger"]["status"], sessions, kinds))
            sessions, kinds = [], set()
    if len(results) != len(stores):
        h.note(f"{len(stores)} stores, {len(results)} answers, status {run.returncode}: {run.stderr.decode()[:500]}")
    return results, run.returncode


def second(store, key, policy=None, seen=None):
    result = verify_store.verify_store(store, verify_store.load_host(key), policy, seen)
    sessions = [(s["n"], s["status"], s["level"]) for s in result["sessions"]]
    kinds = set(result["kinds"]).union(*(s["kinds"] for s in result["sessions"]))
    return result["status"], sessions, kinds


def is_seen(result):
    ledger, sessions, kinds = result
    return bool(kinds) or ledger != "CONSISTENT" or any(s[1] not in GOOD for s in sessions)


class Pool:
    """Stores that are changed in one file again and again."""

    def __init__(self, base, key):
        self.base, self.key = base, key
        self.stores = [copy(base, os.path.join(h.work, f"pool/{i}")) for i in range(BATCH)]

    def judge(self, path, every):
        """every: (name, bytes).  Yields name, what the tool says, what the second does."""
        for at in range(0, len(every), BATCH):
            batch = every[at:at + BATCH]
            stores = self.stores[:len(batch)]
            for store, (_, data) in zip(stores, batch):
                put(os.path.join(store, path), data)
            theirs, _ = tool(stores, self.key)
            for store, (name, _), their in zip(stores, batch, theirs):
                yield name, their, second(store, self.key)
        original = os.path.join(self.base, path)
        for store in self.stores:
            os.unlink(os.path.join(store, path))
            os.link(original, os.path.join(store, path))


def flips(data, every):
    """One bit of every so many bytes; every 0: all bits."""
    for offset in range(0, len(data), every or 1):
        for bit in range(8) if every == 0 else (offset // every % 8,):
            yield (f"flip {offset} {bit}",
                   data[:offset] + bytes([data[offset] ^ 1 << bit]) + data[offset + 1:])


def cuts(data, every):
    for length in range(0, len(data), every or 1):
        yield f"cut {length}", data[:length]


class Thief:
    """Whoever has the host's key and the key of the epoch that goes on, and writes."""

    def __init__(self, host_key_file, store):
        seed = base64.b64decode(read(host_key_file).split(b"\n")[1])
        self.host = crypto_sign_seed_keypair(seed)
        places = read(os.path.join(store, "epoch.key")).decode().split("\n")[1:]
        in_use = min(place for place in places if place[:1] not in ("", "-"))
        self.epoch = crypto_sign_seed_keypair(bytes.fromhex(in_use.split()[1]))

    def sign(self, entry, key):
        """Its bytes with the signature at their end."""
        return entry[:-64] + crypto_sign(verify_ledger.SIGNED + entry[:-64], key[1])[:64]

    def log(self, known, fresh=None):
        """A log of these entries, each with its place, and EPOCHs signed again: by the key
        that GENESIS or the EPOCH before names, where he has it or can name his own.  With
        fresh, keys that he made, GENESIS and all EPOCHs name them."""
        tree, out = verify_ledger.Tree(), b""
        for entry in known:
            fields = dict(entry.fields)
            if entry.word == "EPOCH":
                fields.update(size=tree.size, root=tree.root())
                if fresh:
                    fields["next_pk"] = fresh[0]
            if entry.word == "GENESIS" and fresh:
                fields["epoch_pk"] = fresh[0]
            data = pack(entry, tree.size, fields)
            if entry.word == "GENESIS" or entry.word == "RECOVER" and any(entry.epoch_pk):
                data = self.sign(data, self.host)
            elif entry.word == "EPOCH" and data[:-64] != entry.data[:-64]:
                data = self.sign(data, fresh or self.epoch)
            tree.add(data)
            out += len(data).to_bytes(2, "little") + data
        return out, self.checkpoint(tree)

    def checkpoint(self, tree):
        name = "shellac/" + verify.blake(self.host[0])[:16].hex()
        text = f"{name}\n{tree.size}\n{b64(tree.root())}\n".encode()
        number = verify_ledger.sha(name.encode() + b"\n\1" + self.host[0])[:4]
        blob = number + crypto_sign(text, self.host[1])[:64]
        return text + f"\n\u2014 {name} {b64(blob)}\n".encode()

    def store(self, base, folder, log, gone=()):
        """A copy of the store with this log and its checkpoint; sessions that are gone leave
        no trace that he could remove."""
        changes = {LOG: log[0], CHECKPOINT: log[1]}
        for n, path in sessions_of(base).items():
            if n in gone:
                changes[path] = None
        if gone:
            changes["number"] = f"{min(gone) - 1}\n".encode()
        return copy(base, folder, changes)


def sessions_of(store):
    """Paths of the session files, by number."""
    found = {}
    for folder, _, names in os.walk(os.path.join(store, "session")):
        for name in names:
            found[int(name.split("-")[0])] = os.path.relpath(os.path.join(folder, name), store)
    return found


def b64(data):
    return base64.b64encode(data).decode()


def pack(entry, index, fields):
    head = struct.pack("<4sBBHQqQ", b"SHLE", 1, entry.type, entry.flags, index, entry.wall_ns,
                       entry.boot_ns)
    return head + struct.pack(verify_ledger.LAYOUT[entry.type], *fields.values())


def recover(after, key):
    """A RECOVER that begins a new chain of epoch keys, as if behind that entry."""
    fields = {"torn": 0, "opened": 0, "closed": 0, "clean": 1, "epoch_pk": key, "sig": bytes(64)}
    head = struct.pack("<4sBBHQqQ", b"SHLE", 1, 8, 0, after.index + 1, after.wall_ns, after.boot_ns)
    return verify_ledger.Entry(head + struct.pack(verify_ledger.LAYOUT[8], *fields.values()))
