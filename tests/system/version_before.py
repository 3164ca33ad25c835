#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The recorder and the collector of the version before this one, built once, from this
tree's history, into the build folder.  Prints where they are, or why they cannot be had
and exits 1."""
import fcntl
import os
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.environ.get("top_srcdir", os.path.dirname(os.path.dirname(HERE)))
BUILD = os.environ.get("top_builddir", os.path.join(TOP, "build"))
PLACES = {"PATHS_CONFDIR": "$(sysconfdir)/shellac", "PATHS_RUNDIR": "$(runstatedir)/shellac",
          "PATHS_STATEDIR": "$(localstatedir)/lib/shellac", "PATHS_LIBEXECDIR": "$(pkglibexecdir)",
          "PATHS_BINDIR": "$(bindir)", "PATHS_SPOOLDIR": "$(localstatedir)/spool/shellac"}
PROGRAMS = {"recorder/shellac-rec": ["-lsodium"],
            "collector/shellacd": ["-lsodium", "-lzstd", "-ljansson"]}
AT_ONCE = 24  # files for one run of the compiler


def git(*args):
    # whoever runs this, in whosever tree
    return subprocess.run(["git", "-c", "safe.directory=*", "-C", TOP, *args], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def commit():
    with open(os.path.join(HERE, "version_before"), encoding="ascii") as f:
        return f.read().split()[-1]


def defines():
    """What configure was told, as this build's Makefile has it."""
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    show = "include Makefile\nplaces:\n" + "".join(f"\t@echo {v}\n" for v in PLACES.values())
    out = subprocess.run(["make", "-s", "--no-print-directory", "-C", BUILD, "-f", "-", "places"],
                         input=show.encode(), stdout=subprocess.PIPE, check=True, env=env).stdout
    found = dict(zip(PLACES, out.decode().splitlines()[-len(PLACES):]))
    return ["-D_GNU_SOURCE", "-DPACKAGE_VERSION=\"0.1.0\""] + [f'-D{k}="{v}"' for k, v in found.items()]


def compile_folder(cc, source, folder):
    """Object files of a folder's sources, its main.c last."""
    names = sorted(n for n in os.listdir(f"{source}/{folder}") if n.endswith(".c") and n != "main.c")
    if folder != "lib":
        names.append("main.c")
    objects = f"{source}/{folder}/objects"
    os.makedirs(objects)
    flags = ["-c", "-O0", "-w", "-pipe", f"-I{source}/lib"]
    files = [f"{source}/{folder}/{n}" for n in names]
    runs = [files[i:i + AT_ONCE] for i in range(0, len(files), AT_ONCE)]
    with ThreadPoolExecutor(2) as pool:
        for run in [pool.submit(subprocess.run, [*cc, *flags, *part], cwd=objects, check=True)
                    for part in runs]:
            run.result()
    return [f"{objects}/{n[:-2]}.o" for n in names]


def build(place):
    source = place + ".source"
    for old in source, place:
        shutil.rmtree(old, ignore_errors=True)
    os.makedirs(source)
    archive = git("archive", commit(), "lib", "recorder", "collector").stdout
    subprocess.run(["tar", "-xC", source], input=archive, check=True)
    cc = shlex.split(os.environ.get("CC", "cc")) + defines()
    lib = compile_folder(cc, source, "lib")
    subprocess.run(["ar", "rcs", source + "/lib.a", *lib], check=True)
    for program, libs in PROGRAMS.items():
        objects = compile_folder(cc, source, os.path.dirname(program))
        path = os.path.join(source, "made", program)
        os.makedirs(os.path.dirname(path))
        # the recorder uses no module of lib that needs more than libsodium
        subprocess.run([*cc, "-o", path, *objects, source + "/lib.a", *libs], check=True)
    os.rename(source + "/made", place)
    shutil.rmtree(source)


def programs():
    """(folder, None), or (None, why not)."""
    if not os.path.exists(os.path.join(TOP, ".git")) or not shutil.which("git"):
        return None, "no history of this tree to build the version before from"
    if git("cat-file", "-e", commit() + "^{commit}").returncode != 0:
        return None, "the history of this tree does not go back to the version before"
    base = os.path.join(BUILD, "version-before")
    os.makedirs(base, exist_ok=True)
    place = os.path.join(base, commit())
    with open(base + "/lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(place):
            build(place)
    return place, None


if __name__ == "__main__":
    WHERE, WHY = programs()
    print(WHERE or WHY)
    sys.exit(0 if WHERE else 1)
