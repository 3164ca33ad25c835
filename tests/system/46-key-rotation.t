#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The host gets a new key: who knew it knows it still, at whatever moment its collector
is killed, and a key that was replaced is worth nothing to who stole it."""
import base64
import os
import shutil
import struct

import harness as h
import ledger_world as w
import notes

SHIM = os.path.join(h.BUILD, "tests/collector/shim_die.so")
CONF = "acct = off\nepoch_s = 1\ncompress = no\n"


def words(collector):
    return [e["type"] for e in collector.objects("ledger")]


def keys_of(collector):
    """The places of host.key that have one."""
    with open(os.path.join(collector.dir, "host.key"), encoding="ascii") as f:
        lines = f.read().split("\n")[1:3]
    return [i for i, line in enumerate(lines) if line and line[0] != "-"]


def proven(collector, *args):
    """verify finds nothing and all of it is in a closed epoch."""
    return h.eventually(20, lambda: collector.auditor("verify", "--level", "2", *args).returncode == 0)


def shown(collector):
    return dict((line[:9].strip(), line[10:].strip())
                for line in collector.auditor("key", "show").stdout.decode().splitlines())


def session(collector):
    return h.record(collector, ["echo", "hello"]).wait()


def goes_on(place):
    """Sessions before, during and after; the collector started again; twice."""
    collector = h.Collector(place, conf=CONF).start()
    enrolled = [place + ".enrolment0"]
    w.put(enrolled[0], collector.auditor("key", "enrol").stdout)
    h.equal(session(collector), 0, "a session")
    live = h.record(collector, ["cat"])
    live.send("before\n")
    live.wait_for("before\r\nbefore")
    before = shown(collector)
    proven(collector, "1")
    early = collector.auditor("bundle", "-o", "-", "1").stdout
    shutil.copy(os.path.join(place, "host.key"), place + ".key")
    rotated = collector.auditor("key", "rotate")
    h.equal(rotated.returncode, 0, "the host gets a new key")
    after = shown(collector)
    h.ok(before["host id"] == after["host id"] and before["host key"] == after["host key"] and
         before["log key"] != after["log key"], "its id stays, and what others know of it")
    h.equal(before["log key"].split("+")[0], after["log key"].split("+")[0],
            "and its name as a log")
    h.equal(words(collector).count("KEY"), 1, "the ledger says so")
    h.equal(keys_of(collector), [1], "the old key is gone from the disk")
    old_seed = w.read(place + ".key").split(b"\n")[1]
    h.ok(old_seed not in w.read(os.path.join(place, "host.key")), "for good")
    live.send("behind\n")
    live.wait_for("behind\r\nbehind")
    live.send(b"\x04")
    h.equal(live.wait(), 0, "a session that went on goes on")
    h.equal(session(collector), 0, "and a new one begins")
    h.ok(proven(collector), "all of them are proven, by the first key")
    h.equal({s["status"] for s in collector.objects("list")}, {"COMPLETE"}, "list says so too")
    h.ok(b"hello" in collector.raw(3), "and what the new one shows is certified")
    note = w.read(os.path.join(place, "store/ledger/checkpoint"))
    h.equal(note.split(b"\n")[0].decode(), after["log key"].split("+")[0], "checkpoints keep their name")
    h.ok(base64.b64decode(note.rstrip().split(b" ")[-1])[:4].hex() == after["log key"].split("+")[1],
         "and have the new key")
    h.equal(collector.stop(), 0, "it ends cleanly")
    collector.start()
    h.equal(session(collector), 0, "the next one signs with the new key")
    enrolled.append(place + ".enrolment1")
    w.put(enrolled[1], collector.auditor("key", "enrol").stdout)
    h.equal(collector.auditor("key", "rotate").returncode, 0, "and is given one more")
    h.equal(keys_of(collector), [0], "in the other place")
    h.equal(session(collector), 0, "one more session")
    for path in [None, *enrolled]:
        h.ok(proven(collector, *(["--key", path] if path else [])), f"all is proven by {path}")
    h.equal(collector.auditor("check").stdout.count(b"not the secret"), 0, "check finds the keys right")
    bundles(collector, enrolled, early)
    collector.stop()
    return collector, enrolled


def keys_in(data):
    """Where the proofs of a bundle's keys begin, and their bytes."""
    sizes = struct.unpack_from("<IIII", data, 8)
    at = 32 + sum(sizes[:3])
    return at, data[at:at + sizes[3]]


def with_keys(data, keys):
    at, old = keys_in(data)
    return data[:20] + struct.pack("<I", len(keys)) + data[24:at] + keys + data[at + len(old):]


def split(keys):
    found = []
    while keys:
        size = 4 + struct.unpack_from("<I", keys)[0]
        found.append(keys[:size])
        keys = keys[size:]
    return found


def bundles(collector, enrolled, early):
    """A session and its proofs, in front of and behind a change of keys."""
    path = os.path.join(h.work, "one.shlb")
    pub = os.path.join(collector.dir, "store/host.pub")

    def judged(data, key=pub):
        w.put(path, data)
        run = collector.auditor("verify", "--key", key, path)
        return run.returncode, b"COMPLETE" in run.stdout

    made = {n: collector.auditor("bundle", "-o", "-", str(n)).stdout for n in (1, 3, 5)}
    for n, data in made.items():
        h.equal([judged(data, key) for key in (pub, *enrolled)], [(0, True)] * 3,
                f"the bundle of session {n}, by the first key and by each enrolment")
    h.equal(judged(early), (0, True), "one from before proves what it did")
    data = made[3]
    keys = split(keys_in(data)[1])
    h.equal(len(keys), 3, "it has all three keys")
    changed = {"no key": [], "the first alone": keys[:1], "the last left out": keys[:2],
               "one left out": [keys[0], keys[2]], "one twice": keys + keys[2:],
               "in another order": [keys[0], keys[2], keys[1]], "the first left out": keys[1:]}
    h.equal([name for name, k in changed.items() if judged(with_keys(data, b"".join(k))) != (1, False)],
            [], "other keys prove nothing")
    at, block = keys_in(data)
    missed = [i for i in range(at, at + len(block), 37)
              if judged(data[:i] + bytes([data[i] ^ 1]) + data[i + 1:])[0] != 1]
    h.equal(missed, [], "nor changed ones")


def both(store, key, wanted, name, seen=None):
    """The tool and the second verifier find this ledger's status and these kinds."""
    theirs, code = w.tool([store], key, seen=seen)
    ours = w.second(store, key, seen=seen)
    h.equal((theirs[0][0], theirs[0][2]), wanted, f"{name}: found")
    h.equal((ours[0], ours[2]), wanted, f"{name}: by the second too")
    h.equal(theirs[0][1], ours[1], f"{name}: of the sessions both say the same")
    h.equal(code, 1 if wanted != ("CONSISTENT", set()) else 0, f"{name}: exit status")
    return theirs[0][1]


def signed_key(index, like, new, by_old, by_new):
    """A KEY that names the public half of new, signed by these two."""
    head = struct.pack("<4sBBHQqQ", b"SHLE", 1, 15, 0, index, like.wall_ns, like.boot_ns)
    message = w.verify_ledger.SIGNED + head + new.pk.raw
    return head + new.pk.raw + by_old.sign(message) + by_new.sign(message)


def framed(entry):
    return struct.pack("<H", len(entry)) + entry


def place_in(name):
    return os.path.join(h.work, "forged", name)


def forged_entries(base, key, old, now):
    """KEY behind the last entry, by who has not both keys."""
    log, known = w.read(os.path.join(base, w.LOG)), w.entries(base)
    own = notes.Key("x", b"o" * 32)
    for name, by_old, by_new in (("signed by the new key alone", own, own),
                                 ("signed by the old key alone", now, now),
                                 ("by the key that was replaced", old, own),
                                 ("by nobody", own, now)):
        forged = signed_key(len(known), known[-1], own, by_old, by_new)
        both(w.copy(base, place_in(name), {w.LOG: log + framed(forged)}), key,
             ("TAMPERED", {"log"}), f"KEY {name}")
    at = next(e.index for e in known if e.word == "KEY")
    without = b"".join(framed(e.data) for e in known if e.index != at)
    both(w.copy(base, place_in("without"), {w.LOG: without}), key,
         ("TAMPERED", {"log", "checkpoint", "certificate"}), "KEY left out")


def forged_checkpoints(base, key, enrolled, old):
    """By the key that was replaced."""
    known = [e.data for e in w.entries(base)]
    at = next(e.index for e in w.entries(base) if e.word == "OPEN" and e.n == 2)
    name = w.read(os.path.join(base, w.CHECKPOINT)).split(b"\n")[0].decode()
    thief = notes.Key(name, old.seed)
    kept = os.path.join(h.work, "kept")
    shutil.copy(os.path.join(base, w.CHECKPOINT), kept)
    changes = {w.CHECKPOINT: notes.checkpoint(thief, known)}
    both(w.copy(base, place_in("checkpoint"), changes), key, ("TAMPERED", {"checkpoint"}),
         "the old key signs what is behind KEY")
    changes = {w.CHECKPOINT: notes.checkpoint(thief, known[:at])}
    both(w.copy(base, place_in("early"), changes), key, ("CONSISTENT", set()),
         "it did sign what was before")
    gone = {path: None for n, path in w.sessions_of(base).items() if n > 1}
    fork = {**gone, w.LOG: notes.log_of(known[:at]), "number": b"1\n", **changes}
    store = w.copy(base, place_in("fork"), fork)
    both(store, key, ("CONSISTENT", set()), "a ledger as if KEY had never been")
    both(store, key, ("TAMPERED", {"checkpoint"}), "the same against a kept checkpoint", seen=kept)
    both(store, enrolled, ("ROLLBACK", {"rollback"}), "and by the enrolment with the newer key")


def forged_session(base, key, old):
    """Session n + 1, certified by the key that was replaced, and entered in the ledger."""
    known = w.entries(base)
    paths = w.sessions_of(base)
    n, like = max(paths) + 1, w.read(os.path.join(base, paths[max(paths)]))
    frames = h.frames(os.path.join(base, paths[max(paths)]))
    own, body = notes.Key("x", b"k" * 32), bytearray(frames[0].body)
    struct.pack_into("<Q16s32s", body, 8, n, b"\x77" * 16, own.pk.raw)
    body[-64:] = old.sign(bytes(body[:-64]))
    name = os.path.join(os.path.dirname(paths[max(paths)]), f"{n}-{'77' * 16}.shlc.cut")
    stream = like[:4] + struct.pack("<Q", 0) + bytes(body)
    blake = w.verify.blake
    head = struct.pack("<4sBBHQqQ", b"SHLE", 1, 3, 0, len(known), known[-1].wall_ns, known[-1].boot_ns)
    opened = head + struct.pack("<Q16s32s", n, b"\x77" * 16, blake(bytes(body)))
    head = struct.pack("<4sBBHQqQ", b"SHLE", 1, 4, 0, len(known) + 1, known[-1].wall_ns,
                       known[-1].boot_ns)
    closed = head + struct.pack("<Q16sBQ32sQQ32s", n, b"\x77" * 16, 2, 0, blake(bytes(body)), 0,
                                len(stream), blake(stream))
    log = w.read(os.path.join(base, w.LOG)) + framed(opened) + framed(closed)
    store = w.copy(base, place_in("session"), {w.LOG: log, name: stream, "number": b"%d\n" % n})
    theirs, code = w.tool([store], key)
    ours = w.second(store, key)
    h.equal(theirs[0][1][-1][1], "UNCERTIFIED", "a session certified by the key that was replaced")
    h.equal((theirs[0][0], theirs[0][1]), ours[:2], "the second says so too")
    h.ok("certificate" in theirs[0][2] and code == 1, "and what is wrong", theirs)


def forged(collector, enrolled):
    base = os.path.join(h.work, "base")
    shutil.copytree(os.path.join(collector.dir, "store"), base)
    key = os.path.join(base, "host.pub")
    seeds = []
    for path, line in ((collector.dir + ".key", 1), (os.path.join(collector.dir, "host.key"), 1)):
        seeds.append(base64.b64decode(w.read(path).split(b"\n")[line]))
    old, now = (notes.Key("x", seed) for seed in seeds)
    old.seed = seeds[0]
    both(base, key, ("CONSISTENT", set()), "the store as it is")
    both(base, enrolled[0], ("CONSISTENT", set()), "by the enrolment of its first day")
    both(base, enrolled[1], ("CONSISTENT", set()), "by that of a later one")
    forged_entries(base, key, old, now)
    forged_checkpoints(base, key, enrolled[1], old)
    forged_session(base, key, old)


def killed(base):
    """In front of, and inside, each call that writes while a new key is made: what starts
    next has one key, the one that the ledger names."""
    said, calls, kept, wrong = os.path.join(h.work, "said"), [], 0, []
    for n in range(1, 60):
        copy = os.path.join(h.work, f"copy{n}")
        shutil.copytree(base, copy, symlinks=True, ignore=shutil.ignore_patterns("run", "spool"))
        os.chmod(copy, 0o700)
        c = h.Collector(copy)
        c.launch({"LD_PRELOAD": SHIM, "SHIM_DIE": str(n), "SHIM_SAID": said, "SHIM_WAIT": "1",
                  **({"SHIM_HALF": "1"} if n % 2 else {})})
        h.eventually(30, lambda: c.proc.poll() is not None or c.ready())
        rotated = c.auditor("key", "rotate").returncode
        if c.proc.poll() is None and rotated == 0:
            c.kill()
            break
        c.proc.wait()
        calls.append(w.read(said).decode())
        c.start()
        if len(keys_of(c)) != 1 or session(c) != 0 or not proven(c):
            wrong.append((n, calls[-1], c.auditor("verify").stdout.decode()[-300:], c.text()[-600:]))
        kept += words(c).count("KEY") == 0
        c.kill()
        shutil.rmtree(copy)
    h.ok(len(calls) > 3, f"killed at each of {len(calls)} calls of a rotation", calls)
    h.ok(0 < kept < len(calls), f"{kept} times the old key stays", calls)
    h.equal(wrong, [], "each time the host goes on with the key that its ledger names")


def refused(collector):
    """host.key or the store put back to an earlier day."""
    place = os.path.join(h.work, "back")
    shutil.copytree(collector.dir, place, ignore=shutil.ignore_patterns("run", "spool"))
    os.chmod(place, 0o700)
    shutil.copy(collector.dir + ".key", os.path.join(place, "host.key"))
    c = h.Collector(place)
    c.launch()
    h.ok(h.eventually(20, lambda: c.proc.poll() is not None), "an older host.key is refused")
    h.ok("does not have the key that the ledger names" in c.text(), "and why is said", c.text()[-400:])
    shutil.copy(os.path.join(collector.dir, "host.key"), os.path.join(place, "host.key"))
    shutil.rmtree(os.path.join(place, "store/ledger"))
    c.launch()
    h.ok(h.eventually(20, lambda: c.proc.poll() is not None),
         "no ledger begins anew under a key that is not the first")


def main():
    collector, enrolled = goes_on(os.path.join(h.work, "host"))
    forged(collector, enrolled)
    refused(collector)
    if h.sanitized():
        h.skip("killed at each call", "a sanitizer's runtime wants to be the first library")
    else:
        fresh = h.Collector(os.path.join(h.work, "fresh"), conf=CONF.replace("= 1", "= 3600")).start()
        session(fresh)
        fresh.stop()
        with open(os.path.join(fresh.dir, "shellac.conf"), "w", encoding="ascii") as f:
            f.write(CONF)
        killed(fresh.dir)
    h.done()


main()
