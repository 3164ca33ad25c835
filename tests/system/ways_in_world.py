# SPDX-License-Identifier: ISC
"""A host of the test's own: mount and pid namespaces, an /etc that may be changed,
the programs installed, a collector, real users, sshd on 127.0.0.1."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys

import harness as h

SHELLS = ("bash", "dash", "zsh", "fish", "mksh", "tcsh")
PROGRAMS = SHELLS + ("sshd", "ssh", "scp", "sftp", "rsync", "git", "su", "sudo", "cron", "useradd")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SSH_OPTIONS = ["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR",
               "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes",
               "-i", "/run/test/key"]


def run(argv, **kw):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                          check=False, **{"stdin": subprocess.DEVNULL, **kw})


def must(argv, **kw):
    done = run(argv, **kw)
    if done.returncode:
        h.note((done.stdout + done.stderr).decode("utf-8", "replace"))
        print(f"Bail out! {' '.join(argv)}")
        sys.exit(1)
    return done.stdout.decode()


def write(path, text, mode=0o644, append=False):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a" if append else "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


def slurp(path):
    """None where there is no such file."""
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return None


def places():
    """What configure was told: prefix, bin, sbin, etc, run, data."""
    names = ("prefix", "bindir", "sbindir", "sysconfdir", "localstatedir", "runstatedir", "datadir")
    rule = "include Makefile\nplaces:\n\t@echo " + " ".join(f"$({n})" for n in names) + "\n"
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
    out = must(["make", "-s", "--no-print-directory", "-C", h.BUILD, "-f", "-", "places"],
               stdin=None, input=rule.encode(), env=env)
    return dict(zip(names, out.splitlines()[-1].split()))


class Host:
    def __init__(self):
        self.at = places()
        prefix = self.at["prefix"]
        if prefix in ("/", "/usr") or h.BUILD.startswith(prefix + "/") or \
           not all(p == prefix or p.startswith(prefix + "/") for p in self.at.values()):
            h.skip_all(f"configured for {prefix}")
        self.bin = self.at["bindir"]
        os.environ["PATH"] = f"{self.bin}:{self.at['sbindir']}:{PATH}"
        for folder in ("/home", "/run", "/var/spool/cron", prefix):
            os.makedirs(folder, exist_ok=True)
            must(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder])
        os.mkdir("/run/test")
        os.mkdir("/run/etc")
        must(["cp", "-a", "/etc/.", "/run/etc"])
        must(["mount", "--bind", "/run/etc", "/etc"])
        self.install()
        self.snippets()
        self.shellac = os.path.join(self.bin, "shellac")
        self.daemons = []
        self.shellacd = None

    def install(self):
        for user in ("_shellac", "_shellacd"):
            if run(["id", user]).returncode:
                must(["useradd", "--system", "--no-create-home", "--user-group",
                      "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", user])
        env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
        must(["make", "-C", h.BUILD, "install"], env=env)
        write(os.path.join(self.at["sysconfdir"], "shellac/shellac.conf"),
              "acct = off\nprocess_events = no\ncompress = no\n")

    def snippets(self):
        """Enabled as shellac-rec(1) says."""
        here = os.path.join(self.at["datadir"], "shellac/profile.d")
        os.symlink(f"{here}/shellac.sh", "/etc/profile.d/shellac.sh")
        write("/etc/zsh/zshenv", f"source {here}/shellac.zsh\n", append=True)
        os.symlink(f"{here}/shellac.csh", "/etc/csh/login.d/shellac.csh")
        os.symlink(f"{here}/shellac.fish", "/etc/fish/conf.d/shellac.fish")

    def user(self, name, shell):
        must(["useradd", "-m", "-k", "/nonexistent", "-s", shell, name])
        must(["usermod", "-p", "*", name])
        write(f"/home/{name}/.zshrc", "")  # else zsh has questions for a new user
        for folder in (".zshrc", ""):
            shutil.chown(f"/home/{name}/{folder}", name, name)

    def daemon(self, argv):
        with open("/run/test/log", "ab") as log:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.daemons.append(child)
        return child

    def collector(self):
        self.shellacd = self.daemon([os.path.join(self.at["sbindir"], "shellacd"), "-n"])
        if not h.eventually(30, lambda: run([self.shellac, "status"]).returncode in (0, 1)):
            self.tell()
            print("Bail out! the collector does not start")
            sys.exit(1)

    def end_collector(self):
        self.shellacd.terminate()
        self.shellacd.wait(60)

    def sshd(self, *options):
        """A port."""
        if not os.path.exists("/run/test/key"):
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
            must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/run/test/key"])
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        argv = ["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-h", "/run/test/key"]
        for o in ("ListenAddress=127.0.0.1", f"Port={port}", "UsePAM=no", "StrictModes=no",
                  "PidFile=none", "AuthorizedKeysFile=/run/test/key.pub", "MaxSessions=50",
                  *options):
            argv += ["-o", o]
        self.daemon(argv)
        if not h.eventually(20, lambda: run(["ssh-keyscan", "-p", str(port), "127.0.0.1"]).stdout):
            self.tell()
            print("Bail out! sshd does not start")
            sys.exit(1)
        return port

    def sessions(self, user):
        out = run([self.shellac, "list", "--json"]).stdout.decode("utf-8")
        return [s for s in map(json.loads, out.splitlines()) if s["user"] == user]

    def session_file(self, n):
        store = os.path.join(self.at["localstatedir"], "lib/shellac")
        return next(os.path.join(folder, name) for folder, _, names in os.walk(store)
                    for name in names if re.match(f"0*{n}-.*[.]shlc", name))

    def tell(self):
        with open("/run/test/log", encoding="utf-8", errors="replace") as f:
            h.note(f.read()[-3000:])
