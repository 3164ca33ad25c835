#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What plugins bring: a command that was typed becomes a rule's hit in another plugin, once,
also when plugins begin anew; lines of others stand in the timeline, and the ledger vouches for
them."""
import json
import os
import shutil
import signal
import subprocess

import fed_plugin
import harness as h
import plugin_world as w

RULES = os.path.join(h.BUILD, "plugins/rules/shellac-rules")
INPUT = os.path.join(h.BUILD, "plugins/input/shellac-input")
LOG = os.path.join(h.work, "firewall.log")
PACKET = ("fw: IN=eth0 OUT= SRC=192.0.2.7 DST=198.51.100.1 LEN=60 PROTO=TCP SPT=50222 DPT=22 SYN\n")


def typed(collector, *lines):
    """A session at a shell."""
    terminal = h.record(collector, ["/bin/sh"], env={"PS1": "%% ", "ENV": ""})
    for line in lines:
        terminal.wait_for("%% ")
        terminal.send(line + "\r")
    terminal.wait_for("%% ")
    terminal.send("exit\r")
    terminal.wait()


def hits(c):
    return [(e["rule"]["name"], e["shellac"]["session"]["n"]) for e in c.events("sink")
            if e["event"]["action"] == "rule-hit"]


def once(c, wanted, name):
    h.ok(h.eventually(90, lambda: len(hits(c)) >= len(wanted)), f"{name}: the hits come", c.text()[-2000:])
    # where one came twice, it would come before the next session's
    h.equal(sorted(hits(c)), sorted(wanted), f"{name}: each of them once")


def pid_of(c, name):
    return c.status(name).get("pid")


def rules(c):
    typed(c, ": steal-the-crown", "echo harmless")
    once(c, [("crown", 1)], "a typed command")
    hit = [e for e in c.events("sink") if e["event"]["action"] == "rule-hit"][0]
    h.equal([hit["event"]["kind"], hit["event"]["severity"], hit["shellac"]["source"],
             ": steal-the-crown" in hit["shellac"]["rule"]["matched"]],
            ["alert", 80, "rules", True], "with severity, source and what fitted")
    h.ok(h.eventually(60, lambda: c.status("rules")["queue"] == 0), "its session's end is acknowledged",
         c.status("rules"))
    typed(c, ": nothing")
    for end in (signal.SIGKILL, signal.SIGTERM):
        restarts = c.status("rules")["restarts"]
        pid = pid_of(c, "rules")
        typed(c, ": steal-the-crown again")
        os.kill(pid, end)
        h.ok(h.eventually(60, lambda r=restarts: c.status("rules")["restarts"] > r), "it begins anew")
        n = max(c.files())
        wanted = sorted(set(hits(c)) | {("crown", n)})
        once(c, wanted, f"ended by signal {end}")
    typed(c, ": steal-the-crown at last")
    once(c, sorted(set(hits(c)) | {("crown", max(c.files()))}), "afterwards")
    before = hits(c)
    h.equal(c.stop(), 0, "the collector ends")
    c.start()
    typed(c, ": steal-the-crown, new collector")
    once(c, before + [("crown", max(c.files()))], "over a restart of all")


def timeline(c):
    with open(LOG, "a", encoding="ascii") as f:
        f.write(PACKET + "hostile \x1b[31m\x07 line\n")
    h.ok(h.eventually(60, lambda: len([e for e in c.events("sink") if e["shellac"].get("source") == "firewall"]) == 2),
         "lines of others become events", c.text()[-2000:])
    c.auditor("rotate")
    rows = c.objects("timeline", "source", "firewall")
    h.equal([(r["kind"], r["session"]) for r in rows], [("input", None)] * 2, "and stand in the timeline")
    h.equal([rows[0]["input"]["source"]["ip"], rows[0]["input"]["destination"]["port"]],
            ["192.0.2.7", 22], "with their fields")
    h.ok(len(c.objects("timeline", "kind", "rule-hit")) == len(hits(c)), "hits too, each once")
    kinds = sorted({r["kind"] for r in c.objects("timeline", "--all")})
    h.equal([c.auditor("timeline", "kind", kind).returncode for kind in kinds + ["inputs"]],
            [0] * len(kinds) + [2], "all kinds there are can be asked for, and no other")
    every = c.objects("timeline")
    h.equal([r["time"] for r in every], sorted(r["time"] for r in every), "all in the order of time")
    h.ok({"session-start", "session-end", "collector-start", "input"} <= {r["kind"] for r in every},
         "with what else was", {r["kind"] for r in every})
    text = c.auditor("timeline").stdout.decode()
    h.ok("shellac replay 1\n" in text and "\x1b" not in text and "\x07" not in text,
         "for eyes with the command that shows more, and nothing raw")
    for line in text.splitlines()[1::2]:
        words = line.split()
        if words[:2] not in (["shellac", "replay"], ["shellac", "procs"]):
            done = c.auditor(*words[1:])
            if done.returncode not in (0, 1):
                h.ok(False, f"{line.strip()} works", done.stderr)
                break
    else:
        h.ok(True, "those commands work")


def evidence(c):
    """The ledger vouches for what was brought; a copy says the same."""
    c.auditor("rotate")
    h.equal(c.auditor("verify").returncode, 0, "verify finds nothing wrong")
    before = [r for r in c.objects("timeline") if r["kind"] != "access"]
    h.equal(c.stop(), 0, "the collector ends again")
    store, copy = os.path.join(c.dir, "store"), os.path.join(h.work, "copy")
    shutil.copytree(store, copy)
    run = subprocess.run([h.SHELLAC, "-S", copy, "timeline", "--json"], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    after = [json.loads(line) for line in run.stdout.decode().splitlines()]
    got = [(r["kind"], r["text"]) for r in after if r["source"] in ("firewall", "rules")]
    h.equal(got, [(r["kind"], r["text"]) for r in before if r["source"] in ("firewall", "rules")],
            "a copy has the same timeline")
    if subprocess.run([h.PYTHON, "-c", "import nacl"], stderr=subprocess.DEVNULL, check=False).returncode:
        h.skip("the second verifier", "no nacl")
    else:
        path = os.path.join(copy, "process")
        done = [subprocess.run([h.PYTHON, "-c", "import sys; sys.path.insert(0, sys.argv[1]); import verify_process;"
                                "sys.exit(not verify_process.read_processes(sys.argv[2]))",
                                os.path.join(h.TOP, "tests"), os.path.join(path, name)],
                               stdout=subprocess.PIPE, check=False)
                for name in sorted(os.listdir(path)) if name.endswith(".shlp")]
        h.equal([d.returncode for d in done], [0] * len(done), "the second verifier reads the records")
        h.ok(any(b'"INPUT"' in d.stdout and b"192.0.2.7" in d.stdout for d in done), "with what was brought")
    for name in sorted(os.listdir(os.path.join(copy, "process"))):
        path = os.path.join(copy, "process", name)
        with open(path, "rb") as f:
            data = f.read()
        if b"198.51.100.1" in data:
            with open(path, "wb") as f:
                f.write(data.replace(b"198.51.100.1", b"198.51.100.9"))
    done = subprocess.run([h.SHELLAC, "-S", copy, "verify"], stdin=subprocess.DEVNULL, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    h.equal(done.returncode, 1, "what was changed in it is found")
    h.ok(b"vouches for" in done.stdout + done.stderr, "and said", done.stdout[-600:])


def hit(text):
    """As shellac rules --json has it."""
    return {"@timestamp": "2026-11-22T08:00:00Z", "event": {"action": "rule-hit", "severity": 80},
            "rule": {"name": "crown"}, "user": {"name": "alice", "id": "1000"},
            "shellac": {"session": {"n": 7, "id": "5f" * 16}, "offset_ms": 5, "on": "typed",
                        "chunk": 1, "text": text, "replay": "shellac replay 7"}}


def exactly():
    """What came back before is not sent again, and nothing is done with before it came back."""
    script = os.path.join(h.work, "auditor")
    with open(script, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\necho \"$*\" >&2\ncat <<'E'\n" +
                "".join(json.dumps(hit(text)) + "\n" for text in ("one", "two \x1b[31m")) + "E\nexit 1\n")
    os.chmod(script, 0o755)
    hello = {**fed_plugin.HELLO, "shellac": {"protocol": 1, "plugin": "mine"}}
    plugin = fed_plugin.Plugin("rules", "--shellac", script, hello=hello)
    ended = fed_plugin.event(4, "session-end", shellac={"session": {"n": 7}})
    plugin.put(fed_plugin.event(3), ended, fed_plugin.event(5))
    h.ok(h.eventually(60, lambda: len(plugin.answers) == 2), "hits are sent", plugin.text())
    h.equal(plugin.acked, 3, "the session's end is not acknowledged before they came back")
    h.ok("rules --json --session 7" in plugin.text(), "its session alone was looked at", plugin.text())
    sent = [json.loads(line) for line in plugin.answers]
    plugin.proc.kill()
    plugin.ended()
    plugin = fed_plugin.Plugin("rules", "--shellac", script, hello=hello)
    back = [fed_plugin.event(6 + i, "rule-hit", rule=e["rule"], shellac={**e["shellac"], "source": "mine"})
            for i, e in enumerate(sent)]
    other = fed_plugin.event(8, "rule-hit", rule=sent[1]["rule"], shellac={**sent[1]["shellac"], "source": "x"})
    plugin.put(ended, fed_plugin.event(5), back[0], other)
    h.ok(h.eventually(60, lambda: len(plugin.answers) == 1), "after a crash ...", plugin.answers)
    h.equal(json.loads(plugin.answers[0])["shellac"]["rule"]["matched"], "two \x1b[31m",
            "... what had not come back is sent, and nothing else")
    h.equal(plugin.acked, 3, "and its end is not acknowledged")
    plugin.put({**back[1], "event": {**back[1]["event"], "sequence": 9}})
    h.ok(plugin.acks(9), "until it has come back")
    h.equal(plugin.eof(), 0, "its end is 0")
    with open(script, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\nexit 3\n")
    plugin = fed_plugin.Plugin("rules", "--shellac", script, hello=hello)
    plugin.put(ended)
    h.ok(h.eventually(60, lambda: "trying again" in plugin.text()), "what cannot be looked at is tried again",
         plugin.text())
    h.equal(plugin.term(), 0, "and holds nothing up")


def main():
    exactly()
    c = w.Plugins()
    path = os.path.join(c.dir, "rules")
    with open(path, "w", encoding="ascii") as f:
        f.write('rule crown typed "steal-the-crown" severity 80\n')
    os.chmod(path, 0o600)
    with open(LOG, "w", encoding="ascii"):
        pass
    c.plugin("sink")
    c.configure("rules", path=RULES, direction="both", args=f"-d {c.dir} --shellac {h.SHELLAC}")
    c.configure("firewall", path=INPUT, direction="in",
                args=f"--parse nftables --state {h.work}/state --file {LOG}")
    c.start()
    h.ok(c.reaches("rules", state="runs") and c.reaches("firewall", state="runs"), "the plugins run", c.text())
    rules(c)
    timeline(c)
    evidence(c)
    h.done()


main()
