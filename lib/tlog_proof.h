/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TLOG_PROOF_H
#define SHELLAC_TLOG_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "checkpoint.h"

/*
 * A proof that needs no log beside it (C2SP tlog-proof): a leaf's index, what else is
 * needed to know the leaf, the path from its hash to the root, and the signed note of
 * the checkpoint with that root.
 */
#define TLOG_EXTRA_MAX 4096
#define TLOG_PATH_MAX 63   /* hashes in a tree of at most 2^63 - 1 leaves */
#define TLOG_PROOF_MAX 26624 /* bytes of the text, at most */

struct tlog_proof {
	uint64_t index;
	uint8_t extra[TLOG_EXTRA_MAX]; /* nothing vouches for it */
	size_t extra_len;              /* 0: there is none */
	uint8_t path[TLOG_PATH_MAX][MERKLE_HASH]; /* the leaf's sibling first */
	unsigned hashes;
	const char *note;              /* note_len bytes of the caller's */
	size_t note_len;
};

/* The text; its length, or E_RANGE where one of the lengths or the index is out of its
 * limits. */
int tlog_proof_format(char out[TLOG_PROOF_MAX], const struct tlog_proof *p);

/* p->note points into text.  0, E_FORMAT or E_RANGE.  What the note holds is not looked
 * at. */
int tlog_proof_parse(struct tlog_proof *p, const char *text, size_t len);

/* Does it prove that a leaf with this hash is in the log of that key?  0, and the note
 * (for its cosignatures) and its checkpoint; E_FORMAT or E_RANGE (the note's), E_KEY
 * (the log did not sign it, or its origin is not the key's name), E_SIGNATURE, E_DIGEST. */
int tlog_proof_check(const struct tlog_proof *p, const uint8_t leaf[MERKLE_HASH],
    const struct note_key *log, struct note *n, struct checkpoint *c);

#endif
