#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""shellac setup on hosts that are odd: an /etc that cannot be written to, packages that were
removed since, users whom a ForceCommand would lock out, snippets that nobody can read; and
make install and make uninstall there."""
import os
import shutil
import signal
import subprocess

import harness as h
import setup_world as world
from ways_in_world import must, run, write

CONFIG = "/etc/ssh/sshd_config"
JAIL = "Match User files\n\tChrootDirectory /home\n\tForceCommand internal-sftp\nMatch all\n"


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


def where(host):
    """What is wrong is said with its place."""
    for path, name in (("/etc/ssh", "forcecommand"), ("/etc/profile.d", "profile")):
        os.chmod(path, 0o775)
        status, out, err = host.setup("enable", name)
        os.chmod(path, 0o755)
        h.ok(status == 3 and f"{name}: {path}/" in err and "may write to a folder above" in err,
             f"{path} that a group may write to: said with its name", (status, out, err))
    os.mkdir("/etc/profile.d/shellac.sh")
    status, out, err = host.setup("enable", "profile")
    os.rmdir("/etc/profile.d/shellac.sh")
    h.ok(status == 3 and "/etc/profile.d/shellac.sh: Is a directory" in err,
         "a folder in place of a file, too", (status, out, err))
    write("/etc/passwd", "odd$:x:4711:100::/nonexistent:/bin/bash\n", append=True)
    status, out, err = host.setup("enable", "login-shell", "odd$")
    h.ok(status == 1 and "a name that setup does not take" in err,
         "a user with a name that is not taken is not said to be none", (status, out, err))


def removed_since(host):
    """Packages that were removed with their files do not stand in the way."""
    before = host.all()
    host.does(0, "enable", "forcecommand", "u-bash")
    os.mkdir("/run/test/sbin")
    must(["cp", "-a", "/usr/sbin/.", "/run/test/sbin"])
    os.unlink("/run/test/sbin/sshd")
    must(["mount", "--bind", "/run/test/sbin", "/usr/sbin"])
    status, out, err = host.setup("disable", "--reload", "forcecommand")
    must(["umount", "/usr/sbin"])
    h.ok(status == 0 and "reload" not in out and not err,
         "sshd was removed: forcecommand is given back all the same", (status, out, err))
    h.equal(world.differences(before, host.all()), [], "sshd was removed: every file is as it was")
    host.does(0, "enable", "profile")
    os.rename("/etc/zsh", "/etc/zsh.away")
    status, out, err = host.setup("status", "profile")
    h.ok(status == 1 and "/etc/zsh/zshenv: was removed" in err and "leaves it so" in err,
         "zsh was purged: status says so", (status, out, err))
    said = host.does(0, "disable", "profile")
    h.ok("/etc/zsh/zshenv: was removed since, and stays so" in said and
         not os.path.exists("/etc/zsh") and os.listdir(host.state) == ["was-zshenv"],
         "zsh was purged: profile is given back, and what was there before is kept", said)
    shutil.rmtree(host.state)
    os.rename("/etc/zsh.away", "/etc/zsh")
    shutil.copy("/run/test/zshenv", "/etc/zsh/zshenv")


def files_alone(host):
    """Who has only sftp, and no shell, is not taken for nobody."""
    host.user("files", "/usr/sbin/nologin")
    must(["groupadd", "mixed"])
    for user in ("files", "u-dash"):
        must(["usermod", "-a", "-G", "mixed", user])
    with open(CONFIG, encoding="utf-8") as f:
        config = f.read()
    before = host.all()
    sftp = "".join(s for s in config.splitlines(True) if not s.startswith("Subsystem"))
    for text, wanted in ((config + JAIL, 'files: has "ForceCommand internal-sftp" already'),
                         (config + JAIL.replace("\tForce", "\t#Force"), "files: has ChrootDirectory"),
                         (sftp + "Subsystem sftp internal-sftp -l INFO\n", "sftp of sshd itself")):
        write(CONFIG, text)
        for group in ((), ("--group", "mixed")):
            status, out, err = host.setup("--dry-run", *group, "enable", "forcecommand")
            # of all, another user of this machine's may come first
            h.ok(status == 1 and wanted in err and (not group or "files: " in err) and "u-dash" not in err,
                 f"forcecommand: {wanted.replace('files: ', '')}: refused {' '.join(group)}",
                 (status, out, err))
        host.does(0, "--dry-run", "enable", "forcecommand", "u-dash")
    write(CONFIG, config)
    host.does(0, "--dry-run", "enable", "forcecommand")
    h.equal(world.differences(before, host.all()), [], "forcecommand: nothing was changed")


def unreadable(host):
    """As installed with a umask that lets nobody in."""
    folder = os.path.dirname(host.snippet)
    os.chmod(folder, 0o700)
    status, out, err = host.setup("enable", "profile")
    os.chmod(folder, 0o755)
    h.ok(status == 1 and f"{host.snippet}: cannot be read by u-bash" in err,
         "snippets that users cannot read are not enabled", (status, out, err))


def relative(host):
    """A host that does not run, below a folder by its short name."""
    tree = host.tree()
    here = os.getcwd()
    os.chdir(os.path.dirname(tree))
    said = host.does(0, "--root", os.path.basename(tree), "enable", "login-shell", "u-bash")
    os.chdir(here)
    with open(f"{tree}/etc/passwd", encoding="utf-8") as f:
        h.ok(f":{host.bin}/shellac-bash\n" in f.read(), "--root of a relative path: a login shell is set", said)


def make(target, *args):
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
    return run(["make", "-C", h.BUILD, target, *args], env=env)


def gets_in():
    p = run(["su", "-", "u-bash", "-c", "echo in"])
    return p.returncode == 0 and p.stdout == b"in\n"


def kept(host, name, wanted):
    p = make("uninstall")
    h.ok(p.returncode != 0 and wanted in p.stderr and b"shellac setup disable all" in p.stderr and
         os.path.exists(host.rec) and os.path.exists(host.snippet) and gets_in(),
         f"make uninstall: refused, {name}", (p.returncode, p.stderr))


def installed_again(host):
    """Whoever logs in while it is installed anew gets in, and is recorded."""
    with open(host.conf, encoding="utf-8") as f:
        conf = f.read()
    write(host.conf, conf + "away = strict\n")
    host.shellacd.send_signal(signal.SIGHUP)
    host.does(0, "enable", "login-shell", "u-bash")
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
    said, kept_out = b"", 0
    with subprocess.Popen(["make", "-C", h.BUILD, "install"], env=env, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as install:
        while install.poll() is None:
            p = run(["su", "-", "u-bash", "-c", "echo in"])
            kept_out += p.stdout != b"in\n" or p.returncode != 0 or p.stderr != b""
            said = p.stderr or said
    h.equal((install.returncode, kept_out), (0, 0), f"make install: nobody is kept out {said}")
    host.does(0, "disable", "all")
    write(host.conf, conf)


def uninstalled(host):
    for name, what in (("the login shell", ("login-shell", "u-bash")), ("profile", ("profile",)),
                       ("ForceCommand", ("forcecommand",))):
        host.does(0, "enable", *what)
        kept(host, f"{name} is enabled", b"not uninstalled")
        host.does(0, "disable", "all")
    must(["usermod", "-s", f"{host.bin}/shellac-bash", "u-bash"])
    kept(host, "the recorder is a login shell by hand", b"login shell of: u-bash\n")
    must(["usermod", "-s", "/bin/bash", "u-bash"])
    drop_in = "/etc/ssh/sshd_config.d/own.conf"
    write(drop_in, f"Match User u-bash\n\tForceCommand {host.rec} --forced\n")
    kept(host, "the recorder is a ForceCommand by hand", drop_in.encode())
    os.unlink(drop_in)
    p = make("uninstall")
    h.ok(p.returncode == 0 and not os.path.exists(host.rec) and gets_in(),
         "make uninstall: done where nobody needs it", p)
    p = make("install", "DESTDIR=/run/test/a folder")
    h.equal((p.returncode, os.stat(f"/run/test/a folder{host.rec}").st_mode & 0o7777), (0, 0o4755),
            "make install: into a folder with a blank in its name")


def main():
    host = world.the_host()
    shutil.copy("/etc/zsh/zshenv", "/run/test/zshenv")
    read_only(host)
    where(host)
    removed_since(host)
    files_alone(host)
    unreadable(host)
    relative(host)
    installed_again(host)
    uninstalled(host)
    h.done()


main()
