#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Each example of shellac(1) works, as it stands there, where there is what it speaks of:
a host with a collector and some sessions, a copy of its store, the files it names."""
import os
import re
import shutil
import struct
import subprocess

import harness as h

HOME = os.path.join(h.work, "home")
# Those that end with 1, since they ask for more than this host has.
FINDING = ("verify --level 3",)


def examples(page):
    with open(os.path.join(h.TOP, "man", page), encoding="utf-8") as f:
        text = f.read()
    found = re.findall(r"^\.Dl \$ (.*)$", text.split(".Sh EXAMPLES\n")[1].split("\n.Sh ")[0], re.M)
    return [re.sub(r"\\\(dq", '"', line).replace("\\e", "\\").replace("\\-", "-") for line in found]


def account_file(path):
    """One record of acct(5), version 3."""
    with open(path, "wb") as f:
        f.write(struct.pack("<BBHIIIIIIf8H16s", 0, 3, 0, 0, 0, 0, 77, 1, 1795000000, 3.0,
                            *[0] * 8, b"true"))


def sessions(collector):
    for typed in ("echo one; id -u", "echo two; ls /", "false; echo three", "cat /etc/hosts | head -1", "echo five",
                  "echo six", "sleep 0.2; echo seven", "echo eight"):
        terminal = h.record(collector, ["sh"])
        terminal.wait_for("# " if os.getuid() == 0 else "$ ")
        terminal.send(typed + "\r")
        terminal.send("exit\r")
        terminal.wait()


def files(collector):
    os.makedirs(HOME, exist_ok=True)
    store = os.path.join(collector.dir, "store")
    shutil.copy(os.path.join(store, "host.pub"), HOME)
    shutil.copy(os.path.join(store, "ledger/checkpoint"), os.path.join(HOME, "web1.checkpoint"))
    made = subprocess.run([h.SHELLAC, "witness", "--state", os.path.join(HOME, "w"), "--new-key",
                           "--name", "example.org/w1"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, check=True)
    key = made.stdout.decode().split()[-1]
    with open(os.path.join(HOME, "witnesses"), "w", encoding="ascii") as f:
        f.write(f"witness w1 {key} http://127.0.0.1:1\ngroup g 1 w1\nquorum g\n")
    account_file(os.path.join(HOME, "pacct"))


def run(collector, line):
    line = line.replace("/mnt/copy", os.path.join(HOME, "copy"))
    line = line.replace("/mnt/backup", HOME)
    line = line.replace("/var/log/account/pacct", os.path.join(HOME, "pacct"))
    env = {**os.environ, "HOME": HOME, "SHELLAC_DIR": collector.dir, "TERM": "xterm",
           "LC_ALL": "C.UTF-8", "XDG_CACHE_HOME": os.path.join(HOME, ".cache"),
           "PATH": os.path.dirname(h.SHELLAC) + ":" + os.environ["PATH"]}
    return subprocess.run(["/bin/bash", "-o", "pipefail", "-c", line], cwd=HOME, env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False)


def main():
    h.own_pid_namespace()
    collector = h.Collector(conf="process_events = no\n").start()
    sessions(collector)
    h.ok(all(collector.closed(n) for n in range(1, 9)), "eight sessions are there")
    collector.auditor("rotate")
    files(collector)
    shutil.copytree(os.path.join(collector.dir, "store"), os.path.join(HOME, "copy"))
    found = examples("shellac.1")
    h.ok(len(found) >= 10, "the page has examples", found)
    for line in found:
        if " setup " in line:
            continue  # changes the host; tests of setup have one to themselves
        needs = [word for word in ("jq",) if word in line.split() and not shutil.which(word)]
        if needs:
            h.skip(line, f"no {needs[0]}")
            continue
        wanted = 1 if any(text in line for text in FINDING) else 0
        done = run(collector, line)
        h.equal(done.returncode, wanted, line)
        if done.returncode != wanted:
            h.note(done.stdout.decode("utf-8", "replace")[-800:])
    h.equal(collector.stop(), 0, "the collector ends well")
    h.done()


main()
