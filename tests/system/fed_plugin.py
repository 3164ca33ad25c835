# SPDX-License-Identifier: ISC
"""Plugins without a collector: the dispatcher's side of them, and events to give them."""
import json
import os
import signal
import subprocess
import threading

import harness as h

HELLO = {"event": {"action": "plugin-start", "module": "shellac"},
         "host": {"name": "db1", "id": "3d12"}, "shellac": {"protocol": 1}}


def program(name):
    return os.path.join(h.BUILD, "plugins", name, "shellac-" + name)


def event(seq, action="process-end", **more):
    """As the collector makes them."""
    return {"@timestamp": "2026-11-22T08:00:%02d.123456789Z" % (seq % 60),
            "ecs": {"version": "9.4.0"},
            "event": {"id": f"3d12-{seq}", "sequence": seq, "kind": "event", "module": "shellac",
                      "action": action},
            "host": {"name": "db1", "id": "3d12"}, "user": {"id": "1000", "name": "alice"},
            "shellac": {"schema": 1, "session": {"id": "5f" * 16}}, **more}


class Plugin:
    """One that runs: events in, acks out."""

    def __init__(self, name, *args, hello=HELLO, before=()):
        """before: a command that runs it."""
        self.log = os.path.join(h.work, name + ".log")
        self.acked = 0
        self.answers = []
        with open(self.log, "ab") as log:
            self.log_from = log.tell()
            # pylint: disable=consider-using-with
            self.proc = subprocess.Popen([*before, program(name), *args],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=log)
        h.at_end(self._end)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        if hello:
            self.put(hello)

    def _read(self):
        for line in self.proc.stdout:
            words = line.split()
            if words[:1] == [b"ACK"]:
                self.acked = int(words[1])
            else:
                self.answers.append(line)

    def put(self, *events):
        text = b"".join(e if isinstance(e, bytes) else
                        json.dumps(e, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
                        for e in events)
        self.proc.stdin.write(text)
        self.proc.stdin.flush()

    def acks(self, seq, seconds=60):
        return h.eventually(seconds, lambda: self.acked >= seq)

    def ended(self, seconds=60):
        """Its exit status; None where it goes on."""
        try:
            status = self.proc.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self.reader.join(10)
        return status

    def eof(self, seconds=60):
        self.proc.stdin.close()
        return self.ended(seconds)

    def term(self, seconds=60):
        self.proc.send_signal(signal.SIGTERM)
        return self.ended(seconds)

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            f.seek(self.log_from)
            return f.read()

    def _end(self):
        if self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait()
