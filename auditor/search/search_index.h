/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SEARCH_INDEX_H
#define SHELLAC_SEARCH_INDEX_H

#include <sqlite3.h>
#include <stdint.h>
#include <sys/stat.h>

#include "auditor.h"
#include "verify/judge.h"
#include "output/outcome.h"
#include "search/search_block.h"

/*
 * The lines of a store's sessions, kept packed in a cache of the auditor's own (cache.h, kind
 * "search"), with bits for each block of them that tell which need not be looked at.  What
 * is found in a block is matched again; what the cache does not have, or has damaged, is read
 * from the store.  A session whose file changed or went is forgotten when it is opened.
 */
struct search_index;

/* What a session's file was like: nobody changes it without changing this, but for whoever
 * can set the machine's clock. */
#define SEARCH_STATE 40

/* A session that the index has. */
struct search_kept {
	uint64_t n;
	uint8_t id[ID_SIZE], state[SEARCH_STATE];
	int64_t start_ns;             /* wall clock */
	char user[CERT_USER_MAX + 1]; /* hostile, "" not known */
	char outcome[OUTCOME_LINE_MAX]; /* outcome_line() of what is wrong with it, or "" */
	int64_t first, blocks;        /* its blocks have these numbers */
	int valid;                    /* its file is still the one that was read */
};

/* Of the open store of a.  0, or negative: there
 * is none to be had, go without. */
int search_index_open(struct search_index **out, const struct auditor *a);
/* Writes what was kept since. */
void search_index_free(struct search_index *x); /* NULL is fine */

/* A session's, or NULL: it is not there, or not as it is now. */
const struct search_kept *search_index_has(const struct search_index *x,
    const struct store_session *e);

/* Looks which blocks may have what is asked for.  0 or negative: it is damaged. */
int search_index_find(struct search_index *x, const struct needs *needs);
/* Then: may this block?  1 or 0. */
int search_index_may(const struct search_index *x, int64_t block);

/* Reads blocks; one for each thread. */
struct search_shelf {
	sqlite3 *db;
	sqlite3_stmt *get;
};
int search_shelf_open(struct search_shelf *s, const struct search_index *x);
void search_shelf_close(struct search_shelf *s);
/* Block seq of a session: 0 and *b, E_FORMAT, -ENOMEM, -EIO. */
int search_shelf_block(struct search_shelf *s, const struct search_kept *k, int64_t seq,
    struct block_reader *b);

/* It is damaged: made anew the next time. */
void search_index_spoilt(struct search_index *x);

/*
 * Keeps a session that is read: its lines, then what it was.  May be called by several
 * threads, each with one of its own.
 */
struct search_keep;
/* NULL: it is not to be kept (it goes on, or its file is too young to be told from one that
 * changes now; nothing can be written). */
struct search_keep *search_keep_new(struct search_index *x, const struct store_session *e,
    const struct stat *st);
/* A search_line_fn that always returns 0. */
int search_keep_line(void *keep, const struct search_line *l);
/* v NULL: nothing is kept.  Frees it; NULL is fine. */
void search_keep_end(struct search_keep *k, const struct verdict *v);

#endif
