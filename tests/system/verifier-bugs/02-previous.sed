# SPDX-License-Identifier: ISC
# lib/chain.c: the digest of the SEAL before is not looked at
s/memcmp(s->prev, c->prev, HASH_SIZE) != 0/0/
