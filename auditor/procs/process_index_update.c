/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "clock.h"
#include "err.h"
#include "io.h"
#include "procs/process_index_internal.h"

#define SAY_AFTER_NS UINT64_C(1000000000) /* what is over by then goes unsaid */

struct update {
	struct process_index *x;
	const struct store *store;
	struct index_block *block;
	struct index_segment at;   /* of the segment at hand; slots: where the block begins */
	struct process_segment segment;
	uint64_t end;              /* slots to index of it */
	int64_t id;                /* of the block at hand, 0 for none */
	int error;
	size_t done, all;          /* segments */
	uint64_t begun_ns;
	int said;                  /* percent, -1 nothing yet */
};

static void put_state(uint8_t out[INDEX_STATE], const struct stat *st)
{
	put_u64(out, (uint64_t)st->st_size);
	put_u64(out + 8, (uint64_t)st->st_ino);
	put_u64(out + 16, (uint64_t)st->st_mtim.tv_sec * 1000000000 + (uint64_t)st->st_mtim.tv_nsec);
	put_u64(out + 24, (uint64_t)st->st_ctim.tv_sec * 1000000000 + (uint64_t)st->st_ctim.tv_nsec);
}

static int open_segment(const struct store *s, uint64_t k, struct stat *st)
{
	char name[PROCESS_NAME_MAX], path[sizeof "process/" + sizeof name];
	int fd;

	snprintf(path, sizeof path, "process/%s", process_file_name(name, k));
	fd = store_open_file(s, path);
	if (fd >= 0 && fstat(fd, st) != 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}

static uint64_t slots_of(const struct stat *st)
{
	return st->st_size < PROCESS_HEADER ? 0 :
	    ((uint64_t)st->st_size - PROCESS_HEADER) / PROCESS_SIZE;
}

/* The header, and the digest of the last block before slot. */
static int read_ends(int fd, uint64_t slot, uint8_t header[PROCESS_HEADER],
    uint8_t digest[HASH_SIZE])
{
	static uint8_t buf[INDEX_BLOCK * PROCESS_SIZE];
	uint64_t first = slot > INDEX_BLOCK ? slot - INDEX_BLOCK : 0;
	size_t len = (size_t)(slot - first) * PROCESS_SIZE;

	if (io_pread_all(fd, header, PROCESS_HEADER, 0) != PROCESS_HEADER ||
	    io_pread_all(fd, buf, len, PROCESS_HEADER + first * PROCESS_SIZE) != (ssize_t)len)
		return E_FORMAT;
	hash_of(digest, buf, len);
	return 0;
}

/* Is the segment the one that was indexed, or has it grown since?  0 or E_FORMAT. */
static int check_segment(const struct store *s, const struct index_segment *g)
{
	uint8_t state[INDEX_STATE], header[PROCESS_HEADER], digest[HASH_SIZE];
	struct stat st;
	int fd = open_segment(s, g->k, &st), r = 0;

	if (fd < 0)
		return E_FORMAT;
	put_state(state, &st);
	if (memcmp(state, g->state, sizeof state) != 0) {
		r = get_u64(state) > get_u64(g->state) && slots_of(&st) >= g->slots ?
		    read_ends(fd, g->slots, header, digest) : E_FORMAT;
		if (r == 0 && (memcmp(header, g->header, sizeof header) != 0 ||
		    memcmp(digest, g->digest, sizeof digest) != 0))
			r = E_FORMAT;
	}
	close(fd);
	return r;
}

static int number(void *ctx, sqlite3_stmt *st)
{
	*(int64_t *)ctx = sqlite3_column_int64(st, 0);
	return 0;
}

static int last_block(sqlite3 *db, int64_t *id)
{
	sqlite3_stmt *st;
	int r = cache_db_prepare(db, &st, "SELECT coalesce(max(id), 0) FROM block");

	return r != 0 ? r : cache_db_rows(st, number, id);
}

/* While it takes long, on a terminal. */
static void say(struct update *u)
{
	int percent = (int)(100 * u->done / u->all);

	if (percent == u->said || clock_mono() - u->begun_ns < SAY_AFTER_NS || !isatty(STDERR_FILENO))
		return;
	u->said = percent;
	fprintf(stderr, "\rindexing process records: %d %%", percent);
	fflush(stderr);
}

static void end_block(struct update *u, uint64_t to)
{
	if (u->error != 0 || to == u->at.slots)
		return;
	u->error = index_block_end(u->block, to - u->at.slots);
	u->at.slots = to;
	u->id++;
}

/* The block that slot i is in is the one at hand from now on. */
static void to_slot(struct update *u, uint64_t i)
{
	uint64_t next = (u->at.slots / INDEX_BLOCK + 1) * INDEX_BLOCK;

	for (; i >= next && u->error == 0; next += INDEX_BLOCK) {
		end_block(u, next);
		index_block_begin(u->block, u->id, &u->segment, next);
	}
}

static void segment(void *arg, const struct process_segment *g)
{
	struct update *u = arg;

	u->segment = *g;
	index_block_begin(u->block, u->id, g, u->at.slots);
}

static void slot(void *arg, const struct process_place *at, const struct process_record *p)
{
	struct update *u = arg;

	if (at->i >= u->end || u->error != 0)
		return;
	to_slot(u, at->i);
	index_block_take(u->block, p);
}

static void trouble(void *arg, const char *path, uint64_t offset, const char *text, int tail)
{
	struct update *u = arg;
	uint64_t i = offset < PROCESS_HEADER ? 0 : (offset - PROCESS_HEADER) / PROCESS_SIZE;

	(void)path;
	(void)text;
	if (tail || i < u->at.slots || i >= u->end || u->error != 0)
		return;
	to_slot(u, i);
	index_block_always(u->block);
}

static int put_segment(struct update *u)
{
	sqlite3_stmt *st;
	int r = cache_db_prepare(u->x->db, &st, "INSERT OR REPLACE INTO segment VALUES(?,?,?,?,?)");

	if (r != 0)
		return r;
	sqlite3_bind_int64(st, 1, (int64_t)u->at.k);
	sqlite3_bind_int64(st, 2, (int64_t)u->at.slots);
	sqlite3_bind_blob(st, 3, u->at.header, PROCESS_HEADER, SQLITE_STATIC);
	sqlite3_bind_blob(st, 4, u->at.state, INDEX_STATE, SQLITE_STATIC);
	sqlite3_bind_blob(st, 5, u->at.digest, HASH_SIZE, SQLITE_STATIC);
	r = cache_db_step(st);
	sqlite3_finalize(st);
	return r;
}

/* Indexes slots of the segment up to u->end; a transaction is open. */
static int index_slots(struct update *u, int fd)
{
	const struct process_walk w = { .segment = segment, .slot = slot, .trouble = trouble,
		.arg = u };
	const struct process_part part = { u->at.slots, u->end - u->at.slots };
	int r;

	if ((r = last_block(u->x->db, &u->id)) != 0 || (r = index_block_load(u->block)) != 0)
		return r;
	u->id++;
	u->error = 0;
	r = process_walk_parts(u->store, &w, u->at.k, &part, 1);
	if (r == E_SHORT || r == E_FORMAT)
		return 0; /* not a segment yet, or not at all: read whole each time */
	if (r != 0)
		return r;
	if (u->error == 0)
		to_slot(u, u->end - 1);
	end_block(u, u->end);
	if (u->error != 0)
		return u->error;
	if ((r = read_ends(fd, u->at.slots, u->at.header, u->at.digest)) != 0 ||
	    (r = index_block_save(u->block)) != 0)
		return r;
	return put_segment(u);
}

/* What the index has of segment k now. */
static int load_segment(struct update *u, uint64_t k)
{
	struct index_segment *g;
	size_t count;
	int r = index_segments(u->x->db, &g, &count);

	if (r != 0)
		return r;
	u->at = (struct index_segment){ .k = k };
	for (size_t i = 0; i < count; i++)
		if (g[i].k == k)
			u->at = g[i];
	free(g);
	return 0;
}

static int update_segment(struct update *u, uint64_t k, int is_newest)
{
	struct stat st;
	int fd = open_segment(u->store, k, &st), r;

	if (fd < 0)
		return fd;
	u->end = slots_of(&st);
	if (is_newest)
		u->end -= u->end % INDEX_BLOCK;
	if ((r = load_segment(u, k)) == 0 && u->end > u->at.slots &&
	    (r = cache_db_exec(u->x->db, "BEGIN IMMEDIATE")) == 0) {
		/* another process may have been faster */
		if ((r = load_segment(u, k)) == 0 && u->end > u->at.slots) {
			put_state(u->at.state, &st);
			r = index_slots(u, fd);
		}
		if (r == 0)
			r = cache_db_exec(u->x->db, "COMMIT");
		if (r != 0)
			cache_db_exec(u->x->db, "ROLLBACK");
	}
	close(fd);
	return r;
}

/* Are the segments that it knows those of this store? */
static int check(struct update *u, const uint64_t *list, size_t count)
{
	struct index_segment *g = NULL;
	size_t known = 0, i, j = 0;
	int r = index_segments(u->x->db, &g, &known);

	for (i = 0; i < known && r == 0; i++) {
		while (j < count && list[j] < g[i].k)
			j++;
		r = j < count && list[j] == g[i].k ? check_segment(u->store, &g[i]) : E_FORMAT;
	}
	free(g);
	return r;
}

int index_update(struct process_index *x, const struct store *s)
{
	struct update u = { .x = x, .store = s, .begun_ns = clock_mono(), .said = -1 };
	uint64_t *list;
	size_t count, i;
	int r = process_walk_list(s, &list, &count);

	if (r != 0)
		return r;
	if ((r = check(&u, list, count)) != 0)
		goto out;
	u.all = count;
	u.block = index_block_new(x->db);
	if (u.block == NULL)
		r = -ENOMEM;
	for (i = 0; i < count && r == 0; i++) {
		r = update_segment(&u, list[i], i + 1 == count);
		u.done++;
		say(&u);
	}
	if (u.said >= 0)
		fprintf(stderr, "\r%*s\r", 40, "");
	index_block_free(u.block);
	if (r == -EBUSY || r == -ENOSPC || r == -EACCES)
		r = 0; /* what it does not have is read */
out:
	free(list);
	return r;
}
