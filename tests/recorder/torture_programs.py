# SPDX-License-Identifier: ISC
"""Programs that ask much of a terminal, and other wrappers inside and outside."""
import os
import re
import shutil
import subprocess

from torture_term import Skip, check, same, until


def need(name):
    if not shutil.which(name):
        raise Skip("no " + name)


def case_vi(t):
    "vi: edits, writes, quits; screen and modes come back"
    need("vi")
    name = t.home + "/text"
    def play(term):
        term.expect("~")
        term.send("ihello\x1b")
        term.expect("hello")
        term.resize(30, 100)
        term.read_on(0.3)
        term.send(":wq\r")
        end = term.wait()
        term.as_before()
        with open(name) as f:
            text = f.read()
        os.unlink(name)
        return end, text
    same("vi", *t.both(play, ["vi", "-u", "NONE", "-n", "-i", "NONE", name]))


def case_less(t):
    "less: forward, search, quit, with its input from a pipe"
    need("less")
    def play(term):
        term.expect("1\r\n2\r\n")
        term.send(" ")
        term.expect("40")
        term.send("/777\r")
        term.expect("777")
        term.send("q")
        return term.wait()
    env = dict(t.env, LESSHISTFILE="-")
    same("less", *t.both(play, ["bash", "-c", "seq 1000 | less"], env=env))


def case_top(t):
    "top: draws, takes a key, quits; batch mode goes through"
    need("top")
    def play(term):
        term.expect("PID")
        term.send("q")
        end = term.wait()
        term.as_before()
        return end
    same("top", *t.both(play, ["top"], size=(40, 120)))
    term = t.recorded(["top", "-b", "-n", "1"], size=(40, 120))
    check(term.wait() == "exit 0" and b"PID" in term.out, "top -b")
    shutil.rmtree(t.home + "/.config", ignore_errors=True)


def case_tmux_inside(t):
    "tmux inside: typed, shown, detached; its server is a survivor"
    need("tmux")
    env = dict(t.env, TMUX_TMPDIR=t.home)
    tmux = ["tmux", "-f", "/dev/null", "-S", t.home + "/sock"]
    term = t.recorded(tmux + ["new", "sh"], env=env)
    term.expect("$ " if os.getuid() else "# ")
    term.send("echo in-$((40+2))\r")
    term.expect("in-42")
    term.resize(33, 99)
    term.read_on(0.3)
    term.send("stty size\r")
    term.expect("32 99")
    term.send("\x02d")
    term.expect("detached")
    check(term.wait() == "exit 0", "exit")
    term.as_before()
    subprocess.call(tmux + ["kill-server"], env=env)
    until(lambda: t.bury() or not t.left(), "tmux ends")
    if os.path.exists(t.home + "/sock"):
        os.unlink(t.home + "/sock")


def case_tmux_outside(t):
    "tmux outside: recorded in a pane that is resized and killed"
    need("tmux")
    tmux = ["tmux", "-f", "/dev/null", "-S", t.home + "/sock"]
    def run(*argv):
        return subprocess.run(tmux + list(argv), env=t.env, stdout=subprocess.PIPE, timeout=20).stdout
    run("new", "-d", "-x", "80", "-y", "24", " ".join(t.rec(["sh"])))
    until(lambda: re.search(b"[$#]", run("capture-pane", "-p")), "a prompt")
    run("send-keys", "echo in-$((40+2)); stty size", "Enter")
    until(lambda: b"in-42\n" in run("capture-pane", "-p"), "shown")
    check(re.search(rb"\n2[34] 80\n", run("capture-pane", "-p")), "size")
    run("kill-server")
    until(lambda: t.bury() or not t.left(), "all ends")
    if os.path.exists(t.home + "/sock"):
        os.unlink(t.home + "/sock")


def case_screen_inside(t):
    "screen inside: typed, resized, detached; outside: recorded in its window"
    need("screen")
    os.mkdir(t.home + "/sockets", 0o700)
    env = dict(t.env, SCREENDIR=t.home + "/sockets", SHELL="/bin/sh", SYSSCREENRC="/dev/null")
    screen = ["screen", "-c", "/dev/null", "-S", "torture"]
    def play(term):
        term.read_on(0.5)
        term.send("echo in-$((40+2))\r")
        term.expect("in-42")
        term.resize(33, 99)
        term.read_on(0.3)
        term.send("stty size\r")
        term.expect("33 99")
        term.send("\x01d")
        term.expect("detached")
        end = term.wait()
        term.as_before()
        subprocess.call(screen + ["-X", "quit"], env=env, stdout=subprocess.DEVNULL)
        until(lambda: t.bury() or not t.left(), "screen ends")
        return end
    same("screen inside", *t.both(play, screen + ["sh"], env=env))
    play_outside(t, screen + t.rec(["sh"]), env)
    shutil.rmtree(t.home + "/sockets")


def play_outside(t, argv, env):
    """Ends the window's program; screen ends with it."""
    term = t.bare(argv, env=env)
    term.read_on(0.5)
    term.send("echo in-$((40+2)); tty; exit\r")
    term.expect("in-42")
    check(term.wait() == "exit 0", "exit")


def case_script_inside(t):
    "script inside, and the recorder inside script"
    need("script")
    rec = " ".join(t.rec(["sh", "-c", "'read x; echo got-$x; exit 6'"]))
    for argv in (t.rec(["script", "-qec", "read x; echo got-$x; exit 6", "/dev/null"]),
                 ["script", "-qec", rec, "/dev/null"]):
        term = t.bare(argv)
        until(lambda: term.is_raw(), "started")
        term.read_on(0.5)
        term.send("w\r")
        term.expect("got-w\r\n")
        check(term.wait() == "exit 6", "exit")
        term.as_before()


def case_nested(t):
    "a recorder in a recorder in a recorder"
    argv = t.rec(t.rec(t.rec(["sh", "-c", "echo up; read x; echo got-$x; stty size; exit 11"])))
    term = t.bare(argv)
    term.expect("up")
    term.resize(44, 111)
    term.read_on(0.5)
    term.send("w\r")
    term.expect("got-w\r\n")
    term.expect("44 111\r\n")
    check(term.wait() == "exit 11", "exit")
    term.as_before()


def case_nested_login(t):
    "the login's form inside a recorded terminal just runs the shell"
    argv = t.rec([t.rec([])[0], "-d", t.dir])
    term = t.bare(argv, env=dict(t.env, SHELL="/bin/sh"))
    term.read_on(0.3)
    term.send("echo $(cat /proc/$(cat /proc/$PPID/stat | cut -d' ' -f4)/comm); exit 3\r")
    end = term.wait()
    check(end == "exit 3", end)
    term.as_before()


def case_password(t):
    "a prompt without echo, as of sudo, with what is typed flushed before it"
    def play(term):
        term.expect("Password: ")
        term.send("secret\r")
        term.expect("ok")
        end = term.wait()
        return end, bytes(term.out)
    program = "import getpass; print('ok' if getpass.getpass() == 'secret' else 'no')"
    same("getpass", *t.both(play, ["/usr/bin/python3", "-c", program]))
