#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The man pages and the programs say the same: options, subcommands, keys of the
configuration."""
import os
import re
import subprocess

import harness as h

PAGES = {h.REC: "shellac-rec.1.in", h.SHELLACD: "shellacd.8", h.SHELLAC: "shellac.1",
         os.path.join(h.BUILD, "witness/shellac-witness"): "shellac-witness.1",
         os.path.join(h.BUILD, "plugins/filter/shellac-filter"): "shellac-filter.8",
         os.path.join(h.BUILD, "plugins/input/shellac-input"): "shellac-input.8",
         os.path.join(h.BUILD, "plugins/rules/shellac-rules"): "shellac-rules.8",
         os.path.join(h.BUILD, "plugins/file/shellac-file"): "shellac-file.8",
         os.path.join(h.BUILD, "plugins/syslog/shellac-syslog"): "shellac-syslog.8"}


def page(name):
    with open(os.path.join(h.TOP, "man", name), encoding="utf-8") as f:
        return f.read()


def options_of_help(text):
    """-x and --word at the start of a word."""
    return set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+|-[A-Za-z])(?![\w-])", text))


def options_of_page(text):
    """Arguments of mdoc's Fl, which puts a dash before each of them."""
    found = set()
    for line in text.replace("\\-", "-").splitlines():
        dashes = before = ""
        for word in line[1:].split() if line.startswith(".") else ():
            before, last = word, before
            if word == "Fl":
                dashes = "--" if last == "Fl" else "-"
            elif re.fullmatch(r"[A-Z][a-z]|[|(]", word):
                dashes = ""
            elif dashes and word not in ",.):":
                found.add(dashes + word)
                dashes = "-"
    return found


def spellings(value):
    """A number, also as a multiple of K, M, G."""
    return {value} | {f"{int(value) >> bits}{unit}" for bits, unit in ((10, "K"), (20, "M"), (30, "G"))
                      if value.isdigit() and int(value) and int(value) % (1 << bits) == 0}


def help_of(*argv):
    run = subprocess.run([*argv, "--help"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, check=False)
    return run.returncode, run.stdout.decode("utf-8", "replace")


def programs():
    for program, name in PAGES.items():
        short = os.path.basename(program)
        code, text = help_of(program)
        h.equal(code, 0, f"{short} --help ends with 0")
        h.ok(short in text and "usage" in text.lower(), f"{short} --help says how", text)
        for option in ("-V", "--version"):
            if option in options_of_help(text):
                h.equal(subprocess.run([program, option], stdout=subprocess.DEVNULL,
                                       check=False).returncode, 0, f"{short} {option}")
        shown = options_of_help(text)
        if program == h.SHELLAC:
            for sub in subcommands(text):
                code, more = help_of(program, sub)
                h.equal(code, 0, f"shellac {sub} --help ends with 0")
                shown |= options_of_help(more)
        written = options_of_page(page(name))
        h.equal(sorted(shown - written), [], f"{name} has all options of --help")
        h.equal(sorted(written - shown), [], f"--help has all options of {name}")


def subcommands(text):
    names = [n for n in ("list", "replay", "cat", "coverage", "procs", "verify", "report", "bundle",
                         "export", "search", "ledger", "check", "review", "rotate", "rules", "fleet",
                         "hold", "key", "purge", "setup", "backup", "status", "timeline")]
    for name in names:
        h.ok(re.search(rf"^\s+(shellac )?{name}\b", text, re.M), f"shellac --help has {name}", text)
    written = page(PAGES[h.SHELLAC])
    for name in names:
        h.ok(re.search(rf"^\.(It|Ss|Ic|Xo|Cm).*\b{name}\b", written, re.M), f"shellac.1 has {name}")
    found = re.findall(r"^  ([a-z]+)\s", text, re.M)
    for name in found:
        h.ok(re.search(rf"\b{name}\b", written), f"shellac.1 knows {name}")
    return names


def configuration():
    folder = os.path.join(h.work, "conf")
    os.mkdir(folder, 0o700)
    run = subprocess.run([h.SHELLACD, "-d", folder, "--check"], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    h.equal(run.returncode, 0, "shellacd --check accepts the defaults")
    known = dict(re.findall(r"^([a-z_]+) = (\S+)$", run.stdout.decode(), re.M))
    h.ok(len(known) >= 5, "it prints the policy", run.stdout)
    text = page("shellac.conf.5")
    written = set(re.findall(r"^\.It (?:Sy|Ic|Cm|Va|Li) ([a-z_]+)", text, re.M))
    h.equal(sorted(written), sorted(known), "shellac.conf.5 has its keys")
    for key, value in known.items():
        h.ok(any(re.search(rf"(?<!\w){re.escape(v)}(?!\w)", text) for v in spellings(value)),
             f"shellac.conf.5 has {key}'s default", value)
    with open(os.path.join(folder, "shellac.conf"), "w", encoding="utf-8") as f:
        f.write("nonsense = 1\nacct = perhaps\n")
    run = subprocess.run([h.SHELLACD, "-d", folder, "--check"], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    h.equal(run.returncode, 1, "a bad configuration is 1")
    said = (run.stdout + run.stderr).decode()
    h.ok("nonsense" in said and "perhaps" in said or re.search(r"1.*\n.*2", said),
         "and all that is wrong is said", said)


def pages():
    for name in sorted(os.listdir(os.path.join(h.TOP, "man"))):
        if name.endswith((".1", ".5", ".7", ".8")):
            run = subprocess.run(["mandoc", "-Tlint", "-Wwarning", os.path.join(h.TOP, "man", name)],
                                 stdout=subprocess.PIPE, check=False)
            h.equal(run.stdout.decode(), "", f"mandoc has nothing against {name}")


def main():
    programs()
    configuration()
    if os.path.exists("/usr/bin/mandoc"):
        pages()
    else:
        h.skip("mandoc -Tlint", "no mandoc")
    h.done()


main()
