/* SPDX-License-Identifier: ISC */
#include "merkle.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "err.h"

#define LEAF_PREFIX 0x00
#define NODE_PREFIX 0x01

void merkle_leaf(uint8_t hash[MERKLE_HASH], const void *leaf, size_t len)
{
	static const uint8_t prefix = LEAF_PREFIX;
	crypto_hash_sha256_state st;

	crypto_hash_sha256_init(&st);
	crypto_hash_sha256_update(&st, &prefix, 1);
	crypto_hash_sha256_update(&st, leaf, len);
	crypto_hash_sha256_final(&st, hash);
}

void merkle_node(uint8_t hash[MERKLE_HASH], const uint8_t left[MERKLE_HASH],
    const uint8_t right[MERKLE_HASH])
{
	uint8_t both[1 + 2 * MERKLE_HASH];

	both[0] = NODE_PREFIX;
	memcpy(both + 1, left, MERKLE_HASH);
	memcpy(both + 1 + MERKLE_HASH, right, MERKLE_HASH);
	crypto_hash_sha256(hash, both, sizeof(both));
}

void merkle_init(struct merkle *t)
{
	memset(t, 0, sizeof(*t));
}

unsigned merkle_add(struct merkle *t, const uint8_t leaf[MERKLE_HASH],
    uint8_t done[][MERKLE_HASH])
{
	uint8_t hash[MERKLE_HASH];
	unsigned level;

	assert(t->size < INT64_MAX);
	memcpy(hash, leaf, MERKLE_HASH);
	for (level = 0; (t->size >> level & 1) != 0; level++) {
		if (done != NULL)
			memcpy(done[level], hash, MERKLE_HASH);
		merkle_node(hash, t->peak[level], hash);
	}
	if (done != NULL)
		memcpy(done[level], hash, MERKLE_HASH);
	memcpy(t->peak[level], hash, MERKLE_HASH);
	t->size++;
	return level + 1;
}

static int peak_read(void *ctx, unsigned level, uint64_t index, uint8_t hash[MERKLE_HASH])
{
	const struct merkle *t = *(const struct merkle **)ctx;

	(void)index;
	memcpy(hash, t->peak[level], MERKLE_HASH);
	return 0;
}

/* The root of the leaves lo up to (not with) lo + n, where lo is a multiple of a
 * power of two that is not below n, and n is not 0: from its smallest perfect subtree
 * to the largest, which is how RFC 6962 splits them. */
static int range_root(uint64_t lo, uint64_t n, merkle_read *read, void *ctx,
    uint8_t root[MERKLE_HASH])
{
	uint8_t hash[MERKLE_HASH], left[MERKLE_HASH];
	unsigned level = (unsigned)__builtin_ctzll(n);
	int r;

	r = read(ctx, level, ((lo + n) >> level) - 1, hash);
	for (n &= n - 1; r == 0 && n != 0; n &= n - 1) {
		level = (unsigned)__builtin_ctzll(n);
		r = read(ctx, level, ((lo + n) >> level) - 1, left);
		if (r == 0)
			merkle_node(hash, left, hash);
	}
	if (r == 0)
		memcpy(root, hash, MERKLE_HASH);
	return r;
}

int merkle_root_of(uint64_t size, merkle_read *read, void *ctx, uint8_t root[MERKLE_HASH])
{
	if (size > INT64_MAX)
		return E_RANGE;
	if (size > 0)
		return range_root(0, size, read, ctx, root);
	crypto_hash_sha256(root, NULL, 0);
	return 0;
}

void merkle_root(const struct merkle *t, uint8_t root[MERKLE_HASH])
{
	int r = merkle_root_of(t->size, peak_read, &t, root);

	assert(r == 0);
}

uint64_t merkle_places(uint64_t size)
{
	return 2 * size - (uint64_t)__builtin_popcountll(size);
}

uint64_t merkle_place(unsigned level, uint64_t index)
{
	uint64_t last = (index << level) + ((UINT64_C(1) << level) - 1);

	return merkle_places(last) + level;
}

/* Goes down from the root of size leaves to a node, and gives the root of each
 * sibling on the way, the deepest first.  The node is the leaf end - 1, or, with
 * whole, the first that has all its leaves before end and end - 1 as its last: it
 * comes first, unless it begins at leaf 0, and the old root is known. */
static int path(uint64_t end, int whole, uint64_t size, merkle_read *read, void *ctx,
    uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH])
{
	struct {
		uint64_t lo, n;
	} sib[MERKLE_LEVELS + 1];
	uint64_t lo = 0, n = size, half;
	int count = 0, i, r;

	while (n > 1 && !(whole && lo + n == end)) {
		half = UINT64_C(1) << (63 - __builtin_clzll(n - 1));
		if (end <= lo + half) {
			sib[count].lo = lo + half;
			sib[count++].n = n - half;
			n = half;
		} else {
			sib[count].lo = lo;
			sib[count++].n = half;
			lo += half;
			n -= half;
		}
	}
	if (whole && lo > 0) {
		sib[count].lo = lo;
		sib[count++].n = n;
	}
	for (i = 0; i < count; i++) {
		r = range_root(sib[count - 1 - i].lo, sib[count - 1 - i].n, read, ctx, proof[i]);
		if (r != 0)
			return r;
	}
	return count;
}

int merkle_inclusion(uint64_t index, uint64_t size, merkle_read *read, void *ctx,
    uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH])
{
	if (index >= size || size > INT64_MAX)
		return E_RANGE;
	return path(index + 1, 0, size, read, ctx, proof);
}

int merkle_consistency(uint64_t old, uint64_t size, merkle_read *read, void *ctx,
    uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH])
{
	if (old == 0 || old > size || size > INT64_MAX)
		return E_RANGE;
	return path(old, 1, size, read, ctx, proof);
}

/* Where a proof stands: a node on the way up and the last one of its level. */
struct climb {
	uint64_t node, last;
};

/* Is the next hash of the proof the left one?  Goes up by a level, and past those
 * where the node is the last of its level and has no sibling. */
static int climb_left(struct climb *c)
{
	int left = (c->node & 1) != 0 || c->node == c->last;

	while (left && (c->node & 1) == 0 && c->node != 0) {
		c->node >>= 1;
		c->last >>= 1;
	}
	c->node >>= 1;
	c->last >>= 1;
	return left;
}

int merkle_check_inclusion(uint64_t index, uint64_t size, const uint8_t leaf[MERKLE_HASH],
    const uint8_t proof[][MERKLE_HASH], size_t n, const uint8_t root[MERKLE_HASH])
{
	struct climb c = { index, size - 1 };
	uint8_t hash[MERKLE_HASH];
	size_t i;

	if (index >= size)
		return E_DIGEST;
	memcpy(hash, leaf, MERKLE_HASH);
	for (i = 0; i < n; i++) {
		if (c.last == 0)
			return E_DIGEST;
		if (climb_left(&c))
			merkle_node(hash, proof[i], hash);
		else
			merkle_node(hash, hash, proof[i]);
	}
	return c.last == 0 && memcmp(hash, root, MERKLE_HASH) == 0 ? 0 : E_DIGEST;
}

static int empty_root(const uint8_t root[MERKLE_HASH])
{
	uint8_t empty[MERKLE_HASH];

	crypto_hash_sha256(empty, NULL, 0);
	return memcmp(root, empty, MERKLE_HASH) == 0;
}

int merkle_check_consistency(uint64_t old, const uint8_t old_root[MERKLE_HASH], uint64_t size,
    const uint8_t root[MERKLE_HASH], const uint8_t proof[][MERKLE_HASH], size_t n)
{
	uint8_t before[MERKLE_HASH], now[MERKLE_HASH];
	struct climb c = { old - 1, size - 1 };
	int whole = (old & (old - 1)) == 0; /* then its root is a node, known already */
	size_t i = 0;

	if (old > size || (old == 0 && !empty_root(old_root)))
		return E_DIGEST;
	if (old == 0 || old == size)
		return n == 0 && (old < size || memcmp(old_root, root, MERKLE_HASH) == 0) ?
		    0 : E_DIGEST;
	if (!whole && n == 0)
		return E_DIGEST;
	for (; (c.node & 1) != 0; c.node >>= 1)
		c.last >>= 1;
	memcpy(before, whole ? old_root : proof[i++], MERKLE_HASH);
	memcpy(now, before, MERKLE_HASH);
	for (; i < n; i++) {
		if (c.last == 0)
			return E_DIGEST;
		if (climb_left(&c)) {
			merkle_node(before, proof[i], before);
			merkle_node(now, proof[i], now);
		} else {
			merkle_node(now, now, proof[i]);
		}
	}
	return c.last == 0 && memcmp(before, old_root, MERKLE_HASH) == 0 &&
	    memcmp(now, root, MERKLE_HASH) == 0 ? 0 : E_DIGEST;
}
