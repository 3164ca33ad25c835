#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""shellac setup status on hosts on which something was changed behind its back: it says what
is not as it was left, and what is but does nothing any more, with the file and what to do."""
import os

import harness as h
import setup_world as world
from ways_in_world import must, run, slurp, write

LOCAL = "/etc/ssh/sshd_config.d/00-local.conf"


def says(host, what, name, *wanted, status=1):
    """The status of one way, and what it says."""
    got = host.setup("status", what)
    text = got[1] + got[2]
    h.ok(got[0] == status and all(w in text for w in wanted), f"{what}: {name}", got)


def away(path):
    """A file that is not there while the block runs."""
    class Away:
        def __enter__(self):
            os.rename(path, path + ".away")

        def __exit__(self, *_):
            os.rename(path + ".away", path)
    return Away()


def instead(path, text):
    """A file with another text while the block runs."""
    class Instead:
        def __enter__(self):
            self.was = slurp(path)
            write(path, text)

        def __exit__(self, *_):
            if self.was is None:
                os.unlink(path)
            else:
                write(path, self.was.decode())
    return Instead()


def profile(host):
    link, zsh = "/etc/profile.d/shellac.sh", "/etc/zsh/zshenv"
    says(host, "profile", "not enabled", "not enabled by setup", status=0)
    host.does(0, "enable", "profile")
    says(host, "profile", "all is well", "enabled\n", f"{link}: as setup left it", status=0)
    os.chmod(host.rec, 0o755)
    says(host, "profile", "the recorder is not set-user-ID", host.rec, "records nobody")
    os.chmod(host.rec, 0o4755)
    with away(host.rec):
        says(host, "profile", "the recorder was removed", host.rec, "install shellac")
    with away(host.snippet):
        says(host, "profile", "the snippet was removed", link, host.snippet, "install shellac")
    os.unlink(link)
    says(host, "profile", "the link was removed", f"{link}: is as it was before, not by setup",
         "shellac setup enable profile")
    host.does(0, "enable", "profile")
    says(host, "profile", "enabled again", f"{link}: as setup left it", status=0)
    with instead(zsh, "umask 027\n"):
        says(host, "profile", "a file was edited", f"{zsh}: was changed by hand",
             "shellac setup disable profile")
    with away(zsh):
        says(host, "profile", "a file was removed", f"{zsh}: was removed")
    host.does(0, "disable", "profile")


def login_shell(host):
    for name in ("u-gone", "u-bare"):
        host.user(name, "/bin/bash")
    must(["usermod", "-s", "", "u-bare"])
    users = ("u-bash", "u-zsh", "u-gone", "u-bare")
    host.does(0, "enable", "login-shell", *users)
    h.equal(host.shell_of("u-bare"), f"{host.bin}/shellac-dash",
            "login-shell: who has no shell has /bin/sh")
    says(host, "login-shell", "all is well", "u-zsh: as setup left it", status=0)
    with away(f"{host.bin}/shellac-zsh"):
        says(host, "login-shell", "a link was removed", "u-zsh: cannot log in",
             "shellac setup disable login-shell u-zsh")
    with away(host.rec):
        says(host, "login-shell", "the recorder was removed", host.rec, "u-bash: cannot log in",
             "u-zsh: cannot log in")
    shells = "".join(s for s in slurp("/etc/shells").decode().splitlines(True) if "zsh" not in s)
    with instead("/etc/shells", shells):
        says(host, "login-shell", "a shell that is not listed any more",
             "u-zsh: gets another shell", "/etc/shells")
    must(["usermod", "-s", "/bin/sh", "u-bash"])
    must(["userdel", "u-gone"])
    says(host, "login-shell", "another shell by now, and no user any more",
         "u-bash: has the login shell /bin/sh by now", "u-gone: is no user any more",
         "disable login-shell u-gone")
    host.does(0, "disable", "login-shell")
    h.equal((host.shell_of("u-zsh"), host.shell_of("u-bash"), host.shell_of("u-bare")),
            ("/bin/zsh", "/bin/sh", "/bin/sh"), "login-shell: given back; who had none has /bin/sh")
    must(["usermod", "-s", "/bin/bash", "u-bash"])
    must(["usermod", "-s", "/bin/bash", "u-bare"])


def forcecommand(host):
    elsewhere = "Match Address 192.0.2.0/24\n\tForceCommand /bin/true\nMatch all\n"
    for_one = "Match User u-bare\n\tforcecommand=/bin/true\nMatch all\n"
    before = host.all()
    with instead(LOCAL, for_one):
        status, out, err = host.setup("enable", "forcecommand", "u-bash", "u-bare")
        h.ok(status == 1 and "u-bare: has \"ForceCommand /bin/true\" already" in err,
             "forcecommand: one that the second of two users has already", (status, out, err))
        h.ok(f"{LOCAL}: line 2 has \"forcecommand=/bin/true\"" in out,
             "forcecommand: with its file and line", out)
    h.equal(world.differences(before, host.all()), [], "forcecommand: nothing was changed")
    with instead(LOCAL, elsewhere):
        said = host.does(0, "enable", "forcecommand", "u-bash", "u-bare")
        h.ok(f"{LOCAL}: line 2 has" in said, "forcecommand: of another Match block it is said", said)
        says(host, "forcecommand", "and that there is one", f"{LOCAL}: line 2 has", status=0)
    says(host, "forcecommand", "all is well", "shellac.conf: as setup left it", status=0)
    with instead(LOCAL, for_one):
        says(host, "forcecommand", "two for one user", "u-bare: sshd would run \"/bin/true\"")
    config = slurp("/etc/ssh/sshd_config").decode()
    with instead("/etc/ssh/sshd_config", config.replace("Include", "#Include")):
        says(host, "forcecommand", "the drop-in is not read", "u-bash: sshd would not run",
             "u-bare: sshd would not run", "Include")
    with instead("/etc/ssh/sshd_config", config + "Nonsense yes\n"):
        says(host, "forcecommand", "sshd_config has errors", "/etc/ssh/sshd_config: sshd does not take",
             "Nonsense")
    must(["mount", "--bind", "/dev/null", "/usr/sbin/sshd"])
    says(host, "forcecommand", "sshd was removed", "/usr/sbin/sshd cannot be run", "openssh-server")
    must(["umount", "/usr/sbin/sshd"])
    with away(host.rec):
        says(host, "forcecommand", "the recorder was removed", host.rec, "install shellac")
    host.does(0, "disable", "forcecommand")
    must(["groupadd", "ops"])
    for user in ("u-bash", "u-bare"):
        must(["usermod", "-a", "-G", "ops", user])
    host.does(0, "--group", "ops", "enable", "forcecommand")
    with instead(LOCAL, for_one):
        says(host, "forcecommand", "two for a member of a group", "u-bare: sshd would run")
    host.does(0, "disable", "forcecommand")


def accounting(host):
    host.does(0, "enable", "accounting")
    says(host, "accounting", "the collector was not restarted", "shellacd does not have it",
         "shellac check")
    host.end_collector()
    says(host, "accounting", "nobody collects", "shellacd does not have it")
    host.collector()
    says(host, "accounting", "all is well", "as setup left it", status=0)
    host.does(0, "disable", "accounting")
    h.equal(run([host.shellac, "setup", "status"]).returncode, 0, "nothing is enabled any more")


def main():
    host = world.the_host()
    profile(host)
    login_shell(host)
    forcecommand(host)
    accounting(host)
    h.done()


main()
