# SPDX-License-Identifier: ISC
"""No terminal: pipes and files, as of scp, rsync, cron."""
import os
import random
import signal
import subprocess
import time

from torture_term import check, reset_signals, same, until

BLOB = random.Random(3).randbytes(700000)


def run(t, argv, data=b"", recorded=True, before=None, **how):
    """Ends within a minute; status, output, errors."""
    def child():
        reset_signals()
        if before:
            before()
    p = subprocess.Popen(t.rec(argv) if recorded else argv, stdin=subprocess.PIPE, env=t.env,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=child, **how)
    try:
        out, err = p.communicate(data, timeout=50)
    except BrokenPipeError:
        out, err = p.communicate(timeout=50)
    return p.returncode, out, err


def both(t, argv, data=b"", **how):
    return run(t, argv, data, False, **how), run(t, argv, data, True, **how)


def case_streams(t):
    "three streams, byte for byte apart, nothing printed of our own"
    argv = ["sh", "-c", "tee /dev/stderr | cat; printf e >&2; exit 9"]
    bare, rec = both(t, argv, BLOB)
    check(bare == rec and rec[1] == BLOB and rec[2] == BLOB + b"e" and rec[0] == 9,
          "%d, %d bytes, %d bytes" % (rec[0], len(rec[1]), len(rec[2])))


def case_command(t):
    "shellac-rec -c in the middle of a pipeline"
    line = "printf 'a\\nb\\n' | %s -d %s -c 'cat; exit 3' | od -c; echo ${PIPESTATUS[1]}" % (
        t.rec([])[0], t.dir)
    p = subprocess.run(["bash", "-c", line], stdout=subprocess.PIPE, env=t.env, timeout=50)
    check(p.stdout == b"0000000   a  \\n   b  \\n\n0000004\n3\n", "%r" % p.stdout)


def case_rest_of_input(t):
    "what the program leaves of its input is there for the next one"
    line = "printf 'a\\nb\\nc\\n' | { %s sh -c 'read x; echo 1$x'; cat; }"
    seen = [subprocess.run(["bash", "-c", line % word], stdout=subprocess.PIPE, env=t.env,
                           timeout=50).stdout for word in ("", " ".join(t.rec([])))]
    same("output", *seen)
    check(seen[1] == b"1a\nb\nc\n", "%r" % seen[1])


def case_statuses(t):
    "statuses and deaths, 126 and 127"
    for argv in (["sh", "-c", "exit 200"], ["sh", "-c", "kill -9 $$"], ["sh", "-c", "kill -13 $$"],
                 ["sh", "-c", "kill -34 $$"]):
        same("status", both(t, argv)[0][0], both(t, argv)[1][0])
    check(run(t, ["/nonexistent/x"])[0] == 127, "127")
    check(run(t, ["/etc/passwd"])[0] == 126, "126")


def case_sigpipe(t):
    "the reader goes away: the program dies of SIGPIPE, and so do we"
    for word in ("", " ".join(t.rec([]))):
        p = subprocess.run(["bash", "-c", "%s yes | head -n1; echo ${PIPESTATUS[0]}" % word],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=t.env, timeout=50)
        check(p.stdout == b"y\n141\n", "%r" % p.stdout)


def case_half_closed(t):
    "input at its end, output goes on"
    same("streams", *both(t, ["sh", "-c", "cat; sleep 0.3; echo more"], b"in"))


def case_signals_passed(t):
    "SIGTERM, SIGINT, SIGHUP to the front reach the program"
    for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
        p = subprocess.Popen(t.rec(["bash", "-c", "trap 'exit 44' TERM INT HUP QUIT USR1; echo up;"
                                    " while :; do sleep 0.05; done"]), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, env=t.env, preexec_fn=reset_signals)
        check(p.stdout.readline() == b"up\n", "up")
        p.send_signal(sig)
        check(p.wait(20) == 44, "signal %d: %d" % (sig, p.returncode))
        p.stdout.close()


def case_survivor(t):
    "a daemon stays: readers see the end of output, the keeper holds nothing and no processor"
    argv = ["sh", "-c", "echo out; echo err >&2; setsid sleep 3 </dev/null >/dev/null 2>&1 & exit 4"]
    begin = time.monotonic()
    check(run(t, argv) == (4, b"out\n", b"err\n"), "streams")
    check(time.monotonic() - begin < 2, "%.1f s" % (time.monotonic() - begin))


def case_terminal_input(t):
    "input from a terminal, output into a pipe: both untouched, job control as ever"
    term = t.bare(["bash", "-c", "%s sh -c 'read x; echo got-$x; test -t 1 || echo pipe' | cat" %
                   " ".join(t.rec([]))])
    until(lambda: term.pump(0.1) or True, "")
    check(not term.is_raw(), "raw")
    term.send("word\r")
    term.expect("got-word\r\n")
    term.expect("pipe\r\n")
    check(term.wait() == "exit 0", "exit")
    term.as_before()


def case_terminal_interrupt(t):
    "the same and Ctrl-C: one interrupt, and death by it"
    name = t.home + "/n"
    def play(word):
        term = t.bare(["bash", "-c", "%s bash -c 'trap \"echo int >>%s; exit 3\" INT; echo up;"
                       " while :; do sleep 0.1; done' | cat; echo ${PIPESTATUS[0]}" % (word, name)])
        term.expect("up")
        term.read_on(0.2)
        term.send("\x03")
        term.wait()
        term.as_before()
        with open(name) as f:
            text = f.read()
        os.unlink(name)
        return text
    same("traps", play(""), play(" ".join(t.rec([]))))


def case_no_terminal_at_all(t):
    "all descriptors closed, no terminal, own session: as of cron"
    name = t.home + "/x"
    def shut():
        os.setsid()
        for fd in range(3):
            os.close(fd)
    p = subprocess.Popen(t.rec(["sh", "-c", "ls /proc/$$/fd | wc -l >%s; exit 6" % name]),
                         env=t.env, preexec_fn=shut)
    check(p.wait(20) == 6, "status")
    with open(name) as f:
        check(int(f.read()) <= 3, "descriptors")
    os.unlink(name)


def case_bulk(t):
    "200 MB through, nothing of it copied by us"
    p = subprocess.run(["bash", "-c", "head -c 200000000 /dev/zero | %s cat | wc -c" %
                        " ".join(t.rec([]))], stdout=subprocess.PIPE, env=t.env, timeout=50)
    check(p.stdout == b"200000000\n", "%r" % p.stdout)
