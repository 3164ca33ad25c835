#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""procs --file: what lastcomm and sa say of the same file, and what they get wrong."""
import json
import os
import random
import shutil
import subprocess

import harness as h
import process_made as made

path = os.path.join(h.work, "pacct")


def write(data):
    with open(path, "wb") as f:
        f.write(data)


def run(*args, stdin=None):
    return subprocess.run([h.SHELLAC, "procs", "--file", path, *args], input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          env=dict(os.environ, TZ="UTC0"))


def objects(*args):
    return [json.loads(line) for line in run("--json", *args).stdout.splitlines()]


def names(*args):
    return [r["comm"] for r in objects(*args)]


def peer(*argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                          env=dict(os.environ, TZ="UTC0")).stdout.decode().splitlines()


def plausible(count):
    r = random.Random(52)
    out = []
    for i in range(count):
        out.append(made.acct(b"prog%d" % r.randrange(40), pid=1000 + i, uid=r.choice((0, 1, 2, 33)),
                             tty=r.choice((0, 0x8800 + r.randrange(200))), status=r.choice((0, 256, 9)),
                             btime=1_790_000_000 + i, elapsed=r.randrange(5000),
                             user=r.randrange(300), system=r.randrange(90),
                             memory=r.randrange(1, 70000), flags=r.choice((0, 1, 2))))
    return out


def beside_lastcomm():
    records = plausible(2000)
    write(b"".join(records))
    run_ = run("--columns", "command,user,tty,cpu,start")
    ours = [line.split() for line in run_.stdout.decode().splitlines()[1:]]
    h.equal(len(ours), 2000, "every record has its line")
    lines = peer("lastcomm", "--forwards", "-f", path)
    h.equal(len(lines), 2000, "as lastcomm has it")
    bad = []
    for mine, line in zip(ours, lines):
        w = line.split()
        cpu = float(w[w.index("secs") - 1])
        tty = w[w.index("secs") - 2]
        user = w[w.index("secs") - 3]
        if (mine[0], mine[1], mine[2], float(mine[3])) != (w[0], user, "?" if tty == "__" else tty, cpu):
            bad.append((mine, line))
        if mine[5][:5] != w[-1][:5]:
            bad.append((mine, line))
    h.equal(bad[:3], [], "with the same command, user, terminal, CPU and time")
    backwards = peer("lastcomm", "-f", path)
    h.equal([line.split()[0] for line in run("--reverse").stdout.decode().splitlines()[1:]],
            [line.split()[0] for line in backwards], "--reverse is lastcomm's order")


def beside_sa():
    theirs = {}
    for line in peer("sa", "-a", "-i", path):
        w = line.split()
        if len(w) > 5:  # the first line is of all; a star: those that never ran a program
            sums = theirs.setdefault(w[-1].rstrip("*"), [0, 0, 0])
            for i, text in enumerate((w[0], w[1][:-2], w[2][:-2])):
                sums[i] += float(text)
    bad = [(name, r) for name, r in ((r["command"], r) for r in objects("--sum", "command"))
           if theirs[name][0] != r["count"] or abs(theirs[name][1] - r["elapsed_s"] / 60) > 0.021 or
           abs(theirs[name][2] - r["cpu_s"] / 60) > 0.021]
    h.equal((bad[:3], len(theirs)), ([], 40), "--sum command: sa's counts, elapsed and CPU minutes")
    text = run("--sum", "command").stdout.decode().splitlines()
    h.equal(len(text), 42, "a line each, a head and one of all")
    h.equal(int(text[1].split()[0]), 2000, "which counts all")
    cpu = [float(line.split()[1]) for line in text[2:]]
    h.equal(cpu, sorted(cpu, reverse=True), "most CPU first")
    users = {line.split()[0]: int(line.split()[1]) for line in peer("sa", "-m", "-i", path)
             if line.split()[1].isdigit()}
    h.equal({r["user"]: r["count"] for r in objects("--sum", "user") if r["user"] in users},
            {u: n for u, n in users.items()}, "--sum user: as sa -m")


def hostile():
    odd = [b"a\nb", b"\x1b[2J", b"\xff\xfe", b"", b"x" * 15, "é".encode(), b"sp ace", b"\\n"]
    write(b"".join(made.acct(c, pid=10 + i) for i, c in enumerate(odd)))
    out = run().stdout
    h.equal(len(out.splitlines()), len(odd) + 1, "a line each, whatever the name")
    h.ok(all(b >= 32 or b == 10 for b in out) and b"\x7f" not in out, "nothing but text", out)
    h.ok(b"\\x1b[2J" in out and b"a\\nb" in out and b"\\xff\\xfe" in out, "bytes are spelled out", out)
    h.equal(names()[:2], ["a\nb", "\x1b[2J"], "JSON has them as they are")
    h.equal(len(objects()), len(odd), "and is JSON")
    sums = run("--sum", "command").stdout
    h.ok(b"\x1b" not in sums and len(sums.splitlines()) == len(odd) + 2, "so are the sums", sums)


def numbers():
    write(made.acct(b"big", uid=4_000_000_000, gid=4_100_000_000, tty=0x8fff) +
          made.acct(b"zero", tty=0x8800, status=9) + made.acct(b"three", tty=0x892c, status=768) +
          made.acct(b"nan", elapsed=float("nan")) + made.acct(b"none", tty=0xe501))
    rows = {r["comm"]: r for r in objects()}
    h.equal(rows["big"]["uid"], 4_000_000_000, "a user id over 2^31")
    h.ok(b"4000000000" in run("--columns", "uid").stdout, "in the table too")
    h.equal([rows[c]["tty"] for c in ("big", "zero", "three", "none")],
            ["pts/2047", "pts/0", "pts/300", None], "high terminals, and no terminal's number")
    h.equal((rows["zero"]["signal"], rows["zero"]["exit"]), (9, None), "killed by a signal")
    h.equal((rows["three"]["signal"], rows["three"]["exit"]), (None, 3), "ended with a status")
    h.equal((rows["nan"]["elapsed_s"]), 0, "a length that is no number")
    h.equal(rows["big"]["session"], None, "no session is made up")


def torn_and_foreign():
    good = [made.acct(b"n%d" % i, pid=i + 1) for i in range(6)]
    write(b"".join(good) + made.acct()[:40])
    h.equal(names(), [f"n{i}" for i in range(6)], "a torn record at the end hides none")
    said = run().stderr.decode()
    h.ok("not whole (40 of 64" in said and "offset 384" in said, "and is said", said)
    for junk in (b"0123456789", b"\0" * 64, b"\xff" * 100, made.acct()[:33], b"\3" * 130):
        write(b"".join(good[:3]) + junk + b"".join(good[3:]))
        h.equal(names(), [f"n{i}" for i in range(6)], f"{len(junk)} foreign bytes hide none")
        said = run().stderr.decode()
        h.ok(f"offset 192: {len(junk)} bytes" in said, "and are said", said)
    write(b"0123456789" + b"".join(good))
    h.equal(names(), [f"n{i}" for i in range(6)], "at the begin too")
    write(b"no accounting here, but a text that is rather long for a record of 64 bytes, twice")
    done = run()
    h.equal((done.returncode, done.stdout.count(b"\n")), (3, 1), "a file of something else is 3")
    write(b"")
    h.equal(run().returncode, 0, "an empty file is none")
    h.equal(subprocess.run([h.SHELLAC, "procs", "--file", "/nowhere/pacct"],
                           stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           check=False).returncode, 3, "no file is 3")


def versions():
    write(b"".join(made.acct_old(v, b"old%d" % v, uid=1000, tty=0x8803, status=256) for v in (0, 1, 2)) +
          made.acct(b"new", uid=1000, tty=0x8803, status=256))
    rows = objects()
    h.equal([r["comm"] for r in rows], ["old0", "old1", "old2", "new"], "records of all versions")
    h.equal({(r["uid"], r["tty"], r["exit"], r["cpu_s"], r["elapsed_s"], r["start"]) for r in rows},
            {(1000, "pts/3", 1, 0.07, 0.25, "2026-09-21T14:15:00.000000000Z")}, "say the same")
    big = bytearray(made.acct())
    big[1] |= 0x80
    write(bytes(big) * 4)
    done = run()
    h.equal(done.returncode, 3, "another byte order is refused")
    h.ok(b"byte order" in done.stderr, "and said", done.stderr)


def markers():
    write(made.acct(b"one") + made.marker() + made.acct(b"two") +
          made.acct(b"kthread", ppid=2, memory=0, minflt=0, user=0, system=0))
    h.equal(names(), ["one", "two", "kthread"], "marks of acct(2) are no processes")
    h.ok(b"1 marks" in run().stderr, "which is said", run().stderr)


def words():
    write(b"".join(plausible(200)))
    everything = objects()
    want = [r["pid"] for r in everything if r["uid"] in (0, 33) and r["comm"] != "prog7"]
    h.equal([r["pid"] for r in objects("( user 0 or user www-data ) and not command ^prog7$")],
            want, "users and commands")
    h.equal([r["pid"] for r in objects("(", "user", "0", "or", "u", "33", ")", "!", "co", "^prog7$")],
            want, "words in arguments of their own, cut short")
    h.equal([r["pid"] for r in objects("fromdate", "2026-09-21 14:13:30 UTC", "todate",
                                       "2026-09-21T14:13:39Z")],
            list(range(1010, 1020)), "dates")
    h.equal([r["pid"] for r in objects("exit 1 pid 1005 or pid 1006 tty ?")],
            [r["pid"] for r in everything if (r["exit"] == 1 and r["pid"] == 1005) or
             (r["pid"] == 1006 and not r["tty"])], "and before or")
    h.equal(len(objects("group root")), 200, "group")
    for bad in ("usr 0", "user", "fromdate never", "( user 0", "command (", "group nobody-here",
                "pid x", "session last", "host me"):
        done = run(bad)
        h.equal((done.returncode, done.stdout), (2, b""), f"\"{bad}\" makes no sense")
    for bad in (["--session", "1"], ["--strict"], ["--follow"], ["--columns", "pid,nonsense"],
                ["--columns", "pid,pid"], ["--sum", "tty"], ["--tree", "--json"]):
        h.equal(run(*bad).returncode, 2, " ".join(bad))
    h.equal(run("--columns", "pid,COMMAND", "pid", "1005").stdout.decode().splitlines()[0].split(),
            ["PID", "COMMAND"], "columns of choice")
    with open(path, "rb") as f:
        data = f.read()
    piped = subprocess.run([h.SHELLAC, "procs", "--file", "-"], input=data,
                           stdout=subprocess.PIPE, check=False)
    h.equal(piped.stdout, run().stdout, "standard input is as good")


if shutil.which("lastcomm") and shutil.which("sa"):
    beside_lastcomm()
    beside_sa()
else:
    h.skip("beside lastcomm and sa", "no acct package")
for part in (hostile, numbers, torn_and_foreign, versions, markers, words):
    part()
h.done()
