# SPDX-License-Identifier: ISC
"""A real rsyslogd with a private configuration: a local socket, and TCP with or without TLS."""
import glob
import json
import os
import shutil
import signal
import socket
import subprocess

import harness as h

RSYSLOGD = "/usr/sbin/rsyslogd"

CONF = """
global(workDirectory="{dir}" net.enableDNS="off" maxMessageSize="8k" {tls})
main_queue(queue.size="400000" queue.discardMark="400000" queue.dequeueBatchSize="1024")
module(load="imuxsock" SysSock.Use="off")
module(load="imtcp" {driver})
module(load="mmjsonparse")
input(type="imuxsock" Socket="{dir}/log")
input(type="imtcp" address="127.0.0.1" port="{port}")
template(name="one" type="list") {{
	property(name="syslogfacility-text") constant(value=".")
	property(name="syslogseverity-text") constant(value=" ")
	property(name="app-name") constant(value=" ")
	property(name="procid") constant(value=" ")
	property(name="msgid") constant(value=" ")
	property(name="hostname") constant(value="\\t")
	property(name="structured-data") constant(value="\\t")
	property(name="timereported" dateFormat="rfc3339") constant(value="\\t")
	property(name="$!all-json") constant(value="\\n")
}}
template(name="raw" type="string" string="%rawmsg%\\n")
action(type="omfile" file="{dir}/raw" template="raw")
action(type="mmjsonparse")
if $parsesuccess == "OK" then action(type="omfile" file="{dir}/ok" template="one")
else action(type="omfile" file="{dir}/bad" template="raw")
"""

TLS = """DefaultNetstreamDriverCAFile="{dir}/ca.pem"
	DefaultNetstreamDriverCertFile="{dir}/server.pem" DefaultNetstreamDriverKeyFile="{dir}/server.key" """
DRIVER = """StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="{auth}" """


def available():
    return os.access(RSYSLOGD, os.X_OK) and shutil.which("openssl") is not None


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def authority(folder, name="ca"):
    """A key and a certificate that signs others."""
    path = os.path.join(folder, name)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", f"/CN=authority {name}", "-keyout", path + ".key",
            "-out", path + ".pem")
    return path


def certificate(folder, name, ca, subject_alt):
    path = os.path.join(folder, name)
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={name}", "-keyout", path + ".key", "-out", path + ".csr")
    with open(path + ".ext", "w", encoding="ascii") as f:
        f.write(f"subjectAltName={subject_alt}\n")
    openssl("x509", "-req", "-days", "2", "-in", path + ".csr", "-CA", ca + ".pem", "-CAkey",
            ca + ".key", "-CAcreateserial", "-extfile", path + ".ext", "-out", path + ".pem")
    return path


class Rsyslogd:
    def __init__(self, name="rsyslog", tls=None):
        """tls: None, or "anon", or "x509/certvalid" to ask for a client certificate."""
        self.dir = os.path.join(h.work, name)
        os.makedirs(self.dir)
        self.tls = tls
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.proc = None
        if tls:
            self.ca = authority(self.dir)
            certificate(self.dir, "server", self.ca, "DNS:logs.example,IP:127.0.0.1")
        h.at_end(self.kill)

    def start(self):
        conf = os.path.join(self.dir, "conf")
        with open(conf, "w", encoding="ascii") as f:
            f.write(CONF.format(dir=self.dir, port=self.port,
                                tls=TLS.format(dir=self.dir) if self.tls else "",
                                driver=DRIVER.format(auth=self.tls) if self.tls else ""))
        with open(os.path.join(self.dir, "said"), "ab") as said:
            # pylint: disable=consider-using-with
            self.proc = subprocess.Popen([RSYSLOGD, "-n", "-f", conf, "-i",
                                          os.path.join(self.dir, "pid")],
                                         stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        if not h.eventually(60, self.listens):
            h.note(self.said())
            raise RuntimeError("rsyslogd does not start")
        return self

    def listens(self):
        with socket.socket() as tcp, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as local:
            try:
                local.connect(self.socket)
                tcp.connect(("127.0.0.1", self.port))
            except OSError:
                return False
        return True

    @property
    def socket(self):
        return os.path.join(self.dir, "log")

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def stop(self):
        self.proc.terminate()
        self.proc.wait(60)

    def freeze(self):
        """SIGSTOP, and every thread has stopped: one that is just woken still reads."""
        self.proc.send_signal(signal.SIGSTOP)
        h.eventually(60, lambda: set(self._states()) == {"T"})

    def _states(self):
        for task in glob.glob(f"/proc/{self.proc.pid}/task/*/stat"):
            try:
                with open(task, encoding="utf-8") as f:
                    yield f.read().rsplit(") ", 1)[1][0]
            except OSError:
                pass  # it has just ended

    def kill(self):
        if self.proc and self.proc.poll() is None:
            self.proc.send_signal(signal.SIGKILL)
            self.proc.wait()
            for name in ("raw", "ok", "bad"):
                self.cut(name)

    def cut(self, name):
        """Takes off what it was writing of a line: the next daemon would go on within it."""
        path = os.path.join(self.dir, name)
        if os.path.exists(path):
            os.truncate(path, sum(len(line) + 1 for line in self.lines(name)))

    def said(self):
        with open(os.path.join(self.dir, "said"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def lines(self, name):
        """Whole ones: the last may be on its way."""
        try:
            with open(os.path.join(self.dir, name), "rb") as f:
                return f.read().split(b"\n")[:-1]
        except FileNotFoundError:
            return []

    def messages(self):
        """[(header words, structured data, time, object)] of those whose JSON was read."""
        got = []
        for line in self.lines("ok"):
            header, data, at, text = line.split(b"\t", 3)
            got.append((header.decode().split(), data.decode(), at.decode(), json.loads(text)))
        return got

    def sequences(self):
        return [m[3]["event"]["sequence"] for m in self.messages()]

    def has(self, count, seconds=60):
        return h.eventually(seconds, lambda: len(self.lines("ok")) >= count)
