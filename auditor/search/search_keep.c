/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "store/cache_db.h"
#include "clock.h"
#include "err.h"
#include "search/search_index_internal.h"

#define HELD_MAX ((size_t)16 << 20)   /* bytes of a session that wait until it is read, or */
#define HELD_MOST ((size_t)48 << 20)  /* while another session is written */
#define COMMIT_AFTER ((size_t)32 << 20)
#define AGE_NS INT64_C(200000000)     /* a younger file may change and keep its times */

struct held {
	uint8_t *packed;
	size_t len;
	struct trigrams *trigrams;
};

struct search_keep {
	struct search_index *x;
	struct search_kept kept;
	struct block_writer *writer;
	struct held *held;
	size_t helds, room, bytes;
	int writing; /* its blocks go to the file, and x is locked */
	int error;
};

int search_index_commit(struct search_index *x)
{
	int r = search_slab_write(&x->slab);

	if (r == 0)
		r = cache_db_exec(x->db, "COMMIT");
	if (r != 0)
		cache_db_exec(x->db, "ROLLBACK");
	x->open = 0;
	x->fresh = 0;
	return r;
}

/* Begins to write; another process must not have written since the rows were read. */
static int begin(struct search_index *x)
{
	int64_t rows = 0, blocks = 0;
	int r;

	if (x->closed)
		return -EACCES;
	if (x->open)
		return 0;
	if ((r = cache_db_exec(x->db, "BEGIN IMMEDIATE")) != 0)
		return r;
	if ((r = search_db_count(x->db, "SELECT count(*) FROM session", &rows)) == 0)
		r = search_db_count(x->db, "SELECT coalesce(max(id), -1) + 1 FROM block", &blocks);
	if (r == 0 && (rows != x->rows || blocks > x->blocks))
		r = -EBUSY;
	if (r != 0)
		cache_db_exec(x->db, "ROLLBACK");
	x->open = r == 0;
	return r;
}

/* What was not committed is lost, and nothing more is written. */
static void give_up(struct search_index *x, int r)
{
	if (x->open)
		cache_db_exec(x->db, "ROLLBACK");
	x->open = 0;
	x->closed = 1;
	x->spoilt |= r == E_FORMAT;
}

static int put_block(struct search_keep *k, const uint8_t *packed, size_t len,
    const struct trigrams *t)
{
	struct search_index *x = k->x;
	int64_t id = k->kept.first + k->kept.blocks;
	int r;

	if (id > INT32_MAX)
		return E_RANGE;
	if ((r = search_slab_to(&x->slab, id)) != 0)
		return r;
	search_slab_set(&x->slab, id, t);
	sqlite3_bind_int64(x->put_block, 1, id);
	sqlite3_bind_blob(x->put_block, 2, packed, (int)len, SQLITE_STATIC);
	r = cache_db_step(x->put_block);
	x->fresh += len;
	k->kept.blocks++;
	return r;
}

/* From here to its end the session has the file for itself: x is locked. */
static int write_held(struct search_keep *k)
{
	int r;

	k->writing = 1;
	r = begin(k->x);
	k->kept.first = k->x->blocks;
	for (size_t i = 0; i < k->helds && r == 0; i++)
		r = put_block(k, k->held[i].packed, k->held[i].len, k->held[i].trigrams);
	return r;
}

static int hold(struct search_keep *k, const uint8_t *packed, size_t len,
    const struct trigrams *t)
{
	struct held h = { malloc(len), len, malloc(sizeof *t) };

	if (h.packed == NULL || h.trigrams == NULL ||
	    array_room(&k->held, k->helds, &k->room, sizeof *k->held) != 0) {
		free(h.packed);
		free(h.trigrams);
		return -ENOMEM;
	}
	memcpy(h.packed, packed, len);
	*h.trigrams = *t;
	k->held[k->helds++] = h;
	k->bytes += len + sizeof *t;
	return 0;
}

static int take_block(void *arg, const uint8_t *packed, size_t len, const struct trigrams *t)
{
	struct search_keep *k = arg;

	int r;

	/* who has the lock may wait for this session's turn to be printed: so do not wait */
	if (!k->writing && k->bytes > HELD_MAX && pthread_mutex_trylock(&k->x->lock) == 0 &&
	    (r = write_held(k)) != 0)
		return r;
	if (!k->writing && k->bytes > HELD_MOST)
		return -EBUSY;
	return k->writing ? put_block(k, packed, len, t) : hold(k, packed, len, t);
}

struct search_keep *search_keep_new(struct search_index *x, const struct store_session *e,
    const struct stat *st)
{
	struct search_keep *k;
	int64_t changed = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;

	if (x == NULL || e->name.state == SESSION_LIVE || clock_wall() - changed < AGE_NS ||
	    (k = calloc(1, sizeof *k)) == NULL)
		return NULL;
	k->x = x;
	k->kept.n = e->name.n;
	memcpy(k->kept.id, e->name.id, ID_SIZE);
	search_state(k->kept.state, st);
	k->writer = block_writer_new(e->name.n, e->name.id, take_block, k);
	if (k->writer == NULL) {
		free(k);
		return NULL;
	}
	return k;
}

int search_keep_line(void *keep, const struct search_line *l)
{
	struct search_keep *k = keep;

	if (k->error == 0)
		k->error = block_writer_line(k->writer, l);
	return 0;
}

static int put_session(struct search_keep *k)
{
	struct search_index *x = k->x;
	int r = search_db_put(x, &k->kept);

	if (r != 0)
		return r;
	x->blocks = k->kept.first + k->kept.blocks;
	x->rows++;
	return x->fresh > COMMIT_AFTER ? search_index_commit(x) : 0;
}

static int finish(struct search_keep *k)
{
	int r = k->error;

	if (r == 0)
		r = block_writer_end(k->writer);
	if (r == 0 && !k->writing) {
		pthread_mutex_lock(&k->x->lock);
		r = write_held(k);
	}
	return r != 0 ? r : put_session(k);
}

static void describe(struct search_keep *k, const struct store_session *e,
    const struct verdict *v)
{
	k->kept.start_ns = v->chain.have_cert ? v->chain.cert.wall_ns : 0;
	if (v->chain.have_cert)
		snprintf(k->kept.user, sizeof k->kept.user, "%s", v->chain.cert.user);
	if (!verdict_good(v))
		outcome_line(k->kept.outcome, e, v);
}

void search_keep_end(struct search_keep *k, const struct verdict *v)
{
	struct store_session e = { .name.n = 0 };
	int r = -ECANCELED;

	if (k == NULL)
		return;
	e.name.n = k->kept.n;
	memcpy(e.name.id, k->kept.id, ID_SIZE);
	if (v != NULL) {
		describe(k, &e, v);
		r = finish(k);
	}
	if (k->writing) {
		if (r != 0)
			give_up(k->x, r);
		pthread_mutex_unlock(&k->x->lock);
	}
	for (size_t i = 0; i < k->helds; i++) {
		free(k->held[i].packed);
		free(k->held[i].trigrams);
	}
	free(k->held);
	block_writer_free(k->writer);
	free(k);
}
