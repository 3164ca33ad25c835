#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Who is not recorded is found, once, with user, terminal and how it came in, and who is
recorded is not called so: over a real sshd, with the kernel's process events."""
import datetime
import os
import re
import shutil
import signal
import subprocess
import time

import coverage_world as cw
import harness as h
import ways_in_world as world

PROMPT = re.compile(rb"[$%>#] ")
SOON = 15  # seconds, on a machine that is busy
PTY = ("import os, pty, time\n"
       "pid, fd = pty.fork()\n"
       "if pid == 0: os.execv('/bin/sh', ['sh', '-c', 'sleep 2; :'])\n"
       "while True:\n"
       "    try:\n"
       "        if not os.read(fd, 99): break\n"
       "    except OSError: break\n"
       "os.waitpid(pid, 0)\n")


NO_EXEC = ("import os, pty, time\n"
           "pid, fd = pty.fork()\n"
           "while True: time.sleep(60)\n")


def seconds(date):
    return datetime.datetime.fromisoformat(date[:26] + "+00:00").timestamp()


def ended(host, user, count=1):
    """The rows of a user, when there are so many and all are over."""
    def are():
        rows = host.rows(user)
        return rows if len(rows) >= count and not any(r["live"] for r in rows) else None
    return h.eventually(SOON, are) or host.rows(user)


def one(rows, name, **wanted):
    """Exactly one row, and what it says."""
    if not h.ok(len(rows) == 1, f"{name}: one row", rows):
        return None
    got = {k: rows[0][k] for k in wanted}
    h.equal(got, wanted, f"{name}: {', '.join(wanted.values())}" if wanted else name)
    return rows[0]


def on_terminal(row, name):
    if row is not None:
        h.ok(re.fullmatch(r"pts/\d+", row["tty"] or ""), f"{name}: its terminal", row["tty"])


def command(host, port):
    """ssh host cmd, and how soon and where it is said."""
    host.user("cva", "/bin/bash")
    login = cw.Login("cva", port)
    running = subprocess.Popen([*login.argv, "sleep 4; :"], stdin=subprocess.DEVNULL)
    said = h.eventually(SOON, lambda: host.lines("cva"))
    h.ok(said and "tty=- user=cva " in said[0] and " origin=sshd " in said[0],
         "ssh host command: on the log while it runs", said)
    row = one(host.rows("cva"), "ssh host command", kind="unrecorded", user="cva", origin="sshd")
    h.ok(row and row["live"] and row["tty"] is None and row["end"] is None,
         "ssh host command: it goes on, without a terminal", row)
    yield
    running.wait(60)
    row = one(ended(host, "cva"), "ssh host command, after its end")
    h.ok(row and row["end"] and row["processes"] >= 2, "ssh host command: how long, how many", row)
    entries = world.run([host.shellac, "ledger", "--json"]).stdout.decode().splitlines()
    leaf = [e for e in map(cw.json.loads, entries) if row and e["index"] == row["ledger"]]
    h.ok(len(leaf) == 1 and leaf[0]["type"] == "UNRECORDED" and
         str(leaf[0]["pid"]) == row["life"].split(":")[1], "and it is in the ledger", leaf)
    if leaf:
        late = seconds(leaf[0]["time"]) - seconds(row["start"])
        h.ok(1 < late < 6, "soon after its first program", late)
    for _ in range(2):
        login.command("true")
    h.equal(len(ended(host, "cva", 3)), 3, "commands that last no time: each a row")


def no_profile(host, port):
    host.user("cvb", "/bin/bash")
    t = cw.Login("cvb", port).terminal("bash --noprofile --norc")
    t.wait_for(PROMPT)
    t.send("ls -d /; exit\r")
    t.wait()
    yield
    row = one(ended(host, "cvb"), "ssh -t host bash --noprofile", kind="unrecorded", user="cvb",
              origin="sshd", command="bash")
    on_terminal(row, "ssh -t host bash --noprofile")
    h.ok(row and row["processes"] >= 2, "and its processes", row)


def sftp(host, port, inside):
    ways = (("sftp-server", port, "cvc"), ("internal-sftp", inside, "cvd"))
    for name, at, user in ways:
        host.user(user, "/bin/bash")
        done = cw.Login(user, at).sftp("pwd\n")
        h.equal((done.returncode, done.stderr), (0, b""), f"{name} works")
    yield
    for name, _, user in ways:
        one(ended(host, user), name, kind="unrecorded", user=user, origin="sshd")


def cron(host):
    host.user("cve", "/bin/bash")
    world.write("/var/spool/cron/crontabs/cve",
                "@reboot script -qc 'sleep 3; :' /dev/null >/dev/null 2>&1 </dev/null\n", 0o600)
    world.shutil.chown("/var/spool/cron/crontabs/cve", "cve", "crontab")
    host.daemon(["cron", "-f"])
    yield
    row = one(ended(host, "cve"), "a shell from cron with a pty", kind="unrecorded", user="cve",
              origin="cron")
    on_terminal(row, "a shell from cron")


def switch_user(host, port):
    """su -s from a terminal that nobody records: part of its row."""
    host.user("cvf", "/bin/bash")
    host.user("cvg", f"{host.bin}/shellac-bash")
    world.must(["chpasswd"], stdin=None, input=b"cvg:word\n")
    t = cw.Login("cvf", port).terminal("su -s /bin/dash cvg -c 'id -un; sleep 2; :'")
    t.wait_for("assword")
    time.sleep(0.5)  # until su has the echo off, and what was typed before is gone
    t.send("word\r")
    h.ok(t.wait_for("cvg\r\n"), "su -s gives a shell that is none of the recorder's")
    t.wait()
    yield
    row = one(ended(host, "cvf"), "su -s", kind="unrecorded", user="cvf", origin="sshd")
    on_terminal(row, "su -s")


def fresh_pty(host, port):
    host.user("cvh", "/bin/bash")
    world.write("/home/cvh/fresh.py", PTY)
    cw.Login("cvh", port).command(f"setsid -w {h.PYTHON} fresh.py")
    yield
    rows = ended(host, "cvh", 2)
    h.equal(sorted((r["tty"] is not None, r["user"], r["origin"], r["kind"]) for r in rows),
            [(False, "cvh", "sshd", "unrecorded"), (True, "cvh", "sshd", "unrecorded")],
            "setsid with a fresh pty: the login, and the terminal")


def without_a_program(host, port):
    """A process on a fresh pty that runs none: no event says so, a look does."""
    host.user("cvo", "/bin/bash")
    world.write("/home/cvo/fresh.py", NO_EXEC)
    running = subprocess.Popen([*cw.Login("cvo", port).argv, f"exec {h.PYTHON} fresh.py"],
                               stdin=subprocess.DEVNULL)
    yield
    rows = h.eventually(60, lambda: [r for r in host.rows("cvo") if r["tty"]])
    one(rows or [], "a process on a fresh pty without exec", kind="unrecorded", user="cvo")
    running.kill()
    running.wait()


def changed_shell(host, port):
    """A shell that reads no profile, as chsh may give."""
    host.user("cvi", "/bin/bash")
    world.must(["usermod", "-s", h.PYTHON, "cvi"])
    t = cw.Login("cvi", port).terminal()
    t.wait_for(b">>> ")
    t.send("exit()\r")
    t.wait()
    yield
    row = one(ended(host, "cvi"), "chsh to what reads no profile", kind="unrecorded", user="cvi",
              origin="sshd", command="python3")
    on_terminal(row, "chsh")


def killed_by_a_limit(host, port):
    """The keeper ends by a limit; the shell that started the recorder goes on."""
    host.user("cvj", "/bin/bash")
    t = cw.Login("cvj", port).terminal("bash --noprofile --norc")
    t.wait_for(PROMPT)
    h.ok(h.eventually(SOON, lambda: host.rows("cvj")), "a shell without a recorder")
    t.send(f"{host.bin}/shellac-rec -- sh\r")
    h.eventually(SOON, lambda: host.sessions("cvj"))
    t.wait_for(PROMPT)
    keeper = [p for p in os.listdir("/proc") if p.isdigit() and is_keeper(p, host, "cvj")]
    h.equal(len(keeper), 1, "a keeper")
    for pid in keeper:
        os.kill(int(pid), signal.SIGKILL)  # as the kernel does at a hard limit
    h.ok(h.eventually(SOON, lambda: [s for s in host.sessions("cvj") if s["status"] == "CUT"]),
         "is killed by a limit, the session is CUT", host.sessions("cvj"))
    t.send("\rsleep 3; echo going on\r")
    h.ok(t.wait_for("going on\r\n"), "the shell above it goes on")
    h.ok(h.eventually(SOON, lambda: host.rows("cvj")[1:]), "and is a row again", host.rows("cvj"))
    t.send("exit\r")
    t.wait()
    yield
    rows = ended(host, "cvj", 2)
    h.equal([(r["kind"] in ("unrecorded", "lead-in"), r["user"]) for r in rows],
            [(True, "cvj")] * 2, "one row before, one after")
    kinds = [r["kind"] for r in host.rows("cvj", "unrecorded", "session")]
    h.ok("session" in kinds and kinds[-1] == "unrecorded", "around the recorded session", kinds)


def stopped_front(host, port):
    """What is on the terminal when a session has ended is its recorder's front, stopped: that
    runs nothing, and nobody else can open the terminal."""
    host.user("cvr", f"{host.bin}/shellac-bash")
    t = cw.Login("cvr", port).terminal()
    t.wait_for(PROMPT)
    keeper = [p for p in os.listdir("/proc") if p.isdigit() and is_keeper(p, host, "cvr")]
    h.equal(len(keeper), 1, "a keeper")
    front = int(real_parent(keeper[0]))
    outer = os.readlink(f"/proc/{front}/fd/0")
    t.send("(setsid sh -c 'until [ -e ~/go ]; do sleep 0.1; done; "
           f"echo unseen$((1+1)) >{outer}' &)\r")
    t.wait_for("&)")
    os.kill(front, signal.SIGSTOP)
    t.send("exit\r")
    h.ok(h.eventually(SOON, lambda: [s for s in host.sessions("cvr") if s["end"]]),
         "a session ends whose front is stopped", host.sessions("cvr"))
    world.write("/home/cvr/go", "")
    h.ok(not t.wait_for("unseen2", 3), "who was left cannot open its terminal", bytes(t.shown))
    h.equal(host.rows("cvr"), [], "it is not called unrecorded")
    os.kill(front, signal.SIGCONT)
    t.wait()
    yield
    h.equal(host.rows("cvr"), [], "nor is it when it has ended")


def false_front(host, port):
    """A user's own program in a process of the recorder's file, which they traced when it
    began, makes itself the parent of a real recorder's keeper, whose front they killed."""
    if h.sanitized():
        h.skip("a false front", "sanitizers and preloaded objects do not go together")
        return
    host.user("cvt", "/bin/bash")
    front = shutil.copy(os.path.join(h.HERE, "false_front.py"), "/home/cvt")
    shim = shutil.copy(os.path.join(h.BUILD, "tests/system/shim_front.so"), "/home/cvt")
    t = cw.Login("cvt", port).terminal(
        f"exec {h.PYTHON} {front} {host.bin}/shellac-rec {shim}")
    time.sleep(0.5)
    host.shellacd.send_signal(signal.SIGSTOP)  # who is quick enough needs no such help
    time.sleep(2)
    host.shellacd.send_signal(signal.SIGCONT)
    h.ok(h.eventually(SOON, lambda: [s for s in host.sessions("cvt") if s["end"]]),
         "a session ends whose front the user killed", bytes(t.shown))
    rows = h.eventually(SOON, lambda: [r for r in host.rows("cvt", "unrecorded") if r["live"]])
    h.ok(rows, "who is left there is called unrecorded", host.rows("cvt"))
    os.kill(t.pid, signal.SIGKILL)
    t.wait()
    yield
    ended(host, "cvt")


def is_keeper(pid, host, user):
    """A recorder whose parent is one, and that one a child of the user's shell."""
    try:
        exe = os.readlink(f"/proc/{pid}/exe")
        with open(f"/proc/{pid}/stat", encoding="latin-1") as f:
            parent = f.read().rsplit(")", 1)[1].split()[1]
        return exe == f"{host.bin}/shellac-rec" == os.readlink(f"/proc/{parent}/exe") and \
            os.stat(f"/proc/{real_parent(parent)}").st_uid == host.uids[user]
    except OSError:
        return False


def real_parent(pid):
    with open(f"/proc/{pid}/stat", encoding="latin-1") as f:
        return f.read().rsplit(")", 1)[1].split()[1]


def multiplexer(host):
    """A server from before there was a collector, whose panes nobody records."""
    host.user("cvk", "/bin/bash")
    world.must(["runuser", "-u", "cvk", "--", "env", "-i", "TERM=xterm", "PATH=/usr/bin:/bin",
                "tmux", "-S", "/home/cvk/tmux", "new-session", "-d", "bash --noprofile --norc"])


def multiplexer_is_found(host, port):
    rows = h.eventually(SOON, lambda: host.rows("cvk")) or []
    row = one(rows, "a multiplexer from before", kind="unrecorded", user="cvk",
              origin="multiplexer", command="bash")
    on_terminal(row, "a multiplexer from before")
    host.end_collector()
    host.user("cvp", f"{host.bin}/shellac-bash")
    away = cw.Login("cvp", port).terminal()
    away.wait_for(PROMPT)
    host.collector()
    time.sleep(4)  # a row that is said again would be by now
    again = host.rows("cvk")
    h.ok(len(again) == 1 and again[0]["live"] and len(host.lines("cvk")) == 1,
         "which the next collector does not say again", (again, host.lines("cvk")))
    world.must(["runuser", "-u", "cvk", "--", "tmux", "-S", "/home/cvk/tmux", "kill-server"])
    one(ended(host, "cvk"), "and which ends", kind="unrecorded")
    h.ok(host.sessions("cvp") and not host.rows("cvp"),
         "nor does it say what a recorder kept meanwhile", host.rows("cvp"))
    away.send("exit\r")
    away.wait()


def crowd(host, port):
    """More terminals than lines of one user that the log takes in 10 s, and one of another's."""
    host.user("cvq", "/bin/bash")
    many = [h.Terminal(["/bin/sleep", "3"]) for _ in range(60)]
    h.ok(h.eventually(SOON, lambda: host.log().count(" user=root ") >= 50), "a crowd is said")
    cw.Login("cvq", port).command("true")
    h.ok(h.eventually(SOON, lambda: host.lines("cvq")), "and hides nobody in the log")
    for t in many:
        t.wait()


def recorded(host, port):
    """Logins that are recorded, through each snippet and as login shell: no row."""
    terminals = {}
    for shell in world.SHELLS:
        for name, path in ((f"cvs{shell}", "/usr/bin/fish" if shell == "fish" else f"/bin/{shell}"),
                           (f"cvl{shell}", f"{host.bin}/shellac-{shell}")):
            host.user(name, path)
            terminals[name] = cw.Login(name, port).terminal()
    for t in terminals.values():
        t.wait_for(PROMPT)
        t.send("exit\r")
        t.wait()
    users = [*terminals, "cvm"]
    host.user("cvm", f"{host.bin}/shellac-bash")
    cw.Login("cvm", port).command("true")
    h.ok(h.eventually(SOON, lambda: all(host.sessions(u) for u in users)), "logins are recorded",
         [u for u in users if not host.sessions(u)])
    yield
    time.sleep(3)  # a false row would be said by now
    h.equal({u: host.rows(u) for u in users if host.rows(u)}, {}, "and none is called unrecorded")


def slow_profile(host, port):
    """Said, then taken back."""
    host.user("cvn", "/bin/bash")
    world.write("/etc/profile.d/0.sh", "[ \"$(id -un)\" != cvn ] || sleep 4\n")
    t = cw.Login("cvn", port).terminal()
    t.wait_for(PROMPT, 60)
    t.send("exit\r")
    t.wait()
    yield
    rows = h.eventually(SOON, lambda: host.rows("cvn", "lead-in"))
    h.ok(len(rows) == 1 and rows[0]["session"] == host.sessions("cvn")[-1]["n"] and
         host.rows("cvn") == rows, "a profile of 4 s: taken back as its lead-in, nothing after",
         host.rows("cvn"))


def summary(host):
    """What a person reads."""
    p = world.run([host.shellac, "coverage", "--since", "1 hour ago"])
    text = p.stdout.decode()
    h.equal(p.returncode, 1, "something was not recorded: 1")
    h.ok(re.search(r"^\d+ sessions recorded, \d+ terminals or logins NOT RECORDED: ", text, re.M) and
         re.search(r"^NONE +cvb +pts/\d+ +sshd ", text, re.M) and
         "\nseen by: process events\n" in text, "the table", text)
    status, rows = host.coverage("--until", "2 days ago")
    h.equal((status, [r["kind"] for r in rows]), (0, ["summary"]), "nothing two days ago: 0")
    h.equal(world.run([host.shellac, "coverage", "--since", "someday"]).returncode, 2,
            "no date: 2")
    live = host.coverage("--live")[1]
    h.ok(all(r["live"] for r in live[:-1]), "--live: only what goes on", live)
    copy = "/run/test/copy"
    world.must(["cp", "-a", os.path.join(host.at["localstatedir"], "lib/shellac"), copy])
    p = world.run([host.shellac, "-S", copy, "coverage", "--json"])
    kinds = [cw.json.loads(line) for line in p.stdout.splitlines()]
    ours = [r for r in kinds if r.get("uid") == host.uids["cvb"]]
    h.ok(p.returncode == 1 and len(ours) == 1, "a copy says the same", ours)


def main():
    cw.need(*world.PROGRAMS, "tmux", "script")
    cw.own_mounts()
    host = cw.Host("acct = off\n")
    multiplexer(host)
    host.collector()
    events = host.status().get("events", {})
    if events.get("state") != "on":
        h.skip_all(f"no process events here: {events.get('reason')}")
    port = host.sshd("Subsystem=sftp /usr/lib/openssh/sftp-server", "MaxStartups=50")
    inside = host.sshd("Subsystem=sftp internal-sftp")
    multiplexer_is_found(host, port)
    crowd(host, port)
    long_one = without_a_program(host, port)
    next(long_one)
    parts = [command(host, port), no_profile(host, port), sftp(host, port, inside), cron(host),
             switch_user(host, port), fresh_pty(host, port), changed_shell(host, port),
             killed_by_a_limit(host, port), slow_profile(host, port),
             stopped_front(host, port), false_front(host, port),
             recorded(host, port)]
    for part in parts * 2:  # each is begun, and then, when all rows are said, looked at
        next(part, None)
    summary(host)
    next(long_one, None)
    h.done()


main()
