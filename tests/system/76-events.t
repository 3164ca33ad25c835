#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What happens is told: each kind of event made for real, in the order of its number, with
the fields that shellac-events(7) has, which are those of the Elastic Common Schema or ours.
In a pid namespace of the test's own, so that accounting is its own too."""
import json
import os
import pty
import signal
import socket
import subprocess
import sys

import events_check as check
import harness as h

h.own_pid_namespace()

CONF = "epoch_s = 1\nsync_ms = 1\naway = spool\nspool_size = 2M\nfull_action = gap\n"
BROUGHT = [
    json.dumps({"event": {"action": "packet", "category": ["network"], "type": ["connection"],
                          "sequence": 7, "id": "mine"},
                "source": {"ip": "192.0.2.7", "port": 4711}, "message": "IN=eth0\tSRC=192.0.2.7",
                "@timestamp": "1999-01-01T00:00:00Z", "host": {"id": "other"}, "rule": 5,
                "mine": {"a": [1, None]}}),
    json.dumps({"event": {"action": "rule-hit", "kind": "alert", "severity": 80,
                          "category": ["intrusion_detection"], "type": ["info"]},
                "rule": {"name": "history", "description": "removes traces"},
                "shellac": {"session": {"n": 1, "id": "ab" * 16},
                            "rule": {"what": "command", "matched": "history -c", "chunk": 3,
                                     "offset": 1200, "elapsed_ns": 4000000000}}}),
    json.dumps({"event": {"action": "tamper-detected"}})]


class Host(h.Collector):
    def __init__(self):
        self.base = CONF + f"auditors = root\nreviewers = {h.work}/reviewers\n"
        super().__init__(conf=self.base)
        self.taken = os.path.join(h.work, "taken")
        self.brought = os.path.join(h.work, "brought")
        with open(self.brought, "w", encoding="utf-8") as f:
            f.write("\n".join(BROUGHT) + "\n")
        self.plugin("take", f"exec cat >>{self.taken}", "out")
        # once, however often it is started
        self.plugin("sensor", f"mv {self.brought} {self.brought}.now && cat {self.brought}.now\n"
                    "exec cat >/dev/null", "in")

    def plugin(self, name, script, direction):
        folder = os.path.join(self.dir, "plugins.d")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        path = os.path.join(h.work, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\n" + script + "\n")
        os.chmod(path, 0o755)
        with open(os.path.join(folder, name + ".conf"), "w", encoding="utf-8") as f:
            f.write(f"active = yes\ndirection = {direction}\npath = {path}\ntype = always\n"
                    "format = json\nacks = no\n")

    def told(self):
        return check.journal(self.dir)

    def of(self, action, **session):
        return [e for e in self.told() if e["event"]["action"] == action and
                all(e["shellac"].get("session", {}).get(k) == v for k, v in session.items())]

    def wait(self, action, **session):
        h.eventually(60, lambda: self.of(action, **session))
        return self.of(action, **session)

    def one(self, action, name, **session):
        found = self.wait(action, **session)
        if not h.ok(len(found) == 1, f"{name}: one event", found):
            print("Bail out! without it nothing else can be judged")
            sys.exit(1)
        return found[0]

    def conf(self, text):
        with open(os.path.join(self.dir, "shellac.conf"), "w", encoding="utf-8") as f:
            f.write(self.base + text)
        self.proc.send_signal(signal.SIGHUP)

    def must(self, *args):
        r = self.auditor(*args)
        h.ok(r.returncode == 0, "shellac " + " ".join(args[:2]), r.stderr.decode())


def sessions(host):
    h.record(host, ["/bin/sh", "-c", "echo hello; exit 3"]).wait()
    start = host.one("session-start", "a session begins")
    end = host.one("session-end", "and ends")
    h.equal((start["user"]["id"], start["shellac"]["session"]["n"], start["process"]["interactive"]),
            (str(os.getuid()), 1, True), "whose it is")
    h.equal((end["process"]["exit_code"], end["shellac"]["session"]["status"],
             end["shellac"]["session"]["ended"], end["shellac"]["session"]["bytes_out"]),
            (3, "complete", "exit", 7), "how it ended")
    h.equal(start["shellac"]["session"]["id"], end["shellac"]["session"]["id"], "both of the same")
    h.ok(start["event"]["sequence"] < end["event"]["sequence"], "in this order")

    def shells():
        return [e for e in host.of("process-end", n=1) if e["process"]["name"] == "sh"]
    h.eventually(60, shells)
    h.equal([(e["process"]["exit_code"], e["event"]["outcome"]) for e in shells()],
            [(3, "failure")], "the end of its process is told")


def killed(host, n):
    t = h.record(host, ["/bin/sleep", "300"])
    os.kill(host.one("session-start", f"session {n} begins", n=n)["process"]["pid"],
            signal.SIGKILL)
    end = host.one("session-end", "its keeper is killed", n=n)
    h.equal((end["shellac"]["session"]["status"], end["shellac"]["session"]["ended"],
             end["event"]["outcome"]), ("cut", "recorder-gone", "unknown"), "the session is cut")
    t.wait()


def hostile(host):
    path = os.path.join(h.work.encode(), b"\x1b[m\"\\\n\xff\xe2\x80\xae\xc3\xa4")
    with open("/bin/true", "rb") as src, open(path, "wb") as f:
        f.write(src.read())
    os.chmod(path, 0o755)
    subprocess.run([path], check=True)

    def names():
        return [e["process"]["name"] for e in host.of("process-end")
                if e["process"]["name"].startswith(r"\x1b")]
    h.eventually(60, names)
    h.equal(names(), ['\\x1b[m"\\\\\\n\\xff\\xe2\\x80\\xaeä'],
            "a hostile name is escaped as on the log, every byte of it")


class Unrecorded:
    """A terminal that nobody records: without the kernel's events, who looks at /proc at a
    collector's start sees it."""

    def __init__(self):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.execv("/bin/sleep", ["sleep", "300"])

    def seen(self, host):
        h.equal(host.one("unrecorded", "a terminal that nobody records")["process"]["pid"],
                self.pid, "and who leads it")
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.master)

    def over(self, host):
        h.equal(host.one("unrecorded-end", "which is over")["process"]["pid"], self.pid,
                "the same")


def tampered(host, n):
    t = h.record(host, ["/bin/sleep", "300"])
    start = host.one("session-start", f"session {n} begins", n=n)
    fifo = os.path.join(host.dir, "run/session", start["shellac"]["session"]["id"] + ".fifo")
    with open(fifo, "wb", buffering=0) as f:
        f.write(b"\xf5\x11\x01\0" + b"\xff" * 9)
    found = host.one("tamper-detected", "foreign bytes in its FIFO", n=n)
    h.ok(found["file"]["path"].startswith(host.dir + "/store/session/") and
         found["event"]["reason"], "the file and the reason are named", found)
    end = host.one("session-end", "and it ends", n=n)
    h.equal(end["shellac"]["session"]["ended"], "refused", "there")
    t.send(b"\x03")
    t.wait()


def access(host):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.settimeout(60)
        s.connect(os.path.join(host.dir, "run/access.sock"))
        s.send(b"want replay 2\nticket 5")
        h.equal(s.recv(100), b"ok", "somebody reads a session")
    found = host.one("access", "which is told")
    h.equal((found["user"]["id"], found["shellac"]["access"]["what"], found["event"]["reason"],
             found["shellac"]["session"]["n"]), (str(os.getuid()), "replay 2", "ticket 5", 2),
            "who, what and why")


def custody(host):
    key = os.path.join(h.work, "ann")
    with open(os.path.join(h.work, "reviewers"), "wb") as f:
        f.write(subprocess.run([h.SHELLAC, "key", "auditor", "--name", "ann", key],
                               stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=True).stdout)
    host.must("review", "sign", "--verdict", "concern", "--key", key, "1")
    found = host.one("review", "a sign-off")
    h.equal((found["shellac"]["review"], found["shellac"]["session"]["n"]),
            ({"key_name": "ann", "verdict": "concern"}, 1), "whose, and what it says")
    host.must("hold", "1", "--reason", "case 17")
    host.must("hold", "--release", "1")
    h.equal(host.one("hold", "a hold")["event"]["reason"], "case 17", "and why")
    host.one("hold-released", "and its end")
    host.must("purge", "1")
    h.equal(host.one("purge", "a purge")["shellac"]["session"]["n"], 1, "of which session")
    host.must("key", "rotate")
    host.one("key-rotated", "a new key of the host")


def failures(host):
    def space(action):
        host.auditor("status")  # which looks
        return [e for e in host.of(action) if e["shellac"]["failure"]["what"] == "space"]
    host.conf("space_left = 99%\n")
    h.eventually(60, lambda: space("failure"))
    h.equal([e["event"]["outcome"] for e in space("failure")], ["failure"],
            "too little room is a failure")
    host.conf("space_left = 0\n")
    h.eventually(60, lambda: space("failure-over"))
    h.equal([e["event"]["outcome"] for e in space("failure-over")], ["success"], "which is over")


def gap(host, n):
    """Nobody collects, and the spool is small."""
    t = h.record(host, ["/bin/sh", "-c", "read x; seq 600000; read x"])
    host.one("session-start", f"session {n} begins", n=n)
    host.kill()
    t.send("\r")
    t.wait_for(b"600000")
    host.start()
    t.send("\r")
    t.wait()
    end = host.one("session-end", "it ends", n=n)
    found = host.of("recording-gap", n=n)
    h.ok(found and all(e["shellac"]["gap"]["bytes_lost"] > 0 and
                       e["shellac"]["gap"]["reason"] == "no-room" for e in found),
         "what a full spool could not take is told", found)
    h.equal((end["shellac"]["session"]["bytes_lost"], end["process"]["io"]["total_bytes_skipped"]),
            (sum(e["shellac"]["gap"]["bytes_lost"] for e in found),) * 2, "and its sum at the end")


def inputs(host):
    found = host.one("packet", "what an input plugin brings")
    h.equal((found["source"], found["message"], found["shellac"]["source"], found["event"]["kind"]),
            ({"ip": "192.0.2.7", "port": 4711}, "IN=eth0\tSRC=192.0.2.7", "sensor", "event"),
            "has its fields of ECS, and its source")
    h.equal(found["shellac"]["input"]["data"],
            {"@timestamp": "1999-01-01T00:00:00Z", "host": {"id": "other"}, "rule": 5,
             "event": {"sequence": 7, "id": "mine"}, "mine": {"a": [1, None]}}, "the rest is data")
    h.ok(found["host"]["id"] != "other" and found["event"]["id"] != "mine", "what is ours is ours")
    hit = host.one("rule-hit", "a rule's hit")
    h.equal((hit["shellac"]["session"]["n"], hit["shellac"]["rule"]["what"], hit["rule"]["name"],
             hit["shellac"]["schema"]), (1, "command", "history", 1), "says which and where")
    h.equal(host.one("input", "a name that is ours")["shellac"]["input"]["data"],
            {"event": {"action": "tamper-detected"}}, "is not taken from a plugin")


def recovered(host, n):
    """A session that is cut while nobody collects is told of once, however often one starts."""
    t = h.record(host, ["/bin/sleep", "300"])
    pid = host.one("session-start", f"session {n} begins", n=n)["process"]["pid"]
    host.kill()
    os.kill(pid, signal.SIGKILL)
    host.start()
    host.one("session-end", "a session that was cut meanwhile", n=n)
    host.kill()
    host.start()
    h.record(host, ["/bin/true"]).wait()
    host.one("session-end", "the next one", n=n + 1)
    for action in ("session-start", "session-end"):
        h.equal([len(host.of(action, n=i)) for i in range(1, n + 2)], [1] * (n + 1),
                f"of each session one {action}")
    t.wait()


def taken(host):
    with open(host.taken, encoding="utf-8") as f:
        return [json.loads(line) for line in f.read().split("\n")[:-1]]


def judge(host, known):
    told = host.told()
    numbers = [e["event"]["sequence"] for e in told]
    h.equal(numbers, list(range(1, len(told) + 1)), "no number is missing, none is there twice")
    hid = told[0]["host"]["id"]
    h.equal([e["event"]["id"] for e in told], [f"{hid}-{n}" for n in numbers], "ids have it")
    every = told + [e for e in taken(host) if e["event"]["action"] == "plugin-start"]
    h.equal([f for e in every for f in check.faults(e, known)][:20], [],
            "every field of every event is in the page, and of its type")
    h.equal(sorted(check.ALL - {e["event"]["action"] for e in every}), [], "every kind was there")
    numbered = [e["event"]["sequence"] for e in taken(host) if "sequence" in e["event"]]
    # what was told while the collector ended waits for the next
    h.equal(sorted(set(numbered)), list(range(min(numbered), max(numbered) + 1)),
            "the plugin missed none")
    h.ok(max(numbered) > len(told) - 30, "up to the end", (max(numbered), len(told)))
    h.ok("\x1b" not in host.text(), "the log holds nothing raw")
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w", encoding="utf-8") as f:
            f.writelines(json.dumps(e) + "\n" for e in every)


def main():
    known = check.tables()
    host = Host()
    host.start()
    terminal = Unrecorded()
    inputs(host)
    sessions(host)
    killed(host, 2)
    hostile(host)
    tampered(host, 3)
    access(host)
    custody(host)
    failures(host)
    gap(host, 4)
    terminal.seen(host)
    recovered(host, 5)
    terminal.over(host)
    before = len(host.told())
    status = json.loads(host.auditor("status", "--json").stdout)["journal"]
    h.ok(status["newest"] >= before and status["lost"] == 0 and status["error"] == "",
         "status says how far the journal is", status)
    h.equal(host.stop(), 0, "the collector ends")
    judge(host, known)
    h.done()


main()
