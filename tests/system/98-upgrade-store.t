#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Stores of earlier versions, store-VERSION/ beside this, made by store_made.py: read as
they were read then, whatever is left of that version's caches, and taken over by this
version's collector."""
import glob
import json
import os
import sqlite3
import subprocess

import harness as h

HERE = os.path.join(h.TOP, "tests/system")
SINK = """#!/usr/bin/python3
import json, sys
out = open(sys.argv[1], "a", buffering=1)
for line in sys.stdin:
    sequence = json.loads(line)["event"].get("sequence")
    if sequence:
        out.write(f"{sequence}\\n")
        print("ACK", sequence, flush=True)
"""


def lines(data):
    return [json.loads(line) for line in data.splitlines()]


def kept(fixture, name):
    with open(os.path.join(fixture, name), "rb") as f:
        return f.read()


def differs(got, then):
    """Where an object has not what it had; it may have more."""
    if not isinstance(then, dict):
        return None if got == then else f"{then!r:.100} is {got!r:.100}"
    return next((f"{k}: {d}" for k, v in then.items() if (d := differs(got.get(k, "absent"), v))),
                None)


def agree(got, then, name):
    """So many objects, each with what it had."""
    wrong = [d for a, b in zip(got, then) if (d := differs(a, b))]
    return h.ok(len(got) == len(then) and not wrong, name,
                f"{len(got)} for {len(then)} lines; {wrong[:3]}")


def ask(store, *words):
    return subprocess.run([h.SHELLAC, "-S", store, *words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=100)


def is_read(fixture, store, how):
    key = ["--key", os.path.join(fixture, "host.enrolment")]
    for name, words in [("list", ["list"]), ("procs", ["procs"]), ("ledger", ["ledger"]),
                        ("review", ["review", "list"])]:
        agree(lines(ask(store, *words, "--json").stdout), lines(kept(fixture, name + ".json")),
              f"{how}: {name}")
    run = ask(store, "verify", "--json", *key)
    agree(lines(run.stdout), lines(kept(fixture, "verify.json")), f"{how}: verify, all findings")
    h.equal(run.returncode, 1, f"{how}: and its exit status")
    wrong = [n for n in numbers(fixture) if ask(store, "cat", str(n)).stdout != kept(fixture, f"cat-{n}")]
    h.equal(wrong, [], f"{how}: cat, each session")


def numbers(fixture):
    return [o["n"] for o in lines(kept(fixture, "list.json"))]


def spoil_caches():
    """They are an earlier version's now, and wrong wherever somebody looks."""
    count = 0
    for path in glob.glob(os.environ["XDG_CACHE_HOME"] + "/shellac/*.db"):
        db = sqlite3.connect(path)
        version = db.execute("PRAGMA user_version").fetchone()[0]
        for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' "
                                   "AND name NOT LIKE 'sqlite_%'").fetchall():
            for column in db.execute(f"PRAGMA table_info({table})").fetchall():
                if not column[5]:
                    db.execute(f'UPDATE OR IGNORE {table} SET "{column[1]}" = 7')
        db.execute(f"PRAGMA user_version = {version - 1}")
        db.commit()
        db.close()
        count += 1
    return count


def unpacked(fixture, name):
    place = os.path.join(h.work, name)
    os.mkdir(place, 0o700)
    subprocess.run(["tar", "-C", place, "--no-same-owner", "-xpJf",
                    os.path.join(fixture, "state.tar.xz")], check=True)
    return place


def verdicts(fixture):
    """Status and level then, by number."""
    found = {o["n"]: o for o in lines(kept(fixture, "verify.json")) if "status" in o}
    return {n: (o["status"], o["level"]) for n, o in found.items()}


def configure(place, sink):
    """The configuration of then, but for the accounting that a user has not, and a
    plugin in the place of the one that took nothing."""
    with open(place + "/shellac.conf", encoding="ascii") as f:
        conf = f.read()
    if os.geteuid() != 0:
        conf = conf.replace("acct = own", "acct = off")
    with open(place + "/shellac.conf", "w", encoding="ascii") as f:
        f.write(conf)
    with open(h.work + "/sink.py", "w", encoding="ascii") as f:
        f.write(SINK)
    os.chmod(h.work + "/sink.py", 0o755)
    os.chmod(h.work, 0o755)
    with open(place + "/plugins.d/slow.conf", "w", encoding="ascii") as f:
        f.write(f"active = yes\npath = {h.work}/sink.py\nargs = {sink}\n")


def heard(path):
    try:
        with open(path, encoding="ascii") as f:
            return [int(line) for line in f]
    except (FileNotFoundError, ValueError):
        return []


def is_taken_over(fixture):
    place, sink = unpacked(fixture, "taken"), h.work + "/heard"
    then, last = verdicts(fixture), numbers(fixture)[-1]
    configure(place, sink)
    c = h.Collector(place).start()
    t = h.record(c, ["sh", "-c", "echo after the upgrade"])
    h.equal(t.wait(), 0, "a session is recorded")
    h.ok(c.closed(last + 1), "under the next number")
    h.ok(h.eventually(30, lambda: not any(f.endswith(".live") for f in c.files().values())),
         "and the one that went on then has ended")
    h.equal(c.auditor("rotate").returncode, 0, "an epoch ends")
    now = {o["n"]: (o["status"], o["level"]) for o in
           c.objects("verify", "--key", fixture + "/host.enrolment") if "status" in o}
    wanted = {n: v if v[1] is None else (v[0], 2) for n, v in then.items()}
    wanted.update({last: ("CUT", 2), last + 1: ("COMPLETE", 2)})
    h.equal(now, wanted, "each has the status it had, and all of it is proven now")
    ledger = [o["ledger"]["status"] for o in c.objects("verify") if "ledger" in o]
    h.equal(ledger, ["CONSISTENT"], "the ledger goes on")
    agree(c.objects("ledger")[:len(lines(kept(fixture, "ledger.json")))],
          lines(kept(fixture, "ledger.json")), "behind what it had")
    agree(c.objects("review", "list"), lines(kept(fixture, "review.json")), "sign-offs are kept")
    h.ok(b"case 17" in c.auditor("hold").stdout, "and what is held")
    rows = [tuple(sorted((k, str(o.get(k))) for k in ("pid", "comm", "start", "exit", "session")))
            for o in c.objects("procs")]
    lost = [o for o in lines(kept(fixture, "procs.json")) if o.get("reason") is None and tuple(
        sorted((k, str(o.get(k))) for k in ("pid", "comm", "start", "exit", "session"))) not in rows]
    h.equal(lost, [], "every process that was there is there")
    h.eventually(30, lambda: len(heard(sink)) > 30)
    got = heard(sink)
    # it was new then, after event 1
    h.equal(got, list(range(2, len(got) + 2)), "a plugin gets all that it was still to get, once")
    h.ok(len(got) > 30, "and that was something", str(got))
    h.equal(c.stop(), 0, "it ends cleanly")


def second_opinion(fixture, store):
    """tests/verify_store.py, which was written from the pages alone."""
    run = subprocess.run([h.PYTHON, h.TOP + "/tests/verify_store.py", "--key", store + "/host.pub",
                          store], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    found = {o["n"]: o["status"] for o in lines(run.stdout) if "status" in o and "n" in o}
    h.equal(found, {n: s for n, (s, _) in verdicts(fixture).items()},
            "the second verifier reads it as well")


if os.geteuid() == 0:
    h.own_pid_namespace()
FIXTURES = sorted(glob.glob(HERE + "/store-*/"))
h.ok(FIXTURES, "there are stores of earlier versions")
for number, at in enumerate(FIXTURES):
    h.note(os.path.basename(at.rstrip("/")))
    folder = unpacked(at, f"read{number}")
    is_read(at, folder + "/store", "read")
    ask(folder + "/store", "search", "hello")
    h.ok(spoil_caches() >= 2, "there are caches, and now they are an earlier version's")
    is_read(at, folder + "/store", "with such caches")
    second_opinion(at, folder + "/store")
    is_taken_over(at)
h.done()
