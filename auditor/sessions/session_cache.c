/* SPDX-License-Identifier: ISC */
#include "session_cache.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bytes.h"
#include "store/cache.h"
#include "store/cache_db.h"
#include "err.h"

#define TABLES_VERSION 2
#define SUM_SIZE crypto_onetimeauth_BYTES
#define PAGE 32768 /* pieces are some ten thousands of bytes */

#define PIECES(name) \
	"CREATE TABLE " name "(k INTEGER PRIMARY KEY, sum BLOB NOT NULL, bytes BLOB NOT NULL)"

static const char *const tables[] = { PIECES("fact"), PIECES("block"), PIECES("segment") };

static const struct cache_db_kind kind = { tables, sizeof tables / sizeof tables[0], TABLES_VERSION,
	PAGE };

static const char *const select_all[CACHE_PARTS] = {
	"SELECT k, sum, bytes FROM fact ORDER BY k",
	"SELECT k, sum, bytes FROM block ORDER BY k",
	"SELECT k, sum, bytes FROM segment ORDER BY k",
};
static const char *const select_size[CACHE_PARTS] = {
	"SELECT sum(length(bytes)) FROM fact",
	"SELECT sum(length(bytes)) FROM block",
	"SELECT sum(length(bytes)) FROM segment",
};
static const char *const select_one[CACHE_PARTS] = {
	"SELECT k, sum, bytes FROM fact WHERE k = ?",
	"SELECT k, sum, bytes FROM block WHERE k = ?",
	"SELECT k, sum, bytes FROM segment WHERE k = ?",
};
static const char *const replace[CACHE_PARTS] = {
	"INSERT OR REPLACE INTO fact VALUES(?,?,?)",
	"INSERT OR REPLACE INTO block VALUES(?,?,?)",
	"INSERT OR REPLACE INTO segment VALUES(?,?,?)",
};
static const char *const delete_one[CACHE_PARTS] = {
	"DELETE FROM fact WHERE k = ?",
	"DELETE FROM block WHERE k = ?",
	"DELETE FROM segment WHERE k = ?",
};

struct session_cache {
	sqlite3 *db;
	char *path;
};

static int open_db(struct session_cache *c)
{
	mode_t mask = umask(077);
	int r = cache_db_open(&c->db, c->path, &kind);

	umask(mask);
	return r;
}

static int start_anew(struct session_cache *c)
{
	int r;

	sqlite3_close(c->db);
	c->db = NULL;
	r = cache_db_remove(c->path);
	return r != 0 ? r : open_db(c);
}

int session_cache_open(struct session_cache **out, const char *store_path)
{
	struct session_cache *c = calloc(1, sizeof *c);
	int r;

	if (c == NULL)
		return -ENOMEM;
	if ((r = cache_path(&c->path, "session", store_path)) == 0 && (r = open_db(c)) == E_FORMAT)
		r = start_anew(c);
	if (r != 0) {
		session_cache_free(c);
		return r;
	}
	*out = c;
	return 0;
}

void session_cache_free(struct session_cache *c)
{
	if (c == NULL)
		return;
	sqlite3_close(c->db);
	free(c->path);
	free(c);
}

void session_cache_anew(struct session_cache **c)
{
	if (start_anew(*c) == 0)
		return;
	session_cache_free(*c);
	*c = NULL;
}

/* Of a piece and where it stands: against damage, not against whoever may write here.
 * Poly1305 with a key that is no secret is a third of a digest's work. */
static void sum_of(uint8_t out[SUM_SIZE], enum cache_part part, uint64_t k, const void *p,
    size_t len)
{
	uint8_t key[crypto_onetimeauth_KEYBYTES] = "a number to sum by";

	put_u64(key + sizeof key - 16, (uint64_t)part);
	put_u64(key + sizeof key - 8, k);
	crypto_onetimeauth(out, p, len, key);
}

struct getting {
	enum cache_part part;
	int (*take)(void *arg, uint64_t k, const uint8_t *p, size_t len);
	void *arg;
};

static int get_row(void *ctx, sqlite3_stmt *st)
{
	const struct getting *g = ctx;
	uint64_t k = (uint64_t)sqlite3_column_int64(st, 0);
	const void *sum = sqlite3_column_blob(st, 1), *p = sqlite3_column_blob(st, 2);
	size_t len = (size_t)sqlite3_column_bytes(st, 2);
	uint8_t wanted[SUM_SIZE];

	if (sum == NULL || sqlite3_column_bytes(st, 1) != SUM_SIZE || (p == NULL && len > 0))
		return E_FORMAT;
	sum_of(wanted, g->part, k, p != NULL ? p : "", len);
	if (memcmp(wanted, sum, SUM_SIZE) != 0)
		return E_FORMAT;
	return g->take(g->arg, k, p, len);
}

int session_cache_each(struct session_cache *c, enum cache_part part,
    int (*take)(void *arg, uint64_t k, const uint8_t *p, size_t len), void *arg)
{
	struct getting g = { part, take, arg };
	sqlite3_stmt *st;
	int r = cache_db_prepare(c->db, &st, select_all[part]);

	return r != 0 ? r : cache_db_rows(st, get_row, &g);
}

static int get_size(void *ctx, sqlite3_stmt *st)
{
	*(int64_t *)ctx = sqlite3_column_int64(st, 0);
	return 0;
}

int session_cache_size(struct session_cache *c, enum cache_part part, size_t *out)
{
	sqlite3_stmt *st;
	int64_t all = 0;
	int r = cache_db_prepare(c->db, &st, select_size[part]);

	if (r != 0 || (r = cache_db_rows(st, get_size, &all)) != 0)
		return r;
	if (all < 0)
		return E_FORMAT;
	*out = (size_t)all;
	return 0;
}

struct piece {
	uint8_t *p;
	size_t len;
};

static int take_one(void *arg, uint64_t k, const uint8_t *p, size_t len)
{
	struct piece *one = arg;

	(void)k;
	one->p = malloc(len + 1);
	if (one->p == NULL)
		return -ENOMEM;
	if (len > 0)
		memcpy(one->p, p, len);
	one->len = len;
	return 0;
}

int session_cache_get(struct session_cache *c, enum cache_part part, uint64_t k, uint8_t **out,
    size_t *len)
{
	struct piece one = { 0 };
	struct getting g = { part, take_one, &one };
	sqlite3_stmt *st;
	int r = cache_db_prepare(c->db, &st, select_one[part]);

	if (r != 0)
		return r;
	sqlite3_bind_int64(st, 1, (int64_t)k);
	r = cache_db_rows(st, get_row, &g);
	if (r != 0 || one.p == NULL) {
		free(one.p);
		return r != 0 ? r : -ENOENT;
	}
	*out = one.p;
	*len = one.len;
	return 0;
}

int session_cache_look(struct session_cache *c)
{
	return cache_db_exec(c->db, "BEGIN");
}

int session_cache_begin(struct session_cache *c)
{
	return cache_db_exec(c->db, "BEGIN IMMEDIATE");
}

int session_cache_put(struct session_cache *c, enum cache_part part, uint64_t k, const void *p,
    size_t len)
{
	uint8_t sum[SUM_SIZE];
	sqlite3_stmt *st;
	int r = cache_db_prepare(c->db, &st, replace[part]);

	if (r != 0)
		return r;
	sum_of(sum, part, k, p, len);
	sqlite3_bind_int64(st, 1, (int64_t)k);
	sqlite3_bind_blob(st, 2, sum, sizeof sum, SQLITE_STATIC);
	if (len > 0)
		sqlite3_bind_blob64(st, 3, p, len, SQLITE_STATIC);
	else
		sqlite3_bind_zeroblob(st, 3, 0);
	r = cache_db_step(st);
	sqlite3_finalize(st);
	return r;
}

int session_cache_drop(struct session_cache *c, enum cache_part part, uint64_t k)
{
	sqlite3_stmt *st;
	int r = cache_db_prepare(c->db, &st, delete_one[part]);

	if (r != 0)
		return r;
	sqlite3_bind_int64(st, 1, (int64_t)k);
	r = cache_db_step(st);
	sqlite3_finalize(st);
	return r;
}

int session_cache_end(struct session_cache *c, int r)
{
	if (r == 0)
		r = cache_db_exec(c->db, "COMMIT");
	if (r != 0)
		(void)cache_db_exec(c->db, "ROLLBACK");
	return r;
}
