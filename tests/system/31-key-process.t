#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The process that holds the keys: it alone has them, it can do nothing else, its end
costs no session, and unsafe key files are refused."""
import base64
import os
import re
import signal

import harness as h

CONF = "acct = off\nprocess_events = no\nepoch_s = 1\n"
ROOT = os.geteuid() == 0


def key_process(c, but=None):
    """Its pid, when it is another one."""
    def look():
        found = c.objects("status")
        return found and found[0]["key_process"] != but and found[0]["key_process"]
    return h.eventually(20, look)


def of_status(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def memory(pid):
    """All that the process can read."""
    parts = []
    with open(f"/proc/{pid}/maps", encoding="ascii", errors="replace") as maps, \
         open(f"/proc/{pid}/mem", "rb", buffering=0) as mem:
        for line in maps:
            span, mode = line.split()[:2]
            low, high = (int(x, 16) for x in span.split("-"))
            if mode.startswith("r") and "[v" not in line:
                try:
                    mem.seek(low)
                    parts.append(mem.read(high - low))
                except OSError:
                    pass
    return b"\0".join(parts)


def host_seed(c):
    with open(os.path.join(c.dir, "host.key"), encoding="ascii") as f:
        return base64.b64decode(f.read().splitlines()[1])


def epoch_seeds(c):
    """By their order: the one in use, and the next."""
    with open(os.path.join(c.dir, "store/epoch.key"), encoding="ascii") as f:
        return [bytes.fromhex(s) for _, s in
                sorted(re.findall(r"^([0-9a-f]{16}) ([0-9a-f]{64})$", f.read(), re.M))]


def forms(seed):
    return seed, base64.b64encode(seed), seed.hex().encode()


def has(pid, seed):
    data = memory(pid)
    return [f in data for f in forms(seed)]


def who_has_the_keys(c, pid):
    seed = host_seed(c)
    h.equal(has(pid, seed)[0], True, "the key process has the host's key")
    h.equal(any(has(c.proc.pid, seed)), False, "and the collector has not")
    h.ok(h.eventually(20, lambda: len(epoch_seeds(c)) == 2), "there are two keys of epochs")
    used = epoch_seeds(c)[0]
    h.equal(any(has(c.proc.pid, used)), False, "the collector has not the epoch's either")
    h.ok(h.eventually(20, lambda: used not in epoch_seeds(c) and len(epoch_seeds(c)) == 2),
         "an epoch ends")
    with open(os.path.join(c.dir, "store/epoch.key"), "rb") as f:
        h.ok(used.hex().encode() not in f.read(), "its key is overwritten")
    h.equal(any(has(pid, used)), False, "and in no memory any more")


def what_it_can_do(pid):
    s = of_status(pid)
    h.equal(s["Name"], "shellacd-key", "it says what it is")
    h.equal(s["NoNewPrivs"], "1", "it gets no new privileges")
    h.equal({s[k].strip("0") for k in ("CapEff", "CapPrm", "CapInh", "CapAmb")}, {""},
            "it has no capabilities")
    if h.sanitized():
        h.skip("it has a filter of system calls", "a sanitizer")
    else:
        h.equal(s["Seccomp"], "2", "it has a filter of system calls")
    if not ROOT:
        return
    fds = {int(n): os.readlink(f"/proc/{pid}/fd/{n}") for n in os.listdir(f"/proc/{pid}/fd")}
    h.equal({fd: re.sub(r".*/|:.*", "", name) for fd, name in fds.items() if fd > 2},
            {3: "socket", 4: "epoch.key", 5: "host.key"}, "it has three descriptors")
    with open(f"/proc/{pid}/limits", encoding="ascii") as f:
        h.ok(re.search(r"^Max core file size +0 +0 ", f.read(), re.M), "it leaves no core")


def session(c, word):
    t = h.record(c, ["echo", word])
    h.equal(t.wait(), 0, f"a session: {word}")


def newest(c):
    return (c.objects("list") or [{}])[-1]


def its_end(c, pid):
    os.kill(pid, signal.SIGTERM)
    session(c, "one")
    h.equal(key_process(c), pid, "a signal that the collector ends with does not end it")
    os.kill(pid, signal.SIGKILL)
    session(c, "two")
    again = key_process(c, pid)
    h.ok(again, "there is another one")
    h.equal(c.objects("list")[-1]["status"], "COMPLETE", "the session is there")
    h.ok("has gone; starting another one" in c.text(), "and the log says so", c.text())
    return again


def without_one(c, pid):
    """While it cannot start again sessions are spooled, and certified afterwards."""
    key = os.path.join(c.dir, "host.key")
    before = newest(c)["n"]
    os.chmod(key, 0o640)
    os.kill(pid, signal.SIGKILL)
    h.ok(h.eventually(20, lambda: c.objects("status")[0]["key_process"] is None),
         "a key that others may read is not used")
    t = h.record(c, ["sh", "-c", "echo three; read x; echo $x"])
    t.wait_for("three")
    h.equal(c.objects("status")[0]["sessions"], 0, "a session is put off")
    os.chmod(key, 0o600)
    h.ok(key_process(c), "with a key of its owner's alone there is one again")
    t.send("on\r")
    h.equal(t.wait(), 0, "the session ends as it should")
    h.ok(h.eventually(30, lambda: newest(c)["n"] == before + 1 and newest(c)["status"] == "COMPLETE"),
         "and is there", newest(c))
    h.equal(c.auditor("verify").returncode, 0, "verify finds nothing")


def wrong_modes(c):
    h.equal(c.stop(), 0, "the collector ends")
    for name in "host.key", "store/epoch.key":
        path = os.path.join(c.dir, name)
        h.equal(os.stat(path).st_mode & 0o7777, 0o600, f"{name} is its owner's alone")
        os.chmod(path, 0o604)
        c.launch()
        h.equal(c.proc.wait(60), 3, f"{name} that others may read is refused")
        os.chmod(path, 0o600)
    c.start()
    pid = key_process(c)
    c.kill()
    h.ok(h.eventually(20, lambda: not os.path.exists(f"/proc/{pid}") or
                      of_status(pid)["State"].startswith("Z")), "it ends with its collector")


def main():
    c = h.Collector(conf=CONF).start()
    pid = key_process(c)
    h.ok(pid and pid != c.proc.pid, "the keys have a process of their own", pid)
    what_it_can_do(pid)
    if ROOT and not h.sanitized():
        who_has_the_keys(c, pid)
    else:
        h.skip("who has the keys", "needs root, and no sanitizer")
    pid = its_end(c, pid)
    without_one(c, pid)
    wrong_modes(c)
    h.done()


main()
