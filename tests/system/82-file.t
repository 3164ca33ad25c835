#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""shellac-file: events in files that are rotated, compressed and gone on with; none lost or
doubled over a kill, a torn line, a full disk; no link is followed."""
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time

import harness as h
import fed_plugin as p

NAME = re.compile(r"\d{8}T\d{6}Z-(\d{20})\.jsonl(\.zst)?$")


def files(folder):
    return sorted(n for n in os.listdir(folder) if NAME.match(n))


def content(folder):
    """All lines, in the order of the files."""
    text = b""
    for name in files(folder):
        path = os.path.join(folder, name)
        if name.endswith(".zst"):
            text += subprocess.run(["zstd", "-dcq", path], stdout=subprocess.PIPE,
                                   check=True).stdout
        else:
            with open(path, "rb") as f:
                text += f.read()
    return text


def sequences(folder):
    return [json.loads(line)["event"]["sequence"] for line in content(folder).splitlines()]


def line(seq, **more):
    return json.dumps(p.event(seq, **more), ensure_ascii=False).encode() + b"\n"


def start(folder, *options):
    return p.Plugin("file", *options, os.path.join(h.work, folder))


def one_file():
    folder = os.path.join(h.work, "one")
    events = [line(i, text="\x85 \u202e \"\\ \u00e4") for i in range(1, 6)]
    plugin = start("one")
    plugin.put(*events)
    h.ok(plugin.acks(5), "events are acknowledged", plugin.text())
    h.equal(content(folder), b"".join(events), "and are in a file, byte for byte")
    h.equal((len(files(folder)), int(NAME.match(files(folder)[0])[1])), (1, 1),
            "that is named by its first event")
    h.equal((os.stat(folder).st_mode & 0o777,
             os.stat(os.path.join(folder, files(folder)[0])).st_mode & 0o777), (0o700, 0o600),
            "nobody else may read them")
    other = start("one")
    h.equal(other.ended(), 3, "a second plugin does not write into the same folder")
    h.ok("another shellac-file" in other.text(), "and says why", other.text())
    h.equal(plugin.eof(), 0, "the end of events is the end")


def torn():
    """What a crash left behind; the dispatcher sends again from its last ack on."""
    folder = os.path.join(h.work, "one")
    path = os.path.join(folder, files(folder)[0])
    with open(path, "ab") as f:
        f.write(line(6)[:40])
    plugin = start("one")
    plugin.put(*[line(i, text="\x85 \u202e \"\\ \u00e4") for i in range(3, 6)],
               *[line(i) for i in range(6, 9)])
    h.ok(plugin.acks(8), "after a crash: events that come again are acknowledged", plugin.text())
    h.equal((sequences(folder), len(files(folder))), ([*range(1, 9)], 1),
            "none is doubled, and the half line is gone")
    h.equal(plugin.term(), 0, "SIGTERM is an end")
    plugin = start("one")
    plugin.put(line(1, text="a new journal"), line(2))
    plugin.acks(2)
    h.equal((sequences(folder), len(files(folder))), ([*range(1, 9), 1, 2], 2),
            "numbers that begin anew are no doubles")
    plugin.eof()


def rotated():
    folder = os.path.join(h.work, "size")
    events = [line(i) for i in range(1, 2001)]
    plugin = start("size", "--size", "16K")
    plugin.put(*events)
    h.ok(plugin.acks(2000), "many events are taken", plugin.text())
    h.ok(h.eventually(60, lambda: sum(n.endswith(".zst") for n in files(folder))
                      == len(files(folder)) - 1), "full files are compressed", files(folder))
    h.ok(len(files(folder)) > 10, "there are many", files(folder))
    h.equal(content(folder), b"".join(events), "with all events in order")
    firsts = [int(NAME.match(n)[1]) for n in files(folder)]
    h.equal(firsts, sorted(firsts), "and names in the same order")
    plugin.eof()
    # the newest is a compressed one: its last event tells where to go on
    os.unlink(os.path.join(folder, files(folder)[-1]))
    upto = sequences(folder)[-1]
    plugin = start("size", "--size", "16K", "--keep", "3", "--mode", "640")
    plugin.put(*events[upto - 5:], line(2001))
    h.ok(plugin.acks(2001), "it goes on behind a compressed file", plugin.text())
    h.ok(h.eventually(60, lambda: len(files(folder)) in (3, 4)), "only so many files are kept",
         files(folder))
    h.equal(sequences(folder)[-1], 2001, "the newest of them")
    got = sequences(folder)
    h.equal(got, [*range(got[0], 2002)], "without a gap or a double")
    h.equal(os.stat(os.path.join(folder, files(folder)[-1])).st_mode & 0o777, 0o640,
            "--mode is that of files")
    plugin.eof()


def by_time():
    folder = os.path.join(h.work, "time")
    plugin = start("time", "--every", "1s")
    plugin.put(line(1))
    plugin.acks(1)
    h.ok(h.eventually(60, lambda: files(folder) and files(folder)[0].endswith(".zst")),
         "a file whose time is over is finished without another event", files(folder))
    plugin.put(line(2))
    plugin.acks(2)
    h.equal((len(files(folder)), sequences(folder)), (2, [1, 2]), "the next one has its own")
    plugin.eof()
    plugin = start("time", "--no-compress", "--every", "1s")
    plugin.put(line(3))
    plugin.acks(3)
    time.sleep(1.5)
    plugin.put(line(4))
    plugin.acks(4)
    h.ok(len(files(folder)) >= 3 and files(folder)[-2].endswith(".jsonl"),
         "--no-compress leaves it as it is", files(folder))
    plugin.eof()


def killed():
    """Again and again, while events come; each time the feed goes on behind the last ack."""
    folder = os.path.join(h.work, "killed")
    events = [line(i) for i in range(1, 5001)]
    acked = 0
    for turn in range(8):
        plugin = start("killed", "--size", "64K")
        plugin.put(*events[acked:acked + 500 + turn])
        plugin.acks(acked + 1)
        plugin.proc.kill()
        plugin.ended()
        acked = max(acked, plugin.acked)
    plugin = start("killed", "--size", "64K")
    plugin.put(*events[acked:])
    h.ok(plugin.acks(5000), "killed eight times, it comes to the end", plugin.text())
    h.equal(sequences(folder), [*range(1, 5001)], "no event is lost or doubled")
    h.equal(plugin.eof(), 0, "and it ends well")


def links():
    target = os.path.join(h.work, "target")
    os.mkdir(target, 0o700)
    os.symlink("target", os.path.join(h.work, "link"))
    h.equal(start("link").ended(), 3, "a folder that is a link is refused")
    with open(os.path.join(h.work, "victim"), "w", encoding="ascii") as f:
        f.write("mine")
    os.symlink("../victim", os.path.join(target, "20990101T000000Z-%020d.jsonl" % 1))
    plugin = start("target")
    plugin.put(line(1), line(2))
    h.ok(plugin.acks(2), "a link in the place of the newest file is left alone", plugin.text())
    plugin.eof()
    with open(os.path.join(h.work, "victim"), encoding="ascii") as f:
        h.equal(f.read(), "mine", "and what it points to, too")
    os.chmod(target, 0o777)
    plugin = start("target")
    h.equal(plugin.ended(), 3, "a folder that others may write to is refused")
    plugin = start("one")
    plugin.put(line(3))
    plugin.acks(3)
    for name in files(os.path.join(h.work, "one")):
        os.unlink(os.path.join(h.work, "one", name))
    plugin.put(line(4))
    h.equal((plugin.ended(), plugin.acked), (3, 3),
            "a file that somebody deleted is noticed before the next ack")


def full_disk():
    if os.geteuid() != 0:
        h.skip("a full disk", "needs root")
        return
    folder = os.path.join(h.work, "full")
    os.mkdir(folder)
    mount = f"mount -t tmpfs -o size=256k,mode=700 none {folder} && exec \"$@\""
    plugin = p.Plugin("file", "--size", "64K", "--no-compress", folder,
                      before=["unshare", "-m", "--propagation", "private", "sh", "-c", mount,
                              "sh"])
    inside = f"/proc/{plugin.proc.pid}/root{folder}"
    events = [line(i) for i in range(1, 1001)]
    writer = threading.Thread(target=plugin.put, args=events, daemon=True)
    writer.start()
    h.ok(h.eventually(60, lambda: "no room" in plugin.text()), "a full disk is said")
    early = plugin.acked
    h.ok(0 < early < 1000, "what has no room is not acknowledged", early)
    h.ok(plugin.proc.poll() is None, "the plugin waits")
    held = content(inside)
    h.ok(b"".join(events).startswith(held) and held.endswith(b"\n") and
         sequences(inside)[-1] >= early, "all that was is there, no line torn")
    subprocess.run(["nsenter", "-t", str(plugin.proc.pid), "-m", "mount", "-o",
                    "remount,size=8m", folder], check=True)
    h.ok(plugin.acks(1000), "it goes on when there is room", plugin.text())
    h.equal(content(inside), b"".join(events), "with all events, none doubled")
    writer.join(60)
    h.ok("there is room again" in plugin.text(), "and says so", plugin.text())
    plugin.put(*[line(i) for i in range(1001, 1003)])
    plugin.acks(1002)
    h.equal(plugin.eof(), 0, "and ends well")


def usage():
    for args in ((), ("a", "b"), ("--size", "1", "a"), ("--size", "x", "a"), ("--keep", "-1", "a"),
                 ("--mode", "777", "a"), ("--every", "1y", "a"), ("--bad", "a")):
        run = subprocess.run([p.program("file"), *args], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        h.ok(run.returncode == 2 and b"usage:" in run.stderr, f"{args} is a usage error", run)
    run = subprocess.run([p.program("file"), os.path.join(h.work, "x")], input=b"hello\n",
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    h.ok(run.returncode == 3 and b"first line" in run.stderr, "without a dispatcher it ends", run)


def main():
    if not shutil.which("zstd"):
        h.skip_all("no zstd")
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    one_file()
    torn()
    rotated()
    by_time()
    killed()
    links()
    full_disk()
    usage()
    h.done()


main()
