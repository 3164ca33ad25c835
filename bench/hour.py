#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""make bench-hour: what an hour of a session costs, by what is done in it: bytes of its
stream, which is what goes to the fleet, chunks, and bytes of the closed file on the host.

Each kind is a real session on a terminal of 24 x 80, all side by side for SECONDS
(default 120), and counted to an hour."""
import os
import sys
import threading
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/system"))
import harness as h  # pylint: disable=wrong-import-position

KEYS_A_SECOND = 4
LINES = ["ls -l /etc | head -n 20", "ps aux | tail -n 15", "cat /etc/hosts", "df -h",
         "grep -n root /etc/passwd", "ls /usr/bin | head -n 30", "git --help | head -n 12", "date"]
EDITS = ["jjjj", "\x06", "\x06", "o the quick brown fox\x1b", "\x02", "dd", "G", "gg", "10j", "ixyz\x1b"]


def shell(terminal, end):
    n = 0
    while time.monotonic() < end:
        for key in LINES[n % len(LINES)] + "\r":
            terminal.send(key)
            time.sleep(1 / KEYS_A_SECOND)
        n += 1


def editor(terminal, end):
    n = 0
    while time.monotonic() < end:
        for key in EDITS[n % len(EDITS)]:
            terminal.send(key)
            time.sleep(1 / KEYS_A_SECOND)
        n += 1


def watched(_, end):
    time.sleep(max(0, end - time.monotonic()))


def build_script():
    """One compiler at a time, with its command lines shown."""
    flags = f"-D_GNU_SOURCE -I{h.TOP}/lib -Wall -Wextra -O2 -g"
    return f"while :; do for f in {h.TOP}/lib/*.c; do (set -x; cc {flags} -c -o {h.work}/o.o " \
           f"$f || :); done; done"


KINDS = [
    ("nothing is done in a shell", ["sh"], watched),
    (f"{KEYS_A_SECOND} keys a second in a shell", ["sh"], shell),
    (f"{KEYS_A_SECOND} keys a second in an editor", ["vi", os.path.join(h.TOP, "LICENSE")], editor),
    ("top, each second", ["top", "-d", "1"], watched),
    ("a build, one compiler", ["sh", "-c", build_script()], watched),
]


def end_session(terminal):
    """One of them ends each."""
    for keys in ("\x1b:q!\r", "\x03", "q", "\x03\r", "exit\r"):
        if terminal.running():
            terminal.send(keys)
            time.sleep(0.3)
    terminal.wait(20)


def main():
    seconds = float(os.environ.get("SECONDS_EACH", "120"))
    collector = h.Collector(conf="acct = off\nprocess_events = no\ncompress = yes\n").start()
    terminals, players = [], []
    for n, (_, argv, _) in enumerate(KINDS, 1):
        terminals.append(h.record(collector, argv))
        h.eventually(30, lambda n=n: n in collector.files())
    end = time.monotonic() + seconds
    for terminal, (_, _, play) in zip(terminals, KINDS):
        players.append(threading.Thread(target=play, args=(terminal, end)))
        players[-1].start()
    for player in players:
        player.join()
    live = {n: h.frames(path) for n, path in collector.files().items()}
    for terminal in terminals:
        end_session(terminal)
    print(f"{'in an hour':<32}{'stream MB':>10}{'chunks':>9}{'closed MB':>10}")
    for n, (name, _, _) in enumerate(KINDS, 1):
        size = sum(len(f.raw) for f in live[n])
        chunks = sum(f.type == h.SEAL for f in live[n])
        closed = os.path.getsize(collector.closed(n))
        hour = 3600 / seconds
        print(f"{name:<32}{size * hour / 1e6:>10.2f}{chunks * hour:>9.0f}{closed * hour / 1e6:>10.2f}")


main()
