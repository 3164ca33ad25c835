# SPDX-License-Identifier: ISC
# lib/chain.c: the length of the session is not compared
s/s->elapsed_ns != c->elapsed_ns || //
