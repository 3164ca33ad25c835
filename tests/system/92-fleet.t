#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Eight hosts forward all that is recorded while the database's primary is killed twice,
the forwarders are killed five times and the network is cut twice: then the fleet store
has what the hosts have, once, and says the same of it.

SHELLAC_FLEET_MB: so much is recorded, by default 200, with sanitizers 40."""
import json
import os
import random
import subprocess
import time

import fleet_hosts as f
import harness as h
import pg_cluster
import pg_world as pg

pg.need()
pg_cluster.own_network()

MEGABYTES = float(os.environ.get("SHELLAC_FLEET_MB") or (40 if h.sanitized() else 200))
HOSTS = 8
CUT_S = 6


def write_texts():
    """What sessions show: 200 kB of lines, and 50 kB of what no terminal likes."""
    rng = random.Random(7)
    words = [bytes(rng.choices(b"abcdefghijklmnopqrstuvwxyz", k=rng.randint(1, 12)))
             for _ in range(500)]
    lines = [b" ".join(rng.choices(words, k=9)) + b"\n" for _ in range(2000)]
    text = b"".join(rng.choices(lines, k=5000))[:200000]
    for name, data in (("lines", text), ("noise", rng.randbytes(50000))):
        with open(os.path.join(h.work, name), "wb") as out:
            out.write(data)


def script(megabytes):
    """Of a session that shows so much, in some seconds."""
    times = max(1, round(megabytes))
    return f"i=0; while [ $i -lt 4 ]; do i=$((i + 1)); j=0; while [ $j -lt {times} ]; do " \
           f"j=$((j + 1)); cat {h.work}/lines {h.work}/noise; done; sleep 0.5; done; echo over"


class Fleet:
    def __init__(self):
        self.network = pg_cluster.Network()
        self.authority = pg_cluster.Authority(os.path.join(h.work, "ca"))
        self.cluster = pg_cluster.Cluster(self.authority).start()
        self.hosts = [f.Host(f"h{n}", self.network.inside, ("yes", "no")[n % 2])
                      for n in range(1, HOSTS + 1)]
        self.typists = []
        self.shown = 0

    @property
    def primary(self):
        return self.cluster.primary

    def set_up(self):
        super_user = self.primary.conninfo()
        h.equal(f.fleet("init", "-S", super_user).returncode, 0, "the fleet store is made")
        h.ok(all(host.start().join(super_user) for host in self.hosts), "and knows eight hosts")
        for host in self.hosts:
            role = f"shellac-{host.name}"
            self.authority.issue(role, f"{host.name}.hosts.fleet.test")
            host.forward_to(self.cluster.conninfo(role))
            self.typists.append(h.record(host, ["sh"]))

    def type(self, number):
        """A line in each live session: is it answered?"""
        for typist in self.typists:
            typist.send(f"echo line-$(({number}+1000))\r")
        return all([t.wait_for(f"line-{number + 1000}") for t in self.typists])

    def round(self, number, disturb):
        """All hosts record; in the midst of it something is disturbed."""
        before, size = sum(f.held(self.primary).values()), MEGABYTES / len(ROUNDS) / HOSTS
        screens = [os.path.join(h.work, host.name + ".screen") for host in self.hosts]
        sessions = [f.play(host, script(size), screen)
                    for host, screen in zip(self.hosts, screens)]
        h.eventually(60, lambda: all(s.poll() is not None for s in sessions) or sum(
            f.held(self.primary).values()) > before + size * HOSTS * 3e5)
        there = sum(f.held(self.primary).values()) - before
        disturb(self)
        ends = {f.played(s) for s in sessions}
        whole = all(open(s, "rb").read().endswith(b"over\r\n") for s in screens)
        shown = sum(map(os.path.getsize, screens))
        self.shown += shown
        h.note(f"with {there / 1e6:.1f} of {shown / 1e6:.1f} MB there, {disturb.__doc__}")
        h.ok(ends == {"exit 0"} and whole and self.type(number),
             f"round {number}, {disturb.__doc__}: the sessions notice nothing", ends)

    def wait_all_there(self):
        wanted = {host.name: f.stream_bytes(host) for host in self.hosts}
        return h.eventually(180, lambda: f.held(self.primary) == wanted) or \
            {name: (size, f.held(self.primary).get(name)) for name, size in wanted.items()}


def kill_forwarders(fleet):
    """the forwarders are killed"""
    for host in fleet.hosts:
        host.kill_forwarder()


def cut_network(fleet):
    """the network is cut"""
    fleet.network.cut()
    time.sleep(CUT_S)
    fleet.network.mend()


def kill_primary(fleet):
    """the primary is killed"""
    dead = fleet.cluster.kill_primary()
    fleet.cluster.bring_back(dead)
    if not fleet.cluster.all_follow():
        h.note(f"{dead.name} does not follow: {dead.text()[-1500:]}")


ROUNDS = [kill_forwarders, kill_primary, kill_forwarders, cut_network, kill_forwarders,
          kill_primary, kill_forwarders, cut_network, kill_forwarders]


def end_all(fleet):
    for typist in fleet.typists:
        typist.send("exit\r")
        typist.wait()
    closed = len(ROUNDS) + 1
    h.ok(all(host.closed(n, 60) for host in fleet.hosts for n in range(1, closed + 1)),
         "all sessions are closed")
    there = fleet.wait_all_there()
    h.ok(there is True, "all bytes get there", there)


def settle(fleet):
    """The collectors end; what their last words were is forwarded, too."""
    h.ok([host.stop() for host in fleet.hosts] == [0] * HOSTS, "the collectors end cleanly")
    done = [subprocess.run([*fleet.network.inside, f.FORWARD, "--once", "--store", host.store,
                            "--state", host.dir, fleet.cluster.conninfo(f"shellac-{host.name}")],
                           stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
            for host in fleet.hosts]
    h.ok(all(d.returncode == 0 for d in done), "the forwarder alone sends the rest", done)


def compare(fleet):
    for host in fleet.hosts:
        h.equal(f.compare(fleet.primary, host), ([], [], [], []),
                f"{host.name}: every chunk is there, once, with its bytes")
        with open(os.path.join(host.store, "ledger/log"), "rb") as log:
            h.ok(f.ledger_of(fleet.primary, host.name) == log.read(),
                 f"{host.name}: so is its ledger")
    for table in ("tamper", "lost"):
        h.equal(fleet.primary.sql(f"select count(*) from shellac.{table}"), "0",
                f"nothing is noted in {table}")
    count = "select count(*), sum(octet_length(data)) from shellac.piece where kind = 1"
    h.ok(h.eventually(30, lambda: len({n.sql(count) for n in fleet.cluster.nodes}) == 1),
         "the standbys have the same")


def verify(*words):
    done = subprocess.run([*words, "verify", "--json"], stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def audit(fleet):
    """By an auditor, who has the enrolments, over the network."""
    fleet.primary.sql("create role auditor login in role shellac_auditor")
    fleet.authority.issue("auditor", "auditor.auditors.fleet.test")
    os.environ["XDG_CONFIG_HOME"] = os.path.join(h.work, "config")
    known = os.path.join(h.work, "config/shellac/hosts")
    os.makedirs(known)
    for host in fleet.hosts:
        os.rename(os.path.join(h.work, host.name + ".enrolment"),
                  os.path.join(known, host.name + ".enrolment"))
    store = [*fleet.network.inside, h.SHELLAC, "-S", fleet.cluster.conninfo("auditor")]
    status, said = verify(*store)
    h.ok(status == 0 and len(said) == HOSTS * (len(ROUNDS) + 2), "verify finds nothing wrong",
         [line for line in said if line.get("status") != "COMPLETE"])
    for host in fleet.hosts:
        own = [{"host": host.name, **line} for line in verify(h.SHELLAC, "-S", host.store)[1]]
        h.equal([line for line in said if line["host"] == host.name], own,
                f"{host.name}: it says the same of the host's store")


def main():
    write_texts()
    fleet = Fleet()
    fleet.set_up()
    for number, disturb in enumerate(ROUNDS, 1):
        fleet.round(number, disturb)
    end_all(fleet)
    h.note(f"{fleet.shown / 1e6:.0f} MB were shown")
    settle(fleet)
    compare(fleet)
    audit(fleet)
    h.done()


main()
