# SPDX-License-Identifier: ISC
"""Process records made up, byte by byte: the kernel's, acct(5), of all versions, and
segments as shellac-format(5) has them."""
import os
import struct

BOOT_WALL_NS = 1_790_000_000_000_000_000
BOOT_ID = bytes(range(16))
EXEC, TEXT, LOSS, BOOT = 1, 2, 3, 6
EXACT, LIKELY, DOUBTFUL = 1, 2, 3
NO_RECORDER, NO_RECORDER_TERMINAL, RECORDER, FORK, LEAD_IN = 4, 5, 1, 7, 8
SSHD = 2


def comp(v):
    """comp_t: 3 bits of exponent, base 8, and 13 of fraction."""
    e = 0
    while v >= 8192:
        v, e = v >> 3, e + 1
    return e << 13 | v


def acct(comm=b"true", pid=100, ppid=1, uid=0, gid=0, tty=0, status=0, btime=1_790_000_100,
         elapsed=25, user=3, system=4, memory=1000, minflt=50, flags=0):
    """struct acct_v3; times in hundredths of a second."""
    return struct.pack("<BBHIIIIIIf8H16s", flags, 3, tty, status, uid, gid, pid, ppid, btime,
                       elapsed, comp(user), comp(system), comp(memory), 0, 0, comp(minflt), 0, 0,
                       comm)


def marker(pid=77):
    return acct(b"accton", pid=pid, memory=0, minflt=0, user=0, system=0)


def acct_old(version, comm=b"true", uid=0, gid=0, tty=0, status=0, btime=1_790_000_100,
             elapsed=25, user=3, system=4, memory=1000, minflt=50, flags=0):
    """struct acct of versions 0 to 2."""
    return struct.pack("<BBHHHIHHHHHHHHHHI17sBHII", flags, version, uid & 0xffff, gid & 0xffff,
                       tty, btime, comp(user), comp(system), comp(elapsed), comp(memory), 0, 0,
                       comp(minflt), 0, 0, 0, status, comm, 0, elapsed, uid if version else 0,
                       gid if version else 0)


def slot(body, kind=0, session=0, outer=0, reason=NO_RECORDER, certainty=0, origin=0, flags=0,
         keeper=0, start=0, ordinal=0, parent=0, sid=0, read_s=200):
    if kind not in (0,):
        reason = 0
    return body.ljust(64, b"\0") + struct.pack(
        "<IIQQqBBHIQIIHBB4x", 1, 0, session, outer, BOOT_WALL_NS + read_s * 10**9, reason, kind,
        flags, keeper, start, parent, sid, ordinal, certainty, origin)


def exec_slots(pid, comm, exe, cwd, argv, uid=0, tty_dev=0, start=0, ordinal=0, **label):
    text = b"".join(t + b"\0" for t in [exe, cwd, *argv])
    body = struct.pack("<IIIIIIQB", pid, uid, uid, tty_dev, 0xffffffff, len(text), 10**9,
                       0x17 if tty_dev else 7).ljust(40, b"\0") + comm.ljust(16, b"\0")
    out = slot(body, EXEC, start=start, ordinal=ordinal, **label)
    for at in range(0, len(text), 64):
        out += slot(text[at:at + 64], TEXT, start=start, ordinal=ordinal, **label)
    return out


def loss(source, state, count=0, from_s=0, why=b"", read_s=200):
    body = struct.pack("<BBHIQQ32s", source, state, 0, 0, count, from_s * 10**9, why)
    return body.ljust(64, b"\0") + struct.pack(
        "<IIQQqBB30x", 1, 0, 0, 0, BOOT_WALL_NS + read_s * 10**9, 0, LOSS)


def boot():
    return struct.pack("<qI52x", BOOT_WALL_NS, 100) + struct.pack(
        "<IIQQqBB30x", 0, 0, 0, 0, BOOT_WALL_NS, 0, BOOT)


def segment(k, slots):
    return b"SHLP\2\0\0\0" + BOOT_ID + struct.pack("<Q", k) + boot() + b"".join(slots)


def store(folder, *segments):
    """A store of segments, each a list of slots."""
    os.makedirs(os.path.join(folder, "process"), mode=0o700)
    for k, slots in enumerate(segments, 1):
        with open(os.path.join(folder, "process", f"{k:08}.shlp"), "wb") as f:
            f.write(segment(k, slots))
    return folder
