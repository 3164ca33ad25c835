#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A database that is not there yet, ends, hangs, or is killed under a recorded session:
who types notices nothing, and when the database is back, all gets there.  What a witness
beside it signs gets there, too; and what the database loses is found and sent again."""
import json
import os
import shutil
import signal
import subprocess
import time

import fleet_hosts as f
import harness as h
import pg_world as pg
import witness_world as w

pg.need()
SLOW_S = 5  # an answer that takes longer is one that somebody notices, on the busiest machine


class Typist:
    """Somebody in a recorded shell: how long did answers take?"""

    def __init__(self, host):
        self.terminal, self.line = h.record(host, ["sh"]), 0
        self.answers()

    def answers(self):
        """Three lines, each answered soon?"""
        slowest = 0
        for _ in range(3):
            self.line += 1
            start = time.monotonic()
            self.terminal.send(f"echo answer-$((1000 + {self.line}))\r")
            if not self.terminal.wait_for(f"answer-{1000 + self.line}"):
                return False
            slowest = max(slowest, time.monotonic() - start)
        return slowest < SLOW_S or h.note(f"an answer took {slowest:.1f} s")

    def leave(self):
        self.terminal.send("exit 3\r")
        return self.terminal.wait()


def hang(server, stop):
    """All of the server's processes stop, or go on: first the one that starts the others, of
    which some come and go."""
    sig = signal.SIGSTOP if stop else signal.SIGCONT
    os.kill(server.proc.pid, sig)
    for pid in f.offspring(server.proc.pid):
        try:
            os.kill(pid, sig)
        except ProcessLookupError:
            pass


def status(host):
    return host.objects("status")[0]["plugins"]


def told(host, what):
    """Does status say of the forwarder what is wanted?  It, for eyes."""
    return h.eventually(60, lambda: any(what(p) for p in status(host) or []))


def troubles(host):
    """How often the forwarder said that it has none, or another one."""
    return host.text().count("plugin forward: shellac-forward: ")


def there(server, host):
    """Everything but what nobody has sealed yet."""
    return h.eventually(90, lambda: f.held(server).get(host.name) == f.stream_bytes(host))


def away(server, host, typist, name, leave, come_back):
    """One time that the database is not there."""
    before = troubles(host)
    leave()
    good = typist.answers()
    session = f.play(host, "echo while it is away; exit 4", os.path.join(h.work, "screen"))
    h.equal(f.played(session), "exit 4", f"{name}: a session begins and ends as ever")
    h.ok(typist.answers() and good, f"{name}: the one that goes on is answered")
    h.ok(host.ready(), f"{name}: the collector is well")
    if name != "hanging":  # which nobody can tell from a slow one
        h.ok(h.eventually(60, lambda: troubles(host) > before), f"{name}: the forwarder says so")
    come_back()
    h.ok(there(server, host), f"{name}: all gets there when it is back",
         f"{f.held(server)} of {f.stream_bytes(host)}\n{host.text()[-1500:]}")


# -- evidence --

class Auditor:
    """Reads the database, knows the host by its enrolment and the witness by a policy."""

    def __init__(self, server, host):
        self.where, self.policy = server.conninfo(), os.path.join(h.work, "policy")
        os.environ["XDG_CONFIG_HOME"] = os.path.join(h.work, "config")
        known = os.path.join(h.work, "config/shellac/hosts")
        os.makedirs(known)
        shutil.copy(os.path.join(h.work, host.name + ".enrolment"), known)

    def verify(self):
        """Exit status, and the levels of sessions that are complete."""
        done = subprocess.run([h.SHELLAC, "-S", self.where, "verify", "--json", "--policy",
                               self.policy], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
        said = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, {s["level"] for s in said if s.get("status") == "COMPLETE"}


def let_witness(host, auditor):
    """From now on one beside the database signs the host's checkpoints."""
    path = os.path.join(host.store, "ledger/checkpoint")
    h.eventually(30, lambda: os.path.exists(path))
    with open(path, "rb") as note, open(os.path.join(host.store, "host.pub"),
                                        encoding="utf-8") as key:
        log = w.vkey(w.state_of(note.read())[0], w.ED25519, w.read_vkey(key.read())[2])
    witness = w.Witness("w1")
    witness.start("--log", log)
    with open(auditor.policy, "w", encoding="utf-8") as out:
        out.write(f"log {log}\nwitness w1 {witness.vkey} {witness.url}/\nquorum w1\n")
    with open(os.path.join(host.dir, "shellac.conf"), "a", encoding="utf-8") as out:
        out.write(f"witness_policy = {auditor.policy}\n")
    host.proc.send_signal(signal.SIGHUP)


def send_rest(server, host):
    """All that the forwarder has not sent, once: its status, and what it said."""
    done = subprocess.run([f.FORWARD, "--once", "--store", host.store, "--state", host.dir,
                           server.conninfo("shellac-db1")], stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stderr.decode()


def lose_and_repair(server, host, auditor):
    """As a primary does whose last commits no other server has."""
    server.sql("delete from shellac.piece where kind = 1 and n = 2")
    h.equal(auditor.verify()[0], 1, "what the database loses is found")
    code, said = send_rest(server, host)
    h.equal(code, 0, "the forwarder, whose cursor is right about what was committed,")
    h.ok("has forgotten 1 sessions" in said, "sees that it is not there", said)
    h.equal(f.compare(server, host), ([], [], [], []), "and sends it again")
    h.equal(auditor.verify()[0], 0, "which is proven")


def go_back(server, host, auditor):
    """To a backup from before all but the first session, and half of the rest."""
    server.sql("delete from shellac.piece where kind = 1 and n > 1; delete from shellac.session where n > 1;"
               "delete from shellac.piece p where kind in (2, 3) and seq >= (select length / 2 from"
               " shellac.stream t where t.host = p.host and t.kind = p.kind and t.n = p.n);"
               "update shellac.stream t set length = (select coalesce(max(seq + octet_length(data)), 0)"
               " from shellac.piece p where p.host = t.host and p.kind = t.kind and p.n = t.n)"
               " where kind in (2, 3)")
    code, said = send_rest(server, host)
    h.equal(code, 0, "to a fleet store that was put back")
    h.ok("less of the ledger" in said and "has forgotten" in said, "the forwarder says what is missing",
         said)
    h.equal(f.compare(server, host), ([], [], [], []), "and sends it, too")
    code, said = send_rest(server, host)
    h.equal((code, "again" in said), (0, False), "and nothing twice")
    h.equal(auditor.verify()[0], 0, "all of it is proven")


def main():
    server = pg.Server().start()
    host = f.Host("db1").start()
    f.fleet("init", "-S", server.conninfo())
    host.join(server.conninfo())
    server.stop()
    host.forward_to(server.conninfo("shellac-db1", connect_timeout=2))
    typist, auditor = Typist(host), Auditor(server, host)
    let_witness(host, auditor)
    away(server, host, typist, "not there yet", lambda: None, server.start)
    away(server, host, typist, "stopped", lambda: server.stop(signal.SIGINT), server.start)
    away(server, host, typist, "hanging", lambda: hang(server, True), lambda: hang(server, False))
    away(server, host, typist, "killed", server.kill, server.start)
    h.ok(told(host, lambda p: p["name"] == "forward" and p["restarts"] == 0),
         "the forwarder was there all the time", status(host))
    h.equal(typist.leave(), 3, "the session ends as its shell does")
    host.closed(1)
    h.ok(there(server, host), "with it, all is there")
    h.equal(f.compare(server, host), ([], [], [], []), "every chunk once, with its bytes")
    h.ok(h.eventually(60, lambda: auditor.verify() == (0, {3})), "and is proven as the witness saw it",
         auditor.verify())
    forwarder = host.forwarder()
    h.equal(host.stop(), 0, "the collector ends cleanly")
    h.ok(forwarder and f.command(forwarder) != f.FORWARD, "and takes the forwarder with it")
    lose_and_repair(server, host, auditor)
    go_back(server, host, auditor)
    h.done()


main()
