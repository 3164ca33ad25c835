/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LEDGER_TREE_H
#define SHELLAC_LEDGER_TREE_H

#include <stddef.h>

#include "ledger_file.h"

/* A ledger's tree in memory, for proofs: 64 bytes a leaf. */
struct ledger_tree {
	uint8_t (*hash)[MERKLE_HASH]; /* of merkle_place() */
	size_t hashes, room;
};

/* An entry that is wanted from it. */
struct ledger_leaf {
	uint64_t index;
	uint8_t raw[ENTRY_MAX];
	size_t len;        /* 0: the ledger does not have it */
};

/* Reads the log on fd, checks it, and fills in the count leaves.  The first leaves that
 * are right are there whatever is wrong behind them.  0, or a negative code; free it
 * either way. */
int ledger_tree_read(struct ledger_tree *t, int fd, struct ledger_leaf *leaf, size_t count);
void ledger_tree_free(struct ledger_tree *t);

/* A merkle_read of it, with the tree as ctx.  E_RANGE for a hash it has not. */
int ledger_tree_hash(void *tree, unsigned level, uint64_t index, uint8_t hash[MERKLE_HASH]);

#endif
