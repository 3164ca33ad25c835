#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""process_syslog = yes: each process that ends, to a syslog daemon that reads, that does
not, and that goes away.  In a pid namespace of the test's own, with a /dev of its own."""
import os
import re
import signal
import socket
import subprocess

import harness as h

LOG = "/dev/log"
VALUE = r'"((?:[^"\\\]]|\\.)*)"'
NAMES = ["session", "user", "uid", "tty", "pid", "ppid", "command", "exit", "signal", "cpu", "start", "life"]
MESSAGE = re.compile(r"<86>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) (\S+) shellacd (\d+) PROCESS "
                     r"\[process@32473((?: [a-z]+=" + VALUE + r")+)\] process ended")


def own_dev():
    """A /dev that the rest of the machine does not see."""
    old = os.path.join(h.work, "dev")
    os.mkdir(old)
    subprocess.run(["mount", "--rbind", "/dev", old], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/dev"], check=True)
    h.at_end(lambda: subprocess.run(["umount", "-l", "/dev"], check=False))
    h.at_end(lambda: subprocess.run(["umount", "-l", old], check=False))
    os.mkdir("/dev/pts")
    subprocess.run(["mount", "--bind", f"{old}/pts", "/dev/pts"], check=True)
    os.symlink("pts/ptmx", "/dev/ptmx")
    for name in ("null", "zero", "random", "urandom", "tty"):
        open("/dev/" + name, "w", encoding="ascii").close()
        subprocess.run(["mount", "--bind", f"{old}/{name}", "/dev/" + name], check=True)


class Daemon:
    """Takes what comes to /dev/log, when it is told to."""

    def __init__(self):
        self.texts = []
        self.socket = None
        self.begin()

    def begin(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(LOG)
        self.socket.setblocking(False)

    def end(self):
        self.socket.close()
        os.unlink(LOG)

    def read(self):
        try:
            while True:
                self.texts.append(self.socket.recv(65536))
        except BlockingIOError:
            pass
        return self.texts

    def of(self, command):
        """Messages of a command: their parameters."""
        return [m for m in (parse(t) for t in self.read()) if m["command"] == command]


def parse(text):
    got = MESSAGE.fullmatch(text.decode("utf-8"))
    if not got:
        h.ok(False, "a message of RFC 5424", text)
        return {"command": None}
    found = re.findall(r" ([a-z]+)=" + VALUE, got[4])
    if [k for k, _ in found if k != "lost"] != NAMES:
        h.ok(False, "its parameters", found)
    return {k: re.sub(r"\\(.)", r"\1", v) for k, v in found}


def state(collector):
    return collector.objects("status")[0]["process_syslog"]


def run_some(n):
    subprocess.run(["/bin/sh", "-c", f"i=0; while [ $i -lt {n} ]; do /bin/true; i=$((i + 1)); done"], check=True)


def named(name, code):
    """A process that calls itself so and exits with code: its pid."""
    pid = os.fork()
    if pid == 0:
        with open("/proc/self/comm", "wb") as f:
            f.write(name)
        os._exit(code)
    os.waitpid(pid, 0)
    return pid


def fields(collector, daemon):
    pid = named(b'a"]\\\n\x1b[2J', 3)
    got = h.eventually(20, lambda: daemon.of('a"]\\\\\\n\\x1b[2J'))
    if not h.equal(len(got or []), 1, "a process whose name would break out is one message"):
        return
    h.equal(got[0]["pid"], str(pid), "it has its pid")
    h.equal(got[0]["ppid"], str(os.getpid()), "its parent")
    h.equal((got[0]["exit"], got[0]["signal"]), ("3", ""), "its exit status")
    h.equal((got[0]["uid"], got[0]["user"]), ("0", "root"), "who it was")
    row = [r for r in collector.objects("procs") if r["pid"] == pid][0]
    h.equal(got[0]["start"][:19], row["start"][:19], "when it began")
    raw = [t for t in daemon.texts if f' pid="{pid}"'.encode() in t]
    h.ok(all(0x20 <= b < 0x7f for b in raw[0]), "nothing in it does something to a terminal", raw)


def sessions(collector, daemon):
    terminal = h.record(collector, ["/bin/sh", "-c", "/bin/sleep 0.1; kill -9 $$"])
    terminal.wait()
    n = max(collector.files())
    got = h.eventually(20, lambda: [m for m in daemon.of("sleep") if m["session"]])
    h.equal(got and got[0]["session"], str(n), "a session's process says whose it is")
    h.ok(got and got[0]["tty"].startswith("pts/"), "and its terminal", got)
    killed = h.eventually(20, lambda: [m for m in daemon.of("sh") if m["signal"] == "9"])
    h.ok(killed and killed[0]["exit"] == "", "one that was killed says the signal", killed)


def slow(collector, daemon):
    before = len(daemon.of("true"))
    run_some(3000)
    collector.objects("procs")
    now = state(collector)
    h.ok(now["waiting"] > 2000, "while nobody reads they wait, and the collector does not", now)
    got = h.eventually(60, lambda: len(daemon.of("true")) - before >= 3000)
    h.equal((got, len(daemon.of("true")) - before), (True, 3000), "all of them come when somebody reads")
    h.equal(state(collector)["lost"], 0, "none is lost")


def away(collector, daemon):
    daemon.end()
    before = len(daemon.texts)
    named(b"away-1", 0)
    named(b"away-2", 0)
    h.ok(h.eventually(20, lambda: state(collector)["state"] == "unreachable"), "without a daemon the status says so",
         state(collector))
    daemon.begin()
    got = h.eventually(30, lambda: len(daemon.of("away-1")) == len(daemon.of("away-2")) == 1)
    h.ok(got, "a daemon that came back gets what was kept, once", daemon.texts[before:])
    h.equal(state(collector)["state"], "on", "and the status says so")


def lost(collector, daemon):
    for _ in range(18000):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
    collector.objects("procs")
    now = state(collector)
    h.ok(now["lost"] > 0, "more than is kept is lost, and counted", now)
    h.eventually(60, lambda: daemon.read() is not None and state(collector)["waiting"] == 0)
    named(b"after", 0)
    h.eventually(30, lambda: daemon.of("after"))
    told = sum(int(m.get("lost", "0")) for m in (parse(t) for t in daemon.texts))
    h.equal(told, state(collector)["lost"], "the next messages say how many")


def off(collector, daemon):
    with open(os.path.join(collector.dir, "shellac.conf"), "w", encoding="ascii") as f:
        f.write("process_syslog = no\n")
    collector.proc.send_signal(signal.SIGHUP)
    h.ok(h.eventually(20, lambda: state(collector)["state"] == "off"), "it can be turned off")
    named(b"unheard", 0)
    collector.objects("procs")
    h.equal(daemon.of("unheard"), [], "and then nothing comes")


def main():
    h.own_pid_namespace()
    own_dev()
    daemon = Daemon()
    collector = h.Collector(conf="process_syslog = yes\n").start()
    for part in (fields, sessions, slow, away) + (() if h.sanitized() else (lost,)) + (off,):
        part(collector, daemon)
    h.equal(collector.stop(), 0, "the collector ends")
    h.done()


main()
