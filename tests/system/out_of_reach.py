# SPDX-License-Identifier: ISC
"""An ordinary user tries to reach, starve or fool an installed recorder, from
inside the session and from a second login; each try is one test.  Run by
16-out-of-reach.t, in namespaces of its own, with PLACES of the installation."""
import fcntl
import os
import pwd
import resource
import signal
import struct
import subprocess

import harness as h

BIN, SBIN, ETC, VAR, RUN, HOME = os.environ["PLACES"].split()
REC, RUN = BIN + "/shellac-rec", RUN + "/shellac"
STORE, SPOOL = VAR + "/lib/shellac", VAR + "/spool/shellac"
CONF = ETC + "/shellac/shellac.conf"
TIOCGPTN = 0x80045430
MARK = "here it is"


class Installed(h.Collector):
    def __init__(self):
        super().__init__(h.work + "/none")
        os.makedirs(os.path.dirname(CONF), exist_ok=True)
        with open(CONF, "w", encoding="ascii") as f:
            f.write("compress = no\n")  # the test reads frames

    def launch(self, env=None):
        with open(self.log, "ab") as log:
            self.proc = subprocess.Popen([SBIN + "/shellacd", "-n"], stdin=subprocess.DEVNULL,
                                         stdout=log, stderr=log)

    def ready(self):
        return self.auditor("status").returncode in (0, 1)

    def auditor(self, *args):
        return subprocess.run([BIN + "/shellac", *args], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300,
                              check=False)

    def files(self):
        found = {}
        for folder, _, names in os.walk(STORE + "/session"):
            for name in names:
                if name[0].isdigit() and ".shlc" in name:
                    found[int(name.split("-")[0])] = os.path.join(folder, name)
        return found

    def newest(self):
        return max(self.files(), default=0)

    def status(self, n):
        """What verify says of a session as soon as it is closed."""
        self.closed(n)
        return self.objects("verify", str(n))[0]["status"]


def as_user(name, argv):
    return ["/usr/bin/setpriv", f"--reuid={name}", f"--regid={name}", "--init-groups",
            "--inh-caps=-all", "--", *argv]


def second_login(name, argv, **how):
    return subprocess.run(as_user(name, argv), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False, cwd="/", **how)


class Login(h.Terminal):
    """A terminal of the user's own, with a program on it."""

    def __init__(self, argv, env=None, user="shla"):
        os.chdir("/")
        super().__init__(as_user(user, argv), env={"PS1": "$ ", "ENV": "", **(env or {})})
        index = struct.unpack("I", fcntl.ioctl(self.master, TIOCGPTN, bytes(4)))[0]
        self.name = f"/dev/pts/{index}"
        owner = pwd.getpwnam(user)
        os.chown(self.name, owner.pw_uid, owner.pw_gid)


class Session(Login):
    """A recorded shell that waits for commands."""

    def __init__(self, collector, before=()):
        n = collector.newest() + 1
        super().__init__([*before, REC, "--", "/bin/sh"])
        assert self.wait_for("$ "), collector.text()
        assert h.eventually(20, lambda: collector.newest() == n)
        self.n, self.collector = n, collector
        self.keeper = keeper_pid(collector.files()[n])
        with open(f"/proc/{self.keeper}/stat", encoding="ascii") as f:
            self.front = int(f.read().split()[3])

    def does(self, command, seconds=60):
        """Types a command and waits until it is done."""
        self.send(command + "; echo do''ne\r")
        return self.wait_for("done\r\n", seconds)

    def still_records(self, name, text="still there"):
        said = self.does(f"echo {text}")
        state = process_state(self.keeper)
        h.ok(said and state in "SR", f"{name}: the session goes on", state)

    def ends(self, name, text="still there"):
        """The user leaves; the record is whole."""
        self.send("exit 5\r")
        h.equal(self.wait(), 5, f"{name}: the shell's exit status")
        h.equal(self.collector.status(self.n), "COMPLETE", f"{name}: COMPLETE")
        h.ok(text.encode() in self.collector.raw(self.n), f"{name}: all of it is in the record")


def keeper_pid(path):
    return struct.unpack_from("<I", h.frames(path)[0].body, 112)[0]


def process_state(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "gone"


# -- attacks on a live session --

def attack_arguments(session, out, who):
    ident = os.path.basename(session.collector.files()[session.n]).split("-")[1][:32]
    return [HOME + "/attacks.py", out, str(session.keeper), str(session.front), session.name, RUN,
            STORE, SPOOL, CONF, REC, ident + ".fifo", who]


def judge(out, who):
    """Each line of attacks.py is one test."""
    with open(out, encoding="utf-8") as f:
        lines = [line.rstrip("\n").split("\t") for line in f]
    h.equal(lines[-1][0], "end", f"{who}: all was tried")
    for name, result in lines[:-1]:
        busy = name.startswith("outer terminal") and "other" not in who
        wanted = ["EBUSY"] if busy else ["EPERM", "EACCES"]
        h.ok(result in wanted, f"{who}: {name}: refused", result)


def attacks(collector):
    session = Session(collector)
    out = HOME + "/shla/inside"
    h.ok(session.does(" ".join(attack_arguments(session, out, "same"))), "the attack is run")
    judge(out, "from inside")
    out = HOME + "/shla/second"
    second_login("shla", attack_arguments(session, out, "same"))
    judge(out, "second login")
    out = HOME + "/shlb/other"
    second_login("shlb", attack_arguments(session, out, "other"))
    judge(out, "another user")
    h.equal(second_login("shla", [REC, "--probe"]).returncode, 0, "a recorder can still start")
    session.still_records("after the attacks")
    session.ends("after the attacks")


def flags(collector):
    """What the keeper is, seen by root."""
    session = Session(collector)
    proc = f"/proc/{session.keeper}/"
    user = pwd.getpwnam("_shellac").pw_uid
    with open(proc + "status", encoding="utf-8") as f:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    h.equal(status["Uid"].split(), [str(user)] * 4, "the keeper is _shellac in all ids")
    h.equal(status["Seccomp"], "0" if h.sanitized() else "2", "the keeper is confined")
    h.equal(status["NoNewPrivs"], "1", "the keeper gets no new privileges")
    h.equal(os.stat(proc + "mem").st_uid, 0, "the keeper is not dumpable")
    h.equal(os.stat(f"/proc/{session.front}/mem").st_uid, 0, "the front is not dumpable")
    open_ones = []
    for fd in os.listdir(proc + "fd"):
        with open(f"{proc}fdinfo/{fd}", encoding="ascii") as f:
            bits = int(next(line for line in f if line.startswith("flags")).split()[1], 8)
        if int(fd) > 2 and not bits & os.O_CLOEXEC:
            open_ones.append(os.readlink(f"{proc}fd/{fd}"))
    h.equal(open_ones, [], "all that the keeper has open would be closed by exec")
    session.ends("the keeper's flags", "")
    n = collector.newest() + 1
    shell = Login([*odd("descriptors"), REC, "--", h.PYTHON, "-c",
                   "import os; print(sorted(os.listdir('/proc/self/fd')))"])
    h.equal(shell.wait(), 0, "a program that lists its descriptors")
    h.ok(b"['0', '1', '2', '3']" in shell.shown, "has 0 to 2 and the list",
         bytes(shell.shown))
    h.equal(collector.status(n), "COMPLETE", "and is recorded")


# -- the front, which the user can signal --

def front_stopped(collector):
    session = Session(collector)
    second_login("shla", ["/bin/kill", "-STOP", str(session.front)])
    h.ok(h.eventually(10, lambda: process_state(session.front) == "T"), "the front can be stopped")
    session.still_records("with the front stopped")
    second_login("shla", ["/bin/kill", "-CONT", str(session.front)])
    session.ends("with the front continued")


def front_killed(collector):
    session = Session(collector)
    session.does("setsid sleep 9 & sleep 0.2; echo was shown")
    second_login("shla", ["/bin/kill", "-KILL", str(session.front)])
    h.equal(session.wait(), -signal.SIGKILL, "the front can be killed")
    h.equal(collector.status(session.n), "COMPLETE", "then the session is COMPLETE")
    path = collector.files()[session.n]
    h.ok(b"was shown" in collector.raw(session.n), "with all that was shown")
    left = [f.data[1:] for f in h.events(path, h.META) if f.data[0] == 4]
    h.equal(left, [b""], "which says that processes were left, but not which")


HOLDER = """
import os, signal, termios, time
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
if os.fork() == 0:
    while not os.path.exists(%r):
        time.sleep(0.05)
    modes = termios.tcgetattr(0)
    modes[3] |= termios.ISIG
    modes[6][termios.VQUIT] = b"\\2"
    termios.tcsetattr(0, termios.TCSANOW, modes)
    os.rename(%r, %r)
    os._exit(0)
os.execv(%r, %r)
"""


def outer_terminal(collector):
    """stty isig quit ^B by a process that had the terminal open before the recorder."""
    ask, said = HOME + "/shla/ask", HOME + "/shla/said"
    script = HOLDER % (ask, ask, said, REC, [REC, "--", "/bin/sh"])
    n = collector.newest() + 1
    login = Login([h.PYTHON, "-c", script])
    login.wait_for("$ ")
    with open(ask, "w", encoding="ascii"):
        os.chown(ask, pwd.getpwnam("shla").pw_uid, -1)
    h.ok(h.eventually(20, lambda: os.path.exists(said)), "a holder sets isig quit ^B")
    login.send("\x02\x02echo after the key\r")
    h.ok(login.wait_for("after the key\r\n"), "^B then ends nothing")
    login.send("exit 6\r")
    h.equal(login.wait(), 6, "nor does it change how the shell ends")
    h.equal(collector.status(n), "COMPLETE", "COMPLETE")
    h.ok(b"after the key" in collector.raw(n), "and all of it is in the record")


# -- what can be set before --

def odd(kinds):
    return [h.PYTHON, HOME + "/odd.py", kinds]


def complete(collector, name, before=(), end=0, program=None, **how):
    """A session with something odd around it: as if nothing were."""
    n = collector.newest() + 1
    program = ["--", *program] if program else ["-c", f"echo {MARK}"]
    login = Login([*before, REC, *program], **how)
    ended = login.wait()
    good = h.eventually(10, lambda: collector.newest() == n) and \
        collector.status(n) == "COMPLETE" and MARK.encode() in collector.raw(n)
    h.ok(good and ended == end, f"{name}: recorded", f"{ended} {bytes(login.shown)!r}")
    return login, n


def states(collector):
    for kinds, name in (("umask", "umask 777"), ("ignored", "all signals ignored"),
                        ("blocked", "all signals blocked"),
                        ("umask,ignored,blocked,descriptors", "all of these"),
                        ("limit=MEMLOCK:0", "ulimit -l 0"), ("limit=CORE:0", "ulimit -c 0"),
                        ("limit=FSIZE:0", "ulimit -f 0"), ("limit=NOFILE:16", "ulimit -n 16"),
                        ("limit=AS:24000000", "ulimit -v 23437"),
                        ("limit=DATA:4000000", "ulimit -d 3906"),
                        ("limit=STACK:262144", "ulimit -s 256"),
                        ("limit=SIGPENDING:0", "ulimit -i 0")):
        if name[:9] in ("ulimit -v", "ulimit -d") and h.sanitized():
            h.skip(name, "the sanitizer needs the address space")
        else:
            complete(collector, name, odd(kinds))
    spin = ["/bin/sh", "-c", f"echo {MARK}; while :; do :; done"]
    complete(collector, "a pending alarm", odd("alarm"), end=-signal.SIGALRM, program=spin)
    complete(collector, "ulimit -t 1", odd("limit=CPU:1"), end=-signal.SIGKILL, program=spin)


def processes(collector):
    """RLIMIT_NPROC counts a user's processes all over the machine: one of this test's own."""
    uid = 60100 + os.stat(h.work).st_ino % 4000
    with open("/etc/passwd", "a", encoding="ascii") as f:
        f.write(f"shlu:x:{uid}:{uid}::/:/bin/sh\n")
    with open("/etc/group", "a", encoding="ascii") as f:
        f.write(f"shlu:x:{uid}:\n")
    login = Login([*odd("limit=NPROC:1"), REC, "-c", "echo"], user="shlu")
    h.ok(login.wait() == 125 and login.shown.count(b"\n") == 1, "ulimit -u 1: refused in one line",
         bytes(login.shown))
    complete(collector, "ulimit -u 4", odd("limit=NPROC:4"), user="shlu")


def hard_limits(collector):
    """Lifted for the keeper, kept for the program."""
    session = Session(collector, odd("limit=CPU:77,limit=FSIZE:4096,limit=NOFILE:32"))
    session.does("ulimit -H -t; ulimit -H -n")
    h.ok(b"77\r\n32\r\n" in session.shown, "the shell has its hard limits")
    with open(f"/proc/{session.keeper}/limits", encoding="ascii") as f:
        hard = {line[:26].strip(): line[47:].split()[0] for line in f}
    for name in ("Max cpu time", "Max file size", "Max address space"):
        if may_lift():
            h.equal(hard[name], "unlimited", f"{name}: lifted for the keeper")
        else:
            h.skip(f"{name}: lifted for the keeper", "no CAP_SYS_RESOURCE")
    if not may_lift():
        h.ok("cannot be lifted" in collector.text(), "which the collector says")
    session.ends("hard limits", "")


def may_lift():
    try:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard + 1))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return True
    except (OSError, ValueError):
        return False


# -- environment and arguments --

def hostile_environment(collector):
    shim = HOME + "/shim_clock.so"
    elsewhere = HOME + "/shla/elsewhere"
    env = {"LD_PRELOAD": shim, "LD_AUDIT": shim, "LD_LIBRARY_PATH": HOME + "/shla",
           "SHELLAC_DIR": elsewhere, "TMPDIR": elsewhere, "HOME": elsewhere,
           "XDG_CONFIG_HOME": elsewhere, "TZ": HOME + "/shla/zone", "LC_ALL": "../../shla",
           "GCONV_PATH": HOME + "/shla", "LOCPATH": HOME + "/shla", "PATH": HOME + "/shla",
           "SHELL": HOME + "/shla/none", "TERM": "../../x", "MALLOC_TRACE": elsewhere,
           "GLIBC_TUNABLES": "glibc.malloc.check=3", "IFS": "/", "LD_BIND_NOW": ""}
    complete(collector, "an environment that names other folders and objects", env=env)
    h.ok(not os.path.exists(elsewhere), "and nothing was made there")
    n = collector.newest() + 1
    login = Login([REC, "--", "/bin/sh", "-c", "cat /proc/self/maps; read x"],
                  {"LD_PRELOAD": shim})
    h.ok(login.wait_for("shim_clock"), "the program has its LD_PRELOAD")
    h.ok(h.eventually(10, lambda: collector.newest() == n), "its session")
    keeper = keeper_pid(collector.files()[n])
    for pid, name in ((keeper, "keeper"), (login.pid, "front")):
        with open(f"/proc/{pid}/maps", encoding="utf-8") as f:
            h.ok("shim_clock" not in f.read(), f"the {name} does not")
    login.send("\r")
    login.wait()
    os.mkdir(elsewhere, 0o700)
    os.chown(elsewhere, pwd.getpwnam("shla").pw_uid, -1)
    login = Login([REC, "-d", elsewhere, "--", "/bin/echo", MARK])
    h.equal(login.wait(), 0, "-d is taken")
    h.ok(os.listdir(elsewhere) == [] and collector.status(n + 1) == "COMPLETE",
         "but has no effect")


def hostile_names(collector):
    for name in ("", "-", "shellac-../../../tmp/x", "../" * 40, "\x1b]0;x\x07%s%n\n", "x" * 9000):
        complete(collector, f"argv[0] {ascii(name[:24])}",
                 ["/bin/bash", "-c", 'exec -a "$0" "$@"', name])


# -- no set-user-ID: defined, and never half of it --

def without_rights(collector):
    plain = h.work + "/nosuid"
    os.chmod(h.work, 0o755)
    os.mkdir(plain)
    mounted = subprocess.run(["mount", "--bind", BIN, plain], check=False).returncode == 0 and \
        subprocess.run(["mount", "-o", "remount,bind,nosuid", plain], check=False).returncode == 0
    for name, before, rec in (("no_new_privs", ["setpriv", "--no-new-privs"], REC),
                              ("unshare -Ur", ["unshare", "-Ur"], REC),
                              ("a nosuid mount", [], plain + "/shellac-rec")):
        works = second_login("shla", [*before, "/bin/true"]).returncode == 0
        if not works or (rec != REC and not mounted):
            h.skip(name, "not to be had here")
            continue
        n = collector.newest()
        h.equal(second_login("shla", [*before, rec, "--probe"]).returncode, 1,
                f"{name}: the probe says no")
        login = Login([*before, rec, "--", "/bin/echo", MARK])
        h.equal(login.wait(), 125, f"{name}: a program is refused")
        h.ok(login.shown.count(b"\n") == 1 and MARK.encode() not in login.shown,
             f"{name}: with one line", bytes(login.shown))
        login = Login([*before, rec])
        login.send(f"echo {MARK}; exit 7\r")
        h.equal(login.wait(), 7, f"{name}: a login is not refused")
        h.ok(MARK.encode() + b"\r\n" in login.shown, f"{name}: it gets its shell",
             bytes(login.shown))
        h.equal(collector.newest(), n, f"{name}: and no session is half recorded")


def main():
    collector = Installed().start()
    for part in (attacks, flags, front_stopped, front_killed, outer_terminal, states, processes,
                 hard_limits, hostile_environment, hostile_names, without_rights):
        part(collector)
    h.equal(collector.stop(), 0, "the collector ends")
    h.done()


main()
