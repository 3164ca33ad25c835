# SPDX-License-Identifier: ISC
"""A fleet for tests that read one: hosts, each a private collector with sessions, a
database, and the auditor's own folder with the hosts' enrolments."""
import json
import os
import shutil
import struct
import subprocess

import harness as h
import pg_world

FORWARD = os.environ.get("SHELLAC_TEST_FORWARD",
                         os.path.join(h.BUILD, "plugins/forward/shellac-forward"))
CONF = "acct = off\nepoch_s = 1\n"
CONFIG = os.path.join(h.work, "config")
HOSTS = os.path.join(CONFIG, "shellac", "hosts")
os.environ["XDG_CONFIG_HOME"] = CONFIG
CLOSE, EPOCH = 4, 5


def read(path):
    with open(path, "rb") as f:
        return f.read()


def leaves(store):
    """The entries of its ledger."""
    log, at, found = read(os.path.join(store, "ledger/log")), 0, []
    while at + 2 <= len(log):
        size = struct.unpack_from("<H", log, at)[0]
        found.append(log[at + 2:at + 2 + size])
        at += 2 + size
    return found


class Host:
    """Sessions are numbered in the order of argvs."""

    def __init__(self, name, argvs, conf=CONF):
        self.name, self.role = name, "shellac-" + name
        self.collector = h.Collector(os.path.join(h.work, name), conf).start()
        self.store = os.path.join(self.collector.dir, "store")
        self.state = os.path.join(h.work, name + ".state")
        os.mkdir(self.state, 0o700)
        self.enrolment = os.path.join(h.work, name + ".enrolment")
        with open(self.enrolment, "wb") as f:
            f.write(self.collector.auditor("key", "enrol").stdout)
        for argv in argvs:
            self.record(argv)

    def record(self, argv):
        n = max(self.collector.files(), default=0) + 1
        h.record(self.collector, argv).wait()
        self.collector.closed(n)

    def settle(self):
        """Until the ledger has sealed and signed all that is there."""
        def settled():
            found = [leaf[5] for leaf in leaves(self.store)]
            note = read(os.path.join(self.store, "ledger/checkpoint")).split(b"\n")
            return found.count(CLOSE) == len(self.collector.files()) and \
                EPOCH in found[len(found) - found[::-1].index(CLOSE):] and \
                int(note[1]) == len(found)
        if not h.eventually(60, settled):
            h.note(f"{self.name}: its ledger does not settle")

    def stop(self):
        """Ends the collector: what is there stays as it is."""
        self.settle()
        self.collector.stop()


class Fleet:
    """The tables in a new server, and these hosts in them, if they are known to the auditor
    by enrolments."""

    def __init__(self, hosts, known=True):
        self.server = pg_world.Server().start()
        self.conninfo = self.server.conninfo()
        self.hosts = {host.name: host for host in hosts}
        self.run("fleet", "init")
        os.makedirs(HOSTS, exist_ok=True)
        for host in hosts:
            # however slow the machine is: no host is silent here
            self.run("fleet", "add", "--name", host.name, "--heartbeat", "36500", host.enrolment)
            if known:
                shutil.copy(host.enrolment, os.path.join(HOSTS, host.name + ".enrolment"))

    def run(self, *args, text=None, env=None, conninfo=None):
        return subprocess.run([h.SHELLAC, "-S", conninfo or self.conninfo, *args], check=False,
                              stdin=subprocess.DEVNULL if text is None else None, input=text,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300,
                              env={**os.environ, **(env or {})})

    def objects(self, *args):
        return [json.loads(line) for line in self.run(*args, "--json").stdout.splitlines()]

    def verify(self, *args):
        """Exit status, statuses by (host, n), kinds of findings with host and session."""
        run = self.run("verify", "--json", *args)
        found = [json.loads(line) for line in run.stdout.splitlines()]
        sessions = {(o["host"], o["n"]): o["status"] for o in found if "status" in o}
        return run.returncode, sessions, sorted(
            {(o["host"], o["n"], o["kind"]) for o in found if "kind" in o}, key=str)

    def sql(self, text, **kw):
        return self.server.sql(text, **kw)

    def forward(self, host):
        """Sends all that there is of a host now."""
        run = subprocess.run([FORWARD, "--store", host.store, "--state", host.state, "--once",
                              self.server.conninfo(host.role)], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                             timeout=300)
        if run.returncode:
            h.note(f"shellac-forward: {run.returncode}: {run.stdout.decode(errors='replace')}")

    def id_of(self, name):
        return f"(select id from shellac.host where name = '{name}')"

    def copy(self):
        """A database beside this one that can be changed, a Fleet of its own."""
        other = object.__new__(Fleet)
        other.server, other.hosts = self.server, self.hosts
        Fleet.copies = getattr(Fleet, "copies", 0) + 1
        name = f"copy{Fleet.copies}"
        self.server.sql(f"create database {name} template shellac", dbname="postgres")
        other.conninfo = self.server.conninfo(dbname=name)
        other.sql = lambda text, **kw: self.server.sql(text, dbname=name, **kw)
        return other
