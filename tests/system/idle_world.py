# SPDX-License-Identifier: ISC
"""Very many idle sessions of one collector: idlegen.c."""
import os
import resource
import subprocess

import harness as h

IDLEGEN = os.path.join(h.BUILD, "tests/system/idlegen")
# one process has them all, and one user
CONF = "acct = off\nprocess_events = no\nsession_rate = 0\n"


def allowed(sessions):
    """How many of so many sessions this process's children may have, by the limit of open
    files, which is raised where that can be: three each in the collector."""
    wanted = 3 * sessions + 200
    for hard in wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[1]:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, wanted), hard))
            return min(sessions, (hard - 200) // 3)
        except (OSError, ValueError):
            continue
    return 0


class Idle:
    """count sessions, each with a heartbeat every so many seconds; one in wake is none."""

    def __init__(self, collector, count, every, wake=0):
        argv = [IDLEGEN, collector.dir, str(count), str(every), str(wake)]
        # pylint: disable=consider-using-with
        self.proc = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        h.at_end(lambda: self.proc.poll() is None and self.proc.kill())
        self.up_s = self._said("up")

    def _said(self, word):
        words = self.proc.stdout.readline().split()
        if not words or words[0] != word:
            self.proc.kill()
            h.note(f"the sessions end with {self.proc.wait()}, they said {words}")
            return None
        return [float(w) for w in words[1:]]

    def end(self):
        """Ends all: [acks, heartbeats, the slowest ack in ms], or None."""
        self.proc.stdin.close()
        said = self._said("ended")
        return said if self.proc.wait(60) == 0 else None
