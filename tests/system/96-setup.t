#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""shellac setup on a host of its own: with real logins over sshd before, while and after
each way in is enabled; every file is what it was when it is disabled; what could lock
somebody out is refused, or put back."""
import os
import shutil

import harness as h
import setup_world as world
from ways_in_world import must, run, slurp, write


def same(host, before, name):
    h.equal(world.differences(before, host.all()), [], name)


def dry(host, before, *args):
    said = host.does(0, "--dry-run", *args)
    same(host, before, f"{args[-1]}: a dry run changes nothing")
    return said


def enabled_again(host, *args):
    """Twice is once."""
    now = host.all()
    said = host.does(0, "enable", *args)
    h.ok("enabled already" in said and "nothing to do" in said, f"{args[0]}: twice is once", said)
    same(host, now, f"{args[0]}: and changes nothing")
    status = host.setup("status", args[0])
    h.ok(status[0] == 0 and f"{args[0]}: enabled\n" in status[1], f"{args[0]}: status tells", status)


def profile(host, port):
    before = host.all()
    said = dry(host, before, "enable", "profile")
    h.ok(f"  + -> {host.snippet}" in said and "/etc/zsh/zshenv: changed" in said,
         "profile: it is said what would be changed", said)
    was = {s: host.count(f"u-{s}") for s in world.SHELLS}
    said = host.does(0, "enable", "profile")
    for shell in world.SHELLS:
        h.ok(f"u-{shell}: tested: logs in" in said and
             host.recorded(f"u-{shell}", was[shell], (1, 0)), f"profile: {shell} was tried, and "
             "recorded", said)
    for user in ("u-bash", "u-zsh"):
        was = host.count(user)
        h.ok(host.login(user, port) and host.recorded(user, was, (1, 0)),
             f"profile: {user} over ssh is recorded")
    enabled_again(host, "profile")
    said = host.does(0, "disable", "profile")
    same(host, before, "profile: disabled, every file is as it was")
    h.ok("goes" in said and "disabled" in said, "profile: and that is said", said)
    was = host.count("u-zsh")
    h.ok(host.login("u-zsh", port) and host.count("u-zsh") == was, "profile: nobody is recorded")


def login_shell(host, port):
    before = host.all()
    users = [f"u-{s}" for s in world.SHELLS]
    dry(host, before, "enable", "login-shell", *users)
    was = {s: host.count(f"u-{s}") for s in world.SHELLS}
    host.does(0, "enable", "login-shell", *users)
    for shell, user in zip(world.SHELLS, users):
        h.ok(host.shell_of(user) == f"{host.bin}/shellac-{shell}" and
             host.recorded(user, was[shell], (1, 1)), f"login-shell: {shell} was tried, and recorded")
    was = host.count("u-tcsh")
    h.ok(host.command("u-tcsh", port) and host.recorded("u-tcsh", was, (0, 1)),
         "login-shell: over ssh with a command")
    was = host.count("u-fish")
    h.ok(host.login("u-fish", port) and host.recorded("u-fish", was, (1, 0)),
         "login-shell: and on a terminal")
    h.ok(host.bin.encode() not in slurp("/etc/shells"), "login-shell: not in /etc/shells")
    enabled_again(host, "login-shell", *users)
    host.does(0, "disable", "login-shell", "u-fish")
    h.equal((host.shell_of("u-fish"), host.shell_of("u-zsh")),
            ("/usr/bin/fish", f"{host.bin}/shellac-zsh"), "login-shell: one user's is given back")
    host.does(0, "disable", "all")
    same(host, before, "login-shell: disabled, every file is as it was")
    for name in users[2:]:
        host.forget(name)


def groups(host):
    """From here on u-bash and u-dash are the users."""
    before = host.all()
    must(["groupadd", "-f", "ops"])
    must(["usermod", "-a", "-G", "ops", "u-dash"])
    must(["usermod", "-a", "-G", "ops", "root"])
    before = host.all()
    said = host.does(0, "--group", "ops", "enable", "login-shell")
    h.ok(host.shell_of("u-dash").endswith("/shellac-dash") and host.shell_of("root") == "/bin/bash" and
         "root, and left out" in said, "login-shell: a group's members, not root", said)
    must(["usermod", "-s", "/bin/bash", "u-dash"])
    said = host.does(0, "disable", "login-shell")
    h.ok(host.shell_of("u-dash") == "/bin/bash" and "another login shell by now" in said,
         "login-shell: what was given since stays", said)
    must(["usermod", "-s", "/bin/dash", "u-dash"])
    same(host, before, "login-shell: and nothing else was changed")


def refused(host, name, wanted, *args):
    before = host.all()
    status, out, err = host.setup(*args)
    h.ok(status == 1 and wanted in err, f"refused: {name}", (status, out, err))
    same(host, before, f"refused: {name}: nothing was changed")


def refusals(host):
    refused(host, "root", "root", "enable", "login-shell", "root")
    refused(host, "nobody of that name", "no user", "enable", "login-shell", "nobody-there")
    must(["usermod", "-s", "/bin/rbash", "u-dash"])
    refused(host, "a restricted shell", "restricted", "enable", "login-shell", "u-dash")
    must(["usermod", "-s", "/bin/dash", "u-dash"])
    shells = slurp("/etc/shells").decode()
    write("/etc/shells", shells.replace("/bin/dash\n", "").replace("/usr/bin/dash\n", ""))
    refused(host, "a shell that is not listed", "/etc/shells", "enable", "login-shell", "u-dash")
    write("/etc/shells", shells)
    os.chmod(host.rec, 0o755)
    for what in (("profile",), ("login-shell", "u-bash"), ("forcecommand",)):
        refused(host, f"{what[0]}, the recorder is not set-user-ID", "set-user-ID", "enable", *what)
    os.chmod(host.rec, 0o4755)
    link = f"{host.bin}/shellac-dash"
    os.rename(link, link + ".away")
    refused(host, "no link for the shell", "install shellac", "enable", "login-shell", "u-dash")
    os.rename(link + ".away", link)
    write("/etc/profile.d/shellac.sh", "echo mine\n")
    refused(host, "somebody else's file", "put it aside", "enable", "profile")
    os.unlink("/etc/profile.d/shellac.sh")
    before = host.all()
    h.equal([host.setup(*a)[0] for a in (("enable",), ("enable", "nonsense"), ("nonsense",), (),
             ("enable", "login-shell"), ("--group", "ops", "enable", "profile"), ("enable", "all"))],
            [2] * 7, "usage: what makes no sense is status 2")
    p = run(["setpriv", "--reuid=u-bash", "--regid=u-bash", "--clear-groups", host.shellac, "setup",
             "enable", "profile"])
    h.ok(p.returncode == 3 and b"only root" in p.stderr, "an ordinary user may not", p)
    same(host, before, "usage: nothing was changed")


def strict(host):
    """Nobody would get in while nobody collects."""
    conf = slurp(host.conf).decode()
    host.end_collector()
    write(host.conf, conf + "away = strict\n")
    refused(host, "strict, and nobody collects", "away = strict", "enable", "login-shell", "u-bash")
    refused(host, "strict: profile, too", "away = strict", "enable", "profile")
    write(host.conf, conf)
    host.collector()


def put_back(host):
    """A login that works before and not after."""
    snippet = slurp(host.snippet)
    write(host.snippet, "case $- in *i*) exit 7;; esac\n")
    refused(host, "a login fails after it", "could log in before, and cannot now", "enable", "profile")
    with open(host.snippet, "wb") as f:
        f.write(snippet)
    link = f"{host.bin}/shellac-dash"
    os.unlink(host.rec)
    shutil.copy("/bin/false", host.rec)
    refused(host, "a recorder that is none", "set-user-ID", "enable", "login-shell", "u-dash")
    shutil.chown(host.rec, "_shellac")
    os.chmod(host.rec, 0o4755)
    refused(host, "a recorder that ends at once", "u-dash", "enable", "login-shell", "u-dash")
    h.ok(os.path.islink(link), "the link is still there")
    must(["make", "-C", h.BUILD, "install"], env={k: v for k, v in os.environ.items()
                                                  if k not in ("MAKEFLAGS", "MAKELEVEL")})


def force_command(host):
    before = host.all()
    port = host.sshd_of_host()
    drop_in = "/etc/ssh/sshd_config.d/shellac.conf"
    dry(host, before, "enable", "forcecommand")
    said = host.does(0, "enable", "forcecommand", "u-bash")
    h.ok(b"Match User u-bash\n" in slurp(drop_in) and "now run: " in said and "reload" in said,
         "forcecommand: of one user, and sshd has to be told", said)
    host.does(0, "disable", "forcecommand")
    same(host, before, "forcecommand: disabled, every file is as it was")
    said = host.does(0, "--group", "ops", "--reload", "enable", "forcecommand")
    was = host.count("u-dash"), host.count("u-bash")
    h.ok(h.eventually(30, lambda: host.command("u-dash", port)) and
         host.recorded("u-dash", was[0], (0, 1)), "forcecommand: of a group, over ssh", said)
    h.ok(host.command("u-bash", port) and host.count("u-bash") == was[1],
         "forcecommand: and of nobody else")
    enabled_again_group(host)
    host.does(0, "--reload", "disable", "forcecommand")
    same(host, before, "forcecommand: and as it was again")
    was = host.count("u-dash")
    h.ok(host.command("u-dash", port) and host.count("u-dash") == was,
         "forcecommand: nobody is recorded then")
    config = slurp("/etc/ssh/sshd_config").decode()
    for name, text, wanted in (
            ("another ForceCommand", "ForceCommand /bin/true\n", "already"),
            ("a ChrootDirectory", "ChrootDirectory /run\n", "ChrootDirectory"),
            ("a configuration with errors", "Nonsense yes\n", "does not take it as it is")):
        write("/etc/ssh/sshd_config", config + text)
        refused(host, f"forcecommand: {name}", wanted, "enable", "forcecommand")
    write("/etc/ssh/sshd_config", config.replace("Include", "#Include"))
    refused(host, "forcecommand: the drop-in is not read", "Include", "enable", "forcecommand")
    write("/etc/ssh/sshd_config", config)


def enabled_again_group(host):
    now = host.all()
    said = host.does(0, "--group", "ops", "enable", "forcecommand")
    h.ok("nothing to do" in said, "forcecommand: twice is once", said)
    refused(host, "forcecommand: another group", "disable forcecommand first",
            "enable", "forcecommand")
    same(host, now, "forcecommand: and changes nothing")


def by_hand(host):
    """What an administrator changed since is not overwritten."""
    before = host.all()
    host.does(0, "enable", "profile")
    write("/etc/zsh/zshenv", "umask 027\n", append=True)
    now = host.all()
    status, out, err = host.setup("disable", "profile")
    h.ok(status == 1 and "/etc/zsh/zshenv" in err and "--force" in err,
         "by hand: refused, with the file and what to do", (status, out, err))
    same(host, now, "by hand: nothing was changed")
    h.equal(host.setup("status", "profile")[0], 1, "by hand: status sees it")
    said = host.does(0, "--force", "disable", "profile")
    h.equal(sorted(p for p in world.differences(before, host.all()) if p.startswith("/etc")),
            ["/etc/zsh/zshenv"], "by hand: with --force the rest is as it was")
    kept = slurp(f"{host.state}/was-zshenv")
    h.ok(kept is not None and f"{host.state}/was-zshenv" in said and slurp("/etc/zsh/zshenv") ==
         slurp("/etc/zsh/zshenv") and b"umask 027" in slurp("/etc/zsh/zshenv"),
         "by hand: what it was before is kept", said)
    with open("/etc/zsh/zshenv", "wb") as f:
        f.write(kept)
    shutil.rmtree(host.state)
    same(host, before, "by hand: to the byte")
    h.ok("nothing to do" in host.does(0, "disable", "profile"), "by hand: then nothing is enabled")


def main():
    host = world.the_host()
    port = host.sshd("Subsystem=sftp internal-sftp")
    profile(host, port)
    login_shell(host, port)
    groups(host)
    refusals(host)
    strict(host)
    put_back(host)
    force_command(host)
    by_hand(host)
    h.done()


main()
