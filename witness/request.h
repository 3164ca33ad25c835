/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REQUEST_H
#define SHELLAC_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "merkle.h"
#include "note.h"

/* The body of add-checkpoint (C2SP tlog-witness): "old SIZE", at most 63 lines of a
 * consistency proof, an empty line, a checkpoint. */
#define REQUEST_PROOF_MAX 63
#define REQUEST_MAX (NOTE_MAX + 4096)

struct request {
	uint64_t old;
	uint8_t proof[REQUEST_PROOF_MAX][MERKLE_HASH];
	size_t proofs;
	const char *checkpoint; /* in what was parsed: a note that nobody looked at */
	size_t len;
};

/* 0 or E_FORMAT.  What q points to is the caller's text. */
int request_parse(struct request *q, const char *p, size_t len);

#endif
