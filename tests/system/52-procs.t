#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""procs of a store made up: lives, trees, programs, what is certain, what nobody recorded,
and times that the records do not cover."""
import json
import os
import random
import subprocess

import harness as h
import process_made as made

PTS = 136 << 20


def life(comm, pid, start, **kw):
    """An ACCT with events: its start to the tick."""
    label = {k: kw.pop(k) for k in ("session", "outer", "reason", "certainty", "origin", "flags",
                                    "keeper", "ordinal", "parent", "sid", "read_s") if k in kw}
    label.setdefault("certainty", made.EXACT)
    return made.slot(made.acct(comm, pid=pid, btime=1_790_000_000 + start // 100, **kw),
                     start=start, **label)


def show(store, *args):
    return subprocess.run([h.SHELLAC, "-S", store, "procs", *args], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, env=dict(os.environ, TZ="UTC0"))


def objects(store, *args):
    return [json.loads(line) for line in show(store, *args, "--json").stdout.splitlines()]


def comms(store, *args):
    return [r["comm"] for r in objects(store, *args)]


IN = {"session": 3, "reason": made.FORK}
MIXED = [
    made.exec_slots(500, b"bash", b"/usr/bin/bash", b"/home/al", [b"-bash"], uid=1000,
                    tty_dev=PTS | 2048, start=10100, session=3, parent=499),
    made.exec_slots(501, b"sh", b"/bin/sh", b"/srv", [b"sh", b"-c", b"ls  x"], uid=1000, start=10200,
                    session=3, parent=500),
    made.exec_slots(502, b"ls", b"/bin/ls", b"/srv/\xff\n", [b"ls", b"", b"a b\x1b"], uid=1000,
                    start=10300, session=3, parent=501),
    life(b"ls", 502, 10300, ppid=501, parent=501, sid=500, uid=1000, status=2 << 8, **IN),
    # the parent leaves before its child, and the child's parent is 1 then
    life(b"sh", 501, 10200, ppid=500, parent=500, sid=500, uid=1000, **IN),
    life(b"late", 503, 10350, ppid=1, parent=501, sid=503, uid=1000, elapsed=500, **IN),
    # the same pid again
    made.exec_slots(502, b"cat", b"/bin/cat", b"/tmp", [b"cat"], start=10900, parent=500, session=3),
    life(b"cat", 502, 10900, ppid=500, parent=500, **IN),
    life(b"cron", 600, 10400, origin=3),
    life(b"scp", 601, 10500, origin=made.SSHD),
    life(b"sshd", 602, 10500, origin=made.SSHD),
    life(b"vi", 603, 10600, tty=0x8801, reason=made.NO_RECORDER_TERMINAL, origin=made.SSHD),
    life(b"motd", 604, 10600, tty=0x8801, reason=made.LEAD_IN, session=3),
    life(b"maybe", 605, 10700, certainty=made.DOUBTFUL, tty=0x8802,
         reason=made.NO_RECORDER_TERMINAL, flags=2),
]
store = made.store(os.path.join(h.work, "mixed"), MIXED[:7], MIXED[7:])


def programs():
    rows = {(r["pid"], r["comm"]): r for r in objects(store)}
    ls = rows[502, "ls"]
    h.equal((ls["exe"], ls["cwd"], ls["argv"]), ("/bin/ls", "/srv/\ufffd\n", ["ls", "", "a b\x1b"]),
            "the program, its folder and its arguments")
    h.equal(ls["life"], f"{made.BOOT_ID.hex()}:502:10300", "the name of the life")
    h.equal((ls["start_ticks"], ls["ordinal"], ls["parent"], ls["sid"], ls["certainty"]),
            (10300, 0, 501, 500, "exact"), "what process events know")
    h.equal(ls["start"], "2026-09-21T14:15:03.000000000Z", "its start to the tick")
    h.equal(rows[502, "cat"]["exe"], "/bin/cat", "the pid's next life has its own")
    late = rows[503, "late"]
    h.equal((late["exe"], late["cwd"], late["argv"]), (None, None, None), "null where none is known")
    h.equal(rows[600, "cron"]["origin"], "cron", "where it came from")
    h.equal(rows[605, "maybe"]["flags"], "!", "a contradiction")
    out = show(store, "--columns", "pid,args", "pid 502").stdout
    h.ok(b"ls  a b\\x1b" in out and b"\x1b" not in out, "arguments in the table", out)
    h.ok(b"[late]" in show(store, "--columns", "args", "pid 503").stdout, "or the name")
    h.equal(comms(store, "cwd", "/srv"), ["sh"], "cwd")
    h.equal(comms(store, "command", "^/bin/ca"), ["cat"], "command is also the path")
    h.equal(comms(store, 'command "-c ls"'), ["sh"], "and the arguments")
    h.equal(comms(store, "origin", "sshd"), ["scp", "sshd", "vi"], "origin")


    again = made.store(os.path.join(h.work, "again"), [
        made.exec_slots(700, b"first", b"/bin/first", b"/", [b"first"], start=11000),
        life(b"second", 700, 12000), life(b"first", 700, 11000),
        made.exec_slots(701, b"x", b"/bin/x", b"/", [b"x"], start=11000, ordinal=1, flags=4),
        life(b"x", 701, 11000)])
    h.equal([r["exe"] for r in objects(again)], [None, "/bin/first", None],
            "no life has another's program: by its start, and by its ordinal")


def chosen():
    h.equal(comms(store, "--unrecorded"), ["scp", "vi", "maybe"], "--unrecorded")
    done = show(store, "--unrecorded", "--strict", "--json")
    h.equal([json.loads(x)["comm"] for x in done.stdout.splitlines()], ["scp", "vi"], "--strict")
    h.ok(b"1 more are not certain" in done.stderr, "how many it left out", done.stderr)
    h.equal(comms(store, "session 3"), ["ls", "sh", "late", "cat", "motd"], "session")
    h.equal((len(comms(store, "group 0")), show(store, "group root").returncode),
            (len(comms(store)), 2), "a copy's groups have numbers, and not this machine's names")
    h.equal(comms(store, "--reverse"), comms(store)[::-1], "--reverse")
    h.equal(objects(store, "--reverse"), objects(store)[::-1], "with all that is known")
    by = {r["session"]: r["count"] for r in objects(store, "--sum", "session")}
    h.equal(by, {3: 5, None: 5}, "--sum session")
    running = [r for r in objects(store, "--running") if r["elapsed_s"] is None]
    h.equal([(r["pid"], r["comm"], r["exit"], r["signal"]) for r in running],
            [(500, "bash", None, None)], "--running has what did not end")
    h.equal(running[0]["tty"], "pts/2048", "the terminal of its program, over 16 bits")


def tree():
    lines = show(store, "--tree", "session 3").stdout.decode().splitlines()
    text = [line[lines[0].index("ARGS"):] for line in lines[1:]]
    h.equal(text, ["-bash", "  sh -c ls  x", "    ls  a b\\x1b", "    [late]", "  cat", "[motd]"],
            "who forked whom, oldest first")
    h.ok(" 2 " in lines[3] and "10:15" not in lines[3], "with exit statuses", lines[3])
    alone = made.store(os.path.join(h.work, "alone"), [
        made.slot(made.acct(b"kid", pid=12, ppid=11), reason=2, session=1),
        made.slot(made.acct(b"old", pid=11, ppid=10), reason=2, session=1),
        made.slot(made.acct(b"kid2", pid=13, ppid=11), reason=2, session=1),
        made.slot(made.acct(b"new", pid=11, ppid=10), reason=2, session=1),
        made.slot(made.acct(b"me", pid=14, ppid=14), reason=2, session=1),
        made.slot(made.acct(b"top", pid=10, ppid=1), reason=2, session=1)])
    lines = show(alone, "--tree").stdout.decode().splitlines()
    text = sorted(line[lines[0].index("ARGS"):] for line in lines[1:])
    h.equal(text, sorted(["[top]", "  [old]", "    [kid]", "  [new]", "    [kid2]", "[me]"]),
            "without events: the next later record of that pid")
    circle = made.store(os.path.join(h.work, "circle"), [
        life(b"a", 1, 100, parent=2), life(b"b", 2, 100, parent=1), life(b"c", 3, 100, parent=2)])
    h.equal(len(show(circle, "--tree").stdout.splitlines()), 4, "a circle has no end, but an output")
    deep = made.store(os.path.join(h.work, "deep"),
                      [life(b"d", i, i, parent=i - 1) for i in range(2, 60000)])
    done = show(deep, "--tree")
    h.equal((done.returncode, len(done.stdout.splitlines())), (0, 59999), "a deep one is shown")


def gaps():
    said = show(store).stderr.decode()
    h.equal(said, "", "nothing is said where all is covered")
    holes = made.store(os.path.join(h.work, "holes"), [
        made.loss(2, 1, why=b"not permitted", from_s=100),
        made.slot(made.acct(b"one"), read_s=110),
        made.loss(2, 2, count=7, read_s=120),
        life(b"two", 50, 13000, read_s=130),
        made.loss(1, 1, from_s=135, why=b"taken over", read_s=140), made.loss(1, 2, read_s=160),
        life(b"three", 51, 17000, read_s=170),
        made.slot(made.acct(b"four"), read_s=500), made.slot(made.acct(b"five"), read_s=520)])
    said = show(holes).stderr.decode()
    h.ok("process events: lost, 7 messages\nshellac: from 2026-09-21 14:15:00Z to "
         "2026-09-21 14:15:20Z\nshellac: because: not permitted" in said, "lost events", said)
    h.ok("accounting: lost" in said and "from 2026-09-21 14:15:35Z to 2026-09-21 14:16:00Z" in said
         and "taken over" in said, "lost accounting", said)
    h.ok("accounting alone\nshellac: from 2026-09-21 14:21:40Z to 2026-09-21 14:22:00Z" in said,
         "no events", said)
    mixed = made.store(os.path.join(h.work, "seldom"), [
        made.slot(made.acct(b"one"), read_s=100), life(b"two", 50, 13000, read_s=110),
        made.slot(made.acct(b"three"), read_s=120), life(b"four", 51, 17000, read_s=130)])
    h.equal(show(mixed).stderr.decode(), "shellac: process events: none for 2 of 3\n"
            "shellac: from 2026-09-21 14:15:00Z to 2026-09-21 14:15:20Z\n", "some without events")
    said = show(holes, "fromdate 2026-09-21T14:16:05Z todate 2026-09-21T14:20:00Z").stderr.decode()
    h.equal(said, "", "only what falls into the time asked for is said")
    said = show(holes, "fromdate 2026-09-21T14:15:50Z todate 2026-09-21T14:20:00Z").stderr.decode()
    h.ok("accounting: lost" in said and "events" not in said, "a part of it does", said)


def index():
    r = random.Random(5)
    slots = []
    for i in range(4000):
        start = 100 * (i + 1) + r.randrange(100)
        kw = {"session": r.choice((0, 0, 7, 8, 9)), "reason": made.FORK, "read_s": i + 2}
        if r.random() < 0.3:
            slots.append(made.exec_slots(100 + i, b"prog", b"/bin/prog", b"/w%d" % r.randrange(3),
                                         [b"prog", b"%d" % i], uid=i // 500, start=start,
                                         session=kw["session"]))
        if r.random() < 0.9:
            slots.append(life(b"prog%d" % r.randrange(9), 100 + i, start, uid=i // 500, **kw))
    large = made.store(os.path.join(h.work, "large"), slots[:2000], slots[2000:])
    asked = ["user 3", "session 8", "fromdate 2026-09-21T14:40:00Z todate 2026-09-21T14:50:00Z",
             "user 2 session 7 command prog3", "user 1 or user 5", "not user 3 fromdate @1790002000",
             "cwd /w1 user 4", "command ^prog7$", "command ^prog.19", "user 4 todate @1790002300 session 9"]
    for words in asked:
        for more in ([], ["--json"], ["--running", "--json"], ["--reverse"], ["--sum", "command"]):
            with_it, without = show(large, *more, words), show(large, *more, "--no-index", words)
            if (with_it.stdout, with_it.stderr) != (without.stdout, without.stderr) or \
                    with_it.stdout.count(b"\n") < 2:
                h.ok(False, f"with the index: {words} {more}", with_it.stdout[-300:])
                return
    h.ok(True, "an index changes no answer")
    h.ok(os.listdir(os.path.join(os.environ["XDG_CACHE_HOME"], "shellac")), "there is one")
    h.equal(os.listdir(large), ["process"], "and not in the store")
    # its program was another user's than its record, far behind
    many = [life(b"x", 100 + i, 100 + i, read_s=i + 2) for i in range(3000)]
    many.insert(1500, life(b"su", 50, 50, uid=0))
    su = made.exec_slots(50, b"su", b"/bin/su", b"/", [b"su"], uid=77, start=50)
    changed = made.store(os.path.join(h.work, "changed"), [su] + many)
    h.equal(objects(changed, "user 77", "--running"), [], "what ended elsewhere does not run")


for part in (programs, chosen, tree, gaps, index):
    part()
h.done()
