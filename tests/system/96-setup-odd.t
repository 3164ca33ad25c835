#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""shellac setup on hosts that are odd: an /etc that cannot be written to."""
import harness as h
import setup_world as world
from ways_in_world import must


def mounted(flags):
    must(["mount", "-o", f"remount,bind,{flags}", "/etc"])


def read_only(host):
    """What could not be begun is not left as if it had been interrupted."""
    before = host.all()
    for what in (("profile",), ("login-shell", "u-bash"), ("forcecommand",), ("accounting",)):
        mounted("ro")
        status, out, err = host.setup("enable", *what)
        said = host.does(0, "status")
        mounted("rw")
        h.ok(status == 1 and err.count("cannot be changed") == 1 and
             "everything is as it was before" in out and "interrupted" not in said,
             f"read-only /etc: {what[0]} is not enabled, and nothing is left", (status, out, err, said))
    h.equal(world.differences(before, host.all()), [], "read-only /etc: nothing was changed")


def main():
    host = world.the_host()
    read_only(host)
    h.done()


main()
