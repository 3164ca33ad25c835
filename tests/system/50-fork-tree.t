#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Whose each process is, by the kernel's process events and accounting together: what
leaves its session's tree, changes its user, or comes back under a number that was
another's.  In the machine's own namespace: only there are there events."""
import os
import shutil
import signal
import subprocess
import time

import harness as h

STORM = 14000  # of forks without an exec, two events each; the kernel keeps some 40,000


def own(name):
    """Other tests' processes are in the records, too."""
    return name.replace("shl", f"{os.getpid():x}")


def program(name, original="/bin/true"):
    """A program whose records can be told by its name."""
    path = os.path.join(h.work, own(name))
    if not os.path.exists(path):
        shutil.copy(original, path)
    return path


def rows(collector, comm):
    comm = own(comm)
    return [r for r in collector.objects("procs", "command", comm) if r["comm"] == comm]


def last(collector):
    return max(collector.files())


def belongs(collector, comm, n, name, **more):
    """The one process of that name is session n's, by its fork."""
    found = h.eventually(20, lambda: rows(collector, comm)) or []
    wanted = {"session": n, "reason": "fork", "certainty": "exact", **more}
    got = [{k: r.get(k) for k in wanted} for r in found]
    h.equal(got, [wanted], name)
    return found[0] if found else {}


def session(collector, text, **kw):
    """A recorded /bin/sh -c; its number."""
    terminal = h.record(collector, ["/bin/sh", "-c", text], **kw)
    h.equal(terminal.wait(), 0, "a session ends")
    return last(collector)


def detached(collector):
    plain, away, hup = (program("shl-" + n) for n in ("plain", "setsid", "nohup"))
    n = session(collector, f"{plain}; setsid -w {away}; nohup {hup} >/dev/null 2>&1 & wait; :")
    r = belongs(collector, "shl-plain", n, "a command is its session's")
    h.ok(r.get("life") and r.get("start_ticks") and r.get("parent"), "its life and its parent are told", r)
    belongs(collector, "shl-setsid", n, "one with setsid is", tty=None)
    belongs(collector, "shl-nohup", n, "one with nohup is")
    late = program("shl-late")
    n = session(collector, f"(setsid sh -c 'sleep 1.5; {late}' </dev/null >/dev/null 2>&1 &); sleep 0.2")
    h.equal(rows(collector, "shl-late"), [], "a daemon's child is not there before its time")
    belongs(collector, "shl-late", n, "what a double-forked daemon starts after the end is")


def keeper_killed(collector):
    """No subreaper is left: only the fork says whose it is."""
    orphan = program("shl-orphan")
    terminal = h.record(collector, ["/bin/sh", "-c", f"(setsid sh -c 'sleep 2; {orphan}' "
                                    "</dev/null >/dev/null 2>&1 &); echo $PPID; sleep 60"])
    terminal.wait_for("\n")
    keeper = int(bytes(terminal.shown).split()[0])
    os.kill(keeper, signal.SIGKILL)
    terminal.wait()
    belongs(collector, "shl-orphan", last(collector), "an orphan whose recorder was killed is its session's")


def nested(collector):
    outer_one, deep, after = (program("shl-" + n) for n in ("outer", "deep", "after"))
    first = last(collector) + 1
    session(collector, f"{outer_one}; {h.REC} -d {collector.dir} -- /bin/sh -c "
            f"'{deep}; (setsid sh -c \"sleep 1; {after}\" </dev/null >/dev/null 2>&1 &); sleep 0.2'; :")
    belongs(collector, "shl-outer", first, "the outer session's own", outer=None)
    belongs(collector, "shl-deep", first + 1, "the innermost owns, the outer is kept", outer=first)
    belongs(collector, "shl-after", first + 1, "also what it leaves behind", outer=first)


def other_ptys(collector):
    inside = program("shl-script")
    n = session(collector, f"script -qc {inside} /dev/null </dev/null; :")
    belongs(collector, "shl-script", n, "what runs in script(1) is its session's")


def other_users(collector):
    os.chmod(h.work, 0o755)
    through = program("shl-su")
    n = session(collector, f"su -s /bin/sh nobody -c {through}; :")
    r = belongs(collector, "shl-su", n, "what su starts is its session's", origin="su")
    h.ok(r.get("uid", 0) != 0, "as another user", r)
    if not shutil.which("sudo"):
        h.skip("what sudo starts is its session's", "no sudo")
        return
    through = program("shl-sudo")
    n = session(collector, f"sudo -n -u nobody {through}; :")
    belongs(collector, "shl-sudo", n, "what sudo starts is its session's", origin="sudo")


def multiplexer(collector):
    if not shutil.which("tmux"):
        h.skip("a tmux server's panes are of the session that started it", "no tmux")
        return
    first, second = program("shl-pane1"), program("shl-pane2")
    tmux = f"tmux -f /dev/null -S {h.work}/tmux"
    n = session(collector, f"{tmux} new-session -d '{first}; sleep 30'; sleep 0.5")
    session(collector, f"{tmux} new-window '{second}'; sleep 0.5; {tmux} kill-server; :")
    belongs(collector, "shl-pane1", n, "a pane of a tmux server is its session's", origin="multiplexer")
    belongs(collector, "shl-pane2", n, "and so is one that another session asked for")


def same_terminal(collector):
    """Two sessions, one after the other, on terminals of the same number."""
    for attempt in range(8):
        names = [f"shl-{attempt}{x}" for x in "ab"]
        paths = [program(name) for name in names]
        begin = time.monotonic()
        numbers = []
        for path in paths:
            terminal = h.record(collector, [path])
            terminal.running() and h.eventually(20, lambda t=terminal: not t.running())
            os.close(terminal.master)
            terminal.reader.join()
            numbers.append(last(collector))
        took = time.monotonic() - begin
        found = [rows(collector, name) for name in names]
        ttys = {r["tty"] for f in found for r in f}
        if len(ttys) == 1 and took < 1:
            break
    h.note(f"{took:.2f} s, {ttys}")
    h.equal([[r["session"] for r in f] for f in found], [[n] for n in numbers],
            "two sessions on the same terminal within a second have their own")


def lead_in(collector):
    """A login shell that starts the recorder, and goes on after it."""
    before, past = program("shl-before"), program("shl-past")
    inside = program("shl-inside")
    terminal = h.Terminal(["/bin/sh", "-c", f"{before}; sleep 30 & {h.REC} -d {collector.dir} -- "
                           f"/bin/sh -c {inside}; {past}; kill $!"])
    h.equal(terminal.wait(), 0, "a shell starts a recorder on its terminal")
    n = last(collector)
    belongs(collector, "shl-inside", n, "what it records is its session's")
    past_row = (h.eventually(20, lambda: rows(collector, "shl-past")) or [{}])[0]
    h.equal((past_row.get("session"), past_row.get("reason")), (None, "no-recorder-terminal"),
            "what runs after it is nobody's")
    front = [r for r in collector.objects("procs", "--session", str(n)) if r["comm"] == "shellac-rec"]
    h.equal(sorted(r["reason"] for r in front), ["lead-in", "recorder"], "the front is lead-in")
    lead = [r for r in collector.objects("procs", "--session", str(n))
            if r["reason"] == "lead-in" and r["comm"] == "sleep"]
    h.equal(len(lead), 1, "and so is what the shell had started before")


def storm(name):
    """A shell that forks, in a program of that name."""
    return [program(name, "/bin/sh"), "-c", f"i=0; while [ $i -lt {STORM} ]; do (:); i=$((i+1)); done"]


def losing(collector):
    """The collector stands still while more happens than the kernel keeps for it."""
    program("shl-storm", "/bin/sh"), program("shl-bare", "/bin/sh")
    terminal = h.record(collector, ["/bin/sh", "-c", "echo here; read -r x; " +
                                    " ".join(storm("shl-storm")[:2]) + f" '{storm('shl-storm')[2]}'; read -r x"])
    terminal.wait_for("here")
    n = last(collector)
    collector.proc.send_signal(signal.SIGSTOP)
    with subprocess.Popen(storm("shl-bare"), stdin=subprocess.DEVNULL) as bare:
        terminal.send("\r")
        bare.wait()
    time.sleep(0.5)
    collector.proc.send_signal(signal.SIGCONT)
    h.eventually(60, lambda: len(rows(collector, "shl-storm")) > STORM)
    terminal.send("\r")
    terminal.wait()
    status = h.eventually(60, lambda: collector.objects("status"))[0]
    h.note(f"{status['events']}\n{status['lives']}")
    h.ok(status["lives"]["losses"] >= 1, "a loss of events is counted")
    h.ok("process events were lost" in collector.text(), "and said")
    inside, outside = rows(collector, "shl-storm"), rows(collector, "shl-bare")
    h.equal((len(inside), len(outside)), (STORM + 1, STORM + 1), "all records are there")
    wrong = [r for r in inside if r["session"] not in (n, None)] + \
            [r for r in outside if r["session"] is not None]
    h.equal(wrong[:3], [], "none is given to another session")
    unsure = [r for r in inside if r["session"] is None]
    h.ok(len(unsure) <= STORM // 1000 and all(r["certainty"] == "doubtful" for r in unsure),
         "hardly one is not known, and that is said", unsure[:3])
    h.ok(h.eventually(20, lambda: "process events are all there again" in collector.text()),
         "it is over")
    for attempt in range(5):  # it may come again where a machine is busy
        name = f"shl-again{attempt}"
        n = session(collector, f"{program(name)}; :")
        found = h.eventually(20, lambda name=name: rows(collector, name)) or [{}]
        if found[0].get("certainty") == "exact":
            break
        time.sleep(1)
    h.equal([(r.get("session"), r.get("reason"), r.get("certainty")) for r in found],
            [(n, "fork", "exact")], "then all is known exactly again")


def contradiction(collector):
    """Root gives itself another audit session within a recorded one."""
    def number():
        with open("/proc/self/sessionid", encoding="ascii") as f:
            return f.read()
    changed, same = program("shl-audit", "/bin/sleep"), program("shl-same")
    text = f"echo 0 >/proc/self/loginuid; {h.REC} -d {collector.dir} -- /bin/sh -c " \
           f"'{same}; echo 1 >/proc/self/loginuid; {changed} 0.3; cat /proc/self/sessionid'"
    before = number()
    terminal = h.Terminal(["/bin/sh", "-c", text])
    terminal.wait()
    if not bytes(terminal.shown).split() or bytes(terminal.shown).split()[-1].decode() == before:
        h.skip("another audit session is a contradiction", "this kernel gives none")
        return
    found = h.eventually(20, lambda: rows(collector, "shl-audit"))
    h.equal(collector.objects("status")[0]["lives"]["contradictions"] >= 1, True,
            "another audit session than the recorder's is a contradiction")
    h.ok(found and "!" in found[0]["flags"], "it is flagged", found)
    h.ok("!" not in rows(collector, "shl-same")[0]["flags"], "and nothing else is")


def main():
    h.with_machine_acct()
    collector = h.Collector(conf="acct = own\n").start()
    status = h.eventually(60, lambda: collector.objects("status"))[0]
    if status["events"]["state"] != "on" or status["acct"]["state"] != "on":
        h.skip_all(f"{status['events'].get('reason')} {status['acct'].get('reason')}")
    for part in (detached, keeper_killed, nested, other_ptys, other_users, multiplexer,
                 same_terminal, lead_in):
        part(collector)
    h.equal(collector.objects("status")[0]["lives"]["contradictions"], 0,
            "no two sources contradict each other")
    contradiction(collector)
    losing(collector)
    h.equal(collector.stop(), 0, "the collector ends")
    h.equal(collector.auditor("verify").returncode, 1, "verify finds what was cut, and no more")
    h.done()


main()
