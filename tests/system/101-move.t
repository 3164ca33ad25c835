#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A host is replaced by another machine: what was before stays its history, under a key that
the old machine does not have; who starts that again makes a second ledger, and is found."""
import os
import shutil
import subprocess

import harness as h
import ledger_world as w

CONF = "acct = off\nepoch_s = 1\n"


def session(collector, text):
    h.equal(h.record(collector, ["/bin/echo", text]).wait(), 0, f"{text} is recorded")


def backup(store, folder):
    return subprocess.run([h.SHELLAC, "-S", store, "backup", folder], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def verify(store, *args):
    return subprocess.run([h.SHELLAC, "-S", store, "verify", "--level", "2", *args],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)


def before():
    old = h.Collector(os.path.join(h.work, "old"), conf=CONF).start()
    session(old, "long ago")
    session(old, "the last one")
    enrolment = os.path.join(h.work, "enrolment")
    w.put(enrolment, old.auditor("key", "enrol").stdout)
    folder = os.path.join(h.work, "backup")
    h.equal(old.auditor("backup", folder).returncode, 0, "a backup while it works")
    session(old, "one more")
    h.equal(old.stop(), 0, "the old machine is stopped")
    h.equal(backup(os.path.join(old.dir, "store"), folder).returncode, 0, "and the rest copied")
    return old, folder, enrolment


def move(old, folder):
    new = h.Collector(os.path.join(h.work, "new"), conf=CONF)
    store = os.path.join(new.dir, "store")
    shutil.copytree(folder, store)
    shutil.copy2(os.path.join(old.dir, "host.key"), new.dir)
    shutil.copy2(os.path.join(old.dir, "store/epoch.key"), store)
    new.start()
    h.equal(new.auditor("key", "rotate").returncode, 0, "the new machine gets a key of its own")
    session(new, "here")
    return new, store


def main():
    old, folder, enrolment = before()
    new, store = move(old, folder)
    h.ok(h.eventually(60, lambda: verify(store, "--key", enrolment).returncode == 0),
         "all is proven, by the enrolment of the old", verify(store, "--key", enrolment).stdout)
    h.equal([(s["n"], s["status"]) for s in new.objects("list")],
            [(n, "COMPLETE") for n in (1, 2, 3, 4)], "as one host's sessions")
    h.equal(new.raw(1) + new.raw(4), b"long ago\r\nhere\r\n", "with what they showed")
    ledger, sessions, kinds = w.second(store, enrolment)
    h.equal((ledger, [x[:2] for x in sessions], kinds),
            ("CONSISTENT", [(n, "COMPLETE") for n in (1, 2, 3, 4)], set()),
            "the second verifier says the same")
    kept = os.path.join(h.work, "kept")
    shutil.copy(os.path.join(store, "ledger/checkpoint"), kept)
    h.equal(new.stop(), 0, "it ends")

    old.start()
    session(old, "never was")
    old.auditor("rotate")
    h.equal(old.stop(), 0, "somebody starts the old one again")
    r = verify(os.path.join(old.dir, "store"), "--key", enrolment, "--seen", kept)
    h.equal(r.returncode, 1, "who has seen a checkpoint of the new one finds the fork")
    r = backup(os.path.join(old.dir, "store"), folder)
    shutil.rmtree(folder)
    h.equal(backup(store, folder).returncode, 0, "a backup of the new one")
    r = backup(os.path.join(old.dir, "store"), folder)
    h.ok(r.returncode == 1 and b"does not go on from it" in r.stderr,
         "takes nothing of the old one's", r.stderr)
    h.done()


main()
