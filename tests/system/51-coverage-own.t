#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A private collector of a user without privilege speaks of that user's terminals and
programs, not of the whole host's."""
import json
import os
import pty
import subprocess

import harness as h

NOBODY = 65534
DROP = ["/usr/bin/setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


class Private(h.Collector):
    """Of nobody."""

    def launch(self, env=None):
        with open(self.log, "ab") as log:
            # pylint: disable=consider-using-with
            self.proc = subprocess.Popen(DROP + [h.SHELLACD, "-d", self.dir, "-n"],
                                         stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def on_terminal(argv):
    """A program that leads a session on a terminal of its own; its process id."""
    pid, master = pty.fork()
    if pid == 0:
        os.execv(argv[0], argv)
    h.at_end(lambda: os.close(master))
    return pid


def rows(collector):
    out = collector.auditor("coverage", "--live", "--json").stdout.decode()
    found = [json.loads(line) for line in out.splitlines()]
    return [r for r in found if r.get("session") is None and r.get("tty")]


def main():
    if os.geteuid() != 0:
        h.skip_all("needs root, to be two users")
    os.chmod(h.work, 0o711)
    folder = os.path.join(h.work, "d")
    os.mkdir(folder, 0o700)
    os.chown(folder, NOBODY, NOBODY)
    collector = Private(folder, conf="acct = off\n").start()
    if "process events are off" in collector.text():
        h.skip_all("no process events here")
    roots = on_terminal(["/bin/sh", "-c", "sleep 8; :"])
    own = on_terminal(DROP + ["/bin/sh", "-c", "sleep 8; :"])
    mine = h.eventually(15, lambda: [r for r in rows(collector) if r["uid"] == NOBODY])
    h.ok(mine, "the user's own terminal is a row")
    h.equal([r["uid"] for r in rows(collector) if r["uid"] != NOBODY], [], "no other is")
    running = collector.auditor("procs", "--running", "--json").stdout.decode()
    uids = {json.loads(line)["uid"] for line in running.splitlines()}
    h.ok(NOBODY in uids, "the user's own programs are kept", uids)
    h.ok(uids <= {NOBODY}, "and nobody else's", uids)
    collector.stop()
    for pid in (roots, own):
        os.waitpid(pid, 0)
    h.done()


main()
