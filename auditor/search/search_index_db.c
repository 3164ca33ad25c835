/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "bytes.h"
#include "store/cache_db.h"
#include "err.h"
#include "search/search_index_internal.h"

#define BUSY_MS 2000
#define INDEX_VERSION 2 /* also of which lines a session has */

/* As it stands in the file: one that says anything else was not made here. */
static const char *const tables[] = {
	"CREATE TABLE made(keys BLOB NOT NULL)",
	"CREATE TABLE session(n INTEGER NOT NULL, id BLOB NOT NULL, state BLOB NOT NULL, "
	"start_ns INTEGER NOT NULL, user BLOB NOT NULL, outcome BLOB NOT NULL, "
	"first INTEGER NOT NULL, blocks INTEGER NOT NULL, sum BLOB NOT NULL, "
	"PRIMARY KEY(n, id)) WITHOUT ROWID",
	"CREATE TABLE block(id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
	"CREATE TABLE slice(id INTEGER PRIMARY KEY, bits BLOB NOT NULL)",
};

/* Against what happens to files, not against who could write to them: that is the auditor. */
void search_sum(uint8_t out[SUM_SIZE], const void *p, size_t len)
{
	static const uint8_t key[crypto_shorthash_KEYBYTES];

	_Static_assert(SUM_SIZE == crypto_shorthash_BYTES, "size of a sum");
	crypto_shorthash(out, p, len, key);
}

void search_state(uint8_t out[SEARCH_STATE], const struct stat *st)
{
	put_u64(out, (uint64_t)st->st_dev);
	put_u64(out + 8, (uint64_t)st->st_ino);
	put_u64(out + 16, (uint64_t)st->st_size);
	put_u64(out + 24, (uint64_t)st->st_mtim.tv_sec * 1000000000 + (uint64_t)st->st_mtim.tv_nsec);
	put_u64(out + 32, (uint64_t)st->st_ctim.tv_sec * 1000000000 + (uint64_t)st->st_ctim.tv_nsec);
}

static int number(void *ctx, sqlite3_stmt *st)
{
	*(int64_t *)ctx = sqlite3_column_int64(st, 0);
	return 0;
}

int search_db_count(sqlite3 *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *st;
	int r = cache_db_prepare(db, &st, sql);

	return r != 0 ? r : cache_db_rows(st, number, out);
}

int search_db_open(sqlite3 **out, const char *path)
{
	static const struct cache_db_kind kind = { tables, sizeof tables / sizeof tables[0],
		INDEX_VERSION, 16384 };
	sqlite3 *db;
	int r = cache_db_open(&db, path, &kind);

	if (r != 0)
		return r;
	sqlite3_busy_timeout(db, BUSY_MS);
	/* what is forgotten is overwritten; who reads does not wait for who writes */
	r = cache_db_exec(db, "PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL; "
	    "PRAGMA synchronous = NORMAL");
	if (r != 0) {
		sqlite3_close(db);
		return r;
	}
	*out = db;
	return 0;
}

/* A text that ends in a zero and fits. */
static int column_text(sqlite3_stmt *st, int column, char *out, size_t size)
{
	const char *p = sqlite3_column_blob(st, column);
	int len = sqlite3_column_bytes(st, column);

	if (p == NULL || len < 1 || (size_t)len > size || p[len - 1] != '\0')
		return 0;
	memcpy(out, p, (size_t)len);
	return 1;
}

struct made {
	const uint8_t *keys;
	int rows;
};

static int is_made(void *ctx, sqlite3_stmt *st)
{
	struct made *m = ctx;
	uint8_t keys[HASH_SIZE];

	m->rows++;
	return cache_db_bytes(st, 0, keys, sizeof keys) && memcmp(keys, m->keys, sizeof keys) == 0 ?
	    0 : E_FORMAT;
}

int search_db_keys(sqlite3 *db, const uint8_t keys[HASH_SIZE])
{
	struct made m = { keys, 0 };
	int64_t sessions = 0;
	sqlite3_stmt *st;
	int r = cache_db_prepare(db, &st, "SELECT keys FROM made");

	if (r != 0 || (r = cache_db_rows(st, is_made, &m)) != 0)
		return r;
	if (m.rows > 0)
		return m.rows == 1 ? 0 : E_FORMAT;
	if ((r = search_db_count(db, "SELECT count(*) FROM session", &sessions)) != 0)
		return r;
	if (sessions != 0)
		return E_FORMAT;
	if ((r = cache_db_prepare(db, &st, "INSERT INTO made VALUES(?)")) != 0)
		return r;
	sqlite3_bind_blob(st, 1, keys, HASH_SIZE, SQLITE_STATIC);
	r = cache_db_step(st);
	sqlite3_finalize(st);
	return r;
}

/* Over all that a row says. */
static void sum_of(uint8_t sum[SUM_SIZE], const struct search_kept *k)
{
	uint8_t p[8 + ID_SIZE + SEARCH_STATE + 24 + sizeof k->user + sizeof k->outcome] = { 0 };
	uint8_t *at = p;

	put_u64(at, k->n);
	memcpy(at += 8, k->id, ID_SIZE);
	memcpy(at += ID_SIZE, k->state, SEARCH_STATE);
	put_u64(at += SEARCH_STATE, (uint64_t)k->start_ns);
	put_u64(at += 8, (uint64_t)k->first);
	put_u64(at += 8, (uint64_t)k->blocks);
	memcpy(at += 8, k->user, strlen(k->user));
	memcpy(at += sizeof k->user, k->outcome, strlen(k->outcome));
	search_sum(sum, p, sizeof p);
}

static int add_session(void *ctx, sqlite3_stmt *st)
{
	struct search_index *x = ctx;
	uint8_t said[SUM_SIZE], sum[SUM_SIZE];
	struct search_kept *k;

	if (array_room(&x->kept, x->kepts, &x->room, sizeof *x->kept) != 0)
		return -ENOMEM;
	k = &x->kept[x->kepts];
	memset(k, 0, sizeof *k);
	k->n = (uint64_t)sqlite3_column_int64(st, 0);
	k->start_ns = sqlite3_column_int64(st, 3);
	k->first = sqlite3_column_int64(st, 6);
	k->blocks = sqlite3_column_int64(st, 7);
	if (!cache_db_bytes(st, 1, k->id, ID_SIZE) || !cache_db_bytes(st, 2, k->state, SEARCH_STATE) ||
	    !column_text(st, 4, k->user, sizeof k->user) ||
	    !column_text(st, 5, k->outcome, sizeof k->outcome) ||
	    !cache_db_bytes(st, 8, said, SUM_SIZE))
		return E_FORMAT;
	sum_of(sum, k);
	if (memcmp(sum, said, SUM_SIZE) != 0 || k->first < 0 || k->blocks < 0 ||
	    k->first > INT32_MAX || k->blocks > INT32_MAX)
		return E_FORMAT;
	x->kepts++;
	return 0;
}

int search_db_load(struct search_index *x)
{
	sqlite3_stmt *st;
	int r = cache_db_prepare(x->db, &st, "SELECT n, id, state, start_ns, user, outcome, first, "
	    "blocks, sum FROM session ORDER BY n, id");

	x->kepts = 0;
	if (r != 0 || (r = cache_db_rows(st, add_session, x)) != 0)
		return r;
	x->rows = (int64_t)x->kepts;
	r = search_db_count(x->db, "SELECT coalesce(max(id), -1) + 1 FROM block", &x->blocks);
	return r != 0 ? r : x->blocks < 0 || x->blocks > INT32_MAX ? E_FORMAT : 0;
}

int search_db_put(struct search_index *x, const struct search_kept *k)
{
	uint8_t sum[SUM_SIZE];
	sqlite3_stmt *st = x->put_session;

	sum_of(sum, k);
	sqlite3_bind_int64(st, 1, (int64_t)k->n);
	sqlite3_bind_blob(st, 2, k->id, ID_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(st, 3, k->state, SEARCH_STATE, SQLITE_STATIC);
	sqlite3_bind_int64(st, 4, k->start_ns);
	sqlite3_bind_blob(st, 5, k->user, (int)strlen(k->user) + 1, SQLITE_STATIC);
	sqlite3_bind_blob(st, 6, k->outcome, (int)strlen(k->outcome) + 1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 7, k->first);
	sqlite3_bind_int64(st, 8, k->blocks);
	sqlite3_bind_blob(st, 9, sum, SUM_SIZE, SQLITE_STATIC);
	return cache_db_step(st);
}

/* A statement of these two values, once. */
static int once(sqlite3 *db, const char *sql, int64_t a, int64_t b, const uint8_t *id)
{
	sqlite3_stmt *st;
	int r = cache_db_prepare(db, &st, sql);

	if (r != 0)
		return r;
	sqlite3_bind_int64(st, 1, a);
	if (id != NULL)
		sqlite3_bind_blob(st, 2, id, ID_SIZE, SQLITE_STATIC);
	else
		sqlite3_bind_int64(st, 2, b);
	r = cache_db_step(st);
	sqlite3_finalize(st);
	return r;
}

int search_db_forget(struct search_index *x, const struct search_kept *k)
{
	int r = 0;

	for (int64_t i = k->first; i < k->first + k->blocks && r == 0; i++)
		if ((r = search_slab_to(&x->slab, i)) == 0)
			search_slab_clear(&x->slab, i);
	if (r == 0)
		r = once(x->db, "DELETE FROM block WHERE id >= ? AND id < ?", k->first,
		    k->first + k->blocks, NULL);
	return r != 0 ? r : once(x->db, "DELETE FROM session WHERE n = ? AND id = ?",
	    (int64_t)k->n, 0, k->id);
}
