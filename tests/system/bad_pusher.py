#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A pusher that was taken over: it answers its collector with what it likes, which
is in the file beside it, a message a line in hexadecimal digits."""
import os
import socket
import sys

sock = socket.socket(fileno=3)
with open(os.path.join(os.path.dirname(sys.argv[0]), "says"), encoding="ascii") as f:
    for line in f:
        sock.send(bytes.fromhex(line))
while sock.recv(70000):
    pass
