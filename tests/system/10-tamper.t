#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What somebody did to a stored session is found, with the chunk it was done to."""
import json
import os
import shutil
import subprocess

import harness as h

SESSION = ["/bin/sh", "-c", "for i in 1 2 3 4 5; do echo line $i; sleep 0.2; done"]
PRODUCT_KEY = "store/host.pub"


class Store:
    """A copy of a store without its ledger, to be damaged: what the files alone tell."""

    def __init__(self, collector, name):
        self.dir = os.path.join(h.work, name)
        shutil.copytree(os.path.join(collector.dir, "store"), os.path.join(self.dir, "store"))
        shutil.rmtree(os.path.join(self.dir, "store/ledger"))
        os.unlink(os.path.join(self.dir, "store/epoch.key"))
        self.files = {}
        for folder, _, names in os.walk(os.path.join(self.dir, "store/session")):
            self.files.update({int(n.split("-")[0]): os.path.join(folder, n) for n in names})

    def verify(self, *args):
        run = subprocess.run([h.SHELLAC, "-S", os.path.join(self.dir, "store"), "verify", "--json",
                              *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             stdin=subprocess.DEVNULL, check=False)
        return run.returncode, [json.loads(line) for line in run.stdout.splitlines()], run.stderr


def findings(objects):
    """Findings may be lines of their own or within a session's."""
    for o in objects:
        if "kind" in o:
            yield o
        yield from o.get("findings") or ()


def damaged(collector, name, n, data, chunk, status=None):
    store = Store(collector, name.replace(" ", "-"))
    with open(store.files[n], "wb") as f:
        f.write(data)
    code, objects, err = store.verify(str(n))
    h.equal(code, 1, f"{name}: verify says 1")
    if chunk is not None:
        h.ok(chunk in [f.get("chunk") for f in findings(objects)], f"{name}: it is chunk {chunk}",
             f"{objects} {err}")
    if status:
        h.equal([o.get("status") for o in objects if "status" in o], [status],
                f"{name}: it is {status}")
    code, _, _ = store.verify()
    h.equal(code, 1, f"{name}: so does verify of everything")
    shutil.rmtree(store.dir)


def chunks_moved(collector, packed):
    files = collector.files()
    cert, mine = h.chunks(files[1])
    _, other = h.chunks(files[2])
    h.ok(len(mine) >= 5 and len(other) >= 5, "the sessions have chunks", f"{len(mine)} {len(other)}")
    last = len(mine) - 1
    for k in range(last + 1):
        damaged(collector, f"chunk {k} removed", 1, cert + b"".join(mine[:k] + mine[k + 1:]),
                k if k < last else None, "TAMPERED" if k < last else "CUT")
        damaged(collector, f"chunk {k} doubled", 1, cert + b"".join(mine[:k + 1] + mine[k:]), k + 1)
        if k < len(other):
            damaged(collector, f"chunk {k} of another session", 1,
                    cert + b"".join(mine[:k] + [other[k]] + mine[k + 1:]), k)
        if k < last:
            damaged(collector, f"chunks {k} and {k + 1} swapped", 1,
                    cert + b"".join(mine[:k] + [mine[k + 1], mine[k]] + mine[k + 2:]), k)
            cut = sum(map(len, mine[:k + 1])) + len(cert)
            damaged(collector, f"cut behind chunk {k}", 1, (cert + b"".join(mine))[:cut], None, "CUT")
    with open(files[2], "rb") as f:
        damaged(collector, "the whole of another session", 1, f.read(), None)
    damaged(collector, "bytes added", 1, cert + b"".join(mine) + b"\0", None)
    damaged(collector, "emptied", 1, b"", None)
    damaged(collector, "only its certificate", 1, cert, None)
    with open(packed, "rb") as f:
        data = f.read()
    h.equal(data[:4], b"SHLZ", "a closed session is packed")
    damaged(collector, "packed one added to", 3, data + b"\0", None)
    damaged(collector, "packed one cut", 3, data[:-1], None)
    damaged(collector, "packed one emptied", 3, b"", None)
    for at in range(0, len(data), max(1, len(data) // 40)):
        flipped = bytearray(data)
        flipped[at] ^= 1
        damaged(collector, f"packed one, a bit at {at}", 3, bytes(flipped), None)


def whole_sessions(collector):
    store = Store(collector, "missing")
    os.unlink(store.files[2])
    code, objects, err = store.verify()
    h.equal(code, 1, "a session deleted: verify says 1")
    h.ok(any(o.get("n") == 2 and o.get("status") == "MISSING" for o in objects),
         "it names the missing one", f"{objects} {err}")
    store = Store(collector, "last")
    os.unlink(store.files[3])
    code, objects, _ = store.verify()
    h.ok(code == 1 and any(o.get("status") == "MISSING" and o.get("n") == 3 for o in objects),
         "the last one too", objects)
    store = Store(collector, "key")
    other = h.Collector(os.path.join(h.work, "other")).start()
    other.stop()
    key = os.path.join(other.dir, "store/host.pub")
    code, objects, _ = store.verify("--key", key)
    h.ok(code == 1 and all(o.get("status") == "UNCERTIFIED" for o in objects if "status" in o),
         "with another host's key nothing is certified", objects)
    code, objects, _ = store.verify(store.files[1], "--key", os.path.join(collector.dir, PRODUCT_KEY))
    h.equal(code, 0, "a file alone, with the right key")
    shutil.copy(key, os.path.join(store.dir, "store/host.pub"))
    code, objects, _ = store.verify()
    h.equal(code, 1, "a store whose key was replaced")


def added_files(collector):
    """More files than sessions: each is judged, and what it is too many of is said."""
    for name, suffix in (("cut", ".cut"), ("live", ".live")):
        store = Store(collector, "twice-" + name)
        shutil.copy(store.files[2], store.files[2] + suffix)
        code, objects, _ = store.verify()
        found = [f["n"] for f in findings(objects) if f["kind"] == "duplicate"]
        h.ok(code == 1 and found == [2] and
             len([o for o in objects if o.get("n") == 2 and "status" in o]) == 2,
             f"session 2 again as {name}: the number is there twice", objects)
    store = Store(collector, "day")
    other = os.path.join(store.dir, "store/session/2001/01/01")
    os.makedirs(other)
    for _ in range(2):
        shutil.copy(store.files[1], other)
        other = os.path.join(os.path.dirname(other), "02")
        os.makedirs(other, exist_ok=True)
    code, objects, _ = store.verify()
    kinds = [(f["n"], f["kind"]) for f in findings(objects)]
    h.equal((code, sorted(kinds)), (1, [(1, "duplicate")] * 2 + [(1, "name")] * 2),
            "session 1 in two other days' folders: twice too many, in the wrong place")
    code, objects, _ = store.verify("3")
    h.equal(code, 0, "others asked for alone are well")
    store = Store(collector, "stray")
    for name in ("note.txt", "2-0123.shlc"):
        with open(os.path.join(os.path.dirname(store.files[1]), name), "w", encoding="ascii"):
            pass
    code, objects, _ = store.verify()
    h.equal((code, [f["kind"] for f in findings(objects)]), (1, ["unknown"] * 2),
            "what is no session's file is unknown")


def main():
    collector = h.Collector(conf="compress = no\n").start()
    for _ in range(2):
        h.equal(h.record(collector, SESSION).wait(), 0, "a session")
    collector.stop()
    plain = collector.files()
    kept = {n: open(path, "rb").read() for n, path in plain.items()}
    collector = h.Collector(conf="compress = yes\n").start()
    h.equal(h.record(collector, SESSION).wait(), 0, "one that is packed")
    collector.closed(3)
    collector.stop()
    for n, path in plain.items():  # the second collector packed these too
        with open(path, "wb") as f:
            f.write(kept[n])
    code, objects, _ = Store(collector, "clean").verify()
    h.ok(code == 0 and [o["status"] for o in objects if "status" in o] == ["COMPLETE"] * 3,
         "all is well before", objects)
    chunks_moved(collector, collector.files()[3])
    whole_sessions(collector)
    added_files(collector)
    h.done()


main()
