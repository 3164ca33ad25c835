/* SPDX-License-Identifier: ISC */
#include "store/cache_db.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "err.h"

#define BUSY_MS 50

int cache_db_error(int sqlite)
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

int cache_db_exec(sqlite3 *db, const char *sql)
{
	return cache_db_error(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

int cache_db_prepare(sqlite3 *db, sqlite3_stmt **out, const char *sql)
{
	return cache_db_error(sqlite3_prepare_v2(db, sql, -1, out, NULL));
}

int cache_db_step(sqlite3_stmt *st)
{
	int r = sqlite3_step(st);

	sqlite3_reset(st);
	return cache_db_error(r);
}

int cache_db_rows(sqlite3_stmt *st, int (*row)(void *ctx, sqlite3_stmt *st), void *ctx)
{
	int r = SQLITE_ROW, e = 0;

	while (e == 0 && (r = sqlite3_step(st)) == SQLITE_ROW)
		e = row(ctx, st);
	sqlite3_finalize(st);
	return e != 0 ? e : cache_db_error(r);
}

struct schema {
	const struct cache_db_kind *kind;
	size_t seen;
};

static int is_table(void *ctx, sqlite3_stmt *st)
{
	struct schema *s = ctx;
	const char *sql = (const char *)sqlite3_column_text(st, 0);

	if (s->seen == s->kind->tables || sql == NULL ||
	    strcmp(sql, s->kind->table[s->seen]) != 0)
		return E_FORMAT;
	s->seen++;
	return 0;
}

static int version(void *ctx, sqlite3_stmt *st)
{
	*(int *)ctx = sqlite3_column_int(st, 0);
	return 0;
}

static int set_number(sqlite3 *db, const char *pragma, int value)
{
	char sql[64];

	snprintf(sql, sizeof sql, "PRAGMA %s = %d", pragma, value);
	return cache_db_exec(db, sql);
}

/* A new file gets its tables; another must have these and nothing else: no view or trigger
 * of somebody's runs here. */
static int check_tables(sqlite3 *db, const struct cache_db_kind *k)
{
	struct schema s = { .kind = k };
	sqlite3_stmt *st;
	int r, v = 0;

	if ((r = cache_db_prepare(db, &st, "SELECT sql FROM sqlite_schema ORDER BY rowid")) != 0 ||
	    (r = cache_db_rows(st, is_table, &s)) != 0)
		return r;
	if ((r = cache_db_prepare(db, &st, "PRAGMA user_version")) != 0 ||
	    (r = cache_db_rows(st, version, &v)) != 0)
		return r;
	if (s.seen != 0)
		return s.seen == k->tables && v == k->version ? 0 : E_FORMAT;
	for (size_t i = 0; i < k->tables; i++)
		if ((r = cache_db_exec(db, k->table[i])) != 0)
			return r;
	return set_number(db, "user_version", k->version);
}

int cache_db_open(sqlite3 **out, const char *path, const struct cache_db_kind *k)
{
	sqlite3 *db = NULL;
	int r = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
	    SQLITE_OPEN_NOMUTEX, NULL);

	r = db == NULL ? -ENOMEM : cache_db_error(r);
	if (r == 0) {
		sqlite3_busy_timeout(db, BUSY_MS);
		sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		r = k->page_size != 0 ? set_number(db, "page_size", k->page_size) : 0;
	}
	if (r == 0)
		r = cache_db_exec(db, "BEGIN");
	if (r == 0 && (r = check_tables(db, k)) == 0)
		r = cache_db_exec(db, "COMMIT");
	if (r != 0) {
		sqlite3_close(db);
		return r;
	}
	*out = db;
	return 0;
}

int cache_db_remove(const char *path)
{
	char journal[PATH_MAX];

	snprintf(journal, sizeof journal, "%s-journal", path);
	return (unlink(path) != 0 || unlink(journal) != 0) && errno != ENOENT ? -errno : 0;
}

int cache_db_bytes(sqlite3_stmt *st, int column, void *out, size_t size)
{
	const void *p = sqlite3_column_blob(st, column);

	if (p == NULL || (size_t)sqlite3_column_bytes(st, column) != size)
		return 0;
	memcpy(out, p, size);
	return 1;
}
