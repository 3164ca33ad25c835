#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What whoever owns the fleet's database can do to it, and what verify says of that; and a
host's store made anew from the fleet, byte for byte."""
import os
import shutil
import subprocess

import fleet_world
import harness as h
import pg_world

LINES = ["sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.15; done"]
ALL = {("db1", 1): "COMPLETE", ("db1", 2): "COMPLETE", ("db1", 3): "COMPLETE",
       ("web1", 1): "COMPLETE", ("web1", 2): "COMPLETE"}
# what a store has and a fleet does not
NOT_FORWARDED = {"epoch.key", "shellac.conf", "ledger/hashes", "ledger/running"}
OTHER = "set_byte(data, 20, 255 - get_byte(data, 20))"


def make():
    db1 = fleet_world.Host("db1", [["echo", "one"]])
    db1.settle()
    web1 = fleet_world.Host("web1", [["echo", "uno"], LINES])
    fleet = fleet_world.Fleet([db1, web1])
    fleet.forward(db1)
    fleet.early = "db1"
    db1.record(LINES)
    db1.record(["echo", "three"])
    db1.stop()
    web1.stop()
    for host in (db1, web1):
        fleet.forward(host)
    return fleet, db1, web1


def attack(fleet, name, sql, sessions, findings, *args, code=1, gone=()):
    """sessions: those that are judged in another way then."""
    copy = fleet.copy()
    copy.sql(sql)
    wanted = {k: v for k, v in {**ALL, **sessions}.items() if k not in gone}
    got = copy.verify(*args)
    h.equal(got, (code, wanted, sorted(findings, key=str)), name)
    return copy


def piece(fleet, host, kind, n, seq=None):
    where = f"host = {fleet.id_of(host)} and kind = {kind} and n = {n}"
    return where if seq is None else f"{where} and seq = {seq}"


def chunks(fleet):
    row = f"host = {fleet.id_of('db1')} and n = 2"
    attack(fleet, "a chunk in the middle is gone",
           f"delete from shellac.piece where {piece(fleet, 'db1', 1, 2, 1)}",
           {("db1", 2): "TAMPERED"},
           {("db1", 2, "chain"), ("db1", 2, "fleet")})
    attack(fleet, "the last chunk is gone",
           f"delete from shellac.piece where {piece(fleet, 'db1', 1, 2)} and seq = "
           f"(select max(seq) from shellac.piece where {piece(fleet, 'db1', 1, 2)})",
           {("db1", 2): "TAMPERED"}, {("db1", 2, "cut"), ("db1", 2, "ledger")})
    attack(fleet, "a byte of a chunk is another", f"update shellac.piece set data = {OTHER} "
           f"where {piece(fleet, 'db1', 1, 2, 1)}", {("db1", 2): "TAMPERED"},
           {("db1", 2, "digest")})
    attack(fleet, "the same, and the row's hash fits", f"update shellac.piece set data = {OTHER}, "
           f"hash = sha256({OTHER}) where {piece(fleet, 'db1', 1, 2, 1)}",
           {("db1", 2): "TAMPERED"}, {("db1", 2, "digest")})
    attack(fleet, "two chunks in each other's place",
           f"update shellac.piece set seq = 3 - seq + 1000 where {piece(fleet, 'db1', 1, 2)} "
           "and seq in (1, 2); "
           f"update shellac.piece set seq = seq - 1000 where {piece(fleet, 'db1', 1, 2)} "
           "and seq > 999", {("db1", 2): "TAMPERED"}, {("db1", 2, "chain")})
    attack(fleet, "all chunks are gone, and the row says it was there",
           f"delete from shellac.piece where {piece(fleet, 'db1', 1, 2)}",
           {("db1", 2): "TAMPERED"}, {("db1", 2, "torn"), ("db1", 2, "ledger")})
    attack(fleet, "session and row are gone",
           f"delete from shellac.piece where {piece(fleet, 'db1', 1, 2)}; "
           f"delete from shellac.session where {row}",
           {("db1", 2): "MISSING"}, {("db1", 2, "missing")})
    attack(fleet, "the row alone is gone", f"delete from shellac.session where {row}", {},
           {("db1", 2, "fleet")})
    attack(fleet, "the row says another number", f"update shellac.session set n = 7 where {row}",
           {("db1", 7): "TORN", **{("db1", n): "MISSING" for n in (4, 5, 6)}},
           {("db1", 2, "fleet"), ("db1", 7, "missing"), ("db1", 7, "torn")} |
           {("db1", n, "missing") for n in (4, 5, 6)})
    attack(fleet, "the row says that it goes on", f"update shellac.session set state = 'live' "
           f"where {row}", {}, set(), code=0)
    attack(fleet, "a row of policy says it was dropped", f"update shellac.session set dropped = "
           f"now() where {row}", {}, {("db1", 2, "fleet")})


def kept(fleet):
    """What list knows from an earlier time is not believed of rows that were changed."""
    copy = fleet.copy()
    before = {(o["host"], o["n"]): o["status"] for o in copy.objects("list")}
    copy.sql(f"update shellac.piece set data = {OTHER} where {piece(fleet, 'db1', 1, 2, 1)}")
    after = {(o["host"], o["n"]): o["status"] for o in copy.objects("list")}
    h.equal((before, after), (ALL, {**ALL, ("db1", 2): "TAMPERED"}), "list sees it the next time")


def swapped(fleet):
    ids = f"in ({fleet.id_of('db1')}, {fleet.id_of('web1')})"
    attack(fleet, "two hosts' sessions in each other's place",
           "update shellac.piece p set data = q.data from shellac.piece q where p.kind = 1 and "
           f"q.kind = 1 and p.n = 1 and q.n = 1 and p.seq = q.seq and p.host <> q.host and "
           f"p.host {ids} and q.host {ids}",
           {("db1", 1): "TAMPERED", ("web1", 1): "TAMPERED"},
           {(host, 1, kind) for host in ("db1", "web1") for kind in ("certificate", "ledger",
                                                                     "name")})
    attack(fleet, "two sessions of a host, too",
           "update shellac.piece p set data = q.data from shellac.piece q where p.kind = 1 and "
           f"q.kind = 1 and p.n + q.n = 4 and p.seq = q.seq and p.n <> q.n and "
           f"p.host = {fleet.id_of('db1')} and q.host = p.host",
           {("db1", 1): "TAMPERED", ("db1", 3): "TAMPERED"},
           {("db1", n, kind) for n in (1, 3) for kind in ("ledger", "name")})


def ledger(fleet, db1):
    end = len(fleet_world.read(os.path.join(db1.store, "ledger/log")))
    where = piece(fleet, "db1", 3, 0)
    stream = f"host = {fleet.id_of('db1')} and kind = 3"
    attack(fleet, "the last entry of the ledger is gone",
           f"update shellac.piece set data = substr(data, 1, {end - 298} - seq::integer) where "
           f"{where} and seq < {end - 298} and seq + octet_length(data) > {end - 298}; "
           f"delete from shellac.piece where {where} and seq >= {end - 298}; "
           f"update shellac.stream set length = {end - 298} where {stream}",
           {}, {("db1", None, "rollback")})
    attack(fleet, "a byte of it is another", f"update shellac.piece set data = {OTHER} where "
           f"{where} and seq = 0", {}, {("db1", None, "log"), ("db1", None, "behind")})
    attack(fleet, "all of it is gone", f"delete from shellac.piece where {where}; "
           f"delete from shellac.stream where {stream}", {},
           {("db1", None, "log"), ("db1", None, "rollback"), ("db1", None, "behind")})
    # the fleet as it was after the first session, with the checkpoint of that day
    first = f"(select min(seq) from shellac.piece where {where} and seq > 0)"
    back = (f"update shellac.stream set length = {first} where {stream}; "
            f"delete from shellac.piece where {where} and seq >= {first}; "
            f"update shellac.stream s set version = v from (select p.n, min(p.seq) v from "
            f"shellac.piece p where p.kind = 4 and p.host = {fleet.id_of('db1')} group by p.n) q "
            f"where s.kind = 4 and s.n = q.n and s.host = {fleet.id_of('db1')}; "
            f"delete from shellac.piece where kind = 1 and n > 1 and host = {fleet.id_of('db1')}; "
            f"delete from shellac.session where n > 1 and host = {fleet.id_of('db1')}")
    lost = [("db1", 2), ("db1", 3)]
    copy = attack(fleet, "all of it was put back to an earlier day: nothing shows that", back, {},
                  set(), code=0, gone=lost)
    seen = os.path.join(h.work, "seen")
    shutil.copy(os.path.join(db1.store, "ledger/checkpoint"), seen)
    code, _, findings = copy.verify("--seen", seen)
    h.equal((code, findings), (1, [("db1", None, "rollback")]), "but a checkpoint that was kept")
    h.equal(fleet.verify("--seen", seen)[0], 0, "which is of one host, and no other's finding")


def processes(fleet):
    names = ["process records were changed", "a piece of them is gone", "their file is gone"]
    if int(fleet.sql(f"select count(*) from shellac.piece where {piece(fleet, 'db1', 2, 1)}")) < 2:
        for name in names:
            h.skip(name, "this kernel tells no process events")
        return
    attack(fleet, names[0],
           f"update shellac.piece set data = {OTHER} where {piece(fleet, 'db1', 2, 1)} and seq = 0",
           {}, {("db1", None, "process")})
    attack(fleet, names[1],
           f"delete from shellac.piece where {piece(fleet, 'db1', 2, 1)} and seq = (select "
           f"max(seq) from shellac.piece where {piece(fleet, 'db1', 2, 1)})",
           {}, {("db1", None, "process"), ("db1", None, "fleet")})
    attack(fleet, names[2], f"delete from shellac.piece where "
           f"{piece(fleet, 'db1', 2, 1)}; delete from shellac.stream where kind = 2 and host = "
           f"{fleet.id_of('db1')}", {}, {("db1", None, "process")})


def retention(fleet):
    row = f"host = {fleet.id_of('db1')} and n = 1"
    copy = attack(fleet, "the fleet says that its policy deleted a session",
                  f"delete from shellac.piece where {piece(fleet, 'db1', 1, 1)}; "
                  f"update shellac.session set dropped = now() where {row}",
                  {("db1", 1): "MISSING"}, {("db1", 1, "missing")})
    h.equal(copy.verify("--kept", "1")[0], 1, "which it may not do with one of today")
    wanted = {k: v for k, v in ALL.items() if k != ("db1", 1)}
    h.equal(copy.verify("--kept", "0"), (0, wanted, []), "but with what need not be kept")
    run = copy.run("verify", "--kept", "0", "db1")
    h.ok(b"; 1 kept no longer" in run.stdout, "and it is counted", run.stdout)
    copy.sql(f"delete from shellac.piece where {piece(fleet, 'db1', 2, 1)}")
    h.equal([copy.verify("--kept", days)[0] for days in ("1", "0")], [1, 0],
            "process records, too")
    h.equal(fleet.verify("--kept", "0"), (0, ALL, []), "and all that is there is judged")


def others(fleet, db1):
    attack(fleet, "the checkpoint is gone", "update shellac.stream set gone = now() where path = "
           f"'ledger/checkpoint' and host = {fleet.id_of('db1')}", {},
           {("db1", None, "checkpoint")})
    chunk = "decode('00', 'hex')"
    copy = fleet.copy()
    dbname = copy.conninfo.split("dbname=")[1].split()[0]
    fleet.server.sql(f"select shellac.put_chunks(array[2], array[1], array[sha256({chunk})], "
                     f"array[{chunk}])", user=db1.role, dbname=dbname)
    h.equal(copy.verify()[::2], (1, [("db1", 2, "tamper")]),
            "a host that sends a chunk once more with other bytes")


def hostile(fleet):
    """Rows that no host and no forwarder makes."""
    copy = fleet.copy()
    copy.sql("alter table shellac.host drop constraint host_name_check; "
             "update shellac.host set name = E'\\033[31mdb1' where name = 'db1'")
    run = copy.run("list")
    h.ok(run.returncode == 0 and b"\033[31m" not in run.stdout + run.stderr,
         "no name of a host reaches the terminal as it is", run.stdout)
    run = copy.run("verify")
    h.ok(run.returncode == 0 and b"\033" not in run.stdout + run.stderr, "nor from verify",
         run.stdout)
    copy = fleet.copy()
    copy.sql("insert into shellac.stream (host, kind, n, day, path, length, version) select "
             "host, 4, 1000 + n, day, '../' || path, length, version from shellac.stream where "
             f"kind = 4 and host = {fleet.id_of('db1')}; insert into shellac.piece (host, day, "
             "kind, n, seq, hash, data) select host, day, 4, 1000 + n, seq, hash, data from "
             "shellac.piece where kind = 4")
    folder = os.path.join(h.work, "hostile", "new")
    os.makedirs(os.path.dirname(folder))
    run = copy.run("fleet", "restore", "db1", folder)
    h.ok(run.returncode == 1 and os.listdir(os.path.dirname(folder)) == ["new"] and
         b"left out" in run.stderr, "nothing is restored outside of its folder", run.stderr)


def files_of(store):
    found = {}
    for folder, _, names in os.walk(store):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), store)
            if path not in NOT_FORWARDED and not path.startswith(("event/", "process/kernel-")):
                found[path] = fleet_world.read(os.path.join(folder, name))
    return found


def restore(fleet, host):
    folder = os.path.join(h.work, "restored-" + host.name, "store")
    os.makedirs(folder)
    run = fleet.run("fleet", "restore", host.name, folder + "/")
    h.equal((run.returncode, run.stderr), (0, b""), f"{host.name} is restored")
    wanted, got = files_of(host.store), files_of(folder)
    h.equal(sorted(got), sorted(wanted), "with the files that its store has")
    h.equal([path for path in wanted if got.get(path) != wanted[path]], [],
            "each of them the same, byte for byte")
    h.ok(any(data.startswith(b"SHLZ") for data in got.values()), "sessions are packed again")
    says = [subprocess.run([h.SHELLAC, "-S", store, "verify", "--json", "--key", host.enrolment],
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
            for store in (host.store, folder)]
    h.equal((says[0].returncode, says[0].stdout), (says[1].returncode, says[1].stdout),
            "and verify says the same of both")
    run = fleet.run("fleet", "restore", host.name, folder)
    h.ok(run.returncode == 3 and b"empty" in run.stderr, "not into a folder that holds something",
         run.stderr)
    h.equal(sorted(os.listdir(os.path.dirname(folder))), ["store"], "nothing else is left there")
    return folder


def damaged(fleet):
    copy = fleet.copy()
    copy.sql(f"delete from shellac.piece where {piece(fleet, 'db1', 1, 2, 1)}")
    folder = os.path.join(h.work, "damaged")
    run = copy.run("fleet", "restore", "db1", folder)
    h.ok(run.returncode == 1 and b"session 2: chunk 1 is not in the fleet" in run.stderr,
         "what is missing is said, and the rest restored", run.stderr)
    h.equal(sorted(os.listdir(folder)), sorted(os.listdir(os.path.join(h.work, "restored-db1/store"))),
            "the rest is there")
    for args in (["db9", folder + "2"], ["db1"], []):
        h.ok(copy.run("fleet", "restore", *args).returncode in (2, 3) and
             not os.path.exists(folder + "2"), f"restore {' '.join(args)} does nothing")


def main():
    pg_world.need()
    fleet, db1, web1 = make()
    h.equal(fleet.verify(), (0, ALL, []), "nothing done, nothing found")
    chunks(fleet)
    kept(fleet)
    swapped(fleet)
    ledger(fleet, db1)
    processes(fleet)
    retention(fleet)
    others(fleet, db1)
    hostile(fleet)
    restore(fleet, db1)
    restore(fleet, web1)
    damaged(fleet)


main()
h.done()
