#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Programs that ran in a session are found, each in its own, and nothing of others."""
import json
import os

import harness as h


def main():
    h.own_pid_namespace()
    os.environ["XDG_CACHE_HOME"] = os.path.join(h.work, "cache")
    os.mkdir(os.environ["XDG_CACHE_HOME"])
    collector = h.Collector(conf="acct = own\n").start()
    for program in ("sleep 0.2; sort /dev/null", "true; uniq /dev/null"):
        h.record(collector, ["sh", "-c", program]).wait()
    h.ok(all(collector.closed(n) for n in (1, 2)), "two sessions are there")
    for program, n in (("sort", 1), ("uniq", 2)):
        def found(program=program):
            done = collector.auditor("search", "--json", "--in", "commands", program)
            return [json.loads(line) for line in done.stdout.decode().splitlines()]

        h.eventually(60, found)
        rows = found()
        h.ok(rows and all(r["source"] == "process" and r["n"] == n and r["hit"] for r in rows),
             f"{program} is found where it ran", rows)
        h.ok(rows and rows[0]["line"].split()[0].endswith(program) and rows[0]["at_s"] >= 0,
             "with its name and when", rows)
    text = collector.auditor("search", "--in", "commands", "sort").stdout.decode()
    h.ok("  * " in text and " replay 1 --at +" in text, "and how to see it", text)
    h.equal(collector.auditor("search", "--in", "screen", "uniq").stdout, b"",
            "what was only run was not shown")
    h.equal(collector.stop(), 0, "the collector ends well")
    h.done()


main()
