#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The collector aborts at its n-th write, sync, rename, truncation or removal,
for every n of a small session, and is started again without that: the session
comes out complete and once."""
import os
import struct

import harness as h

SHIM = os.path.join(h.BUILD, "tests/system/shim_abort.so")
SESSION = "echo one; sleep 0.15; echo two; read -r x; echo three $x"


class Round:
    def __init__(self, n):
        self.count_path = os.path.join(h.work, f"count{n}")
        with open(self.count_path, "wb") as f:
            f.write(bytes(8))
        self.shim = {"LD_PRELOAD": SHIM, "SHIM_COUNT": self.count_path, "SHIM_ABORT": str(n)}
        self.collector = h.Collector(os.path.join(h.work, f"r{n}"))
        self.revived = 0

    def count(self):
        with open(self.count_path, "rb") as f:
            return struct.unpack("<Q", f.read(8))[0]

    def revive(self):
        """Starts the collector again when it has died."""
        if self.collector.proc.poll() is not None and not self.revived:
            self.revived = 1
            self.collector.start()
        return False

    def spooled(self):
        return os.listdir(os.path.join(self.collector.dir, "spool"))

    def run(self):
        """Nothing, or what was wrong."""
        c = self.collector
        c.launch(self.shim)
        h.eventually(30, lambda: c.proc.poll() is not None or c.ready())
        self.revive()
        terminal = h.record(c, ["/bin/sh", "-c", SESSION])
        typed = False
        while terminal.running():
            self.revive()
            if not typed and b"two" in terminal.shown:
                terminal.send("x\n")
                typed = True
            if not h.eventually(0.01, lambda: not terminal.running()):
                continue
        status = terminal.wait()
        # all that it recorded is in, also what it wrote to a spool when it began anew
        h.eventually(15, lambda: self.revive() or c.closed(1, 0) and not self.spooled())
        stopped = c.proc.poll() is None and c.stop() == 0
        if not stopped and not self.revived:
            self.revive()
            c.stop()
        return self.judge(status, bytes(terminal.shown))

    def judge(self, status, shown):
        c = self.collector
        if status == 125 and not shown.startswith(b"one"):
            return self.judge_refused()
        listed = c.objects("list")
        wrong = []
        if status != 0:
            wrong.append(f"exit status {status}")
        if c.raw() != shown or b"three x" not in shown:
            wrong.append(f"recorded {c.raw()!r} of {shown!r}")
        # a registration that died before its answer is given up for another one
        again = len(listed) == 2 and listed[0]["status"] == "UNSEALED"
        if again and any(listed[0][key] for key in ("bytes_in", "bytes_out", "end")):
            wrong.append("the session that was given up has begun")
        self.again = again
        if c.auditor("verify", *(["2"] if again else [])).returncode != 0:
            wrong.append(c.auditor("verify").stdout.decode())
        if [o["n"] for o in listed] != ([1, 2] if again else [1]):
            wrong.append(f"list: {listed}")
        if [p for n, p in c.files().items() if not p.endswith(".shlc") and not (again and n == 1)]:
            wrong.append(f"files: {c.files()}")
        return wrong

    def judge_refused(self):
        """The collector died on the registration itself: the recorder may say so
        and run nothing; the next session gets the first number."""
        c = self.collector
        c.start()
        terminal = h.record(c, ["/bin/echo", "again"])
        wrong = [] if terminal.wait() == 0 else ["no session after a refused one"]
        c.closed(max(c.files(), default=1))
        c.stop()
        numbers = [o["n"] for o in c.objects("list")]
        if numbers != list(range(1, len(numbers) + 1)):
            wrong.append(f"numbers {numbers}")
        if c.raw() != b"again\r\n":
            wrong.append("the session after a refused one")
        self.refused = True
        return wrong

    refused = again = False


def main():
    if h.sanitized():
        h.skip_all("sanitizers and preloaded objects do not go together")
    dry = Round(0)
    h.equal(dry.run(), [], "without an abort")
    h.note(f"{dry.count()} calls")
    h.ok(dry.count() > 10, "the calls are counted")
    refused = again = missed = 0
    n = 1
    while missed < 3:  # how many calls there are depends on what is synced together
        this = Round(n)
        wrong = this.run()
        missed = 0 if this.revived else missed + 1
        refused += this.refused
        again += this.again
        if not h.ok(not wrong, f"aborted at call {n}", "\n".join(wrong)):
            h.note(this.collector.text()[-1500:])
        n += 1
    h.ok(n > 20, "it did abort", n)
    h.note(f"the collector died on {refused + again} registrations: {refused} were refused, "
           f"{again} recorded as another session")
    h.done()


main()
