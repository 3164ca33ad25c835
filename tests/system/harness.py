# SPDX-License-Identifier: ISC
"""What the Python tests share: TAP, a private collector, a terminal whose user
they play, and the frames of a session file as shellac-format(5) has them.

Everything that a test starts is ended by its process id when the test ends."""
import atexit
import fcntl
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.environ.get("top_srcdir", os.path.dirname(os.path.dirname(HERE)))
BUILD = os.environ.get("top_builddir", os.path.join(TOP, "build"))
REC = os.path.join(BUILD, "recorder/shellac-rec")
SHELLACD = os.path.join(BUILD, "collector/shellacd")
SHELLAC = os.path.join(BUILD, "auditor/shellac")
PYTHON = "/usr/bin/python3"

os.environ["LC_ALL"] = "C.UTF-8"
os.environ.pop("SHELLAC_DIR", None)
sys.stdout.reconfigure(line_buffering=True)

work = tempfile.mkdtemp(prefix="shlt.", dir="/tmp")
os.environ["XDG_CACHE_HOME"] = os.path.join(work, "cache")
_main_pid = os.getpid()
_started = []


def _finish():
    if os.getpid() != _main_pid:
        return
    for stop in reversed(_started):
        stop()
    if not os.environ.get("SHELLAC_TEST_KEEP"):
        shutil.rmtree(work, ignore_errors=True)


atexit.register(_finish)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def at_end(stop):
    """Calls it when the test ends, whatever ends it."""
    _started.append(stop)


# -- TAP --

_tap = {"n": 0, "bad": 0}


def ok(good, name, detail=None):
    _tap["n"] += 1
    _tap["bad"] += 0 if good else 1
    print(f"{'ok' if good else 'not ok'} {_tap['n']} - {name}")
    if not good and detail is not None:
        note(detail)
    return bool(good)


def equal(got, wanted, name):
    return ok(got == wanted, name, f"wanted {wanted!r:.600}\ngot    {got!r:.600}")


def same_bytes(got, wanted, name):
    where = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b),
                 min(len(got), len(wanted)))
    return ok(got == wanted, name,
              f"lengths {len(got)} {len(wanted)}, first difference at {where}:\n"
              f"got    {got[where - 20:where + 40]!r}\nwanted {wanted[where - 20:where + 40]!r}")


def note(text):
    for line in str(text).splitlines():
        print("#", line)


def skip(name, why):
    _tap["n"] += 1
    print(f"ok {_tap['n']} - {name} # SKIP {why}")


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def done():
    print(f"1..{_tap['n']}")
    sys.exit(1 if _tap["bad"] else 0)


def eventually(seconds, condition):
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result or time.monotonic() > end:
            return result
        time.sleep(0.03)


def sanitized():
    """Are the programs built with a sanitizer?  Such ones bear no preloaded object."""
    with open(REC, "rb") as f:
        return b"__asan_init" in f.read()


# -- programs --

def own_pid_namespace():
    """Goes on in a pid namespace of its own, so that accounting is the test's own."""
    if os.environ.get("SHELLAC_TEST_NAMESPACE"):
        return
    if os.geteuid() != 0:
        skip_all("accounting needs root")
    unshare = ["unshare", "-pf", "--kill-child", "--mount-proc"]
    if subprocess.run(unshare + ["true"], stderr=subprocess.DEVNULL).returncode:
        skip_all("no pid namespace to be had")
    os.environ["SHELLAC_TEST_NAMESPACE"] = "1"
    os.rmdir(work)
    os.execvp("unshare", unshare + [PYTHON] + sys.argv)


def with_machine_acct():
    """Goes on as the only test here that owns the machine's accounting."""
    if os.geteuid() != 0:
        skip_all("accounting needs root")
    # pylint: disable=consider-using-with
    os.makedirs("/run/lock", exist_ok=True)
    lock = open("/run/lock/shellac-acct", "w", encoding="utf-8")
    fcntl.flock(lock, fcntl.LOCK_EX)
    at_end(lock.close)
    _own["acct"] = True


_own = {"acct": False}
INITIAL = "pid:[4026531836]"  # the kernel's PROC_PID_INIT_INO


def accounting_of(conf):
    """The configuration with accounting turned off, where it is the whole machine's and not
    this test's, and nothing is said of it."""
    if _own["acct"] or os.readlink("/proc/self/ns/pid") != INITIAL or "acct" in (conf or ""):
        return conf
    return "acct = off\n" + (conf or "")


class Collector:
    def __init__(self, folder=None, conf=None, env=None):
        self.dir = folder or os.path.join(work, "d")
        self.env = env
        self.proc = None
        self.log = os.path.join(work, os.path.basename(self.dir) + ".log")
        os.makedirs(self.dir, mode=0o700, exist_ok=True)
        path = os.path.join(self.dir, "shellac.conf")
        if conf is not None or not os.path.exists(path):
            conf = accounting_of(conf)
        if conf is not None:
            with open(path, "w", encoding="utf-8") as f:
                f.write(conf)
        _started.append(self._end)

    def launch(self, env=None):
        with open(self.log, "ab") as log:
            self.proc = subprocess.Popen([SHELLACD, "-d", self.dir, "-n"],
                                         stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                         env={**os.environ, **(env or self.env or {})})

    def ready(self):
        return subprocess.run([SHELLAC, "-d", self.dir, "status"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode in (0, 1)

    def start(self, env=None):
        self.launch(env)
        if not eventually(30, lambda: self.proc.poll() is not None or self.ready()) \
           or self.proc.poll() is not None:
            note(self.text())
            print("Bail out! the collector does not start")
            sys.exit(1)
        return self

    def kill(self):
        self.proc.kill()
        self.proc.wait()

    def stop(self):
        """SIGTERM; its exit status."""
        self.proc.terminate()
        try:
            return self.proc.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def _end(self):
        if self.proc and self.proc.poll() is None:
            self.kill()

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def memory(self):
        """Resident bytes, now and at most."""
        with open(f"/proc/{self.proc.pid}/status", encoding="utf-8") as f:
            v = {k: int(r.split()[0]) * 1024 for k, r in
                 (line.split(":", 1) for line in f if line.startswith(("VmRSS", "VmHWM")))}
        return v["VmRSS"], v["VmHWM"]

    def auditor(self, *args):
        return subprocess.run([SHELLAC, "-d", self.dir, *args], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300,
                              check=False)

    def objects(self, *args):
        """The JSON lines that a subcommand prints."""
        out = self.auditor(*args, "--json").stdout.decode("utf-8")
        return [json.loads(line) for line in out.splitlines()]

    def raw(self, which="last"):
        return self.auditor("cat", "--raw", str(which)).stdout

    def files(self):
        """Session files, by number."""
        found = {}
        for folder, _, names in os.walk(os.path.join(self.dir, "store/session")):
            for name in names:
                if name[0].isdigit() and ".shlc" in name:
                    found[int(name.split("-")[0])] = os.path.join(folder, name)
        return dict(sorted(found.items()))

    def closed(self, n, seconds=20):
        """The file of session n, as soon as it is live no more."""
        return eventually(seconds, lambda: (lambda f: f if f and not f.endswith(".live") else None)
                          (self.files().get(n)))


class Terminal:
    """A pty with a program on it; this is its user."""

    def __init__(self, argv, rows=24, cols=80, env=None):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
                os.execvpe(argv[0], argv, {**os.environ, "TERM": "xterm", **(env or {})})
            finally:
                os._exit(127)
        self.shown = bytearray()
        self.seen = 0
        self.status = None
        self.lock = threading.Lock()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        _started.append(self._end)

    def _read(self):
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            if not data:
                return
            with self.lock:
                self.shown += data

    def _end(self):
        if self.status is None and os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def send(self, data):
        if isinstance(data, str):
            data = data.encode()
        while data:
            data = data[os.write(self.master, data[:1024]):]

    def wait_for(self, text, seconds=30):
        """Until text, or what a compiled pattern matches, is shown behind what the
        last call found."""
        text = text.encode() if isinstance(text, str) else text
        pattern = re.compile(re.escape(text)) if isinstance(text, bytes) else text

        def look():
            with self.lock:
                match = pattern.search(self.shown, self.seen)
                if match:
                    self.seen = match.end()
            return match is not None

        if not eventually(seconds, look):
            note(f"waited in vain for {text!r}; shown: {bytes(self.shown[-400:])!r}")
            return False
        return True

    def resize(self, rows, cols):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def modes(self):
        return termios.tcgetattr(self.master)[:4]

    def running(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        return self.status is None

    def wait(self, seconds=60):
        """Exit status, or -n for signal n; None when it does not end."""
        if not eventually(seconds, lambda: not self.running()):
            return None
        quiet = {"n": -1}

        def still():  # output may come behind the end
            before, quiet["n"] = quiet["n"], len(self.shown)
            time.sleep(0.1)
            return not self.reader.is_alive() or before == len(self.shown)

        eventually(10, still)
        return os.waitstatus_to_exitcode(self.status)


def record(collector, argv, **kw):
    """A recorded program on a terminal of its own."""
    return Terminal([REC, "-d", collector.dir, "--", *argv], **kw)


# -- session files --

CERT, SEAL, BEGIN, OUTPUT, INPUT, HIDDEN, WINDOW, SIGNAL, MARK, META = \
    1, 2, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


class Frame:
    """number, type, body, raw, offset; for events time (ns in the session) and data,
    the body behind dt (INPUT: behind age; HIDDEN: n)."""

    def __init__(self, stream, offset, clock):
        self.offset = offset
        magic, self.type, length, self.number = struct.unpack_from("<BBHQ", stream, offset)
        assert magic == 0xf5
        self.raw = stream[offset:offset + 12 + length]
        self.body = self.raw[12:]
        assert len(self.body) == length
        self.time = clock
        if self.type >= BEGIN:
            dt, at = varint(self.body, 0)
            self.time += dt
            if self.type in (INPUT, HIDDEN):
                self.age, at = varint(self.body, at)
            self.data = varint(self.body, at)[0] if self.type == HIDDEN else self.body[at:]


def frames(path):
    with open(path, "rb") as f:
        stream = f.read()
    offset = clock = 0
    found = []
    while offset < len(stream):
        frame = Frame(stream, offset, clock)
        found.append(frame)
        offset, clock = offset + len(frame.raw), frame.time
    return found


def events(path, kind):
    return [f for f in frames(path) if f.type == kind]


def typed(found):
    """What INPUT frames hold, in the order in which it was typed: what waited for its
    echo may stand behind what came later."""
    keys = [f for f in found if f.type == INPUT]
    return b"".join(f.data for f in sorted(keys, key=lambda f: f.time - f.age))


def chunks(path):
    """CERT's bytes and the bytes of each chunk."""
    found, chunk = [], b""
    for f in frames(path):
        if f.type == CERT:
            found.append(f.raw)
            continue
        chunk += f.raw
        if f.type == SEAL:
            found.append(chunk)
            chunk = b""
    return found[0], found[1:]
