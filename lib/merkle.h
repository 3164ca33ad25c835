/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_MERKLE_H
#define SHELLAC_MERKLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The Merkle tree of RFC 6962, section 2.1, over SHA-256: leaf hash =
 * SHA-256(0x00 || leaf), node hash = SHA-256(0x01 || left || right), the root of
 * an empty tree is the hash of nothing.
 *
 * A tree that grows keeps its perfect subtrees' hashes in a file, in the order in
 * which they get complete (leaf 0; leaf 1, its parent; leaf 2; leaf 3, its parent,
 * that one's parent; ...): 2n hashes at most for n leaves, and nothing is ever
 * rewritten.  They are a cache: the leaves give them again.
 */
#define MERKLE_HASH 32
#define MERKLE_LEVELS 64
#define MERKLE_PROOF_MAX 128 /* hashes of a consistency proof, at most */

/* The subtrees that a tree of size leaves (below 2^63) is made of: peak[i] is of 2^i leaves and
 * there if bit i of size is set. */
struct merkle {
	uint64_t size;
	uint8_t peak[MERKLE_LEVELS][MERKLE_HASH];
};

void merkle_leaf(uint8_t hash[MERKLE_HASH], const void *leaf, size_t len);
void merkle_node(uint8_t hash[MERKLE_HASH], const uint8_t left[MERKLE_HASH],
    const uint8_t right[MERKLE_HASH]);

void merkle_init(struct merkle *t);

/* Adds a leaf's hash.  done, where not NULL, has room for MERKLE_LEVELS hashes and
 * gets those that got complete, in the file's order; their number is returned. */
unsigned merkle_add(struct merkle *t, const uint8_t leaf[MERKLE_HASH],
    uint8_t done[][MERKLE_HASH]);
void merkle_root(const struct merkle *t, uint8_t root[MERKLE_HASH]);

/* Which hash of the file the index-th perfect subtree of 2^level leaves is. */
uint64_t merkle_place(unsigned level, uint64_t index);
/* Hashes in the file of a tree of size leaves. */
uint64_t merkle_places(uint64_t size);

/* Gives the hash of such a subtree.  0 or a negative code, which goes on up. */
typedef int merkle_read(void *ctx, unsigned level, uint64_t index, uint8_t hash[MERKLE_HASH]);

/* The root of the first size leaves. */
int merkle_root_of(uint64_t size, merkle_read *read, void *ctx, uint8_t root[MERKLE_HASH]);

/* The proof that leaf index is in the tree of size leaves (RFC 6962, 2.1.1); that
 * the tree of old leaves is the beginning of that of size (2.1.2).  Number of
 * hashes, E_RANGE (index >= size, old > size, or old is 0), or read's error: then
 * proof holds nothing of use. */
int merkle_inclusion(uint64_t index, uint64_t size, merkle_read *read, void *ctx,
    uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH]);
int merkle_consistency(uint64_t old, uint64_t size, merkle_read *read, void *ctx,
    uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH]);

/* 0 where the n hashes prove it (RFC 9162, 2.1.3.2 and 2.1.4.2), or E_DIGEST.  Of an
 * old tree that is empty, or of size itself, the proof has no hash: the roots say it. */
int merkle_check_inclusion(uint64_t index, uint64_t size, const uint8_t leaf[MERKLE_HASH],
    const uint8_t proof[][MERKLE_HASH], size_t n, const uint8_t root[MERKLE_HASH]);
int merkle_check_consistency(uint64_t old, const uint8_t old_root[MERKLE_HASH], uint64_t size,
    const uint8_t root[MERKLE_HASH], const uint8_t proof[][MERKLE_HASH], size_t n);

#endif
