#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The kernel's process records: all there, each one with the session it belongs
to.  In a pid namespace of the test's own, so that accounting is its own too."""
import ctypes
import os
import shutil
import subprocess
import sys
import time

import harness as h

COUNT = 5000


def program(name):
    """A short program whose records can be told by its name."""
    path = os.path.join(h.work, name)
    shutil.copy("/bin/true", path)
    return path


def many(path, count=COUNT):
    return ["/bin/sh", "-c", f"i=0; while [ $i -lt {count} ]; do {path}; i=$((i + 1)); done"]


def rows(collector, comm=None, session=None):
    found = collector.objects("procs", *(("--session", str(session)) if session else ()))
    return [r for r in found if comm is None or r["comm"] == comm]


def sessions_of(found):
    return sorted({r["session"] for r in found}, key=str)


def storm(collector):
    inside, outside = program("shl-inside"), program("shl-outside")
    terminal = h.record(collector, many(inside))
    bare = subprocess.Popen(many(outside), stdin=subprocess.DEVNULL)
    h.equal(terminal.wait(300), 0, "a session of 5,000 processes")
    h.equal(bare.wait(), 0, "beside 5,000 outside")
    n = max(collector.files())
    mine = rows(collector, "shl-inside")
    h.equal(len(mine), COUNT, "all of its records are there")
    h.equal(sessions_of(mine), [n], "each is the session's")
    others = rows(collector, "shl-outside")
    h.equal(len(others), COUNT, "all of the others are there")
    h.ok(not any(r["session"] for r in others), "none of them is a session's", sessions_of(others))
    h.equal(len(rows(collector, "shl-inside", n)), COUNT, "--session gives them")
    h.equal(rows(collector, "shl-outside", n), [], "and only them")
    h.ok(all(r["tty"] and r["tty"].startswith("pts/") for r in mine[:100]), "they have the terminal")
    h.ok({r["exit"] for r in mine} == {0} and not any(r["signal"] for r in mine), "and their status")
    listed = collector.objects("list")[-1]["commands"]
    h.ok(listed and listed >= COUNT, "list counts the commands", listed)
    kernel = [f for f in os.listdir(os.path.join(collector.dir, "store/process"))
              if f.startswith("kernel-")]
    h.note(f"kernel's files left: {kernel}")
    h.ok(len(kernel) < 10, "the kernel's files are taken in and removed", kernel)


def no_markers(collector):
    status = collector.objects("status")[0]
    h.note(status.get("acct"))
    living = [r for r in rows(collector) if r["pid"] == collector.proc.pid]
    h.equal(living, [], "the kernel's markers are no processes")


def high_terminal(collector):
    held = []
    try:
        while len(held) < 290:
            held.extend(os.openpty())
    except OSError as why:
        h.skip("terminals above 255", why)
        return
    terminal = h.record(collector, [program("shl-high")])
    terminal.wait()
    for fd in held:
        os.close(fd)
    found = rows(collector, "shl-high")
    h.equal(len(found), 1, "a process on a terminal above 255")
    h.ok(found and 100 < int(found[0]["tty"].split("/")[1]) < 2048, "its terminal is told", found)
    h.equal(sessions_of(found), [max(collector.files())], "it is the session's")


def daemon(collector):
    left = program("shl-left")
    shutil.copy("/bin/sleep", left)
    begin = time.monotonic()
    terminal = h.record(collector, ["/bin/sh", "-c", f"setsid {left} 6 </dev/null >/dev/null 2>&1 & sleep 0.3"])
    h.equal(terminal.wait(), 0, "a session that leaves a daemon ends")
    h.ok(time.monotonic() - begin < 5, "without waiting for it")
    n = max(collector.files())
    h.equal(rows(collector, "shl-left"), [], "the daemon is running")
    found = h.eventually(20, lambda: rows(collector, "shl-left"))
    h.equal(sessions_of(found or []), [n], "its record is the session's, after its end")
    holder = program("shl-holder")
    shutil.copy("/bin/sleep", holder)
    begin = time.monotonic()
    terminal = h.record(collector, ["/bin/sh", "-c", f"setsid {holder} 5 & sleep 0.3"])
    h.equal(terminal.wait(), 0, "one that keeps the terminal open does not hold the session")
    h.ok(time.monotonic() - begin < 4.5, "either")
    h.eventually(20, lambda: rows(collector, "shl-holder"))
    h.equal(sessions_of(rows(collector, "shl-holder")), [max(collector.files())], "it is known too")


def double_fork(collector):
    late = program("shl-late")
    terminal = h.record(collector, [
        "/bin/sh", "-c", f"(setsid sh -c 'sleep 1; {late}' </dev/null >/dev/null 2>&1 &); sleep 0.3; exit 4"])
    h.equal(terminal.wait(), 4, "a session whose orphan starts programs later")
    n = max(collector.files())
    found = h.eventually(20, lambda: rows(collector, "shl-late"))
    h.equal(sessions_of(found or []), [n], "these are the session's")


def nested(collector):
    deep, shallow = program("shl-deep"), program("shl-shallow")
    outer = max(collector.files()) + 1
    terminal = h.record(collector, [
        "/bin/sh", "-c",
        f"{shallow}; {h.REC} -d {collector.dir} -- /bin/sh -c '{deep}; exit 3'; echo inner $?"])
    h.ok(terminal.wait_for("inner 3"), "a recorder inside of a session")
    h.equal(terminal.wait(), 0, "ends")
    h.equal(sessions_of(rows(collector, "shl-shallow")), [outer], "the outer one's process")
    h.equal(sessions_of(rows(collector, "shl-deep")), [outer + 1], "the innermost owns its own")
    h.ok(all(r.get("outer") == outer for r in rows(collector, "shl-deep")),
         "the outer number is kept", rows(collector, "shl-deep"))


def across_a_crash(collector):
    lived = program("shl-lived")
    terminal = h.record(collector, ["/bin/sh", "-c", f"echo here; read -r x; {lived}; echo done; read -r x"])
    terminal.wait_for("here")
    collector.kill()
    bare = program("shl-away")
    for _ in range(20):
        subprocess.run([bare], check=True)
    collector.start()
    terminal.send("\r")
    terminal.wait_for("done")
    terminal.send("\r")
    h.equal(terminal.wait(), 0, "a session across a crash of the collector")
    h.equal(sessions_of(rows(collector, "shl-lived")), [max(collector.files())], "its process is its own")
    h.equal(len(rows(collector, "shl-away")), 20, "processes of the time between are there")


def fails(collector):
    """What the ledger says of accounting: an error each, 0 where it works again."""
    return [e["error"] for e in collector.objects("ledger") if e["type"] == "FAIL"]


def taken_away(collector):
    before = len(fails(collector))
    begin = time.monotonic()
    off = "import ctypes; raise SystemExit(ctypes.CDLL(None).acct(None))"
    taker = subprocess.Popen([sys.executable, "-c", off])
    h.equal(taker.wait(), 0, "another process turns accounting off")
    ended = time.monotonic()
    found = h.eventually(20, lambda: fails(collector)[before:])
    h.ok(found and found[0] != 0 and time.monotonic() - ended < 5, "the ledger says so at once", found)
    h.ok(f"process {taker.pid} (uid 0" in collector.text(), "the log says who did")
    h.ok(h.eventually(30, lambda: len(fails(collector)) > before + 1), "it is taken back")
    h.equal(fails(collector)[-1], 0, "the ledger says that it is over")
    h.note(f"after {time.monotonic() - begin:.1f} s")
    again = program("shl-again")
    subprocess.run([again], check=True)
    h.equal(len(rows(collector, "shl-again")), 1, "records come again")


def switches(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="ascii", errors="replace") as f:
            total += sum(int(line.split()[1]) for line in f if line.startswith("voluntary_ctxt"))
    return total


def idle(collector):
    terminal = h.record(collector, ["/bin/sh", "-c", "echo here; read -r x"])
    terminal.wait_for("here")
    time.sleep(2)
    before = switches(collector.proc.pid)
    time.sleep(12)
    woken = switches(collector.proc.pid) - before
    h.ok(woken < 12, "an idle collector, with an idle session, wakes less than once a second", woken)
    terminal.send("\r")
    terminal.wait()


def rotated(collector):
    folder = os.path.join(collector.dir, "store/process")
    last = program("shl-last")
    subprocess.run([last], check=True)
    old = {f for f in os.listdir(folder)}
    h.equal(collector.auditor("rotate").returncode, 0, "shellac rotate")
    new = {f for f in os.listdir(folder)}
    h.ok(any(f.endswith(".shlp") for f in new - old), "closes the segment of records", new)
    h.ok(not any(f.startswith("kernel-") for f in new & old), "and the kernel's file", new)
    epoch = [e for e in collector.objects("ledger") if e["type"] == "EPOCH"][-1]
    size = sum(os.path.getsize(os.path.join(folder, f)) for f in old if f.endswith(".shlp"))
    h.ok(epoch["records_to"] >= size, "the epoch vouches for all of it", (epoch, size))


def owner_before(folder):
    """As Debian's acct package: accounting is on, to its file, when the collector starts."""
    subprocess.run(["mount", "-t", "tmpfs", "none", "/var/log"], check=True)
    os.mkdir("/var/log/account")
    path = "/var/log/account/pacct"
    with open(path, "wb"):
        pass
    h.equal(ctypes.CDLL(None).acct(path.encode()), 0, "somebody owns accounting")
    subprocess.run(["/bin/true"], check=True)
    collector = h.Collector(folder).start()
    h.ok(path in collector.text(), "the log says from whom it was taken", collector.text())
    h.ok("on" in str(collector.objects("status")[0].get("acct")), "it is taken")
    collector.stop()
    subprocess.run(["umount", "/var/log"], check=True)


def stopping(collector):
    own = len(rows(collector))
    h.equal(collector.stop(), 0, "the collector ends")
    folder = os.path.join(collector.dir, "store/process")
    size = sum(os.path.getsize(os.path.join(folder, f)) for f in os.listdir(folder))
    for _ in range(50):
        subprocess.run(["/bin/true"], check=True)
    h.equal(sum(os.path.getsize(os.path.join(folder, f)) for f in os.listdir(folder)), size,
            "accounting is off then")
    h.ok(len(rows(collector)) >= own, "all records stay")
    h.equal(collector.auditor("verify").returncode, 0, "verify is clean")


def main():
    h.own_pid_namespace()
    collector = h.Collector(conf="acct_size = 65536\n").start()
    state = collector.objects("status")[0].get("acct")
    if not h.ok("on" in str(state), "accounting is on", state):
        h.note(collector.text())
    for part in (storm, no_markers, high_terminal, daemon, double_fork, nested, across_a_crash,
                 taken_away, idle, rotated, stopping):
        part(collector)
    owner_before(os.path.join(h.work, "second"))
    h.done()


main()
