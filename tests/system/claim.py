#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""claim.py RUN VERB [ID]: speaks to RUN/register.sock as what it is.  Verbs:
probe; register (makes a FIFO first); lie (the same, claiming to be user 1); nobody
(the same, without a claim); resume ID.  Before a verb, of a process that root
started: "front USER", as a recorder's front, real user USER and effectively
_shellac; "keeper USER", as the child of such a one, _shellac in all; "withdraw
USER", as the former until the message is sent, then as the latter, which is told
on stdout and waits for a line on stdin.  Prints READY, CERTIFICATE, ACK, "REFUSED
code", or the errno of the call that failed."""
import errno, os, pwd, socket, struct, sys

run, words = sys.argv[1], sys.argv[2:]
role, user = (words.pop(0), words.pop(0)) if words[0] in ("front", "keeper", "withdraw") else ("", "")
verb = words.pop(0)
session = bytes.fromhex(words[0]) if words else os.urandom(16)
NAMES = {16: "READY", 17: "CERTIFICATE", 18: "ACK"}


def message(kind, body=b""):
    return b"SHRG" + struct.pack("<BBH", 1, kind, len(body)) + body


def claims():
    if verb == "nobody":
        return []
    uid = 1 if verb == "lie" else os.getuid()
    said = struct.pack("3i", os.getpid(), uid, os.getgid())
    return [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, said)]


def play():
    if not role:
        return
    real, recorder = pwd.getpwnam(user), pwd.getpwnam("_shellac").pw_uid
    os.setgroups([])
    os.setresgid(real.pw_gid, real.pw_gid, real.pw_gid)
    os.setresuid(real.pw_uid, recorder, recorder)
    if role == "keeper":
        pid = os.fork()
        if pid:
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        os.setresuid(recorder, recorder, recorder)


def withdraw():
    recorder = os.geteuid()
    os.setresuid(recorder, recorder, recorder)
    print("withdrawn", flush=True)
    sys.stdin.readline()


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
    if role == "withdraw":
        withdraw()
    answer = s.recv(8192)
    if len(answer) < 8:
        return "hung up"
    return NAMES.get(answer[5]) or "REFUSED %d" % struct.unpack("<H", answer[8:10])


try:
    play()
    print(ask(), flush=True)
except OSError as e:
    print(errno.errorcode.get(e.errno, e))
