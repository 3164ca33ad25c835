# SPDX-License-Identifier: ISC
"""PostgreSQL for tests: a server in a folder of its own, as user postgres where the test
is root, on a Unix socket and a loopback port that was free.

	server = pg_world.Server().start()
	subprocess.run([h.SHELLAC, "fleet", "init", "-S", server.conninfo()])
	server.sql("select 1")

Shell tests: pg_world.py start DIR PID prints a conninfo and keeps the server until
process PID has ended (or pg_world.py stop DIR); DIR notes it.  77: no PostgreSQL."""
import atexit
import glob
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

import harness as h

SETTINGS = {
    "listen_addresses": "127.0.0.1", "shared_buffers": "32MB", "max_connections": "100",
    "fsync": "on", "synchronous_commit": "on", "wal_level": "replica", "max_wal_size": "1GB",
    "wal_keep_size": "512MB", "checkpoint_timeout": "30min", "jit": "off", "timezone": "UTC",
    "log_timezone": "UTC", "log_line_prefix": "%m [%p] %u ", "wal_retrieve_retry_interval": "200ms",
}
ENV = {"LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
HBA = "local all all trust\nlocal replication all trust\n" \
      "host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n"


def programs():
    """Where the newest server's programs are, None without one."""
    found = glob.glob("/usr/lib/postgresql/*/bin/postgres")
    newest = max(found, key=lambda path: int(path.split("/")[4]), default=None)
    return newest and os.path.dirname(newest)


BIN = programs()

# ends what runs in the folder when the process is no more, however that ended
MINDER = """tail --pid="$1" -f /dev/null
read -r server <"$2/data/postmaster.pid" && grep -qs "$2" "/proc/$server/cmdline" &&
	kill -QUIT "$server" && tail --pid="$server" -f /dev/null
rm -rf "$2"
"""


def need():
    """Skips the test where there is no server to be had."""
    if BIN is None:
        h.skip_all("no PostgreSQL server is installed")


def program(name, *args):
    """Its argv; PostgreSQL's server programs refuse to be root."""
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups",
            "--"] if os.geteuid() == 0 else []
    return [*user, os.path.join(BIN, name), *args]


def run(name, *args, **kw):
    """Runs one of the programs; what it said of a failure is in the exception."""
    done = subprocess.run(program(name, *args), stdin=subprocess.DEVNULL, env=ENV, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/", **kw)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stdout.decode(errors='replace')[-2000:]}")
    return done.stdout.decode(errors="replace")


def free_port():
    """Below those that the kernel gives to clients, so that a server which was killed
    finds its own again."""
    while True:
        port = random.randrange(15000, 32000)
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def roomy():
    """Memory where there is much of it: a server that was killed syncs its whole folder."""
    try:
        room = os.statvfs("/dev/shm")
    except OSError:
        return "/tmp"
    return "/dev/shm" if room.f_bavail * room.f_frsize >= 6 << 30 else "/tmp"


def own_folder():
    """A folder that the server's user can have."""
    path = tempfile.mkdtemp(prefix="shpg.", dir=roomy())
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(path, user.pw_uid, user.pw_gid)
    return path


class SqlError(Exception):
    pass


class Server:
    """folder: data/, log and the socket.  Its superuser is "postgres"; nobody needs a
    password unless hba says otherwise.  life: the process that it is for, not this one."""

    def __init__(self, settings=None, hba=HBA, life=None):
        self.folder = own_folder()
        self.data = os.path.join(self.folder, "data")
        self.log = os.path.join(self.folder, "log")
        self.port = free_port()
        self.settings, self.hba = {**SETTINGS, **(settings or {})}, hba
        self.proc = None
        keep = os.environ.get("SHELLAC_TEST_KEEP")
        self.minder = None if keep else subprocess.Popen(
            ["sh", "-c", MINDER, "minder", str(life or os.getpid()), self.folder],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd="/", start_new_session=True)
        if life is None:
            atexit.register(self._finish, os.getpid())

    def _finish(self, pid):
        if os.getpid() != pid:
            return
        self.stop(signal.SIGQUIT)
        if self.minder:
            os.killpg(self.minder.pid, signal.SIGKILL)
            self.minder.wait()
            shutil.rmtree(self.folder, ignore_errors=True)

    # -- its life --

    def make(self):
        run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-k", "-N",
            "--locale=C.UTF-8")
        self.configure()

    def configure(self):
        """Writes the two files anew; take effect with start or reload."""
        own = {**self.settings, "port": self.port, "unix_socket_directories": self.folder,
               "cluster_name": os.path.basename(self.folder).replace(".", "_")}
        with open(os.path.join(self.data, "postgresql.conf"), "w", encoding="utf-8") as f:
            f.writelines(f"{key} = '{value}'\n" for key, value in own.items())
        with open(os.path.join(self.data, "pg_hba.conf"), "w", encoding="utf-8") as f:
            f.write(self.hba)

    def launch(self):
        with open(self.log, "ab") as log:
            self.proc = subprocess.Popen(program("postgres", "-D", self.data), cwd="/", env=ENV,
                                         stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                         start_new_session=True)

    def start(self):
        """With a database "shellac", once it takes connections."""
        new = not os.path.exists(self.data)
        if new:
            self.make()
        self.launch()
        if not h.eventually(60, lambda: self.proc.poll() is not None or self.ready()) \
           or self.proc.poll() is not None:
            h.note(self.text()[-2000:])
            raise SystemExit("Bail out! PostgreSQL does not start")
        if new:
            self.sql("create database shellac", dbname="postgres")
        return self

    def ready(self):
        try:
            self.sql("select 1", dbname="postgres")
            return True
        except SqlError:
            return False

    def stop(self, how=signal.SIGINT):
        """SIGINT: fast, SIGTERM: waits for clients, SIGQUIT: as if it had crashed."""
        if self.proc is None or self.proc.poll() is not None:
            return
        self.proc.send_signal(how)
        try:
            self.proc.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        """SIGKILL; its children see that and end, too."""
        self.proc.kill()
        self.proc.wait()

    def reload(self):
        self.configure()
        self.proc.send_signal(signal.SIGHUP)

    def text(self):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    # -- its clients --

    def conninfo(self, user="postgres", dbname="shellac", tcp=False, **more):
        host = "127.0.0.1" if tcp else self.folder
        words = {"host": host, "port": self.port, "dbname": dbname, "user": user, **more}
        return " ".join(f"{key}={value}" for key, value in words.items())

    def sql(self, text, user="postgres", dbname="shellac", **more):
        """What psql prints: a row a line, columns parted by |.  SqlError for an error."""
        return sql(self.conninfo(user, dbname, **more), text)

    def rows(self, text, **kw):
        return [line.split("|") for line in self.sql(text, **kw).splitlines()]


def sql(conninfo, text):
    done = subprocess.run([os.path.join(BIN, "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d",
                           conninfo], input=text.encode(), check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env={**ENV, "PGCONNECT_TIMEOUT": "10"})
    if done.returncode:
        raise SqlError(done.stderr.decode(errors="replace").strip())
    return done.stdout.decode(errors="replace").rstrip("\n")


# -- for shells --

def shell_start(folder, pid):
    server = Server(life=pid).start()
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "pid"), "w", encoding="utf-8") as f:
        f.write(str(server.proc.pid))
    print(server.conninfo())


def shell_stop(folder):
    with open(os.path.join(folder, "pid"), encoding="utf-8") as f:
        server = int(f.read())
    os.kill(server, signal.SIGINT)
    h.eventually(60, lambda: not os.path.exists(f"/proc/{server}"))


def main(argv):
    if len(argv) == 4 and argv[1] == "start":
        if BIN is None:
            sys.exit(77)
        shell_start(argv[2], int(argv[3]))
    elif len(argv) == 3 and argv[1] == "stop":
        shell_stop(argv[2])
    else:
        sys.exit("usage: pg_world.py start DIR PID | stop DIR")


if __name__ == "__main__":
    main(sys.argv)
