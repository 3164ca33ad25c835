#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What twelve programs showed: each is recorded inside of tmux, and at every step tmux's
screen is compared with the one emulated from the recording, row by row.

Differences that are known and looked at, none of which these programs show:
- when the width changes, tmux joins and wraps the lines of its main screen anew; here they
  are cut, as in xterm (so after a new size only what was drawn anew is compared);
- when the height grows, tmux brings back lines that had scrolled off; here blank ones come;
- a backspace at the right edge: tmux stays in the last column, here as in xterm."""
import os
import shutil
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness as h  # noqa: E402
from harness import work  # noqa: E402

SCREEN_AT = os.path.join(h.BUILD, "tests/auditor/screen_at")
ROWS, COLS = 30, 100
HOME = os.path.join(work, "home")
os.mkdir(HOME)
for name in list(os.environ):
    if name.startswith(("LESS", "GIT_", "PYTHON", "MAN", "TMUX")) or name in (
            "PAGER", "EDITOR", "VISUAL", "TERM", "COLORTERM", "COLUMNS", "LINES"):
        del os.environ[name]
os.environ.update(HOME=HOME, SHELL="/bin/sh", LESSHISTFILE="-", GIT_CONFIG_NOSYSTEM="1",
                  TZ="UTC", PATH=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")

if not shutil.which("tmux"):
    h.skip_all("no tmux")

SOCKET = os.path.join(work, "tmux")


def tmux(*args):
    return subprocess.run(["tmux", "-f", "/dev/null", "-S", SOCKET, *args],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, check=False)


h.at_end(lambda: tmux("kill-server"))
collector = h.Collector(conf="acct = off\n").start()


def shown():
    """What tmux shows: its cursor and rows."""
    y, x, width = map(int, tmux("display-message", "-p", "#{cursor_y} #{cursor_x} #{pane_width}")
                      .stdout.decode().split())
    cursor = [y, min(x, width - 1)]  # tmux counts on when a line is full
    rows = tmux("capture-pane", "-p").stdout.decode("utf-8", "replace").split("\n")
    return cursor, [row.rstrip() for row in rows[:-1]]


def emulated(n):
    """The same from the recording of session n, as far as it has come."""
    path = collector.files()[n]
    try:
        found = h.frames(path)
    except (AssertionError, OSError, IndexError, struct.error):
        return None  # in the middle of being written
    stream = b""
    for f in found:
        if f.type == h.OUTPUT:
            stream += b"O%010d" % len(f.data) + f.data
        elif f.type in (h.BEGIN, h.WINDOW):
            # rows and columns stand first in WINDOW, behind the salt in BEGIN
            data = f.data if f.type == h.WINDOW else f.data[-8:]
            size = b"%d %d" % (int.from_bytes(data[0:2], "little"),
                               int.from_bytes(data[2:4], "little"))
            stream += b"W%010d" % len(size) + size
    out = subprocess.run([SCREEN_AT], input=stream, stdout=subprocess.PIPE, timeout=60,
                         check=True).stdout.decode("utf-8").split("\n")
    return list(map(int, out[0].split())), [row.rstrip() for row in out[1:-1]]


def compare(program, n, text):
    """When tmux shows text and stands still: does the recording give the same?"""
    last = {}

    def equal():
        last["tmux"] = shown()
        if not any(text in row for row in last["tmux"][1]):
            return False
        time.sleep(0.15)
        last["ours"] = emulated(n)
        return last["tmux"] == shown() and last["ours"] == last["tmux"]

    good = h.eventually(45, equal)
    what = f"{program}: {text}"
    detail = None
    if not good:
        ours, theirs = last.get("ours") or ([], []), last["tmux"]
        detail = f"cursor {ours[0]}, tmux {theirs[0]}\n" + "\n".join(
            f"{i}: {a!r}\n tmux: {b!r}" for i, (a, b) in
            enumerate(zip(ours[1] + [""] * len(theirs[1]), theirs[1])) if a != b)
    h.ok(good, what, detail)
    return good


def program(name, argv, steps, needs=None, leave=None, prepare=None):
    """argv recorded in a tmux of its own; each step is keys, and a text then shown."""
    needs = needs or argv[0]
    if not shutil.which(needs):
        h.skip(name, f"no {needs}")
        return
    if prepare:
        prepare()
    n = max(collector.files(), default=0) + 1
    # what is around the pane: a status line below, so that its rows are ROWS
    tmux("new-session", "-d", "-x", str(COLS), "-y", str(ROWS), "-s", name, "-c", HOME,
         h.REC, "-d", collector.dir, "--", *argv)
    tmux("set-option", "-t", name, "status", "off")
    h.eventually(30, lambda: n in collector.files())
    for keys, text in steps:
        if callable(keys):
            keys()
        elif keys:
            tmux("send-keys", "-t", name, *keys.split(" "))
        if not compare(name, n, text):
            break
    if leave:
        leave()
    tmux("kill-session", "-t", name)
    h.eventually(30, lambda: not collector.files()[n].endswith(".live"))


def resize(rows, cols):
    return lambda: tmux("resize-window", "-x", str(cols), "-y", str(rows))


# -- what they look at --
with open(os.path.join(HOME, "text"), "w", encoding="utf-8") as out:
    for i in range(1, 301):
        out.write(f"line {i} of a text\twith a tab, \u00e4\u00f6\u00fc, \u65e5\u672c\u8a9e"
                  f" and e\u0301 {'long ' * (i % 40)}\n")
with open(os.path.join(HOME, "code.c"), "w", encoding="utf-8") as out:
    for i in range(1, 100):
        out.write(f"/* function {i} */\nint f{i}(const char *s)\n{{\n\treturn s[{i}] == '\\n';\n}}\n\n")
FILES = os.path.join(HOME, "files")
os.mkdir(FILES)
shutil.copy(os.path.join(HOME, "code.c"), FILES)


def repository():
    subprocess.run(["git", "init", "-q", "-b", "main", "repo"], cwd=HOME, check=True,
                   stdout=subprocess.DEVNULL)
    env = {**os.environ, "GIT_AUTHOR_NAME": "A U Thor", "GIT_AUTHOR_EMAIL": "a@example.org",
           "GIT_COMMITTER_NAME": "A U Thor", "GIT_COMMITTER_EMAIL": "a@example.org"}
    for i in range(60):
        subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", f"Change number {i}"],
                       cwd=os.path.join(HOME, "repo"), check=True, env=env)


APT = os.path.join(work, "apt")
GO = os.path.join(work, "go")


def package(name):
    root = os.path.join(work, name)
    os.makedirs(os.path.join(root, "DEBIAN"))
    with open(os.path.join(root, "DEBIAN/control"), "w", encoding="utf-8") as f:
        f.write(f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: Nobody <a@b.c>\n"
                f"Description: {name}\n")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", root, f"{root}.deb"], check=True,
                   stdout=subprocess.DEVNULL)
    return f"{root}.deb"


def private_apt():
    """A root of its own for apt and dpkg, and a dpkg that waits when it has done all."""
    for folder in ("etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/trusted.gpg.d",
                   "var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/log/apt",
                   "var/lib/dpkg/info", "var/lib/dpkg/updates", "usr/bin"):
        os.makedirs(os.path.join(APT, folder))
    for file in ("etc/apt/sources.list", "var/lib/dpkg/status", "var/lib/dpkg/available"):
        with open(os.path.join(APT, file), "w", encoding="utf-8"):
            pass
    with open(os.path.join(APT, "dpkg"), "w", encoding="utf-8") as f:
        f.write(f"#!/bin/sh\n/usr/bin/dpkg \"$@\"; r=$?\n"
                f"case \" $* \" in *--unpack*|*--configure*)\n"
                f"i=0; while [ ! -e {GO} ] && [ $i -lt 600 ]; do sleep 0.1; i=$((i+1)); done;; esac\n"
                f"exit $r\n")
    os.chmod(os.path.join(APT, "dpkg"), 0o755)
    with open(os.path.join(APT, "conf"), "w", encoding="utf-8") as f:
        f.write(f'Dir "{APT}"; Dir::State::status "{APT}/var/lib/dpkg/status";\n'
                f'Dir::Bin::dpkg "{APT}/dpkg"; APT::Sandbox::User "root";\n'
                f'Dpkg::Options {{ "--root={APT}"; "--force-not-root"; "--force-bad-path"; }};\n'
                'Dpkg::Progress-Fancy "1"; Dpkg::Use-Pty "1"; APT::Color "1";\n'
                'Dpkg::Post-Invoke {}; Dpkg::Pre-Install-Pkgs {}; APT::Update::Post-Invoke {};\n')
    os.environ["APT_CONFIG"] = os.path.join(APT, "conf")
    tmux("set-environment", "-g", "APT_CONFIG", os.environ["APT_CONFIG"])


def go_on():
    with open(GO, "w", encoding="utf-8"):
        pass


program("vim", ["vim", "-u", "NONE", "-N", "code.c"], [
    ("", "function 1"),
    (":syntax Space on Enter G", "s[99]"),
    ("C-b C-b", "function"),
    (":set Space number Enter :split Space text Enter", "line 1 of a text"),
    ("20j zz dd p A Space added Escape", "added"),
    (":vsplit Enter C-w l /line Space 77 Enter", "line 77"),
    (resize(24, 90), "line 77"),
    (":only Enter :set Space nowrap Enter 30l", "line 77"),
    ("gg", "line 1 of a text"),
])
program("less", ["less", "text"], [
    ("", "line 1 of a text"),
    ("Space Space b", "line"),
    ("G", "line 300"),
    ("?line Space 150 Enter", "line 150"),
    ("k k k j", "line 150"),
    ("-S Enter Right", "text"),
])
program("top", ["top", "-d", "1000", "-w", "100"], [("", "PID"), ("c", "COMMAND"), ("V", "COMMAND")])
program("htop", ["htop", "-d", "100"], [("", "PID"), ("F2", "Setup"), ("Escape", "PID")])
program("mc", ["mc", "-u", "-c", FILES, FILES], [
    ("", "code.c"), ("F9", "File"), ("Escape Escape", "1Help"), ("Down F3", "function 1"),
    ("F10 Tab", "code.c")])
program("tmux", ["tmux", "-f", "/dev/null", "-S", os.path.join(work, "inner"), "new-session",
                 "-n", "inner", "sh -c 'seq 5; PS1=one\\> exec sh'"], [
    ("", "one>"),
    ("C-b %", "one>"),
    ("C-b \"", "one>"),
    ("seq Space 50 Enter", "50"),
    ("C-b Left", "one>"),
    ("seq Space 1 Space 2 Space 90 Enter", "89"),
], leave=lambda: subprocess.run(["tmux", "-S", os.path.join(work, "inner"), "kill-server"],
                                check=False, stdin=subprocess.DEVNULL))
program("apt", ["sh", "-c", "apt-get install -y " + " ".join(
    os.path.join(work, f"tiny-{i}.deb") for i in range(40)) + "; read x"], [
    ("", "Progress"),
    (go_on, "Setting up tiny-39"),
], needs="apt-get",
    prepare=lambda: (private_apt(), [package(f"tiny-{i}") for i in range(40)]))
program("git", ["git", "-C", "repo", "log", "--color"], [
    ("", "Change number 59"), ("Space", "Change"), ("/number Space 3$ Enter", "Change number 3")],
    prepare=repository)
program("python", ["/usr/bin/python3", "-q", "-E", "-s"], [
    ("", ">>>"),
    ("print(1+1) Enter", "2"),
    ("def Space f(): Enter Space return Space 1/0 Enter Enter f() Enter", "ZeroDivisionError"),
    ("'x'*250 Enter", "xxxx"),
    ("'a Space line Space that Space is Space longer Space than Space the Space terminal Space is"
     " Space wide, Space so Space that Space it Space must Space go Space on Space in Space the Space"
     " next' Home X End Left Left BSpace", "so that"),
], needs="/usr/bin/python3")
program("nano", ["nano", "-I", "text"], [
    ("", "line 1 of a text"), ("C-v C-v", "line"), ("inserted Enter", "inserted"),
    ("C-w line Space 200 Enter", "line 200"), ("C-k C-k C-u", "line")])
program("man", ["man", "-l", os.path.join(h.TOP, "man/shellac.1")], [
    ("", "NAME"), ("Space Space", "shellac"), ("/verify Enter n n", "verify")])
program("watch", ["watch", "-n", "1000", "-d", "seq 1 60; echo"], [("", "24"), (resize(20, 80), "17")])
h.done()
