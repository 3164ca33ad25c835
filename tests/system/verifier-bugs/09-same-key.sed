# SPDX-License-Identifier: ISC
# lib/chain.c: every chunk is verified with the key of the first
s/memcpy(c->pk, s\.next_pk, PK_SIZE)/memcpy(c->pk, c->cert.pk, PK_SIZE)/
