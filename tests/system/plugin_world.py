# SPDX-License-Identifier: ISC
"""A private collector with plugins, whose programs are written by the test.

The plugin `gen` is one of input: it brings as many events as the test wants, which the
others then get."""
import json
import os
import signal

import harness as h

ACT = """import json, os, re, signal, sys, time
OUT = os.environ.get("OUT") or sys.argv[1]
out = open(OUT, "a", encoding="utf-8", buffering=1)
def sequence(line):
    return json.loads(line)["event"].get("sequence")
def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()
"""

SINK = ACT + """
for line in sys.stdin:
    out.write(line)
    if sequence(line):
        say(f"ACK {sequence(line)}\\n")
"""

GEN = ACT + """
import select, threading
done = 0
while not select.select([sys.stdin], [], [], 0)[0] or sys.stdin.readline():
    try:
        with open(OUT + ".want", encoding="utf-8") as f:
            want = int(f.read() or 0)
    except FileNotFoundError:
        want = 0
    for n in range(done, want):
        say(json.dumps({"message": f"number {n}"}) + "\\n")
    done = max(done, want)
    time.sleep(0.02)
"""


class Plugins(h.Collector):
    """Its plugins' files; what they write goes below `at`."""

    def __init__(self, conf="", **kw):
        super().__init__(conf="acct = off\nprocess_events = no\nepoch_s = 3600\n" + conf, **kw)
        self.at = os.path.join(h.work, os.path.basename(self.dir) + ".plugins")
        self.conf_dir = os.path.join(self.dir, "plugins.d")
        os.makedirs(self.at, exist_ok=True)
        os.makedirs(self.conf_dir, mode=0o755, exist_ok=True)
        os.chmod(self.conf_dir, 0o755)
        self.wanted = 0

    def out(self, name):
        return os.path.join(self.at, name + ".out")

    def program(self, name, body, interpreter=h.PYTHON):
        path = os.path.join(self.at, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"#!{interpreter}\n{body}")
        os.chmod(path, 0o755)
        return path

    def configure(self, name, **keys):
        keys = {"active": "yes", "args": self.out(name), **keys}
        path = os.path.join(self.conf_dir, name + ".conf")
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(f"{k} = {v}\n" for k, v in keys.items())
        os.chmod(path, 0o644)

    def plugin(self, name, body=SINK, **keys):
        self.configure(name, path=self.program(name, body), **keys)

    def generator(self):
        self.plugin("gen", GEN, direction="in")

    def remove(self, name):
        os.remove(os.path.join(self.conf_dir, name + ".conf"))

    def generate(self, count):
        """So many more events, by `gen`, in its first life."""
        self.wanted += count
        temp = os.path.join(self.at, "want.new")
        with open(temp, "w", encoding="utf-8") as f:
            f.write(str(self.wanted))
        os.rename(temp, self.out("gen") + ".want")

    def status(self, name):
        found = [p for o in self.objects("status") for p in o["plugins"] if p["name"] == name]
        return found[0] if found else {}

    def reaches(self, name, seconds=60, **wanted):
        """Does its state come to have all these?"""
        state = {}

        def look():
            state.update(self.status(name))
            return all(state.get(k) == v for k, v in wanted.items())

        return h.eventually(seconds, look) or h.note(f"{name}: {state}")

    def events(self, name):
        """What was written by a plugin that writes what it gets."""
        try:
            with open(self.out(name), encoding="utf-8") as f:
                return [json.loads(line) for line in f.read().split("\n")[:-1]]
        except FileNotFoundError:
            return []

    def messages(self, name):
        return [e["message"] for e in self.events(name) if "message" in e]

    def account(self, name):
        """Events that it got, and those that it was told are lost; in between nothing is
        missing and nothing comes twice, or it says where."""
        got, lost, last = 0, 0, None
        for e in self.events(name):
            if "sequence" not in e["event"]:
                continue
            number = e["event"]["sequence"]
            if last is None:
                last = (e["shellac"]["lost"]["from"] if e["event"]["action"] == "events-lost"
                        else number) - 1
            if e["event"]["action"] == "events-lost":
                l = e["shellac"]["lost"]
                if l["from"] != last + 1 or l["count"] != l["to"] - l["from"] + 1:
                    return f"lost {l} behind {last}"
                lost += l["count"]
                last = l["to"]
            elif number != last + 1:
                return f"{number} behind {last}"
            else:
                got += 1
                last = number
        return got, lost

    def hang_up(self):
        self.proc.send_signal(signal.SIGHUP)

    def logged(self, text, seconds=30):
        return h.eventually(seconds, lambda: text in self.text())


def below(pid):
    """Processes whose ancestor pid is."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as f:
                    parents[int(name)] = int(f.read().rsplit(")", 1)[1].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                pass
    found, more = set(), {pid}
    while more:
        found |= more
        more = {p for p, parent in parents.items() if parent in found} - found
    return found - {pid}


def running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def session_goes_on(collector, name):
    """A recorded session beside it: its bytes, its echo, its status."""
    before = max(collector.files(), default=0)
    term = h.record(collector, ["/bin/sh", "-c", "stty -echo; printf 'ready\\n'; read -r a; "
                                "printf 'got %s\\n' \"$a\"; exit 7"])
    good = term.wait_for("ready")
    term.send("word\r")
    good = good and term.wait_for("got word") and term.wait() == 7
    path = collector.closed(before + 1)
    h.ok(good and path and collector.raw(before + 1) == b"ready\r\ngot word\r\n",
         f"{name}: a recorded session is as without", collector.text()[-800:])
