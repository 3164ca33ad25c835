#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The second reader of ledgers, which knows them from the format's page alone, and
shellac ledger: both believe the same entries of every changed ledger, and say alike
how it ends."""
import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stdout

import harness as h

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(h.TOP, "tests"))
try:
    import verify_ledger
except ModuleNotFoundError as error:
    h.skip_all(f"python3 has no {error.name}")

CORPUS = os.path.join(h.TOP, "tests/fuzz/corpus/ledger_file")
STORE = os.path.join(h.work, "store")
LOG = os.path.join(STORE, "ledger/log")
EVERY = 7
SAID = {"torn": ["torn"], "chain": ["not the one"], "digest": ["another root"],
        "signature": ["signature"], "format": ["not as the format says", "out of its limits"]}
WORDS = {"end": {1: "whole", 2: "cut"}, "why": {1: "retention", 2: "approval"},
         "clean": {0: False, 1: True}, "done": {1: True, 2: False}}
WHATS = {"FAIL": [None, "store", "accounting", "spool", "sync", "space", "witness",
                  "events"],
         "CONFIG": [None, "configuration", "witness policy", "plugin"]}


def read(path):
    with open(path, "rb") as file:
        return file.read()


def tool(data):
    """The entries that shellac ledger shows, its exit status, and what it complains of."""
    with open(LOG, "wb") as file:
        file.write(data)
    run = subprocess.run([h.SHELLAC, "-S", STORE, "ledger", "--json"], check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    entries = [json.loads(line) for line in run.stdout.splitlines()]
    return entries, run.returncode, run.stderr.decode()


def second(data):
    log = verify_ledger.Log().read(data)
    return log, "torn" if log.torn else log.wrong


def shown(entry):
    """An entry of the second reader as the tool shows it."""
    out = {"index": entry.index, "type": entry.word, "boot_ns": entry.boot_ns}
    out["flags"] = [word for bit, word in enumerate(("late", "uncertified", "recovered"))
                    if entry.flags >> bit & 1]
    if entry.word in ("ACCESS", "ACTION"):
        out["text"] = None  # nothing of it is beside the corpus
    for name, value in entry.fields.items():
        if name in ("sig", "old_sig", "new_sig"):
            continue
        if name == "text" and entry.word == "FAIL":
            value = value.rstrip(b"\0").decode() or None
        elif name == "what" and entry.word in WHATS:
            value = WHATS[entry.word][value]
        elif name in ("approval", "epoch_pk") and entry.word != "GENESIS" and not any(value):
            value = None
        elif isinstance(value, bytes):
            value = value.hex()
        elif name in WORDS:
            value = WORDS[name][value]
        elif name == "n" and entry.word in ("FAIL", "ACTION"):
            value = value or None
        out[name] = value if not isinstance(value, int) or value < 2**63 else None
    return out


def differs(data, thorough=False):
    """Where the two differ; None: nowhere."""
    log, end = second(data)
    entries, status, said = tool(data)
    if status != (1 if end else 0):
        return f"{end}, but exit status {status}"
    if len(entries) != len(log.entries):
        return f"{len(log.entries)} entries, but {len(entries)}"
    if end and f"entry {len(log.entries)}, offset {log.offset}:" not in said:
        return f"offset {log.offset}, but {said}"
    if end and not any(text in said for text in SAID[end]):
        return f"{end}, but {said}"
    for mine, theirs in zip(log.entries, entries) if thorough else ():
        theirs.pop("time")
        if shown(mine) != theirs:
            return f"{shown(mine)}, but {theirs}"
    return None


def mutants(data):
    for offset in range(0, len(data), EVERY):
        bit = 1 << offset // EVERY % 8
        yield f"flip {offset}", data[:offset] + bytes([data[offset] ^ bit]) + data[offset + 1:]
    for length in range(0, len(data), EVERY):
        yield f"cut {length}", data[:length]


def all_alike(name, every):
    wrong = [f"{what}: {text}" for what, text in ((w, differs(d)) for w, d in every) if text]
    h.ok(not wrong, f"{name}: {len(every)} changed ledgers", "\n".join(wrong[:10]))


def main():
    os.makedirs(os.path.dirname(LOG))
    for name in sorted(os.listdir(CORPUS)):
        h.equal(differs(read(os.path.join(CORPUS, name)), True), None, f"{name}: every field alike")
    whole = read(os.path.join(CORPUS, "all"))
    all_alike("all", list(mutants(whole)))
    kinds = {verify_ledger.TYPES[n][0] for n in verify_ledger.TYPES}
    h.equal({e.word for e in second(whole)[0].entries}, kinds, "the ledger has each type")
    out = io.StringIO()
    with redirect_stdout(out):
        good = verify_ledger.print_entries(os.path.join(CORPUS, "all"))
    h.ok(good and len(out.getvalue().splitlines()) == 21, "and is printed", out.getvalue())
    h.done()


main()
