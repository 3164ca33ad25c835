#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A host that is silent, or whose store is behind its own ledger, is a finding of fleet status
and of verify."""
import json
import subprocess

import harness as h
import pg_world

pg_world.need()
import fleet_world as w  # noqa: E402  pylint: disable=wrong-import-position

LONG = 1000000
hosts = [w.Host(name, [["sh", "-c", f"echo {name} {i}"] for i in range(3)]) for name in ("db1", "db2")]
for one in hosts:
    one.stop()
fleet = w.Fleet(hosts)


def heartbeat(seconds):
    fleet.sql(f"update shellac.host set heartbeat_s = {seconds}")


def status():
    """Exit status, kinds of findings by host."""
    run = fleet.run("fleet", "status", "--json")
    rows = {row["host"]: row for row in map(json.loads, run.stdout.splitlines())}
    return run.returncode, {name: sorted(f["kind"] for f in row["findings"]) for name, row in
                            rows.items()}, rows


heartbeat(LONG)
h.equal(status()[:2], (0, {"db1": [], "db2": []}), "a host that was just added is not silent yet")
fleet.sql("update shellac.host set added = now() - interval '20 days'")
h.equal(status()[:2], (1, {"db1": ["silent"], "db2": ["silent"]}), "one that never came is")
for one in hosts:
    fleet.forward(one)
code, kinds, rows = status()
h.equal((code, kinds), (0, {"db1": [], "db2": []}), "what is here whole is no finding")
h.ok(rows["db1"]["behind"] == 0 and rows["db1"]["ledger"] is not None and rows["db1"]["seen"] is not None,
     "status says how it stands", rows["db1"])
text = fleet.run("fleet", "status").stdout.decode().splitlines()
h.ok(text[0].split() == ["HOST", "SEEN", "LEDGER", "BEHIND", "STATE"] and text[1].startswith("db1 ") and
     text[1].endswith(" ok"), "as a table, too", "\n".join(text))
h.equal(fleet.verify()[0], 0, "verify finds nothing")


def reports(*words):
    """Exit status; the total's rows by host; what is in front of it."""
    run = fleet.run("report", "--format", "json", *words)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    total = [line for line in lines if line.get("section") == "all hosts"]
    return run.returncode, {row["host"]: row for row in total[0]["hosts"]} if total else {}, lines


def alone(host):
    """Findings of the report on its own store."""
    run = subprocess.run([h.SHELLAC, "-S", host.store, "report", "--format", "json", "--key",
                          host.enrolment], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    return run.returncode, sum(json.loads(line).get("findings", 0) for line in run.stdout.splitlines()
                               if isinstance(json.loads(line).get("findings"), int))


code, total, lines = reports()
own = {one.name: alone(one) for one in hosts}
h.equal({name: row["findings"] for name, row in total.items()}, {name: n for name, (_, n) in own.items()},
        "a report on a fleet finds on each host what one on its store does")
h.equal((code, [row["sessions"] for row in total.values()]), (max(c for c, _ in own.values()), [3, 3]),
        "... with its status, and all sessions")
h.equal(len(reports("host", "db1")[1]), 0, "a report on one host has no total")
text = fleet.run("report").stdout.decode()
h.ok("ALL HOSTS" in text and "2 hosts, 6 sessions" in text, "as text it ends with the total", text[-300:])
h.equal(fleet.run("report", "-o", h.work + "/report").returncode, 2, "a file has room for one host")

fleet.sql("update shellac.seen set at = now() - interval '20 days' where host = " + fleet.id_of("db1"))
h.equal(status()[:2], (1, {"db1": ["silent"], "db2": []}), "one that is no longer heard of is silent")
code, _, found = fleet.verify()
h.ok(code == 1 and [(host, kind) for host, _, kind in found] == [("db1", "silent")],
     "verify says so", found)
h.equal({name: row["findings"] - own[name][1] for name, row in reports()[1].items()},
        {"db1": 1, "db2": 0}, "a report does")
fleet.sql("update shellac.seen set at = now() + interval '20 days'")
h.equal(status()[:2], (1, {"db1": ["behind"], "db2": ["behind"]}),
        "one that is heard of long after its ledger ended is behind")
fleet.sql("update shellac.seen set at = now()")
heartbeat(1)
# the ends of sessions are looked for a heartbeat later
h.eventually(60, lambda: status()[2]["db1"]["closed"] == 3)
fleet.sql("update shellac.seen set at = now() + interval '60 s'")
h.equal([status()[2][name]["incomplete"] for name in ("db1", "db2")], [0, 0], "all sessions are whole")
saved = "shellac.piece p where kind = 1 and n = 2 and host = " + fleet.id_of("db2") + " and seq =" \
    " (select max(seq) from shellac.piece q where q.host = p.host and q.kind = 1 and q.n = 2)"
fleet.sql("create table kept as select * from " + saved + "; delete from " + saved)
code, kinds, rows = status()
h.ok(code == 1 and kinds == {"db1": [], "db2": ["behind"]} and rows["db2"]["incomplete"] == 1 and
     "the first is 2" in rows["db2"]["findings"][0]["text"], "a session that is not whole is found", rows)
h.ok(("db2", None, "behind") in fleet.verify("db2")[2], "... by verify, too", fleet.verify("db2")[2])
fleet.sql("insert into shellac.piece select * from kept")
h.equal(status()[1], {"db1": [], "db2": []}, "and when it has come all is well")
fleet.sql("insert into shellac.tamper select host, kind, n, seq, day, hash, sha256('x'), 'x' from"
          " shellac.piece where kind = 1 and n = 1 and seq = 0 and host = " + fleet.id_of("db1"))
h.equal(status()[:2], (1, {"db1": ["tamper"], "db2": []}), "what came twice is a finding")
h.done()
