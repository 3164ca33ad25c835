#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Each EPOCH has the digest of the process records since the one before, whatever
becomes of the collector in between; and what fails in accounting is in the ledger."""
import glob
import hashlib
import os
import subprocess

import harness as h

h.own_pid_namespace()


def stream(collector):
    files = sorted(glob.glob(os.path.join(collector.dir, "store/process/*.shlp")))
    return b"".join(open(f, "rb").read() for f in files)


def epochs(collector):
    return [e for e in collector.objects("ledger") if e["type"] == "EPOCH"]


def check(collector, name):
    found, data = epochs(collector), stream(collector)
    joined = all(a["records_to"] == b["records_from"] for a, b in zip(found, found[1:]))
    h.ok(joined and found[0]["records_from"] == 0, f"{name}: no byte is left out", found)
    wrong = [e["epoch"] for e in found if e["records"] != hashlib.blake2b(
        data[e["records_from"]:e["records_to"]], digest_size=32).hexdigest()]
    h.equal(wrong, [], f"{name}: each epoch has the digest of its records")
    return found[-1]["records_to"], len(data)


def work():
    for _ in range(30):
        subprocess.run(["/bin/true"], check=True)


def main():
    c = h.Collector(conf="epoch_s = 3600\n").start()
    work()
    h.equal(c.auditor("rotate").returncode, 0, "an epoch is ended")
    to, size = check(c, "while it runs")
    h.ok(30 * 128 < to <= size, "what ran is in it", (to, size))
    work()
    c.auditor("procs")
    c.kill()
    work()
    c.start()
    to, size = check(c, "behind a kill")
    h.ok(to > 60 * 128, "what the one before had not entered, too", (to, size))
    work()
    h.equal(c.stop(), 0, "it ends")
    h.equal(check(c, "at its end"), (len(stream(c)), len(stream(c))),
            "to the last record")
    c.start()
    taken = os.path.join(h.work, "taken")
    open(taken, "wb").close()
    subprocess.run([h.PYTHON, "-c", "import ctypes, sys; sys.exit(ctypes.CDLL(None).acct("
                    f"b'{taken}'))"], check=True)
    fails = h.eventually(20, lambda: [e for e in c.objects("ledger") if e["type"] == "FAIL"])
    h.ok(fails and "taken over" in str(fails[0]), "that accounting was taken over is entered",
         fails)
    subprocess.run([h.PYTHON, "-c", "import ctypes; ctypes.CDLL(None).acct(None)"], check=True)
    c.stop()
    h.done()


main()
