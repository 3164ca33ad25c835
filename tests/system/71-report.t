#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A report of a store that has one of each kind of thing: all is in it, each with what it
is about; the same bytes whoever makes it, where and when; signed; and what somebody
changed in the store shows."""
import base64
import hashlib
import html.parser
import json
import os
import re
import shutil
import struct
import subprocess

import harness as h
import ledger_world as w
import process_made as made

FORMATS = ("text", "json", "html")
REQUIREMENTS = {
    "pci": "10.2.1.2 10.2.1.3 10.2.1.6 10.2.2 10.3.2 10.3.3 10.3.4 10.4 10.5.1 10.6 10.7",
    "nist": "AC-6(9) AC-8 AU-3 AU-4 AU-5 AU-6(8) AU-8 AU-9(3) AU-9(5) AU-10 AU-11 AU-14",
    "iso": "A.8.15 A.8.16 A.8.17"}
SECTIONS = ["source", "coverage", "users", "integrity", "time", "failures", "access", "findings",
            "review", "retention", "configuration", "capacity", "limits"]
NASTY = "<script>alert(1)</script>\"'&\x1b[2J\u202e"
SALT = bytes(range(16))
TYPES = {name: number for number, (name, _, _) in w.verify_ledger.TYPES.items()}


def run(store, *args, env=None, **kw):
    return subprocess.run([h.SHELLAC, "-S", store, "report", *args], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300,
                          check=False, env={**os.environ, **(env or {})}, **kw)


def objects(store, *args):
    out = run(store, "--format", "json", *args).stdout.decode("ascii")
    return [json.loads(line) for line in out.splitlines()]


def rows(found, section, table):
    return [o for o in found if o["type"] == "row" and (o["section"], o["table"]) == (section, table)]


def facts(found, section):
    return {o["name"]: o["value"] for o in found if o["type"] == "fact" and o["section"] == section}


def entry(after, word, **fields):
    """As if its host had written it behind that entry; its place is given later."""
    number = TYPES[word]
    head = struct.pack("<4sBBHQqQ", b"SHLE", 1, number, 0, after.index + 1, after.wall_ns,
                       after.boot_ns)
    return w.verify_ledger.Entry(head + struct.pack(w.verify_ledger.LAYOUT[number],
                                                    *fields.values()))


def salted(text):
    return hashlib.blake2b(SALT + text.encode(), digest_size=32).digest()


def access(after, who, what, reason):
    return entry(after, "ACCESS", salt=SALT, who=salted(who), what=salted(what),
                 reason=salted(reason))


def fail(after, what, error, text=b""):
    return entry(after, "FAIL", what=what, error=error, n=0, text=text)


def of(known, word, n):
    return next(e for e in known if e.word == word and e.n == n)


def extra(known):
    """What is put behind which entry."""
    one, two = of(known, "OPEN", 1), of(known, "CLOSE", 2)
    return {one: [entry(one, "GAP", n=1, id=one.id, chunk=1, lost=4321, reason=1)],
            two: [fail(two, 5, -28, b"the store's disk"), fail(two, 5, 0), fail(two, 1, -5),
                  entry(two, "CLOCK", step_ns=-5_250_000_000, clock_state=0x40),
                  access(two, "1000 alice", "cat 2", NASTY), access(two, "1001 bob", "list all", ""),
                  access(two, "1002 eve", "replay 1", "dull"),
                  entry(two, "REVIEW", n=1, id=one.id, verdict=2, salt=SALT, who=bytes(32),
                        text=bytes(32)),
                  entry(two, "PURGE", n=2, id=two.id, chunks=3, bytes=777, why=2,
                        approval=bytes(32)),
                  entry(two, "CONFIG", what=2, hash=bytes([7]) * 32)]}


def terminal(state, to_s=0):
    """Somebody at pts/7 whom nobody recorded."""
    body = struct.pack("<B3xIIIQQI", state, 4242, 1234, 136 << 20 | 7, 10**9, to_s * 10**9,
                       3 if to_s else 0)
    return made.slot(body.ljust(40, b"\0") + b"zsh\x1b[1m".ljust(16, b"\0"), kind=4, start=99,
                     origin=made.SSHD)


def make_rich(base, folder):
    """The same store with one of each, and a ledger that says so and is right."""
    known, more = w.entries(base), extra(w.entries(base))
    more = {k.index: v for k, v in more.items()}
    woven = [x for e in known for x in [e, *more.get(e.index, [])]]
    thief = w.Thief(base + ".key", base)
    log = thief.log(woven, w.crypto_sign_seed_keypair(bytes([9]) * 32))
    store = thief.store(base, folder, log)
    for i, e in enumerate(woven):
        if e.word == "ACCESS" and e.who != salted("1001 bob"):
            reason = NASTY if e.who == salted("1000 alice") else "exciting"
            who, what = (("1000 alice", "cat 2") if reason == NASTY else ("1002 eve", "replay 1"))
            w.put(os.path.join(store, f"ledger/access/{i}"),
                  f"who {who}\nwhat {what}\nreason {reason}\n".encode())
    w.put(os.path.join(store, "hold/1"), (NASTY + "\n").encode())
    w.put(os.path.join(store, "process/00000001.shlp"), made.segment(
        1, [terminal(1), terminal(2, 60), made.loss(2, 1, 5, 100, b"buffer full"),
            made.loss(2, 2, read_s=300)]))
    return store


def content(store):
    found = objects(store)
    h.equal([o["section"] for o in found if o["type"] == "section"], SECTIONS, "all sections")
    source = facts(found, "source")
    h.equal([source["ledger"], source["ledger's entries"]], ["CONSISTENT", len(w.entries(store))],
            "what it was made from")
    tree = w.verify_ledger.Tree(e.data for e in w.entries(store))
    h.equal(source["their Merkle root"], w.b64(tree.root()), "down to the ledger's root")
    h.equal([(r["user"], r["origin"], r["tty"], r["program"], r["processes"], r["live"])
             for r in rows(found, "coverage", "unrecorded")],
            [("1234", "sshd", "pts/7", "zsh\x1b[1m", 3, "over")], "who was not recorded")
    h.equal([r["session"] for r in rows(found, "users", "sessions")], [1, 2, 3], "all sessions")
    h.equal([(r["user"], r["sessions"]) for r in rows(found, "users", "users")],
            [(rows(found, "users", "sessions")[0]["user"], 3)], "of whom")
    h.equal([(r["step_s"], r["state"]) for r in rows(found, "time", "steps")],
            [(-5.25, "NOT SYNCHRONISED")], "steps of the clock")
    h.ok(rows(found, "time", "states"), "and how it was")
    failed = [(r["what"], bool(r["answered"]), r["text"]) for r in rows(found, "failures", "failures")]
    h.equal(failed, [("space", True, "No space left on device: the store's disk"),
                     ("store", False, "Input/output error")], "failures, and which have ended")
    h.equal([(r["session"], r["chunk"], r["bytes"]) for r in rows(found, "failures", "losses")],
            [(1, 1, 4321)], "bytes that were lost")
    h.equal([r["text"] for r in rows(found, "failures", "outages")],
            ["process events were lost: buffer full"], "times that nobody can vouch for")
    h.ok([r["what"] for r in rows(found, "failures", "starts")][:2] == ["GENESIS", "BOOT"],
         "when logging began")
    looked = [(r["who"], r["what"], r["reason"], r["state"]) for r in rows(found, "access", "access")]
    h.equal(looked, [("1000 alice", "cat 2", NASTY, "as it says"),
                     (None, None, None, "the text has gone"),
                     (None, None, None, "NOT WHAT IT WAS MADE OF")], "who looked, if that is true")
    h.equal([(r["session"], r["verdict"], r["state"]) for r in rows(found, "review", "reviews")],
            [(1, "concern", "NO NOTE THAT FITS IT")], "who reviewed")
    h.equal([(r["session"], r["bytes"], r["why"], r["approval"])
             for r in rows(found, "retention", "purges")],
            [(2, 777, "root asked for it", None)], "what was deleted")
    h.equal([(r["session"], r["reason"]) for r in rows(found, "retention", "holds")], [(1, NASTY)],
            "and what must not be")
    h.equal([(r["at_hand"], r["missing"]) for r in rows(found, "retention", "windows")],
            [(3, 0)] * 2, "what is at hand of the last months")
    h.ok("witness policy" in rows(found, "configuration", "changes")[-1]["text"],
         "what was configured")
    h.ok(dict((r["key"], r["value"]) for r in rows(found, "configuration", "configuration"))
         .get("epoch_s") == "1", "and what is, as the ledger has its digest")
    h.equal([r["files"] for r in rows(found, "capacity", "sizes")], [3, 1, 1], "how much it is")
    gone = [o for o in found if o["type"] == "row" and not
            any(o.get(k) is not None for k in ("session", "leaf", "command", "key", "month", "what",
                                               "status", "window", "limit"))]
    h.equal(gone, [], "each row says what it is about")
    return found


def leaves(store, found):
    """Rows name the leaf that says so."""
    words = {e.index: e.word for e in w.entries(store)}
    wrong = [o for o in found if o["type"] == "row" and o.get("leaf") is not None and words[o["leaf"]] not in
             {"users": ("OPEN",), "time": ("EPOCH", "CLOCK"), "access": ("ACCESS",),
              "failures": ("FAIL", "GAP", "GENESIS", "BOOT", "RECOVER"), "review": ("REVIEW",),
              "retention": ("PURGE",), "configuration": ("CONFIG", "GENESIS", "KEY")}[o["section"]]]
    h.equal(wrong, [], "a row's leaf is the entry that it is about")


def commands(store, found):
    """What it says to run is a command that there is."""
    known = set(re.findall(r"^  ([a-z]+) ", subprocess.run(
        [h.SHELLAC, "--help"], stdout=subprocess.PIPE, check=False).stdout.decode(), re.M))
    said = {o["command"] for o in found if o.get("command")}
    h.equal([c for c in said if c.startswith("shellac ") and c.split()[1] not in known], [],
            "commands are those of the program")
    bad = []
    for c in sorted(said):
        if re.match(r"shellac (ledger|coverage|verify|list) ?", c) and "FILE" not in c:
            code = subprocess.run([h.SHELLAC, "-S", store, *c.split()[1:]], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  check=False).returncode
            bad += [(c, code)] if code not in (0, 1) else []
    h.equal(bad, [], "and can be run as they are")


def same_bytes(store):
    copy = os.path.join(h.work, "elsewhere", "c")
    shutil.copytree(store, copy)
    other = {"TZ": "Pacific/Kiritimati", "LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "HOME": "/",
             "XDG_CACHE_HOME": os.path.join(h.work, "cache2"), "COLUMNS": "40", "TERM": "xterm"}
    as_user = {}
    if os.geteuid() == 0:
        for folder, _, names in os.walk(os.path.join(h.work, "elsewhere")):
            for path in [folder, *(os.path.join(folder, n) for n in names)]:
                os.chown(path, 65534, 65534)
        os.chmod(h.work, 0o755)
        as_user = {"user": 65534, "group": 65534, "extra_groups": []}
    differ = []
    for form in FORMATS:
        for framework in ([], ["--framework", "pci"], ["--framework", "iso"]):
            args = ["--format", form, *framework]
            first = run(store, *args, env={"TZ": "UTC"})
            again, there = run(store, *args), run(copy, *args, env=other, **as_user)
            if not first.stdout or first.stdout != again.stdout or first.stdout != there.stdout or \
               {first.returncode, again.returncode, there.returncode} != {1}:
                differ.append((args, first.stderr, there.stderr))
    h.equal(differ, [], "the same bytes again, and elsewhere, by another user in another world")


class Page(html.parser.HTMLParser):
    """Its tags in balance, its policy and its style."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.policy, self.style, self.bad = [], set(), "", "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if ("http-equiv", "Content-Security-Policy") in attrs:
            self.policy = dict(attrs)["content"]
        self.bad += [a for a, v in attrs if a.startswith("on") or a in ("src", "style")]
        self.bad += [v for a, v in attrs if a == "href" and not v.startswith("#")]
        if tag not in ("meta", "link", "br", "hr", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.bad.append(f"</{tag}>")

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data


def page(store):
    text = run(store, "--format", "html", "--framework", "nist").stdout.decode("utf-8")
    found = Page(text)
    h.equal([found.open, found.bad], [[], []], "the page is well-formed, and links to itself alone")
    h.equal(found.tags & {"script", "img", "iframe", "object", "link", "form", "base"}, set(),
            "it has no script, and nothing to load")
    digest = base64.b64encode(hashlib.sha256(found.style.encode()).digest()).decode()
    h.equal(found.policy, f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
            "form-action 'none'", "it allows its own style alone")
    h.ok("&lt;script&gt;alert(1)&lt;/script&gt;" in text, "what is hostile is text there")
    for form in FORMATS:
        raw = run(store, "--format", form, "--framework", "pci").stdout
        h.ok(not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]|\xe2\x80[\xaa-\xae]", raw),
             f"no control character in {form}")
        h.ok(b"ompliant" not in raw and b"omply" not in raw, f"{form} judges nothing")


def frameworks(store):
    for name, ids in REQUIREMENTS.items():
        found = objects(store, "--framework", name)
        needs = {o["id"]: o for o in found if o["type"] == "requirement"}
        h.equal(list(needs), ids.split(), f"the requirements of {name}")
        named = {i for o in found if o["type"] == "row" for i in o["requirements"]}
        h.ok(named <= set(needs), "rows name no other")
        for key, o in needs.items():
            count = sum(key in r["requirements"] for r in found if r["type"] == "row")
            if o["rows"] != count:
                h.ok(False, f"{key} has as many rows as name it", (o["rows"], count))
    gaps = {o["text"] for o in found if o["type"] == "gap"}
    h.ok(all(set(o["missing"]) <= gaps for o in needs.values()) and gaps, "and say what is missing")


def times(store):
    last = max(e.wall_ns for e in w.entries(store)) // 10**9
    found = objects(store, "--since", f"@{last + 1000}", "--until", f"@{last + 2000}")
    h.equal([rows(found, "users", "sessions"), rows(found, "failures", "failures")],
            [rows(found, "users", "sessions")[-1:], []], "later there is only what goes on")
    found = objects(store, "--until", "2001-01-01")
    h.equal([rows(found, "users", "sessions"), rows(found, "access", "access")], [[], []],
            "earlier there is nothing")
    first = facts(objects(store), "source")
    late = facts(objects(store, "--until", f"@{last + 10**6}"), "source")
    h.equal(late, first, "an end behind the ledger's is the ledger's")


def signed(store):
    """A note beside it, which key check checks."""
    key, other = (os.path.join(h.work, n) for n in ("auditor", "other"))
    for path in (key, other):
        subprocess.run([h.SHELLAC, "key", "auditor", path], stdout=subprocess.DEVNULL, check=True)
    folder = os.path.join(h.work, "out")
    os.mkdir(folder)
    path = os.path.join(folder, "r.html")
    args = ["--format", "html", "-o", path, "--sign", key]
    h.equal([run(store, *args).returncode, sorted(os.listdir(folder))],
            [1, ["r.html", "r.html.note"]], "a report and its note, and nothing else")
    h.equal(w.read(path), run(store, "--format", "html").stdout, "it is what goes to a terminal")

    def check(by=key):
        done = subprocess.run([h.SHELLAC, "key", "check", "--auditor", by + ".pub", path + ".note"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        return done.returncode, done.stdout.decode()
    h.equal(check()[0], 0, "key check says that this is what was signed")
    h.ok(hashlib.sha256(w.read(path)).hexdigest() in check()[1], "and its digest")
    h.equal(check(other)[0], 1, "another auditor did not sign it")
    note, text = w.read(path + ".note"), w.read(path)
    h.equal(run(store, *args).returncode, 3, "what is there is not replaced")
    h.equal([w.read(path + ".note"), w.read(path), len(os.listdir(folder))], [note, text, 2],
            "and stays as it was")
    w.put(path, text.replace(b"alice", b"alicf"))
    h.equal(check()[0], 1, "a changed report is not the one that was signed")
    w.put(path, text)
    w.put(path + ".note", note.replace(b"\nsize ", b"\nsize 1"))
    h.equal(check()[0], 1, "nor is a changed note")
    os.unlink(path)
    w.put(path + ".note", note)
    h.equal(check()[0], 3, "one that is not there cannot be checked")
    os.unlink(path + ".note")
    h.equal([run(store, *args).returncode, w.read(path), w.read(path + ".note")], [1, text, note],
            "the same bytes are signed in the same way")


def tampered(store):
    paths = w.sessions_of(store)
    data = bytearray(w.read(os.path.join(store, paths[1])))
    data[len(data) // 2] ^= 1
    bad = w.copy(store, os.path.join(h.work, "bad"), {paths[1]: bytes(data), paths[2]: None})
    found = objects(bad)
    kinds = {(r["session"], r["kind"]) for r in rows(found, "findings", "findings")}
    h.ok(any(n == 1 for n, _ in kinds), "a changed session is a finding", kinds)
    h.ok((2, "missing") in kinds, "so is one that has gone", kinds)
    h.ok({"TAMPERED", "MISSING"} <= {r["status"] for r in rows(found, "integrity", "statuses")},
         "and both are counted")
    log = bytearray(w.read(os.path.join(store, w.LOG)))
    log[-5] ^= 1
    bad = w.copy(store, os.path.join(h.work, "bad2"), {w.LOG: bytes(log)})
    found = objects(bad)
    h.ok(facts(found, "source")["ledger"] == "TAMPERED" and
         any(r["kind"] == "log" for r in rows(found, "findings", "findings")), "and the ledger")
    none = w.copy(store, os.path.join(h.work, "none"), {})
    shutil.rmtree(os.path.join(none, "ledger"))
    os.unlink(os.path.join(none, "epoch.key"))
    done = run(none)
    h.ok(done.returncode in (0, 1) and b"there is no ledger" in done.stdout,
         "without a ledger it says so", done.stderr)


def usage(store):
    for args in (["--format", "pdf"], ["--framework", "soc2"], ["x"], ["--since", "never"],
                 ["--sign", "k"], ["--since", "2026-02-02", "--until", "2026-02-01"]):
        h.equal(run(store, *args).returncode, 2, " ".join(args) + " is usage")
    h.equal(run(store, "--key", "/nonexistent").returncode, 3, "no key, no report")
    h.equal(run(store, "-o", "/nonexistent/r").returncode, 3, "no folder, no report")


def main():
    base = w.make(os.path.join(h.work, "base"))
    plain = run(base, "--key", base + ".enrolment")
    h.equal([plain.returncode, plain.stderr], [0, b""], "a good store has no finding")
    h.ok(b"the host's enrolment" in plain.stdout, "and it says by whose word")
    rich = make_rich(base, os.path.join(h.work, "rich"))
    found = content(rich)
    leaves(rich, found)
    commands(rich, found)
    same_bytes(rich)
    page(rich)
    frameworks(rich)
    times(rich)
    signed(rich)
    tampered(rich)
    usage(rich)
    h.done()


main()
