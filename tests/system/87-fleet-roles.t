#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A host's credentials in an attacker's hands: what its role cannot do in the fleet store,
each tried as that role; that an auditor only reads; and retention, which a hold stops."""
import os
import subprocess

import harness as h
import pg_world

pg_world.need()
server = pg_world.Server().start()
ROLE, OTHER = '"shellac-a"', '"shellac-b"'
UUIDS = {"a": "00" * 16, "b": "11" * 16}


def shellac(*args):
    return subprocess.run([h.SHELLAC, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)


def try_as(user, text):
    """What psql printed, or the error's text behind "!"."""
    try:
        return server.sql(text, user=user)
    except pg_world.SqlError as error:
        return "!" + str(error)


def snapshot():
    return server.sql("select md5(string_agg(t::text, '' order by t::text)) from (select row(p.*) "
                      "from shellac.piece p where host = '\\x" + UUIDS["b"] + "' union all "
                      "select row(s.*) from shellac.session s where host = '\\x" + UUIDS["b"] +
                      "' union all select row(x.*) from shellac.stream x where host = '\\x" +
                      UUIDS["b"] + "' union all select row(h.*) from shellac.host h union all "
                      "select row(v.*) from shellac.version v union all select row(l.*) from "
                      "shellac.policy l union all select row(d.*) from shellac.hold d) t")


def session(n, day="current_date", state="live", ident=None):
    return (f"select shellac.put_sessions(array[{n}], array['\\x{ident or format(n, '032x')}'"
            f"::bytea], array[{day}], array[1000], array['ann'], array['pts/1'], array['x'], "
            f"array['h'], array[now()], array[null::timestamptz], array['{state}'], "
            "array[null::int], array[null::bigint], array[null::bigint], array[null::bigint], "
            "array[null::bigint])")


def chunk(n, seq, text):
    return (f"select shellac.put_chunks(array[{n}], array[{seq}], array[sha256('{text}')], "
            f"array['{text}'::bytea])")


def chunks(n, seq, at, length, data):
    """As the forwarder of today sends them."""
    return (f"select shellac.put_chunks(array[{n}], array[{seq}], array[sha256('four')], "
            f"array[{at}], array[{length}], {data}::bytea)")


def storage():
    return server.sql("select distinct a.attstorage::text || a.attcompression::text from pg_attribute a"
                      " where a.attname = 'data' and a.attrelid in (select 'shellac.piece'::regclass"
                      " union select inhrelid from pg_inherits where inhparent ="
                      " 'shellac.piece'::regclass)").split()


done = shellac("fleet", "init", "-S", server.conninfo())
h.equal(done.returncode, 0, "the store is made")
for name, ident in UUIDS.items():
    server.sql(f"create role \"shellac-{name}\" login in role shellac_host; insert into shellac.host "
               f"(id, name, role) values ('\\x{ident}', '{name}', 'shellac-{name}')")
server.sql("create role eve login; create role auditor login in role shellac_auditor; "
           "create role keeper login in role shellac_retention")
for name in UUIDS:
    try_as(f"shellac-{name}", "select shellac.prepare(array[current_date, current_date - 3])")
    h.ok(try_as(f"shellac-{name}", session(1) + ";" + session(2, "current_date - 3") + ";" +
                chunk(1, 0, "first") + ";" + chunk(2, 0, "old") + ";"
                "select shellac.put_file('host.pub', 'key');"
                "select length from shellac.put_bytes(3, 0, null, 0, 'ledger');"
                "select shellac.beat(0, 0, 'fine')")[:1] != "!", f"host {name} can put")
before = snapshot()

# -- what the role cannot do at all --

TABLES = ("piece", "piece_always", "piece_other", "session", "process", "process_other", "stream",
          "host", "seen", "tamper", "lost", "hold", "policy", "retained", "version", "held")
today = server.sql("select to_char(current_date, 'YYYYMMDD')").strip()
REFUSED = [f"select * from shellac.{t}" for t in TABLES + (f"piece_{today}",)]
REFUSED += [f"delete from shellac.{t}" for t in TABLES + (f"piece_{today}",)]
REFUSED += [f"truncate shellac.{t}" for t in TABLES[:-1] + (f"piece_{today}",)]
REFUSED += [f"drop table shellac.{t}" for t in (f"piece_{today}", "piece", "session")]
REFUSED += [f"lock table shellac.{t}" for t in ("piece", "session", "host")]
REFUSED += [f"copy shellac.{t} to stdout" for t in ("piece", "session", "host")]
REFUSED += [
    "update shellac.piece set data = ''", "update shellac.session set username = 'x'",
    "update shellac.host set role = session_user", "update shellac.seen set at = now()",
    "insert into shellac.piece values ('\\x" + UUIDS["a"] + "', current_date, 1, 9, 9, "
    "sha256(''), '')",
    "insert into shellac.host values ('\\x" + "22" * 16 + "', 'c', session_user)",
    "insert into shellac.policy values (1)", "insert into shellac.hold values ('\\x" +
    UUIDS["a"] + "', 1, 'x')",
    f"copy shellac.piece_{today} from stdin", "copy (select 1) to program 'true'",
    "copy (select 1) to '/tmp/shellac-out'", "select pg_read_file('PG_VERSION')",
    "select lo_creat(-1)", "select lo_from_bytea(0, 'x')", "select lo_import('/etc/passwd')",
    "create table public.t (a int)", "create table shellac.t (a int)", "create schema mine",
    "create temporary table t (a int)", "create function public.f() returns int language sql "
    "as 'select 1'", "create function shellac.me() returns bytea language sql as 'select null'",
    "create function pg_temp.f() returns int language sql as 'select 1'",
    "create or replace function shellac.beat(bigint, bigint, text) returns void language sql "
    "as ''", "alter function shellac.put_file(text, bytea) security invoker",
    "alter table shellac.piece disable trigger all", "alter schema shellac rename to mine",
    "create rule r as on insert to shellac.piece do instead nothing",
    "create trigger t before insert on shellac.piece execute function pg_catalog.now()",
    "create publication p for all tables", "create extension plpython3u", "create role x",
    "create database x", "drop database shellac", "alter role shellac_owner login",
    f"alter role {OTHER} password 'x'", f"alter role {ROLE} superuser",
    f"alter role {ROLE} rename to \"shellac-b\"", "grant shellac_owner to " + ROLE,
    "grant select on shellac.piece to public", f"grant {OTHER} to {ROLE}",
    "set role shellac_owner", f"set role {OTHER}", "set role postgres", "set role shellac_auditor",
    "set session authorization postgres", f"set session authorization {OTHER}",
    "set session_replication_role = replica", "alter system set fsync = off",
    "select pg_reload_conf()", "select shellac.retain()", "select shellac.me()",
    "select shellac.kept_from()", "select shellac.note_tamper('\\x" + UUIDS["b"] +
    "', 1::smallint, 1, 1, current_date, '', '', '')",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'",
    "select pg_stat_reset()", "comment on table shellac.piece is 'x'",
    "security label on table shellac.piece is 'x'", "reindex table shellac.piece",
    "cluster shellac.session", "create index on shellac.session (n)",
    "create view public.v as select 1", "select * from shellac.session for update",
]
wrong = [text for text in REFUSED if not try_as("shellac-a", text).startswith("!")]
h.equal(wrong, [], f"{len(REFUSED)} things that a host's role is refused")
h.equal(try_as("shellac-a", "vacuum shellac.piece; analyze shellac.piece")[:1] != "?", True,
        "vacuum passes tables of others over")
h.equal(snapshot(), before, "nothing has changed")

# -- who it is: the one that logged in, whatever is set --

for text in (f"set role shellac_host; {session(3)}",
             "set search_path = pg_temp, public, shellac; " + session(4),
             "set application_name = 'shellac-b'; " + session(5),
             "begin; " + session(6) + "; commit"):
    try_as("shellac-a", text)
h.equal(server.rows("select h.name, count(*) from shellac.session s join shellac.host h on "
                    "h.id = s.host group by 1 order by 1"), [["a", "6"], ["b", "2"]],
        "what it puts is its own, under any role and path")
h.equal(snapshot(), before, "and of the other host nothing has changed")
h.ok("no host" in try_as("eve", "grant shellac_host to eve; " + session(1)) or
     "permission denied" in try_as("eve", session(1)), "a role that is no host's puts nothing")
server.sql("grant shellac_host to eve")
h.ok("is no host's" in try_as("eve", session(1)), "nor one that is in the group alone")

# -- its own rows: the first bytes stay --

ident = "ab" * 16
mine = server.sql("select md5(string_agg(p.data::text, '' order by n, seq)) from shellac.piece p "
                  "where host = '\\x" + UUIDS["a"] + "'")
h.equal(try_as("shellac-a", chunk(1, 0, "forged")).strip(), "1", "another chunk 0 is one tamper")
try_as("shellac-a", session(1, ident=ident))
h.equal(try_as("shellac-a", "select changed from shellac.put_bytes(3, 0, null, 2, 'XXX')").strip(),
        "1", "other bytes of the ledger, too")
h.equal(server.sql("select md5(string_agg(p.data::text, '' order by n, seq)) from shellac.piece p "
                   "where host = '\\x" + UUIDS["a"] + "'"), mine, "what was there stays")
h.equal(server.rows("select kind, n, seq from shellac.tamper order by 1, 2, 3"),
        [["1", "1", "-1"], ["1", "1", "0"], ["3", "0", "0"]], "each is a row of tamper")
h.equal(try_as("shellac-a", "select shellac.put_file('host.pub', 'other')")[:1] == "!", False,
        "a small file gets a further version")
h.equal(server.rows("select p.seq, convert_from(p.data, 'UTF8') from shellac.piece p join "
                    "shellac.stream s using (host, kind, n) where s.path = 'host.pub' and s.host = "
                    "'\\x" + UUIDS["a"] + "' order by 1"), [["0", "key"], ["1", "other"]],
        "and keeps the first")
for n in range(20):
    try_as("shellac-a", ";".join(chunk(1, 0, f"flood {n} {i}") for i in range(60)))
h.equal(server.rows("select sessions, ledger, segment from shellac.lacking(5, '{7}')",
                    user="shellac-b"), [["{1,2,3,4,7}", "6", "0"]],
        "what a host asks for is about itself: sessions that have not ended are not whole")
h.equal(server.sql("select count(*) <= 1000, count(data) <= 200 from shellac.tamper").strip(),
        "t|t", "it cannot fill the table of complaints")

# -- limits --

for text, name in ((chunk(99, 0, "x"), "a chunk of no session"),
                   ("select shellac.put_file('../etc/passwd', 'x')", "a path that leads out"),
                   ("select shellac.put_file('/etc/passwd', 'x')", "an absolute path"),
                   ("select shellac.put_file('a//b', 'x')", "an odd path"),
                   ("select shellac.put_chunks(array[1], array[7], array[sha256('')], "
                    "array[decode(repeat('00', 131073), 'hex')])", "a chunk that is too long"),
                   (chunks(1, 8, 0, 131073, "repeat('x', 131073)"), "one that is too long among others"),
                   (chunks(1, 8, 3, 2, "'four'"), "one that ends behind what came"),
                   (chunks(1, 8, -1, 2, "'four'"), "one that begins before it"),
                   (chunks(1, 8, 2147483647, 2, "'four'"), "one that begins far behind it"),
                   (chunks(1, 8, 0, "null::int", "'four'"), "one without a length"),
                   (chunks(99, 0, 0, 4, "'four'"), "one of no session among others"),
                   ("select shellac.lacking(1000000000000, '{}')", "a question that has no end"),
                   ("select shellac.put_bytes(1, 1, null, 0, 'x')", "a kind that is no stream"),
                   ("select shellac.put_bytes(3, 1, null, 0, 'x')", "a second ledger"),
                   ("select shellac.put_bytes(2, -1, null, 0, 'x')", "a segment below 0")):
    h.ok(try_as("shellac-a", text).startswith("!"), name + " is refused")
h.equal(try_as("shellac-a", "select length from shellac.put_bytes(3, 0, null, 1000, 'x')").strip(),
        "6", "a hole is not filled: it says where to go on")
tables = server.sql("select count(*) from pg_class where relkind = 'r'")
try_as("shellac-a", "select shellac.prepare(array(select current_date + 3 + i from "
                    "generate_series(0, 5000) i))")
try_as("shellac-a", "select shellac.prepare(array(select current_date - 401 - i from "
                    "generate_series(0, 5000) i))")
h.equal(server.sql("select count(*) from pg_class where relkind = 'r'"), tables,
        "it makes no partitions of days far away")
try_as("shellac-a", session(50, "current_date - 5000") + ";" + chunk(50, 0, "far"))
h.equal(server.rows("select tableoid::regclass from shellac.piece where n = 50 and kind = 1"),
        [["shellac.piece_other"]], "their rows have a place all the same")

# -- auditors read, retention deletes by policy, holds win --

h.ok(not try_as("auditor", "select count(*) from shellac.piece").startswith("!"), "auditors read")
wrong = [t for t in ("delete from shellac.piece", "update shellac.session set n = 9",
                     "select shellac.retain()", "insert into shellac.policy values (1)",
                     session(1)) if not try_as("auditor", t).startswith("!")]
h.equal(wrong, [], "and do nothing else")
h.ok(try_as("keeper", "select * from shellac.piece").startswith("!"), "retention reads no evidence")
keeper = server.conninfo(user="keeper")
done = shellac("--reason", "court", "fleet", "hold", "-S", keeper, "b/2")
h.equal((done.returncode, done.stderr), (0, b""), "a session is held")
done = shellac("fleet", "retention", "-S", keeper, "--days", "1")
h.equal(done.returncode, 0, "retention runs")
left = server.rows("select h.name, p.n, convert_from(p.data, 'UTF8') from shellac.piece p join "
                   "shellac.host h on h.id = p.host where p.kind = 1 and p.n = 2")
h.equal(left, [["b", "2", "old"]], "what is held stays, what is too old went")
h.equal(server.rows("select count(*) from shellac.piece where kind = 3"), [["2"]],
        "the ledgers stay")
h.equal(try_as("shellac-a", chunk(2, 0, "old")).strip(), "0", "what went does not come back")
h.equal(server.rows("select count(*) from shellac.piece p join shellac.host h on h.id = p.host "
                    "where p.n = 2 and p.kind = 1 and h.name = 'a'"), [["0"]], "though it is sent")
done = shellac("fleet", "hold", "-S", keeper, "--release", "b/2")
h.equal((done.returncode, done.stderr), (0, b""), "it is released")
shellac("fleet", "retention", "-S", keeper)
h.equal(server.rows("select count(*) from shellac.piece where kind = 1 and n = 2"), [["0"]],
        "and goes the next time")
h.equal(server.rows("select count(*) from pg_class where relname = 'piece_' || "
                    "to_char(current_date - 3, 'YYYYMMDD')"), [["0"]], "with its partition")

# -- how evidence lies on the disk --

wanted = ["xl"] if "lz4" in server.sql("select enumvals from pg_settings where name = "
                                       "'default_toast_compression'") else ["e"]
h.equal(storage(), wanted, "what comes is compressed, in each partition")
server.sql("alter table shellac.piece alter column data set storage external, "
           "alter column data set compression default")
today = f"shellac.piece_{today}"
server.sql(f"alter table {today} alter column data set compression pglz")
done = shellac("fleet", "init", "-S", server.conninfo())
h.equal((done.returncode, storage()), (0, wanted), "a fleet store of before comes to that, too")
with subprocess.Popen([os.path.join(pg_world.BIN, "psql"), "-Xqt", "-d", server.conninfo()], text=True,
                      stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
    reader.stdin.write("begin; select count(*) > 0 from shellac.piece;\n")
    reader.stdin.flush()
    reader.stdout.readline()
    done = shellac("fleet", "init", "-S", server.conninfo())
    h.equal((done.returncode, done.stderr), (0, b""), "where all is so already nobody is waited for")
    reader.stdin.close()
h.done()
