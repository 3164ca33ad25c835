#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Programs that ask for secrets, and those that only look so: as users of a host
of the test's own (its /etc and /run, its process ids, an sshd on loopback), what
is typed into the first is never in the store, what is typed into the second is."""
import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import harness as h

NEEDED = ("sudo", "su", "passwd", "sshd", "ssh", "bash", "fish", "tcsh", "vi", "less")
USER, UID, OTHER = "shltann", 54321, "shltbob"
HOME = os.path.join(h.work, "home")
PROMPT = re.compile(rb"\[\d\]> ")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SSHD = """ListenAddress 127.0.0.1
HostKey {key}
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
StrictModes no
PidFile none
PrintMotd no
"""
SUDOERS = """Defaults lecture=never, timestamp_timeout=0, !mail_badpass, !insults
Defaults passprompt="sudo wants: "
Defaults:#54321 {more}
%s ALL=(ALL) ALL
""" % USER
# answers each key with itself behind a prompt that lies
EDITOR = """
import os, tty
tty.setraw(0)
os.write(1, b"Password: ")
while (c := os.read(0, 1)) not in b"\\r\\n":
    os.write(1, c)
"""
# a PIN of four digits without Enter, its prompt in two writes
PIN = """
import os, time, tty
tty.setraw(0)
os.write(1, b"Your P")
time.sleep(0.1)
os.write(1, b"IN: ")
n = b""
while len(n) < 4:
    n += os.read(0, 1)
os.write(1, b"\\r\\nthank you\\r\\n")
"""


# -- the host --

def write(path, text, mode=0o644):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    os.chmod(path, mode)


def mount(*args):
    if subprocess.run(["mount", *args], stderr=subprocess.DEVNULL, check=False).returncode:
        h.skip_all("cannot mount in a namespace of its own")


def hashed(secret):
    crypt = ctypes.CDLL("libcrypt.so.1").crypt
    crypt.restype = ctypes.c_char_p
    return crypt(secret.encode(), b"$6$shellac$").decode()


def make_host(secrets):
    """Users, and rules that ask for passwords and do nothing else."""
    etc = os.path.join(h.work, "etc")
    os.chmod(h.work, 0o711)
    shutil.copytree("/etc", etc, symlinks=True, ignore=shutil.ignore_patterns("*.socket"))
    shutil.copystat("/etc/shadow", os.path.join(etc, "shadow"))
    mount("--bind", etc, "/etc")
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    os.makedirs("/run/sshd")
    for name, uid in ((USER, UID), (OTHER, UID + 1)):
        with open("/etc/passwd", "a", encoding="ascii") as f:
            f.write(f"{name}:x:{uid}:{uid}::{HOME}:/bin/bash\n")
        with open("/etc/shadow", "a", encoding="ascii") as f:
            f.write(f"{name}:{hashed(secrets[name])}:20000:0:99999:7:::\n")
        with open("/etc/group", "a", encoding="ascii") as f:
            f.write(f"{name}:x:{uid}:\n")
    shutil.rmtree("/etc/pam.d")
    os.mkdir("/etc/pam.d")
    write("/etc/pam.d/other", "".join(f"{kind} required pam_unix.so\n" for kind in
                                      ("auth", "account", "password", "session")))
    write("/etc/nsswitch.conf", "passwd: files\nshadow: files\ngroup: files\nhosts: files\n")
    os.makedirs(HOME)
    write(os.path.join(HOME, ".bashrc"), "PS1='[1]> '\n")
    write(os.path.join(HOME, ".profile"), "PS1='[2]> '\n")
    os.chown(HOME, UID, UID)


def sudoers(more):
    write("/etc/sudoers", SUDOERS.format(more=more), 0o440)


def start_sshd():
    key = os.path.join(h.work, "host_key")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    conf = os.path.join(h.work, "sshd_config")
    write(conf, SSHD.format(key=key))
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    daemon = subprocess.Popen([shutil.which("sshd"), "-D", "-e", "-f", conf, "-p", str(port)],
                              stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    h.at_end(daemon.kill)

    def answers():
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0

    h.eventually(20, answers)
    return port


class Collector(h.Collector):
    """The user's own, with programs that the user can reach."""

    def __init__(self, name, conf):
        super().__init__(os.path.join(HOME, name), conf)
        for path in (self.dir, os.path.join(self.dir, "shellac.conf")):
            os.chown(path, UID, UID)

    def launch(self, env=None):
        with open(self.log, "ab") as log:
            self.proc = subprocess.Popen([h.SHELLACD, "-d", self.dir, "-n"], user=UID, group=UID,
                                         extra_groups=[], stdin=subprocess.DEVNULL, stdout=log,
                                         stderr=log)

    def ready(self):
        return subprocess.run([h.SHELLAC, "-d", self.dir, "status"], user=UID,
                              group=UID, extra_groups=[], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False).returncode in (0, 1)


def copy_programs():
    programs = os.path.join(h.work, "bin")
    os.mkdir(programs)
    for name in ("REC", "SHELLACD"):
        setattr(h, name, shutil.copy(getattr(h, name), programs))


# -- a session --

class Session:
    def __init__(self, collector, argv):
        self.collector = collector
        self.secrets = []
        env = ["env", "-i", "PATH=" + PATH, "HOME=" + HOME, "TERM=xterm", "LANG=C.UTF-8",
               "SHELL=/bin/bash", "LOGNAME=" + USER, "USER=" + USER, "LESSHISTFILE=-",
               "HISTFILE="]
        self.terminal = h.Terminal(["setpriv", f"--reuid={UID}", f"--regid={UID}",
                                    "--clear-groups", *env, h.REC, "-d", collector.dir, "--",
                                    *argv])

    def wait_for(self, text):
        self.terminal.wait_for(text)

    def keys(self, text):
        """As a hand types: one by one."""
        for c in text:
            self.terminal.send(c)
            time.sleep(0.02)

    def command(self, text, answer=None):
        """Types a command and waits for what it shows."""
        self.keys(text + "\r")
        if answer is not None:
            self.wait_for(answer)

    def secret(self, prompt, secret, end="\r"):
        """Types it when it is asked for; programs flush what came before."""
        self.wait_for(prompt)
        time.sleep(0.3)
        self.secrets.append(secret)
        self.keys(secret + end)

    def judge(self, name, kept):
        """Ends it; what was typed and kept."""
        h.equal(self.terminal.wait(), 0, f"{name}: the session ends")
        path = self.collector.closed(max(self.collector.files()))
        with open(path, "rb") as f:
            stored = f.read()
        found = h.frames(path)
        typed = h.typed(found)
        leaked = [s for s in self.secrets if s.encode() in stored or
                  any(s[i:i + 4].encode() in typed for i in range(len(s) - 3))]
        h.equal(leaked, [], f"{name}: no secret is in the store")
        hidden = sum(f.data for f in found if f.type == h.HIDDEN)
        h.ok(hidden >= sum(map(len, self.secrets)), f"{name}: their bytes are counted",
             f"{hidden} of {self.secrets}")
        missing = [text for text in kept if text.encode() not in typed]
        h.ok(not missing, f"{name}: the rest is kept", f"missing {missing}\nin {typed!r}")
        return typed


def shells(collector):
    """Each shell's own way to read without echo."""
    cases = (("fish", ["fish", "--no-config"], "read -s x; echo \"got <\"(string length $x)\">\"",
              "function fish_prompt; echo '[1]> '; end"),
             ("tcsh", ["tcsh", "-f"], "stty -echo; set x=$<; stty echo; echo \"got <$%x>\"",
              "set prompt='[1]> '"))
    for name, argv, read, prompt in cases:
        secret = f"s3cr3t-{len(name)}-Kw7Zp"
        s = Session(collector, argv)
        time.sleep(1)  # its first prompt is its own
        s.command(prompt, PROMPT)
        s.command("echo before", "before\r\n")
        s.command(read)
        s.secret("", secret)
        s.wait_for(f"got <{len(secret)}>")
        s.command("exit 0")
        s.judge(name, ("echo before", "exit 0"))


def local_programs(collector, secrets):
    s = Session(collector, ["bash", "-i"])
    s.wait_for(PROMPT)
    for more in ("!pwfeedback", "pwfeedback", "pwfeedback, !use_pty", "!pwfeedback, !use_pty"):
        sudoers(more)
        s.command("sudo echo by-sudo-$((40 + 2))")
        s.secret("sudo wants: ", secrets[USER])
        s.wait_for("by-sudo-42\r\n")
    s.command(f"su {OTHER} -c 'echo by-su-$((40 + 2))'")
    s.secret("Password: ", secrets[OTHER])
    s.wait_for("by-su-42\r\n")
    s.command("passwd")
    new = "n3w-OnE-xKq7-Wm"
    for prompt, secret in (("Current password: ", secrets[USER]), ("New password: ", new),
                           ("Retype new password: ", new)):
        s.secret(prompt, secret)
    s.wait_for("updated successfully")
    secrets[USER] = new
    s.command("exit")
    s.judge("sudo, su, passwd", (f"su {OTHER} -c 'echo", "passwd\r", "exit\r"))


def far_programs(collector, secrets, port):
    """The local terminal is raw: neither modes nor prompts tell what is secret."""
    sudoers("!pwfeedback")
    s = Session(collector, ["bash", "-i"])
    s.wait_for(PROMPT)
    s.command(f"ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
              f"-o LogLevel=ERROR -p {port} {USER}@127.0.0.1")
    s.secret("password: ", secrets[USER])
    s.wait_for(PROMPT)
    for more in ("!pwfeedback", "pwfeedback"):
        sudoers(more)
        s.command("sudo echo far-$((40 + 2))")
        s.secret("sudo wants: ", secrets[USER])
        s.wait_for("far-42\r\n")
        s.wait_for(PROMPT)
    s.command(f"su {OTHER}")
    s.secret("Password: ", secrets[OTHER])
    s.wait_for(PROMPT)
    s.command("exit", PROMPT)
    s.command("read -s x; echo \"got <${#x}>\"")
    s.secret("", "s3cr3t-Yx2-9pQ")
    s.wait_for("got <14>")
    s.wait_for(PROMPT)
    s.terminal.send("\033[200~echo pasted-afar-$((40 + 2))\033[201~")
    s.wait_for("pasted-afar")
    s.terminal.send("\r")
    s.wait_for("pasted-afar-42")
    s.wait_for(PROMPT)
    s.command("exit", PROMPT)
    s.command("exit")
    s.judge("on the far side of ssh", ("sudo echo far-$((40", "exit\rexit\r", f"su {OTHER}\r",
                                       "echo pasted-afar-$((40 + 2))"))


def pins(collector):
    s = Session(collector, [h.PYTHON, "-c", PIN])
    s.secret("PIN: ", "7294", end="")
    s.wait_for("thank you")
    s.judge("a PIN, its prompt in two writes", ())


def liars(collector):
    """Prompts for passwords that are none."""
    s = Session(collector, ["sh", "-c", "printf 'Password: '; read -r x"])
    s.wait_for("Password: ")
    s.keys("evil plan\r")
    s.judge("a lying prompt at a line", ("evil plan\r",))
    s = Session(collector, ["bash", "--norc", "-c", "read -e -p 'Password: ' x"])
    s.wait_for("Password: ")
    s.keys("evil plan\r")
    s.judge("a lying prompt of readline", ("evil plan\r",))
    s = Session(collector, [h.PYTHON, "-c", EDITOR])
    s.wait_for("Password: ")
    s.keys("evil plan\r")
    s.judge("a lying prompt with raw modes", ("evil plan\r",))


def editors(collector):
    s = Session(collector, ["bash", "-i"])
    s.wait_for(PROMPT)
    s.keys("echo wrogn")
    s.keys("\177\177ng\001\006\006\005 end\r")
    s.wait_for("wrong end\r\n")
    s.keys("\033[A\r")
    s.wait_for("wrong end\r\n")
    s.keys("\022wro\r")
    s.wait_for("wrong end\r\n")
    s.keys("vi -u NONE -n -i NONE ~/note\r")
    s.wait_for("~")
    s.keys("ihello world\033o")
    time.sleep(0.5)
    s.terminal.send("first pasted\rsecond pasted\r")
    s.wait_for("second pasted")
    s.keys("\033:wq\r")
    s.wait_for(PROMPT)
    s.keys("seq 900 | less\r")
    s.wait_for("1\r\n2\r\n")
    s.keys(" /777\r")
    s.wait_for("777")
    s.keys("q")
    s.wait_for(PROMPT)
    s.keys("exit\r")
    s.judge("readline, vi and less", ("echo wrogn\177\177ng\001\006\006\005 end\r", "\022wro\r",
                                      "ihello world\033", "first pasted\rsecond pasted\r",
                                      ":wq\r", " /777\r", "exit\r"))
    with open(os.path.join(HOME, "note"), encoding="ascii") as f:
        h.equal(f.read(), "hello world\nfirst pasted\nsecond pasted\n\n", "vi got all of it")


def policies(secrets):
    sudoers("!pwfeedback")
    for policy, wanted in (("all", (True, True)), ("none", (False, False))):
        collector = Collector(policy, f"compress = no\nacct = off\nprocess_events = no\ninput = {policy}\n").start()
        s = Session(collector, ["bash", "-i"])
        s.wait_for(PROMPT)
        s.command("sudo echo by-sudo-$((40 + 2))")
        s.secret("sudo wants: ", secrets[USER])
        s.wait_for("by-sudo-42\r\n")
        s.command("exit")
        h.equal(s.terminal.wait(), 0, f"input = {policy}: the session ends")
        typed = h.typed(h.frames(collector.closed(1)))
        h.equal((b"sudo echo" in typed, secrets[USER].encode() in typed), wanted,
                f"input = {policy}: command and password")
        collector.stop()


def main():
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing:
        h.skip_all("not here: " + " ".join(missing))
    h.own_pid_namespace()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    secrets = {USER: "s3cr3t-Ann-9xWq", OTHER: "s3cr3t-Bob-Hy6t"}
    make_host(secrets)
    sudoers("!pwfeedback")
    copy_programs()
    collector = Collector("echoed", "compress = no\nacct = off\nprocess_events = no\n").start()
    shells(collector)
    local_programs(collector, secrets)
    far_programs(collector, secrets, start_sshd())
    pins(collector)
    liars(collector)
    editors(collector)
    collector.stop()
    policies(secrets)
    h.done()


main()
