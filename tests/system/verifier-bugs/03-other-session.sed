# SPDX-License-Identifier: ISC
# lib/chain.c: a SEAL of another session fits
s/memcmp(s->id, c->cert.id, ID_SIZE) != 0 || //
