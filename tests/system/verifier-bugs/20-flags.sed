# SPDX-License-Identifier: ISC
# lib/seal.c: flags that nobody knows are taken
s/ || (s->flags & ~SEAL_F_PROMPT) != 0//
