#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What shellac-fleet(7) says under "Setting up" is done as it stands there, from an empty
server to an auditor who verifies; then who has no business there is kept out."""
import os
import re
import shutil
import subprocess

import fleet_hosts as f
import harness as h
import pg_cluster
import pg_world as pg

pg.need()
if os.geteuid() != 0:
    h.skip_all("the manual's commands are those of several users")

MANUAL = os.path.join(h.TOP, "man/shellac-fleet.7")


def displays():
    """Of the section: from the name of a subsection to its literal displays."""
    with open(MANUAL, encoding="utf-8") as page:
        text = re.search(r"^\.Sh SETTING UP\n(.*?)^\.Sh ", page.read(), re.M | re.S)[1]
    found = {}
    for part in re.split(r"^\.Ss ", text, flags=re.M)[1:]:
        name, body = part.split("\n", 1)
        found[name] = [block.replace(r"\e", "\\") for block in
                       re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", body, re.M | re.S)]
    return found


class Place:
    """The server, its user's shell, the authority."""

    def __init__(self):
        self.authority = pg_cluster.Authority(os.path.join(h.work, "ca"))
        os.chmod(h.work, 0o755)
        self.authority.issue("server", "db1.example.com")
        self.server = pg.Server(settings={"listen_addresses": "127.0.0.1"}).start()
        self.server.sql("drop database shellac", dbname="postgres")
        self.desk = os.path.join(self.server.folder, "desk")  # where its user sits
        os.mkdir(self.desk, 0o755)
        shutil.copy(h.SHELLAC, self.desk)
        shutil.chown(self.desk, "postgres", "postgres")

    def configure(self, settings, hba, ident):
        """The displays, with the server's files where the settings look for them."""
        for name in ("server.crt", "server.key", "ca.crt"):
            copy = os.path.join(self.server.data, name)
            shutil.copyfile(self.authority.file(name), copy)
            shutil.chown(copy, "postgres", "postgres")
            os.chmod(copy, 0o600)
        self.server.stop()
        self.server.hba = hba
        self.server.configure()
        for name, text in (("postgresql.conf", settings), ("pg_ident.conf", ident)):
            with open(os.path.join(self.server.data, name), "a", encoding="utf-8") as file:
                file.write(text)
        self.server.launch()
        h.eventually(60, lambda: self.as_server("select").returncode == 0)

    def as_server(self, sql):
        return self.run(f"psql -XAtqc '{sql}' postgres", "postgres")

    def run(self, script, user=None, **env):
        """Lines of the manual; their prompts go."""
        script = "set -e\n" + re.sub(r"^[$#] ", "", script, flags=re.M)
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--"] \
            if user else []
        paths = [pg.BIN, self.desk, *pg.ENV["PATH"].split(":")]
        return subprocess.run([*become, "sh", "-c", script], check=False, cwd=self.desk,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT,
                              env={"PATH": ":".join(paths), "LC_ALL": "C.UTF-8",
                                   "PGPORT": str(self.server.port), **env} |
                              ({"PGHOST": self.server.folder} if user else {}))

    def done(self, script, name, user=None, **env):
        result = self.run(script, user, **env)
        return h.ok(result.returncode == 0, name, script + result.stdout.decode(errors="replace"))

    def client(self, name):
        """The environment of a client with this certificate."""
        return {"PGHOSTADDR": "127.0.0.1", "PGSSLMODE": "verify-full",
                "PGSSLROOTCERT": self.authority.file("ca.crt"),
                "PGSSLCERT": self.authority.file(name + ".crt"),
                "PGSSLKEY": self.authority.file(name + ".key")}


def set_up_server(place, page):
    place.configure(page["The server"][0], page["The server"][1], page["The server"][2])
    place.done(page["The tables"][0].replace("psql -c", "psql -Xqc"),
               "the tables and roles are made", "postgres")


def set_up_host(place, page):
    host = f.Host("db7").start()
    enrol, add, _, conf = page["A host"]  # the third makes a folder of the system's
    place.done(enrol, "a host enrols", SHELLAC_DIR=host.dir)
    place.done(add, "and is added", "postgres")
    place.authority.issue("db7", "db7.hosts.example.com")
    conf = conf.replace("\n ", " ").replace("/etc/shellac/fleet", place.authority.folder) \
        .replace("host=db1.example.com", f"host=db1.example.com hostaddr=127.0.0.1 "
                 f"port={place.server.port}")
    conf = re.sub(r"^path = .*", "path = " + f.FORWARD, conf, flags=re.M)
    conf = re.sub(r"^args = ", f"args = --state {host.dir} ", conf, flags=re.M)
    host.plug_in(conf)
    h.record(host, ["echo", "for the fleet"]).wait()
    host.closed(1)
    return host


def set_up_auditor(place, page):
    place.authority.issue("alice", "alice.people.example.com")
    audit = page["An auditor"][0]
    env = {**place.client("alice"), "HOME": os.path.join(place.desk, "home")}
    os.mkdir(env["HOME"])
    h.eventually(60, lambda: b"db7" in place.run(
        "shellac -S 'host=db1.example.com dbname=shellac user=alice' list", **env).stdout)
    h.ok(h.eventually(60, lambda: place.run(audit, **env).returncode == 0),
         "an auditor verifies", place.run(audit, **env).stdout.decode(errors="replace"))


def keep_out(place):
    place.authority.issue("db8", "db8.hosts.example.com")
    place.authority.issue("odd", "db7.people.example.com")
    for role, name in (("shellac-db7", "db7"), ("alice", "alice")):
        place.done(f"psql -XAtqc 'select 1' 'host=db1.example.com dbname=shellac user={role}'",
                   f"{name} can be {role}", **place.client(name))
    for name, who in (("db8", "another host"), ("alice", "an auditor"), ("odd", "a person db7")):
        got = place.run("psql -XAtqc 'select 1' 'host=db1.example.com dbname=shellac "
                        "user=shellac-db7'", **place.client(name))
        h.ok(got.returncode != 0, f"{who} cannot be the host", got.stdout)
    for role, name in (("alice", "db7"), ("night", "alice"), ("postgres", "alice")):
        got = place.run(f"psql -XAtqc 'select 1' 'host=db1.example.com dbname=shellac user={role}'",
                        **place.client(name))
        h.ok(got.returncode != 0, f"{name} cannot be {role}", got.stdout)
    naked = {**place.client("db7"), "PGSSLCERT": "/nonexistent"}
    got = place.run("psql -XAtqc 'select 1' 'host=db1.example.com dbname=shellac user=shellac-db7'",
                    **naked)
    h.ok(got.returncode != 0, "nobody comes without a certificate", got.stdout)


def main():
    page = displays()
    place = Place()
    set_up_server(place, page)
    set_up_host(place, page)
    set_up_auditor(place, page)
    place.done(page["Each night"][0], "the jobs of the night run", "postgres")
    keep_out(place)
    h.done()


main()
