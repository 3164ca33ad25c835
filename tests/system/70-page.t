#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The page of a session in a browser: it plays, seeks and can be used from the keyboard,
asks nobody for anything, and nothing that was recorded runs in it."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness as h  # noqa: E402
import browser  # noqa: E402
from harness import work  # noqa: E402

if not browser.PROGRAM:
    h.skip_all("no chromium")

EVIL = r"""</script><script>document.title="run"</script><img src=x onerror=document.title="run">"""
SHOWN = r"""PS1='$ '; printf '\033]0;%s\007\033[31m' '<title>x'; echo 'first words'; echo '""" + EVIL + r"""'
printf '\033[0m'; sleep 1.5; printf '\033[2J\033[Hsecond screen\n'; read -r line
echo '<!--'; sleep 1.5; printf 'third \344\275\240 words\n'; exit 3"""

collector = h.Collector(conf="acct = off\n").start()


def record():
    t = h.record(collector, ["/bin/sh", "-c", SHOWN])
    t.wait_for("second")
    t.send("typed <b>words</b>\r")
    h.equal(t.wait(60), 3, "a session that would like to run in the page")
    collector.closed(1)


def export(name, *args):
    path = os.path.join(work, name)
    run = collector.auditor("export", "1", "-f", "html", "-o", path, *args)
    h.equal(run.returncode, 0, f"{name} is written")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    h.ok("http:" not in text.split("<script type")[0] and "https:" not in
         re.sub(r"<script>.*?</script>|<style>.*?</style>", "", text, flags=re.S),
         f"{name} names no other place")
    h.equal(re.findall(r"<script(?! type=)[^>]*>", text), ["<script>"] * text.count("<script>"),
            f"{name} has its own scripts only")
    return path


def player():
    """Its files, or None: npm, or what it asks, is not there."""
    made = os.path.join(work, "player")
    run = subprocess.run([os.path.join(h.TOP, "auditor/export/get-player"),
                          os.path.join(h.TOP, "auditor/export/player.pin"), made],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, env={**os.environ, "HOME": work},
                         timeout=200, check=False)
    if run.returncode:
        h.note(run.stdout.decode("utf-8", "replace"))
    return made if run.returncode == 0 else None


def pinned(folder):
    """Another package than the pinned one is not taken."""
    with open(os.path.join(h.TOP, "auditor/export/player.pin"), encoding="utf-8") as f:
        pin = f.read()
    other = os.path.join(work, "other.pin")
    with open(other, "w", encoding="utf-8") as f:
        f.write(re.sub(r"^sha512 .", "sha512 x", pin, flags=re.M))
    run = subprocess.run([os.path.join(h.TOP, "auditor/export/get-player"), other, folder + ".other"],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         env={**os.environ, "HOME": work}, timeout=200, check=False)
    h.ok(run.returncode == 1 and not os.path.exists(folder + ".other"),
         "a player of another digest is not taken", run.stderr)


def quiet(b, path, name):
    """Nothing ran, nothing was asked for, nobody complained."""
    h.equal(b.requests, ["file://" + path], f"{name}: no request but for itself")
    h.equal(b.complaints, [], f"{name}: no error, nothing refused")
    h.equal(b.run("document.title"), b.run("facts_title"), f"{name}: nothing recorded has run")


def has_all(b, name):
    """What each page says, with a player or without."""
    text = b.run("document.body.innerText")
    for words in ("COMPLETE", "Commands", "Processes", "Findings", "Transcript", "first words",
                  "second screen", "third \u4f60 words", '<img src=x onerror'):
        h.ok(words.lower() in text.lower(), f"{name}: has {words}", text[:3000])
    source = b.run("JSON.parse(document.getElementById('facts').textContent).source")
    h.ok(source["blake2b_256"] in text, f"{name}: names its source")
    h.equal(b.run("document.querySelectorAll('img, iframe, [onerror], b b').length"), 0,
            f"{name}: no element of the recording's")


def remember_title(b):
    b.run("globalThis.facts_title = document.title")


def bare(b):
    path = export("bare.html")
    b.open(path)
    remember_title(b)
    has_all(b, "bare")
    h.ok(b.run("document.body.innerText.includes('without the player')"), "bare: says so")
    b.run("document.querySelector('.command').focus()")
    b.key("Enter")
    h.ok(b.until("document.querySelector('#transcript li[aria-current]')?.innerText"
                 ".includes('typed <b>words</b>')"), "bare: Enter on a command shows its place")
    h.ok(len(b.picture()) > 10000, "bare: can be seen")
    quiet(b, path, "bare")


SCREEN = "document.querySelector('#screen').innerText.replace(/\\u00a0/g, ' ').replace(/\\n/g, '')"


def shows(b, words):
    return b.until(f"{SCREEN}.includes({json.dumps(words)})")


def length(b):
    return b.run("JSON.parse(document.getElementById('facts').textContent).length")


def seeks(b):
    """The right text at three times, and not that of another."""
    at = b.run("[...document.querySelectorAll('#transcript li')].map(li => "
               "[li.querySelector('.at').dataset.at, li.innerText])")
    first = next(float(t) for t, text in at if "first words" in text)
    second = next(float(t) for t, text in at if "second" in text)
    third = next(float(t) for t, text in at if "third" in text)
    for t, words, others in ((first + 0.5, "first words", "second screen"),
                             (second + 0.05, "second screen", "first words"),
                             (third + 0.01, "words", "first words")):
        b.run(f"document.getElementById('position').value = {t};"
              "document.getElementById('position').dispatchEvent(new Event('input'))")
        h.ok(shows(b, words) and others not in b.run(SCREEN), f"player: {words} at {t:.1f} s",
             b.run(SCREEN))
        h.ok(len(b.picture()) > 10000, "player: a picture of it")


def plays(b):
    b.run("shellac.seek(0)")
    b.run("document.activeElement.blur()")
    b.key(" ", "Space")
    h.ok(b.until("document.getElementById('play').textContent === 'Pause'"), "player: Space plays")
    h.ok(shows(b, "second screen"), "player: time goes on")
    b.key(" ", "Space")
    h.ok(b.until("document.getElementById('play').textContent === 'Play'"), "player: and pauses")


def keyboard(b):
    b.run("shellac.seek(0)")
    b.key("]", "BracketRight")
    at = b.run("Number(document.querySelector('.command').dataset.at)")
    position = "Number(document.getElementById('position').value)"
    h.ok(b.until(f"Math.abs({position} - {at}) < 0.2"), "player: ] goes to the next command",
         b.run(position))
    h.ok(b.until("document.querySelector('.command[aria-current]') !== null"), "player: which is marked")
    b.key("ArrowRight")
    h.ok(b.until(f"Math.abs({position} - {length(b)}) < 0.2"), "player: an arrow goes on")
    b.run("document.querySelector('.command').focus()")
    b.key("Enter")
    h.ok(b.until(f"Math.abs({position} - {at}) < 0.2"), "player: Enter on a command goes to it")
    b.run("document.getElementById('play').focus()")
    seen = []
    for _ in range(5):
        seen.append(b.run("document.activeElement.id || document.activeElement.className"))
        b.key("Tab")
    h.equal(seen, ["play", "previous", "next", "position", "command"],
            "player: Tab comes to all that can be used")


def with_player(b):
    folder = player()
    if folder is None:
        h.skip("the page with its player", "npm, or what it asks, is not there")
        return
    pinned(folder)
    path = export("player.html", "--player", folder)
    b.open(path)
    remember_title(b)
    h.ok(b.until("!document.getElementById('controls').hidden"), "player: it is there")
    has_all(b, "player")
    seeks(b)
    plays(b)
    keyboard(b)
    quiet(b, path, "player")


def same_bytes_each_time():
    both = [collector.auditor("export", "1", "-f", "html", "--from", "0.1").stdout for _ in "ab"]
    h.ok(both[0] and both[0] == both[1], "the same bytes each time")
    h.equal(collector.auditor("export", "1", "-f", "html", "--player", work + "/none").returncode, 3,
            "a player that was asked for must be there")


record()
seen_by = browser.Browser(work)
h.at_end(seen_by.close)
bare(seen_by)
with_player(seen_by)
same_bytes_each_time()
h.done()
