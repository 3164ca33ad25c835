#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""fake_collector.py RUN OUT: stands in for the collector where a test wants to
decide what it does.  Answers PROBE, REGISTER and RESUME on RUN/register.sock,
writes each session's stream to OUT/<id>, acknowledges every SEAL at once.  Its
certificates bear a signature of zeros, which the recorder does not look at.
Commands are lines on stdin: "pause" and "resume" reading, "drop" connections,
"refuse", "quit".  Says "ready" when it listens and "end ID" for every END."""
import os, select, socket, struct, sys, time

run, out = sys.argv[1:3]
os.makedirs(run + "/session", exist_ok=True)
os.makedirs(out, exist_ok=True)
srv = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
srv.bind(run + "/register.sock")
srv.listen(64)
conns, fifos = {}, {}          # fd -> (socket, id); fd -> [id, buffer, file, acked]
paused = refuse = False


def message(kind, body=b""):
    return b"SHRG" + struct.pack("<BBH", 1, kind, len(body)) + body


def certificate(sid, pk, flags):
    head = b"SHCT" + struct.pack("<BBHQ", 1, 0, flags, 1) + sid + pk + bytes(32)
    head += struct.pack("<qQIIIIIIQ", time.time_ns(), 0, 1, 0, 0, 2**32 - 1, 2**32 - 1, 0, 0)
    return head + bytes(64) + bytes(10) + bytes(1) + bytes(64)


def answer(fd):
    sock, sid = conns[fd]
    m = sock.recv(8192)
    if not m:
        sock.close()
        del conns[fd]
        return
    kind, body = m[5], m[8:]
    if kind == 3:
        body = body[:16]
    if kind == 1:
        sock.send(message(16))
    elif refuse:
        sock.send(message(19, struct.pack("<H", 5) + b"full house"))
    elif kind == 2:
        sid, pk, flags = body[:16], body[16:48], struct.unpack("<H", body[48:50])[0]
        f = os.open(f"{run}/session/{sid.hex()}.fifo", os.O_RDONLY | os.O_NONBLOCK)
        fifos[f] = [sid, b"", open(f"{out}/{sid.hex()}", "wb"), 0]
        conns[fd] = (sock, sid)
        sock.send(message(17, certificate(sid, pk, flags)))
    elif kind == 3:
        conns[fd] = (sock, body)
        acked = [x[3] for x in fifos.values() if x[0] == body]
        sock.send(message(18, struct.pack("<Q", acked[0] if acked else 0)))


def drain(f):
    state = fifos[f]
    data = os.read(f, 65536)
    if not data:
        fifos.pop(f)
        os.close(f)
        return
    state[2].write(data)
    state[2].flush()
    state[1] += data
    seal, end = None, False
    while len(state[1]) >= 12:
        magic, kind, n, number = struct.unpack("<BBHQ", state[1][:12])
        if len(state[1]) < 12 + n:
            break
        if kind == 2:
            seal, end = number, state[1][12 + 5] == 5
        state[1] = state[1][12 + n:]
    if seal is None:
        return
    state[3] = seal
    for sock, sid in conns.values():
        if sid == state[0]:
            sock.send(message(18, struct.pack("<Q", seal)))
    if end:
        print("end", state[0].hex(), flush=True)
        os.unlink(f"{run}/session/{state[0].hex()}.fifo")
        os.close(f)
        fifos.pop(f)


print("ready", flush=True)
while True:
    watch = [srv.fileno(), 0] + list(conns) + ([] if paused else list(fifos))
    for fd in select.select(watch, [], [])[0]:
        if fd == srv.fileno():
            c, _ = srv.accept()
            conns[c.fileno()] = (c, None)
        elif fd == 0:
            word = os.read(0, 100).decode().strip()
            if word in ("quit", ""):
                sys.exit(0)
            if word == "drop":
                for c, _ in conns.values():
                    c.close()
                conns.clear()
            paused = word == "pause" or (paused and word != "resume")
            refuse = word == "refuse" or refuse
            break
        elif fd in conns:
            answer(fd)
        elif fd in fifos:
            drain(fd)
