#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Questions to a fleet have the answers that the hosts' own stores give to them, one by one;
what its index says is borne out by the records, or is a finding."""
import json
import os
import subprocess
import time

import fleet_processes as fp
import harness as h
import pg_world

pg_world.need()
import fleet_world as w  # noqa: E402  pylint: disable=wrong-import-position

NAMES = ["db1", "db2", "web1"]
FIRST = int(time.time()) // fp.DAY * fp.DAY - 4 * fp.DAY
ME = os.getuid()


def date(day, clock="00:00"):
    return time.strftime("%Y-%m-%d ", time.gmtime(FIRST + day * fp.DAY)) + clock + "Z"


def processes(host, which):
    """Three days of a host: users, sessions and programs that differ from host to host."""
    segment = fp.Segment(FIRST)
    for i in range(240):
        comm = ["sed", "make", "cc1", "grep"][(i + which) % 4]
        argv = [comm, f"--file={i}", "x" * (i % 90)] if i % 3 else None
        segment.life(1000 + i, [ME, 4001, 4002][(i + which) % 3], i * 1080, 1 + i % 50, comm,
                     [0, 1, 2][i % 3], argv, (i % 5 == 0) << 8)
    segment.write(host.store)


def local(host, *args):
    run = subprocess.run([h.SHELLAC, "-S", host.store, *args, "--json"], check=False,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return [json.loads(line) for line in run.stdout.splitlines()]


def without_host(rows, name):
    return [{k: v for k, v in row.items() if k != "host"} for row in rows if row.get("host") == name]


hosts = [w.Host(name, [["sh", "-c", f"echo marker-{name}-{i}"] for i in range(3)]) for name in NAMES]
for n, one in enumerate(hosts):
    one.stop()
    processes(one, n)
fleet = w.Fleet(hosts)
fleet.sql("update shellac.host set heartbeat_s = 1000000")
for one in hosts:
    fleet.forward(one)
h.equal(fleet.sql("select count(*) from shellac.process"), str(240 * len(hosts)),
        "the index has a row for each process")


def same(name, command, words, expected=None, **only):
    """The fleet's answer is that of each host's store; on: the hosts that can have any."""
    on = only.get("on", NAMES)
    said = fleet.objects(command, *words)
    wanted = {host.name: local(host, command, *(words if expected is None else expected)) if host.name in on else []
              for host in hosts}
    got = {name: without_host(said, name) for name in NAMES}
    if command == "list":
        for rows in wanted.values():
            for row in rows:
                row.pop("host", None)
    if command == "coverage":
        got = {k: [r for r in v if r["kind"] != "summary"] for k, v in got.items()}
        wanted = {k: [r for r in v if r["kind"] != "summary"] for k, v in wanted.items()}
    h.equal(got, wanted, f"{command} {name}")
    h.ok(sum(map(len, wanted.values())) > 0 or only.get("none"), f"... and {name} finds some")


me = subprocess.run(["id", "-un"], stdout=subprocess.PIPE, check=True).stdout.decode().strip()
same("by number", "procs", ["user", "4001"])
same("by name", "procs", ["user", me])
same("by user and day", "procs", ["user", "4001", "fromdate", date(1), "todate", date(2)])
same("by day", "procs", ["fromdate", date(1), "todate", date(1, "12:00")])
same("by two users", "procs", ["( user 4001 or user 4002 )", "fromdate", date(2)])
same("by session", "procs", ["session", "2"])
same("by command and time", "procs", ["command", "file=1", "fromdate", date(0), "todate", date(2)])
same("by what is not", "procs", ["not", "user", "4001", "todate", date(2)])
same("by exit status", "procs", ["exit", "1", "user", "4002"])
same("by nobody", "procs", ["user", "nobody-here"], none=True)
same("all", "procs", [])
same("on one host", "procs", ["host", "db1", "user", "4001"], ["user", "4001"], on=["db1"])
same("on some hosts", "procs", ["host = db* user 4001"], ["user", "4001"], on=["db1", "db2"])
same("not on one", "procs", ["user", "4001", "not", "host=web1"], ["user", "4001"], on=["db1", "db2"])
same("of one host's session", "procs", ["session", "db2/1"], ["session", "1"], on=["db2"])
same("without the index", "procs", ["user", "4001", "--no-index"], ["user", "4001"])
same("all", "list", [])
same("by user", "list", ["user", me])
same("by time", "list", ["fromdate", "yesterday", "not", "status", "cut"])
same("of long ago", "list", ["todate", date(0)], none=True)
same("on one host", "list", ["host", "web1"], [], on=["web1"])
same("on any of two", "list", ["host db1 or host web1"], [], on=["db1", "web1"])
same("all", "search", ["marker"])
same("one", "search", ["marker-db2", "user", me])
same("on one host", "search", ["marker", "host=db1"], ["marker"], on=["db1"])
same("programs", "search", ["--in", "commands", "file=1"])
same("all", "coverage", [])
same("on some", "coverage", ["host", "db*"], [], on=["db1", "db2"])

text = fleet.run("procs", "user", "4001", "host", "web1").stdout.decode().splitlines()
h.ok(text[0].startswith("HOST ") and len(text) == 81 and all(t.startswith("web1 ") for t in text[1:]),
     "a table has the host in front", "\n".join(text[:3]))
sums = fleet.objects("procs", "--sum", "user")
h.equal({(s["host"], s["uid"], s["count"]) for s in sums},
        {(name, uid, 80) for name in NAMES for uid in (ME, 4001, 4002)}, "sums are of each host")
h.equal(fleet.run("procs", "--follow").returncode, 2, "a fleet is not followed")
done = fleet.run("replay", "--follow", "web1/1")
h.equal((done.returncode, b"own store" in done.stderr), (2, True), "nor one session of it")

# -- the timeline of one of its hosts --

done = fleet.run("timeline")
h.equal((done.returncode, b"timeline host NAME" in done.stderr), (2, True),
        "a timeline is of one host: it says how to name it")
wanted = local(hosts[2], "timeline", "fromdate", date(0), "todate", "tomorrow")
got = fleet.objects("timeline", "host", "web1", "fromdate", date(0), "todate", "tomorrow")
h.ok(len(wanted) > 20 and {row["source"] for row in wanted} >= {"sessions", "ledger"},
     "a host's own store has some", len(wanted))
h.equal(without_host(got, "web1"), wanted, "the fleet's says the same")
h.equal([fleet.run("timeline", "kind", "session-end", "and", "host", name).returncode
         for name in NAMES + ["db9"]], [0, 0, 0, 3], "host stands anywhere between the words")
h.equal(subprocess.run([h.SHELLAC, "-S", hosts[0].store, "timeline", "host", "db1"], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode, 2,
        "a host's own store has no such word")
found = fleet.run("search", "marker-db2-1").stdout.decode()
h.ok("session db2/2, " in found and " replay db2/2 --at " in found, "search says how to go there", found)
clean = fleet.run("procs", "user", "4001")
h.equal((clean.returncode, clean.stderr), (0, b""), "an index that is borne out is no finding")


def asked(*args):
    """How many questions such a command has for the database."""
    with open(fleet.server.log, encoding="utf-8", errors="replace") as log:
        log.seek(0, os.SEEK_END)
        fleet.run(*args)
        return log.read().count("execute <unnamed>: ")


fleet.sql("alter database shellac set log_statement = 'all'")
fleet.run("list")
one, many = asked("list", "host", "web1"), asked("list")
h.ok(0 < many <= one + 2, "of all hosts no more is asked than of one", (one, many))
since = ["fromdate", date(2), "user", me]
fleet.run("list", *since)
one, many = asked("list", "host", "web1", *since), asked("list", *since)
h.ok(0 < many <= one + 2, "nor of some of their sessions", (one, many))
since[-1] = "4001"
one, many = asked("procs", "host", "web1", *since), asked("procs", *since)
h.ok(0 < many <= one + 2, "nor of their processes", (one, many))
fleet.sql("alter database shellac reset log_statement")


def refused(name, change, back, words=("user", "4001"), shown=240):
    """A changed index is told of, and does not change what is shown."""
    fleet.sql(change)
    run = fleet.run("procs", "--json", *words)
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    h.ok(run.returncode == 1 and b"index" in run.stderr and len(rows) == shown and
         all(row["uid"] == 4001 for row in rows), f"{name} is a finding, and not shown",
         f"{run.returncode} {len(rows)} {run.stderr[:300]}")
    fleet.sql(back)
    h.equal(fleet.run("procs", *words).returncode, 0, f"... and without it there is none")


ROW = "host = " + fleet.id_of("db2") + " and pid = 1100"
old = fleet.sql(f"select uid from shellac.process where {ROW}")
refused("a user's name on another's process", f"update shellac.process set uid = 4001 where {ROW}",
        f"update shellac.process set uid = {old} where {ROW}", shown=240 if old != "4001" else 240)
mine = "host = " + fleet.id_of("db1") + " and segment = 1 and slot = (select min(slot) from" \
    " shellac.process where uid = 4001 and host = " + fleet.id_of("db1") + ")"
refused("another time", f"update shellac.process set started = started + interval '1 hour' where {mine}",
        f"update shellac.process set started = started - interval '1 hour' where {mine}")
refused("a record that is not there", "insert into shellac.process select (r).* from (select"
        " jsonb_populate_record(p, '{\"segment\": 99}') as r from shellac.process p where " + mine + ") x",
        "delete from shellac.process where segment = 99")
refused("a place beyond all files", "insert into shellac.process select (r).* from (select"
        " jsonb_populate_record(p, '{\"slot\": 9223372036854775807}') as r from shellac.process p"
        " where " + mine + ") x", "delete from shellac.process where slot > 1000000")
refused("a program elsewhere", f"update shellac.process set exec_segment = 1, exec_slot = 2 where {ROW}"
        f" and false; update shellac.process set exec_slot = exec_slot + 1 where host = "
        + fleet.id_of("db1") + " and uid = 4001 and exec_slot is not null and pid % 7 = 0",
        "update shellac.process set exec_slot = exec_slot - 1 where host = " + fleet.id_of("db1")
        + " and uid = 4001 and exec_slot is not null and pid % 7 = 0")
fleet.sql(f"delete from shellac.process where {mine}")
h.equal((len(fleet.objects("procs", "user", "4001")), len(fleet.objects("procs", "user", "4001", "--no-index"))),
        (239, 240), "what the index does not have is found without it")
fleet.sql("delete from shellac.piece where kind = 2 and host = " + fleet.id_of("web1"))
gone = fleet.run("procs", "--json", "user", "4001")
h.ok(gone.returncode == 1 and gone.stderr.count(b"web1: process/") == 20 and
     b"60 more such" in gone.stderr, "records that are gone are findings", gone.stderr[-300:])
h.done()
