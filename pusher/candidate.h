/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CANDIDATE_H
#define SHELLAC_CANDIDATE_H

#include "checkpoint.h"
#include "note.h"
#include "witness_policy.h"

/* A checkpoint of ours and the cosignatures that it got so far.  The newest few are
 * kept: a slow witness may still complete an older one. */
#define CANDIDATES 4

struct candidate {
	uint64_t serial; /* the caller's */
	struct checkpoint c;
	char note[NOTE_MAX + 1];   /* as the host signed it */
	size_t len, text_len;
	uint8_t seen[POLICY_WITNESSES_MAX];
	char line[POLICY_WITNESSES_MAX][NOTE_LINE_MAX];
};

/* Reads a note of the host.  0, or E_FORMAT and such. */
int candidate_set(struct candidate *k, const char *note, size_t len);

/* Takes a witness' answer: signature lines, of which one has to be the key's.  0 and
 * the time that it states, E_FORMAT, E_KEY or E_SIGNATURE. */
int candidate_take(struct candidate *k, unsigned witness, const struct note_key *key,
    const char *lines, size_t len, uint64_t *time_s);

/* The note with all its cosignatures; its length, or E_RANGE. */
int candidate_note(const struct candidate *k, char out[NOTE_MAX]);

#endif
