#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""An ssh connection that goes away under a recorded login, whatever runs there:
the session ends, its record is complete, and no process of it is left."""
import os
import re
import signal
import struct
import time

import harness as h
import ways_in_world as world

PROMPT = re.compile(rb"[$#] ")
USER = "l-drop"
END_HANGUP = 2


class Login:
    def __init__(self, host, port):
        self.host = host
        self.before = len(host.sessions(USER))
        self.terminal = h.Terminal(["ssh", "-tt", *world.SSH_OPTIONS, "-p", str(port),
                                    f"{USER}@127.0.0.1"])
        self.terminal.wait_for(PROMPT)

    def run(self, command, shown):
        self.terminal.send(command + "\r")
        self.terminal.wait_for(shown)

    def judge(self, name, shown, left=()):
        h.ok(h.eventually(30, lambda: sorted(processes()) == sorted(left)),
             f"{name}: no process is left", processes())
        h.eventually(20, lambda: [s["status"] for s in self.host.sessions(USER)[self.before:]] ==
                     ["COMPLETE"])
        sessions = self.host.sessions(USER)[self.before:]
        h.equal([s["status"] for s in sessions], ["COMPLETE"], f"{name}: the record is complete")
        path = self.host.session_file(sessions[0]["n"])
        reason = struct.unpack_from("<I", h.events(path, h.SEAL)[-1].body, 204)[0]
        h.equal(reason, END_HANGUP, f"{name}: and says that the terminal hung up")
        out = b"".join(f.data for f in h.events(path, h.OUTPUT))
        h.ok(shown in out, f"{name}: what was shown is in it", out[-300:])


def processes():
    """What the user has, by name; recorders are nobody's but the system's.  The dead
    wait here for nobody."""
    out = world.run(["ps", "-e", "-o", "user:20=,stat=,comm="]).stdout.decode()
    rows = [line.split(None, 2) for line in out.splitlines()]
    return [comm for user, stat, comm in rows if stat[0] != "Z" and
            (user == USER or comm.startswith(("shellac-bash", "shellac-rec")))]


def client_killed(host, port):
    login = Login(host, port)
    login.run("sleep 300 & echo up-$((40 + 2)); sleep 400", b"up-42")
    os.kill(login.terminal.pid, signal.SIGKILL)
    login.judge("the client is killed", b"up-42")


def stopped_job(host, port):
    login = Login(host, port)
    login.run("cat", b"cat\r\n")
    time.sleep(0.5)
    login.run("\x1a", b"Stopped")
    os.kill(login.terminal.pid, signal.SIGKILL)
    login.judge("killed behind a stopped job", b"Stopped")


def flood(host, port):
    login = Login(host, port)
    login.run("yes flood-$((40 + 2))", b"flood-42\r\n" * 500)
    os.kill(login.terminal.pid, signal.SIGKILL)
    login.judge("killed while output flows", b"flood-42\r\n" * 500)


def silence(host, port):
    """A network that says nothing any more: sshd gives the client up."""
    login = Login(host, port)
    login.run("echo up-$((40 + 2)); exec sleep 400", b"up-42")
    os.kill(login.terminal.pid, signal.SIGSTOP)
    login.judge("the client falls silent", b"up-42")
    os.kill(login.terminal.pid, signal.SIGKILL)


def server_killed(host, port):
    login = Login(host, port)
    login.run("echo up-$((40 + 2)); exec sleep 400", b"up-42")
    out = world.run(["ps", "-u", USER, "-o", "pid=,stat=,comm="]).stdout.decode()
    rows = [line.split() for line in out.splitlines()]
    mine = [int(pid) for pid, stat, comm in rows if comm.startswith("sshd") and stat[0] != "Z"]
    h.equal(len(mine), 1, "the user has one sshd")
    os.kill(mine[0], signal.SIGKILL)
    login.judge("sshd is killed", b"up-42")


def daemon_stays(host, port):
    """What has left the terminal lives on, as without the recorder, and the keeper
    with it."""
    login = Login(host, port)
    login.run("setsid sleep 7 & sleep 0.5; echo up-$((40 + 2))", b"up-42")
    os.kill(login.terminal.pid, signal.SIGKILL)
    left = ["shellac-bash", "sleep"]
    h.ok(h.eventually(5, lambda: sorted(processes()) == left), "a daemon and the keeper stay",
         processes())
    login.judge("a daemon stays a while", b"up-42")


def main():
    if os.geteuid() != 0:
        h.skip_all("needs root")
    missing = [p for p in world.PROGRAMS if not any(
        os.path.exists(os.path.join(d, p)) for d in world.PATH.split(":"))]
    if missing:
        h.skip_all(f"not here: {' '.join(missing)}")
    h.own_pid_namespace()
    host = world.Host()
    host.collector()
    port = host.sshd("ClientAliveInterval=1", "ClientAliveCountMax=2")
    host.user(USER, os.path.join(host.bin, "shellac-bash"))
    for case in (client_killed, stopped_job, flood, silence, server_killed, daemon_stays):
        case(host, port)
    h.done()


main()
