#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A collector that is killed in a storm of processes: each process whose end is in the store
was told of, once, when the next one runs.  In a pid namespace of the test's own."""
import collections
import json
import os
import random
import struct
import subprocess
import time

import events_check as check
import harness as h

h.own_pid_namespace()

KILLS = 15
# shellac-format(5), PROCESS RECORDS
HEADER, RECORD, AT_KIND, AT_FILE, ACCT = 32, 128, 97, 64, 0
STORM = "i=0; while [ $i -lt 100000 ]; do /bin/true; i=$((i + 1)); done"


def plugin(collector):
    folder = os.path.join(collector.dir, "plugins.d")
    os.makedirs(folder, mode=0o700)
    # never acknowledges: the journal keeps all
    with open(os.path.join(folder, "take.conf"), "w", encoding="utf-8") as f:
        f.write("active = yes\ndirection = out\npath = /bin/sh\nargs = -c 'exec cat >/dev/null'\n"
                "type = always\nformat = json\nacks = yes\noverflow_action = block\n")


def plugin_back(collector):
    os.rmdir(os.path.join(collector.dir, "plugins.d"))
    plugin(collector)


def told(collector):
    return collections.Counter(
        (e["process"]["pid"], e["process"]["name"])
        for e in check.journal(collector.dir) if e["event"]["action"] == "process-end")


def stored(collector):
    out = subprocess.run([h.SHELLAC, "-S", os.path.join(collector.dir, "store"), "procs", "--json"],
                         stdout=subprocess.PIPE, check=True).stdout
    return collections.Counter((p["pid"], p["comm"]) for p in map(json.loads, out.splitlines()))


def place_file(collector):
    return os.path.join(collector.dir, "store/event/told")


def mark(collector):
    with open(place_file(collector), "rb") as f:
        magic, place, file = struct.unpack("<8sII", f.read(16))
    return magic, file, place


def segments(collector):
    folder = os.path.join(collector.dir, "store/process")
    return [os.path.join(folder, name) for name in
            sorted((n for n in os.listdir(folder) if n.endswith(".shlp")),
                   key=lambda n: int(n.split(".")[0]))]


def places(collector):
    """(kernel file, place) of each record of accounting, in their order.  The last of those
    that a killed collector was writing may be there in part."""
    found = []
    for path in segments(collector):
        with open(path, "rb") as f:
            data = f.read()
        for at in range(HEADER, len(data) - RECORD + 1, RECORD):
            if data[at + AT_KIND] == ACCT:
                found.append(struct.unpack_from("<II", data, at + AT_FILE))
    return found


def set_mark(collector, place):
    with open(place_file(collector), "wb") as f:
        f.write(struct.pack("<8sII", b"SHLTOLD\1", place[1], place[0]))


def torn(collector):
    """Bytes behind the last whole record."""
    return (os.path.getsize(segments(collector)[-1]) - HEADER) % RECORD


def tear(collector):
    """As if it had been killed within a write: the kernel ends that between two pages."""
    with open(segments(collector)[-1], "r+b") as f:
        f.seek(-torn(collector), os.SEEK_END)
        f.write(bytes(RECORD - HEADER))  # a page ends there
        f.truncate()


def untell(collector, count):
    """As if it had been killed before it told of the last ends; how many that were."""
    folder = os.path.join(collector.dir, "store/event")
    newest = os.path.join(folder, max(n for n in os.listdir(folder) if n.endswith(".jsonl")))
    with open(newest, "rb") as f:
        lines = f.read().splitlines(True)
    while count and b'"action":"process-end"' not in b"".join(lines[-count:][:1]):
        count -= 1
    ends = sum(b'"action":"process-end"' in line for line in lines[-count:])
    with open(newest, "wb") as f:
        f.write(b"".join(lines[:-count]))
    set_mark(collector, places(collector)[-ends - 1])
    return ends


def storm(collector, chance):
    """Kills the collector while processes end."""
    # pylint: disable=consider-using-with
    shells = [subprocess.Popen(["/bin/sh", "-c", STORM], stdin=subprocess.DEVNULL)
              for _ in range(2)]
    time.sleep(0.1 + chance.random() / 5)
    collector.kill()
    for shell in shells:
        shell.kill()
        shell.wait()


def agree(collector, name):
    there, said = stored(collector), told(collector)
    h.ok(sum(there.values()) > KILLS * 10, f"{name}: processes were stored", sum(there.values()))
    h.equal(dict(there - said), {}, f"{name}: none is stored and untold")
    h.equal(dict(said - there), {}, f"{name}: none is told twice")
    numbers = [e["event"]["sequence"] for e in check.journal(collector.dir)]
    h.equal(numbers, list(range(1, len(numbers) + 1)), f"{name}: no number is missing")


def main():
    collector = h.Collector(conf="acct = own\n")
    plugin(collector)
    chance = random.Random(7)
    collector.start()
    # from now on all is for it
    h.eventually(60, lambda: os.path.exists(os.path.join(collector.dir, "store/event/plugin/take")))
    for _ in range(KILLS):
        storm(collector, chance)
        collector.start()
    h.equal(collector.stop(), 0, "the collector ends")
    agree(collector, "killed")
    h.equal(mark(collector), (b"SHLTOLD\1",) + places(collector)[-1], "the mark says up to where")

    for count in (1, 7, 200):
        ends = untell(collector, count)
        h.ok(ends > 0, "killed between storing and telling")
        collector.start()
        h.equal(collector.stop(), 0, "the next one ends")
        agree(collector, f"{count} untold")
        h.ok(f"{ends} ends of processes are told" in collector.text(), "it says that it made it good")

    for count in (1, 7, 200):
        collector.start()
        storm(collector, chance)
        tear(collector)
        set_mark(collector, places(collector)[-count - 1])
        collector.start()
        h.equal(collector.stop(), 0, "killed between telling and the mark, and the next one ends")
        h.equal(torn(collector), 0, "what was written of a record in part is gone")
        agree(collector, f"{count} marked as untold")

    os.unlink(os.path.join(collector.dir, "plugins.d/take.conf"))
    collector.start()
    h.equal(mark(collector)[1:], (0, 0), "without plugins it is put back")
    subprocess.run(["/bin/true"], check=True)
    collector.kill()
    before = sum(told(collector).values())
    plugin_back(collector)
    collector.start()
    h.equal(collector.proc.poll(), None, "and one that comes again")
    collector.stop()
    names = sum(told(collector).values()) - before
    h.ok(names < 20, "does not hear of what was", names)
    h.done()


main()

