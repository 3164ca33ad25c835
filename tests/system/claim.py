#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""claim.py RUN VERB [ID]: speaks to RUN/register.sock as what it is.  Verbs:
probe; register (makes a FIFO first); lie (the same, claiming to be user 1); nobody
(the same, without a claim); resume ID.  Prints READY, CERTIFICATE, ACK, "REFUSED
code", or the errno of the call that failed."""
import errno, os, socket, struct, sys

run, verb = sys.argv[1:3]
session = bytes.fromhex(sys.argv[3]) if len(sys.argv) > 3 else os.urandom(16)
NAMES = {16: "READY", 17: "CERTIFICATE", 18: "ACK"}


def message(kind, body=b""):
    return b"SHRG" + struct.pack("<BBH", 1, kind, len(body)) + body


def claims():
    if verb == "nobody":
        return []
    uid = 1 if verb == "lie" else os.getuid()
    said = struct.pack("3i", os.getpid(), uid, os.getgid())
    return [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, said)]


def ask():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(10)
    s.connect(run + "/register.sock")
    if verb == "probe":
        s.send(message(1))
    elif verb == "resume":
        s.send(message(3, session))
    else:
        os.mkfifo(f"{run}/session/{session.hex()}.fifo", 0o640)
        s.sendmsg([message(2, session + os.urandom(32) + bytes(8))], claims())
    answer = s.recv(8192)
    if len(answer) < 8:
        return "hung up"
    return NAMES.get(answer[5]) or "REFUSED %d" % struct.unpack("<H", answer[8:10])


try:
    print(ask())
except OSError as e:
    print(errno.errorcode.get(e.errno, e))
