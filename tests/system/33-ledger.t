#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The ledger of a collector that is killed: in front of, and inside, each call that
writes, at its start and in sessions.  Whatever happens it can be read, it knows of each
session, and it says what a session's file says."""
import hashlib
import json
import os
import random
import shutil
import struct
import subprocess
import time

import harness as h

SEED = int(os.environ.get("SEED", "20261121"))
SHIM = os.path.join(h.BUILD, "tests/collector/shim_die.so")
CONF = "acct = off\nprocess_events = no\nepoch_s = {}\ncompress = {}\n"


def entries(collector, name=None):
    return [e for e in collector.objects("ledger") if name is None or e["type"] == name]


def hash_of(data):
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def agree(collector, name):
    """Every session of the store stands in the ledger as its file has it."""
    found = entries(collector)
    opened = [e["n"] for e in found if e["type"] == "OPEN"]
    closed = {e["n"]: e for e in found if e["type"] == "CLOSE"}
    wrong = []
    if opened != list(range(1, len(opened) + 1)):
        wrong.append(f"numbers {opened}")
    for n, path in collector.files().items():
        if n not in opened:
            wrong.append(f"{n} is not opened")
        if path.endswith(".live"):
            continue
        if n not in closed:
            wrong.append(f"{n} is not closed")
            continue
        with open(path, "rb") as f:
            data = f.read()
        if data[:1] == b"\xf5" and closed[n]["size"] != len(data):
            wrong.append(f"{n} has {len(data)} bytes, {closed[n]}")
        seals = [f for f in h.frames(path) if f.type == h.SEAL] if data[:1] == b"\xf5" else []
        if seals and closed[n]["head"] != hash_of(seals[-1].body):
            wrong.append(f"{n}: head")
    return h.equal(wrong, [], name)


def ends_right(collector, name, whole):
    """It is started without a shim, takes up what is there, and all is proven; but for
    sessions that had no more than a number and a certificate which nobody got."""
    collector.start()
    h.eventually(30, lambda: sum(p.endswith(".shlc") for p in collector.files().values()) == whole
                 and not any(p.endswith(".live") for p in collector.files().values()))
    good = agree(collector, f"{name}: the ledger has all sessions")
    verdict = collector.auditor("verify")
    kinds = [v["status"] for v in map(json.loads, collector.auditor("verify", "--json").stdout.
                                      decode().splitlines()) if "status" in v and "n" in v]
    begun = [e for e in entries(collector, "CLOSE") if e["chunks"] == 0]
    good &= h.equal((kinds.count("COMPLETE"), kinds.count("UNSEALED"), len(kinds)),
                    (whole, len(begun), whole + len(begun)), f"{name}: all that began is COMPLETE")
    if not good:
        h.note(verdict.stdout.decode()[-1500:])
        h.note(collector.auditor("ledger").stdout.decode()[-1500:])
        h.note(collector.text()[-1500:])
    return good


def shim(n, half=False, wait=False, said="/dev/null"):
    env = {"LD_PRELOAD": SHIM, "SHIM_DIE": str(n), "SHIM_SAID": said}
    if half:
        env["SHIM_HALF"] = "1"
    if wait:
        env["SHIM_WAIT"] = "1"
    return env


def killed_at_its_start():
    """A store that was left without an end, taken up by collectors that do not live to
    say so."""
    said = os.path.join(h.work, "said")
    base = h.Collector(os.path.join(h.work, "base"), conf=CONF.format(3600, "no")).start()
    for _ in range(2):
        h.equal(h.record(base, ["true"]).wait(), 0, "a session")
    live = h.record(base, ["sleep", "100"])
    h.ok(h.eventually(20, lambda: len(base.files()) == 3), "one more lives")
    base.kill()
    os.kill(live.pid, 9)
    calls, n, bad = [], 0, 0
    while n < 60:
        n += 1
        copy = os.path.join(h.work, "copy")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(base.dir, copy, symlinks=True, ignore=shutil.ignore_patterns("run", "spool"))
        os.chmod(copy, 0o700)
        with open(os.path.join(copy, "store/ledger/log"), "r+b") as f:
            f.truncate(os.path.getsize(f.name) - 3 - n % 90)
        c = h.Collector(copy)
        c.launch(shim(n, half=n % 2 == 0, said=said))
        if not h.eventually(20, lambda: c.proc.poll() is not None or c.ready()):
            break
        if c.proc.poll() is None:
            c.kill()
            break
        with open(said, encoding="ascii") as f:
            calls.append(f.read())
        c.start()
        h.eventually(20, lambda: not any(p.endswith(".live") for p in c.files().values()))
        result = c.auditor("verify")
        recovered = [e for e in entries(c) if e["type"] == "RECOVER"]
        if not recovered or len(entries(c, "OPEN")) != 3 or len(entries(c, "CLOSE")) != 3:
            bad += 1
            h.note(f"call {n}, {calls[-1]}: {result.stdout.decode()[-400:]}")
            h.note(c.auditor("ledger").stdout.decode()[-1500:])
        c.kill()
    h.ok(len(calls) > 10, f"killed at each of {len(calls)} calls of a start", calls)
    h.equal(bad, 0, "each time the next one enters what is there")


def killed_in_sessions(rng):
    said = os.path.join(h.work, "said2")
    c = h.Collector(os.path.join(h.work, "calls"), conf=CONF.format(3600, "no"))
    for turn, n in enumerate(sorted(rng.sample(range(1, 28), 6)), 1):
        c.launch(shim(n, half=n % 2 == 0, wait=True, said=said))
        if not h.eventually(30, c.ready):
            h.ok(False, "a collector starts", c.text()[-500:])
            break
        terminal = h.record(c, ["echo", "hello"])
        h.equal(terminal.wait(), 0, f"a session goes on when call {n} is the last")
        if c.proc.poll() is None:
            c.kill()
        c.proc.wait()
        ends_right(c, f"call {n}", turn)
        c.stop()


def killed_at_random(rng):
    c = h.Collector(os.path.join(h.work, "random"), conf=CONF.format(1, "yes")).start()
    for turn in range(4):
        users = [h.record(c, ["sh", "-c", f"echo {turn}; sleep {rng.uniform(0.1, 1.5):.2f}; echo x"])
                 for _ in range(3)]
        time.sleep(rng.uniform(0.05, 1.3))
        c.kill()
        c.start()
        for user in users:
            user.wait()
    c.kill()
    ends_right(c, "killed at random", 12)
    h.equal([e["epoch"] for e in entries(c, "EPOCH")],
            list(range(1, 1 + len(entries(c, "EPOCH")))), "epochs are numbered without a gap")
    h.equal(c.stop(), 0, "it ends cleanly")
    clean = len(entries(c, "RECOVER"))
    c.start()
    h.equal(len(entries(c, "RECOVER")), clean, "behind a clean end nothing is recovered")
    h.equal(c.auditor("rotate").returncode, 0, "an epoch is ended when asked")
    status = c.objects("status")[0]["ledger"]
    h.equal((status["checkpoint"], status["on_disk"], status["owed"], status["state"]),
            (status["size"], status["size"], 0, "fine"), "all is on disk and signed")
    h.equal(status["size"], len(entries(c)), "status knows the size")
    h.equal(c.stop(), 0, "and again")
    h.ok(not os.path.exists(os.path.join(c.dir, "store/ledger/running")), "nothing runs")


def live_tables():
    c = h.Collector(os.path.join(h.work, "live"), conf=CONF.format(1, "no")).start()
    user = h.record(c, ["sh", "-c", "echo begun; read x"])
    h.ok(user.wait_for("begun"), "a session lives")
    h.ok(h.eventually(10, lambda: any(e["live"] for e in entries(c, "EPOCH"))), "and is in an epoch")
    time.sleep(1)
    last = [e for e in entries(c, "EPOCH") if e["live"]][-1]
    with open(os.path.join(c.dir, f"store/ledger/live/{last['epoch']}"), "rb") as f:
        row = f.read()
    h.equal(len(row), 64, "its table has a row")
    n, chunks = struct.unpack_from("<Q16xQ", row)
    seals = [f for f in h.frames(c.files()[1]) if f.type == h.SEAL]
    h.equal(n, 1, "of session 1")
    h.ok(0 < chunks <= len(seals), "with its chunks")
    h.equal(row[32:].hex(), hash_of(seals[chunks - 1].body), "and the hash of the last one's seal")
    h.equal(last["live_root"], hashlib.sha256(b"\0" + row).hexdigest(), "EPOCH has its root")
    user.send("\n")
    user.wait()
    c.stop()


def no_room_in_the_ledger():
    """A session that cannot be entered is none; what cannot be said is said later."""
    if os.geteuid() != 0:
        h.skip("a full ledger", "needs root")
        return
    c = h.Collector(os.path.join(h.work, "full"), conf=CONF.format(3600, "no") + "space_left = 0\n")
    ledger = os.path.join(c.dir, "store/ledger")
    c.start()
    c.stop()
    kept = ledger + ".kept"
    shutil.copytree(ledger, kept)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs", ledger],
                             stderr=subprocess.DEVNULL, check=False).returncode == 0
    if not mounted:
        h.skip("a full ledger", "no mount to be had")
        return
    h.at_end(lambda: subprocess.run(["umount", "-l", ledger], stderr=subprocess.DEVNULL,
                                    check=False))
    shutil.copytree(kept, ledger, dirs_exist_ok=True)
    c.start()
    filler = os.path.join(ledger, "filler")
    first = h.record(c, ["sh", "-c", "echo begun; read x"])
    h.ok(first.wait_for("begun"), "a session begins while there is room")
    with open(filler, "wb", buffering=0) as f:
        try:
            while True:
                f.write(b"x" * 512)
        except OSError:
            pass
    statuses = set()
    for _ in range(60):  # what is left of its last page, and what is reserved for an EPOCH
        statuses.add(h.record(c, ["true"]).wait())
        if "fails: No space left" in c.text():
            break
    h.ok("fails: No space left" in c.text(), "the ledger is full: a session does not begin",
         c.text()[-800:])
    h.equal(statuses, {0}, "its user goes on")
    first.send("\n")
    first.wait()
    os.unlink(filler)
    h.eventually(20, lambda: not any(p.endswith(".live") for p in c.files().values()))
    h.eventually(10, lambda: c.objects("status")[0]["ledger"]["owed"] == 0)
    agree(c, "with room again all is said")
    h.equal(c.stop(), 0, "it ends cleanly")


def main():
    rng = random.Random(SEED)
    h.note(f"seed {SEED}")
    killed_at_random(rng)
    live_tables()
    no_room_in_the_ledger()
    if h.sanitized():
        h.skip("killed at each call", "a sanitizer's runtime wants to be the first library")
    else:
        killed_at_its_start()
        killed_in_sessions(rng)
    h.done()


main()
