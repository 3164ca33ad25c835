/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSION_CACHE_H
#define SHELLAC_SESSION_CACHE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The file that keeps what was judged: numbered pieces of bytes, each with its sum.
 * Functions return 0 or what cache_db.h says; a piece with another sum is E_FORMAT.
 */
struct session_cache;

enum cache_part {
	CACHE_FACT,    /* CACHE_FACT_ */
	CACHE_BLOCK,   /* records of sessions n / SESSION_BLOCK */
	CACHE_SEGMENT, /* what segment k of the process records says of each session */
	CACHE_PARTS,
};

/* Facts: digests of what the records were judged by */
#define CACHE_FACT_KEY 1
#define CACHE_FACT_LEDGER 2
#define CACHE_FACT_PROCESSES 3
#define CACHE_FACT_SUMS 4 /* the sums of all segments */

#define SESSION_BLOCK 256

/* Opens that of a store, whose path is only used to tell it from others.  What it has is
 * seen as it is now, whoever writes to it meanwhile.  Negative: go without. */
int session_cache_open(struct session_cache **out, const char *store_path);
void session_cache_free(struct session_cache *c); /* NULL is fine */

/* It is damaged: another one takes its place.  *c is NULL where that cannot be. */
void session_cache_anew(struct session_cache **c);

/* Piece k into a new buffer that the caller frees; -ENOENT: there is none. */
int session_cache_get(struct session_cache *c, enum cache_part part, uint64_t k, uint8_t **out,
    size_t *len);

/* All pieces of a part, in order; take may look at p while it runs, and returns 0 to go on. */
int session_cache_each(struct session_cache *c, enum cache_part part,
    int (*take)(void *arg, uint64_t k, const uint8_t *p, size_t len), void *arg);
/* How many bytes they are, all together. */
int session_cache_size(struct session_cache *c, enum cache_part part, size_t *out);

/* What is read from here to session_cache_end() is of one time. */
int session_cache_look(struct session_cache *c);

/* Writing: begin, any number of the others, end. */
int session_cache_begin(struct session_cache *c);
int session_cache_put(struct session_cache *c, enum cache_part part, uint64_t k, const void *p,
    size_t len);
int session_cache_drop(struct session_cache *c, enum cache_part part, uint64_t k);
/* Keeps what was written if r is 0, else forgets it.  r, or what went wrong now. */
int session_cache_end(struct session_cache *c, int r);

#endif
