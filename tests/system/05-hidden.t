#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A password never gets into the store; what the terminal echoed is kept."""
import os
import re
import shutil
import time

import harness as h

PROMPT_END = re.compile(rb"> |[#$] ")

# a prompt as sudo and others have it: echo off on the terminal, one line read
PROMPT = """
import getpass
p = getpass.getpass("[sudo] password for you: ")
print("got", len(p))
"""
# the program on a remote host behind a raw terminal: it draws the prompt and
# reads bytes until the line ends, answering nothing or one star each
RAW_PROMPT = """
import os, sys, tty
tty.setraw(0)
os.write(1, b"host$ ")
while True:
    c = os.read(0, 1)
    if c in b"\\r\\n":
        break
    os.write(1, c)
os.write(1, b"\\r\\nPassword: ")
n = 0
while True:
    c = os.read(0, 1)
    if c in b"\\r\\n":
        break
    n += 1
    os.write(1, {mask!r})
os.write(1, b"\\r\\ngot %d\\r\\n" % n)
"""


class Case:
    serial = 0

    def __init__(self, collector, argv, env=None):
        Case.serial += 1
        self.secret = f"s3cr3t-{Case.serial}-Zq9xW"
        self.collector = collector
        self.terminal = h.record(collector, argv, env=env)

    def type_secret(self):
        time.sleep(0.2)
        self.terminal.send(self.secret + "\r")

    def judge(self, name, hidden=True, kept=()):
        h.equal(self.terminal.wait(), 0, f"{name}: the session ends")
        path = self.collector.closed(max(self.collector.files()))
        with open(path, "rb") as f:
            stored = f.read()
        found = h.frames(path)
        typed = h.typed(found)
        if hidden:
            h.ok(self.secret.encode() not in stored and self.secret.encode() not in typed and
                 not any(self.secret[:n].encode() in typed for n in range(7, len(self.secret))),
                 f"{name}: the password is not in the store", typed)
            count = sum(f.data for f in found if f.type == h.HIDDEN)
            h.ok(count >= len(self.secret), f"{name}: that {len(self.secret)} bytes were typed is",
                 f"hidden: {count}")
        for text in kept:
            h.ok(text.encode() in typed, f"{name}: {text!r} is kept", typed)


def shell_reads(collector, shell, argv, command):
    if not shutil.which(shell):
        h.skip(shell, "not here")
        return
    case = Case(collector, argv, env={"PS1": "prompt> ", "HOME": h.work, "ENV": ""})
    t = case.terminal
    t.wait_for(PROMPT_END)
    t.send("echo before\r")
    t.wait_for("before\r\n")
    t.wait_for(PROMPT_END)
    t.send(command + "\r")
    t.wait_for("asking\r\n")
    case.type_secret()
    t.wait_for("got <%d>" % len(case.secret))
    t.send("exit 0\r")
    case.judge(shell, kept=("echo before", "exit 0"))


def shells(collector):
    read_s = "echo asking; read -s x; echo \"got <${#x}>\""
    shell_reads(collector, "bash", ["bash", "--norc", "-i"], read_s)
    shell_reads(collector, "zsh", ["zsh", "-f", "-i"], read_s)
    shell_reads(collector, "dash", ["dash", "-i"],
                "stty -echo; echo asking; read -r x; stty echo; echo \"got <${#x}>\"")
    shell_reads(collector, "mksh", ["mksh", "-i"],
                "stty -echo; echo asking; read -r x; stty echo; echo \"got <${#x}>\"")


def prompts(collector):
    case = Case(collector, [h.PYTHON, "-c", PROMPT])
    case.terminal.wait_for("password for you: ")
    case.type_secret()
    case.judge("a prompt like sudo's")
    for mask, name in ((b"", "silent"), (b"*", "stars"), ("\u2022".encode(), "bullets")):
        case = Case(collector, [h.PYTHON, "-c", RAW_PROMPT.replace("{mask!r}", repr(mask))])
        t = case.terminal
        t.wait_for("host$ ")
        for c in "su":
            t.send(c)
            t.wait_for(c)
        t.send("\r")
        t.wait_for("Password: ")
        if mask:
            time.sleep(0.2)
            for c in case.secret:
                t.send(c)
                t.wait_for(mask)
            t.send("\r")
        else:
            case.type_secret()
        case.judge(f"a remote prompt, {name}", kept=("su",))


def pasted(collector):
    if not shutil.which("bash"):
        h.skip("bash", "not here")
        return
    case = Case(collector, ["bash", "--norc", "-i"], env={"PS1": "prompt> "})
    t = case.terminal
    t.wait_for(PROMPT_END)
    line = "echo pasted-$((40 + 2)) " + "word " * 60
    t.send("\033[200~" + line + "\033[201~")
    time.sleep(0.5)
    t.send("\r")
    t.wait_for("pasted-42")
    t.send("exit 0\r")
    case.judge("a command pasted into readline", hidden=False, kept=("echo pasted-$((40 + 2))", "exit 0"))


def hidden_shell(policy):
    """Types a long script where nothing echoes; the session's file and what verify says."""
    collector = h.Collector(os.path.join(h.work, "shell-" + policy),
                            conf=f"compress = no\ninput = {policy}\n").start()
    t = h.record(collector, ["sh", "-i"], env={"PS1": "prompt> ", "ENV": ""})
    t.wait_for(PROMPT_END)
    t.send("stty -echo; sh\r")
    for i in range(12):
        t.wait_for(PROMPT_END)
        t.send(f"x='not to be seen by anybody'; echo $(({i} + 1000))\r")
        t.wait_for(str(i + 1000))
    t.send("exit\rexit\r")
    h.equal(t.wait(), 0, f"input = {policy}: a shell that nothing echoes ends")
    path = collector.closed(1)
    status = collector.auditor("verify").returncode
    found = [f for f in collector.objects("verify") if "kind" in f]
    session = collector.objects("list")[0]["status"]
    collector.stop()
    return path, status, session, found


def hidden_shells():
    path, status, session, found = hidden_shell("echoed")
    h.equal((status, session), (1, "COMPLETE"), "verify has a finding, the session is complete")
    sums = 0
    for f in h.frames(path):  # the sixth line is what makes it too much
        sums += f.data if f.type == h.HIDDEN else 0
        if sums > 256:
            break
    chunk = len([s for s in h.events(path, h.SEAL) if s.offset < f.offset])
    h.equal([(g["n"], g["chunk"], g["offset"], g["kind"], len(g["id"])) for g in found],
            [(1, chunk, f.offset, "hidden", 32)], "it says where")
    h.ok("256 bytes" in found[0]["text"], "and what", found)
    _, status, session, found = hidden_shell("none")
    h.equal((status, session, found), (0, "COMPLETE", []), "none where the policy hides all")
    path, status, _, _ = hidden_shell("all")
    h.equal(status, 0, "none where it hides nothing")
    typed = h.typed(h.frames(path))
    h.ok(b"not to be seen" in typed, "that is kept", typed)


def policies():
    for policy, typed_kept, hidden_kept in (("all", True, True), ("none", False, False)):
        collector = h.Collector(os.path.join(h.work, policy),
                                conf=f"compress = no\ninput = {policy}\n").start()
        t = h.record(collector, ["sh", "-c", "echo a; read -r x; stty -echo; echo b; read -r y"])
        t.wait_for("a\r\n")
        t.send("visible-word\r")
        t.wait_for("b\r\n")
        time.sleep(0.2)
        t.send("hidden-word\r")
        h.equal(t.wait(), 0, f"input = {policy}: the session ends")
        typed = h.typed(h.frames(collector.closed(1)))
        h.equal((b"visible-word" in typed, b"hidden-word" in typed), (typed_kept, hidden_kept),
                f"input = {policy}: what is kept")
        collector.stop()


def main():
    collector = h.Collector(conf="compress = no\n").start()
    shells(collector)
    prompts(collector)
    pasted(collector)
    h.equal(collector.auditor("verify").returncode, 0, "verify is clean")
    collector.stop()
    policies()
    hidden_shells()
    h.done()


main()
