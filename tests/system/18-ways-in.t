#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Every way in, over a real sshd with real users of six shells, through the
snippets, the recorder as login shell, ForceCommand, and both: it works as without
the recorder, prints nothing where nothing may be printed, and is recorded exactly
once."""
import os
import re
import shlex
import shutil
import time

import harness as h
import ways_in_world as world

PROMPT = re.compile(rb"[$%>#] ")
BLOB = "/run/test/blob"
META_ARGV = 1
KEPT_BY_SNIPPET = ("interactive", "su -", "sudo -i", "inside")


class Visit:
    """A user of the host, on one connection."""

    def __init__(self, host, user, port, mode):
        self.host, self.user, self.port, self.mode = host, user, port, mode
        self.home = f"/home/{user}"
        self.options = world.SSH_OPTIONS + ["-o", f"ControlPath=/run/test/{user}.{port}"]
        self.to = ["-p", str(port), f"{user}@127.0.0.1"]
        self.master = host.daemon(["ssh", *self.options, "-M", "-N", *self.to])
        self.name = f"{user}, {mode}"
        h.eventually(20, lambda: self.ssh("-O", "check").returncode == 0)

    def ssh(self, *args, **kw):
        return world.run(["ssh", *self.options, *self.to[:2], *args, self.to[2]], **kw)

    def command(self, command, **kw):
        return world.run(["ssh", *self.options, *self.to, command], **kw)

    def terminal(self, *command):
        return h.Terminal(["ssh", "-tt", *self.options, *self.to, *command])

    def copy(self, *argv):
        """scp, sftp or rsync; the connection's place comes in as {}"""
        return world.run([a.format(self.to[2]) for a in argv])

    def read(self, name):
        return world.slurp(os.path.join(self.home, name))

    def leave(self):
        self.ssh("-O", "exit")
        self.master.wait(20)


def same(v, name, got, wanted):
    h.equal(got, wanted, f"{v.name}: {name}")


def converse(v, name, t, inside=()):
    """A shell on a terminal, to its end."""
    t.wait_for(PROMPT)
    for line in inside:
        t.send(line + "\r")
        t.wait_for(PROMPT)
    t.send("printf 'shell %s.\\n' $SHELL\r")
    found = t.wait_for(re.compile(rb"shell /[a-z/]*/(bash|dash|zsh|fish|mksh|tcsh)\."))
    t.send("exit 3\r")
    same(v, name, (found, t.wait()), (True, 3))
    return [(True, 3)]


# Each case gives the sessions that it makes: on a terminal?, status or -signal

def interactive(v, name):
    return converse(v, name, v.terminal())


def inside(v, name):
    """What is recorded is not recorded once more."""
    again = os.path.join(v.host.bin, "shellac-bash")
    return converse(v, name, v.terminal(), ("bash -l", "exit", again, "exit"))


def terminal_command(v, name):
    t = v.terminal("sleep 0.3; test -t 0 && test -t 1 && test -t 2 && printf 'a\\tb\\n'; exit 5")
    same(v, name, (t.wait(), bytes(t.shown)), (5, b"a\tb\r\n"))
    return [(True, 5)]


def command(v, name):
    with open(BLOB, "rb") as f:
        p = v.command(f"cat; sh -c 'cat {BLOB}2 >&2'; exit 7", stdin=f)
    data = world.slurp(BLOB)
    same(v, name, (p.returncode, p.stdout == data, p.stderr == data[::-1]), (7, True, True))
    return [(False, 7)]


def killed(v, name):
    p = v.command("exec sh -c 'kill -TERM $$'")
    same(v, name, (p.returncode, p.stdout, p.stderr), (255, b"", b""))
    return [(False, -15)]


def script(v, name):
    p = v.ssh("-T", stdin=None, input=b"printf 'x%s\\n' y\nexit 4\n")
    said = p.stderr + p.stdout if b"no job control" not in p.stdout else b"xy\n"  # tcsh, always
    same(v, name, (p.returncode, said), (4, b"xy\n"))
    return [(False, 4)]


def take_back():
    data = world.slurp("/run/test/back")
    world.run(["rm", "-f", "/run/test/back"])
    return data


def copies(v, name, program, up, down):
    sent = v.copy(*program, *up)
    got = v.copy(*program, *down)
    back = take_back()
    data = world.slurp(BLOB)
    same(v, name, (sent.returncode, sent.stderr, got.returncode, got.stderr,
                   v.read("up") == data, back == data), (0, b"", 0, b"", True, True))
    world.run(["rm", "-f", os.path.join(v.home, "up")])
    return [(False, 0), (False, 0)]


def scp(v, name):
    return copies(v, name, ["scp", "-q", *v.options, "-P", str(v.port)],
                  (BLOB, "{}:up"), ("{}:up", "/run/test/back"))


def scp_old(v, name):
    return copies(v, name, ["scp", "-q", "-O", *v.options, "-P", str(v.port)],
                  (BLOB, "{}:up"), ("{}:up", "/run/test/back"))


def rsync(v, name):
    remote = shlex.join(["ssh", *v.options, "-p", str(v.port)])
    return copies(v, name, ["rsync", "-e", remote], (BLOB, "{}:up"), ("{}:up", "/run/test/back"))


def sftp(v, name):
    p = world.run(["sftp", "-q", "-b", "-", *v.options, "-P", *v.to[1:]], stdin=None,
                  input=f"put {BLOB} up\nget up /run/test/back\nrm up\n".encode())
    same(v, name, (p.returncode, p.stderr, take_back() == world.slurp(BLOB)), (0, b"", True))
    return [(False, 0)]


def git(v, name):
    run_as = ["runuser", "-u", v.user, "--"]
    repo = os.path.join(v.home, "repo")
    world.must([*run_as, "git", "init", "-q", repo])
    world.must([*run_as, "git", "-C", repo, "-c", "user.name=n", "-c", "user.email=e",
                "commit", "-q", "--allow-empty", "-m", "first"])
    remote = shlex.join(["ssh", *v.options])
    clone = f"/run/test/git.{v.name}"
    p = world.run(["git", "clone", "-q", f"ssh://{v.to[2]}:{v.port}{repo}", clone],
                  env={**os.environ, "GIT_SSH_COMMAND": remote})
    there = os.path.isdir(f"{clone}/.git")
    same(v, name, (p.returncode, p.stderr, there), (0, b"", True))
    return [(False, 0)]


def su(v, name):
    return converse(v, name, h.Terminal(["su", "-", v.user]))


def sudo(v, name):
    return converse(v, name, h.Terminal(["sudo", "-i", "-u", v.user]))


def su_command(v, name):
    p = world.run(["su", "-", v.user, "-c", "printf out; exit 6"])
    same(v, name, (p.returncode, p.stdout, p.stderr), (6, b"out", b""))
    return [(False, 6)]


def sudo_command(v, name):
    p = world.run(["sudo", "-i", "-u", v.user, "printf", "out"])
    same(v, name, (p.returncode, p.stdout, p.stderr), (0, b"out", b""))
    return [(False, 0)]


SSH = [("interactive", interactive), ("ssh -t host command", terminal_command),
       ("ssh host command", command), ("ssh host command, killed", killed),
       ("ssh -T host <script", script), ("scp", scp), ("scp -O", scp_old), ("sftp", sftp)]
MORE = [("rsync", rsync), ("git clone", git), ("inside", inside)]
LOCAL = [("su -", su), ("su - -c", su_command), ("sudo -i", sudo),
         ("sudo -i command", sudo_command)]


def session(s):
    if s["status"] != "COMPLETE":
        return s["status"]
    return s["tty"] is not None, s["exit"] if s["signal"] is None else -s["signal"]


def visit(host, user, port, mode, cases):
    before = len(host.sessions(user))
    wanted = []
    v = Visit(host, user, port, mode)
    for name, case in cases:
        made = case(v, name)
        wanted += made if mode != "snippet" or name in KEPT_BY_SNIPPET else []
    v.leave()

    def made():
        return [session(s) for s in host.sessions(user)[before:]]

    h.eventually(20, lambda: made() == wanted)
    same(v, "each recorded exactly once", made(), wanted)


def what_is_kept(host, user):
    """Of a command without a terminal: what it was, and nothing of its data."""
    s = [s for s in host.sessions(user) if s["exit"] == 7][-1]
    path = host.session_file(s["n"])
    argv = [f.data[1:].split(b"\0") for f in h.events(path, h.META) if f.data[0] == META_ARGV]
    h.ok(argv and argv[0][1] == b"-c" and argv[0][2].startswith(b"cat; ") and
         argv[0][2].endswith(b"; exit 7"), f"{user}: the command itself is in the record", argv)
    data = h.events(path, h.OUTPUT) + h.events(path, h.INPUT)
    h.equal((len(data), s["bytes_out"], os.path.getsize(path) < 4096), (0, 0, True),
            f"{user}: and none of what it read and wrote")


def stay(host):
    """As long as the recorder is no listed shell it is neither exchanged nor gone around."""
    p = world.run(["runuser", "-u", "l-bash", "--", "chsh", "-s", "/bin/dash"])
    still = re.search(b"^l-bash:.*/shellac-bash$", world.slurp("/etc/passwd"), re.M)
    h.ok(p.returncode != 0 and b"may not change" in p.stderr and still,
         "chsh is refused to whose shell is the recorder", p.stderr)
    before = len(host.sessions("l-bash"))
    world.must(["chpasswd"], stdin=None, input=b"l-bash:word\n")
    t = h.Terminal(["runuser", "-u", "s-bash", "--",
                    "su", "-s", "/bin/dash", "l-bash", "-c", "exit 8"])
    t.wait_for("assword")
    time.sleep(0.5)  # until su has the echo off, and what was typed before is gone
    t.send("word\r")
    h.equal(t.wait(), 8, "su -s runs the command")
    made = h.eventually(20, lambda: host.sessions("l-bash")[before:])
    h.equal([s["exit"] for s in made], [8], "through the recorder")


def away(host, plain, forced):
    """Nobody is kept out while nobody collects, nor unrecorded."""
    users = ("s-bash", "l-bash")
    before = {u: len(host.sessions(u)) for u in users}
    host.end_collector()
    for user, port, mode in (("s-bash", plain, "snippet"), ("l-bash", plain, "login shell"),
                             ("l-bash", forced, "both")):
        v = Visit(host, user, port, mode)
        interactive(v, "interactive, nobody collects")
        if mode != "snippet":
            command(v, "ssh host command, nobody collects")
        v.leave()
    host.collector()

    def made():
        return [sorted((s["tty"] is not None, s["exit"], s["status"])
                       for s in host.sessions(u)[before[u]:]) for u in users]

    channel, terminal = (False, 7, "UNCERTIFIED"), (True, 3, "UNCERTIFIED")
    wanted = [[terminal], [channel, channel, terminal, terminal]]
    h.eventually(90, lambda: made() == wanted)
    h.equal(made(), wanted, "they are taken in when the collector is back")


def lead_away(host, port):
    """The user's own start files can't come before the recorder."""
    before = len(host.sessions("l-bash"))
    world.write("/home/l-bash/.bashrc", "echo led away\nexit 9\n")
    v = Visit(host, "l-bash", port, "both")
    p = v.command("exit 5")
    v.leave()
    os.unlink("/home/l-bash/.bashrc")
    h.equal((p.returncode, p.stdout), (9, b"led away\n"),
            "a .bashrc that leads away from the command")
    h.eventually(20, lambda: len(host.sessions("l-bash")) > before)
    h.equal([session(s) for s in host.sessions("l-bash")[before:]], [(False, 9)],
            "does so inside of the recording")


def cron(host):
    """Jobs run by sh; where a crontab names the recorder as SHELL, they are recorded."""
    before = {u: len(host.sessions(u)) for u in ("l-bash", "l-dash")}
    for user, shell in (("l-bash", "/bin/sh"), ("l-dash", f"{host.bin}/shellac-dash")):
        table = f"/var/spool/cron/crontabs/{user}"
        world.write(table, f"SHELL={shell}\n"
                    "@reboot echo \"ran $SHELL\" >cron.out 2>&1; exit 2\n", 0o600)
        shutil.chown(table, user, "crontab")
    host.daemon(["cron", "-f"])
    for user, shell in (("l-bash", "sh"), ("l-dash", "dash")):
        out = h.eventually(30, lambda u=user: world.slurp(f"/home/{u}/cron.out"))
        h.ok(re.fullmatch(b"ran /.*/" + shell.encode() + b"\n", out or b"") and
             b"shellac" not in out, f"cron runs a job with SHELL={shell}", out)
    h.eventually(20, lambda: len(host.sessions("l-dash")) > before["l-dash"])
    h.equal([[session(s) for s in host.sessions(u)[before[u]:]] for u in ("l-bash", "l-dash")],
            [[], [(False, 2)]], "and only that of the recorder is recorded")


def matrix(host, plain, forced):
    for shell in world.SHELLS:
        more = MORE if shell == "bash" else []
        host.user(f"s-{shell}", f"/bin/{shell}" if shell != "fish" else "/usr/bin/fish")
        host.user(f"l-{shell}", os.path.join(host.bin, f"shellac-{shell}"))
        visit(host, f"s-{shell}", plain, "snippet", SSH + LOCAL + more)
        visit(host, f"l-{shell}", plain, "login shell", SSH + LOCAL + more)
        visit(host, f"s-{shell}", forced, "ForceCommand", SSH[:-1] if more else SSH[:1])
        visit(host, f"l-{shell}", forced, "both", SSH + more[:2])


def main():
    if os.geteuid() != 0:
        h.skip_all("needs root")
    missing = [p for p in world.PROGRAMS if not any(
        os.path.exists(os.path.join(d, p)) for d in world.PATH.split(":"))]
    if missing:
        h.skip_all(f"not here: {' '.join(missing)}")
    h.own_pid_namespace()
    host = world.Host()
    with open(BLOB, "wb") as f, open(BLOB + "2", "wb") as g:
        data = os.urandom(300000)
        f.write(data)
        g.write(data[::-1])
    host.collector()
    plain = host.sshd("Subsystem=sftp /usr/lib/openssh/sftp-server")
    forced = host.sshd("Subsystem=sftp internal-sftp",
                       f"ForceCommand={host.bin}/shellac-rec --forced")
    matrix(host, plain, forced)
    what_is_kept(host, "l-bash")
    what_is_kept(host, "s-bash")
    stay(host)
    lead_away(host, forced)
    cron(host)
    away(host, plain, forced)
    h.done()


main()
