/* SPDX-License-Identifier: ISC */
#include "hash.h"

#include <assert.h>
#include <string.h>

/* libsodium's functions fail only for digest and key sizes out of their limits. */

void hash_begin(struct hash *h)
{
	crypto_generichash_state st;
	int r = crypto_generichash_init(&st, NULL, 0, HASH_SIZE);

	assert(r == 0);
	memcpy(h->state, &st, sizeof(st));
}

void hash_add(struct hash *h, const void *a, size_t alen, const void *b, size_t blen)
{
	crypto_generichash_state st;
	int r;

	memcpy(&st, h->state, sizeof(st));
	r = crypto_generichash_update(&st, a, alen);
	assert(r == 0);
	if (blen > 0) {
		r = crypto_generichash_update(&st, b, blen);
		assert(r == 0);
	}
	memcpy(h->state, &st, sizeof(st));
}

void hash_get(const struct hash *h, uint8_t out[HASH_SIZE])
{
	crypto_generichash_state st;
	int r;

	memcpy(&st, h->state, sizeof(st));
	r = crypto_generichash_final(&st, out, HASH_SIZE);
	assert(r == 0);
}

void hash_of(uint8_t out[HASH_SIZE], const void *p, size_t len)
{
	int r = crypto_generichash(out, HASH_SIZE, p, len, NULL, 0);

	assert(r == 0);
}
