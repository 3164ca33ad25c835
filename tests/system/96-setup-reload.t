#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""shellac setup --reload: the kernel's process accounting goes over to the collector, and
back to the acct package, in the running host; what cannot be told is said."""
import json
import os

import harness as h
import setup_world as world
from ways_in_world import must, run, slurp, write

ACCT = "/etc/default/acct"
PACCT = "/run/test/pacct"
SCRIPT = "/etc/init.d/shellacd"
RESTART = f"accounting: {SCRIPT} restart\n"


def package():
    """As Debian's acct does it, into a file of the test's own."""
    write(PACCT, "")
    write(ACCT, 'ACCT_ENABLE="1"\nACCT_LOGGING="30"\n')
    write("/etc/init.d/acct", f"""#!/bin/sh
[ ! -f {ACCT} ] || . {ACCT}
stop() {{ accton off >/dev/null; }}
start() {{ [ "$ACCT_ENABLE" != 1 ] || accton {PACCT} >/dev/null; }}
case $1 in
restart) stop; start ;;
*) "$1" ;;
esac
""", 0o755)


def state(host):
    """What the collector says of it; None where there is none."""
    p = run([host.shellac, "status", "--json"])
    return json.loads(p.stdout)["acct"]["state"] if p.returncode in (0, 1) else None


def counted(name):
    """Does the package's file get the record of a program that ends now?"""
    size = os.path.getsize(PACCT)
    must([f"/run/test/{name}"])
    return os.path.getsize(PACCT) > size


def has(host, name):
    """The collector has its record."""
    return h.eventually(30, lambda: run([host.shellac, "procs", "--json", "command", name]).stdout)


def taken_over(host):
    before = host.all()
    h.equal((state(host), counted("shl-one")), ("off", True), "the package has accounting")
    said = host.does(0, "--reload", "enable", "accounting")
    h.ok(RESTART in said and "now run" not in said, "enabled: the collector is restarted", said)
    h.equal(state(host), "on", "enabled: and has accounting")
    must(["/etc/init.d/acct", "restart"])
    h.equal(counted("shl-two"), False, "enabled: the package has it no more, and does not take it")
    h.ok(has(host, "shl-two"), "enabled: the collector has the records")
    said = host.does(0, "--reload", "disable", "accounting")
    h.ok(RESTART in said and "accounting: /etc/init.d/acct restart\n" in said and
         "now run" not in said, "disabled: both are restarted", said)
    h.equal((state(host), counted("shl-three")), ("off", True), "disabled: the package has it again")
    h.equal(world.differences(before, host.all()), [], "disabled: every file is as it was")
    h.equal(run([host.shellac, "procs", "--json", "command", "shl-three"]).stdout, b"",
            "disabled: the collector hears nothing of it")


def started(host):
    """A collector that does not run is to have it, too."""
    must([SCRIPT, "stop"])
    said = host.does(0, "--reload", "enable", "accounting")
    h.ok(f"accounting: {SCRIPT} start\n" in said and state(host) == "on",
         "a collector that did not run is started, and has it", said)
    host.does(0, "--reload", "disable", "accounting")


def not_told(host):
    """A start script that fails: the files are changed, and somebody has to see to the rest."""
    before = host.all()
    script = os.readlink(SCRIPT)
    os.unlink(SCRIPT)
    write(SCRIPT, "#!/bin/sh\necho it does not want to >&2\nexit 1\n", 0o755)
    status, out, err = host.setup("--reload", "enable", "accounting")
    h.ok(status == 3 and f"now run: {SCRIPT} restart\n" in out and "it does not want to" in err,
         "a collector that cannot be restarted: said, with its reason", (status, out, err))
    status, out, err = host.setup("status", "accounting")
    h.ok(status == 1 and "accounting: enabled\n" in out and "shellacd does not have it" in err,
         "which is enabled, and not in force", (status, out, err))
    host.does(0, "--reload", "disable", "accounting")
    write(SCRIPT, "#!/bin/sh\nexit 0\n", 0o755)
    status, out, err = host.setup("--reload", "enable", "accounting")
    h.ok(status == 3 and "shellacd does not have it" in err,
         "one that is said to be restarted, and is not: said", (status, out, err))
    host.does(0, "--reload", "disable", "accounting")
    os.unlink(SCRIPT)
    os.symlink(script, SCRIPT)
    must([SCRIPT, "restart"])
    must(["/etc/init.d/acct", "restart"])
    h.equal((world.differences(before, host.all()), state(host), counted("shl-four")),
            ([], "off", True), "both are given back")


def main():
    if h.sanitized():
        h.skip_all("with sanitizers the process of the keys has what is its starter's standard error")
    host = world.the_host(start=False)
    for shell in world.SHELLS[1:]:
        host.forget(f"u-{shell}")
    package()
    for name in ("shl-one", "shl-two", "shl-three", "shl-four"):
        must(["cp", "/bin/true", f"/run/test/{name}"])
    os.symlink(os.path.join(host.at["sysconfdir"], "init.d/shellacd"), SCRIPT)
    h.at_end(lambda: (run([SCRIPT, "stop"]), run(["accton", "off"])))
    must([SCRIPT, "start"])
    must(["/etc/init.d/acct", "start"])
    taken_over(host)
    started(host)
    not_told(host)
    h.done()


main()
