#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The end of a process is told with what it was begun with, and whose it was: by the kernel's
process events and accounting together.  In the machine's own namespace: only there are there
events."""
import os
import shutil
import sys

import events_check as check
import harness as h

h.with_machine_acct()

TRIES = 5


def plugin(collector):
    folder = os.path.join(collector.dir, "plugins.d")
    os.makedirs(folder, mode=0o700)
    with open(os.path.join(folder, "take.conf"), "w", encoding="utf-8") as f:
        f.write("active = yes\ndirection = out\npath = /bin/cat\ntype = always\nformat = json\n"
                "acks = no\n")


def main():
    collector = h.Collector(conf="acct = own\n")
    plugin(collector)
    collector.start()
    name = f"shl-args-{os.getpid():x}"[:15]
    program = os.path.join(h.work, name)
    shutil.copy("/bin/sleep", program)
    # long enough for its arguments to be read
    script = f"cd /; {program} 1 0.5 0 & {program} 1 & wait; exit 0"

    def ends(comm):
        return [e for e in check.journal(collector.dir) if
                e["event"]["action"] == "process-end" and
                (e["shellac"].get("session") or {}).get("n") == n and e["process"]["name"] == comm]

    # a storm of processes that others make may cost the kernel's events of ours
    for n in range(1, TRIES + 1):
        status = h.record(collector, ["/bin/sh", "-c", script, "a \x1b\"b"]).wait()
        h.eventually(60, lambda: len(ends(name)) == 2 and ends("sh"))
        if all("args" in e["process"] for e in ends(name) + ends("sh")):
            break
    if not any("entity_id" in e["process"] for e in ends(name)):
        h.skip_all(f"no process events here: {collector.text()[-500:]!r}")
    h.equal(status, 0, "a session")
    h.equal(sorted(e["process"].get("args", []) for e in ends(name)),
            [[program, "1"], [program, "1", "0.5", "0"]], "arguments are told, each life its own")
    h.equal([(e["process"]["executable"], e["process"]["working_directory"]) for e in ends(name)],
            [(program, "/")] * 2, "program and folder")
    h.equal([e["process"]["args"][3] for e in ends("sh")], ['a \\x1b"b'], "escaped as on the log")
    h.equal([e["process"]["parent"]["pid"] for e in ends(name)],
            [ends("sh")[0]["process"]["pid"]] * 2, "who forked it")
    known = check.manual()
    h.equal([f for e in ends(name) for f in check.faults(e, known)], [], "as the manual page says")
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w", encoding="utf-8") as f:
            f.write(check.json.dumps(ends(name)[0]))
    h.equal(collector.stop(), 0, "the collector ends")
    h.done()


main()
