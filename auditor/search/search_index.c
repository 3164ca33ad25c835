/* SPDX-License-Identifier: ISC */
#include "search/search_index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "store/cache.h"
#include "store/cache_db.h"
#include "err.h"
#include "search/search_index_internal.h"

#define SHELF_CACHE "PRAGMA cache_size = -1024"

static void close_all(struct search_index *x)
{
	sqlite3_finalize(x->put_block);
	sqlite3_finalize(x->put_session);
	search_slab_close(&x->slab);
	sqlite3_close(x->db);
	x->put_block = x->put_session = NULL;
	x->db = NULL;
}

/* A digest of the host keys by which sessions are judged. */
static void keys_of(uint8_t out[HASH_SIZE], const struct auditor *a)
{
	struct hash h;

	hash_begin(&h);
	if (auditor_pk(a) != NULL)
		hash_add(&h, auditor_pk(a), PK_SIZE, NULL, 0);
	for (size_t i = 0; i < a->keys.keys; i++)
		hash_add(&h, a->keys.key[i].pk, PK_SIZE, NULL, 0);
	hash_get(&h, out);
}

static int by_name(const void *a, const void *b)
{
	const struct search_kept *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return memcmp(x->id, y->id, ID_SIZE);
}

static struct search_kept *kept_of(const struct search_index *x, const struct store_session *e)
{
	struct search_kept key;

	if (x->kepts == 0)
		return NULL;
	key.n = e->name.n;
	memcpy(key.id, e->name.id, ID_SIZE);
	return bsearch(&key, x->kept, x->kepts, sizeof key, by_name);
}

/* What a session's file is like now. */
static int stat_session(const struct store *s, const struct store_session *e, struct stat *st)
{
	struct store_session copy = *e;
	char path[STORE_PATH_MAX];
	int fd, r;

	store_session_path(path, e);
	if (s->fd >= 0)
		return fstatat(s->fd, path, st, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : -errno;
	fd = store_open_session(s, &copy);
	if (fd < 0)
		return fd;
	r = fstat(fd, st) == 0 ? 0 : -errno;
	close(fd);
	return r;
}

/* Which of those that are kept are as they were? */
static void compare(struct search_index *x)
{
	uint8_t state[SEARCH_STATE];
	struct search_kept *k;
	struct stat st;

	for (size_t i = 0; i < x->store->sessions; i++) {
		k = kept_of(x, &x->store->session[i]);
		if (k == NULL || stat_session(x->store, &x->store->session[i], &st) != 0)
			continue;
		search_state(state, &st);
		k->valid = memcmp(state, k->state, sizeof state) == 0;
	}
}

/* The others are forgotten, text and all.  One that somebody else writes now is left. */
static int forget(struct search_index *x)
{
	size_t gone = 0;
	int r;

	for (size_t i = 0; i < x->kepts; i++)
		gone += !x->kept[i].valid;
	if (gone == 0)
		return 0;
	if ((r = cache_db_exec(x->db, "BEGIN IMMEDIATE")) != 0)
		return r == -EBUSY ? 0 : r;
	for (size_t i = 0; i < x->kepts && r == 0; i++)
		if (!x->kept[i].valid)
			r = search_db_forget(x, &x->kept[i]);
	if (r == 0)
		r = search_slab_write(&x->slab);
	if (r == 0)
		r = cache_db_exec(x->db, "COMMIT");
	if (r != 0) {
		cache_db_exec(x->db, "ROLLBACK");
		return r;
	}
	x->rows -= (int64_t)gone;
	/* its copy in the log goes too; where others read it now, with the last of them */
	cache_db_exec(x->db, "PRAGMA wal_checkpoint(TRUNCATE)");
	return 0;
}

static int open_db(struct search_index *x, const struct auditor *a)
{
	uint8_t keys[HASH_SIZE];
	int r;

	keys_of(keys, a);
	if ((r = search_db_open(&x->db, x->path)) != 0 || (r = search_db_keys(x->db, keys)) != 0 ||
	    (r = search_db_load(x)) != 0 || (r = search_slab_open(&x->slab, x->db)) != 0 ||
	    (r = cache_db_prepare(x->db, &x->put_block, "INSERT INTO block VALUES(?,?)")) != 0 ||
	    (r = cache_db_prepare(x->db, &x->put_session,
	    "INSERT INTO session VALUES(?,?,?,?,?,?,?,?,?)")) != 0)
		return r;
	compare(x);
	return forget(x);
}

static void remove_files(const char *path)
{
	static const char *const end[] = { "", "-wal", "-shm", "-journal" };
	char name[PATH_MAX];

	for (size_t i = 0; i < sizeof end / sizeof end[0]; i++)
		if (snprintf(name, sizeof name, "%s%s", path, end[i]) < (int)sizeof name)
			(void)unlink(name);
}

int search_index_open(struct search_index **out, const struct auditor *a)
{
	struct search_index *x = calloc(1, sizeof *x);
	mode_t mask;
	int r;

	if (x == NULL)
		return -ENOMEM;
	pthread_mutex_init(&x->lock, NULL);
	x->store = &a->store;
	mask = umask(077);
	if ((r = cache_path(&x->path, "search", a->store_path)) == 0 &&
	    (r = open_db(x, a)) == E_FORMAT) {
		close_all(x); /* damaged, or of another store */
		remove_files(x->path);
		r = open_db(x, a);
	}
	umask(mask);
	if (r != 0) {
		x->closed = 1;
		search_index_free(x);
		return r;
	}
	*out = x;
	return 0;
}

void search_index_free(struct search_index *x)
{
	if (x == NULL)
		return;
	if (x->open && !x->closed)
		(void)search_index_commit(x);
	close_all(x);
	if (x->spoilt)
		remove_files(x->path);
	pthread_mutex_destroy(&x->lock);
	free(x->path);
	free(x->kept);
	free(x->may);
	free(x);
}

const struct search_kept *search_index_has(const struct search_index *x,
    const struct store_session *e)
{
	const struct search_kept *k = kept_of(x, e);

	return k != NULL && k->valid && e->name.state != SESSION_LIVE ? k : NULL;
}

void search_index_spoilt(struct search_index *x)
{
	pthread_mutex_lock(&x->lock);
	x->spoilt = 1;
	pthread_mutex_unlock(&x->lock);
}

int search_index_find(struct search_index *x, const struct needs *needs)
{
	int64_t slabs = (x->blocks + SLAB_BLOCKS - 1) / SLAB_BLOCKS;
	uint8_t found[SLAB_COLUMN];
	int r = 0;

	free(x->may);
	x->may = NULL;
	if (needs->any || slabs == 0)
		return 0;
	if ((x->may = calloc((size_t)slabs, SLAB_COLUMN)) == NULL)
		return -ENOMEM;
	x->mays = slabs * SLAB_BLOCKS;
	for (int64_t i = 0; i < slabs && r == 0; i++)
		for (unsigned k = 0; k < needs->needs && r == 0; k++) {
			r = search_slab_find(&x->slab, i, &needs->need[k], found);
			for (size_t j = 0; j < SLAB_COLUMN && r == 0; j++)
				x->may[(size_t)i * SLAB_COLUMN + j] |= found[j];
		}
	if (r != 0) {
		free(x->may);
		x->may = NULL;
		x->spoilt = r == E_FORMAT || r == -ENOENT;
	}
	return r;
}

int search_index_may(const struct search_index *x, int64_t block)
{
	if (x->may == NULL || block >= x->mays)
		return 1;
	return x->may[block / 8] >> (block & 7) & 1;
}

int search_shelf_open(struct search_shelf *s, const struct search_index *x)
{
	int r = search_db_open(&s->db, x->path);

	if (r == 0)
		r = cache_db_exec(s->db, SHELF_CACHE);
	return r != 0 ? r : cache_db_prepare(s->db, &s->get, "SELECT data FROM block WHERE id = ?");
}

void search_shelf_close(struct search_shelf *s)
{
	sqlite3_finalize(s->get);
	sqlite3_close(s->db);
	memset(s, 0, sizeof *s);
}

int search_shelf_block(struct search_shelf *s, const struct search_kept *k, int64_t seq,
    struct block_reader *b)
{
	struct block_name name = { .n = k->n, .seq = (uint32_t)seq };
	int r;

	memcpy(name.id, k->id, ID_SIZE);
	sqlite3_bind_int64(s->get, 1, k->first + seq);
	r = sqlite3_step(s->get);
	if (r == SQLITE_ROW)
		r = sqlite3_column_blob(s->get, 0) == NULL ? E_FORMAT :
		    block_reader_open(b, sqlite3_column_blob(s->get, 0),
		    (size_t)sqlite3_column_bytes(s->get, 0), &name);
	else
		r = r == SQLITE_DONE ? E_FORMAT : cache_db_error(r);
	sqlite3_reset(s->get);
	return r;
}
