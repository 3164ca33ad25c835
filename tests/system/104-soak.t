#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The first minutes of make soak: soak.py."""
import os
import sys

os.environ.setdefault("SOAK_S", "80")
os.environ.setdefault("SEED", "20261122")
script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "soak.py")
os.execv(sys.executable, [sys.executable, script])
