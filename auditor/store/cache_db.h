/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CACHE_DB_H
#define SHELLAC_CACHE_DB_H

#include <sqlite3.h>
#include <stddef.h>

/*
 * An SQLite file as a cache, whose path cache_path() gives.  All functions: 0, or negative:
 * -EBUSY another process writes to it now; -EACCES, -ENOSPC it cannot be written; -ENOMEM;
 * -EIO; E_FORMAT: it is damaged, or was not made here.
 */

/* What stands in such a file: one that says anything else was not made here. */
struct cache_db_kind {
	const char *const *table; /* as CREATE TABLE statements, without a semicolon */
	size_t tables;
	int version;
	int page_size;            /* bytes, of a new one; 0: as it comes */
};

int cache_db_error(int sqlite);
/* Opens it; a new one gets its tables. */
int cache_db_open(sqlite3 **out, const char *path, const struct cache_db_kind *k);
/* Deletes the file, which nobody has open here. */
int cache_db_remove(const char *path);
/* No rows. */
int cache_db_exec(sqlite3 *db, const char *sql);
int cache_db_prepare(sqlite3 *db, sqlite3_stmt **out, const char *sql);
/* One step that gives no row; then it can be bound again. */
int cache_db_step(sqlite3_stmt *st);
/* The bytes of a row's column, where it has just so many: 1, or 0. */
int cache_db_bytes(sqlite3_stmt *st, int column, void *out, size_t size);
/* Takes all rows: row returns 0 to go on.  Finalizes. */
int cache_db_rows(sqlite3_stmt *st, int (*row)(void *ctx, sqlite3_stmt *st), void *ctx);

#endif
