# SPDX-License-Identifier: ISC
"""Judges events by the table of shellac-events(7), and that by the fields of the Elastic
Common Schema, of which ecs_fields.txt lists those that we use with their types."""
import datetime
import ipaddress
import json
import os
import re

import harness as h

MAN = os.path.join(h.TOP, "man/shellac-events.7")
ECS = os.path.join(h.TOP, "tests/system/ecs_fields.txt")
COMMON = {"@timestamp", "ecs.version", "event.action", "event.category", "event.dataset",
          "event.kind", "event.module", "event.type", "host.boot.id", "host.id", "host.name",
          "shellac.schema"}
NUMBERED = {"event.id", "event.sequence"}
ALL = {"session-start", "session-end", "process-end", "rule-hit", "unrecorded", "unrecorded-end",
       "recording-gap", "failure", "failure-over", "tamper-detected", "access", "review", "purge",
       "hold", "hold-released", "key-rotated", "configuration-changed", "plugin-start", "input"}
OTHERS = {"packet"}  # names that a plugin of the test's own gives
# of those that ECS allows
WORDS = {"event.category": {"configuration", "file", "host", "intrusion_detection", "network",
                            "process", "session"},
         "event.type": {"access", "change", "connection", "deletion", "end", "error", "info",
                        "start"},
         "event.kind": {"alert", "event"},
         "event.outcome": {"success", "failure", "unknown"}}


def page():
    with open(MAN, encoding="utf-8") as f:
        return f.read()


def manual():
    """{field: type} of the page's table."""
    return dict(re.findall(r"^\.It Va (\S+) Ta (\w+) Ta", page(), re.M))


def ecs():
    with open(ECS, encoding="utf-8") as f:
        return dict(line.split(" ", 1) for line in f.read().splitlines()
                    if line and not line.startswith("#"))


def samples():
    """The page's own: one a display, broken into lines."""
    for block in re.findall(r"^\.Bd -literal\n(\{.*?)^\.Ed", page(), re.M | re.S):
        yield json.loads(block.replace("\\e", "\\").replace("\n", ""))


def journal(folder):
    """What was told, in its order; a line that is being written is not there."""
    path = os.path.join(folder, "store/event")
    found = []
    for name in sorted(os.listdir(path)):
        if name.endswith(".jsonl"):
            with open(os.path.join(path, name), "rb") as f:
                found += [json.loads(line) for line in f.read().split(b"\n")[:-1]]
    return found


def is_date(v):
    return isinstance(v, str) and re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", v) is not None and \
        datetime.datetime.fromisoformat(v[:26]) is not None


def is_ip(v):
    try:
        return ipaddress.ip_address(v) is not None
    except ValueError:
        return False


def is_text(v):
    return isinstance(v, str)


def is_clean(v):
    return is_text(v) and not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", v)


IS = {"date": is_date, "ip": is_ip, "keyword": is_clean, "text": is_text,
      "keywords": lambda v: isinstance(v, list) and v and all(map(is_clean, v)),
      "long": lambda v: isinstance(v, int) and not isinstance(v, bool) and abs(v) < 1 << 63,
      "boolean": lambda v: isinstance(v, bool), "object": lambda v: isinstance(v, dict)}
SAME = {"date": "date", "ip": "ip", "keyword": "keyword", "text": "match_only_text",
        "keywords": "keyword[]", "long": "long", "boolean": "boolean"}


def leaves(value, known, path=""):
    if isinstance(value, dict) and known.get(path) != "object":
        for key, v in value.items():
            yield from leaves(v, known, f"{path}.{key}" if path else key)
    else:
        yield path, value


def faults(event, known):
    """What is wrong with an event, in words."""
    flat = dict(leaves(event, known))
    action = flat.get("event.action")
    if action in ("plugin-start", "events-lost"):
        wanted = COMMON - {"host.boot.id"}
    else:
        wanted = COMMON | NUMBERED
    if flat.get("event.dataset") == "shellac.input":
        wanted = wanted - {"event.category", "event.type"}
    bad = [f"{action}: no {f}" for f in sorted(wanted - set(flat))]
    if action not in ALL | OTHERS | {"events-lost"}:
        bad.append(f"{action} is not in the page")
    for field, value in flat.items():
        if field not in known:
            bad.append(f"{action}: {field} is not in the page")
        elif not IS[known[field]](value):
            bad.append(f"{action}: {field} is no {known[field]}: {value!r}")
    for field, allowed in WORDS.items():
        value = flat.get(field, [])
        value = value if isinstance(value, list) else [value]
        bad += [f"{action}: {field} {v!r} is not one of ECS" for v in value if v not in allowed]
    return bad


def tables():
    """Judges page and list; the table."""
    known, names = manual(), ecs()
    ours = [f for f in known if not f.startswith("shellac.")]
    h.ok(len(known) > 80, "the page has a table of fields", len(known))
    h.equal(sorted(set(ours) ^ set(names)), [], "all that is not ours is a field of ECS")
    h.equal([(f, known[f], names[f]) for f in ours if f in names and names[f] != SAME[known[f]]],
            [], "of its type")
    with open(os.path.join(h.TOP, "collector/events_input_part.c"), encoding="utf-8") as f:
        taken = re.findall(r'\{"([a-z_.]+)", TYPE_\w+\}', f.read())
    listed = page().split(".Ss What input plugins may set")[1].split(".El")[0]
    h.equal(sorted(re.findall(r" ([a-z_]+(?:\.[a-z_]+)*)(?= ,|$)", "\n".join(
        line for line in listed.splitlines() if line.startswith(".Va") and
        "shellac.input" not in line), re.M)), sorted(taken), "and what input plugins may set")
    found = list(samples())
    h.equal(sorted(e["event"]["action"] for e in found if e["event"]["action"] not in OTHERS),
            sorted(ALL | {"events-lost"}), "the page has a sample of each event")
    h.equal([f for e in found for f in faults(e, known)], [], "which is as the page says")
    broken = json.loads(json.dumps(found[0]))
    broken["process"]["command"] = "x"
    broken["event"]["sequence"] = "1"
    broken["event"]["category"] = ["sessions"]
    del broken["host"]["id"]
    h.equal(len(faults(broken, known)), 4, "and one that is not shows")
    return known
