# SPDX-License-Identifier: ISC
"""A fleet's database for tests: a primary and two standbys with quorum synchronous
replication, TLS with a certificate authority of its own, and a network that can be cut
between them and the hosts.

Tests call own_network() first: all is in network namespaces that end with the test."""
import os
import shutil
import subprocess
import sys

import harness as h
import pg_world as pg

DB_SIDE, HOST_SIDE = "10.61.0.1", "10.61.0.2"
DOMAIN = "fleet.test"

# Who comes over the network has a certificate; its name says which role it may have.
HBA = """local all postgres trust
local replication postgres trust
hostssl replication replicator 127.0.0.1/32 cert clientcert=verify-full
hostssl shellac +shellac_host all cert clientcert=verify-full map=hosts
hostssl shellac +shellac_auditor all cert clientcert=verify-full map=auditors
"""
IDENT = r"""hosts /^([a-z0-9.-]+)\.hosts\.fleet\.test$ shellac-\1
auditors /^([a-z]+)\.auditors\.fleet\.test$ \1
"""


def quiet(*argv, **kw):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.STDOUT, **kw)
    if done.returncode:
        raise RuntimeError(f"{argv}: {done.stdout.decode(errors='replace')[-1000:]}")


# -- certificates --

class Authority:
    """openssl(1)'s, P-256, all in one folder; files NAME.crt and NAME.key."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, mode=0o755)
        self._key("ca")
        self._openssl("req", "-new", "-x509", "-key", self.file("ca.key"), "-days", "2", "-subj",
                      "/CN=Fleet CA", "-out", self.file("ca.crt"))

    def file(self, name):
        return os.path.join(self.folder, name)

    def _openssl(self, *args):
        quiet("openssl", *args)

    def _key(self, name):
        self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                      self.file(name + ".key"))
        os.chmod(self.file(name + ".key"), 0o600)

    def issue(self, name, common, alt=None):
        """A key and a certificate of it for the common name; alt: subjectAltName."""
        self._key(name)
        with open(self.file(name + ".ext"), "w", encoding="utf-8") as f:
            f.write(f"subjectAltName={alt or 'DNS:' + common}\n")
        self._openssl("req", "-new", "-key", self.file(name + ".key"), "-subj", f"/CN={common}",
                      "-out", self.file(name + ".csr"))
        self._openssl("x509", "-req", "-in", self.file(name + ".csr"), "-CA", self.file("ca.crt"),
                      "-CAkey", self.file("ca.key"), "-CAcreateserial", "-days", "1", "-extfile",
                      self.file(name + ".ext"), "-out", self.file(name + ".crt"))

    def words(self, name):
        """What a client with this certificate adds to a conninfo."""
        return f"sslmode=verify-full sslrootcert={self.file('ca.crt')} " \
               f"sslcert={self.file(name + '.crt')} sslkey={self.file(name + '.key')}"


# -- the network --

def own_network():
    """Goes on in a network namespace of its own."""
    if os.environ.get("SHELLAC_TEST_NETWORK"):
        return
    if os.geteuid() != 0:
        h.skip_all("network namespaces need root")
    if subprocess.run(["unshare", "-n", "true"], stderr=subprocess.DEVNULL,
                      check=False).returncode:
        h.skip_all("no network namespace to be had")
    os.environ["SHELLAC_TEST_NETWORK"] = "1"
    os.rmdir(h.work)
    os.execvp("unshare", ["unshare", "-n", h.PYTHON] + sys.argv)


class Network:
    """Here are the databases, behind a cable the hosts."""

    def __init__(self):
        quiet("ip", "link", "set", "lo", "up")
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "86400"],
                                       stdin=subprocess.DEVNULL)
        h.at_end(self._end)
        here = os.readlink("/proc/self/ns/net")
        there = f"/proc/{self.holder.pid}/ns/net"
        h.eventually(30, lambda: os.readlink(there) != here)
        quiet("ip", "link", "add", "db", "type", "veth", "peer", "name", "hosts", "netns",
              str(self.holder.pid))
        quiet("ip", "addr", "add", DB_SIDE + "/24", "dev", "db")
        quiet("ip", "link", "set", "db", "up")
        for words in (["link", "set", "lo", "up"], ["addr", "add", HOST_SIDE + "/24", "dev", "hosts"],
                      ["link", "set", "hosts", "up"]):
            quiet(*self.inside, "ip", *words)

    def _end(self):
        self.holder.kill()
        self.holder.wait()

    @property
    def inside(self):
        """Put before an argv, it runs among the hosts."""
        return ["nsenter", "-t", str(self.holder.pid), "-n", "--"]

    def cut(self):
        """Nothing arrives and nobody is told: packets are lost, connections stay."""
        quiet("ip", "link", "set", "db", "down")

    def mend(self):
        quiet("ip", "link", "set", "db", "up")


# -- servers --

class Node(pg.Server):
    def __init__(self, name, cluster):
        super().__init__(hba=HBA)
        self.name, self.cluster, self.primary = name, cluster, False
        authority = cluster.authority
        authority.issue(name, f"{name}.{DOMAIN}")
        for file in ("ca.crt", name + ".crt", name + ".key", "replicator.crt", "replicator.key"):
            self._take(authority.file(file))
        self.settings.update({
            "listen_addresses": f"127.0.0.1,{DB_SIDE}", "ssl": "on", "hot_standby": "on",
            "ssl_ca_file": self.file("ca.crt"), "ssl_cert_file": self.file(name + ".crt"),
            "ssl_key_file": self.file(name + ".key"), "wal_receiver_timeout": "10s",
            "wal_sender_timeout": "10s"})

    def file(self, name):
        return os.path.join(self.folder, name)

    def _take(self, path):
        copy = self.file(os.path.basename(path))
        shutil.copyfile(path, copy)
        shutil.chown(copy, "postgres", "postgres")
        os.chmod(copy, 0o600)

    def configure(self):
        """Every node has the same settings: whoever is the primary then, waits for one of
        the others, and these find it among all."""
        self.settings.update({
            "synchronous_standby_names": self.cluster.quorum,
            "primary_conninfo": self.cluster.upstream(self)})
        super().configure()
        with open(os.path.join(self.data, "pg_ident.conf"), "w", encoding="utf-8") as f:
            f.write(IDENT)

    def be_standby(self):
        """After its data folder is a copy of another's."""
        self.primary = False
        signal_file = os.path.join(self.data, "standby.signal")
        with open(signal_file, "w", encoding="utf-8"):
            pass
        shutil.chown(signal_file, "postgres", "postgres")
        self.configure()
        self.start()

    def received(self):
        return int(self.sql("select pg_wal_lsn_diff(coalesce(pg_last_wal_receive_lsn(), '0/0'), "
                            "'0/0')", dbname="postgres"))

    def followers(self):
        """Names of the standbys that stream from it."""
        return {row[0] for row in self.rows("select application_name from pg_stat_replication "
                                            "where state = 'streaming'", dbname="postgres")}


class Cluster:
    """nodes: n1, n2, n3; n1 is the primary first."""

    def __init__(self, authority):
        self.authority = authority
        self.quorum = ""
        authority.issue("replicator", "replicator")
        self.nodes = []
        for name in ("n1", "n2", "n3"):
            self.nodes.append(Node(name, self))
        self.primary = self.nodes[0]

    def upstream(self, node):
        others = [n for n in self.nodes if n is not node]
        mine = {"application_name": node.name, "user": "replicator", "sslmode": "verify-full",
                "host": ",".join(f"{n.name}.{DOMAIN}" for n in others),
                "hostaddr": ",".join("127.0.0.1" for _ in others),
                "port": ",".join(str(n.port) for n in others),
                "sslrootcert": node.file("ca.crt"), "sslcert": node.file("replicator.crt"),
                "sslkey": node.file("replicator.key"), "target_session_attrs": "read-write"}
        return " ".join(f"{key}={value}" for key, value in mine.items())

    def conninfo(self, user, certificate=None, nodes=None):
        """From the hosts, by TLS, to whichever node takes writes."""
        nodes = nodes or self.nodes
        return f"host={','.join(f'{n.name}.{DOMAIN}' for n in nodes)} " \
               f"hostaddr={','.join(DB_SIDE for _ in nodes)} " \
               f"port={','.join(str(n.port) for n in nodes)} dbname=shellac user={user} " \
               f"target_session_attrs=read-write connect_timeout=3 " \
               f"{self.authority.words(certificate or user)}"

    def start(self):
        self.primary.start()
        self.primary.sql("create role replicator login replication", dbname="postgres")
        for node in self.nodes[1:]:
            self._copy(node)
        self.all_follow()
        self.quorum = "ANY 1 (n1, n2, n3)"
        for node in self.nodes:
            node.reload()
        h.eventually(30, lambda: self.primary.sql("show synchronous_standby_names") == self.quorum)
        return self

    def all_follow(self, seconds=60):
        others = {n.name for n in self.nodes if n is not self.primary}
        return h.eventually(seconds, lambda: self.primary.followers() == others)

    def _copy(self, node):
        shutil.rmtree(node.data, ignore_errors=True)
        pg.run("pg_basebackup", "-d", self.primary.conninfo(dbname="postgres"), "-D", node.data,
               "-c", "fast", "-X", "stream", "-N")
        node.be_standby()

    def kill_primary(self):
        """SIGKILL.  The standby that has received more is promoted: what was committed is
        on one of them, and it has that."""
        dead = self.primary
        dead.kill()
        alive = [n for n in self.nodes if n is not dead]
        self.primary = max(alive, key=Node.received)
        self.primary.sql("select pg_promote(true, 60)", dbname="postgres")
        return dead

    def bring_back(self, node):
        """Who was the primary follows the new one: rewound, or copied where that cannot be.
        Which of them it was."""
        # else its control file still has the old timeline (before 16), and nothing to rewind
        self.primary.sql("checkpoint", dbname="postgres")
        try:
            pg.run("pg_rewind", "-D", node.data, "--source-server",
                   self.primary.conninfo(dbname="postgres"))
            node.be_standby()
            return "rewound"
        except RuntimeError as error:
            h.note(error)
            self._copy(node)
            return "copied"
