# SPDX-License-Identifier: ISC
"""What the program is given: as if nobody stood between."""
import os
import resource
import signal

from torture_term import Skip, check, same, until

PROBE = """
import os, signal, sys
print(sorted(os.environb.items()))
print("umask %o nice %d cwd %s" % (os.umask(0), os.nice(0), os.getcwd()))
for line in open("/proc/self/status"):
    if line.startswith(("Sig", "ShdPnd", "NoNewPrivs", "Seccomp", "Groups", "Uid", "Gid", "Cap")):
        print(line.split())
print(open("/proc/self/limits").read())
print(open("/proc/self/oom_score_adj").read(), open("/proc/self/timerslack_ns").read()
      if os.access("/proc/self/timerslack_ns", os.R_OK) else "")
print(os.getpgrp() == os.tcgetpgrp(0))
"""
PYTHON = ["/usr/bin/python3", "-S", "-I", "-c"]


def shown(t, argv, **how):
    """Output and end, bare and recorded."""
    def play(term):
        end = term.wait()
        return end, bytes(term.out)
    return t.both(play, argv, **how)


def odd_process():
    os.umask(0o137)
    os.nice(3)
    for sig in (signal.SIGUSR1, signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD, signal.SIGINT,
                signal.SIGTTOU, signal.SIGWINCH, 35):
        signal.signal(sig, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGTERM, signal.SIGALRM,
                                              signal.SIGCHLD, 40])
    for name in ("CORE", "CPU", "FSIZE", "MEMLOCK", "NOFILE", "RSS", "STACK"):
        limit = getattr(resource, "RLIMIT_" + name)
        soft, hard = resource.getrlimit(limit)
        wanted = {"CORE": 4096, "CPU": 50, "RSS": 1 << 30, "FSIZE": 1 << 20, "MEMLOCK": 4096,
                  "NOFILE": 33, "STACK": 1 << 20}[name]
        resource.setrlimit(limit, (wanted, hard))


def lines_differ(bare, rec):
    for a, b in zip(bare[1].split(b"\r\n"), rec[1].split(b"\r\n")):
        if a.split(b",")[0] != b.split(b",")[0] or a != b:
            if b"SigQ" not in a:
                return "bare %.300r, recorded %.300r" % (a, b)
    return "" if bare[0] == rec[0] else "%s, %s" % (bare[0], rec[0])


def case_same(t):
    "environment, umask, nice, limits, masks, ids, folder: plain"
    text = lines_differ(*shown(t, PYTHON + [PROBE], cwd="/usr/share"))
    check(not text, text)


def case_odd(t):
    "the same with everything set oddly"
    env = dict(t.env, LD_BIND_NOW="", TERM="unknown-thing", LANG="xx_YY.nonsense", LC_ALL="zz",
               A="\udcff\udcfe", B="\n", _="x", SHELLAC="", IFS="e", POSIXLY_CORRECT="1",
               ASAN_OPTIONS="disable_coredump=0")
    text = lines_differ(*shown(t, PYTHON + [PROBE], env=env, before=odd_process))
    check(not text, text)


def case_environment(t):
    "environment byte for byte and in order; an empty one; one without TERM and LANG"
    for env in (dict(t.env, Z="1", A="2"), {}, {"PATH": "/bin:/usr/bin"}):
        same("env", *shown(t, ["/usr/bin/env", "-0"], env=env))


def case_locale(t):
    "a shell in a locale that does not exist, without TERM"
    env = dict(t.env, LANG="xx_YY.nonsense", LC_ALL="xx_YY.nonsense")
    del env["TERM"]
    def play(term):
        term.expect("<$ ")
        term.send("echo h\xc3\xa4; exit 4\r".encode("latin1"))
        end = term.wait()
        return end, bytes(term.out)
    same("shell", *t.both(play, ["bash", "--norc", "--noprofile", "-i"], env=env))


def case_descriptors(t):
    "none of ours in the program, whatever was open"
    show = ["bash", "-c", "for n in {0..99}; do [ -e /proc/$$/fd/$n ] && echo $n; done"]
    bare, rec = shown(t, show)
    same("descriptors", bare, rec)
    def more():
        for fd in range(3, 10):
            os.dup2(1, fd)
    term = t.recorded(show, before=more)
    same("descriptors, 3 to 9 open", (term.wait(), bytes(term.out)), bare)


def case_closed(t):
    "descriptors 0, 1, 2 closed at the start, each and all"
    name = t.home + "/fds"
    show = PYTHON + ["import os; n = [f for f in range(9) if os.path.exists('/proc/self/fd/%%d' %% f)];"
                     "open('%s', 'w').write(str(n))" % name]
    for which in ((0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)):
        def shut():
            for fd in which:
                os.close(fd)
        seen = []
        for run in (t.bare, t.recorded):
            term = run(show, before=shut)
            end = term.wait()
            term.as_before()
            with open(name) as f:
                seen.append((end, f.read()))
            os.unlink(name)
        same("closed %s" % (which,), *seen)


def case_errors_elsewhere(t):
    "standard error in a file stays there"
    name = t.home + "/err"
    def before():
        fd = os.open(name, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.dup2(fd, 2)
        os.close(fd)
    bare, rec = shown(t, ["sh", "-c", "echo out; echo err >&2"], before=before)
    same("terminal", bare, rec)
    with open(name) as f:
        check(f.read() == "err\nerr\n", "file")
    os.unlink(name)


def case_alarm(t):
    "a pending alarm rings in the program"
    before = lambda: signal.setitimer(signal.ITIMER_REAL, 1.0)
    same("end", *shown(t, ["sleep", "20"], before=before))


def case_login_shell(t):
    "without a command: the login shell, as one"
    term = t.bare([t.rec([])[0], "-d", t.dir])
    until(lambda: term.pump(0.1) and term.out[-2:] in (b"$ ", b"# "), "a prompt")
    term.send("echo $0; shopt -q login_shell && echo yes-$?; exit 3\r")
    term.expect("-bash\r\n")
    term.expect("yes-0\r\n")
    check(term.wait() == "exit 3", "exit")
    for name in os.listdir(t.home):
        os.unlink(t.home + "/" + name)


def case_confined(t):
    "the recorder has few system calls left, no new privileges and no core"
    if t.sanitized():
        raise Skip("a sanitizer's reports need more system calls")
    term = t.recorded(["sh", "-c", "echo up; read x"])
    term.expect("up")
    keeper = term.keeper()
    with open("/proc/%d/status" % keeper) as f:
        status = f.read()
    check("\nNoNewPrivs:\t1\n" in status and "\nSeccomp:\t2\n" in status, status)
    with open("/proc/%d/limits" % keeper) as f:
        check("Max core file size        0                    0 " in f.read(), "core")
    term.send("\r")
    check(term.wait() == "exit 0", "exit")
