/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "err.h"
#include "process_index_internal.h"

#define BUSY_MS 50
#define INDEX_VERSION 1
#define STRING(x) #x
#define TEXT(x) STRING(x)

/* As it stands in the file: one that says anything else was not made here. */
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
#define TABLES (sizeof tables / sizeof tables[0])

int index_error(int sqlite)
{
	switch (sqlite & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return 0;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return -EACCES;
	case SQLITE_IOERR:
		return -EIO;
	default:
		return E_FORMAT;
	}
}

int index_exec(sqlite3 *db, const char *sql)
{
	return index_error(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

int index_prepare(sqlite3 *db, sqlite3_stmt **out, const char *sql)
{
	return index_error(sqlite3_prepare_v2(db, sql, -1, out, NULL));
}

int index_step(sqlite3_stmt *st)
{
	int r = sqlite3_step(st);

	sqlite3_reset(st);
	return index_error(r);
}

int index_rows(sqlite3_stmt *st, int (*row)(void *ctx, sqlite3_stmt *st), void *ctx)
{
	int r = SQLITE_ROW, e = 0;

	while (e == 0 && (r = sqlite3_step(st)) == SQLITE_ROW)
		e = row(ctx, st);
	sqlite3_finalize(st);
	return e != 0 ? e : index_error(r);
}

struct schema {
	size_t seen;
};

static int is_table(void *ctx, sqlite3_stmt *st)
{
	struct schema *s = ctx;
	const char *sql = (const char *)sqlite3_column_text(st, 0);

	if (s->seen == TABLES || sql == NULL || strcmp(sql, tables[s->seen]) != 0)
		return E_FORMAT;
	s->seen++;
	return 0;
}

static int version(void *ctx, sqlite3_stmt *st)
{
	*(int *)ctx = sqlite3_column_int(st, 0);
	return 0;
}

/* A new file gets its tables; another must have these and nothing else: no view or trigger
 * of somebody's runs here. */
static int check_tables(sqlite3 *db)
{
	struct schema s = { 0 };
	sqlite3_stmt *st;
	int r, v = 0;

	if ((r = index_prepare(db, &st, "SELECT sql FROM sqlite_schema ORDER BY rowid")) != 0 ||
	    (r = index_rows(st, is_table, &s)) != 0)
		return r;
	if ((r = index_prepare(db, &st, "PRAGMA user_version")) != 0 ||
	    (r = index_rows(st, version, &v)) != 0)
		return r;
	if (s.seen != 0)
		return s.seen == TABLES && v == INDEX_VERSION ? 0 : E_FORMAT;
	for (size_t i = 0; i < TABLES; i++)
		if ((r = index_exec(db, tables[i])) != 0)
			return r;
	return index_exec(db, "PRAGMA user_version = " TEXT(INDEX_VERSION));
}

int index_db_open(sqlite3 **out, const char *path)
{
	sqlite3 *db = NULL;
	int r = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
	    SQLITE_OPEN_NOMUTEX, NULL);

	r = db == NULL ? -ENOMEM : index_error(r);
	if (r == 0) {
		sqlite3_busy_timeout(db, BUSY_MS);
		sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		r = index_exec(db, "BEGIN");
	}
	if (r == 0 && (r = check_tables(db)) == 0)
		r = index_exec(db, "COMMIT");
	if (r != 0) {
		sqlite3_close(db);
		return r;
	}
	*out = db;
	return 0;
}

struct list {
	struct index_segment *p;
	size_t count, room;
};

static int column_is(sqlite3_stmt *st, int column, void *out, size_t size)
{
	const void *p = sqlite3_column_blob(st, column);

	if (p == NULL || (size_t)sqlite3_column_bytes(st, column) != size)
		return 0;
	memcpy(out, p, size);
	return 1;
}

static int add_segment(void *ctx, sqlite3_stmt *st)
{
	struct list *l = ctx;
	struct index_segment *g;

	if (array_room(&l->p, l->count, &l->room, sizeof *l->p) != 0)
		return -ENOMEM;
	g = &l->p[l->count];
	if (sqlite3_column_int64(st, 0) <= 0 || sqlite3_column_int64(st, 1) < 0 ||
	    !column_is(st, 2, g->header, sizeof g->header) ||
	    !column_is(st, 3, g->state, sizeof g->state) ||
	    !column_is(st, 4, g->digest, sizeof g->digest))
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
	int r = index_prepare(db, &st,
	    "SELECT k, slots, header, state, digest FROM segment ORDER BY k");

	if (r == 0)
		r = index_rows(st, add_segment, &l);
	if (r != 0) {
		free(l.p);
		return r;
	}
	*out = l.p;
	*count = l.count;
	return 0;
}
