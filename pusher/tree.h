/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TREE_H
#define SHELLAC_TREE_H

#include "merkle.h"

/*
 * Proofs from a ledger's files.  The file of hashes is a cache that nothing vouches
 * for: what it gives is checked against the checkpoint's root, and where it is short
 * or wrong the hashes are made from the log, which is read once and then only as it
 * grows.
 */
struct tree {
	int log, hashes;     /* the caller's descriptors */
	int built;           /* hashes made from the log, a file without a name; -1 */
	struct merkle grown; /* the tree of these */
	uint64_t offset;     /* in the log, behind them */
};

void tree_init(struct tree *t, int log, int hashes);
void tree_release(struct tree *t);

/* The consistency proof from old to size leaves, which have this root.  old is from 1
 * to size.  Number of hashes, -errno, or E_DIGEST: neither file leads to this root. */
int tree_proof(struct tree *t, uint64_t old, uint64_t size, const uint8_t root[MERKLE_HASH],
    uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH]);

#endif
