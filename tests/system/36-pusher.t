#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A ledger and its witnesses: two of three are a quorum, one that was away catches up,
a store put back to an earlier copy and a ledger written anew are alarms."""
import os
import re
import shutil
import signal
import subprocess
import time

import harness as h
import witness_world as w

BASE = "acct = off\nprocess_events = no\ncompress = no\nwitness_policy = {policy}\nepoch_s = {epoch}\n"


class World:
    """A host, three witnesses and a policy that wants two of them."""

    def __init__(self):
        self.policy = os.path.join(h.work, "policy")
        self.collector = h.Collector()
        self.witnesses = [w.Witness(name) for name in ("w1", "w2", "w3")]
        self.origin = self.vkey = None

    def configure(self, epoch):
        path = os.path.join(self.collector.dir, "shellac.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(BASE.format(policy=self.policy, epoch=epoch))

    def reread(self):
        self.collector.proc.send_signal(signal.SIGHUP)

    def ledger(self, name):
        try:
            with open(os.path.join(self.collector.dir, "store/ledger", name), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return b""

    def learn(self):
        """The host's key as a log's."""
        with open(os.path.join(self.collector.dir, "store/host.pub"), encoding="utf-8") as f:
            public = w.read_vkey(f.read())[2]
        self.origin = w.state_of(self.ledger("checkpoint"))[0]
        self.vkey = w.vkey(self.origin, w.ED25519, public)

    def write_policy(self):
        with open(self.policy, "w", encoding="utf-8") as f:
            f.write(f"log {self.vkey}\n")
            for one in self.witnesses:
                f.write(f"witness {one.name} {one.vkey} {one.url or 'http://127.0.0.1:9'}/\n")
            f.write("group two 2 w1 w2 w3\nquorum two\n")

    def start(self, one):
        one.start("--log", self.vkey)

    def size(self):
        return w.state_of(self.ledger("checkpoint"))[1]

    def cosigned(self):
        """Size and names of those who signed, (0, []) without."""
        note = self.ledger("cosigned")
        if not note:
            return 0, []
        names = [one.name for one in self.witnesses if w.signed_at(note, one.vkey) is not None]
        return w.state_of(note)[1], names

    def cosigned_by(self, names, after, seconds=30):
        return h.eventually(seconds, lambda: (lambda size, who: size > after and who == names)(
            *self.cosigned()))

    def state(self, name):
        found = self.collector.objects("status")[0]["witnesses"]
        return next((x for x in found if x["name"] == name), None)

    def in_state(self, name, state, seconds=30):
        return h.eventually(seconds, lambda: (self.state(name) or {}).get("state") == state)

    def logged(self, text, seconds=30):
        return h.eventually(seconds, lambda: re.search(text, self.collector.text()))


def begin(world):
    world.configure(1)
    world.collector.start()
    h.ok(world.logged("witness_policy .*No such file"), "a policy that is not there is said")
    h.ok(h.eventually(20, lambda: world.ledger("checkpoint")), "there is a checkpoint")
    world.learn()
    text, signatures = w.split_note(world.ledger("checkpoint"))
    public = w.read_vkey(world.vkey)[2]
    number = w.key_id(world.origin, w.ED25519, public)
    h.ok(w.verified(public, text, signatures[world.origin, number]), "the host has signed it")


def quorum(world):
    first, second, third = world.witnesses
    world.start(first)
    world.write_policy()
    world.reread()
    h.ok(world.in_state("w1", "fine"), "SIGHUP takes the policy, a witness cosigns")
    h.ok(world.in_state("w2", "away"), "the others are away")
    h.equal(world.cosigned(), (0, []), "one of three is no quorum")
    world.start(second)
    world.write_policy()
    world.reread()
    h.ok(world.cosigned_by(["w1", "w2"], 0), "two are", world.cosigned())
    h.ok(world.logged("witness w3: away: "), "who is away is said")
    before = world.cosigned()[0]
    h.ok(world.cosigned_by(["w1", "w2"], before), "and so it goes on", world.cosigned())
    terminal = h.record(world.collector, ["true"])
    h.equal(terminal.wait(), 0, "a session runs")
    world.collector.closed(1)
    before = world.size()
    h.ok(world.cosigned_by(["w1", "w2"], before), "what is after it is cosigned")
    run = world.collector.auditor("verify", "--level", "3", "--policy", world.policy, "1")
    h.equal(run.returncode, 0, "the session is proven at level 3")
    world.start(third)
    world.write_policy()
    world.reread()
    h.ok(world.cosigned_by(["w1", "w2", "w3"], before), "the third comes", world.cosigned())


def away_and_back(world):
    third = world.witnesses[2]
    third.kill()
    h.ok(world.in_state("w3", "away"), "killed, a witness is away")
    left = w.state_of(third.newest(world.origin))[1]
    h.ok(h.eventually(30, lambda: world.cosigned()[0] > left + 2), "the others go on")
    h.ok(world.state("w3")["behind"] > 0, "status says how far it is behind", world.state("w3"))
    world.start(third)
    h.ok(world.logged("witness w3: is back"), "it is back")
    h.ok(h.eventually(30, lambda: w.state_of(third.newest(world.origin))[1] > left + 2),
         "and has caught up")
    pid = pusher(world)
    os.kill(pid, signal.SIGKILL)
    h.ok(world.logged("the pusher was ended by signal 9"), "a pusher that ends is said")
    before = world.cosigned()[0]
    h.ok(world.cosigned_by(["w1", "w2", "w3"], before), "and started again")


def pusher(world):
    """Its process id; it runs as nobody where the collector is root."""
    out = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(world.collector.proc.pid)],
                         stdout=subprocess.PIPE, check=True).stdout.decode()
    pid = int(re.search(r"(\d+) shellac-push", out)[1])
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        text = f.read()
    uids = set(re.search(r"^Uid:\t(.*)$", text, re.M)[1].split())
    h.ok(os.geteuid() != 0 or "0" not in uids, "the pusher is not root", uids)
    h.ok("NoNewPrivs:\t1" in text, "and can never become it")
    where = sorted(os.readlink(f"/proc/{pid}/fd/{n}") for n in os.listdir(f"/proc/{pid}/fd"))
    own = [x for x in where if world.collector.dir in x and not x.endswith("/d.log")]
    h.equal([os.path.basename(x) for x in own], ["hashes", "log"], "of the store it has two files")
    return pid


def without_hashes(world):
    """The cache of hashes is one: the pusher does without."""
    world.collector.stop()
    with open(os.path.join(world.collector.dir, "store/ledger/hashes"), "r+b") as f:
        f.seek(64)
        f.write(bytes(96))
    before = world.cosigned()[0]
    world.collector.start()
    h.ok(world.cosigned_by(["w1", "w2", "w3"], before), "wrong hashes on disk do no harm",
         world.cosigned())


def rollback(world):
    store, copy = os.path.join(world.collector.dir, "store"), os.path.join(h.work, "copy")
    world.collector.stop()
    shutil.copytree(store, copy, symlinks=True)
    world.collector.start()
    before = world.size() + 5
    h.ok(h.eventually(40, lambda: world.cosigned()[0] >= before), "the ledger goes on")
    world.collector.stop()
    shutil.rmtree(store)
    shutil.move(copy, store)
    world.configure(3600)
    seen = len(world.collector.text())
    world.collector.start()
    for one in ("w1", "w2", "w3"):
        h.ok(world.in_state(one, "ROLLBACK"), f"with an earlier copy {one} says ROLLBACK",
             world.state(one))
    h.ok(re.search(r"witness w1: ROLLBACK: it cosigned size \d+, this ledger has \d+",
                   world.collector.text()[seen:]), "which is on the log")
    h.ok(h.eventually(20, lambda: b"ROLLBACK" in world.ledger("log")), "and in the ledger")
    h.ok(all(w.state_of(one.newest(world.origin))[1] >= before for one in world.witnesses),
         "the witnesses stay with what they know")
    world.configure(1)
    world.reread()
    h.ok(h.eventually(30, lambda: world.size() > before + 3), "it grows past that")
    world.collector.stop()  # and asks at once
    world.collector.start()
    h.ok(world.in_state("w1", "FORK", 90), "grown past what they know it is a FORK",
         world.state("w1"))
    h.ok(os.path.exists(world.witnesses[0].file(world.origin) + ".conflict"),
         "of which the witness keeps the proof")


def strangers():
    """A witness that answers nonsense, or sends elsewhere, or without end, is away."""
    collector = h.Collector(os.path.join(h.work, "s"))
    world = World.__new__(World)
    world.collector, world.policy = collector, os.path.join(h.work, "s.policy")
    world.witnesses, world.origin = [], None
    server = subprocess.Popen([h.PYTHON, os.path.join(h.HERE, "bad_witness.py")],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    h.at_end(server.kill)
    port = int(server.stdout.readline())
    kinds = ("nonsense", "redirect", "endless", "slow")
    with open(world.policy, "w", encoding="utf-8") as f:
        for n, kind in enumerate(kinds):
            key = w.vkey(f"{kind}.test/w", w.COSIGNATURE, bytes([n + 1]) * 32)
            f.write(f"witness {kind} {key} http://127.0.0.1:{port}/{kind}\n")
        f.write("quorum nonsense\n")
    world.configure(3600)
    collector.start()
    for kind in kinds[:3]:  # nobody waits for the last
        h.ok(world.in_state(kind, "away", 60), f"{kind}: away", world.state(kind))
    h.ok("too large" in world.state("endless")["error"], "an answer without end is cut off",
         world.state("endless"))
    h.ok(world.state("redirect")["error"].startswith("302"), "no redirection is followed",
         world.state("redirect"))
    h.ok("\x1b" not in collector.text() and "\\x1b" in collector.text(),
         "what they say is harmless on the log")
    h.equal(world.ledger("cosigned"), b"", "nothing of it is a cosignature")
    begin_s = time.monotonic()
    h.equal(collector.stop(), 0, "the collector ends")
    h.ok(time.monotonic() - begin_s < 20, "and waits for none of them")
    server.kill()


def taken_over(world):
    """What a pusher brings is believed as little as what a witness says."""
    here = os.path.join(h.work, "own")
    for folder in ("collector", "pusher"):
        os.makedirs(os.path.join(here, folder))
    shutil.copy(h.SHELLACD, os.path.join(here, "collector"))
    script = os.path.join(here, "pusher/shellac-push")
    shutil.copy(os.path.join(h.HERE, "bad_pusher.py"), script)
    os.chmod(script, 0o755)
    before, note = world.ledger("cosigned"), world.ledger("checkpoint")
    other = w.Log(world.origin)
    lies = [x.replace(b"\n%d\n" % w.state_of(x)[1], b"\n999999\n") for x in (note, before)]
    said = [b"\x03" + note, b"\x03" + lies[0], b"\x03" + lies[1], b"\x03" + other.note(30),
            b"\x03", b"\x03\0" * 50, b"\x04", b"\x04\x20\x01" + bytes(16), b"\xff" * 60000,
            b"\x04\x01\x05" + (7).to_bytes(8, "little") + bytes(8) + b"\x1b[31m told you"]
    with open(os.path.join(here, "pusher/says"), "w", encoding="ascii") as f:
        f.write("".join(x.hex() + "\n" for x in said))
    world.configure(3600)
    real, h.SHELLACD = h.SHELLACD, os.path.join(here, "collector/shellacd")
    seen = len(world.collector.text())
    world.collector.start()
    h.SHELLACD = real
    h.ok(world.in_state("w2", "ROLLBACK"), "a pusher that lies is heard", world.state("w2"))
    log = world.collector.text()[seen:]
    h.equal(log.count("is none"), 6, "none of its cosigned checkpoints is one")
    h.equal(world.ledger("cosigned"), before, "the one that there is stays")
    h.ok("\x1b" not in log and "\\x1b" in log, "what it says is harmless on the log", log)
    h.equal(world.collector.stop(), 0, "the collector ends as ever")


def main():
    world = World()
    begin(world)
    quorum(world)
    away_and_back(world)
    without_hashes(world)
    rollback(world)
    world.collector.stop()
    taken_over(world)
    strangers()
    h.done()


main()
