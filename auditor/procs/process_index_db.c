/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "err.h"
#include "procs/process_index_internal.h"

#define INDEX_VERSION 1

static const char *const tables[] = {
	"CREATE TABLE segment(k INTEGER PRIMARY KEY, slots INTEGER NOT NULL, header BLOB NOT NULL, "
	"state BLOB NOT NULL, digest BLOB NOT NULL)",
	"CREATE TABLE block(id INTEGER PRIMARY KEY, k INTEGER NOT NULL, first INTEGER NOT NULL, "
	"slots INTEGER NOT NULL, from_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL, "
	"flags INTEGER NOT NULL)",
	"CREATE TABLE block_uid(uid INTEGER, block INTEGER, PRIMARY KEY(uid, block)) WITHOUT ROWID",
	"CREATE TABLE block_session(session INTEGER, block INTEGER, PRIMARY KEY(session, block)) "
	"WITHOUT ROWID",
	"CREATE TABLE block_comm(comm BLOB, block INTEGER, PRIMARY KEY(comm, block)) WITHOUT ROWID",
	"CREATE TABLE need(block INTEGER, exec INTEGER, PRIMARY KEY(block, exec)) WITHOUT ROWID",
	"CREATE TABLE live(pid INTEGER PRIMARY KEY, block INTEGER NOT NULL)",
};

int index_db_open(sqlite3 **out, const char *path)
{
	static const struct cache_db_kind kind = { tables, sizeof tables / sizeof tables[0],
		INDEX_VERSION, 0 };

	return cache_db_open(out, path, &kind);
}

struct list {
	struct index_segment *p;
	size_t count, room;
};

static int add_segment(void *ctx, sqlite3_stmt *st)
{
	struct list *l = ctx;
	struct index_segment *g;

	if (array_room(&l->p, l->count, &l->room, sizeof *l->p) != 0)
		return -ENOMEM;
	g = &l->p[l->count];
	if (sqlite3_column_int64(st, 0) <= 0 || sqlite3_column_int64(st, 1) < 0 ||
	    !cache_db_bytes(st, 2, g->header, sizeof g->header) ||
	    !cache_db_bytes(st, 3, g->state, sizeof g->state) ||
	    !cache_db_bytes(st, 4, g->digest, sizeof g->digest))
		return E_FORMAT;
	g->k = (uint64_t)sqlite3_column_int64(st, 0);
	g->slots = (uint64_t)sqlite3_column_int64(st, 1);
	l->count++;
	return 0;
}

int index_segments(sqlite3 *db, struct index_segment **out, size_t *count)
{
	struct list l = { 0 };
	sqlite3_stmt *st;
	int r = cache_db_prepare(db, &st,
	    "SELECT k, slots, header, state, digest FROM segment ORDER BY k");

	if (r == 0)
		r = cache_db_rows(st, add_segment, &l);
	if (r != 0) {
		free(l.p);
		return r;
	}
	*out = l.p;
	*count = l.count;
	return 0;
}
