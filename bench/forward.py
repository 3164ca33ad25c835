#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""How fast shellac-forward fills the fleet store, beside a bare libpq pipeline that inserts
rows of the same sizes into a table of the same shape: both in turns, in one run."""
import argparse
import os
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "system"))


def options():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--build", default=".", help="where the programs were built")
    p.add_argument("--mb", type=int, default=300, help="of output that was recorded")
    p.add_argument("--sessions", type=int, default=60)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--limit", type=float, default=0.7, help="of the bare one; 0: none")
    return p.parse_args()


def timed(argv, **kw):
    """Seconds, and seconds of CPU."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kw)
    took, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def generate(build, folder, o):
    """A store of closed, packed sessions."""
    corpus = os.path.join(folder, "corpus")
    with open(corpus, "wb") as f:
        subprocess.run([f"{build}/bench/gen", "corpus", "8"], stdout=f, check=True)
    subprocess.run([f"{build}/bench/auditgen", corpus, str(o.sessions), str(o.mb)], cwd=folder,
                   stdout=subprocess.DEVNULL, check=True)
    shutil.rmtree(os.path.join(folder, "text"), ignore_errors=True)
    return os.path.join(folder, "store")


def save_rows(world, server, path):
    """All chunks' bytes, one behind the other; their sizes."""
    sizes = []
    argv = [os.path.join(world.BIN, "psql"), "-Xq", "-d", server.conninfo(), "-c",
            "copy (select data from shellac.piece where kind = 1 order by n, seq) to stdout (format binary)"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as p, open(path, "wb") as f:
        p.stdout.read(19) # signature, flags, no extension
        while struct.unpack(">h", p.stdout.read(2))[0] == 1:
            sizes.append(struct.unpack(">i", p.stdout.read(4))[0])
            f.write(p.stdout.read(sizes[-1]))
    return sizes


def main():
    o = options()
    o.build = os.path.abspath(o.build)
    os.environ["top_builddir"] = o.build
    import pg_world as world # pylint: disable=import-outside-toplevel
    if world.BIN is None:
        sys.exit("forward.py: no PostgreSQL server is installed")
    folder = tempfile.mkdtemp(prefix="bench.", dir=os.environ.get("TMPDIR", "/tmp"))
    try:
        return measure(o, world, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(o, world, folder):
    store = generate(o.build, folder, o)
    server = world.Server({"shared_buffers": "256MB", "max_wal_size": "8GB"}).start()
    shellac = f"{o.build}/auditor/shellac"
    for args in (["init"], ["add", "--name", "bench", f"{store}/host.pub"]):
        subprocess.run([shellac, "fleet", args[0], "-S", server.conninfo(), *args[1:]], check=True,
                       stdout=subprocess.DEVNULL)
    forward = [f"{o.build}/plugins/forward/shellac-forward", "--store", store, "--state", folder,
               "--once", server.conninfo(user="shellac-bench")]
    timed(forward) # makes the partitions, too
    rows = os.path.join(folder, "rows")
    sizes = save_rows(world, server, rows)
    total = sum(sizes)
    server.sql("create table public.bare (like shellac.piece including all) partition by range (day); "
               "create table public.bare_days partition of public.bare default")
    bare = [f"{o.build}/bench/forwardbench", server.conninfo(), "public.bare", rows]
    print(f"{total / 1e6:.0f} MB in {len(sizes)} chunks of {o.sessions} sessions; "
          f"{o.rounds} rounds in turns")
    took = {"bare": [], "forward": []}
    cpu = {"bare": [], "forward": []}
    for _ in range(o.rounds):
        server.sql("truncate shellac.piece, shellac.session, shellac.stream, public.bare; checkpoint")
        os.unlink(os.path.join(folder, "cursor"))
        for name, argv, text in (("bare", bare, "\n".join(map(str, sizes))), ("forward", forward, "")):
            t, c = timed(argv, input=text.encode())
            took[name].append(t)
            cpu[name].append(c)
            server.sql("checkpoint")
        if server.sql("select sum(octet_length(data)) from shellac.piece where kind = 1").strip() \
           != str(total):
            sys.exit("forward.py: not all of it is there")
    ratio = statistics.median(b / f for b, f in zip(took["bare"], took["forward"]))
    for name in took:
        print(f"  {name:8} {total / 1e6 / statistics.median(took[name]):7.1f} MB/s   "
              f"{statistics.median(cpu[name]) / (total / 1e9):6.2f} s of CPU a GB")
    print(f"  forward reaches {ratio:.2f} of the bare pipeline"
          + (f" (wanted: {o.limit})" if o.limit else ""))
    return 1 if ratio < o.limit else 0


if __name__ == "__main__":
    sys.exit(main())
