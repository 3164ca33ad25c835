# SPDX-License-Identifier: ISC
"""A host whose logins are to be covered.  Process events are of the whole machine, so it
lives in the machine's pid namespace, with users whose ids no other test has; all that
it leaves running is ended by its id."""
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import harness as h
import ways_in_world as world

PR_SET_CHILD_SUBREAPER = 36


def own_mounts():
    """Goes on in a mount namespace of its own, every orphan below it its child."""
    if not os.environ.get("SHELLAC_TEST_MOUNTS"):
        if os.geteuid() != 0:
            h.skip_all("needs root")
        if subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL,
                          check=False).returncode:
            h.skip_all("no mount namespace to be had")
        os.environ["SHELLAC_TEST_MOUNTS"] = "1"
        os.rmdir(h.work)
        os.execvp("unshare", ["unshare", "-m", h.PYTHON] + sys.argv)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    h.at_end(end_descendants)


def children():
    with open("/proc/self/task/%d/children" % os.getpid(), encoding="ascii") as f:
        return [int(p) for p in f.read().split()]


def end_descendants():
    """Each child, which makes its children ours, until there is none."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        left = children()
        if not left:
            return
        for pid in left:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def need(*programs):
    missing = [p for p in programs if not shutil.which(p, path=world.PATH)]
    if missing:
        h.skip_all(f"not here: {' '.join(missing)}")


class Host(world.Host):
    def __init__(self, conf):
        super().__init__()
        world.write(os.path.join(self.at["sysconfdir"], "shellac/shellac.conf"),
                    "compress = no\n" + conf)
        self.next_uid = 200000 + os.getpid() * 32
        self.uids = {}

    def user(self, name, shell):
        self.next_uid += 1
        self.uids[name] = self.next_uid
        world.must(["useradd", "-m", "-k", "/nonexistent", "-u", str(self.next_uid), "-s", shell,
                    name])
        world.must(["usermod", "-p", "*", name])
        world.write(f"/home/{name}/.zshrc", "")
        for folder in (".zshrc", ""):
            shutil.chown(f"/home/{name}/{folder}", name, name)

    def status(self):
        return json.loads(world.run([self.shellac, "status", "--json"]).stdout or "{}")

    def coverage(self, *options):
        """Exit status and rows, the summary last."""
        p = world.run([self.shellac, "coverage", "--json", *options])
        return p.returncode, [json.loads(line) for line in p.stdout.decode().splitlines()]

    def rows(self, user, *kinds):
        """What is said of one of our users."""
        return [r for r in self.coverage()[1] if r.get("uid") == self.uids[user] and
                r["kind"] in (kinds or ("unrecorded", "lead-in"))]

    def log(self):
        return world.slurp("/run/test/log").decode("utf-8", "replace")

    def lines(self, user):
        """Those of the log that say that a row of the user's begins."""
        return re.findall(rf"unrecorded: (tty=.* uid={self.uids[user]} .*)", self.log())


class Login:
    """ssh to the host as one of its users."""

    def __init__(self, user, port):
        self.argv = ["ssh", *world.SSH_OPTIONS, "-p", str(port), f"{user}@127.0.0.1"]

    def command(self, *command, **kw):
        return world.run([*self.argv, *command], **kw)

    def terminal(self, *command):
        return h.Terminal([self.argv[0], "-tt", *self.argv[1:], *command])

    def sftp(self, text):
        argv = ["sftp", "-q", "-b", "-", *self.argv[1:-3], "-P", self.argv[-2], self.argv[-1]]
        return world.run(argv, stdin=None, input=text.encode())
