#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What whoever can write to a store, or has its keys, may do to sessions and ledger:
each attack with the exact verdict, those that only a kept checkpoint or a witness
shows among them."""
import json
import os
import shutil
import struct
import subprocess

import harness as h
import notes

SESSION = ["/bin/sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.15; done"]
LIVE = ["/bin/sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.3; done; echo on; read x"]
CONF = "acct = off\nprocess_events = no\ncompress = no\nepoch_s = 1\n"
OPEN, CLOSE, EPOCH = 3, 4, 5
counter = 0


class Store:
    """A copy of a store, to be attacked."""

    def __init__(self, origin):
        global counter
        counter += 1
        self.path = os.path.join(h.work, f"copy{counter}")
        shutil.copytree(origin, self.path)
        self.files = {}
        for folder, _, names in os.walk(os.path.join(self.path, "session")):
            self.files.update({int(n.split("-")[0]): os.path.join(folder, n) for n in names})

    def at(self, *names):
        return os.path.join(self.path, *names)

    def ledger(self, name, data=None):
        """Reads or replaces a part of the ledger."""
        if data is None:
            with open(self.at("ledger", name), "rb") as f:
                return f.read()
        with open(self.at("ledger", name), "wb") as f:
            return f.write(data)

    def verify(self, *args, how=("--fast",)):
        """Exit status, sessions (number, status, level), the ledger's status, findings."""
        run = subprocess.run([h.SHELLAC, "-S", self.path, "verify", "--json", *how, *args],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             stdin=subprocess.DEVNULL, check=False, timeout=100)
        found = [json.loads(line) for line in run.stdout.splitlines()]
        sessions = [(o["n"], o["status"], o["level"]) for o in found if "status" in o]
        ledger = [o["ledger"] for o in found if "ledger" in o]
        return (run.returncode, sessions, ledger[0]["status"] if ledger else None,
                [o for o in found if "kind" in o])


def kinds(findings):
    return sorted({(f["n"], f["kind"]) for f in findings}, key=str)


def check(store, name, code, ledger, found, *args, sessions=None):
    """The same verdict with and without the sessions' signatures."""
    for how in ((), ("--fast",)):
        what = name + (", fast" if how else "")
        got = store.verify(*args, how=how)
        h.equal((got[0], got[2], kinds(got[3])), (code, ledger, found), what)
        if sessions is not None:
            h.equal(got[1], sessions, f"{what}: the sessions")
    shutil.rmtree(store.path)


def whole(levels):
    return [(n, "LIVE" if n == 4 else "COMPLETE", level) for n, level in levels.items()]


ALL = {1: 2, 2: 2, 3: 2, 4: 2}


def nothing_done(origin):
    store = Store(origin)
    h.equal(store.verify("--level", "2")[0], 0, "all reach level 2")
    h.equal(kinds(store.verify("--level", "3")[3]), [(n, "level") for n in ALL],
            "and none level 3, unwitnessed")
    runs = [subprocess.run([h.SHELLAC, "verify", path], stdout=subprocess.PIPE, check=False)
            for path in (store.path, store.path + "/.")]
    h.equal((runs[0].returncode, runs[0].stdout), (0, runs[1].stdout),
            "the same words for the same store, wherever it is")
    h.ok(b"NOT WITNESSED" in runs[0].stdout, "which say that nobody witnessed it", runs[0].stdout)
    check(store, "nothing done", 0, "CONSISTENT", [], sessions=whole(ALL))


def files_deleted(origin):
    for n in ALL:
        store = Store(origin)
        os.unlink(store.files[n])
        os.unlink(store.at("number"))
        wanted = [(k, "MISSING", None) if k == n else s for k, s in
                  zip(ALL, whole(ALL))]
        check(store, f"session {n} deleted", 1, "CONSISTENT", [(n, "missing")], sessions=wanted)


def files_changed(origin):
    store = Store(origin)
    cert, chunks = h.chunks(store.files[2])
    end = len(cert)
    for k, chunk in enumerate(chunks[:-1]):
        end += len(chunk)
        store = Store(origin)
        os.truncate(store.files[2], end)
        found = store.verify("2", how=())
        at = [(f["chunk"], f["offset"]) for f in found[3] if f["kind"] == "ledger"]
        h.equal((found[0], found[1], at), (1, [(2, "TAMPERED", None)], [(k + 1, end)]),
                f"a closed session cut behind chunk {k}")
        os.rename(store.files[2], store.files[2] + ".live")
        found = store.verify("2", how=())
        h.equal((found[0], found[1]), (1, [(2, "TAMPERED", None)]), "called live again, too")
        shutil.rmtree(store.path)
    store = Store(origin)
    shutil.copy(store.files[3], store.files[2])
    check(store, "another session in its place", 1, "CONSISTENT", [(2, "ledger"), (2, "name")])
    store = Store(origin)
    cert, chunks = h.chunks(store.files[4])
    os.truncate(store.files[4], len(cert) + len(chunks[0]))
    check(store, "a live session's tail cut", 1, "CONSISTENT", [(4, "ledger")])


def parts_deleted(origin):
    for name, status, found in (("log", "ROLLBACK", [(None, "log"), (None, "rollback")]),
                                ("checkpoint", "MISSING", [(None, "checkpoint")])):
        store = Store(origin)
        os.unlink(store.at("ledger", name))
        check(store, f"the ledger's {name} deleted", 1, status, found)
    store = Store(origin)
    os.unlink(store.at("ledger/hashes"))
    check(store, "its cache deleted", 0, "CONSISTENT", [], sessions=whole(ALL))
    store = Store(origin)
    shutil.rmtree(store.at("ledger/live"))
    check(store, "its tables pruned: a live session is worth less", 0, "CONSISTENT", [],
          sessions=whole({**ALL, 4: 1}))
    store = Store(origin)
    shutil.rmtree(store.at("ledger"))
    check(store, "all of it deleted, its key forgotten", 1, "MISSING", [(None, "log")])
    store = Store(origin)
    kept = shutil.copy(store.at("ledger/checkpoint"), h.work + "/kept")
    shutil.rmtree(store.at("ledger"))
    os.unlink(store.at("epoch.key"))
    h.equal(store.verify("--level", "1")[0], 1, "all of it and its key: no level 1")
    h.equal(store.verify("--seen", kept)[0], 1, "and who kept a checkpoint knows")
    check(store, "but at level 0 it is as if there never was one", 0, None, [])


def all_deleted(origin):
    store = Store(origin)
    key = shutil.copy(store.at("host.pub"), h.work + "/host.pub")
    seen = shutil.copy(store.at("ledger/checkpoint"), h.work + "/seen")
    shutil.rmtree(store.path)
    os.mkdir(store.path)
    for command in (["verify", "--key", key], ["verify", "--key", key, store.path], ["list"],
                    ["procs"], ["search", "x"], ["timeline"], ["coverage"], ["review"],
                    ["report"], ["ledger"]):
        run = subprocess.run([h.SHELLAC, "-S", store.path, *command], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
        h.ok(run.returncode == 3 and b"no store" in run.stderr and run.stdout == b"",
             f"{command[0]}: a folder with nothing in it is no store in which all is well", run)
    status, sessions, ledger, _ = store.verify("--key", key, "--seen", seen)
    h.equal((status, sessions, ledger), (1, [], "ROLLBACK"), "who kept a checkpoint knows of more")


def log_changed(origin):
    entries = notes.entries(Store(origin).ledger("log"))
    closed = [i for i, e in enumerate(entries) if e[5] == CLOSE]
    swapped = list(entries)
    a, b = swapped[closed[0]], swapped[closed[1]]
    swapped[closed[0]], swapped[closed[1]] = a[:32] + b[32:], b[:32] + a[32:]
    store = Store(origin)
    store.ledger("log", notes.log_of(swapped))
    code, _, ledger, found = store.verify()
    h.equal((code, ledger), (1, "TAMPERED"), "CLOSE of another session: the ledger is tampered")
    h.ok((None, "log") in kinds(found), "and says where", found)
    store = Store(origin)
    last = max(i for i, e in enumerate(entries) if e[5] == CLOSE)
    store.ledger("log", notes.log_of(entries[:last]))
    code, _, ledger, found = store.verify()
    h.equal((code, ledger), (1, "ROLLBACK"), "the log cut before a CLOSE: a rollback")
    for drop in (3, 17):
        store.ledger("log", notes.log_of(entries)[:-drop])
        code, _, ledger, found = store.verify()
        h.equal((code, ledger), (1, "ROLLBACK"), f"the log without its last {drop} bytes")


def leaves_dropped(entries, n):
    """The entries without those of session n, numbered anew."""
    kept = [e for e in entries if e[5] not in (OPEN, CLOSE) or
            struct.unpack_from("<Q", e, 32)[0] != n]
    return [e[:8] + struct.pack("<Q", i) + e[16:] for i, e in enumerate(kept)]


def keys_stolen(origin):
    """The host's key signs what the thief wants; the keys of closed epochs are gone."""
    store = Store(origin)
    host = notes.host_key(os.path.dirname(origin))
    entries = notes.entries(store.ledger("log"))
    shutil.copy(store.at("ledger/checkpoint"), h.work + "/kept")
    forged = leaves_dropped(entries, 3)
    os.unlink(store.files[3])
    os.unlink(store.at("number"))
    store.ledger("log", notes.log_of(forged))
    store.ledger("checkpoint", notes.checkpoint(host, forged))
    code, sessions, ledger, _ = store.verify()
    h.equal((code, ledger, [s[2] for s in sessions if s[0] == 1]), (1, "TAMPERED", [0]),
            "a session deleted with its leaves, signed anew: closed epochs show it")
    store = Store(origin)
    opened = [i for i, e in enumerate(entries) if e[5] == OPEN][2]
    forged = entries[:opened]
    for n in (3, 4):
        os.unlink(store.files[n])
    os.unlink(store.at("number"))
    store.ledger("log", notes.log_of(forged))
    store.ledger("checkpoint", notes.checkpoint(host, forged))
    code, sessions, ledger, _ = store.verify("--level", "1")
    h.equal((code, ledger, [s[:2] for s in sessions]),
            (0, "CONSISTENT", [(1, "COMPLETE"), (2, "COMPLETE")]),
            "a ledger that ends earlier, signed anew, shows nothing by itself")
    check(store, "a kept checkpoint does", 1, "ROLLBACK", [(None, "rollback")],
          "--seen", h.work + "/kept")


def put_back(origin, early, kept):
    store = Store(early)
    check(store, "an earlier copy put back shows nothing by itself", 0, "CONSISTENT", [])
    store = Store(early)
    check(store, "but to who kept a checkpoint", 1, "ROLLBACK", [(None, "rollback")],
          "--seen", kept)
    store = Store(origin)
    shutil.rmtree(store.at("ledger"))
    shutil.copytree(os.path.join(early, "ledger"), store.at("ledger"))
    check(store, "only the ledger put back: sessions that it does not know", 1, "CONSISTENT",
          [(3, "missing"), (4, "missing")])
    store = Store(origin)
    shutil.rmtree(store.at("session"))
    shutil.copytree(os.path.join(early, "session"), store.at("session"))
    check(store, "only the sessions put back: two are missing", 1, "CONSISTENT",
          [(3, "missing"), (4, "missing")])


def two_ledgers(early_dir, kept):
    """The same host twice, from one copy on."""
    twin = h.Collector(folder=early_dir).start()
    for _ in range(3):
        h.record(twin, SESSION).wait()
    h.eventually(20, lambda: twin.auditor("verify", "--level", "2").returncode == 0)
    twin.stop()
    store = Store(os.path.join(early_dir, "store"))
    check(store, "two ledgers: the other shows nothing by itself", 0, "CONSISTENT", [])
    store = Store(os.path.join(early_dir, "store"))
    with open(kept, "rb") as f:
        ours = int(f.read().split(b"\n")[1])
    h.ok(ours <= len(notes.entries(store.ledger("log"))), "it is the longer one", ours)
    check(store, "a checkpoint of the first does", 1, "FORK", [(None, "fork")], "--seen", kept)


def witnessed(origin):
    store = Store(origin)
    witness = notes.Key("witness.example", b"w" * 32, notes.COSIGNATURE)
    policy = os.path.join(h.work, "policy")
    with open(policy, "w", encoding="ascii") as f:
        f.write(f"witness one {witness.vkey()}\nquorum one\n")
    note = store.ledger("checkpoint")
    store.ledger("cosigned", note + witness.line(notes.text_of(note), 1700000000))
    code, sessions, _, _ = store.verify("--level", "3", "--policy", policy)
    h.equal((code, sessions), (0, whole({n: 3 for n in ALL})), "witnessed: level 3")
    text = subprocess.run([h.SHELLAC, "verify", "--policy", policy, store.path],
                          stdout=subprocess.PIPE, check=False).stdout
    h.ok(b"witnessed at 2023-11-14T22:13:20" in text, "and when", text)
    code, sessions, _, _ = store.verify("--level", "3")
    h.equal((code, sessions), (1, whole(ALL)), "by nobody whom no policy names")
    wrong = witness.line(notes.text_of(note) + b"x", 1700000000)
    store.ledger("cosigned", note + wrong)
    code, sessions, ledger, found = store.verify("--policy", policy)
    h.equal((code, ledger, kinds(found)), (1, "TAMPERED", [(None, "witness")]),
            "a cosignature that is wrong")
    host = notes.host_key(os.path.dirname(origin))
    other = notes.checkpoint(host, leaves_dropped(notes.entries(store.ledger("log")), 2))
    store.ledger("cosigned", other + witness.line(notes.text_of(other), 1700000000))
    code, _, ledger, found = store.verify("--policy", policy)
    h.equal((code, ledger, kinds(found)), (1, "FORK", [(None, "fork")]),
            "another ledger was witnessed")


def no_proof(origin):
    store = Store(origin)
    h.equal(store.verify("--seen", "/nowhere")[0], 3, "a kept checkpoint that is not there")
    h.equal(store.verify("--seen", store.at("host.pub"))[0], 3, "and one that is none")
    h.equal(store.verify("--policy", store.at("host.pub"))[0], 3, "a policy that is none")
    h.equal(store.verify("--level", "4")[0], 2, "there is no level 4")


def main():
    collector = h.Collector(conf=CONF).start()
    origin = os.path.join(collector.dir, "store")
    for _ in range(2):
        h.equal(h.record(collector, SESSION).wait(), 0, "a session")
    h.ok(h.eventually(20, lambda: collector.auditor("verify", "--level", "2").returncode == 0),
         "they reach level 2", collector.auditor("verify").stdout)
    collector.stop()
    early = os.path.join(h.work, "early")
    shutil.copytree(collector.dir, early)
    collector.start()
    h.record(collector, SESSION).wait()
    live = h.record(collector, LIVE)
    live.wait_for("on")
    h.ok(h.eventually(20, lambda: collector.auditor("verify", "--level", "2").returncode == 0),
         "the later ones, too", collector.auditor("verify").stdout)
    collector.kill()
    kept = shutil.copy(os.path.join(origin, "ledger/checkpoint"), os.path.join(h.work, "seen"))
    nothing_done(origin)
    files_deleted(origin)
    files_changed(origin)
    parts_deleted(origin)
    all_deleted(origin)
    log_changed(origin)
    keys_stolen(origin)
    put_back(origin, os.path.join(early, "store"), kept)
    witnessed(origin)
    no_proof(origin)
    two_ledgers(early, kept)
    h.done()


main()
