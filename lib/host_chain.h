/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_HOST_CHAIN_H
#define SHELLAC_HOST_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "checkpoint.h"
#include "seal.h"

/*
 * The keys that a host has had, in order: that of GENESIS, then that of each KEY of its
 * ledger.  All zero is an empty one.
 */
#define HOST_CHAIN_MAX 1024 /* keys that are read */

struct host_chain {
	struct host_chain_key {
		uint64_t index;       /* of the entry that names it */
		uint8_t pk[PK_SIZE];
	} *key;
	size_t keys, room;
};

/* Makes room for one more: host_chain_add() then does not fail.  0, -ENOMEM or E_RANGE. */
int host_chain_room(struct host_chain *c);

/* One more; index is larger than any before.  0, -ENOMEM or E_RANGE. */
int host_chain_add(struct host_chain *c, uint64_t index, const uint8_t pk[PK_SIZE]);
void host_chain_free(struct host_chain *c);

/* Adds what ledger/keys holds, KEY entries as they stand in the log, to a chain that has
 * the first key: each is signed by the key before it and by the one that it names.  0;
 * -ENOMEM, E_FORMAT, E_RANGE, E_SHORT, E_CHAIN, E_SIGNATURE: keys before that stay. */
int host_chain_read(struct host_chain *c, const uint8_t *p, size_t len);

/* The newest; NULL for an empty chain. */
const uint8_t *host_chain_newest(const struct host_chain *c);

/* The key that signs what stands behind the entries below this index: the last that one
 * of them names.  NULL where none does. */
const struct host_chain_key *host_chain_at(const struct host_chain *c, uint64_t index);

/* Which of them signed this body of CERT?  NULL: none. */
const uint8_t *host_chain_signer(const struct host_chain *c, const uint8_t *body, size_t len);

/* The note of the checkpoint cp, signed as the log whose name is origin: by the key that
 * signed when the ledger had so many entries, or by a later one.  0 with that key in *by
 * (may be NULL), E_FORMAT (another log's), E_KEY (none of them signed) or E_SIGNATURE. */
int host_chain_verify(const struct host_chain *c, const char *origin, const struct note *n,
    const struct checkpoint *cp, struct note_key *by);

#endif
