# SPDX-License-Identifier: ISC
"""Nobody collects for a while: what the user sees, and what is in the record then."""
import glob
import json
import os
import shutil
import signal
import subprocess
import time

from torture_term import Skip, check, children, until

NOTICE = b"\r\nshellac-rec: nobody collects this session: it waits\r\n"
LINES = ("stty -echo; echo up; while read a b; do case $a in seq) seq -f line-%.0f $b;;"
         " end) exit $b;; *) echo got-$a;; esac; done")
SMALL = "spool_size = 2M\n"
MANY = 200000  # lines that a spool of 2 MB does not hold


def shellac(c, *argv):
    return subprocess.run([os.environ["top_builddir"] + "/auditor/shellac", "-d", c.dir, *argv],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def session(t, conf=""):
    c = t.collector(conf=conf)
    term = t.recorded(["bash", "-c", LINES], c.dir)
    term.expect("up")
    return c, term


def spools(c):
    return [c.dir + "/spool/" + name for name in os.listdir(c.dir + "/spool")]


def numbers(count):
    return b"".join(b"line-%d\r\n" % i for i in range(1, count + 1))


def statuses(c):
    lines = shellac(c, "verify", "--json").stdout.splitlines()
    return [line["status"] for line in map(json.loads, lines) if "status" in line]


def ends_complete(t, c, term, shown=None):
    """The session ends; its keeper goes, its record is whole and says what was shown."""
    term.send("end 5\r")
    check(term.wait() == "exit 5", "exit")
    term.as_before()
    until(lambda: t.bury() or not t.left(), "the keeper goes")
    until(lambda: statuses(c) == ["COMPLETE"], "the session is complete")
    shown = bytes(term.out).replace(NOTICE, b"") if shown is None else shown
    check(shellac(c, "cat", "--raw", "1").stdout == shown, "the record is not what was shown")
    check(not spools(c), "a spool is left")


def goes_on(t, away, back):
    c, term = session(t)
    term.send("one\r")
    term.expect("got-one")
    away(c)
    term.send("seq %d\r" % MANY)
    term.expect("line-%d\r\n" % MANY)
    term.send("two\r")
    term.expect("got-two")
    check(NOTICE not in term.out, "a notice")
    back(c)
    term.send("three\r")
    term.expect("got-three")
    time.sleep(1.5)
    term.send("four\r")
    term.expect("got-four")
    ends_complete(t, c, term)


def pause(c):
    os.kill(c.pid, signal.SIGSTOP)


def resume(c):
    os.kill(c.pid, signal.SIGCONT)


def case_spool_killed(t):
    "spool: killed and back: nobody notices, nothing is missing"
    goes_on(t, lambda c: c.kill(), lambda c: c.start())


def case_spool_ended(t):
    "spool: ended and back: nobody notices, nothing is missing"
    goes_on(t, lambda c: c.kill(signal.SIGTERM), lambda c: c.start())


def case_spool_hung(t):
    "spool: stopped and continued: nobody notices, nothing is missing"
    goes_on(t, pause, resume)


def case_spool_again(t):
    "spool: killed again and again while there is output"
    c, term = session(t)
    for turn in range(4):
        c.kill()
        term.send("seq %d\r" % (20000 + turn))
        time.sleep(0.1 * turn)
        c.start()
        term.expect("line-%d\r\n" % (20000 + turn))
    ends_complete(t, c, term)


def case_spool_reserved(t):
    "spool: its room is reserved before the program runs, and it does not grow"
    c, term = session(t, SMALL)
    (path,) = spools(c)
    before = os.stat(path)
    check(before.st_size == 2 << 20 and before.st_blocks * 512 >= 2 << 20, "not reserved")
    check(before.st_mode & 0o7777 == 0o600, "mode")
    c.kill()
    term.send("seq 60000\r")
    term.expect("line-60000\r\n")
    check(os.stat(path).st_size == before.st_size, "it grew")
    c.start()
    ends_complete(t, c, term)


def full_freezes(t, away, back):
    c, term = session(t, SMALL)
    away(c)
    term.send("seq %d\r" % MANY)
    term.expect(NOTICE.decode())
    size = len(term.out)
    check(1 << 20 < size < 3 << 20, "%d bytes until it stands" % size)
    term.read_on(1)
    check(len(term.out) == size, "it goes on unrecorded")
    back(c)
    term.expect("line-%d\r\n" % MANY)
    check(term.out.count(NOTICE) == 1, "notices")
    ends_complete(t, c, term)


def case_full_freeze(t):
    "full spool, freeze, killed: it stands still with one notice, back: all of it"
    full_freezes(t, lambda c: c.kill(), lambda c: c.start())


def case_full_freeze_hung(t):
    "full spool, freeze, stopped: it stands still with one notice, continued: all of it"
    full_freezes(t, pause, resume)


def case_full_freeze_limit(t):
    "full spool, freeze: after the limit it is hung up, what was shown is recorded"
    c, term = session(t, SMALL + "freeze_limit = 3\n")
    c.kill()
    begin = time.monotonic()
    term.send("seq %d\r" % MANY)
    check(term.wait() in ("signal 1", "signal 13"), "end")
    check(time.monotonic() - begin < 20, "late")
    c.start()
    until(lambda: t.bury() or not t.left(), "the keeper goes")
    until(lambda: statuses(c) == ["COMPLETE"], "the session is complete")
    shown = bytes(term.out).replace(NOTICE, b"")
    check(shellac(c, "cat", "--raw", "1").stdout.startswith(shown), "shown and not recorded")


def full_gap(t, away, back):
    c, term = session(t, SMALL + "full_action = gap\n")
    away(c)
    term.send("seq %d\r" % MANY)
    term.expect("line-%d\r\n" % MANY)
    check(NOTICE not in term.out, "a notice")
    back(c)
    time.sleep(1.5)
    term.send("after\r")
    term.expect("got-after")
    term.send("end 5\r")
    check(term.wait() == "exit 5", "exit")
    until(lambda: t.bury() or not t.left(), "the keeper goes")
    until(lambda: statuses(c) == ["COMPLETE"], "the session is complete")
    kept, shown = shellac(c, "cat", "--raw", "1").stdout, bytes(term.out)
    head = len(os.path.commonprefix([kept, shown]))
    check(head > 1 << 20 and shown.endswith(kept[head:]), "more is missing than one piece")
    check(b"got-after" in kept[head:], "what came later is missing")
    found = shellac(c, "verify", "1")
    check(found.returncode == 1 and b"gap: " in found.stdout, "the gap is no finding")
    check(b" %d bytes" % (len(shown) - len(kept)) in found.stdout, "its size: %s" % found.stdout)


def case_full_gap(t):
    "full spool, gap, killed: the user goes on, the record says how much is missing"
    full_gap(t, lambda c: c.kill(), lambda c: c.start())


def case_full_gap_hung(t):
    "full spool, gap, stopped: the user goes on, the record says how much is missing"
    full_gap(t, pause, resume)


def case_full_gap_end(t):
    "full spool, gap: a session that ends meanwhile says so too"
    c, term = session(t, SMALL + "full_action = gap\n")
    c.kill()
    term.send("seq %d\r" % MANY)
    term.expect("line-%d\r\n" % MANY)
    term.send("end 5\r")
    check(term.wait() == "exit 5", "exit")
    c.start()
    until(lambda: t.bury() or not t.left(), "the keeper goes")
    until(lambda: statuses(c) == ["COMPLETE"], "the session is complete")
    check(b"gap: " in shellac(c, "verify", "1").stdout, "the gap is no finding")


def stands(t, away, back):
    c, term = session(t, "away = strict\n")
    check(not spools(c), "a spool")
    away(c)
    time.sleep(0.3)
    term.send("seq %d\r" % MANY)
    term.expect(NOTICE.decode())
    size = len(term.out)
    term.read_on(1)
    check(len(term.out) == size, "it goes on uncollected")
    back(c)
    term.expect("line-%d\r\n" % MANY)
    check(term.out.count(NOTICE) == 1, "notices")
    ends_complete(t, c, term)


def case_strict_killed(t):
    "strict, killed: it stands still with one notice, back: all of it"
    stands(t, lambda c: c.kill(), lambda c: c.start())


def case_strict_hung(t):
    "strict, stopped: it stands still with one notice, continued: all of it"
    stands(t, pause, resume)


def case_strict_limit(t):
    "strict: after the limit it is hung up"
    c, term = session(t, "away = strict\nfreeze_limit = 2\n")
    c.kill()
    check(term.wait() == "signal 1", "end")
    term.as_before()
    c.start()
    until(lambda: t.bury() or not t.left(), "the keeper goes")


def case_strict_start(t):
    "strict: no session starts, one line says why"
    c = t.collector(conf="away = strict\n")
    probe = t.rec(["--probe"], c.dir)[:3] + ["--probe"]
    check(subprocess.run(probe).returncode == 0, "the probe says no")
    c.kill(signal.SIGTERM)
    check(subprocess.run(probe).returncode == 125, "the probe lets a login by")
    term = t.recorded(["sh", "-c", "echo never"], c.dir)
    check(term.wait() == "exit 125", "exit")
    check(b"never" not in term.out and term.out.count(b"\n") == 1, bytes(term.out))
    term.as_before()


def case_recorder_killed(t):
    "spool: the recorder is killed meanwhile: what was shown is in the record"
    c, term = session(t)
    c.kill()
    term.send("seq 30000\r")
    term.expect("line-30000\r\n")
    os.kill(term.keeper(), signal.SIGKILL)
    check(term.wait() == "exit 125", "exit")
    c.start()
    until(lambda: statuses(c) == ["CUT"], "the session is cut")
    kept = shellac(c, "cat", "--raw", "1").stdout
    check(numbers(30000) in kept, "shown and not recorded")
    check(not spools(c), "a spool is left")


def case_store_full(t):
    "spool: the store is full: nobody notices; room is made: nothing is missing"
    if os.getuid() != 0:
        raise Skip("not root")
    path = t.tmp + "/roomy"
    os.makedirs(path + "/store", 0o700)
    os.chmod(path, 0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "torture", path + "/store"]
    if subprocess.call(mount, stderr=subprocess.DEVNULL) != 0:
        raise Skip("no mount")
    try:
        c = t.collector(directory=path, conf="user_quota = 0\n")
        term = t.recorded(["bash", "-c", LINES], path)
        term.expect("up")
        term.send("seq %d\r" % MANY)
        term.expect("line-%d\r\n" % MANY)
        check(NOTICE not in term.out, "a notice")
        subprocess.check_call(["mount", "-o", "remount,size=64m", path + "/store"])
        ends_complete(t, c, term)
        c.kill()
    finally:
        t.kill_left()
        t.reap()
        subprocess.call(["umount", "-l", path + "/store"])


def case_folder_gone(t):
    "spool: the collector and all its folders are gone: the session goes on and ends"
    c, term = session(t)
    c.kill()
    shutil.rmtree(c.dir)
    os.mkdir(c.dir)
    t.collectors.remove(c)
    term.send("seq 30000\r")
    term.expect("line-30000\r\n")
    term.send("end 5\r")
    check(term.wait() == "exit 5", "exit")
    term.as_before()
    until(lambda: t.bury() or not t.left(), "the keeper goes")


def case_no_room(t):
    "spool: a user's share is used up: the session stands still instead"
    c, first = session(t, SMALL + "spool_user = 3M\n")
    second = t.recorded(["bash", "-c", LINES], c.dir)
    second.expect("up")
    check(len(spools(c)) == 1, "spools")
    c.kill()
    second.send("seq %d\r" % MANY)
    second.expect(NOTICE.decode())
    first.send("one\r")
    first.expect("got-one")
    c.start()
    second.expect("line-%d\r\n" % MANY)
    for term in first, second:
        term.send("end 5\r")
        check(term.wait() == "exit 5", "exit")
    until(lambda: statuses(c) == ["COMPLETE"] * 2, "both are complete")


def begins(t, away):
    """A session that begins while nobody collects."""
    c = t.collector()
    away(c)
    term = t.recorded(["bash", "-c", LINES], c.dir)
    term.expect("up")
    term.send("seq 30000\r")
    term.expect("line-30000\r\n")
    check(not glob.glob(c.dir + "/store/session/*/*/*/*"), "it is in the store")
    return c, term


def case_start_ended(t):
    "start without a collector: it is certified when there is one, and whole"
    c, term = begins(t, lambda c: c.kill(signal.SIGTERM))
    c.start()
    until(lambda: statuses(c) == ["LIVE"], "it registers")
    term.send("one\r")
    term.expect("got-one")
    time.sleep(0.5)
    term.send("two\r")
    term.expect("got-two")
    ends_complete(t, c, term)


def case_start_hung(t):
    "start with a stopped collector: it starts all the same, and is whole"
    c, term = begins(t, pause)
    resume(c)
    ends_complete(t, c, term)


def case_start_end(t):
    "start and end without a collector: the keeper waits for one"
    c, term = begins(t, lambda c: c.kill())
    term.send("end 5\r")
    check(term.wait() == "exit 5", "exit")
    c.start()
    until(lambda: t.bury() or not t.left(), "the keeper goes")
    until(lambda: statuses(c) == ["COMPLETE"], "the session is complete")
    check(shellac(c, "cat", "--raw", "1").stdout == bytes(term.out), "the record")
    check(not spools(c), "a spool is left")


def orphan(t, before):
    c, term = begins(t, lambda c: c.kill())
    keeper = term.keeper()
    ended = before(term)
    os.kill(keeper, signal.SIGKILL)
    if not ended:
        term.wait()
    until(lambda: t.bury() or not t.left(), "the keeper goes")
    (path,) = spools(c)
    with open(path, "rb") as f:
        content = f.read()
    c.start()
    until(lambda: statuses(c) == ["UNCERTIFIED"], "it is taken in, uncertified")
    found = shellac(c, "verify")
    check(found.returncode == 1 and b"certificate" in found.stdout, "exit status of verify")
    check(numbers(30000) in shellac(c, "cat", "--raw", "1").stdout, "the record")
    until(lambda: not spools(c), "the spool goes")
    return c, path, content


def case_start_orphan(t):
    "start without a collector, recorder killed: taken in, uncertified"
    orphan(t, lambda term: None)


def case_start_orphan_end(t):
    "start and end without a collector, keeper killed: taken in once, uncertified"
    def before(term):
        term.send("end 5\r")
        check(term.wait() == "exit 5", "exit")
        return True
    c, path, content = orphan(t, before)
    c.kill(signal.SIGTERM)
    with open(path, "wb") as f:
        os.chmod(path, 0o600)
        f.write(content)
    c.start()
    until(lambda: not spools(c), "the same spool again goes")
    check(statuses(c) == ["UNCERTIFIED"], "it is taken in twice")
    c.kill(signal.SIGTERM)
    with open(path, "wb") as f:
        os.chmod(path, 0o600)
        f.write(content[:24] + b"x" + content[25:])
    c.start()
    until(lambda: spools(c) == [path + ".refused"], "another's spool is kept aside")
    check(statuses(c) == ["UNCERTIFIED"], "it is taken in under another name")


def case_hostile_spools(t):
    "spools that no recorder made: nothing is taken in, nothing breaks"
    c, path, content = orphan(t, lambda term: None)
    c.kill(signal.SIGTERM)
    folder = c.dir + "/spool/"
    names = [folder + "%032x.spool" % i for i in range(8)]
    far = (1 << 62).to_bytes(8, "little")
    contents = [b"", b"SHSP", content[:100], bytes(200), content[:8] + far + content[16:],
                content[:6] + b"\x01" + content[7:], content[:128] + b"\xf5" * 4000, content]
    for name, what in zip(names, contents):
        with open(name, "wb") as f:
            os.chmod(name, 0o600)
            f.write(what)
    os.unlink(names[7])
    os.symlink(c.dir + "/shellac.conf", names[7])
    os.mkfifo(folder + "%032x.spool" % 8, 0o600)
    os.mkdir(folder + "%032x.spool" % 9)
    os.link(names[6], folder + "%032x.spool" % 10)
    c.start()
    term = t.recorded(["sh", "-c", "echo up; exit 3"], c.dir)
    check(term.wait() == "exit 3", "a session with these around")
    until(lambda: sorted(statuses(c)) == ["COMPLETE", "UNCERTIFIED"], "sessions")


def case_spool_hung_twice(t):
    "spool: stopped and continued twice, on one connection"
    c, term = session(t)
    for turn in range(2):
        pause(c)
        term.send("seq %d\r" % (MANY + turn))
        term.expect("line-%d\r\n" % (MANY + turn))
        resume(c)
        time.sleep(1.5)
        term.send("word\r")
        term.expect("got-word")
    ends_complete(t, c, term)
