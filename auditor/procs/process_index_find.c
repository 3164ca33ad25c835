/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "err.h"
#include "procs/process_index_internal.h"

#define DISTINCT_MAX 20000 /* names; where there are more they tell little */

struct block {
	int64_t from_ns, to_ns;
	uint64_t k, first, slots;
	unsigned flags, chosen : 1, marked : 1;
};

/* All blocks: number i + 1 stands at i. */
struct blocks {
	struct block *p;
	size_t count, room;
};

static int add_block(void *ctx, sqlite3_stmt *st)
{
	struct blocks *b = ctx;

	if (sqlite3_column_int64(st, 0) != (int64_t)b->count + 1)
		return E_FORMAT;
	if (array_room(&b->p, b->count, &b->room, sizeof *b->p) != 0)
		return -ENOMEM;
	b->p[b->count++] = (struct block){ .k = (uint64_t)sqlite3_column_int64(st, 1),
		.first = (uint64_t)sqlite3_column_int64(st, 2),
		.slots = (uint64_t)sqlite3_column_int64(st, 3),
		.from_ns = sqlite3_column_int64(st, 4), .to_ns = sqlite3_column_int64(st, 5),
		.flags = (unsigned)sqlite3_column_int(st, 6) };
	return 0;
}

static int load(sqlite3 *db, struct blocks *b)
{
	sqlite3_stmt *st;
	int r = cache_db_prepare(db, &st, "SELECT id, k, first, slots, from_ns, to_ns, flags "
	    "FROM block ORDER BY id");

	return r != 0 ? r : cache_db_rows(st, add_block, b);
}

static struct block *block_of(struct blocks *b, sqlite3_stmt *st)
{
	int64_t id = sqlite3_column_int64(st, 0);

	return id < 1 || (uint64_t)id > b->count ? NULL : &b->p[id - 1];
}

static int mark(void *ctx, sqlite3_stmt *st)
{
	struct block *one = block_of(ctx, st);

	if (one == NULL)
		return E_FORMAT;
	one->marked = 1;
	return 0;
}

static int choose(void *ctx, sqlite3_stmt *st)
{
	struct block *one = block_of(ctx, st);

	if (one == NULL)
		return E_FORMAT;
	one->chosen = 1;
	return 0;
}

/* Those that are not marked go. */
static void keep_marked(struct blocks *b)
{
	for (size_t i = 0; i < b->count; i++) {
		b->p[i].chosen &= b->p[i].marked;
		b->p[i].marked = 0;
	}
}

static int by_session(sqlite3 *db, struct blocks *b, uint64_t session)
{
	sqlite3_stmt *st;
	int r = cache_db_prepare(db, &st, "SELECT block FROM block_session WHERE session = ?");

	if (r != 0)
		return r;
	sqlite3_bind_int64(st, 1, (int64_t)session);
	if ((r = cache_db_rows(st, mark, b)) == 0)
		keep_marked(b);
	return r;
}

/* Marks the blocks of the value that st has in its first column. */
static int mark_value(sqlite3 *db, struct blocks *b, const char *sql, sqlite3_value *v)
{
	sqlite3_stmt *st;
	int r = cache_db_prepare(db, &st, sql);

	if (r != 0)
		return r;
	sqlite3_bind_value(st, 1, v);
	return cache_db_rows(st, mark, b);
}

/* Steps from one value that occurs to the next, st having the one before as parameter:
 * 1 and st at it, 0 no more, or negative. */
static int next_value(sqlite3_stmt *st)
{
	int r = sqlite3_step(st);

	if (r != SQLITE_ROW)
		return cache_db_error(r);
	return sqlite3_column_type(st, 0) != SQLITE_NULL;
}

static int by_uid(sqlite3 *db, struct blocks *b, const struct process_index_query *q)
{
	sqlite3_stmt *st;
	int64_t uid = -1;
	int r = cache_db_prepare(db, &st, "SELECT min(uid) FROM block_uid WHERE uid > ?");

	while (r == 0) {
		sqlite3_reset(st);
		sqlite3_bind_int64(st, 1, uid);
		if ((r = next_value(st)) != 1)
			break;
		uid = sqlite3_column_int64(st, 0);
		r = q->uid(q->ctx, (uint32_t)uid) ? mark_value(db, b,
		    "SELECT block FROM block_uid WHERE uid = ?", sqlite3_column_value(st, 0)) : 0;
	}
	sqlite3_finalize(st);
	if (r == 0)
		keep_marked(b);
	return r;
}

static int is_asked(const struct process_index_query *q, sqlite3_stmt *st)
{
	char comm[ACCT_COMM + 1] = "";
	const void *p = sqlite3_column_blob(st, 0);

	if (p == NULL || sqlite3_column_bytes(st, 0) != ACCT_COMM)
		return E_FORMAT;
	memcpy(comm, p, ACCT_COMM);
	return q->comm(q->ctx, comm) != 0;
}

static int by_comm(sqlite3 *db, struct blocks *b, const struct process_index_query *q)
{
	sqlite3_stmt *st;
	unsigned seen = 0;
	int r = cache_db_prepare(db, &st, "SELECT min(comm) FROM block_comm WHERE comm > ?");

	if (r == 0)
		sqlite3_bind_blob(st, 1, "", 0, SQLITE_STATIC);
	while (r == 0 && seen++ < DISTINCT_MAX) {
		char at[ACCT_COMM];

		if ((r = next_value(st)) != 1 || (r = is_asked(q, st)) < 0)
			break;
		if (r == 1)
			r = mark_value(db, b, "SELECT block FROM block_comm WHERE comm = ?",
			    sqlite3_column_value(st, 0));
		memcpy(at, sqlite3_column_blob(st, 0), sizeof at);
		sqlite3_reset(st);
		sqlite3_bind_blob(st, 1, at, sizeof at, SQLITE_TRANSIENT);
	}
	sqlite3_finalize(st);
	for (size_t i = 0; i < b->count; i++)
		b->p[i].marked |= (b->p[i].flags & INDEX_TEXTS) != 0 || seen > DISTINCT_MAX;
	if (r == 0)
		keep_marked(b);
	return r;
}

static void by_time(struct blocks *b, const struct process_index_query *q)
{
	for (size_t i = 0; i < b->count; i++)
		b->p[i].chosen = b->p[i].from_ns <= q->to_ns && b->p[i].to_ns >= q->from_ns;
}

/* The EXECs of what was chosen, and of what has not ended, which the part that is not in the
 * index may end. */
static int add_execs(sqlite3 *db, struct blocks *b)
{
	sqlite3_stmt *st;
	int r = cache_db_prepare(db, &st, "SELECT exec FROM need WHERE block = ?");

	for (size_t i = 0; i < b->count && r == 0; i++) {
		if (!b->p[i].chosen)
			continue;
		sqlite3_bind_int64(st, 1, (int64_t)i + 1);
		while (r == 0 && (r = sqlite3_step(st)) == SQLITE_ROW)
			r = mark(b, st);
		r = r < 0 ? r : cache_db_error(r);
		sqlite3_reset(st);
	}
	sqlite3_finalize(st);
	for (size_t i = 0; i < b->count; i++) {
		b->p[i].chosen |= b->p[i].marked;
		b->p[i].marked = 0;
	}
	if (r == 0)
		r = cache_db_prepare(db, &st, "SELECT DISTINCT block FROM live");
	return r != 0 ? r : cache_db_rows(st, choose, b);
}

static int select_blocks(sqlite3 *db, struct blocks *b, const struct process_index_query *q)
{
	int r = 0;

	by_time(b, q);
	if (q->session != 0)
		r = by_session(db, b, q->session);
	if (r == 0 && q->uid != NULL)
		r = by_uid(db, b, q);
	if (r == 0 && q->comm != NULL)
		r = by_comm(db, b, q);
	for (size_t i = 0; i < b->count; i++)
		b->p[i].chosen |= (b->p[i].flags & INDEX_ALWAYS) != 0;
	if (r == 0 && q->execs)
		r = add_execs(db, b);
	return r;
}

static int add_parts(const struct blocks *b, struct index_found *out)
{
	size_t room = 0;

	for (size_t i = 0; i < b->count; i++) {
		const struct block *one = &b->p[i];
		struct index_part *last = out->parts > 0 ? &out->part[out->parts - 1] : NULL;

		if (!one->chosen)
			continue;
		if (last != NULL && last->k == one->k && last->part.i + last->part.count == one->first) {
			last->part.count += one->slots;
			continue;
		}
		if (array_room(&out->part, out->parts, &room, sizeof *out->part) != 0)
			return -ENOMEM;
		out->part[out->parts++] = (struct index_part){ one->k, { one->first, one->slots } };
	}
	return 0;
}

int index_find(sqlite3 *db, const struct process_index_query *q, struct index_found *out)
{
	struct blocks b = { 0 };
	int r;

	*out = (struct index_found){ 0 };
	/* one state of it, whoever writes meanwhile */
	if ((r = cache_db_exec(db, "BEGIN")) != 0)
		return r;
	if ((r = index_segments(db, &out->segment, &out->segments)) == 0 &&
	    (r = load(db, &b)) == 0 && (r = select_blocks(db, &b, q)) == 0)
		r = add_parts(&b, out);
	cache_db_exec(db, "ROLLBACK");
	free(b.p);
	if (r != 0)
		index_found_release(out);
	return r;
}

void index_found_release(struct index_found *f)
{
	free(f->segment);
	free(f->part);
	*f = (struct index_found){ 0 };
}
