#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""shellac witness, with curl as its client: every answer of C2SP tlog-witness, what
it remembers, in which order it writes and answers."""
import concurrent.futures
import os
import re
import shutil
import socket
import stat
import subprocess
import time

import harness as h
import witness_world as w


def post(witness, body, *more):
    return w.curl(witness.url + "/add-checkpoint", body, *more)


def status(witness, body):
    return post(witness, body)[0]


def keys(witness):
    path = os.path.join(witness.state, "witness.key")
    name, kind, _ = w.read_vkey(witness.vkey)
    h.equal((name, kind), ("one.test/w", w.COSIGNATURE), "--new-key prints a verifier key")
    h.equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "the secret half is nobody else's")
    with open(path, "rb") as f:
        before = f.read()
    h.equal(w.run("--state", witness.state, "--new-key").returncode, 3, "a key is never replaced")
    with open(path, "rb") as f:
        h.equal(f.read(), before, "it is as it was")
    bare = os.path.join(h.work, "bare")
    run = w.run("--state", bare, "--log", w.Log("a.test/log").vkey)
    h.ok(run.returncode == 3 and b"--new-key" in run.stderr, "without a key it says what to do",
         run.stderr)
    h.equal(w.run("--state", bare).returncode, 2, "without a log it is usage")
    os.chmod(path, 0o640)
    run = w.run("--state", witness.state, "--log", w.Log("a.test/log").vkey)
    h.equal(run.returncode, 3, "a key that others may read is refused")
    os.chmod(path, 0o600)
    run = subprocess.run([h.SHELLAC, "witness", "--help"], stdout=subprocess.PIPE, check=False)
    h.ok(run.returncode == 0 and b"--new-key" in run.stdout, "shellac witness is this program")


def answers(witness, log):
    begin = int(time.time())
    code, _, body = post(witness, log.request(0, 5))
    h.equal(code, 200, "a first checkpoint is cosigned")
    at = w.signed_at(log.note(5) + body, witness.vkey)
    h.ok(at is not None and begin - 1 <= at <= time.time() + 1, "rightly, and with the time", body)
    h.equal(status(witness, log.request(5, 5)), 200, "the same again, too")
    h.equal(status(witness, log.request(5, 20)), 200, "and one that continues it")
    h.equal(post(witness, log.request(0, 21)), (409, "text/x.tlog.size", b"20\n"),
            "another old size: 409 and the size")
    h.equal(post(witness, log.request(12, 13))[0], 409, "an earlier state: 409")
    h.equal(status(witness, w.Log(log.name, twist=3).request(20, 21)), 422, "another tree: 422")
    h.equal(status(witness, w.Log(log.name, twist=3).request(20, 20)), 422,
            "another root at the same size: 422")
    h.ok(os.path.exists(witness.file(log.name) + ".conflict"), "that note is kept as evidence")
    wrong = log.request(20, 21).replace(b"old 20\n", b"old 20\n" + w.b64(bytes(32)).encode() + b"\n")
    h.equal(status(witness, wrong), 422, "a proof with a hash too much: 422")
    h.equal(status(witness, w.Log("who.test/log").request(0, 5)), 404, "an unknown log: 404")
    text, signature = log.note(21).rsplit(b" ", 1)
    forged = signature[:40] + (b"A" if signature[40:41] != b"A" else b"B") + signature[41:]
    h.equal(status(witness, b"old 20\n\n" + text + b" " + forged), 403, "a wrong signature: 403")
    other = w.Log("other")
    h.equal(status(witness, b"old 0\n\n" + other.note(5).replace(b"other\n5", log.name.encode() + b"\n5",
                                                               1)), 403,
            "a stranger's signature: 403")
    bigger = log.request(20, 21).replace(b"old 20\n", b"old 22\n")
    h.equal(status(witness, bigger), 400, "an old size over the new: 400")
    for bad in (b"", b"x", b"old 20\n", log.request(20, 21)[1:], log.request(20, 21)[:-1],
                log.request(20, 21).replace(b"old 20", b"old 020"),
                b"old 20\n" + b"%s\n" % w.b64(bytes(32)).encode() * 64 + b"\n" + log.note(21)):
        h.equal(status(witness, bad), 400, "malformed: 400")
    h.equal(status(witness, log.request(20, 21) + b"\n" * 40000), 413, "too large: 413")
    h.equal(status(witness, log.request(20, 21)), 200, "none of these has moved it")


def other_requests(witness, log):
    h.equal(w.curl(witness.url + "/add-checkpoint")[0], 404, "GET add-checkpoint is nothing")
    h.equal(w.curl(witness.url + "/", b"x")[0], 404, "nor is POST of something else")
    h.equal(w.curl(witness.url + "/add-checkpoint", None, "-X", "DELETE")[0], 405, "DELETE: 405")
    name = os.path.basename(witness.file(log.name))
    code, _, note = w.curl(f"{witness.url}/{name}/checkpoint")
    h.equal((code, w.state_of(note)[1]), (200, 21), "the newest checkpoint is shown")
    h.ok(w.signed_at(note, witness.vkey) is not None, "with its cosignature")
    for path in ("/x/checkpoint", "/witness.key", "/../witness.key", f"/{name}"):
        h.equal(w.curl(witness.url + path, None, "--path-as-is")[0], 404, f"GET {path}: 404")


def slow_and_many(witness, log):
    port = int(witness.url.rsplit(":", 1)[1])
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(30)]
    for s in slow:
        s.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nold ")
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        got = list(pool.map(lambda size: post(witness, log.request(21, size)), range(22, 34)))
    good = [i for i, answer in enumerate(got) if answer[0] == 200]
    h.equal(len(good), 1, "of twelve at once from one size, one is cosigned, slow clients beside")
    size = 22 + good[0]
    h.equal({a[2] for a in got if a[0] != 200}, {b"%d\n" % size}, "and the others hear its size")
    h.equal(w.state_of(witness.newest(log.name))[1], size, "which is what is kept")
    for s in slow:
        s.close()
    return size


def remembers(witness, log, size):
    run = w.run("--state", witness.state, "--log", log.vkey)
    h.ok(run.returncode == 3 and b"another witness" in run.stderr, "one witness a state", run.stderr)
    witness.kill()
    witness.start("--log", log.vkey)
    h.equal(post(witness, log.request(0, 38))[2], b"%d\n" % size, "killed and started it remembers")
    h.equal(witness.stop(), 0, "SIGTERM ends it")
    with open(witness.file(log.name), "wb") as f:
        f.write(log.note(3))
    run = w.run("--state", witness.state, "--log", log.vkey)
    h.ok(run.returncode == 3 and b"not as this witness left it" in run.stderr,
         "a state that it did not sign is refused", run.stderr)


def order():
    """The file, its name, the folder, and only then the answer."""
    if not shutil.which("strace"):
        h.skip("the order of writes and answer", "no strace")
        return
    log, witness = w.Log("order.test/log"), w.Witness("order")
    trace = os.path.join(h.work, "trace")
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0"  # which cannot be, traced
    witness.start("--log", log.vkey, before=("strace", "-D", "-f", "-o", trace, "-s", "80", "-e",
                  "trace=fsync,fdatasync,rename,renameat,renameat2,sendto,sendmsg,write,writev"))
    h.equal(status(witness, log.request(0, 5)), 200, "traced, it cosigns")
    witness.stop()

    def lines():
        with open(trace, encoding="utf-8", errors="replace") as f:
            return f.read()

    h.eventually(20, lambda: re.search(r"exited with 0 \+\+\+\n$", lines()))
    calls = re.findall(r"^\d+ +(?:<\.\.\. )?((?:fsync|rename|send|write).*)$", lines(), re.M)
    renamed = next(i for i, c in enumerate(calls) if c.startswith("rename"))
    answered = next(i for i, c in enumerate(calls) if "200 OK" in c)
    h.ok(any(c.startswith("fsync") for c in calls[:renamed]), "what it writes is synced", calls)
    h.ok(any(c.startswith("fsync") for c in calls[renamed + 1:answered]),
         "named, and the folder synced, before it answers", calls)


def main():
    log = w.Log("log.test/one")
    witness = w.Witness("one")
    keys(witness)
    witness.start("--log", log.vkey)
    answers(witness, log)
    other_requests(witness, log)
    remembers(witness, log, slow_and_many(witness, log))
    order()
    h.done()


main()
