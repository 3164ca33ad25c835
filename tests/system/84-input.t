#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""shellac-input: lines of a file that is rotated, of a program and of a socket, each of them
once, over restarts too."""
import json
import os
import signal
import socket
import subprocess

import harness as h
import fed_plugin as w

LOG = os.path.join(h.work, "log")
STATE = os.path.join(h.work, "state")


class Input(w.Plugin):
    def __init__(self, *args):
        super().__init__("input", *args)

    def lines(self):
        return [json.loads(line) for line in self.answers]

    def messages(self):
        return [line.get("message") for line in self.lines()]

    def has(self, wanted):
        if h.eventually(60, lambda: self.messages() == wanted):
            return True
        h.note(f"got {self.messages()!r:.900}")
        h.note(self.text())
        return False


def write(text, path=LOG, how="a"):
    with open(path, how, encoding="utf-8") as f:
        f.write(text)


def follow(*more):
    return Input("--file", LOG, "--state", STATE, *more)


def started(plugin):
    """It has looked at the file: it keeps a place."""
    return h.eventually(60, lambda: os.path.exists(STATE))


def rotation():
    write("before\n")
    plugin = follow()
    h.ok(started(plugin), "it begins at the end of the file, and keeps the place")
    write("one\ntwo\nhal")
    h.ok(plugin.has(["one", "two"]), "what is written is brought, whole lines alone")
    write("f\n")
    h.ok(plugin.has(["one", "two", "half"]), "with the rest once it is there")
    os.rename(LOG, LOG + ".1")
    write("late\n", LOG + ".1")
    h.ok(plugin.has(["one", "two", "half", "late"]), "a renamed file is read on")
    write("", LOG)
    write("later\n", LOG + ".1")
    h.ok(plugin.has(["one", "two", "half", "late", "later"]), "also while the new one is empty")
    write("new\n")
    h.ok(plugin.has(["one", "two", "half", "late", "later", "new"]), "then the new one")
    write("", LOG, "w")
    write("x\n")
    h.ok(plugin.has(["one", "two", "half", "late", "later", "new", "x"]), "and one that was cut")
    h.ok(h.eventually(60, lambda: open(STATE, encoding="ascii").read().split()[4] == "2"), "the place is kept")
    plugin.proc.send_signal(signal.SIGSTOP)
    write("a much longer line than all before, so that it ends behind the place\n", LOG, "w")
    plugin.proc.send_signal(signal.SIGCONT)
    h.ok(h.eventually(60, lambda: (plugin.messages() or [""])[-1].startswith("a much longer")),
         "also where it has grown beyond", plugin.messages())
    h.equal(plugin.eof(), 0, "its end is 0")


def restarts():
    """Neither lost nor double, whatever happened meanwhile."""
    write("while away 1\nwhile away 2\nhal")
    plugin = follow()
    h.ok(plugin.has(["while away 1", "while away 2"]), "a restart goes on at the place")
    h.equal(plugin.term(), 0, "SIGTERM is an end")
    write("f\nold\n")
    os.rename(LOG, LOG + ".1")
    write("middle\n")
    os.utime(LOG + ".1", (1, 1))
    os.rename(LOG, LOG + "-20261122")
    write("young\n")
    subprocess.run(["gzip", "-k", LOG + "-20261122"], check=True)
    plugin = follow()
    h.ok(plugin.has(["half", "old", "middle", "young"]), "over two rotations, too")
    h.equal(plugin.eof(), 0, "its end is 0 again")
    plugin = follow()
    write("next\n")
    h.ok(plugin.has(["next"]), "nothing comes twice")
    plugin.eof()
    os.unlink(LOG)
    write("other\n")
    plugin = follow()
    h.ok(plugin.has(["other"]), "where the file is gone, the new one is read ...")
    h.ok("are missing" in plugin.text(), "... and it is said", plugin.text())
    plugin.eof()
    write("rubbish", STATE, "w")
    plugin = follow()
    h.equal(plugin.ended(), 3, "a state that is none is refused")
    h.ok("remove it" in plugin.text(), "with what to do", plugin.text())
    os.unlink(STATE)
    plugin = follow("--from-start")
    h.ok(plugin.has(["other"]), "--from-start begins at the begin")
    plugin.eof()
    os.unlink(STATE)
    os.unlink(LOG)
    plugin = follow()
    h.ok(h.eventually(60, lambda: "waiting for it" in plugin.text()), "a file may come later", plugin.text())
    write("come\n")
    h.ok(plugin.has(["come"]), "and is read from its begin")
    plugin.eof()


def killed():
    """After SIGKILL no line is missing; those since the place was kept last may come again."""
    plugin = follow()
    got = []
    for turn in range(4):
        write("".join(f"{turn}.{i}\n" for i in range(500)))
        h.eventually(60, lambda p=plugin: len(p.messages()) > 100)
        plugin.proc.kill()
        plugin.ended()
        got += plugin.messages()
        plugin = follow()
    last = f"{turn}.499"
    h.ok(h.eventually(60, lambda: last in got + plugin.messages()), "the last line comes")
    got += plugin.messages()
    wanted = [f"{turn}.{i}" for turn in range(4) for i in range(500)]
    h.equal([line for line in wanted if line not in got], [], "no line is missing after SIGKILL")
    plugin.eof()


def programs():
    plugin = Input("--", "/bin/sh", "-c", "echo first; echo second; exec sleep 600")
    h.ok(plugin.has(["first", "second"]), "a program's lines")
    h.equal(plugin.eof(), 0, "the end ends it")
    plugin = Input("--", "/bin/sh", "-c", "echo last; printf rest; exit 3")
    h.equal(plugin.ended(), 1, "its end is the plugin's")
    h.equal(plugin.messages(), ["last", "rest"], "all that it wrote has come")
    h.ok("exit status 3" in plugin.text(), "its exit status is said", plugin.text())
    plugin = Input("--", "/nowhere/program")
    h.equal(plugin.ended(), 1, "one that is not there")
    h.ok("/nowhere/program: cannot be run" in plugin.text(), "is said", plugin.text())


def listens(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        try:
            s.connect(path)
            return True
        except OSError:
            return False


def sockets():
    path = os.path.join(h.work, "socket")
    for again in ("", " again"):
        plugin = Input("--socket", path, "--mode", "620")
        h.ok(h.eventually(60, lambda: listens(path)), f"a socket{again}")
        h.equal(os.stat(path).st_mode & 0o777, 0o620, "with its mode")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.connect(path)
            for message in (b"one", b"two\nthree\n", b"x" * 40000, b"four\0"):
                s.send(message)
        h.ok(h.eventually(60, lambda p=plugin: len(p.messages()) == 5), "each message, or line of it")
        h.equal([m[:5] for m in plugin.messages()], ["one", "two", "three", "xxxxx", "four"],
                "in their order")
        h.ok("40000 bytes was cut" in plugin.text() and plugin.lines()[3].get("truncated") is True,
             "one that is too long is cut, which is said", plugin.text())
        if again:
            h.equal(plugin.eof(), 0, "the end is 0")
            h.ok(not os.path.exists(path), "and the socket gone")
        else:
            plugin.proc.kill()
            plugin.ended()


# Rules and packets in a network of its own.
FIREWALL = """ip link set lo up || exit 77
nft add table inet t && nft add chain inet t i '{ type filter hook input priority 0; }' &&
nft add rule inet t i meta nftrace set 1 && nft add rule inet t i tcp dport 4711 drop || exit 77
(while sleep 0.5; do
    "$1" -c 'import socket; s = socket.socket(); s.settimeout(0.2); s.connect(("127.0.0.1", 4711))'
done >/dev/null 2>&1) & exec nft monitor trace
"""


def firewall():
    """What nftables itself says."""
    if os.geteuid() != 0:
        h.skip("a real firewall", "needs root")
        return
    plugin = Input("--parse", "nftables", "--", "/usr/bin/unshare", "-npf",
                   "--kill-child", "/bin/sh", "-c",
                   "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n" + FIREWALL, "sh", h.PYTHON)

    def dropped():
        return [e for e in plugin.lines() if e.get("trace", {}).get("verdict") == "drop"]

    h.eventually(60, lambda: plugin.proc.poll() is not None or dropped())
    if plugin.proc.poll() is not None and not dropped():
        h.skip("a real firewall", "no nftables in a network of its own")
        return
    packets = [e for e in plugin.lines() if e.get("destination", {}).get("ip")]
    h.ok(packets, "packets of a real firewall", plugin.lines()[:3])
    h.equal({(e["source"]["ip"], e["destination"]["ip"], e["destination"]["port"],
              e["network"]["transport"], e["observer"]["ingress"]["interface"]["name"])
             for e in packets if "port" in e["destination"]},
            {("127.0.0.1", "127.0.0.1", 4711, "tcp", "lo")}, "with their fields")
    h.ok(dropped(), "and what became of them")
    h.equal(plugin.eof(), 0, "the end ends it")


def hostile():
    """Whatever is in a line: one object of JSON a line, of at most 32 KiB."""
    path = os.path.join(h.work, "hostile")
    with open("/dev/urandom", "rb") as f, open(path, "wb") as out:
        out.write(f.read(300000) + b"\n" + b"\x01" * 100000 + b"\nIN=a OUT=b SRC=" + b"1" * 50000 +
                  b"\ntype=X msg=audit(1.1:1): " + b"a=\xff\xfe " * 5000 + b"\n\x1b]0;x\x07\nend\n")
    for kind in ("text", "json", "nftables", "audit"):
        plugin = Input("--from-start", "--file", path, "--parse", kind)
        h.ok(h.eventually(60, lambda p=plugin: (p.messages() or [""])[-1] == "end"),
             f"{kind}: hostile lines are brought")
        h.ok(all(len(line) <= 32769 for line in plugin.answers), "none is too long")
        h.equal(plugin.eof(), 0, "the end is 0")
        h.ok("\x1b" not in plugin.text(), "nothing of it is in the log as it is")


def usage():
    for args in ((), ("--file", "a", "--socket", "b"), ("--parse", "xml", "--file", "a"),
                 ("--socket", "a", "--mode", "999"), ("--state", "s", "--socket", "b")):
        done = subprocess.run([w.program("input"), *args], stdin=subprocess.DEVNULL, timeout=60,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        h.equal(done.returncode, 2, f"refused: {' '.join(args)}")


def main():
    rotation()
    restarts()
    killed()
    programs()
    sockets()
    firewall()
    hostile()
    usage()
    h.done()


main()
