# SPDX-License-Identifier: ISC
"""Process records as shellac-format(5) has them, of lives that a test makes up."""
import os
import struct

DAY = 86400
HEADER, SLOT, BODY = 32, 128, 64
ACCT, EXEC, TEXT, BOOT = 0, 1, 2, 6


class Segment:
    """One file, of a boot that began at boot_s."""

    def __init__(self, boot_s, k=1):
        self.boot_s, self.data = boot_s, bytearray()
        self.data += struct.pack("<4sB3x16sQ", b"SHLP", 2, bytes([k]) * 16, k)
        self.slot(BOOT, struct.pack("<qI52x", boot_s * 10**9, 100))

    def slot(self, kind, body, read_s=0, session=0, reason=0, certainty=0, ticks=0, parent=0):
        self.data += struct.pack("<64sIIQQqBBHIQIIHBBI", body, 0, 0, session, 0,
                                 (self.boot_s + read_s) * 10**9, reason, kind, 0, 0, ticks,
                                 parent, 0, 0, certainty, 0, 0)

    # pylint: disable=too-many-arguments
    def life(self, pid, uid, start_s, long_s, comm, session=0, argv=None, status=0):
        """One that has ended; with argv process events told of it."""
        ticks, name = start_s * 100, comm.encode()
        reason, sure = (7, 1) if session else (4, 1)
        if argv:
            text = b"/usr/bin/" + name + b"\0/home\0" + b"".join(a.encode() + b"\0" for a in argv)
            body = struct.pack("<IIIIIIQB7x16s8x", pid, uid, uid, 0, 0xffffffff, len(text),
                               ticks * 10**7, 7, name)
            self.slot(EXEC, body, start_s, session, reason, sure, ticks, 1)
            for at in range(0, len(text), BODY):
                self.slot(TEXT, text[at:at + BODY], start_s, session, reason, sure, ticks, 1)
        body = struct.pack("<BBHIIIIIIfHHHHHHHH16s", 0, 3, 0x8803, status, uid, uid, pid, 1,
                           self.boot_s + start_s, long_s * 100.0, 5, 7, 100, 0, 0, 0, 0, 0, name)
        self.slot(ACCT, body, start_s + long_s, session, reason, sure, ticks, 1)

    def write(self, store, k=1):
        os.makedirs(os.path.join(store, "process"), mode=0o700, exist_ok=True)
        with open(os.path.join(store, f"process/{k:08}.shlp"), "wb") as f:
            f.write(self.data)
