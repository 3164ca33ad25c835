#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A person at a shell presses Tab behind shellac: commands, options and their values
come, as the program itself says them; and each command's help fits a screen."""
import os
import re
import shutil
import subprocess

import harness as h

SCRIPTS = os.path.join(h.TOP, "completion")


def lines_of_help(*argv):
    run = subprocess.run([h.SHELLAC, *argv, "--help"], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    h.equal(run.returncode, 0, f"{' '.join(argv)} --help ends with 0")
    return run.stdout.decode().splitlines()


def commands():
    text = "\n".join(lines_of_help())
    return re.findall(r"^  ([a-z]+)\b", text.split("commands:\n")[1], re.M)


def help_fits(names):
    for name in names:
        found = lines_of_help(name)
        h.ok(len(found) <= 23 and max(map(len, found)) <= 80,
             f"{name}: its help fits a screen of 24 lines and 80 columns",
             (len(found), max(map(len, found))))


class Shell:
    """An interactive shell whose Tab key is pressed."""

    def __init__(self, name, argv, setup):
        self.name = name
        self.tries = 0
        path = os.path.dirname(h.SHELLAC) + ":" + os.environ.get("PATH", "/usr/bin:/bin")
        self.terminal = h.Terminal(argv, rows=50, cols=200, env={
            "PATH": path, "HOME": h.work, "PS1": "$ ", "LC_ALL": "C.UTF-8", "XDG_DATA_HOME": h.work,
            "XDG_CONFIG_HOME": h.work})
        self.type(setup + "echo rea''dy\r")
        self.terminal.wait_for("ready", 60)

    def type(self, text):
        self.terminal.send(text)

    def next(self):
        """Drops what is in the line."""
        self.tries += 1
        self.type(f"\x15echo next''-{self.tries}-\r")
        self.terminal.wait_for(f"next-{self.tries}-", 30)

    def completes(self, typed, wanted):
        """One answer: it is put into the line."""
        self.type(typed + "\t")
        h.ok(self.terminal.wait_for(wanted, 30), f"{self.name}: {typed} and Tab: {wanted}")
        self.next()

    def offers(self, typed, wanted):
        """Several: all of them are shown."""
        self.type(typed + "\t")
        if self.name == "bash":
            self.type("\t")
        found = all(h.eventually(30, lambda word=word: self.shown(typed, word))
                    for word in wanted)
        h.ok(found, f"{self.name}: {typed} and Tab offers {', '.join(wanted)}",
             bytes(self.terminal.shown[-600:]))
        self.next()

    def shown(self, typed, word):
        text = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", bytes(self.terminal.shown[self.terminal.seen:]))
        return re.search(rb"(?<![\w-])" + re.escape(word.encode()) + rb"(?![\w-])", text)

    def all(self):
        self.completes("shellac verif", "verify")
        self.completes("shellac procs --unrec", "--unrecorded")
        self.offers("shellac procs --sum ", ("command", "user", "session"))
        self.completes("shellac replay la", "last")
        self.completes("shellac -S /nowhere cove", "coverage")
        self.completes("shellac setup en", "enable")
        self.completes("shellac setup enable forceco", "forcecommand")


def main():
    names = commands()
    h.ok({"list", "verify", "procs"} <= set(names), "the commands are listed", names)
    help_fits(names)
    bash = f". {SCRIPTS}/shellac.bash; bind 'set enable-bracketed-paste off'; "
    zsh = f"fpath=({SCRIPTS} $fpath); autoload -Uz compinit; compinit -u -D; unsetopt zle_bracketed_paste; "
    fish = f"set fish_complete_path {SCRIPTS} $fish_complete_path; "
    for name, argv, setup in (("bash", ["bash", "--norc", "-i"], bash),
                              ("zsh", ["zsh", "-f", "-i"], zsh),
                              ("fish", ["fish", "--no-config", "-i"], fish)):
        if not shutil.which(name):
            h.skip(f"{name}: Tab", f"no {name}")
            continue
        Shell(name, argv, setup).all()
    h.done()


main()
