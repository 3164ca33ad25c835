#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The store's space: sessions stop before it is used up, lose nothing and go on;
process records go on below; one user's flood is that user's alone."""
import os
import re
import signal
import subprocess
import sys
import time

import harness as h

MB = 1 << 20
CRAWLS = b"\r\nshellac-rec: your quota is used up: this session goes on slowly\r\n"
h.own_pid_namespace()


class Host(h.Collector):
    """A collector whose store is a small file system of its own."""

    def __init__(self, name, conf, size=16):
        super().__init__(os.path.join(h.work, name), conf="acct = off\nprocess_events = no\ncompress = no\n" + conf)
        self.store = os.path.join(self.dir, "store")
        os.mkdir(self.store, 0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode=0700,size={size}M", "tmpfs",
                        self.store], check=True)
        self.ballast = os.path.join(self.store, ".ballast")

    def fill(self, size):
        with open(self.ballast, "wb") as f:
            f.write(bytes(size))

    def fill_up(self):
        with open(self.ballast, "wb", buffering=0) as f:
            try:
                while f.write(bytes(512)):
                    pass
            except OSError:
                pass

    def grow(self):
        """Makes room, more than a flood fills in a while."""
        subprocess.run(["mount", "-o", "remount,size=2G", self.store], check=True)

    def status(self):
        return self.objects("status")[0]

    def space(self, key):
        return self.status()["space"][key]

    def is_in(self, state, seconds=60):
        return h.eventually(seconds, lambda: self.space("state") == state)

    def conf(self, text):
        with open(os.path.join(self.dir, "shellac.conf"), "w", encoding="utf-8") as f:
            f.write("acct = off\nprocess_events = no\ncompress = no\n" + text)
        self.proc.send_signal(signal.SIGHUP)

    def spooled(self):
        """Bytes in spools, shellac-format(5)."""
        total = 0
        for entry in os.scandir(os.path.join(self.dir, "spool")):
            with open(entry.path, "rb") as f:
                total += int.from_bytes(f.read(16)[8:], "little")
        return total

    def said(self, text):
        return len(re.findall(text, self.text()))

    def over(self):
        """The end of a case: all is clean, whatever happened."""
        run = self.auditor("verify")
        h.equal(run.returncode, 0, "verify is clean")
        if run.returncode:
            h.note(run.stdout.decode())
        self.stop()
        subprocess.run(["umount", "-l", self.store], check=True)


def shell(host):
    """A recorded shell that answers."""
    terminal = h.record(host, ["sh", "-c", "echo up; while read -r l; do echo \"<$l>\"; done"])
    terminal.wait_for("up\r\n")
    answers(terminal, "first")
    return terminal


def answers(terminal, word, seconds=60):
    terminal.send(word + "\n")
    return terminal.wait_for(f"<{word}>", seconds)


def flood(host):
    return h.record(host, ["sh", "-c", "trap 'echo last; exit 7' INT; yes"])


def end(host, terminals):
    """The flood is interrupted, shells get an end of file."""
    for terminal in terminals:
        terminal.send(b"\x03" if terminal is terminals[0] else b"\x04")
    h.equal([t.wait(120) for t in terminals], [7] + [0] * (len(terminals) - 1),
            "all end as they should")
    h.eventually(60, lambda: host.status()["sessions"] == 0)


def full_store():
    host = Host("full", "user_quota = 0\n")
    host.start()
    quiet, loud = shell(host), flood(host)
    h.ok(host.is_in("reserve"), "a flood reaches the reserve")
    h.ok(host.space("free") > 16 * MB * 2 // 100, "and leaves more than the kernel's 2 %")
    h.ok(h.eventually(30, lambda: host.space("waiting") >= 1), "status counts who waits")
    late = h.record(host, ["echo", "late"])
    h.equal(late.wait(), 0, "a new session begins in its spool")
    h.equal(bytes(late.shown), b"late\r\n", "and nobody sees a difference")
    h.equal(host.said("is refused: the store has no room"), 1, "the log does, once")
    h.ok(loud.wait_for("shellac-rec: ", 60), "who stands still is told so")
    before = host.status()["bytes"]
    host.grow()
    h.ok(h.eventually(60, lambda: host.status()["bytes"] > before + MB),
         "with room made, it goes on by itself")
    h.ok(answers(quiet, "second"), "and so does another")
    end(host, [loud, quiet])
    for n, terminal in ((1, quiet), (2, loud), (3, late)):
        shown = re.sub(rb"\r\nshellac-rec: [^\r\n]*\r\n", b"", bytes(terminal.shown))
        h.same_bytes(host.raw(n), shown, f"session {n} has what was shown, no more and no less")
    h.equal(host.said("sessions stand still"), 1, "reaching the reserve is logged once")
    h.equal(host.said("enough again|sessions go on$"), 1, "so is the way back")
    host.over()


def no_reserve():
    """Not a byte is left."""
    host = Host("nothing", "user_quota = 0\nspace_left = 0\naway = strict\n")
    host.start()
    loud = flood(host)
    h.ok(h.eventually(60, lambda: host.said("No space left on device")),
         "what a flood brings does not fit")
    host.fill_up()
    h.equal(h.record(host, ["true"]).wait(), 125, "a new session is refused")
    host.grow()
    h.ok(h.eventually(60, lambda: host.said("the store can be written again")),
         "with room made, it goes on by itself")
    end(host, [loud])
    h.same_bytes(host.raw(1), bytes(loud.shown), "nothing is lost")
    host.over()


def actions():
    host = Host("actions", "away = strict\nspace_left = 50%\nspace_left_action = refuse-new\n")
    host.start()
    quiet = shell(host)
    host.fill(9 * MB)
    h.ok(host.is_in("low"), "space_left as a percentage is seen")
    h.equal(host.said("less than space_left: new sessions are refused"), 1, "and logged once")
    late = h.record(host, ["true"])
    h.equal(late.wait(), 125, "refuse-new refuses new sessions")
    h.ok(b"no room" in late.shown, "and they are told why", bytes(late.shown))
    h.ok(answers(quiet, "goes on"), "and lets the others go on")
    host.conf("space_left = 8M\nspace_left_action = syslog\n")
    h.eventually(30, lambda: h.record(host, ["true"]).wait() == 0)
    h.equal(h.record(host, ["true"]).wait(), 0, "syslog lets new ones in")
    host.conf("space_left = 50%\nspace_left_action = freeze\n")
    h.ok(host.is_in("reserve"), "freeze makes a reserve of it all")
    quiet.send("frozen\n")
    h.ok(h.eventually(30, lambda: host.space("waiting") == 1), "sessions stand still")
    os.unlink(host.ballast)
    h.ok(host.is_in("fine"), "enough is enough")
    h.ok(quiet.wait_for("<frozen>"), "and they go on")
    quiet.send(b"\x04")
    h.equal(quiet.wait(), 0, "it ends")
    host.over()


def left_behind(name, conf, ends):
    """The store is full, recorders are killed, and then the collector ends: nobody has the
    FIFOs open any more."""
    host = Host(name, "user_quota = 0\n" + conf)
    host.start()
    shells = [shell(host) for _ in range(4)]
    host.fill_up()
    if "space_left = 0" not in conf:
        h.ok(host.is_in("reserve"), f"{name}: the store is full")
    for times, terminal in enumerate(shells, 3):  # more than what is left of a file's last page
        for _ in range(times):
            answers(terminal, "x" * 3000)
    h.ok(h.eventually(30, lambda: host.space("waiting") == 4), f"{name}: what they show waits")
    for terminal in shells:
        os.kill(keeper_of(terminal), signal.SIGKILL)
        terminal.wait(20)
    h.ok(h.eventually(30, lambda: host.said("wait in its spool") == 4),
         f"{name}: what they left is moved out of the FIFOs")
    ends(host)
    os.unlink(host.ballast)
    host.start()
    has_all(host, shells, name + ": ")
    host.stop()


def has_all(host, shells, case=""):
    """Their recorders were killed: they end, cut, with all that was shown."""
    h.ok(h.eventually(60, lambda: host.status()["sessions"] == 0), f"{case}all end")
    for n, terminal in enumerate(shells, 1):
        shown = bytes(terminal.shown).partition(b"\r\nshellac-rec: the recorder")[0]
        h.same_bytes(host.raw(n), shown, f"{case}session {n} has all that was shown")
    h.equal(os.listdir(os.path.join(host.dir, "spool")), [], f"{case}no spool is left")
    h.equal([r["status"] in ("CUT", "UNSEALED") for r in host.objects("list")], [True] * 4,
            f"{case}each is cut")


def keeper_of(terminal):
    with open(f"/proc/{terminal.pid}/task/{terminal.pid}/children", encoding="ascii") as f:
        return int(f.read().split()[0])


def killed_when_full():
    left_behind("killed", "", h.Collector.kill)
    left_behind("stopped", "", h.Collector.stop)
    left_behind("without a spool", "away = strict\n", h.Collector.kill)
    left_behind("not a byte", "space_left = 0\n", h.Collector.kill)


def child(host, name):
    """The process of that name that it started, or None."""
    pid = host.proc.pid
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        for found in f.read().split():
            with open(f"/proc/{found}/comm", encoding="ascii") as comm:
                if comm.read().strip() == name:
                    return int(found)
    return None


def killed_at_the_end():
    """A collector that takes its time to end: recorders write meanwhile, and are killed."""
    host = Host("ending", "user_quota = 0\n")
    os.mkdir(os.path.join(host.dir, "plugins.d"), 0o755)
    with open(os.path.join(host.dir, "plugins.d", "idle.conf"), "w", encoding="utf-8") as f:
        f.write("active = yes\npath = /bin/sleep\nargs = infinity\n")
    host.start()
    shells = [shell(host) for _ in range(4)]
    h.ok(h.eventually(30, lambda: child(host, "shellac-dispatc")), "it feeds a plugin")
    slow = child(host, "shellac-dispatc")
    os.kill(slow, signal.SIGSTOP)
    host.proc.terminate()
    h.ok(h.eventually(30, lambda: not host.ready()), "the collector ends")
    for times, terminal in enumerate(shells, 1):
        for _ in range(times):
            answers(terminal, "x" * 1000)
        os.kill(keeper_of(terminal), signal.SIGKILL)
        terminal.wait(20)
    h.equal(host.proc.poll(), None, "and has not ended when its recorders are killed")
    os.kill(slow, signal.SIGCONT)
    h.equal(host.proc.wait(60), 0, "it ends as it should")
    h.equal(host.said("wait in its spool"), 4, "what they left is moved out of the FIFOs")
    host.start()
    has_all(host, shells)
    host.stop()


def quota():
    host = Host("quota", "user_quota = 3M\nsession_rate = 5\n", 64)
    host.start()
    quiet, loud = shell(host), flood(host)
    h.ok(h.eventually(60, lambda: host.space("over_quota") == 1), "a flood uses up its user's quota")
    h.equal(host.said("has used up its quota"), 1, "which is logged once")
    at = host.status()["bytes"]
    h.ok(at < 4 * MB, "it is stopped there", at)
    h.ok(answers(quiet, "me too"), "another session of that user still answers")
    h.equal(h.record(host, ["true"]).wait(), 0, "and a new one is recorded")
    time.sleep(3)
    h.ok(host.status()["bytes"] - at < MB, "the flood crawls", host.status())
    h.equal(host.spooled(), 0, "and does not go to its spool instead")
    host.kill()
    host.start()
    h.ok(h.eventually(60, lambda: host.space("over_quota") == 1), "a new collector knows of it")
    host.conf("user_quota = 0\nsession_rate = 1\naway = strict\n")
    h.ok(h.eventually(60, lambda: host.status()["bytes"] > 8 * MB), "without a quota it runs")
    end(host, [loud, quiet])
    h.equal(h.record(host, ["true"]).wait(), 0, "one session a minute is one")
    late = h.record(host, ["true"])
    h.equal(late.wait(), 125, "not two")
    h.ok(b"in a minute" in late.shown, "and it is said why", bytes(late.shown))
    h.equal(host.space("turned_away"), 1, "status counts it")
    host.over()


def crowd():
    """So many of one user crawl that each takes longer than anybody waits without a word."""
    host = Host("crowd", "user_quota = 1M\nsession_rate = 0\nmax_sessions = 500\n", 64)
    host.start()
    idle = [h.record(host, ["sleep", "1000"]) for _ in range(90)]
    h.eventually(60, lambda: host.status()["sessions"] == len(idle))
    loud = flood(host)
    h.ok(loud.wait_for(CRAWLS, 60), "who crawls is told why")
    host.conf("user_quota = 0\n")
    for terminal in idle + [loud]:
        terminal.send(b"\x03")
    h.equal({t.wait(60) for t in idle}, {-signal.SIGINT}, "all end as they should")
    h.equal(loud.wait(60), 7, "so does who crawled")
    h.eventually(60, lambda: host.status()["sessions"] == 0)
    h.same_bytes(host.raw(91), bytes(loud.shown).replace(CRAWLS, b""), "nothing is lost")
    host.over()


def fair():
    """Nobody is over anything: many print as fast as they can, one types."""
    host = Host("fair", "user_quota = 0\n", 900)
    host.start()
    loud = [flood(host) for _ in range(4)]
    quiet = shell(host)
    h.ok(all(answers(quiet, f"line {i}", 20) for i in range(5)),
         "who types is answered while others print without end")
    for terminal in loud:
        terminal.send(b"\x03")
    quiet.send(b"\x04")
    h.equal([t.wait(120) for t in loud + [quiet]], [7] * 4 + [0], "all end")
    host.over()


def process_records():
    host = Host("records", "", 16)
    with open(os.path.join(host.dir, "shellac.conf"), "w", encoding="utf-8") as f:
        f.write("compress = no\nuser_quota = 0\n")
    host.start()
    if host.status()["acct"]["state"] != "on":
        h.ok(False, "process accounting is on", host.status())
        return
    loud = flood(host)
    h.ok(host.is_in("reserve"), "sessions have used up their share")
    before = host.status()["records"]
    for _ in range(300):
        subprocess.run(["/bin/true"], check=True)
    h.ok(len(host.objects("procs")) >= 300, "every process since has its record")
    status = host.status()
    h.ok(status["records"] >= before + 300, "and is counted", status)
    h.equal(status["acct"]["state"], "on", "accounting says that all is well")
    host.grow()
    end(host, [loud])
    host.over()


def main():
    for case in (full_store, no_reserve, killed_when_full, killed_at_the_end, actions, quota,
                 crowd, fair, process_records):
        if case.__name__ in (sys.argv[1:] or case.__name__):
            h.note(case.__name__)
            case()
    h.done()


main()
