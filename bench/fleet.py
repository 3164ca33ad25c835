#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""How long a question to a large fleet takes, through shellac and as the bare query, in one run.

The rows are made up and put straight into the tables: nothing signed them, and no ledger
holds them.  Of the day that is asked for the process records themselves are there, and the
user's sessions, so that what shellac shows it has read as it would read the real ones."""
import argparse
import os
import resource
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "system"))

SETTINGS = {"shared_buffers": "1GB", "fsync": "off", "max_wal_size": "16GB", "jit": "off",
            "maintenance_work_mem": "256MB", "wal_level": "minimal", "max_wal_senders": "0"}
SESSIONS, PROCESSES = 80, 100 # of a host and day; of a session: see fleetgen.c
COLUMNS = {
    "host": "id, name, role",
    "session": "host, n, id, day, uid, username, tty, remote, started, ended, state",
    "stream": "host, kind, n, day, length, version",
    "process": "host, day, segment, slot, exec_segment, exec_slot, started, ended, uid, gid, username,"
               " session, pid, ppid, start_ticks, tty, comm, exe, cwd, args, cpu_s",
    "piece": "host, day, kind, n, seq, hash, data",
}
ZEROS = ["ordinal", "status", "acct_flags", "flags", "reason", "certainty", "origin", "elapsed_s"]


def options():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--build", default=".", help="where the programs were built")
    p.add_argument("--hosts", type=int, default=50)
    p.add_argument("--days", type=int, default=25)
    p.add_argument("--kept", type=int, default=400, help="days that have partitions, most of them empty")
    p.add_argument("--rounds", type=int, default=11)
    p.add_argument("--limit", type=float, default=100, help="milliseconds of shellac; 0: none")
    p.add_argument("--plan", action="store_true", help="how the server answers")
    return p.parse_args()


def load(server, build, o, first, user, day):
    """All tables' rows."""
    server.sql("".join(f"alter table shellac.process alter {c} set default 0;" for c in ZEROS))
    for table in ["host", "session", "stream", "piece", "process"]:
        begin = time.monotonic()
        made = subprocess.Popen([f"{build}/bench/fleetgen", table, str(o.hosts), str(o.days), str(first),
                                 str(user), str(day)], stdout=subprocess.PIPE)
        subprocess.run([os.path.join(world.BIN, "psql"), "-Xq", "-v", "ON_ERROR_STOP=1", "-d",
                        server.conninfo(), "-c", f"copy shellac.{table} ({COLUMNS[table]}) from stdin"],
                       stdin=made.stdout, check=True)
        if made.wait():
            sys.exit(f"fleetgen {table}: {made.returncode}")
        print(f"  {table:10} {time.monotonic() - begin:6.1f} s", flush=True)
    server.sql("".join(f"alter table shellac.process alter {c} drop default;" for c in ZEROS))
    server.sql("insert into shellac.seen select id, now(), 0, 0, 'bench' from shellac.host")
    server.sql("vacuum analyze")


def measure(argv, env, rounds):
    """Medians of milliseconds, of MB at most; lines of its output."""
    took, lines = [], 0
    for _ in range(rounds + 1):
        begin = time.monotonic()
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, check=False)
        took.append((time.monotonic() - begin) * 1000)
        if done.returncode not in (0, 1):
            sys.exit(f"{argv}: {done.returncode}: {done.stderr.decode()}")
        lines = done.stdout.count(b"\n")
    return statistics.median(took[1:]), lines


def questions(first, user, day):
    """Name, words of shellac, the bare query."""
    def date(n):
        return time.strftime("%Y-%m-%d", time.gmtime((first + n) * 86400))
    begin, end = date(day), date(day + 1)
    times = ["fromdate", f"{begin} 00:00Z", "todate", f"{end} 00:00Z"]
    where = f"username = 'user{user}' and started >= '{begin}' and started <= '{end}'"
    by_uid = (f"from shellac.process p join (select host, uid from shellac.session where username ="
              f" 'user{user}' group by 1, 2) s using (host, uid) where p.started >= '{begin}' and"
              f" p.started <= '{end}' and p.day between '{begin}' and '{end}'")
    return [
        ("processes: user, day, all hosts", ["procs", "user", f"user{user}", *times],
         f"select p.* {by_uid}"),
        ("processes: user, day, one host", ["procs", "host", "db7", "user", f"user{user}", *times],
         f"select p.* {by_uid} and p.host = (select id from shellac.host where name = 'db7')"),
        ("sessions: user, day, all hosts", ["list", "user", f"user{user}", *times],
         f"select * from shellac.session where {where}"),
        ("sessions: user, day, one host", ["list", "host", "db7", "user", f"user{user}", *times],
         f"select * from shellac.session where {where} and host ="
         " (select id from shellac.host where name = 'db7')"),
    ]


def main():
    o = options()
    build = os.path.abspath(o.build)
    shellac = f"{build}/auditor/shellac"
    user, day = 42 % 100, o.days - 2
    first = int(time.time()) // 86400 - o.days
    server = world.Server(settings=SETTINGS).start()
    env = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC0", "XDG_CACHE_HOME": server.folder + "/cache",
           "XDG_CONFIG_HOME": server.folder + "/config"}
    os.makedirs(env["XDG_CACHE_HOME"])
    print(f"{o.hosts} hosts, {o.hosts * o.days * SESSIONS} sessions,"
          f" {o.hosts * o.days * SESSIONS * PROCESSES} processes of {o.days} days")
    subprocess.run([shellac, "fleet", "init", "-S", server.conninfo()], check=True, env=env,
                   stdout=subprocess.DEVNULL)
    server.sql(f"select shellac.prepare(array(select '1970-01-01'::date + {first} + i from"
               f" generate_series({min(-1, o.days - o.kept)}, {o.days}) i))")
    load(server, build, o, first, user, day)
    late = 0
    print(f"{'':36} {'shellac ms':>10} {'psql ms':>9} {'lines':>7}")
    for name, words, sql in questions(first, user, day):
        if o.plan:
            print(server.sql("explain (analyze, buffers) " + sql))
        ms, lines = measure([shellac, "-S", server.conninfo(), *words], env, o.rounds)
        bare, _ = measure([os.path.join(world.BIN, "psql"), "-XAtq", "-d", server.conninfo(), "-c", sql],
                          env, o.rounds)
        late += 0 < o.limit < ms
        print(f"{name:36} {ms:10.1f} {bare:9.1f} {lines:7}", flush=True)
    print(f"most memory of any program here: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10} MB")
    if late:
        sys.exit(f"{late} took longer than {o.limit:.0f} ms")


os.environ.setdefault("top_builddir", os.path.abspath(options().build))
import pg_world as world  # noqa: E402  pylint: disable=wrong-import-position

if __name__ == "__main__":
    main()
