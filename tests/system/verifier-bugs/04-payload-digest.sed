# SPDX-License-Identifier: ISC
# lib/chain.c: the last byte of the digest of the payload is not compared
s/memcmp(s->payload_hash, hash, HASH_SIZE)/memcmp(s->payload_hash, hash, HASH_SIZE - 1)/
