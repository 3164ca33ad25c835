/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSION_AHEAD_H
#define SHELLAC_SESSION_AHEAD_H

#include <stddef.h>
#include <stdint.h>

#include "session_cache.h"

/*
 * All that a cache has of sessions, as it was at one time, read while the store's folders
 * are: with very many sessions both take long.
 */
struct session_piece {
	uint64_t k;
	const uint8_t *p; /* into the bytes of all */
	size_t len;
};

struct session_pieces {
	struct session_piece *piece; /* blocks, in order */
	size_t count, room;
	uint8_t *bytes;
	size_t used, size;
	uint8_t *key, *ledger;       /* facts of these names, NULL where there are none */
	size_t key_len, ledger_len;
	int error;                   /* of reading it */
};

/* Takes what was read ahead for a store, or reads it now: *c is NULL where there is no cache.
 * Release the pieces. */
void session_ahead_take(struct session_cache **c, struct session_pieces *p,
    const char *store_path);
void session_pieces_release(struct session_pieces *p);

#endif
