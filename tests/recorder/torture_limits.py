# SPDX-License-Identifier: ISC
"""Limits that the user set hit the program, or refuse it: never half of it."""
import os
import resource

from torture_term import Skip, check, same, until

REFUSED = "exit 125"


def limit(**limits):
    def before():
        for name, value in limits.items():
            number = getattr(resource, "RLIMIT_" + name)
            resource.setrlimit(number, (value, value))
    return before


def runs_or_refuses(t, argv, before, directory=None):
    """Recorded: as bare, or one line and 125.  The terminal is as before."""
    term = t.recorded(argv, directory, before=before)
    end = term.wait()
    term.as_before()
    if end == REFUSED:
        check(term.out.startswith(b"shellac-rec: ") and term.out.count(b"\n") == 1,
              "shown: %r" % bytes(term.out))
    return end, bytes(term.out)


def case_cpu(t):
    "ulimit -t 1 kills the program, not the record"
    argv = ["sh", "-c", "echo up; while :; do :; done"]
    def play(term):
        return term.wait()
    same("end", *t.both(play, argv, before=limit(CPU=1)))


def case_cpu_soft(t):
    "a soft limit of processor time with output all along"
    def before():
        resource.setrlimit(resource.RLIMIT_CPU, (1, resource.RLIM_INFINITY))
    term = t.recorded(["sh", "-c", "while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done"],
                      before=before)
    check(term.wait(40) == "signal 24", "end")
    term.as_before()


def case_fsize(t):
    "ulimit -f 0"
    argv = ["sh", "-c", "echo up; echo x >%s/f; echo never" % t.home]
    def play(term):
        end = term.wait()
        return end, bytes(term.out)
    same("end", *t.both(play, argv, before=limit(FSIZE=0)))
    if os.path.exists(t.home + "/f"):
        os.unlink(t.home + "/f")


def case_files(t):
    "ulimit -n from 64 down to 4"
    argv, good = ["sh", "-c", "echo up; ulimit -n"], 0
    for n in (64, 16, 12, 10, 9, 8, 7, 6, 5, 4):
        end, out = runs_or_refuses(t, argv, limit(NOFILE=n))
        check(end == REFUSED or (end, out) == ("exit 0", b"up\r\n%d\r\n" % n), "%d: %s %r" %
              (n, end, out))
        good += end == "exit 0"
        check(end == "exit 0" or n < 16, "ulimit -n %d: %s" % (n, end))
    check(good < 10, "nothing was refused")


def case_memory(t):
    "ulimit -v from much to little"
    if t.sanitized():
        raise Skip("the sanitizer needs the address space")
    argv = ["sh", "-c", "echo up"]
    for kib in (65536, 16384, 8192, 4096, 3072, 2560):
        end, out = runs_or_refuses(t, argv, limit(AS=kib * 1024))
        if end == REFUSED or (end, out) == ("exit 0", b"up\r\n"):
            continue
        bare = t.bare(t.rec([])[:1] + ["--version"], before=limit(AS=kib * 1024))
        check(bare.wait() != "exit 0", "%d KiB: %s %r" % (kib, end, out))


def case_locked_memory(t):
    "no locked memory, no core, little stack"
    argv = ["sh", "-c", "echo up"]
    end = runs_or_refuses(t, argv, limit(MEMLOCK=0, CORE=0, STACK=256 * 1024))
    check(end == ("exit 0", b"up\r\n"), "%s" % (end,))


def case_processes(t):
    "no room for processes: each fork fails once; one line, 125, the terminal as before"
    if os.getuid() == 0:
        uid = 64000 + os.getpid() % 1000
        path = t.tmp + "/other"
        os.mkdir(path, 0o700)
        os.chown(path, uid, uid)
        def become():
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        if not os.access(path, os.X_OK):
            raise Skip("folders")
        directory = t.collector(become, path).dir
    else:
        directory, become = t.dir, lambda: None
    ends = []
    def before_with(n):
        def before():
            become()
            resource.setrlimit(resource.RLIMIT_NPROC, (n, n))
        return before
    now = len(os.listdir("/proc")) if os.getuid() else 0
    for n in [1] + [now + i for i in range(2, 20)]:
        end, out = runs_or_refuses(t, ["/bin/echo", "up"], before_with(n), directory)
        check(end == REFUSED or (end, out) == ("exit 0", b"up\r\n"), "%d: %s %r" % (n, end, out))
        ends.append(end)
        until(lambda: t.bury() or not t.left(), "the keeper leaves")
        if end == "exit 0":
            break
    check(REFUSED in ends, "nothing was refused")
    check("exit 0" in ends or os.getuid(), "everything was refused: %r" % out)
