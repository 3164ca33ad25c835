#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A host that is watched: its metrics are what the manual says and what has happened, each
alert fires when its cause is there, and shellac status says it in the same words."""
import ctypes
import importlib.util
import json
import os
import re
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

import harness as h

for module in ("prometheus_client", "yaml", "nacl"):
    if importlib.util.find_spec(module) is None:
        h.skip_all(f"no python3-{module.replace('_', '-')}")
h.own_pid_namespace()

# pylint: disable=wrong-import-position
import prometheus_client.openmetrics.parser as openmetrics
import prometheus_client.parser as text_format
import yaml

import promql
import witness_world

RULES = os.path.join(h.TOP, "auditor/host/shellac-alerts.yml")
MB = 1 << 20
PLAIN = "compress = no\nprocess_events = no\nuser_quota = 0\nspool_size = 2M\n"

with open(RULES, encoding="utf-8") as file:
    rules = {r["alert"]: r for g in yaml.safe_load(file)["groups"] for r in g["rules"]}
queries = {name: promql.Query(r["expr"]) for name, r in rules.items()}
fired = set()


# -- what is written of them --

def page():
    """From name to type and unit, and from alert to condition and severity."""
    with open(os.path.join(h.TOP, "man/shellac-alerts.7"), encoding="utf-8") as f:
        text = f.read()
    alerts, metrics = text.split("\n.Sh METRICS\n")
    plain = {"\\(dq": '"', "\\-": "-", "\\(ti": "~"}
    found = {}
    for name, severity, expr in re.findall(r"^\.It Li (\w+) Pq (\w+)\n\.Li \"(.*?)\"", alerts, re.M):
        for escape, char in plain.items():
            expr = expr.replace(escape, char)
        found[name] = (expr, severity)
    return found, {name: (kind, unit) for name, kind, unit in re.findall(
        r"^\.It Li (shellac_\w+) Pq (\w+)(?:, (\w+))?$", metrics, re.M)}


def documents(text):
    alerts, metrics = page()
    families = {f.name: (f.type, f.unit) for f in openmetrics.text_string_to_metric_families(text)}
    h.equal(sorted(set(families) - set(metrics)), [], "each metric is in shellac-alerts(7)")
    h.equal(sorted(set(metrics) - set(families)), [], "and each of those there is")
    h.equal({n: v for n, v in families.items() if metrics.get(n) != v}, {}, "with its type and unit")
    h.equal(alerts, {n: (r["expr"], r["labels"]["severity"]) for n, r in rules.items()},
            "the rules are those of shellac-alerts(7)")
    asked = set()
    for query in queries.values():
        query.run([promql.Scrape(0, [])])
        asked |= query.names
    known = {n + s for n, (kind, _) in families.items() for s in
             {"counter": ["_total"], "histogram": ["_bucket"]}.get(kind, [""])}
    h.equal(sorted(asked - known), [], "they ask for metrics that there are")
    if shutil.which("promtool"):
        run = subprocess.run(["promtool", "check", "rules", RULES], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, check=False)
        h.equal(run.returncode, 0, "promtool takes them")
        h.note(run.stdout.decode())


# -- a collector that is watched --

class Host(h.Collector):
    """Its store is a small file system of its own."""

    def __init__(self):
        super().__init__(os.path.join(h.work, "d"))
        self.shim = os.path.join(h.work, "shim")
        if not h.sanitized():
            self.env = {"LD_PRELOAD": os.path.join(h.BUILD, "tests/collector/shim_sync.so"),
                        "SHIM_SYNC": self.shim}
        self.prom = os.path.join(self.dir, "m.prom")
        self.store = os.path.join(self.dir, "store")
        os.mkdir(self.store, 0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0700,size=64M", "tmpfs", self.store],
                       check=True)
        h.at_end(lambda: subprocess.run(["umount", "-l", self.store], check=False))

    def conf(self, text=""):
        """In force when it returns."""
        lines = dict(line.split(" = ") for line in (PLAIN + text).splitlines())
        lines.update({"metrics_file": self.prom, "metrics_every": "1"})
        with open(os.path.join(self.dir, "shellac.conf"), "w", encoding="utf-8") as f:
            f.writelines(f"{key} = {value}\n" for key, value in lines.items())
        if self.proc is None:
            return
        kept = os.path.join(self.dir, "run/shellac.conf")
        before = os.stat(kept).st_ino
        self.proc.send_signal(signal.SIGHUP)
        if not h.eventually(20, lambda: os.stat(kept).st_ino != before):
            h.note("the same configuration as before")

    def text_of_metrics(self):
        return self.auditor("status", "--openmetrics").stdout.decode("ascii")

    def scrape(self, text=None):
        families = list(openmetrics.text_string_to_metric_families(text or self.text_of_metrics()))
        at = next(f.samples[0].value for f in families
                  if f.name == "shellac_metrics_timestamp_seconds")
        return promql.Scrape(at, families)

    def value(self, name, **labels):
        return self.scrape().samples.get(name, {}).get(frozenset(labels.items()))

    def status(self):
        return self.objects("status")[0]

    def wish(self, word):
        with open(self.shim, "w", encoding="utf-8") as f:
            f.write(word)

    def ballast(self, left):
        """So many bytes stay free; None: as before."""
        path = os.path.join(self.store, ".ballast")
        if left is None:
            os.unlink(path)
            return

        def filled():  # somebody else may write meanwhile
            free = os.statvfs(self.store)
            try:
                os.posix_fallocate(f.fileno(), 0, free.f_bavail * free.f_frsize - left)
            except OSError:
                return False
            return True

        with open(path, "wb") as f:
            h.ok(h.eventually(10, filled), f"{left} bytes stay free")


def shell(host):
    terminal = h.record(host, ["sh", "-c", "echo up; while read -r l; do echo \"<$l>\"; done"])
    terminal.wait_for("up\r\n")
    return terminal


def leave(terminal):
    terminal.send(b"\x04")
    terminal.wait()


def provoke(host, names, act, seconds=60, now=0):
    """What act does makes these alerts fire that did not before, now seconds later."""
    names = [names] if isinstance(names, str) else names
    before = host.scrape()
    quiet = {n: not queries[n].run([before, before]) for n in names}
    act()
    for name in names:
        query, last = queries[name], []

        def look(query=query, last=last):
            last[:] = [before, host.scrape()]
            return query.run(last, last[-1].at + now)

        h.ok(h.eventually(seconds, look) and quiet[name], f"{name} fires, and did not before",
             (rules[name]["expr"], quiet[name], sorted(last[-1].samples.items())))
        fired.add(name)
        said_by_status(host, name)


def said_by_status(host, name):
    """Where it is something that goes on, and so in the verdict."""
    if name not in in_verdict or name == "ShellacWitnessLags":
        return
    run = host.auditor("status")
    text = run.stdout.decode()
    critical = rules[name]["labels"]["severity"] == "critical"
    h.ok(rules[name]["annotations"]["summary"] in text and
         rules[name]["annotations"]["description"] in text and "ALL RIGHT" not in text and
         (run.returncode == 1 or not critical), f"{name}: shellac status says it and what to do",
         (run.returncode, text))


# -- status, by a collector that says what the test wants --

FINE = {"version": "0", "host": "here", "key_process": 1, "space": {"state": "fine"},
        "ledger": {"epoch_age_s": 5, "failed": False, "owed": 0}, "acct": {"failed": False},
        "limits": {"epoch_s": 60, "sessions": 10, "files": 100, "files_open": 5}, "sessions": 1,
        "journal": {"error": ""}, "events": {"state": "off"}, "backlog": {}, "unrecorded": 0}
WRONG = {
    "ShellacStoreFull": {"space": {"state": "reserve"}},
    "ShellacStoreFails": {"backlog": {"stalled": 1}},
    "ShellacSyncFails": {"backlog": {"unsynced": 1}},
    "ShellacKeysGone": {"key_process": None},
    "ShellacLedgerFails": {"ledger": {"failed": True}},
    "ShellacLedgerLate": {"ledger": {"epoch_age_s": 191}},
    "ShellacWitnessAlarm": {"witnesses": [{"name": "w", "state": "FORK", "error": "\x1b[31m"}]},
    "ShellacAccounting": {"acct": {"failed": True, "state": "lost", "reason": "taken"}},
    "ShellacJournalFails": {"journal": {"error": "no room"}},
    "ShellacStoreLow": {"space": {"state": "low"}},
    "ShellacLedgerOwes": {"ledger": {"owed": 3}},
    "ShellacWitnessAway": {"witnesses": [{"name": "w", "state": "away", "error": "x"}]},
    "ShellacWitnessLags": {"witnesses": [{"name": "w", "state": "fine", "time": 1000}]},
    "ShellacProcessEvents": {"events": {"state": "lost", "reason": "queue"}},
    "ShellacPluginDown": {"plugins": [{"name": "p\n", "state": "waits", "reason": "exit 1"}]},
    "ShellacPluginBehind": {"plugins": [{"name": "p", "state": "runs", "queue": 81,
                                         "queue_limit": 100}]},
    "ShellacSpoolRefused": {"backlog": {"refused": 1}},
    "ShellacOverQuota": {"space": {"state": "fine", "over_quota": 1}},
    "ShellacSessionsLimit": {"sessions": 10},
    "ShellacFilesLimit": {"limits": {"files": 10, "files_open": 10, "sessions": 10}},
    "ShellacUnrecorded": {"unrecorded": 2},
    "ShellacCommandAbsent": {"watch": [{"rule": "r", "command": "c", "state": "absent"}]},
}


class Fake:
    """Answers each question with one line."""

    def __init__(self):
        self.dir = os.path.join(h.work, "fake")
        os.makedirs(os.path.join(self.dir, "run"))
        self.answer = b""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(os.path.join(self.dir, "run/control.sock"))
        self.socket.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            peer, _ = self.socket.accept()
            with peer:
                peer.recv(100)
                peer.sendall(self.answer)

    def ask(self, answer, *args):
        self.answer = answer if isinstance(answer, bytes) else json.dumps(answer).encode() + b"\n"
        return subprocess.run([h.SHELLAC, "-d", self.dir, "status", *args], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)


def verdicts():
    fake = Fake()
    run = fake.ask(FINE)
    h.ok(run.returncode == 0 and run.stdout.startswith(b"ALL RIGHT "), "nothing is wrong",
         (run.returncode, run.stdout))
    for name, wrong in WRONG.items():
        run = fake.ask({**FINE, **wrong}, "--json")
        found = json.loads(run.stdout)
        fails = rules[name]["labels"]["severity"] == "critical"
        notes = rules[name]["annotations"]
        h.equal([(f["alert"], f["result"], f["text"].startswith(notes["summary"]), f["fix"])
                 for f in found["findings"]],
                [(name, "FAIL" if fails else "WARN", True, notes["description"])],
                f"status finds {name} in the words of the rule")
        h.equal((run.returncode, found["verdict"]), (1, "fails") if fails else (0, "warns"),
                f"{name}: its exit status says so")
    hostile = {**FINE, **WRONG["ShellacWitnessAlarm"], "host": "\x1b[2J", "version": 5}
    run = fake.ask(hostile)
    h.ok(run.returncode == 1 and b"\x1b" not in run.stdout, "what it says is harmless", run.stdout)
    for answer in (b"[]\n", b"{\n", b"\n", b"unknown\n", b"{}", b'{"openmetrics":"a\\u001b[2J"}\n'):
        run = fake.ask(answer, "--openmetrics")
        h.ok(run.returncode == 3 and b"\x1b" not in run.stdout + run.stderr,
             f"{answer!r} is no answer", run)
    every = {k: v for wrong in WRONG.values() for k, v in wrong.items()}
    screen_fits(fake, {**FINE, **every, "host": "h" * 300, "store": "/s" * 300})
    return set(WRONG)


def screen_fits(fake, status):
    fake.answer = json.dumps(status).encode() + b"\n"
    terminal = h.Terminal([h.SHELLAC, "-d", fake.dir, "status"])
    terminal.wait()
    lines = re.sub(rb"\x1b\[[0-9;]*m", b"", bytes(terminal.shown)).decode().splitlines()
    h.ok(10 < len(lines) < 24 and max(map(len, lines)) <= 80,
         "with all of it wrong it fits a terminal of 24 lines and 80 columns", lines)
    h.ok(b"THINGS ARE WRONG" in terminal.shown and b"more: shellac" in terminal.shown,
         "and says how much there is", lines)


# -- a good day --

def good_day(host):
    first = host.scrape()
    run = host.auditor("status")
    h.ok(run.returncode == 0 and run.stdout.startswith(b"ALL RIGHT "), "all is right",
         (run.returncode, run.stdout.decode()))
    terminal = shell(host)
    for word in ("one", "two", "three"):
        terminal.send(word + "\n")
        terminal.wait_for(f"<{word}>")
    h.equal(host.value("shellac_sessions_live"), 1, "a session is live")
    leave(terminal)
    h.ok(host.closed(1), "and ends")
    listed = host.objects("list")[0]
    now = host.scrape().samples
    for name, wanted in (("opened_total", 1), ("closed_total", 1), ("cut_total", 0), ("live", 0)):
        h.equal(now["shellac_sessions_" + name][frozenset()], wanted, f"sessions: {name}")
    h.equal([now[f"shellac_{n}_bytes_total"][frozenset()] for n in ("typed", "shown")],
            [listed["bytes_in"], listed["bytes_out"]], "typed and shown bytes are those of list")
    acks = now["shellac_acks_total"][frozenset()]
    prompt = now["shellac_ack_latency_seconds_count"][frozenset()]
    calm = now["shellac_ack_unprompted_latency_seconds_count"][frozenset()]
    h.ok(3 <= prompt <= acks and acks <= prompt + calm <= 2 * acks,
         "each ack has its latency, typed lines apart", (acks, prompt, calm))
    h.ok(now["shellac_sync_call_seconds_count"][frozenset()] >= 3, "and the disk its own")
    last = host.scrape()
    h.equal({n for n, q in queries.items() if q.run([first, last])}, set(), "no alert fires")


def metrics_file(host):
    mode = os.stat(host.prom).st_mode
    h.equal(stat.S_IMODE(mode), 0o644, "all may read the file")
    with open(host.prom, encoding="ascii") as f:
        text = f.read()
    documents(text)
    old = {s.name for f in text_format.text_string_to_metric_families(text) for s in f.samples}
    new = {s.name for f in openmetrics.text_string_to_metric_families(text) for s in f.samples}
    h.equal(old, new, "who reads Prometheus's format reads the same of it")
    h.equal(set(host.scrape().samples), new, "and it is what shellac status says")
    first = host.scrape(text).at
    h.ok(h.eventually(30, lambda: host.scrape(open(host.prom, encoding="ascii").read()).at > first),
         "it is written anew")
    hidden = [n for n in os.listdir(host.dir) if n.endswith(".new")]
    h.ok(len(hidden) <= 1 and all(n.startswith(".") for n in hidden), "and nothing is left", hidden)
    good, host.prom = host.prom, os.path.join(h.work, "open/m.prom")
    os.mkdir(os.path.dirname(host.prom))
    os.chmod(os.path.dirname(host.prom), 0o777)
    host.conf()
    h.ok(h.eventually(30, lambda: (host.status()["metrics"] or {}).get("error")),
         "a folder that others may write to is not written to")
    h.eventually(3, lambda: False)
    h.equal(host.text().count("its folder is not root's"), 1, "which is said once")
    h.equal(os.listdir(os.path.dirname(host.prom)), [], "nothing is there")
    host.prom = good
    host.conf()
    first = host.scrape().at
    h.ok(h.eventually(30, lambda: host.scrape(open(good, encoding="ascii").read()).at > first),
         "and with the file from before all is well")


# -- bad days --

def commands(host):
    provoke(host, "ShellacCommandAbsent",
            lambda: host.conf("watch = gone nosuchthing grace 1\n"))
    host.conf()


def spools(host):
    odd = os.path.join(host.dir, "spool/odd")
    provoke(host, "ShellacSpoolRefused", lambda: open(odd, "w", encoding="ascii").close())
    os.unlink(odd)
    left = os.path.join(host.dir, "spool", "0123456789abcdef" * 2 + ".spool")
    provoke(host, "ShellacSpoolLeft", lambda: open(left, "w", encoding="ascii").close())
    os.unlink(left)

    def flood():
        quiet = h.record(host, ["sh", "-c", "echo up; read x; head -c 9000000 /dev/zero"])
        quiet.wait_for("up")
        host.proc.send_signal(signal.SIGSTOP)
        quiet.send("\n")
        h.eventually(60, lambda: len(quiet.shown) > 9000000)
        host.proc.send_signal(signal.SIGCONT)
        quiet.wait()

    host.conf("full_action = gap\n")
    provoke(host, "ShellacGap", flood)


def limits(host):
    terminal = shell(host)
    provoke(host, "ShellacSessionsLimit", lambda: host.conf("max_sessions = 1\n"))
    provoke(host, "ShellacTurnedAway", lambda: h.record(host, ["true"]).wait())
    leave(terminal)
    host.conf("user_quota = 2M\n")
    loud = h.record(host, ["sh", "-c", "trap 'exit 7' INT; read x; yes"])
    provoke(host, "ShellacOverQuota", lambda: loud.send("\n"))
    loud.send(b"\x03")
    host.conf()
    loud.wait(120)
    h.eventually(60, lambda: host.status()["sessions"] == 0)
    files, kind = host.status()["limits"]["files_open"], resource.RLIMIT_NOFILE
    before = resource.prlimit(host.proc.pid, kind)
    if files is None:
        h.skip("ShellacFilesLimit", "this kernel does not say how many files are open")
    else:
        provoke(host, "ShellacFilesLimit",
                lambda: resource.prlimit(host.proc.pid, kind, (
                    host.status()["limits"]["files_open"] + 2, before[1])))
    resource.prlimit(host.proc.pid, kind, before)


def keepers_of(front):
    with open(f"/proc/{front}/task/{front}/children", encoding="ascii") as f:
        return [int(p) for p in f.read().split()]


def sessions(host):
    terminal = shell(host)
    provoke(host, "ShellacSessionsCut", lambda: [os.kill(p, signal.SIGKILL)
                                                 for p in keepers_of(terminal.pid)])
    terminal.wait()
    terminal = shell(host)

    def forge():
        folder = os.path.join(host.dir, "run/session")
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "wb", buffering=0) as f:
                f.write(b"nonsense" * 100)

    provoke(host, "ShellacSessionsRefused", forge)
    leave(terminal)


def plugins(host):
    folder = os.path.join(host.dir, "plugins.d")
    os.mkdir(folder, 0o755)
    deaf = os.path.join(h.work, "deaf")
    with open(deaf, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\nexec sleep 1000\n")
    os.chmod(deaf, 0o755)
    for name, path in (("dead", "/bin/false"), ("deaf", deaf)):
        with open(os.path.join(folder, name + ".conf"), "w", encoding="ascii") as f:
            f.write(f"active = yes\npath = {path}\nqueue_depth = 10\n")

    def talk():
        host.conf("session_rate = 0\n")
        for _ in range(8):
            h.record(host, ["true"]).wait()

    provoke(host, ["ShellacPluginDown", "ShellacPluginBehind"], talk)
    shutil.rmtree(folder)
    host.conf()


def witness(host):
    origin = witness_world.state_of(open(os.path.join(
        host.store, "ledger/checkpoint"), "rb").read())[0]
    with open(os.path.join(host.store, "host.pub"), encoding="utf-8") as f:
        public = witness_world.read_vkey(f.read())[2]
    key = witness_world.vkey(origin, witness_world.ED25519, public)
    one = witness_world.Witness("w1")
    one.start("--log", key)
    policy = os.path.join(h.work, "policy")
    with open(policy, "w", encoding="utf-8") as f:
        f.write(f"log {key}\nwitness w1 {one.vkey} {one.url}/\nquorum w1\n")
    host.conf(f"witness_policy = {policy}\nepoch_s = 2\n")
    h.ok(h.eventually(60, lambda: host.value("shellac_witness_state", witness="w1", state="fine") and
                      host.value("shellac_witness_cosigned_timestamp_seconds", witness="w1")),
         "a witness cosigns")
    provoke(host, "ShellacWitnessAway", one.kill)
    h.ok(h.eventually(60, lambda: host.value("shellac_witness_behind_entries", witness="w1")),
         "and is behind")
    scrape = host.scrape()
    query = queries["ShellacWitnessLags"]
    h.ok(not query.run([scrape]) and query.run([scrape], scrape.at + 700),
         "ShellacWitnessLags fires when that goes on")
    fired.add("ShellacWitnessLags")
    host.conf()


def accounting(host):
    if host.status()["acct"]["state"] != "on":
        h.ok(False, "process accounting is on", host.status()["acct"])
        return
    libc = ctypes.CDLL(None, use_errno=True)
    mine = os.path.join(h.work, "pacct")
    open(mine, "w", encoding="ascii").close()

    def take():
        libc.acct(mine.encode())
        subprocess.run(["true"], check=True)

    host.conf("acct_lost = leave\n")
    before = host.scrape()
    provoke(host, "ShellacAccounting", take)
    host.conf()
    host.auditor("rotate")
    h.ok(h.eventually(60, lambda: host.value("shellac_accounting_failed") == 0),
         "given back all is well")
    query = queries["ShellacProcessGap"]
    h.ok(h.eventually(60, lambda: query.run([before, host.scrape()])) and
         not query.run([before, before]), "ShellacProcessGap has fired")
    fired.add("ShellacProcessGap")


def disk(host):
    host.conf("space_left = 16M\n")
    provoke(host, "ShellacStoreLow", lambda: host.ballast(12 * MB))
    provoke(host, "ShellacStoreFull", lambda: host.ballast(4 * MB))
    host.ballast(None)
    h.ok(h.eventually(60, lambda: host.value("shellac_store_state", state="fine") == 1),
         "with room all is fine")
    host.conf("space_left = 0\n")

    loud = h.record(host, ["sh", "-c", "echo up; read -r x; head -c 300000 /dev/zero; echo down"])
    loud.wait_for("up")

    def fill():
        host.ballast(0)
        loud.send("more\n")

    provoke(host, "ShellacStoreFails", fill)
    host.ballast(None)
    loud.wait_for("down", 60)
    loud.wait(60)
    host.conf()
    h.ok(h.eventually(60, lambda: not host.value("shellac_sessions_stalled")),
         "with room all is fine again")


def slow_disk(host):
    terminal = shell(host)

    def type_slowly():
        host.wish("hold")
        for i in range(3):
            terminal.send(f"{i}\n")
            terminal.wait_for(f"<{i}>")
        h.eventually(0.3, lambda: False)
        host.wish("none")

    provoke(host, "ShellacAcksSlow", type_slowly)
    host.wish("fail")
    provoke(host, "ShellacSyncFails", lambda: terminal.send("x\n"))
    host.wish("none")
    leave(terminal)


def keys(host):
    key = os.path.join(host.dir, "host.key")
    os.chmod(key, 0o640)
    provoke(host, "ShellacKeysGone", lambda: os.kill(host.status()["key_process"], signal.SIGKILL))
    os.chmod(key, 0o600)
    h.ok(h.eventually(60, lambda: host.value("shellac_key_process_up")), "there is one again")


def restarts(host):
    scrapes = [host.scrape()]
    for _ in range(3):
        h.eventually(1.1, lambda: False)  # the time is in whole seconds
        host.kill()
        host.start()
        scrapes.append(host.scrape())
    query = queries["ShellacRestarts"]
    h.ok(not query.run(scrapes[:3]) and query.run(scrapes), "ShellacRestarts fires")
    fired.add("ShellacRestarts")
    host.stop()
    last = host.scrape(open(host.prom, encoding="ascii").read())
    query = queries["ShellacSilent"]
    h.ok(not query.run([last]) and query.run([last], last.at + 121),
         "with the collector gone ShellacSilent fires")
    fired.add("ShellacSilent")
    run = host.auditor("status")
    h.ok(run.returncode == 3 and rules["ShellacSilent"]["annotations"]["summary"] in
         run.stderr.decode(), "and status says it", run)


# what a test of few seconds cannot bring about is written into a real text
MADE = {
    "ShellacAccountingTaken": ("shellac_accounting_retaken_total", {}, 1),
    "ShellacJournalFails": ("shellac_journal_failed", {}, 1),
    "ShellacEventsLost": ("shellac_events_lost_total", {}, 3),
    "ShellacPluginLoses": ("shellac_plugin_lost_total", {"plugin": "p"}, 3),
    "ShellacLedgerFails": ("shellac_ledger_failed", {}, 1),
    "ShellacLedgerLate": ("shellac_ledger_epoch_age_seconds", {}, 1000),
    "ShellacLedgerOwes": ("shellac_ledger_owed_entries", {}, 2),
    "ShellacWitnessAlarm": ("shellac_witness_state", {"witness": "w", "state": "FORK"}, 1),
    "ShellacProcessEvents": ("shellac_process_events_state", {"state": "lost"}, 1),
    "ShellacProcessEventsLost": ("shellac_process_events_lost_total", {}, 7),
    "ShellacContradictions": ("shellac_process_contradictions_total", {}, 1),
    "ShellacProcessSyslogLost": ("shellac_process_syslog_lost_total", {}, 1),
    "ShellacUnrecorded": ("shellac_unrecorded_terminals", {}, 1),
    "ShellacOlderRecorders": ("shellac_sessions_of_older_recorders", {}, 1),
    "ShellacFilesLimit": ("shellac_open_files", {}, 1e9),
    "ShellacAcksSlow": ("shellac_ack_latency_seconds_bucket", {"le": "+Inf"}, 1e6),
    "ShellacSyncFails": ("shellac_sessions_unsynced", {}, 1),
}


def made(scrape):
    for name in sorted(set(rules) - fired):
        before, after = promql.Scrape(0, []), promql.Scrape(60, [])
        before.samples = {k: dict(v) for k, v in scrape.samples.items()}
        after.samples = {k: dict(v) for k, v in scrape.samples.items()}
        metric, labels, value = MADE.get(name, ("", {}, 0))
        labels = frozenset(labels.items())
        before.samples.setdefault(metric, {}).setdefault(labels, 0)
        after.samples.setdefault(metric, {})[labels] = value
        quiet = queries[name].run([before, before])
        h.ok(queries[name].run([before, after]) and not quiet, f"{name} fires where it is made so")


in_verdict = verdicts()


def main():
    host = Host()
    host.conf("acct = own\n")
    host.start()
    good_day(host)
    metrics_file(host)
    scrape = host.scrape()
    every = [commands, spools, limits, sessions, plugins, witness, accounting, disk, keys, restarts]
    if not h.sanitized():
        every.insert(-1, slow_disk)
    cases = [c for c in every if c.__name__ in (sys.argv[1:] or c.__name__)]
    for case in cases:
        begun = time.monotonic()
        case(host)
        h.note(f"{case.__name__}: {time.monotonic() - begun:.1f} s")
    if not sys.argv[1:]:
        h.equal(set(rules) - fired - set(MADE), set(), "each alert was brought about or made")
        made(scrape)
    host.start()
    run = host.auditor("verify")
    h.note(run.stdout.decode()[-600:])
    h.equal(host.stop(), 0, "the collector ends as it should")
    h.done()


main()
