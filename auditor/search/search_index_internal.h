/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SEARCH_INDEX_INTERNAL_H
#define SHELLAC_SEARCH_INDEX_INTERNAL_H

#include <pthread.h>

#include "search/search_index.h"

#define SLAB_BLOCKS 512 /* blocks whose bits stand side by side */
#define SLAB_COLUMN (SLAB_BLOCKS / 8)
#define SLAB_SIZE ((size_t)TRIGRAM_PLACES * SLAB_COLUMN)
#define SLICE_PLACES 64 /* places of a row */
#define SLICE_BYTES (SLICE_PLACES * SLAB_COLUMN)
#define SLAB_SLICES (TRIGRAM_PLACES / SLICE_PLACES)
#define SUM_SIZE 8

/* The bits of SLAB_BLOCKS blocks, place by place: SLAB_COLUMN bytes each. */
struct search_slab {
	sqlite3_stmt *get, *put;
	uint8_t *bits;   /* SLAB_SIZE */
	int64_t number;  /* of the one at hand, -1 none */
	int dirty;
};

struct search_index {
	sqlite3 *db;
	char *path;
	const struct store *store;
	struct search_kept *kept; /* by n, then id */
	size_t kepts, room;
	int64_t blocks;           /* all blocks have smaller numbers */
	uint8_t *may;             /* a bit for each of the first mays; NULL: all may */
	int64_t mays;
	int spoilt;
	/* writing, under lock */
	pthread_mutex_t lock;
	struct search_slab slab;
	sqlite3_stmt *put_block, *put_session;
	int64_t rows;             /* sessions that are there, ours included */
	int open;                 /* a transaction is */
	int closed;               /* nothing can be written in this run */
	size_t fresh;             /* bytes since the last commit */
};

/* Of all the functions below: 0, or negative as with cache_db_exec(). */

/* search_index_db.c */
int search_db_open(sqlite3 **out, const char *path);
/* Was it made with these host keys?  E_FORMAT: no. */
int search_db_keys(sqlite3 *db, const uint8_t keys[HASH_SIZE]);
int search_db_load(struct search_index *x);
int search_db_count(sqlite3 *db, const char *sql, int64_t *out);
int search_db_put(struct search_index *x, const struct search_kept *k);
/* Blocks and row of a session that is no more. */
int search_db_forget(struct search_index *x, const struct search_kept *k);
void search_sum(uint8_t out[SUM_SIZE], const void *p, size_t len);
void search_state(uint8_t out[SEARCH_STATE], const struct stat *st);

/* search_slab.c */
int search_slab_open(struct search_slab *s, sqlite3 *db);
void search_slab_close(struct search_slab *s);
/* The slab that block is in is at hand: what was there before is written. */
int search_slab_to(struct search_slab *s, int64_t block);
void search_slab_set(struct search_slab *s, int64_t block, const struct trigrams *t);
void search_slab_clear(struct search_slab *s, int64_t block);
int search_slab_write(struct search_slab *s);
/* The blocks of slab number that have all the places of a need. */
int search_slab_find(struct search_slab *s, int64_t number, const struct need *need,
    uint8_t out[SLAB_COLUMN]);

/* search_keep.c: ends the transaction. */
int search_index_commit(struct search_index *x);

#endif
