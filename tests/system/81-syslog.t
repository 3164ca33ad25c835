#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""shellac-syslog and a real rsyslogd: every event arrives over the local socket, TCP and TLS,
whole or marked as cut; a daemon that goes and comes loses none; drops are counted and said."""
import json
import subprocess
import threading

import harness as h
import fed_plugin as p
import syslog_world as s

HOSTILE = "\x1b[31m\x07 \n\r\t \x85 \u202e \u2066 \x7f \"\\ ]= @cee: \u00e4\u4e16\U0001f600 \U000e0041"


def start(*options):
    return p.Plugin("syslog", *options)


def agree(daemon, events, name):
    """Every event is there, its JSON the same."""
    h.ok(daemon.has(len(events)), f"{name}: all events arrive", len(daemon.lines("ok")))
    got = {m[3]["event"]["sequence"]: m[3] for m in daemon.messages()}
    h.ok(got == {e["event"]["sequence"]: e for e in events}, f"{name}: as they are",
         str(got)[:800])
    h.equal(daemon.lines("bad"), [], f"{name}: with JSON that mmjsonparse reads")


def local():
    daemon = s.Rsyslogd().start()
    actions = ["session-start", "tamper-detected", "failure", "recording-gap", "rule-hit",
               "unrecorded", "access", "review", "failure-over"]
    events = [p.event(i + 1, action) for i, action in enumerate(actions)]
    events.append(p.event(10, process={"command_line": HOSTILE, "args": [HOSTILE]}))
    plugin = start("--socket", daemon.socket)
    plugin.put(*events)
    h.ok(plugin.acks(10), "local: events are acknowledged", plugin.text())
    agree(daemon, events, "local")
    h.equal([m[0][0] for m in daemon.messages()],
            ["authpriv." + x for x in ("info", "crit", "err", "err", "warning", "warning",
                                       "notice", "notice", "notice", "info")],
            "local: severities tell what is urgent")
    h.equal({m[0][1] for m in daemon.messages()}, {"shellac"}, "local: the program's name")
    raw = daemon.lines("raw")[-1].decode()
    h.ok(raw.isprintable() and "\\u202e" in raw and "#0" not in raw and "\U0001f600" in raw,
         "local: what is not printable is a JSON escape", raw)
    h.equal(plugin.eof(), 0, "local: the end")
    return daemon


def long_events(daemon):
    """What is over 7.5 KiB."""
    many = [f"argument {i} \u4e16" for i in range(1100)]
    events = [p.event(101, process={"args": many, "command_line": "short", "pid": 7}),
              p.event(102, process={"args": many, "command_line": " ".join(many), "pid": 7}),
              p.event(103, message="x" * 60000, process={"pid": 7}),
              p.event(104, **{f"key{i}" * 20: HOSTILE for i in range(250)})]
    plugin = start("--socket", daemon.socket, "--facility", "local5")
    plugin.put(*events)
    h.ok(plugin.acks(104), "long events are acknowledged", plugin.text())
    h.ok(daemon.has(14), "and arrive")
    got = {m[3]["event"]["sequence"]: m for m in daemon.messages()}
    cut = [got[i][3] for i in range(101, 105)]
    h.ok(all(c["shellac"]["truncated"] is True for c in cut), "marked as cut")
    h.equal(cut[0]["process"], {"command_line": "short", "pid": 7}, "arguments go first")
    h.equal(cut[1]["process"], {"pid": 7}, "then the command line")
    h.ok(cut[2]["message"].endswith("...") and len(cut[2]["message"]) > 500 and
         cut[2]["process"] == {"pid": 7}, "then the ends of what is long", str(cut[2])[:300])
    h.equal((cut[3]["event"]["id"], cut[3]["shellac"]["session"]), ("3d12-104", {"id": "5f" * 16}),
            "of one that has too much of everything what tells it is left")
    h.equal(got[101][0][0], "local5.info", "--facility is taken")
    h.ok(all(len(line) < 8192 for line in daemon.lines("ok")), "none is longer than daemons take")
    h.equal(daemon.lines("bad"), [], "all are JSON")
    plugin.eof()


def restarted():
    """The daemon goes and comes while events flow."""
    daemon = s.Rsyslogd("again").start()
    plugin = start("--socket", daemon.socket)
    events = [p.event(i) for i in range(1, 6001)]
    writer = threading.Thread(target=plugin.put, args=events, daemon=True)
    writer.start()
    for upto in (500, 2000, 3500):
        plugin.acks(upto)
        daemon.stop()
        daemon.start()
    h.ok(plugin.acks(6000), "a daemon that is started anew gets the rest", plugin.text())
    h.ok(h.eventually(60, lambda: set(daemon.sequences()) == set(range(1, 6001))),
         "no event is lost", len(set(daemon.sequences())))
    twice = len(daemon.lines("ok")) - 6000
    said = sum(int(line.split()[1]) for line in plugin.text().splitlines()
               if "sent again" in line)
    h.ok(0 <= twice <= said, "what came twice was said", (twice, said))
    daemon.freeze()
    plugin.put(*[p.event(i) for i in range(6001, 6006)])
    h.ok(not plugin.acks(6001, 3), "what the daemon has not read is not acknowledged")
    daemon.kill()
    daemon.start()
    h.ok(plugin.acks(6005), "but sent again to the next", plugin.text())
    h.ok(h.eventually(60, lambda: set(daemon.sequences()) == set(range(1, 6006))),
         "so that a killed daemon loses nothing that it had not read")
    daemon.kill()
    plugin.put(p.event(6006))
    h.ok(h.eventually(60, lambda: "cannot be reached" in plugin.text()), "an absent one is said")
    h.equal(plugin.term(), 0, "SIGTERM ends a wait for it")
    h.equal(plugin.acked, 6005, "and what it did not take is not acknowledged")


def stream(name, daemon, *options):
    events = [p.event(i, "rule-hit", process={"command_line": HOSTILE}) for i in range(1, 2001)]
    plugin = start(*options)
    plugin.put(*events)
    h.ok(plugin.acks(2000), f"{name}: events are acknowledged", plugin.text())
    agree(daemon, events, name)
    header, data, at, _ = daemon.messages()[0]
    h.equal((header[0], header[1], header[2], header[3:]),
            ("authpriv.warning", "shellac", str(plugin.proc.pid), ["rule-hit", "db1"]),
            f"{name}: the fields of RFC 5424")
    h.equal((data, at), (f'[shellac@32473 id="3d12-1" session="{"5f" * 16}" user="alice"]',
                         "2026-11-22T08:00:01.123456Z"), f"{name}: structured data and time")
    h.equal(plugin.eof(), 0, f"{name}: the end")


def tcp_killed(daemon):
    """Killed with messages in its socket: they are not confirmed and come again."""
    plugin = start("--tcp", daemon.address, "--confirm", "1s")
    for turn in range(4):
        first = 3001 + turn * 1000
        plugin.put(*[p.event(i) for i in range(first, first + 1000)])
        if turn < 3:
            daemon.kill()
            daemon.start()
    h.ok(plugin.acks(7000, 90), "TCP: killed three times, all is acknowledged", plugin.text())
    h.ok(h.eventually(60, lambda: 7000 in daemon.sequences()), "TCP: and written")
    plugin.eof()
    stopped = s.Rsyslogd("stopped").start()
    plugin = start("--tcp", stopped.address, "--confirm", "1s")
    stopped.freeze()
    plugin.put(*[p.event(i) for i in range(1, 501)])
    h.ok(not plugin.acks(1, 4), "TCP: what is in the daemon's socket is not acknowledged")
    stopped.kill()
    stopped.start()
    h.ok(plugin.acks(500), "TCP: but sent again", plugin.text())
    h.ok(h.eventually(60, lambda: sorted(set(stopped.sequences())) == [*range(1, 501)]),
         "TCP: so that a killed daemon loses nothing that it had not read")
    h.ok("sent again" in plugin.text(), "TCP: and says so")
    plugin.eof()


def refused(name, daemon, why, *options):
    plugin = start("--tls", daemon.address, *options)
    plugin.put(p.event(1))
    h.ok(h.eventually(60, lambda: why in plugin.text()), f"TLS: {name} is refused, and why",
         plugin.text())
    h.equal((plugin.acked, plugin.term()), (0, 0), f"TLS: {name}: nothing is acknowledged")


def tls():
    daemon = s.Rsyslogd("tls", tls="anon").start()
    ca = daemon.ca + ".pem"
    stream("TLS", daemon, "--tls", daemon.address, "--ca", ca)
    refused("another name", daemon, "mismatch", "--ca", ca, "--name", "other.example")
    other = s.authority(h.work, "other")
    refused("another authority", daemon, "certificate", "--ca", other + ".pem")
    plugin = start("--tls", daemon.address, "--ca", ca, "--name", "logs.example")
    plugin.put(p.event(2001))
    h.ok(plugin.acks(2001), "TLS: --name is what the certificate says", plugin.text())
    plugin.eof()
    asking = s.Rsyslogd("asking", tls="x509/certvalid").start()
    mine = s.certificate(asking.dir, "host", asking.ca, "DNS:host.example")
    plugin = start("--tls", asking.address, "--ca", asking.ca + ".pem", "--cert", mine + ".pem",
                   "--key", mine + ".key")
    plugin.put(p.event(1))
    h.ok(plugin.acks(1), "TLS: a client certificate is shown", plugin.text())
    plugin.eof()
    run = subprocess.run([p.program("syslog"), "--tls", "127.0.0.1:1", "--ca", "/nonexistent"],
                         input=json.dumps(p.HELLO).encode() + b"\n", stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    h.ok(run.returncode == 3 and b"/nonexistent" in run.stderr,
         "TLS: a missing file of authorities is named", run)


def dropped():
    daemon = s.Rsyslogd("drop")
    plugin = start("--socket", daemon.socket, "--drop-after", "1s")
    plugin.put(*[p.event(i) for i in range(1, 8)])
    h.ok(plugin.acks(7), "--drop-after lets go of what waited", plugin.text())
    h.ok("7 events waited" in plugin.text(), "and says so", plugin.text())
    daemon.start()
    plugin.put(p.event(8))
    h.ok(plugin.acks(8) and daemon.has(2), "the next events arrive", plugin.text())
    first, second = daemon.messages()
    h.equal((first[3]["event"]["action"], first[3]["shellac"]["lost"]),
            ("events-lost", {"count": 7, "from": 1, "to": 7, "by": "shellac-syslog"}),
            "behind a message that counts what was dropped")
    h.equal((first[0][0], first[3]["host"]["name"], second[3]["event"]["sequence"]),
            ("authpriv.err", "db1", 8), "an error, of this host")
    plugin.eof()


def usage():
    for args in (("x",), ("--tcp", "host"), ("--tcp", ":1"), ("--max", "100"), ("--bad",),
                 ("--cert", "x"), ("--facility", "local9"), ("--drop-after", "-1")):
        run = subprocess.run([p.program("syslog"), *args], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        h.ok(run.returncode == 2 and b"usage:" in run.stderr, f"{args} is a usage error", run)


def main():
    usage()
    if not s.available():
        h.skip("a real daemon", "no rsyslogd or openssl")
        h.done()
    long_events(local())
    restarted()
    daemon = s.Rsyslogd("tcp").start()
    stream("TCP", daemon, "--tcp", daemon.address)
    tcp_killed(daemon)
    tls()
    dropped()
    h.done()


main()
