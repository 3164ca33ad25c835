#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The stores of several hosts in one database, read like a store: the same sessions, the
same verdicts; whose keys count; what is said when it cannot be read."""
import json
import os
import resource
import shutil
import subprocess

import fleet_world
import harness as h
import pg_world

LINES = ["sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.15; done"]
BIG = ["sh", "-c", "head -c 30000000 /dev/zero | tr '\\0' x | fold -w 100"]
MEMORY_MAX = 200 << 10  # KiB


def local(host, *args):
    return subprocess.run([h.SHELLAC, "-S", host.store, *args], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          timeout=300)


def objects(out, **without):
    found = [json.loads(line) for line in out.splitlines()]
    return [{k: v for k, v in o.items() if k not in without} for o in found]


def is_sealed(path):
    """What was shown so far: the rest of a session that goes on is not forwarded."""
    found = h.frames(path)
    return found[-1].type == h.SEAL and \
        any(f.type == h.OUTPUT and f.data.endswith(b"b\r\n") for f in found)


def make():
    db1 = fleet_world.Host("db1", [["echo", "one"], LINES, BIG])
    web1 = fleet_world.Host("web1", [["echo", "uno"]], fleet_world.CONF + "compress = no\n")
    live = h.record(web1.collector, ["sh", "-c", "echo a; echo b; read x"])
    live.wait_for("b\r\n")
    db1.stop()
    if not h.eventually(60, lambda: is_sealed(web1.collector.files()[2])):
        h.note("the live session is not sealed")
    web1.collector.kill()
    fleet = fleet_world.Fleet([db1, web1])
    for host in (db1, web1):
        fleet.forward(host)
    live.send("\n")
    live.wait()
    return fleet, db1, web1


def same_as_local(fleet, host):
    name = host.name
    wanted = local(host, "verify", "--json", "--key", host.enrolment)
    got = fleet.run("verify", "--json", name)
    h.equal((got.returncode, objects(got.stdout, host=1)),
            (wanted.returncode, objects(wanted.stdout)), f"verify of {name} says what its store says")
    wanted = objects(local(host, "list", "--json").stdout, host=1, level=1)
    got = [o for o in fleet.objects("list") if o["host"] == name]
    h.equal(objects("\n".join(map(json.dumps, got)), host=1, level=1), wanted,
            f"list has the sessions of {name}")
    for n in host.collector.files():
        h.same_bytes(fleet.run("cat", "--raw", f"{name}/{n}").stdout,
                     local(host, "cat", "--raw", str(n)).stdout, f"{name}/{n} is the same session")
    h.same_bytes(fleet.run("ledger", name).stdout, local(host, "ledger").stdout,
                 f"and its ledger that of {name}")


def all_hosts(fleet):
    found = fleet.objects("list")
    h.equal(sorted((o["host"], o["n"]) for o in found),
            [("db1", 1), ("db1", 2), ("db1", 3), ("web1", 1), ("web1", 2)], "list has all hosts")
    starts = [o["start"] for o in found]
    h.equal(starts, sorted(starts), "by the time of their start")
    text = fleet.run("list").stdout.decode()
    h.ok(text.startswith("HOST") and "\nweb1" in text and "\ndb1" in text, "with a column HOST", text)
    run = fleet.run("verify")
    h.equal([line for line in run.stdout.decode().splitlines() if line in ("db1", "web1")],
            ["db1", "web1"], "verify tells of each host under its name")
    h.equal(run.returncode, 0, "and ends with 0, since nothing is wrong")
    h.equal(fleet.verify("db1/2", "web1/1")[:2],
            (0, {("db1", 2): "COMPLETE", ("web1", 1): "COMPLETE"}), "or of two sessions alone")


def one_session(fleet, db1):
    ids = {(o["host"], o["n"]): o["id"] for o in fleet.objects("list")}
    h.equal(fleet.run("cat", "db1/2").stdout, b"line 1\nline 2\nline 3\n", "cat HOST/NUMBER")
    h.equal(fleet.run("cat", "db1/last").stdout[:100], b"x" * 100, "cat HOST/last")
    h.equal(fleet.run("cat", "last").stdout.splitlines()[-1:], [b"b"], "cat last is the newest of all")
    h.equal(fleet.run("cat", ids["web1", 1]).stdout, b"uno\n", "cat ID")
    h.equal(fleet.run("cat", "3").stdout[:3], b"xxx", "cat NUMBER that only one host has")
    run = fleet.run("cat", "1")
    h.ok(run.returncode == 2 and b"db1/1, web1/1" in run.stderr, "one that both have is a question",
         run.stderr)
    for arg, status in (("db9/1", 3), ("db1/99", 3), ("99", 3), ("db1/zz", 2), ("zz", 2)):
        h.equal(fleet.run("cat", arg).returncode, status, f"cat {arg} ends with {status}")
    h.ok(b"line 3" in fleet.run("replay", "db1/2").stdout, "replay")
    h.ok(b"line 3" in fleet.run("export", "--format", "text", "db1/2").stdout, "export")
    bundle = os.path.join(h.work, "bundle")
    h.equal(fleet.run("bundle", "-o", bundle, "db1/2").returncode, 0, "bundle")
    run = subprocess.run([h.SHELLAC, "verify", "--key", db1.enrolment, bundle],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
    h.equal(run.returncode, 0, "which proves the session without the fleet")
    h.ok(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < MEMORY_MAX,
         "nothing needed 200 MB for that", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def keys(fleet, db1, web1):
    kept = os.path.join(fleet_world.HOSTS, "web1.enrolment")
    os.rename(kept, kept + ".away")
    code, sessions, findings = fleet.verify()
    h.equal((code, sessions["web1", 1], sessions["db1", 1]), (1, "UNCERTIFIED", "COMPLETE"),
            "without its enrolment nothing of a host is certified")
    h.ok(("web1", None, "certificate") in findings, "which is a finding", findings)
    run = fleet.run("cat", "web1/1")
    h.ok(run.returncode == 1 and fleet_world.HOSTS.encode() in run.stderr,
         "cat shows it, and says where it wants the enrolment", run.stderr)
    h.equal(fleet.verify("--key", web1.enrolment)[0], 0, "--key gives it")
    h.equal(fleet.verify("--key", web1.enrolment, "--key", db1.enrolment)[0], 0, "twice, too")
    h.equal(fleet.verify("--key", kept + ".away", "web1")[1]["web1", 1], "COMPLETE",
            "from whatever file")
    shutil.copy(os.path.join(db1.store, "host.pub"), kept[:-10] + ".pub")
    h.equal(fleet.verify("web1")[1]["web1", 1], "UNCERTIFIED", "another host's key is not taken for it")
    os.unlink(kept[:-10] + ".pub")
    shutil.copy(os.path.join(web1.store, "host.pub"), kept[:-10] + ".pub")
    h.equal(fleet.verify("web1")[0], 0, "a host.pub does as well")
    os.unlink(kept[:-10] + ".pub")
    with open(kept, "wb") as f:
        f.write(b"no key\n\033[31m")
    run = fleet.run("list")
    h.ok(run.returncode == 0 and b"web1.enrolment" in run.stderr and b"\033" not in run.stderr,
         "a file that is no key is said", run.stderr)
    os.rename(kept + ".away", kept)
    other = fleet_world.Host("other", [])
    run = fleet.run("verify", "--key", other.enrolment)
    h.ok(run.returncode == 3 and b"no host in this fleet" in run.stderr,
         "--key of a host that is not there is said", run.stderr)
    other.collector.kill()
    run = local(db1, "verify", "--key", db1.enrolment, "--key", db1.enrolment)
    h.equal(run.returncode, 2, "a store wants one --key")


def fails(fleet, name, conninfo, words):
    run = fleet.run("list", conninfo=conninfo)
    h.ok(run.returncode == 3 and all(w in run.stderr for w in words) and run.stdout == b"" and
         len(run.stderr.splitlines()) == 1, name, (run.returncode, run.stderr))


def errors(fleet):
    server = fleet.server
    server.sql("create role nobody1 login; create role reader login in role shellac_auditor; "
               "create database bare", dbname="postgres")
    fails(fleet, "a server that is not there",
          f"host=127.0.0.1 port={pg_world.free_port()} dbname=shellac user=postgres", [b"refused"])
    fails(fleet, "a database that is not there", server.conninfo(dbname="none"), [b"none"])
    fails(fleet, "a database without the tables", server.conninfo(dbname="bare"),
          [b"shellac fleet init"])
    fails(fleet, "a role without rights", server.conninfo("nobody1"), [b"shellac_auditor"])
    h.equal(fleet.run("verify", conninfo=server.conninfo("reader")).returncode, 0,
            "a role that has shellac_auditor is enough")
    copy = fleet.copy()
    copy.sql("update shellac.version set version = 99")
    fails(copy, "tables of a later version", None, [b"version 99"])
    uri = f"postgresql://postgres@127.0.0.1:{server.port}/shellac"
    run = fleet.run("cat", "db1/1", conninfo=uri)
    h.equal((run.returncode, run.stdout, run.stderr), (0, b"one\n", b""), "a URI, over loopback")
    for command in (["status"], ["check"], ["rotate"]):
        h.ok(fleet.run(*command).returncode in (2, 3), f"{command[0]} is no question to a fleet")


def main():
    pg_world.need()
    fleet, db1, web1 = make()
    same_as_local(fleet, db1)
    same_as_local(fleet, web1)
    all_hosts(fleet)
    one_session(fleet, db1)
    keys(fleet, db1, web1)
    errors(fleet)


main()
h.done()
