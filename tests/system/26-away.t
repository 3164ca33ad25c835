#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Nobody collects, and the socket where recorders register lives on: held by the
process above a detached collector, or by a service manager."""
import os
import shutil
import signal
import socket
import subprocess
import time

import harness as h

CONF = "acct = off\nprocess_events = no\ncompress = no\n"
TERMINAL, LATE = 1, 2
RECORD = ["bash", "-c", "stty -echo; echo up; while read a; do [ $a = end ] && exit 5; echo got-$a; done"]


def parent(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
        return int(f.read().rpartition(")")[2].split()[1])


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Detached(h.Collector):
    """A collector below its holder."""

    def begin(self):
        run = subprocess.run([h.SHELLACD, "-d", self.dir], stdin=subprocess.DEVNULL, timeout=60,
                             stderr=subprocess.DEVNULL, check=False)
        self.holder = parent(self.pid())
        return run.returncode

    def pid(self):
        with open(self.dir + "/run/shellacd.pid", encoding="utf-8") as f:
            return int(f.read())

    def _end(self):
        for pid in self.holder, self.pid():
            if alive(pid):
                os.kill(pid, signal.SIGKILL)

    def sockets(self):
        return sorted(n for n in os.listdir(self.dir + "/run") if n.endswith(".sock"))


def record(c):
    t = h.Terminal([h.REC, "-d", c.dir, "--", *RECORD])
    t.wait_for(b"up", 20)
    return t


def flags(c, n):
    with open(c.closed(n), "rb") as f:
        return int.from_bytes(f.read(20)[18:20], "little")


def statuses(c):
    return [o["status"] for o in c.objects("verify") if "status" in o]


def finish(c, t, n, name):
    t.send("end\r")
    h.equal(t.wait(20), 5, f"{name}: the session ends as ever")
    h.eventually(20, lambda: c.closed(n, 0) and statuses(c) == ["COMPLETE"] * n)
    h.equal(statuses(c), ["COMPLETE"] * n, f"{name}: all sessions are complete")
    h.equal(c.raw(n), bytes(t.shown), f"{name}: the record is what was shown")


def held_descriptors(pid):
    folder = f"/proc/{pid}/fd/"
    names = {os.readlink(folder + n) for n in os.listdir(folder)}
    return sorted(n.split(":[")[0] if n.startswith("socket") else n for n in names)


def detached():
    c = Detached(conf=CONF)
    h.equal(c.begin(), 0, "a detached collector is ready when the command ends")
    h.eventually(5, lambda: held_descriptors(c.holder)[0] == "/dev/null")
    h.equal(held_descriptors(c.holder), ["/dev/null", "anon_inode:[signalfd]", "socket"],
            "the process above it holds nothing but a socket")
    going_on = record(c)
    first = c.pid()
    os.kill(first, signal.SIGKILL)
    going_on.send("meanwhile\r")
    starting = record(c)
    h.ok(h.eventually(20, lambda: c.pid() != first and c.ready()), "killed, it is started again")
    h.equal(parent(c.pid()), c.holder, "by the same process")
    going_on.wait_for(b"got-meanwhile", 20)
    starting.send("end\r")
    h.equal(starting.wait(20), 5, "a session that began in between ends as ever")
    h.ok(c.closed(2), "and is closed")
    h.equal(flags(c, 2), TERMINAL, "its registration waited for the collector")
    for _ in range(3):
        before = c.pid()
        os.kill(before, signal.SIGKILL)
        h.ok(h.eventually(30, lambda: c.pid() != before and c.ready()), "killed again, back again")
    time.sleep(1.5)
    going_on.send("end\r")
    h.equal(going_on.wait(20), 5, "the session that was there all the time ends as ever")
    h.eventually(20, lambda: statuses(c) == ["COMPLETE"] * 2)
    h.equal(statuses(c), ["COMPLETE"] * 2, "both are complete")
    h.equal(c.raw(1), bytes(going_on.shown), "and nothing is missing")
    return c


def ends(c):
    collector = c.pid()
    os.kill(c.holder, signal.SIGTERM)
    h.ok(h.eventually(20, lambda: not alive(c.holder) and not alive(collector)),
         "SIGTERM ends both")
    h.equal(c.sockets(), [], "and no socket is left")
    h.equal(c.begin(), 0, "another starts")
    second = subprocess.run([h.SHELLACD, "-d", c.dir], stdin=subprocess.DEVNULL, timeout=60,
                            stderr=subprocess.PIPE, check=False)
    h.equal(second.returncode, 3, "a second one at the same place is refused")
    h.ok(c.ready(), "and the first one still answers")
    t = record(c)
    finish(c, t, 3, "after that")
    os.kill(c.pid(), signal.SIGTERM)
    h.ok(h.eventually(20, lambda: not alive(c.holder)), "a collector that ends by itself stays ended")
    h.equal(c.sockets(), [], "and leaves no socket either")


def given(c, sockets):
    """Starts shellacd with these from descriptor 3 on, as a service manager does."""
    def prepare():
        copies = [os.dup(s.fileno()) for s in sockets]
        high = [os.dup2(fd, 100 + i) for i, fd in enumerate(copies)]
        for i, fd in enumerate(high):
            os.dup2(fd, 3 + i)
        os.environ["LISTEN_PID"] = str(os.getpid())
    script = 'export LISTEN_PID=$$; exec "$0" -d "$1"'
    fds = tuple(range(3, 3 + len(sockets)))
    with open(c.log, "ab") as log:
        c.proc = subprocess.Popen(["sh", "-c", script, h.SHELLACD, c.dir], preexec_fn=prepare,
                                  pass_fds=fds, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  env={**os.environ, "LISTEN_FDS": str(len(sockets))})


def listening(path, kind):
    s = socket.socket(socket.AF_UNIX, kind)
    s.bind(path)
    s.listen(64)
    return s


def service_manager():
    c = h.Collector(h.work + "/given", conf=CONF)
    c.start()
    c.stop()
    run = c.dir + "/run/"
    sockets = [listening(run + "other.sock", socket.SOCK_SEQPACKET),
               listening(run + "control.sock", socket.SOCK_STREAM),
               listening(run + "register.sock", socket.SOCK_SEQPACKET)]
    t = h.Terminal([h.REC, "-d", c.dir, "--", *RECORD])
    time.sleep(0.5)
    h.equal(bytes(t.shown), b"", "with a socket and no collector a session waits")
    given(c, sockets)
    t.wait_for(b"up", 20)
    finish(c, t, 1, "a session that waited")
    h.equal(flags(c, 1), TERMINAL, "it was registered before it began")
    h.equal(c.stop(), 0, "with given sockets it stays in the foreground and ends cleanly")
    h.ok(os.path.exists(run + "register.sock") and os.path.exists(run + "control.sock"),
         "and leaves the sockets where they are")
    t = record(c)
    h.ok(True, "a session does not wait for ever")
    given(c, sockets)
    h.eventually(20, c.ready)
    finish(c, t, 2, "a session that began in its spool")
    h.equal(flags(c, 2), TERMINAL | LATE, "it was registered later")
    c.stop()


def says(t, word):
    t.send(word + "\r")
    t.wait_for(f"got-{word}\r\n", 20)


def begins_alone(name):
    """A session that began without a collector, and the name of its spool."""
    c = h.Collector(f"{h.work}/{name}", conf=CONF).start()
    c.stop()
    t = record(c)
    says(t, "word")
    return c, t, os.listdir(c.dir + "/spool")[0]


def launch_with(c, wish):
    """The collector's disk does as the file says, whose path this is."""
    path = c.dir + "/wish"
    with open(path, "w", encoding="ascii") as f:
        f.write(wish)
    c.launch({"LD_PRELOAD": h.BUILD + "/tests/collector/shim_sync.so", "SHIM_SYNC": path})
    return path


def kill_keeper(t):
    """What it had shown."""
    shown = bytes(t.shown)
    with open(f"/proc/{t.pid}/task/{t.pid}/children", encoding="ascii") as f:
        os.kill(int(f.read()), signal.SIGKILL)
    t.wait(20)
    return shown


def killed_before_its_certificate():
    """Its collector has everything but its frames, and is about to say so."""
    c, t, _ = begins_alone("certificate")
    wish = launch_with(c, "message")
    h.eventually(20, c.files)
    time.sleep(1)
    shown = kill_keeper(t)
    os.unlink(wish)
    h.eventually(20, lambda: c.closed(1, 0))
    h.equal(c.raw(1), shown, "what a recorder showed that was killed before its certificate")
    h.equal(os.listdir(c.dir + "/spool"), [], "nothing is left of its spool")
    c.stop()


def disk_fails():
    """What began is not refused for it; and what may not be on the disk stays in the spool."""
    c, t, _ = begins_alone("fails")
    launch_with(c, "fail")
    h.eventually(20, lambda: "cannot be synced" in c.text())
    says(t, "more")
    t.send("end\r")
    h.equal(t.wait(20), 5, "where syncs fail a session goes on that began alone")
    c.stop()
    c.start()
    h.ok(c.closed(1), "it ends where they do not fail any more")
    h.equal(c.raw(1), bytes(t.shown), "and nothing of it is lost")
    h.eventually(20, lambda: not os.listdir(c.dir + "/spool"))
    h.equal(os.listdir(c.dir + "/spool"), [], "nor left in a spool")
    c.stop()


def killed_where_disk_fails():
    c, t, name = begins_alone("unsynced")
    launch_with(c, "fail")
    h.eventually(20, lambda: "cannot be synced" in c.text())
    shown = kill_keeper(t)
    h.ok(c.closed(1), "where syncs fail a session ends whose recorder was killed")
    h.equal(c.raw(1), shown, "with all that it had shown")
    h.equal(os.listdir(c.dir + "/spool"), [name + ".refused"], "its spool is kept")
    c.stop()


def cannot_be_read():
    c = h.Collector(h.work + "/unread", conf=CONF).start()
    t = record(c)
    c.kill()
    says(t, "word")
    kill_keeper(t)
    name = os.listdir(c.dir + "/spool")[0]
    os.chmod(f"{c.dir}/spool/{name}", 0o644)
    c.start()
    h.ok(c.closed(1), "a session ends whose spool cannot be taken in")
    h.equal(os.listdir(c.dir + "/spool"), [name + ".refused"], "which is kept")
    c.stop()


def left_behind():
    """A spool of a session that has ended, as after a crash of the host."""
    for killed in False, True:
        c, t, name = begins_alone("left")
        path = f"{c.dir}/spool/{name}"
        shutil.copy(path, c.dir)
        c.start()
        if killed:
            h.eventually(20, lambda: 2 in c.files())
            kill_keeper(t)
            c.closed(2)
        else:
            finish(c, t, 1, "a session whose spool will come again")
        h.eventually(20, lambda: not os.path.exists(path))
        c.stop()
        shutil.move(f"{c.dir}/{name}", path)
        c.start()
        h.eventually(20, lambda: not os.path.exists(path))
        h.equal(os.listdir(c.dir + "/spool"), [name + ".refused"] if killed else [],
                "a spool whose session was cut is kept aside" if killed else
                "one whose session is whole goes")
        h.equal(len(c.files()), 1 + killed, "and nothing is taken in of it")
        c.stop()


c = detached()
ends(c)
service_manager()
if h.sanitized():
    h.skip("disks that are slow or fail", "a sanitizer's runtime wants to be the first library")
else:
    killed_before_its_certificate()
    disk_fails()
    killed_where_disk_fails()
cannot_be_read()
left_behind()
h.done()
