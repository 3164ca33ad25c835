#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""shellac backup: copies of a store that is written to, each of which verifies; brought up to
date, interrupted, damaged, and run by a collector again.  In a pid namespace of the test's
own, so that there are process records, too."""
import contextlib
import filecmp
import json
import os
import random
import shutil
import signal
import subprocess
import time

import harness as h

h.own_pid_namespace()

CONF = "acct = own\nprocess_events = no\nepoch_s = 1\ncompress = yes\n"
chance = random.Random(20261122)


def backup(folder, *options, store=None, prefix=()):
    where = ["-S", store] if store else ["-d", host.dir]
    r = subprocess.run([*prefix, h.SHELLAC, *where, "backup", *options, folder],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       timeout=300, check=False)
    return r.returncode, r.stdout.decode(), r.stderr.decode()


def verify(folder):
    r = subprocess.run([h.SHELLAC, "-S", folder, "verify", "--json"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, check=False)
    return r.returncode, [json.loads(line) for line in r.stdout.splitlines()], r.stderr.decode()


def is_right(folder, name):
    status, lines, err = verify(folder)
    h.ok(status == 0, f"{name}: verify is clean", (lines, err))
    return {x["n"]: x for x in lines if "status" in x and x.get("n")}


def read(path):
    with open(path, "rb") as f:
        return f.read()


def files(folder):
    return sorted(os.path.relpath(os.path.join(at, name), folder)
                  for at, _, names in os.walk(folder) for name in names)


def differences(one, two):
    a, b = files(one), files(two)
    return sorted(set(a) ^ set(b)) + [
        f for f in a if f in b and not filecmp.cmp(os.path.join(one, f), os.path.join(two, f), False)]


def session(text):
    h.equal(h.record(host, ["/bin/sh", "-c", f"echo {text}"]).wait(), 0, f"a session says {text}")


def settled(count):
    """So many sessions are closed, and an epoch is over since."""
    h.eventually(60, lambda: len([f for f in host.files().values() if f.endswith(".shlc")]) >= count)
    host.auditor("rotate")


def first(folder):
    session("one")
    session("two")
    settled(2)
    status, out, err = backup(folder)
    h.equal((status, err), (0, ""), "a backup")
    h.ok("2 sessions" in out and out.rstrip().endswith("right"), "it says what it took", out)
    levels = [(x["n"], x["status"], x["level"]) for x in is_right(folder, "backup").values()]
    original = [(x["n"], x["status"], x["level"]) for x in host.objects("verify") if x.get("n")]
    h.equal(levels, original, "as the store does, at the same levels")
    h.equal(os.stat(folder).st_mode & 0o777, 0o700, "nobody else may look into it")
    status, out, _ = backup(folder, "--json")
    got = json.loads(out)
    h.equal((status, got["sessions"], got["verify"], got["findings"]), (0, 2, "right", False),
            "again, as JSON")
    h.ok(got["copied"] < 8, "what is there already is not copied", got)


def end(terminal):
    with contextlib.suppress(ProcessLookupError):
        os.kill(terminal.pid, signal.SIGHUP)


def while_it_goes(folder):
    """Sessions type, flood and end; the collector is killed; segments and epochs grow."""
    typing = [h.record(host, ["/bin/sh", "-c", "while sleep 0.05; do echo typing $((i += 1)); done"])
              for _ in range(3)]
    flood = h.record(host, ["/bin/sh", "-c", "seq 1 300000; sleep 1; seq 1 300000"])
    wrong = []
    for turn in range(12):
        status, out, err = backup(folder)
        if status != 0:
            wrong.append((turn, status, out, err, verify(folder)))
        if turn % 4 == 3:
            host.kill()
            host.start()
        if turn == 6:
            end(typing[0])
        time.sleep(0.2)
    h.equal(wrong, [], "twelve backups meanwhile, each verifies")
    flood.wait()
    for t in typing:
        end(t)
        t.wait()


def interrupted(folder):
    full = os.path.join(h.work, "interrupted")
    finished = 0
    for _ in range(20):
        with subprocess.Popen([h.SHELLAC, "-d", host.dir, "backup", full], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as p:
            time.sleep(chance.uniform(0, 0.03))
            p.send_signal(signal.SIGKILL)
        finished += p.returncode == 0
    h.ok(finished < 20, "killed in the middle", finished)
    h.equal(backup(full)[0], 0, "the next one ends it")
    h.equal([f for f in files(full) if f.endswith(".new")], [], "nothing half-written is left")
    h.equal(backup(folder)[0], 0, "and the other is brought up to date")
    # which epoch tables were there depends on when it was made; processes end meanwhile
    h.equal([f for f in differences(folder, full) if not f.startswith(("ledger/live/", "process/"))],
            [], "both are the same")


def run_again(folder):
    """With the host's key a collector goes on where the backup ends."""
    other = h.Collector(os.path.join(h.work, "again"), conf=CONF)
    store = os.path.join(other.dir, "store")
    shutil.copytree(folder, store)
    shutil.copy2(os.path.join(host.dir, "host.key"), other.dir)
    before = len([x for x in host.objects("list")])
    other.start()
    h.equal(h.record(other, ["/bin/echo", "restored"]).wait(), 0, "a session of the restored host")
    h.eventually(60, lambda: len(other.objects("list")) == before + 1)
    h.equal(other.stop(), 0, "it ends")
    status, lines, _ = verify(store)
    h.equal([x["status"] for x in lines if x.get("status")], ["COMPLETE"] * (before + 1),
            "old and new sessions are proven as one store's")
    h.equal((status, [x["kind"] for x in lines if x.get("kind")]), (1, ["epoch"]),
            "and what the keys of epochs that are gone mean is said")


def damaged(folder):
    name = next(f for f in files(folder) if f.endswith(".shlc"))
    for what in ("flip", "cut", "delete"):
        copy = os.path.join(h.work, what)
        shutil.copytree(folder, copy)
        path = os.path.join(copy, name)
        with open(path, "r+b") as f:
            if what == "cut":
                f.truncate(os.path.getsize(path) - 3)
            f.seek(40)
            if what == "flip":
                byte = f.read(1)[0]
                f.seek(40)
                f.write(bytes([byte ^ 1]))
        if what == "delete":
            os.unlink(path)
        h.equal(verify(copy)[0], 1, f"{what}: verify finds it")
        status, _, err = backup(copy)
        if what == "delete":
            h.equal((status, verify(copy)[0]), (0, 0), "what is gone is copied anew")
        elif what == "flip":
            h.ok(status == 1 and name in err and "what was kept stays" in err,
                 f"{what}: the next backup says it, and keeps both as they are", (status, err))


def put_back(folder):
    """The store goes back to what it was, and on from there otherwise."""
    early = os.path.join(h.work, "early")
    shutil.copytree(os.path.join(host.dir, "store"), early)
    session("later")
    settled(1)
    h.equal(backup(folder)[0], 0, "a backup of what came then")
    was = {f: os.stat(os.path.join(folder, f)).st_mtime_ns for f in files(folder)}
    status, _, err = backup(folder, store=early)
    h.ok(status == 1 and "put back to an earlier state" in err, "an earlier store is told", err)
    h.equal({f: os.stat(os.path.join(folder, f)).st_mtime_ns for f in files(folder)}, was,
            "and nothing of it is taken")
    os.unlink(next(os.path.join(host.dir, "store", f) for f in files(os.path.join(host.dir, "store"))
                   if f.endswith(".shlc")))
    status, _, err = backup(folder)
    h.ok(status == 1 and "no longer has it" in err, "so is a session that is gone", err)
    is_right(folder, "which the backup still has")


def refused(folder):
    full = os.path.join(h.work, "full")
    os.mkdir(full, 0o700)
    script = (f"mount -t tmpfs -o size=64k,mode=700 none {full} && {h.SHELLAC} -S {folder} backup {full};"
              f" s=$?; find {full} -name '*.new'; exit $s")
    r = subprocess.run(["unshare", "-m", "sh", "-c", script], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, check=False)
    h.ok(r.returncode == 3 and b"No space left" in r.stderr, "a full disk is said", r.stderr)
    h.equal(r.stdout, b"", "and nothing half-written is left")

    elsewhere = os.path.join(h.work, "elsewhere")
    os.mkdir(elsewhere)
    led = os.path.join(h.work, "led")
    shutil.copytree(folder, led)
    shutil.rmtree(os.path.join(led, "session"))
    os.symlink(elsewhere, os.path.join(led, "session"))
    status, _, err = backup(led, store=folder)
    h.ok(status == 3 and os.listdir(elsewhere) == [], "a link leads nowhere", err)

    before = files(folder)
    for inside in (folder, os.path.join(folder, "session"), os.path.join(folder, "new")):
        status, _, err = backup(inside, store=folder)
        h.ok(status == 3 and "in the store itself" in err and files(folder) == before,
             "a store takes in no backup of itself", (status, err))

    with open(os.path.join(elsewhere, "mine"), "w", encoding="ascii") as f:
        f.write("x")
    status, _, err = backup(elsewhere, store=folder)
    h.ok(status == 3 and "empty" in err, "a folder with something else in it is left alone", err)
    os.chmod(full, 0o777)
    status, _, err = backup(full, store=folder)
    h.ok(status == 3 and "others may write" in err, "one that others may write to, too", err)


def purged(folder):
    number = host.objects("list")[0]["n"]
    path = next(os.path.join(folder, f) for f in files(folder) if f"/{number}-" in f)
    was = read(path)
    h.equal(host.auditor("purge", str(number)).returncode, 0, "a session is purged")
    status, out, err = backup(folder)
    h.ok(status == 0 and "1 were purged since" in out, "the backup says that it keeps it",
         (status, out, err, verify(folder)))
    h.ok(read(path) == was, "all of it")
    host.auditor("rotate")  # a checkpoint has the PURGE
    status, out, err = backup(folder, "--purge")
    h.ok((status, err) == (0, ""), "--purge deletes it there", (status, out, err, verify(folder)))
    h.equal(read(path)[:8], b"SHLZ\1\2\0\0", "but its proofs")


host = h.Collector(conf=CONF)
host.start()
main_folder = os.path.join(h.work, "backup")
first(main_folder)
while_it_goes(main_folder)
interrupted(main_folder)
run_again(main_folder)
damaged(main_folder)
refused(main_folder)
purged(main_folder)
put_back(main_folder)
h.equal(host.stop(), 0, "the collector ends")
h.done()
