#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A host that is watched gets a new key: its witness has to be told, and then goes on
where it was; who stole the old key cannot lead it elsewhere."""
import base64
import os

import harness as h
import notes
import witness_world as w

CONF = "acct = off\ncompress = no\nepoch_s = 1\nwitness_policy = {}\n"


class World:
    def __init__(self):
        self.policy = os.path.join(h.work, "policy")
        self.collector = h.Collector(conf=CONF.format(self.policy))
        self.witness = w.Witness("w1")

    def ledger(self, name):
        try:
            with open(os.path.join(self.collector.dir, "store/ledger", name), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return b""

    def vkey(self):
        """The host's key of today, as a log's."""
        shown = self.collector.auditor("key", "show").stdout.decode().splitlines()
        return next(line[10:].strip() for line in shown if line.startswith("log key"))

    def watch(self, *keys):
        if self.witness.proc:
            self.witness.stop()
        self.witness.start(*[arg for key in keys for arg in ("--log", key)])

    def cosigned(self):
        note = self.ledger("cosigned")
        good = note and w.signed_at(note, self.witness.vkey) is not None
        return w.state_of(note)[1] if good else 0

    def goes_on(self, name):
        size = w.state_of(self.ledger("checkpoint"))[1]
        return h.ok(h.eventually(40, lambda: self.cosigned() > size), name, self.collector.text()[-600:])

    def state(self):
        return self.collector.objects("status")[0]["witnesses"][0]["state"]

    def proven(self, name, *sessions):
        args = ("verify", "--level", "3", "--policy", self.policy, *sessions)
        h.ok(h.eventually(30, lambda: self.collector.auditor(*args).returncode == 0), name,
             self.collector.auditor(*args).stdout.decode())


def forged(world, seed, old):
    """A fork by the old key, behind the point where it was replaced."""
    name = old.split("+")[0]
    thief = notes.Key(name, seed)
    known = notes.entries(world.ledger("log"))
    fork = known[:4] + [b"another entry %d" % i for i in range(len(known))]
    size = w.state_of(world.witness.newest(name))[1]
    proof = [w.b64(x) for x in w.consistency(size, fork)] if size < len(fork) else []
    body = "\n".join([f"old {size}", *proof, "", ""]).encode() + notes.checkpoint(thief, fork)
    return w.curl(world.witness.url + "/add-checkpoint", body)[0]


def main():
    world = World()
    c = world.collector
    with open(world.policy, "w", encoding="ascii") as f:
        f.write(f"witness w1 {world.witness.vkey} http://127.0.0.1:9\nquorum w1\n")
    c.start()
    h.ok(h.eventually(20, lambda: world.ledger("checkpoint")), "there is a ledger")
    old = world.vkey()
    world.watch(old)
    with open(world.policy, "w", encoding="ascii") as f:
        f.write(f"witness w1 {world.witness.vkey} {world.witness.url}\nquorum w1\n")
    c.proc.send_signal(1)
    world.goes_on("its checkpoints are cosigned")
    h.equal(h.record(c, ["true"]).wait(), 0, "a session")
    world.proven("which is witnessed", "1")
    with open(os.path.join(c.dir, "host.key"), encoding="ascii") as f:
        seed = base64.b64decode(f.read().split("\n")[1])
    h.equal(c.auditor("key", "rotate").returncode, 0, "the host gets a new key")
    new = world.vkey()
    h.equal(h.record(c, ["true"]).wait(), 0, "a session")
    h.ok(h.eventually(30, lambda: world.state() not in ("fine", "new")),
         "a witness that was not told does not cosign what it signs")
    h.ok(new != old and new.split("+")[0] == old.split("+")[0], "both keys have one name")
    world.watch(old, new)
    world.goes_on("told of it, it goes on where it was")
    world.proven("both sessions are witnessed")
    h.equal(forged(world, seed, old), 422, "a fork by the old key does not continue what it knows")
    world.watch(new)
    world.goes_on("without the old key, too")
    h.equal(forged(world, seed, old), 403, "which is worth nothing any more")
    world.proven("all of it stays proven")
    h.equal(c.stop(), 0, "it ends cleanly")
    h.done()


main()
