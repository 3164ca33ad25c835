/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_DIGEST_H
#define SHELLAC_PROCESS_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "hash.h"

/*
 * The digest of what was written to the segments of process records, for the ledger:
 * the bytes of all segments, headers included, one segment after the other in the
 * order of their numbers, are one stream; each epoch vouches for a piece of it.
 */
struct process_digest {
	uint64_t from, to;       /* the piece */
	uint8_t hash[HASH_SIZE]; /* BLAKE2b-256 of its bytes */
};

enum process_digest_step { DIGEST_NONE, DIGEST_TAKEN, DIGEST_ON_DISK };

struct process_digests {
	struct hash since;       /* bytes from from on */
	struct hash behind;      /* bytes behind piece, while there is one */
	uint64_t from, to;       /* to: of all that is written */
	struct process_digest piece;
	enum process_digest_step step;
};

/* Nothing is written behind from. */
void process_digests_init(struct process_digests *d, uint64_t from);

/* Begins behind from bytes of the segments in a folder: what stands there behind them
 * is read.  0, -errno, or E_SHORT: they have less than that.  Where it is not 0, *d goes
 * on with what is written from now on. */
int process_vouched(struct process_digests *d, int dir_fd, uint64_t from);

/* These bytes were written. */
void process_digests_add(struct process_digests *d, const void *p, size_t len);

/* Takes the piece up to here, unless one that is on disk still waits for an epoch. */
void process_digests_take(struct process_digests *d);

/* It is on disk, or may not be: then it is given up, and the next is longer. */
void process_digests_synced(struct process_digests *d, int is_on_disk);

/* The piece that may be vouched for: 1, or 0 where there is none. */
int process_digests_get(const struct process_digests *d, struct process_digest *piece);

/* An epoch vouches for it. */
void process_digests_vouched(struct process_digests *d);

#endif
