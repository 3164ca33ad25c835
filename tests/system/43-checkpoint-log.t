#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Checkpoints on the system's log: a detached collector in namespaces of the test's
own, where /dev/log is the test's, too."""
import os
import re
import shutil
import socket
import subprocess
import sys

import harness as h
import witness_world as w

LINE = re.compile(rb"checkpoint (\d+) (\S+) (\S+) (\S+)$")


def own_namespaces():
    if os.environ.get("SHELLAC_TEST_NAMESPACE"):
        return
    if os.geteuid() != 0:
        h.skip_all("needs root")
    unshare = ["unshare", "-pfm", "--kill-child", "--mount-proc"]
    if subprocess.run(unshare + ["true"], stderr=subprocess.DEVNULL, check=False).returncode:
        h.skip_all("no namespaces to be had")
    os.environ["SHELLAC_TEST_NAMESPACE"] = "1"
    os.rmdir(h.work)
    os.execvp("unshare", unshare + [h.PYTHON] + sys.argv)


def own_dev():
    """A /dev of a few devices and a log; what the log hears."""
    dev = os.path.join(h.work, "dev")
    os.mkdir(dev)
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        open(os.path.join(dev, name), "wb").close()
        subprocess.run(["mount", "--bind", "/dev/" + name, os.path.join(dev, name)], check=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(os.path.join(dev, "log"))
    sock.settimeout(20)
    subprocess.run(["mount", "--rbind", dev, "/dev"], check=True)
    return sock


def hear(sock, wanted, seconds=20):
    """Lines up to the first that has wanted in it."""
    lines = []

    def look():
        try:
            lines.append(sock.recv(8192).rstrip(b"\0\n"))
        except socket.timeout:
            pass
        return lines and wanted in lines[-1]

    sock.settimeout(1)
    h.eventually(seconds, look)
    return lines


def start(folder, conf):
    with open(os.path.join(folder, "shellac.conf"), "w", encoding="utf-8") as f:
        f.write("acct = off\nprocess_events = no\nepoch_s = 1\n" + conf)
    run = subprocess.run([h.SHELLACD, "-d", folder], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    h.equal(run.returncode, 0, "a detached collector starts")


def stop(folder):
    with open(os.path.join(folder, "run/shellacd.pid"), encoding="utf-8") as f:
        os.kill(int(f.read()), 15)
    h.ok(h.eventually(30, lambda: not os.path.exists(os.path.join(folder, "run/register.sock"))),
         "it ends")


def note_of(line):
    """The note again, from what the log has."""
    size, root, origin, signature = (x.decode() for x in LINE.search(line).groups())
    return f"{origin}\n{size}\n{root}\n\n\u2014 {origin} {signature}\n".encode()


def main():
    own_namespaces()
    folder = os.path.join(h.work, "d")
    os.mkdir(folder, 0o700)
    sock = own_dev()
    start(folder, "")
    first = hear(sock, b"checkpoint ")[-1]
    again = hear(sock, b"checkpoint ")[-1]
    h.ok(LINE.search(first) and LINE.search(again), "each checkpoint is a line", (first, again))
    h.ok(again.startswith(b"<86>"), "of facility authpriv", again)
    h.ok(first.isascii() and b"\\x" not in first, "of plain characters", first)
    with open(os.path.join(folder, "store/host.pub"), encoding="utf-8") as f:
        public = w.read_vkey(f.read())[2]
    sizes = []
    for line in (first, again):
        text, signatures = w.split_note(note_of(line))
        origin, size, _ = w.state_of(note_of(line))
        sizes.append(size)
        h.ok(w.verified(public, text, signatures[origin, w.key_id(origin, w.ED25519, public)]),
             "from which the signed note can be made again")
    h.ok(sizes[0] < sizes[1], "the next is larger", sizes)
    stop(folder)
    last = [x for x in hear(sock, b"nothing says this", 2) if LINE.search(x)]
    with open(os.path.join(folder, "store/ledger/checkpoint"), "rb") as f:
        h.equal(note_of(last[-1]), f.read(), "the last one of a run is there, too")
    start(folder, "checkpoint_syslog = no\n")
    path = os.path.join(folder, "store/ledger/checkpoint")
    with open(path, "rb") as f:
        before = w.state_of(f.read())[1]

    def newest():
        with open(path, "rb") as f:
            return w.state_of(f.read())[1]

    h.ok(h.eventually(20, lambda: newest() > before + 1), "with checkpoint_syslog = no it goes on")
    stop(folder)
    lines = hear(sock, b"nothing says this", 2)
    h.ok(lines and not any(LINE.search(x) for x in lines), "and is silent about them", lines)
    subprocess.run(["umount", "-l", "/dev"], check=False)
    shutil.rmtree(folder, ignore_errors=True)
    h.done()


main()
