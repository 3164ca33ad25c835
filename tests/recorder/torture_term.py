# SPDX-License-Identifier: ISC
"""A user's terminal with a login shell on it: a session leader that starts one
program in the foreground, waits, and tells how it ended.  What it tells and what
can be seen from outside is the same with and without a recorder."""
import ctypes
import fcntl
import os
import select
import signal
import socket
import struct
import termios
import time
import tty

TIOCGEXCL = 0x80045440
PATIENCE = 20                  # seconds; a loaded machine, never a measure
COMMON = [signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU]


class Fail(Exception):
    pass


class Skip(Exception):
    pass


def check(ok, text):
    if not ok:
        raise Fail(text)


def same(what, bare, rec):
    check(bare == rec, "%s: bare %.300r, recorded %.300r" % (what, bare, rec))


def died(status):
    """A wait status in words."""
    if os.WIFSIGNALED(status):
        return "signal %d" % os.WTERMSIG(status)
    return "exit %d" % os.WEXITSTATUS(status)


def become_subreaper():
    """Whatever a case leaves behind becomes our child, where it can be seen."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def reset_signals():
    """Python's own habits are not the program's."""
    for sig in COMMON + [signal.SIGPIPE, signal.SIGXFSZ, signal.SIGHUP, signal.SIGTERM]:
        signal.signal(sig, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def children(pid):
    found = []
    try:
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, task)) as f:
                found += [int(x) for x in f.read().split()]
    except OSError:
        pass
    return found


def descendants(pid):
    found = children(pid)
    for p in found:
        found += children(p)
    return found


def comm(pid):
    try:
        with open("/proc/%d/comm" % pid) as f:
            return f.read().strip()
    except OSError:
        return ""


def cpu_ticks(pid):
    with open("/proc/%d/stat" % pid) as f:
        field = f.read().rsplit(")", 1)[1].split()
    return int(field[11]) + int(field[12])


def until(test, what, patience=PATIENCE):
    end = time.monotonic() + patience
    while not test():
        check(time.monotonic() < end, "in vain: " + what)
        time.sleep(0.02)


def run_leader(ctl, slave, argv, env, cwd, before):
    """The login shell.  Tells "pid N", "end STATUS", "stop SIGNAL"; is told "go" (on
    in the foreground), "line" (read the terminal), "quit"."""
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    reset_signals()
    pid = os.fork()
    if pid == 0:
        ctl.close()
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.tcsetpgrp(slave, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        for fd in range(3):
            os.dup2(slave, fd)
        os.closerange(3, 256)
        if cwd:
            os.chdir(cwd)
        if before:
            before()
        try:
            os.execvpe(argv[0], argv, env)
        finally:
            os._exit(99)
    for sig in COMMON:
        signal.signal(sig, signal.SIG_IGN)
    ctl.send(b"pid %d" % pid)
    watch(ctl, slave, pid)


def watch(ctl, slave, pid):
    while True:
        _, status = os.waitpid(pid, os.WUNTRACED)
        os.tcsetpgrp(slave, os.getpgrp())
        if os.WIFSTOPPED(status):
            ctl.send(b"stop %d" % os.WSTOPSIG(status))
        else:
            ctl.send(b"end %d" % status)
        while True:
            word = ctl.recv(100)
            if word == b"line":
                ctl.send(b"line " + os.read(slave, 4096))
            elif word == b"go":
                os.tcsetpgrp(slave, pid)
                os.killpg(pid, signal.SIGCONT)
                break
            else:
                os._exit(0)


class Term:
    def __init__(self, argv, env, cwd=None, before=None, size=(24, 80), modes=None, early=b""):
        self.out = bytearray()
        self.pos = 0
        self.said = []
        self.master, self.slave = os.openpty()
        os.set_blocking(self.master, False)
        self.resize(*size)
        if modes:
            modes(self.slave)
        self.start_modes = self.modes()
        os.write(self.master, early)
        self.ctl, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.leader = os.fork()
        if self.leader == 0:
            try:
                os.close(self.master)
                self.ctl.close()
                run_leader(theirs, self.slave, argv, env, cwd, before)
            finally:
                os._exit(98)
        theirs.close()
        self.pid = int(self.hear("pid"))

    # what the leader says
    def hear(self, word, patience=PATIENCE):
        end = time.monotonic() + patience
        while True:
            for i, s in enumerate(self.said):
                if s.startswith(word.encode() + b" "):
                    del self.said[i]
                    return s[len(word) + 1:]
            check(time.monotonic() < end,
                  "in vain: leader's word %s; shown: %.300r" % (word, bytes(self.out[-300:])))
            self.pump(0.1)

    def pump(self, seconds):
        """Reads for at most so long, less if something came."""
        fds = [self.ctl] + ([self.master] if self.master >= 0 else [])
        ready = select.select(fds, [], [], seconds)[0]
        if self.ctl in ready:
            s = self.ctl.recv(8192)
            check(s, "the session leader died")
            self.said.append(s)
        if self.master in ready:
            try:
                self.out += os.read(self.master, 65536)
            except OSError:
                time.sleep(0.01)
        return bool(ready)

    def read_on(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pump(max(0, end - time.monotonic()))

    def expect(self, text, patience=PATIENCE):
        text = text.encode() if isinstance(text, str) else text
        end = time.monotonic() + patience
        while True:
            at = self.out.find(text, self.pos)
            if at >= 0:
                self.pos = at + len(text)
                return
            check(time.monotonic() < end,
                  "never shown: %.100r; shown: %.300r" % (text, bytes(self.out[self.pos:][-300:])))
            self.pump(0.1)

    def send(self, data, patience=PATIENCE):
        data = data.encode() if isinstance(data, str) else data
        end = time.monotonic() + patience
        sent = 0
        while sent < len(data):
            check(time.monotonic() < end, "the terminal takes no input")
            select.select([self.master], [self.master], [], 0.1)
            try:
                sent += os.write(self.master, data[sent:sent + 1024])
            except BlockingIOError:
                pass
            self.pump(0)

    def wait(self, patience=PATIENCE, quiet=0.1):
        """How the program ended; all it wrote has been read then."""
        status = int(self.hear("end", patience))
        while self.pump(quiet):
            pass
        return died(status)

    def typed_line(self, patience=PATIENCE):
        """What the login shell reads next from the terminal."""
        self.ctl.send(b"line")
        return self.hear("line", patience)

    def resize(self, rows, cols):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def modes(self):
        """All that tcsetattr(3) sets, and whether the terminal is exclusive."""
        attr = termios.tcgetattr(self.slave)
        buf = bytearray(4)
        fcntl.ioctl(self.slave, TIOCGEXCL, buf)
        return attr, struct.unpack("i", buf)[0] != 0

    def as_before(self):
        check(self.modes() == self.start_modes,
              "modes before %r, after %r" % (self.start_modes, self.modes()))

    def is_raw(self):
        return not self.modes()[0][3] & termios.ICANON

    def keeper(self):
        """The front's only child."""
        until(lambda: children(self.pid), "the front has a child")
        return children(self.pid)[0]

    def program(self):
        """The keeper's first child."""
        until(lambda: children(self.keeper()), "the keeper has a child")
        return children(self.keeper())[0]

    def vanish(self):
        """The user closes the window, or the network is gone."""
        os.close(self.master)
        os.close(self.slave)
        self.master = self.slave = -1

    def close(self):
        for fd in (self.master, self.slave):
            if fd >= 0:
                os.close(fd)
        self.ctl.close()
        try:
            os.kill(self.leader, signal.SIGKILL)
            os.waitpid(self.leader, 0)
        except OSError:
            pass


def raw(fd):
    tty.setraw(fd, termios.TCSANOW)
