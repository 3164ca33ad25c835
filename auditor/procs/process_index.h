/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_INDEX_H
#define SHELLAC_PROCESS_INDEX_H

#include <stdint.h>

#include "procs/process_walk.h"
#include "store/store.h"

/*
 * Which parts of a store's process records are worth reading for a question.  For each
 * block of 512 slots an SQLite file knows the times, user ids, sessions and names in it.
 *
 * It is a cache of the auditor's own, $XDG_CACHE_HOME/shellac/process-KEY.db, never a part
 * of the store: reading a store leaves it as it was, and whoever wrote it cannot hide
 * anything by an index.  The rows come from the segments, by the same walk as without it,
 * and are to be filtered again.  What is not in it yet, or not well-formed, is always read.
 */
struct process_index;

/* What is asked.  What is NULL or 0, and INT64_MIN to INT64_MAX, is not asked about. */
struct process_index_query {
	int (*uid)(void *ctx, uint32_t uid);      /* asked for? of an ACCT or EXEC */
	/* likewise the name, hostile bytes; lives whose program's text is known are handed over
	 * whatever their name, since that may be what is asked for */
	int (*comm)(void *ctx, const char *comm);
	void *ctx;
	uint64_t session;       /* its number, or that of the one around it */
	int64_t from_ns, to_ns; /* some of the life, or the exec, may be in this time */
	int execs;              /* also the EXECs of the lives whose ACCT is found, and of those
	                         * that have not ended */
};

/* Opens the index of a store, whose path is only used to tell it from others, and brings it
 * up to date; says on a terminal that it does so where that takes long.  0, or negative:
 * there is none to be had, go without. */
int process_index_open(struct process_index **out, const struct store *s, const char *store_path);
void process_index_free(struct process_index *x); /* NULL is fine */

/* As process_walk(), but for what cannot be asked for: of ACCT and EXEC.  LOSS, TERMINAL and
 * WATCH are all handed over, and whatever else is in the same blocks.  x NULL, and an index
 * that cannot be read after all: everything. */
long process_index_walk(struct process_index *x, const struct store *s,
    const struct process_index_query *q, const struct process_walk *w);

#endif
