# SPDX-License-Identifier: ISC
"""What is typed and what is shown: every byte, in order, none more."""
import hashlib
import os
import random
import time

from torture_term import PATIENCE, check, raw, same

ALL = bytes(range(256))


def case_output_8bit(t):
    "all bytes and broken UTF-8 from the program to the terminal"
    name = t.home + "/blob"
    blob = ALL * 40 + b"\xff\xc3\x28\xf0\x9f\x92" + random.Random(1).randbytes(300000)
    with open(name, "wb") as f:
        f.write(blob)
    def play(term):
        end = term.wait()
        return end, hashlib.sha256(term.out).hexdigest(), len(term.out)
    both = t.both(play, ["sh", "-c", "stty raw; cat " + name])
    same("output", *both)
    check(both[1][2] == len(blob), "length")
    same("cooked output", *t.both(play, ["cat", name]))
    os.unlink(name)


def case_input_8bit(t):
    "all bytes typed to a program that reads raw"
    def play(term):
        term.expect("up")
        term.send(ALL * 4)
        end = term.wait()
        return end, bytes(term.out)
    argv = ["sh", "-c", "stty raw -echo; echo up; head -c 1024 | sha256sum"]
    bare, rec = t.both(play, argv)
    same("input", bare, rec)
    check(hashlib.sha256(ALL * 4).hexdigest().encode() in rec[1], "sum")


def case_cooked_keys(t):
    "erase, kill, word erase, literal next and 8-bit letters in a cooked line"
    def play(term):
        term.expect("up")
        term.send("abX\x7fc\r" "gone\x15kept\r" "one two\x17three\r" "\x16\x03\r" "\xc3\xa4\xff\r".encode("latin1"))
        end = term.wait()
        return end, bytes(term.out)
    same("lines", *t.both(play, ["sh", "-c", "stty iutf8; echo up; for i in 1 2 3 4 5; do head -n1; done | od -c"]))


def case_eof(t):
    "Ctrl-D ends cat; twice behind a part of a line; and ends a shell"
    def play(term):
        term.expect("up\r\n")
        term.send("text\r")
        term.expect("text\r\ntext\r\n")
        term.send("part\x04\x04")
        return term.wait(), bytes(term.out)
    same("cat", *t.both(play, ["sh", "-c", "echo up; exec cat"]))
    def play_shell(term):
        term.expect("<$ ")
        term.send("\x04")
        return term.wait()
    same("bash", *t.both(play_shell, ["bash", "--norc", "--noprofile", "-i"]))


def case_typed_before(t):
    "what is typed before the program reads: lines, a part of one, an end of file"
    for text in ("one\rtwo\r", "one\rpart", "one\r\x04", "\x04", "a\r\x04b\r\x04"):
        def play(term):
            term.expect("wait\r\n")
            term.send(text)
            term.expect("up\r\n")
            if text == "one\rpart":
                term.send("ial\r")
            term.send("\x04")
            end = term.wait()
            return end, bytes(term.out)[term.pos:].replace(b"^D\x08\x08", b"")
        argv = ["sh", "-c", "stty -echo; echo wait; sleep 0.5; echo up; cat; echo end"]
        same("typed %r" % text, *t.both(play, argv))


def case_typed_before_start(t):
    "the same typed before the recorder itself has started"
    for text in (b"one\rtwo\r\x04", b"part\x04\x04", b"one\r\x04", b"\x04", b"a\r\x04b\r\x04"):
        seen = []
        for run in (t.bare, t.recorded):
            term = run(["sh", "-c", "cat; echo end"], modes=None, early=text)
            end = term.wait(3)
            seen.append((end, term.out.endswith(b"end\r\n"), term.out.count(b"one\r\n") > 1, b"^@" in term.out))
        same("typed %r" % text, *seen)


def case_typed_at_exit(t):
    "what is typed just after the end goes to the login shell"
    def play(term):
        term.expect("up\r\n")
        time.sleep(0.4)
        term.send("later\r")
        end = term.wait()
        return end, term.typed_line().replace(b"\r", b"\n")
    same("line", *t.both(play, ["sh", "-c", "echo up; sleep 0.2"]))


def case_paste_cooked(t):
    "1 MB of lines pasted to a slow reader"
    line = b"%07d" + b"x" * 55 + b"\n"
    data = b"".join(line % i for i in range(16384))
    name = t.home + "/paste"
    term = t.recorded(["sh", "-c", "stty -echo; echo up; (sleep 1; exec cat) >%s; echo end" % name])
    term.expect("up")
    term.send(data + b"\x04")
    term.expect("end")
    check(term.wait() == "exit 0", "exit")
    with open(name, "rb") as f:
        got = f.read()
    check(got == data, "%d of %d bytes" % (len(got), len(data)))
    os.unlink(name)


def case_paste_raw(t):
    "1 MB of anything pasted into a raw terminal"
    data = random.Random(2).randbytes(1 << 20)
    name = t.home + "/paste"
    term = t.recorded(["sh", "-c", "stty raw -echo; echo up; head -c 1048576 >%s; echo end" % name])
    term.expect("up")
    term.send(data)
    term.expect("end")
    check(term.wait() == "exit 0", "exit")
    with open(name, "rb") as f:
        check(f.read() == data, "bytes differ")
    os.unlink(name)


def case_never_reads(t):
    "64 KiB typed to a program that never reads; its output and its end still come"
    term = t.recorded(["sh", "-c", "stty -icanon -echo; echo up; sleep 2; echo still; sleep 1; exit 4"])
    term.expect("up")
    block, sent, end = b"y" * 4096, 0, time.monotonic() + 1.5
    while sent < 65536 and time.monotonic() < end:
        try:
            sent += os.write(term.master, block)
        except BlockingIOError:
            term.pump(0.05)
    term.expect("still")
    check(term.wait() == "exit 4", "exit")
    term.as_before()


def case_never_reads_cooked(t):
    "the same by lines, and Ctrl-C behind a full line"
    def play(term):
        term.expect("up")
        term.send("z" * 6000)
        term.read_on(0.3)
        term.send("\x03")
        return term.wait()
    same("end", *t.both(play, ["sh", "-c", "stty -echo; echo up; exec sleep 30"]))


def case_flow(t):
    "Ctrl-S, seconds of silence, Ctrl-Q: nothing lost, and input still works"
    term = t.recorded(["bash", "-c", "stty -echo; echo up; for ((i=0;i<30000;i++)); do echo line-$i;"
                       " done; read x; echo got-$x"])
    term.expect("line-200\r\n")
    term.send("\x13")
    term.read_on(1)
    size = len(term.out)
    term.read_on(1)
    check(len(term.out) == size, "output goes on behind Ctrl-S")
    term.send("word\r\x11")
    term.expect("got-word\r\n")
    check(term.wait() == "exit 0", "exit")
    lines = b"".join(b"line-%d\r\n" % i for i in range(30000))
    check(lines in term.out, "lines are missing")


def case_flow_long(t):
    "Ctrl-S for longer than the recorder waits for anything, with the program at its end"
    term = t.recorded(["bash", "-c", "stty -echo; echo up; read x; seq -f line-%g 0 99999; exit 6"])
    term.expect("up\r\n")
    term.send("\x13")
    time.sleep(0.3)
    term.send("word\r")
    term.read_on(12)
    check(term.out == b"up\r\n", "shown behind Ctrl-S: %.100r" % bytes(term.out))
    term.send("\x11")
    check(term.wait() == "exit 6", "exit")
    lines = b"".join(b"line-%d\r\n" % i for i in range(100000))
    check(term.out == b"up\r\n" + lines, "lines are missing")


def case_slow_terminal(t):
    "a terminal that takes nothing for a second: all shown, the program's status at last"
    def play(term):
        term.expect("line-10\r\n")
        time.sleep(1)
        end = term.wait(quiet=0.3)
        return end, b"".join(b"line-%d\r\n" % i for i in range(60000)) in term.out
    script = "for ((i=0;i<60000;i++)); do echo line-$i; done; exit 5"
    same("output", *t.both(play, ["bash", "-c", script]))


def case_tail_slow(t):
    "the last output before the exit on a slow terminal"
    term = t.recorded(["bash", "-c", "printf '%60000s|end' x"])
    end = time.monotonic() + PATIENCE
    while b"|end" not in term.out and time.monotonic() < end:
        try:
            term.out += os.read(term.master, 997)
        except BlockingIOError:
            pass
        time.sleep(0.02)
    check(term.wait() == "exit 0", "exit")
    check(term.out.endswith(b"|end"), "cut after %d bytes" % len(term.out))


def case_tail(t):
    "output up to the very end, many times"
    for i in range(30):
        term = t.recorded(["bash", "-c", "printf '%9000s|end' x"])
        check(term.wait(quiet=0.01) == "exit 0", "exit")
        check(len(term.out) == 9004, "%d bytes" % len(term.out))
