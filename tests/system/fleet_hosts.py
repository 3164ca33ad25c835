# SPDX-License-Identifier: ISC
"""Hosts of a fleet for tests: private collectors with their forwarders, sessions that are
recorded while all goes wrong, and whether the fleet store has what their stores have."""
import hashlib
import os
import signal
import struct
import subprocess

import harness as h
import pg_world as pg

FORWARD = os.path.join(h.BUILD, "plugins/forward/shellac-forward")
PTYX = os.path.join(h.BUILD, "tests/recorder/ptyx")
CONF = "acct = off\nprocess_events = no\nepoch_s = 5\ncompress = {compress}\n"
PLUGIN = """active = yes
direction = out
path = {path}
type = always
args = {args}
format = chunk
overflow_action = block
"""


class Host(h.Collector):
    """network: what is put before an argv so that it runs there."""

    def __init__(self, name, network=(), compress="yes", conf=""):
        super().__init__(os.path.join(h.work, name), CONF.format(compress=compress) + conf)
        self.name, self.network = name, list(network)
        self.store = os.path.join(self.dir, "store")

    def launch(self, env=None):
        with open(self.log, "ab") as log:
            self.proc = subprocess.Popen([*self.network, h.SHELLACD, "-d", self.dir, "-n"],
                                         stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                         env={**os.environ, **(env or {})})

    def join(self, conninfo):
        """Is added to the fleet store, by its superuser."""
        path = os.path.join(h.work, self.name + ".enrolment")
        with open(path, "wb") as f:
            f.write(self.auditor("key", "enrol").stdout)
        return fleet("add", "-S", conninfo, "--name", self.name, "--heartbeat", "36500",
                     path).returncode == 0

    def forward_to(self, conninfo, *more):
        """From now on, to this database."""
        args = " ".join([*more, "--state", self.dir, "'" + conninfo + "'"])
        self.plug_in(PLUGIN.format(path=FORWARD, args=args))

    def plug_in(self, conf):
        """The forwarder, with this configuration."""
        folder = os.path.join(self.dir, "plugins.d")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(os.path.join(folder, "forward.conf"), "w", encoding="utf-8") as f:
            f.write(conf)
        self.proc.send_signal(signal.SIGHUP)

    def forwarder(self):
        """Its process id, None while none runs."""
        return next((pid for pid in offspring(self.proc.pid) if command(pid) == FORWARD), None)

    def kill_forwarder(self):
        pid = h.eventually(60, self.forwarder)
        if pid:
            os.kill(pid, signal.SIGKILL)
        return pid


def fleet(*args):
    return subprocess.run([h.SHELLAC, "fleet", *args], stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.DEVNULL)


def command(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            return f.read().split(b"\0")[0].decode(errors="replace")
    except OSError:
        return ""


def offspring(pid):
    """Children, theirs, and so on."""
    found, at = [pid], 0
    while at < len(found):
        try:
            tasks = os.listdir(f"/proc/{found[at]}/task")
            for task in tasks:
                with open(f"/proc/{found[at]}/task/{task}/children", encoding="utf-8") as f:
                    found += [int(word) for word in f.read().split()]
        except OSError:
            pass
        at += 1
    return found[1:]


# -- sessions --

def play(host, script, screen):
    """Starts a recorded session on a terminal of its own; what is shown goes to the file."""
    return subprocess.Popen([PTYX, "-t", "300", "-o", screen, "--", h.REC, "-d", host.dir,
                             "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            env={**os.environ, "SHELL": "/bin/sh"})


def played(process):
    """How the session ended: "exit 0"."""
    out = process.communicate()[0].decode().split("\n")
    return out[-2] if len(out) > 1 else ""


# -- what the stores have --

def stream_of(path):
    """The frames of a session file, packed or not."""
    with open(path, "rb") as f:
        data = f.read()
    if data[:4] != b"SHLZ":
        return data
    count = struct.unpack_from("<I", data, 16)[0]
    table = len(data) - 32 - 24 * count
    return subprocess.run(["zstd", "-q", "-d", "-c"], input=data[24:table], check=True,
                          stdout=subprocess.PIPE).stdout


def pieces_of(path):
    """Its chunks: behind a SEAL to the next; CERT belongs to the first, and what no SEAL
    covers is the last."""
    stream, at, start, pieces = memoryview(stream_of(path)), 0, 0, []
    while at < len(stream):
        kind, size = stream[at + 1], struct.unpack_from("<H", stream, at + 2)[0]
        at += 12 + size
        if kind == h.SEAL:
            pieces.append(stream[start:at])
            start = at
    return pieces + ([stream[start:]] if start < len(stream) else [])


def digests(data):
    return hashlib.blake2b(data, digest_size=32).hexdigest(), hashlib.sha256(data).hexdigest()


def local_chunks(host):
    """All of a host's store: from (session, chunk) to its digests."""
    return {(n, seq): digests(piece) for n, path in host.files().items()
            for seq, piece in enumerate(pieces_of(path))}


def fleet_chunks(server, name):
    """The same from the database: the digest that the host gave, and one of the bytes."""
    rows = server.rows("select n, seq, encode(hash, 'hex'), encode(sha256(data), 'hex') "
                       "from shellac.piece p join shellac.host h on h.id = p.host "
                       f"where p.kind = 1 and h.name = '{name}' order by n, seq")
    return [((int(n), int(seq)), (blake, sha)) for n, seq, blake, sha in rows]


def compare(server, host):
    """(not in the fleet store, not in the host's, different, double): all should be []."""
    mine, theirs = local_chunks(host), fleet_chunks(server, host.name)
    keys = [key for key, _ in theirs]
    there = dict(theirs)
    return (sorted(mine.keys() - there.keys()), sorted(there.keys() - mine.keys()),
            sorted(key for key in mine.keys() & there.keys() if mine[key] != there[key]),
            sorted({key for key in keys if keys.count(key) > 1} if len(keys) > len(there) else []))


def stream_bytes(host):
    return sum(len(piece) for path in host.files().values() for piece in pieces_of(path))


def held(server):
    """Bytes of session chunks that the fleet store has, by host; {} while it is away."""
    try:
        return {name: int(size) for name, size in
                server.rows("select h.name, sum(octet_length(p.data)) from shellac.piece p join "
                            "shellac.host h on h.id = p.host where p.kind = 1 group by 1")}
    except pg.SqlError:
        return {}


def ledger_of(server, name):
    """What the fleet store has of a host's ledger/log."""
    rows = server.rows("select p.seq, encode(p.data, 'hex') from shellac.piece p join "
                       "shellac.host h on h.id = p.host where p.kind = 3 and "
                       f"h.name = '{name}' order by p.seq")
    data = b""
    for seq, piece in rows:
        if int(seq) != len(data):
            return None
        data += bytes.fromhex(piece)
    return data
