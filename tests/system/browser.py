# SPDX-License-Identifier: ISC
"""A browser without a window, asked over two pipes (Chrome DevTools Protocol): what a page
shows, does, complains about and wants from the network."""
import base64
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import time

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu",
         "--no-sandbox",  # as root it would not start
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-default-apps", "--disable-extensions", "--mute-audio",
         "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1280,1000"]
PATIENCE_S = 120
HIGH = 20  # descriptors above those that the browser expects


def _give(read, write):
    """In the child: the browser reads from 3 and writes to 4."""
    low = fcntl.fcntl(read, fcntl.F_DUPFD, HIGH), fcntl.fcntl(write, fcntl.F_DUPFD, HIGH)
    os.dup2(low[0], 3)
    os.dup2(low[1], 4)


class Browser:
    """With one page; requests, complaints and navigations are kept."""

    def __init__(self, folder):
        read, self.to = os.pipe()
        self.answers, write = os.pipe()
        with open(os.path.join(folder, "chromium.log"), "wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, *FLAGS, f"--user-data-dir={folder}/profile", "about:blank"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(3, 4, read, write),
                preexec_fn=lambda: _give(read, write), start_new_session=True,
                env={**os.environ, "HOME": folder, "LC_ALL": "C.UTF-8"})
        os.close(read)
        os.close(write)
        self.buffer, self.count, self.session = b"", 0, None
        self.requests, self.complaints = [], []
        targets = self.ask("Target.getTargets")["targetInfos"]
        page = next(t["targetId"] for t in targets if t["type"] == "page")
        self.session = self.ask("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.ask(domain + ".enable")

    def close(self):
        os.close(self.to)
        os.close(self.answers)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _message(self, deadline):
        while b"\0" not in self.buffer:
            if not select.select([self.answers], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            piece = os.read(self.answers, 1 << 20)
            if not piece:
                raise EOFError("the browser has ended")
            self.buffer += piece
        line, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(line)

    def _note(self, message):
        what, given = message.get("method"), message.get("params", {})
        if what == "Network.requestWillBeSent":
            self.requests.append(given["request"]["url"])
        elif what == "Runtime.exceptionThrown":
            self.complaints.append(given["exceptionDetails"])
        elif what == "Runtime.consoleAPICalled" and given["type"] in ("error", "warning", "assert"):
            self.complaints.append(given["args"])
        elif what == "Log.entryAdded" and given["entry"]["level"] in ("error", "warning"):
            self.complaints.append(given["entry"]["text"])
        elif what == "Audits.issueAdded":
            self.complaints.append(given["issue"])

    def ask(self, method, **params):
        self.count += 1
        ask = {"id": self.count, "method": method, "params": params}
        if self.session:
            ask["sessionId"] = self.session
        os.write(self.to, json.dumps(ask).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE_S
        while True:
            message = self._message(deadline)
            if message.get("id") != self.count:
                self._note(message)
            elif "error" in message:
                raise RuntimeError(f"{method}: {message['error']}")
            else:
                return message["result"]

    def open(self, path):
        """A file, until it is loaded; forgets what the page before wanted."""
        self.requests, self.complaints = [], []
        self.ask("Page.navigate", url="file://" + path)
        self.until("document.readyState === 'complete' && location.protocol === 'file:'")

    def run(self, script):
        """Value of an expression in the page, promises waited for."""
        got = self.ask("Runtime.evaluate", expression=script, returnByValue=True,
                       awaitPromise=True)
        if "exceptionDetails" in got:
            raise RuntimeError(f"{script}: {got['exceptionDetails']}")
        return got["result"].get("value")

    def until(self, script, patience_s=60):
        """Waits for a value that counts as true; the last one."""
        deadline = time.monotonic() + patience_s
        while True:
            value = self.run(script)
            if value or time.monotonic() > deadline:
                return value
            time.sleep(0.1)

    def key(self, key, code=None):
        """A key that is pressed and let go."""
        codes = {"Enter": 13, "Tab": 9, " ": 32, "ArrowLeft": 37, "ArrowUp": 38,
                 "ArrowRight": 39, "ArrowDown": 40, "[": 219, "]": 221}
        text = {"Enter": "\r", "Tab": ""}.get(key, key if len(key) == 1 else "")
        common = {"key": key, "code": code or key, "windowsVirtualKeyCode": codes.get(key, 0)}
        self.ask("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown",
                 **common, **({"text": text} if text else {}))
        self.ask("Input.dispatchKeyEvent", type="keyUp", **common)

    def picture(self, whole=False):
        """PNG of what is seen, or of the whole page."""
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png",
                                         captureBeyondViewport=whole)["data"])

    def scheme(self, name):
        self.ask("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": name}])
