/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_HASH_H
#define SHELLAC_HASH_H

#include <sodium.h>
#include <stddef.h>
#include <stdint.h>

/*
 * BLAKE2b-256 in pieces.  libsodium's state wants an alignment of 64 bytes, which
 * malloc(3) does not give to what holds it: here its bytes rest anywhere, and each
 * call works on an aligned copy of 384 bytes.
 */
struct hash {
	uint8_t state[sizeof(crypto_generichash_state)];
};

#define HASH_SIZE 32

void hash_begin(struct hash *h);

/* Adds the alen bytes at a and then the blen bytes at b; b may be NULL with 0. */
void hash_add(struct hash *h, const void *a, size_t alen, const void *b, size_t blen);

/* The digest of all that was added; *h can be added to further. */
void hash_get(const struct hash *h, uint8_t out[HASH_SIZE]);

/* The digest of len bytes. */
void hash_of(uint8_t out[HASH_SIZE], const void *p, size_t len);

#endif
