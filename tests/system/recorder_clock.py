# SPDX-License-Identifier: ISC
"""The clocks of a recorder that has shim_clock.so preloaded: a test sets them."""
import mmap
import os
import struct

import harness as h

START_NS = 10**12


class Clock:
    def __init__(self):
        path = os.path.join(h.work, "clock")
        with open(path, "wb") as f:
            f.write(bytes(8))
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 8)
        self.env = {"SHIM_CLOCK": path,
                    "LD_PRELOAD": os.path.join(h.BUILD, "tests/system/shim_clock.so")}
        self.set(START_NS)

    def set(self, ns):
        self.now_ns = ns
        self.map[:8] = struct.pack("<Q", ns)

    def add(self, seconds):
        self.set(self.now_ns + int(seconds * 10**9))
