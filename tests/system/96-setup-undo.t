#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""shellac setup that is cut off at each of its steps, finds a folder of somebody else's or a
record that is none, or works on a host that does not run: what was there before is never
lost.  And process accounting, taken over from the acct package and given back."""
import json
import os
import signal
import shutil

import harness as h
import setup_world as world
from ways_in_world import run, slurp, write

ACCT = "/etc/default/acct"
MASK = "/etc/systemd/system/acct.service"


def package():
    """What Debian's acct puts there, whether it is installed here or not."""
    write(ACCT, '# Defaults for acct\n\nACCT_ENABLE="1"\n\nACCT_LOGGING="30"\n')
    write("/etc/init.d/acct", "#!/bin/sh\n[ ! -f /etc/default/acct ] || . /etc/default/acct\n"
          'echo "$1 $ACCT_ENABLE" >>/run/test/acct\n', 0o755)
    write("/etc/init.d/shellacd", "#!/bin/sh\necho \"shellacd $1\" >>/run/test/acct\n", 0o755)
    os.makedirs(os.path.dirname(MASK), exist_ok=True)
    if os.path.lexists(MASK):
        os.unlink(MASK)


def asked(script, verb):
    """What the package's own script did."""
    if os.path.exists("/run/test/acct"):
        os.unlink("/run/test/acct")
    status = run([script, verb]).returncode
    return status, slurp("/run/test/acct")


def accounting(host):
    before = host.all()
    said = host.does(0, "--dry-run", "enable", "accounting")
    h.ok("  - acct = off" in said and "  + acct = own" in said and ACCT in said,
         "accounting: it is said what would be changed", said)
    h.equal(world.differences(before, host.all()), [], "accounting: a dry run changes nothing")
    h.equal(asked("/etc/init.d/acct", "stop"), (0, b"stop 1\n"), "accounting: the package works")
    said = host.does(0, "enable", "accounting")
    h.ok("now run: /etc/init.d/shellacd restart" in said, "accounting: what has to be restarted", said)
    h.ok(b"\nacct = own\n" in b"\n" + slurp(host.conf), "accounting: it is the collector's")
    h.equal([asked("/etc/init.d/acct", v) for v in ("start", "stop", "restart")],
            [(0, None)] * 3, "accounting: the package's script does nothing any more")
    host.end_collector()
    host.collector()
    h.equal(state(host), "on", "accounting: and the collector has it")
    said = host.does(0, "disable", "accounting")
    h.ok(said.index("shellacd restart") < said.index("acct restart"),
         "accounting: who is to have it is started last", said)
    h.equal(world.differences(before, host.all()), [], "accounting: given back to the byte")
    host.end_collector()
    host.collector()
    h.equal((state(host), asked("/etc/init.d/acct", "start")), ("off", (0, b"start 1\n")),
            "accounting: it is the package's again")


def state(host):
    return json.loads(run([host.shellac, "status", "--json"]).stdout)["acct"]["state"]


def default_conf(host):
    """acct = own is the default: to give it back, it has to say off."""
    conf = slurp(host.conf).decode()
    write(host.conf, conf.replace("acct = off\n", ""))
    host.does(0, "enable", "accounting")
    said = host.does(0, "--dry-run", "disable", "accounting")
    h.ok("  + acct = off" in said, "accounting: with the default that is said", said)
    host.does(0, "disable", "accounting")
    h.ok(b"\nacct = off\n" in slurp(host.conf), "accounting: and shellac.conf says off then")
    write(host.conf, conf)
    write(host.conf, conf + "nonsense\n")
    status, _, err = host.setup("enable", "accounting")
    h.ok(status == 1 and "line 4" in err, "accounting: a configuration with errors is refused", err)
    write(host.conf, conf)


def cut_off(host, n, *args):
    """True where it was killed at step n."""
    env = {**os.environ, "LD_PRELOAD": "/run/test/shim.so", "SHIM_KILL_AT": str(n)}
    return run([host.shellac, "setup", *args], env=env).returncode == -signal.SIGKILL


def interrupted(host, name, what, *options):
    """Killed at each step of enabling, then disabled, or enabled; and of disabling."""
    before = host.everything()
    host.does(0, *options, "enable", *what)
    after = host.everything()
    host.does(0, *options, "disable", what[0])
    bad, n = [], 1
    while cut_off(host, n, *options, "enable", *what) and n < 60:
        if host.setup(*options, "status", what[0])[0] not in (0, 1):
            bad.append((n, "status"))
        if n % 2:
            host.does(0, *options, "enable", *what)
            bad += [(n, "enable", p) for p in world.differences(after, host.everything())]
        host.does(0, *options, "disable", "all")
        bad += [(n, "undo", p) for p in world.differences(before, host.everything())]
        n += 1
    h.ok(n > 4 and not bad, f"{name}: enabling, cut off at each of {n - 1} steps", bad)
    host.does(0, *options, "disable", "all")
    host.does(0, *options, "enable", *what)
    n = 1
    while cut_off(host, n, *options, "disable", *what[:1]) and n < 60:
        host.does(0, *options, "disable", *what[:1])
        bad += [(n, "disable", p) for p in world.differences(before, host.everything())]
        host.does(0, *options, "enable", *what)
        n += 1
    h.ok(n > 4 and not bad, f"{name}: disabling, cut off at each of {n - 1} steps", bad)
    host.does(0, *options, "disable", "all")
    h.equal(world.differences(before, host.everything()), [], f"{name}: all is as it was")


def hostile(host):
    """Who could put things into the folder could have any file written."""
    record = os.path.join(host.state, "record")

    def refused(name, args=("enable", "accounting")):
        before = host.everything()
        status, out, err = host.setup(*args)
        h.ok(status == 3 and host.state in err, f"hostile: {name}", (status, out, err))
        h.equal(world.differences(before, host.everything()), [],
                f"hostile: {name}: nothing was changed")

    os.mkdir(host.state, 0o777)
    os.chmod(host.state, 0o777)
    refused("a folder that others may write to")
    os.chmod(host.state, 0o700)
    shutil.chown(host.state, "u-bash")
    refused("a folder of somebody else's")
    os.rmdir(host.state)
    os.symlink("/home/u-bash", host.state)
    refused("a link")
    os.unlink(host.state)
    os.mkdir(host.state, 0o700)
    write(os.path.join(host.state, "lock"), "", 0o600)
    good = {"what": "accounting", "kind": "file", "name": ACCT, "pending": True,
            "before": {"type": "file", "mode": 0o644, "uid": 0, "gid": 0, "data": "eA=="},
            "after": {"type": "none"}}
    for name, text in (
            ("no JSON", "nonsense"), ("nothing", ""), ("another format", '{"format":2,"items":[]}'),
            ("a path of no way", record_of({**good, "name": "/etc/shadow"})),
            ("a path that climbs", record_of({**good, "name": "/etc/default/../shadow"})),
            ("a type that is none", record_of({**good, "before": {"type": "fifo"}})),
            ("a user with a colon", record_of({**good, "what": "login-shell", "kind": "shell",
                                               "name": "a:b"})),
            ("one item twice", record_of(good, good))):
        write(record, text, 0o600)
        refused(f"a record of {name}", ("disable", "all"))
    os.unlink(record)
    os.symlink("/etc/shadow", record)
    refused("a record that is a link", ("disable", "all"))
    shutil.rmtree(host.state)


def record_of(*items):
    return json.dumps({"format": 1, "items": list(items)})


def links(host):
    """A file that leads elsewhere is not followed, nor is a name that setup would use."""
    os.rename(ACCT, "/etc/elsewhere")
    os.symlink("/etc/elsewhere", ACCT)
    text = slurp("/etc/elsewhere")
    status, _, err = host.setup("enable", "accounting")
    h.ok(status == 1 and "is a link" in err and slurp("/etc/elsewhere") == text,
         "links: one in place of a file is refused", err)
    os.unlink(ACCT)
    os.rename("/etc/elsewhere", ACCT)
    before = host.everything()
    os.symlink("/run/test/victim", "/etc/default/.acct.shellac-setup")
    host.does(0, "enable", "accounting")
    host.does(0, "disable", "accounting")
    h.equal((os.path.lexists("/run/test/victim"), world.differences(before, host.everything())),
            (False, []), "links: one that waits under a name of setup's own is not followed")
    os.chmod("/etc/default", 0o777)
    status, _, err = host.setup("enable", "accounting")
    os.chmod("/etc/default", 0o755)
    h.ok(status == 3 and err, "links: nor is a folder trusted that others may write to", err)


def one_at_a_time(host):
    os.mkdir(host.state, 0o700)
    p = run(["flock", f"{host.state}/lock", host.shellac, "setup", "enable", "accounting"])
    h.ok(p.returncode == 3 and b"another shellac setup" in p.stderr, "two at a time are refused", p)
    os.unlink(f"{host.state}/lock")
    os.rmdir(host.state)


def elsewhere(host, tree):
    """A host that does not run: its files alone."""
    here = host.all()
    option = ("--root", tree)
    before = host.everything()
    for what in (("profile",), ("login-shell", "u-bash"), ("forcecommand",), ("accounting",)):
        host.does(0, *option, "enable", *what)
    h.equal(host.setup(*option, "status")[0], 0, "elsewhere: all is enabled")
    h.ok(b":" + host.bin.encode() + b"/shellac-bash\n" in slurp(f"{tree}/etc/passwd") and
         os.readlink(f"{tree}/etc/profile.d/shellac.sh") == host.snippet and
         slurp(f"{tree}/etc/ssh/sshd_config.d/shellac.conf") and os.readlink(tree + MASK) ==
         "/dev/null", "elsewhere: there")
    h.equal(world.differences(here, host.all()), [], "elsewhere: and not here")
    host.does(0, *option, "disable", "all")
    h.equal(world.differences(before, host.everything()), [], "elsewhere: all is as it was")


def main():
    host = world.the_host()
    for shell in world.SHELLS[1:]:
        host.forget(f"u-{shell}")
    package()
    tree = host.tree()
    accounting(host)
    default_conf(host)
    hostile(host)
    links(host)
    one_at_a_time(host)
    elsewhere(host, tree)
    if h.sanitized():
        h.skip("cut off at each step", "no object can be preloaded")
    else:
        shutil.copy(os.path.join(h.BUILD, "tests/system/shim_setup.so"), "/run/test/shim.so")
        interrupted(host, "accounting", ("accounting",))
        interrupted(host, "profile", ("profile",), "--root", tree)
        interrupted(host, "login-shell", ("login-shell", "u-bash"), "--root", tree)
    h.done()


main()
