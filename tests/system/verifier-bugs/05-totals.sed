# SPDX-License-Identifier: ISC
# lib/chain.c: the sum of hidden bytes is not compared
s/ || s->hidden_bytes != c->hidden_bytes//
