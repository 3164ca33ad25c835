/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "bytes.h"
#include "err.h"
#include "merkle.h"
#include "suite.h"

#define SIZES 70
#define PLACES (2 * SIZES)

typedef uint8_t digest[MERKLE_HASH];

/* The tree of the Certificate Transparency project's own tests: leaves, and the root
 * of the first 0, 1, ... of them. */
static const char *const ref_leaf[8] = { "", "00", "10", "2021", "3031", "40414243",
	"5051525354555657", "606162636465666768696a6b6c6d6e6f" };
static const char *const ref_root[9] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

/* A tree, its leaves' hashes and the file of its subtrees. */
struct grown {
	struct merkle tree;
	digest leaf[SIZES], file[PLACES];
	uint64_t places;
	unsigned fail_at; /* the n-th read from now on fails; 0: none */
};

static struct grown g;

static void grow_by(const void *p, size_t len)
{
	digest done[MERKLE_LEVELS];
	unsigned n;

	merkle_leaf(g.leaf[g.tree.size], p, len);
	n = merkle_add(&g.tree, g.leaf[g.tree.size], done);
	memcpy(g.file[g.places], done, n * MERKLE_HASH);
	g.places += n;
	ck_assert_uint_eq(g.places, merkle_places(g.tree.size));
}

static void grow(unsigned size)
{
	uint8_t i;

	memset(&g, 0, sizeof(g));
	merkle_init(&g.tree);
	for (i = 0; i < size; i++)
		grow_by(&i, 1);
}

/* SIZES leaves, one of them another than grow() gives. */
static void grow_with(unsigned changed)
{
	uint8_t i, leaf;

	memset(&g, 0, sizeof(g));
	merkle_init(&g.tree);
	for (i = 0; i < SIZES; i++) {
		leaf = i == changed ? 0xff : i;
		grow_by(&leaf, 1);
	}
}

static void grow_reference(void)
{
	uint8_t leaf[16];
	size_t i;

	memset(&g, 0, sizeof(g));
	merkle_init(&g.tree);
	for (i = 0; i < 8; i++) {
		ck_assert_int_eq(hex_get(leaf, strlen(ref_leaf[i]) / 2, ref_leaf[i]), 0);
		grow_by(leaf, strlen(ref_leaf[i]) / 2);
	}
}

static int file_read(void *ctx, unsigned level, uint64_t index, uint8_t hash[MERKLE_HASH])
{
	const struct grown *from = ctx;
	uint64_t place = merkle_place(level, index);

	if (g.fail_at > 0 && --g.fail_at == 0)
		return -EIO;
	ck_assert_uint_lt(place, from->places);
	memcpy(hash, from->file[place], MERKLE_HASH);
	return 0;
}

/* RFC 6962, 2.1, word by word: leaves lo up to hi. */
static void naive(digest root, unsigned lo, unsigned hi)
{
	uint8_t node[1 + 2 * MERKLE_HASH] = { 1 };
	unsigned k = 1;

	if (hi == lo) {
		crypto_hash_sha256(root, NULL, 0);
		return;
	}
	if (hi - lo == 1) {
		memcpy(root, g.leaf[lo], MERKLE_HASH);
		return;
	}
	while (2 * k < hi - lo)
		k *= 2;
	naive(node + 1, lo, lo + k);
	naive(node + 1 + MERKLE_HASH, lo + k, hi);
	crypto_hash_sha256(root, node, sizeof(node));
}

static unsigned naive_path(digest *out, unsigned m, unsigned lo, unsigned hi)
{
	unsigned k = 1, n;

	if (hi - lo == 1)
		return 0;
	while (2 * k < hi - lo)
		k *= 2;
	if (m < k) {
		n = naive_path(out, m, lo, lo + k);
		naive(out[n], lo + k, hi);
	} else {
		n = naive_path(out, m - k, lo + k, hi);
		naive(out[n], lo, lo + k);
	}
	return n + 1;
}

static unsigned naive_sub(digest *out, unsigned m, unsigned lo, unsigned hi, int known)
{
	unsigned k = 1, n;

	if (m == hi - lo) {
		if (!known)
			naive(out[0], lo, hi);
		return !known;
	}
	while (2 * k < hi - lo)
		k *= 2;
	if (m <= k) {
		n = naive_sub(out, m, lo, lo + k, known);
		naive(out[n], lo + k, hi);
	} else {
		n = naive_sub(out, m - k, lo + k, hi, 0);
		naive(out[n], lo, lo + k);
	}
	return n + 1;
}

static void ck_hash(const digest got, const char *hex)
{
	char text[2 * MERKLE_HASH + 1];

	hex_put(text, got, MERKLE_HASH);
	ck_assert_str_eq(text, hex);
}

START_TEST(reference_roots)
{
	struct merkle t;
	digest root;
	unsigned i;

	grow_reference();
	merkle_init(&t);
	for (i = 0; i <= 8; i++) {
		merkle_root(&t, root);
		ck_hash(root, ref_root[i]);
		ck_assert_int_eq(merkle_root_of(i, file_read, &g, root), 0);
		ck_hash(root, ref_root[i]);
		if (i < 8)
			merkle_add(&t, g.leaf[i], NULL);
	}
}
END_TEST

START_TEST(reference_proofs)
{
	digest proof[MERKLE_PROOF_MAX];

	grow_reference();
	ck_assert_int_eq(merkle_inclusion(0, 8, file_read, &g, proof), 3);
	ck_hash(proof[0], "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
	ck_hash(proof[1], "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e");
	ck_hash(proof[2], "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
	ck_assert_int_eq(merkle_consistency(6, 8, file_read, &g, proof), 3);
	ck_hash(proof[0], "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a");
	ck_hash(proof[1], "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0");
	ck_hash(proof[2], ref_root[4]);
}
END_TEST

START_TEST(roots_of_all_sizes)
{
	digest root, want;
	unsigned i;

	grow(SIZES);
	for (i = 0; i <= SIZES; i++) {
		naive(want, 0, i);
		ck_assert_int_eq(merkle_root_of(i, file_read, &g, root), 0);
		ck_assert_mem_eq(root, want, MERKLE_HASH);
	}
	merkle_root(&g.tree, root);
	ck_assert_mem_eq(root, want, MERKLE_HASH);
	ck_assert_int_eq(merkle_root_of(UINT64_MAX, file_read, &g, root), E_RANGE);
}
END_TEST

START_TEST(inclusion_of_all_sizes)
{
	digest proof[MERKLE_PROOF_MAX], want[MERKLE_PROOF_MAX], root;
	unsigned size, i;
	int n;

	grow(SIZES);
	for (size = 1; size <= SIZES; size++) {
		naive(root, 0, size);
		for (i = 0; i < size; i++) {
			n = merkle_inclusion(i, size, file_read, &g, proof);
			ck_assert_int_eq(n, (int)naive_path(want, i, 0, size));
			ck_assert_mem_eq(proof, want, (size_t)n * MERKLE_HASH);
			ck_assert_int_eq(merkle_check_inclusion(i, size, g.leaf[i],
			    (const digest *)proof, (size_t)n, root), 0);
		}
		ck_assert_int_eq(merkle_inclusion(size, size, file_read, &g, proof), E_RANGE);
	}
}
END_TEST

START_TEST(consistency_of_all_sizes)
{
	digest proof[MERKLE_PROOF_MAX], want[MERKLE_PROOF_MAX], root, old_root;
	unsigned size, old;
	int n;

	grow(SIZES);
	for (size = 1; size <= SIZES; size++) {
		naive(root, 0, size);
		for (old = 1; old <= size; old++) {
			naive(old_root, 0, old);
			n = merkle_consistency(old, size, file_read, &g, proof);
			ck_assert_int_eq(n, (int)naive_sub(want, old, 0, size, 1));
			ck_assert_mem_eq(proof, want, (size_t)n * MERKLE_HASH);
			ck_assert_int_eq(merkle_check_consistency(old, old_root, size, root,
			    (const digest *)proof, (size_t)n), 0);
		}
		ck_assert_int_eq(merkle_consistency(size + 1, size, file_read, &g, proof),
		    E_RANGE);
		ck_assert_int_eq(merkle_consistency(0, size, file_read, &g, proof), E_RANGE);
	}
}
END_TEST

#define WRONG(i_, size_, leaf_, n_, root_)                                               \
	ck_assert_int_eq(merkle_check_inclusion(i_, size_, leaf_, (const digest *)proof, \
	    n_, root_), E_DIGEST)

/* A proof with one bit changed, one hash more, fewer, or in another order, or for
 * another leaf, index or root, proves nothing. */
START_TEST(wrong_inclusion_is_refused)
{
	digest proof[MERKLE_PROOF_MAX + 1], root, other;
	unsigned size, i, j, bit;
	size_t n;

	grow(SIZES);
	for (size = 1; size <= SIZES; size++) {
		naive(root, 0, size);
		memcpy(other, root, MERKLE_HASH);
		other[size % MERKLE_HASH] ^= 1;
		for (i = 0; i < size; i++) {
			n = (size_t)merkle_inclusion(i, size, file_read, &g, proof);
			for (bit = 0; bit < n * MERKLE_HASH * 8; bit++) {
				proof[bit / 256][bit / 8 % 32] ^= (uint8_t)(1 << bit % 8);
				if (bit % 61 == i % 61 || size < 18)
					WRONG(i, size, g.leaf[i], n, root);
				proof[bit / 256][bit / 8 % 32] ^= (uint8_t)(1 << bit % 8);
			}
			memcpy(proof[n], root, MERKLE_HASH);
			WRONG(i, size, g.leaf[i], n + 1, root);
			if (n > 0)
				WRONG(i, size, g.leaf[i], n - 1, root);
			for (j = 0; j < size; j++)
				if (j != i) {
					WRONG(j, size, g.leaf[i], n, root);
					WRONG(i, size, g.leaf[j], n, root);
				}
			WRONG(i, size, g.leaf[i], n, other);
			WRONG(size, size, g.leaf[i], n, root);
			WRONG(i, 0, g.leaf[i], n, root);
		}
	}
}
END_TEST

#define REFUSED(old_, old_root_, size_, root_, n_)                                             \
	ck_assert_int_eq(merkle_check_consistency(old_, old_root_, size_, root_,               \
	    (const digest *)proof, n_), E_DIGEST)

START_TEST(wrong_consistency_is_refused)
{
	digest proof[MERKLE_PROOF_MAX + 1], root, old_root;
	unsigned size, old, bit;
	size_t n;

	grow(SIZES);
	for (size = 1; size <= SIZES; size++)
		for (old = 1; old <= size; old++) {
			naive(root, 0, size);
			naive(old_root, 0, old);
			n = (size_t)merkle_consistency(old, size, file_read, &g, proof);
			for (bit = 0; bit < n * MERKLE_HASH * 8; bit++) {
				proof[bit / 256][bit / 8 % 32] ^= (uint8_t)(1 << bit % 8);
				if (bit % 61 == old % 61 || size < 18)
					REFUSED(old, old_root, size, root, n);
				proof[bit / 256][bit / 8 % 32] ^= (uint8_t)(1 << bit % 8);
			}
			memcpy(proof[n], root, MERKLE_HASH);
			REFUSED(old, old_root, size, root, n + 1);
			if (n > 0)
				REFUSED(old, old_root, size, root, n - 1);
			REFUSED(size + 1, old_root, size, root, n);
			REFUSED(0, old_root, size, root, n);
			root[old % MERKLE_HASH] ^= 1;
			REFUSED(old, old_root, size, root, n);
			root[old % MERKLE_HASH] ^= 1;
			old_root[old % MERKLE_HASH] ^= 0x80;
			REFUSED(old, old_root, size, root, n);
		}
}
END_TEST

/* A history that was written anew is not the old one's continuation. */
START_TEST(fork_is_refused)
{
	digest proof[MERKLE_PROOF_MAX], root, old_root;
	unsigned old, changed;
	size_t n;

	for (old = 1; old < SIZES; old += 3)
		for (changed = 0; changed < old; changed += 1 + old % 3) {
			grow(SIZES);
			naive(old_root, 0, old);
			grow_with(changed);
			merkle_root(&g.tree, root);
			n = (size_t)merkle_consistency(old, SIZES, file_read, &g, proof);
			REFUSED(old, old_root, SIZES, root, n);
		}
}
END_TEST

START_TEST(empty_and_same)
{
	digest proof[1] = { { 0 } }, empty, root, zero = { 0 };

	grow(5);
	merkle_root(&g.tree, root);
	naive(empty, 0, 0);
	ck_assert_int_eq(merkle_check_consistency(0, empty, 5, root, NULL, 0), 0);
	ck_assert_int_eq(merkle_check_consistency(0, empty, 0, empty, NULL, 0), 0);
	ck_assert_int_eq(merkle_check_consistency(5, root, 5, root, NULL, 0), 0);
	REFUSED(0, empty, 5, root, 1);
	REFUSED(0, zero, 5, root, 0);
	REFUSED(0, empty, 0, root, 0);
	REFUSED(5, empty, 5, root, 0);
	REFUSED(3, root, 5, root, 0);
	REFUSED(4, root, 5, root, 0);
}
END_TEST

/* One level more than the tree of that size has, with the root that gives. */
START_TEST(longer_trees_are_refused)
{
	digest proof[2] = { { 1 }, { 2 } }, leaf = { 3 }, up, root;

	merkle_node(root, proof[0], leaf);
	WRONG(0, 1, leaf, 1, root);
	merkle_node(up, leaf, proof[0]);
	merkle_node(root, proof[1], up);
	ck_assert_int_eq(merkle_check_inclusion(0, 2, leaf, (const digest *)proof, 1, up), 0);
	WRONG(0, 2, leaf, 2, root);
	ck_assert_int_eq(merkle_check_consistency(3, leaf, 5, root, NULL, 0), E_DIGEST);
}
END_TEST

START_TEST(errors_of_the_reader)
{
	digest proof[MERKLE_PROOF_MAX], root;
	unsigned i;

	grow(SIZES);
	for (i = 1; i <= 3; i++) {
		g.fail_at = i;
		ck_assert_int_eq(merkle_root_of(SIZES, file_read, &g, root), -EIO);
		g.fail_at = i;
		ck_assert_int_eq(merkle_inclusion(0, SIZES, file_read, &g, proof), -EIO);
		g.fail_at = i;
		ck_assert_int_eq(merkle_consistency(13, SIZES, file_read, &g, proof), -EIO);
	}
}
END_TEST

/* Numbers near the end of their range give limits and no endless loop. */
START_TEST(large_numbers)
{
	static digest proof[MERKLE_PROOF_MAX];
	digest hash = { 0 };
	uint64_t size;
	size_t n;

	for (size = UINT64_MAX; size > UINT64_MAX / 2; size -= UINT64_MAX / 100)
		for (n = 0; n <= MERKLE_PROOF_MAX; n++) {
			REFUSED(size / 3, hash, size, hash, n);
			REFUSED(size - 1, hash, size, hash, n);
			ck_assert_int_eq(merkle_check_inclusion(size - 1, size, hash,
			    (const digest *)proof, n, hash), E_DIGEST);
		}
	ck_assert_int_eq(merkle_inclusion(0, UINT64_MAX, file_read, &g, proof), E_RANGE);
	ck_assert_int_eq(merkle_consistency(1, UINT64_MAX, file_read, &g, proof), E_RANGE);
	ck_assert_uint_eq(merkle_place(0, 0), 0);
	ck_assert_uint_eq(merkle_place(1, 0), 2);
	ck_assert_uint_eq(merkle_place(0, 2), 3);
	ck_assert_uint_eq(merkle_place(62, 0), (UINT64_C(1) << 63) - 2);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { reference_roots, reference_proofs, roots_of_all_sizes,
		inclusion_of_all_sizes, consistency_of_all_sizes, wrong_inclusion_is_refused,
		wrong_consistency_is_refused, fork_is_refused, empty_and_same,
		longer_trees_are_refused, errors_of_the_reader, large_numbers };

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return suite_run("merkle", tests, sizeof(tests) / sizeof(tests[0]));
}
