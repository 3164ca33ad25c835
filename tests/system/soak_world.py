# SPDX-License-Identifier: ISC
"""The soak's host: a collector whose store is a small file system, two plugins, a witness,
and what is looked at of their processes."""
import collections
import json
import mmap
import os
import random
import re
import socket
import struct
import subprocess
import time

import harness as h
import plugin_world
import witness_world
from soak_engine import Engine, boot
from soak_users import children, comm, state

STORE_MB = 192       # and what sessions fill
FILLED_MB_S = 1 / 8
EPOCH_S = 5
CONF = f"""compress = yes
epoch_s = {EPOCH_S}
spool_size = 4M
space_left = 10%
user_quota = 0
"""
# Each life has a file of its own; what was written whole counts.
SINK = """import json, sys, time
with open(f"{sys.argv[1]}.{time.monotonic_ns()}", "w", encoding="utf-8", buffering=1) as out:
    for line in sys.stdin:
        out.write(line)
        n = json.loads(line)["event"].get("sequence")
        if n:
            print(f"ACK {n}", flush=True)
"""


class Journal:
    """What was done to whom, by the clock of the ledger."""

    def __init__(self):
        self.faults = []

    def begin(self, kind, **about):
        fault = {"kind": kind, "from": boot(), "to": None, **about}
        self.faults.append(fault)
        return fault

    @staticmethod
    def end(fault):
        fault["to"] = boot()

    def of(self, *kinds):
        return [f for f in self.faults if f["kind"] in kinds]

    def around(self, start, end, *kinds):
        """Those that were under way at some time in between."""
        return [f for f in self.of(*kinds)
                if f["from"] <= end and (f["to"] is None or f["to"] >= start)]


class Wall:
    """What the collector takes for the wall clock."""

    def __init__(self):
        path = os.path.join(h.work, "wall")
        with open(path, "wb") as f:
            f.write(bytes(8))
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 8)
        self.ahead, self.settings = 0, [time.time() - boot()]
        self.env = {} if h.sanitized() else {
            "LD_PRELOAD": os.path.join(h.BUILD, "tests/collector/shim_wall.so"), "SHIM_WALL_FILE": path}

    def step(self, seconds):
        self.ahead += seconds
        self.settings.append(time.time() + self.ahead - boot())
        self.map[:] = struct.pack("<q", int(self.ahead * 1e9))


def jitter():
    """The environment in which one of SOAK_JITTER calls into the kernel is late, if any."""
    odds = os.environ.get("SOAK_JITTER")
    return {} if not odds or h.sanitized() else {
        "LD_PRELOAD": os.path.join(h.BUILD, "tests/system/shim_jitter.so"), "SHIM_JITTER": odds}


def joined(a, b):
    """Both environments, and what both preload."""
    both = {**a, **b}
    if "LD_PRELOAD" in a and "LD_PRELOAD" in b:
        both["LD_PRELOAD"] = f"{a['LD_PRELOAD']}:{b['LD_PRELOAD']}"
    return both


class Collector(plugin_world.Plugins):
    def __init__(self, env, seconds):
        h.Collector.__init__(self, os.path.join(h.work, "d"), conf=CONF, env=env)
        self.at = os.path.join(h.work, "plugins")
        self.conf_dir = os.path.join(self.dir, "plugins.d")
        self.store = os.path.join(self.dir, "store")
        for folder in self.at, self.conf_dir, self.store:
            os.makedirs(folder, mode=0o755, exist_ok=True)
        os.chmod(self.store, 0o700)
        size = STORE_MB + int(seconds * FILLED_MB_S)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode=0700,size={size}M", "tmpfs",
                        self.store], check=True)
        self.plugin("deep", SINK, queue_depth=1000000, overflow_action="block")
        self.plugin("short", SINK, queue_depth=20)

    def state(self):
        """The status, or {} where none is to be had at once."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
                s.settimeout(3)
                s.connect(os.path.join(self.dir, "run/control.sock"))
                s.sendall(b"status\n")
                data = b""
                while not data.endswith(b"\n"):
                    more = s.recv(65536)
                    if not more:
                        return {}
                    data += more
                return json.loads(data)
        except OSError:
            return {}

    def free(self):
        v = os.statvfs(self.store)
        return v.f_bavail * v.f_frsize

    def below(self, *names):
        """Its children and theirs that are called so."""
        found, more = [], children(self.proc.pid)
        while more:
            found += more
            more = [c for p in more for c in children(p)]
        return [p for p in found if comm(p) in names]


class World:
    def __init__(self, seed, seconds):
        self.seed, self.seconds = seed, seconds
        self.engine, self.journal, self.wall = Engine(), Journal(), Wall()
        self.sessions, self.errors, self.samples = [], [], []
        self.closing = False
        self.jitter = jitter()
        self.collector = Collector(joined(self.wall.env, self.jitter), seconds)
        self.collector.start()
        self.witness = witness_world.Witness("w1")
        self.policy = os.path.join(h.work, "policy")
        self.trust_witness()

    def rng_of(self, name):
        """Whoever does what first, each has the same chances with the same seed."""
        return random.Random(f"{self.seed} {name}")

    def bad(self, text):
        self.errors.append(text)
        h.note(f"{boot():.1f} {text}")

    def trust_witness(self):
        path = os.path.join(self.collector.store, "ledger/checkpoint")
        h.eventually(60, lambda: os.path.exists(path))
        with open(path, "rb") as note, open(os.path.join(self.collector.store, "host.pub"),
                                            encoding="utf-8") as key:
            log = witness_world.vkey(witness_world.state_of(note.read())[0], witness_world.ED25519,
                                     witness_world.read_vkey(key.read())[2])
        self.log_key = log
        self.witness.start("--log", log)
        with open(self.policy, "w", encoding="utf-8") as out:
            out.write(f"log {log}\nwitness w1 {self.witness.vkey} {self.witness.url}/\nquorum w1\n")
        fault = self.journal.begin("restart")
        self.collector.stop()
        with open(os.path.join(self.collector.dir, "shellac.conf"), "a", encoding="utf-8") as out:
            out.write(f"witness_policy = {self.policy}\n")
        self.collector.start()
        self.journal.end(fault)

    def witnessed(self):
        """Does the collector say that its witness answers?"""
        found = self.collector.state().get("witnesses") or [{}]
        return found[0].get("state") == "fine"

    def rests(self):
        """Nobody is there any more, and all that was kept back has gone where it is to go."""
        s = self.collector.state()
        if not s or s["sessions"] or s["fifos"] or os.listdir(os.path.join(self.collector.dir, "spool")):
            return False
        plugins = {p["name"]: p for p in s["plugins"] or []}
        return len(plugins) == 2 and all(p["queue"] == 0 for p in plugins.values())

    def sizes(self):
        """Of the collector and what is below it: descriptors, threads, resident bytes."""
        found = {}
        for pid in [self.collector.proc.pid] + children(self.collector.proc.pid):
            try:
                with open(f"/proc/{pid}/statm", encoding="ascii") as f:
                    rss = int(f.read().split()[1]) * 4096
                name = "shellacd" if pid == self.collector.proc.pid else comm(pid)
                found[name] = {"pid": pid, "fds": descriptors(pid),
                               "threads": len(os.listdir(f"/proc/{pid}/task")), "rss": rss}
            except (FileNotFoundError, ProcessLookupError):
                pass
        return found


def descriptors(pid):
    """What they are of, how often; numbers in names do not count."""
    folder, found = f"/proc/{pid}/fd/", collections.Counter()
    for fd in os.listdir(folder):
        try:
            found[re.sub("[0-9]+", "N", os.readlink(folder + fd))] += 1
        except FileNotFoundError:
            pass
    return found


def all_processes():
    return {int(n): (comm(int(n)), state(int(n))) for n in os.listdir("/proc") if n.isdigit()}
