# SPDX-License-Identifier: ISC
"""A host on which nothing is set up yet: what shellac setup does to it, and who gets in."""
import hashlib
import os
import re
import shutil
import socket
import stat
import sys

import harness as h
import ways_in_world as world

SHELLS = world.SHELLS
PROMPT = re.compile(rb"[$%>#] ")
TREE = "/run/test/tree"


def path_of(shell):
    return "/usr/bin/fish" if shell == "fish" else f"/bin/{shell}"


_known = {}


def digest(path, version):
    if version not in _known:
        _known[version] = hashlib.sha256(world.slurp(path)).hexdigest()
    return _known[version]


def entry(path):
    s = os.lstat(path)
    data = ""
    if stat.S_ISLNK(s.st_mode):
        data = os.readlink(path)
    elif stat.S_ISREG(s.st_mode):
        data = digest(path, (s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns))
    return stat.S_IFMT(s.st_mode), stat.S_IMODE(s.st_mode), s.st_uid, s.st_gid, data


def is_tools(name):
    """What passwd(5)'s own tools leave: copies from before, and a lock."""
    return name.endswith("-") or name == ".pwd.lock"


def files(*folders):
    """All below them, by path: type, mode, owner, contents."""
    found = {}
    for top in folders:
        for folder, subs, names in os.walk(top):
            for name in subs + [n for n in names if not is_tools(n)]:
                path = os.path.join(folder, name)
                found[path] = entry(path)
    return found


def differences(a, b):
    return sorted(p for p in a.keys() | b.keys() if a.get(p) != b.get(p))


class Host(world.Host):
    def __init__(self):
        super().__init__()
        self.conf = os.path.join(self.at["sysconfdir"], "shellac/shellac.conf")
        self.state = os.path.join(self.at["localstatedir"], "lib/shellac-setup")
        self.snippet = os.path.join(self.at["datadir"], "shellac/profile.d/shellac.sh")
        self.rec = os.path.join(self.bin, "shellac-rec")
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)

    def snippets(self):
        """None, and nobody of this machine's who could log in but root."""
        lines = world.slurp("/etc/passwd").decode().splitlines()
        with open("/etc/passwd", "w", encoding="utf-8") as f:
            for line in lines:
                part = line.split(":")
                if part[2] != "0":
                    part[6] = "/usr/sbin/nologin"
                f.write(":".join(part) + "\n")
        for name in ("shellac.sh", "shellac.csh"):
            if os.path.lexists(f"/etc/profile.d/{name}"):
                os.unlink(f"/etc/profile.d/{name}")

    def setup(self, *args, env=None):
        """Status, what it said, what it complained of."""
        p = world.run([self.shellac, "setup", *args], env={**os.environ, **(env or {})})
        return p.returncode, p.stdout.decode(), p.stderr.decode()

    def does(self, status, *args):
        """The same, where that is the status it should have."""
        got = self.setup(*args)
        if got[0] != status:
            h.ok(False, f"setup {' '.join(args)}: status {status}", got)
        return got[1] + got[2]

    def all(self):
        """What may be changed."""
        return {**files("/etc", os.path.dirname(self.conf), self.state),
                self.state: os.path.lexists(self.state)}

    def everything(self):
        """The same, and of the tree."""
        return {**self.all(), **files(TREE)}

    @staticmethod
    def forget(user):
        """Nobody who logs in any more; some process of theirs may still be ending."""
        world.must(["usermod", "-s", "/usr/sbin/nologin", user])

    def shell_of(self, user):
        found = re.search(rf"^{user}:.*:(.*)$", world.slurp("/etc/passwd").decode(), re.M)
        return found and found.group(1)

    def login(self, user, port, status=3):
        """Interactive over ssh; True where it was as ever."""
        t = h.Terminal(["ssh", "-tt", *world.SSH_OPTIONS, "-p", str(port), f"{user}@127.0.0.1"])
        if not t.wait_for(PROMPT, 60):
            return False
        t.send(f"exit {status}\r")
        return t.wait() == status

    def command(self, user, port):
        p = world.run(["ssh", *world.SSH_OPTIONS, "-p", str(port), f"{user}@127.0.0.1",
                       "echo out; exit 5"])
        return p.returncode == 5 and p.stdout == b"out\n"

    def count(self, user):
        """Sessions: on a terminal, without one."""
        ttys = [s["tty"] is not None for s in self.sessions(user)]
        return ttys.count(True), ttys.count(False)

    def sshd_of_host(self):
        """The host's own, with its configuration and its start script; a port."""
        port = self.free_port()
        self.daemon(["/usr/sbin/sshd", "-D", "-e", "-h", "/run/test/key", "-o", f"Port={port}", "-o",
                     "ListenAddress=127.0.0.1", "-o", "UsePAM=no", "-o", "StrictModes=no", "-o",
                     "AuthorizedKeysFile=/run/test/key.pub", "-o", "PidFile=/run/sshd.pid"])
        h.eventually(30, lambda: world.run(["ssh-keyscan", "-p", str(port), "127.0.0.1"]).stdout)
        return port

    @staticmethod
    def free_port():
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            return s.getsockname()[1]

    def recorded(self, user, before, wanted):
        def more():
            now = self.count(user)
            return now[0] - before[0], now[1] - before[1]
        return h.eventually(40, lambda: more() == wanted) or h.note((user, more(), wanted))

    def tree(self):
        """A copy of what setup looks at, as a host that does not run."""
        if os.path.exists(TREE):
            shutil.rmtree(TREE)
        for folder in ("/etc", self.bin, os.path.dirname(self.snippet)):
            os.makedirs(TREE + os.path.dirname(folder), exist_ok=True)
            world.must(["cp", "-a", folder, TREE + os.path.dirname(folder)])
        for path in ("/bin/bash", "/usr/sbin/sshd"):
            os.makedirs(TREE + os.path.dirname(path), exist_ok=True)
            shutil.copy(path, TREE + path)
        os.makedirs(f"{TREE}/lib/systemd/system")
        world.write(f"{TREE}/lib/systemd/system/acct.service", "[Service]\n")
        os.makedirs(TREE + os.path.dirname(self.state))
        os.makedirs(TREE + os.path.dirname(self.conf), exist_ok=True)
        shutil.copy(self.conf, TREE + self.conf)
        return TREE


def the_host(start=True):
    """With a collector, unless the test starts one itself."""
    if os.geteuid() != 0:
        h.skip_all("needs root")
    missing = [p for p in SHELLS + ("sshd", "ssh", "su", "useradd", "usermod") if not any(
        os.path.exists(os.path.join(d, p)) for d in world.PATH.split(":"))]
    if missing:
        h.skip_all(f"not here: {' '.join(missing)}")
    h.own_pid_namespace()
    host = Host()
    for shell in SHELLS:
        host.user(f"u-{shell}", path_of(shell))
    # else fish reads all manual pages when it starts first
    world.must(["install", "-d", "-o", "u-fish", "/home/u-fish/.local", "/home/u-fish/.local/share",
                "/home/u-fish/.local/share/fish",
                "/home/u-fish/.local/share/fish/generated_completions"])
    if start:
        host.collector()
    if host.shell_of("u-bash") != "/bin/bash":
        print("Bail out! no users")
        sys.exit(1)
    return host
