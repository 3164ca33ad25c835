#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A database that is not there yet, ends, hangs, or is killed under a recorded session:
who types notices nothing, the host says what it is behind, and when the database is back,
all gets there."""
import os
import signal
import time

import fleet_hosts as f
import harness as h
import pg_world as pg

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
    """All of the server's processes stop, or go on."""
    for pid in [server.proc.pid, *f.offspring(server.proc.pid)]:
        os.kill(pid, signal.SIGSTOP if stop else signal.SIGCONT)


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


def main():
    server = pg.Server().start()
    host = f.Host("db1").start()
    f.fleet("init", "-S", server.conninfo())
    host.join(server.conninfo())
    server.stop()
    host.forward_to(server.conninfo("shellac-db1", connect_timeout=2))
    typist = Typist(host)
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
    forwarder = host.forwarder()
    h.equal(host.stop(), 0, "the collector ends cleanly")
    h.ok(forwarder and f.command(forwarder) != f.FORWARD, "and takes the forwarder with it")
    h.done()


main()
