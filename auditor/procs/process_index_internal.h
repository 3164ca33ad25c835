/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_INDEX_INTERNAL_H
#define SHELLAC_PROCESS_INDEX_INTERNAL_H

#include "store/cache_db.h"
#include "hash.h"
#include "procs/process_index.h"

#define INDEX_BLOCK 512 /* slots */

/* Flags of a block: it is always read; it has programs' texts, or lives that have some. */
#define INDEX_ALWAYS 1
#define INDEX_TEXTS 2

struct process_index {
	sqlite3 *db;
	char *path;
};

/* What the file of a segment was like when it was indexed: nobody writes to it without
 * changing this, but for whoever can set the machine's clock. */
#define INDEX_STATE 32

struct index_segment {
	uint64_t k, slots; /* slots before this one are indexed */
	uint8_t header[PROCESS_HEADER], state[INDEX_STATE], digest[HASH_SIZE];
};

/* Of all the functions below: 0 or more, or negative: -EBUSY another process writes to it
 * now; -ENOMEM; E_FORMAT: it is damaged, or not of this store; -EIO. */

/* process_index_db.c */
int index_db_open(sqlite3 **out, const char *path);
/* The segments in order: a new array. */
int index_segments(sqlite3 *db, struct index_segment **out, size_t *count);

/* process_index_block.c: what is in the block at hand */
struct index_block;
struct index_block *index_block_new(sqlite3 *db);
void index_block_free(struct index_block *b);
/* The lives that have not ended, as the index knows them. */
int index_block_load(struct index_block *b);
int index_block_save(struct index_block *b);
/* Begins one that is number id, of segment g from slot first on. */
void index_block_begin(struct index_block *b, int64_t id, const struct process_segment *g,
    uint64_t first);
void index_block_take(struct index_block *b, const struct process_record *p);
void index_block_always(struct index_block *b);
/* Writes it. */
int index_block_end(struct index_block *b, uint64_t slots);

/* process_index_update.c: checks that it is of this store, and indexes what is not, as far
 * as that can be done now. */
int index_update(struct process_index *x, const struct store *s);

/* process_index_find.c: which blocks may have what is asked for */
struct index_part {
	uint64_t k;
	struct process_part part;
};

struct index_found {
	struct index_segment *segment; /* that the index knows, and how far */
	size_t segments;
	struct index_part *part;       /* in order, adjacent ones as one */
	size_t parts;
};

int index_find(sqlite3 *db, const struct process_index_query *q, struct index_found *out);
void index_found_release(struct index_found *f);

#endif
