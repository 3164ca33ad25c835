/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "err.h"
#include "hash.h"
#include "sessions_internal.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/* A block of records of the cache. */
struct kept_block {
	uint64_t k;
	size_t records, taken; /* of them are of files that are still the same */
};

/* Loading; blocks come in the order of the store. */
struct loading {
	struct sessions *x;
	size_t at; /* of the store's sessions */
};

static int is_settled(const struct sessions *x, const struct store_state *state)
{
	return state->ino != 0 && state->ctime_ns < x->opened_ns - SESSIONS_SETTLED_NS;
}

/* Who judged, and with which key: what another did is not believed. */
static void key_digest(uint8_t out[HASH_SIZE], const struct auditor *a)
{
	static const char version[] = PACKAGE_VERSION " 1";
	struct hash h;

	hash_begin(&h);
	hash_add(&h, version, sizeof version, NULL, 0);
	if (a->have_key)
		hash_add(&h, a->key.pk, PK_SIZE, NULL, 0);
	hash_get(&h, out);
}

/* 1, 0, or E_FORMAT. */
static int is_of_key(const struct session_pieces *p, const struct auditor *a)
{
	uint8_t now[HASH_SIZE];

	if (p->key == NULL)
		return 1; /* a new one */
	key_digest(now, a);
	return p->key_len == HASH_SIZE && memcmp(now, p->key, HASH_SIZE) == 0;
}

static int compare(const struct session_name *a, const struct session_name *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return memcmp(a->id, b->id, ID_SIZE);
}

/* Is it about the file that e now is? */
static int is_same(const struct session_record *r, const struct store_session *e)
{
	return e->name.state != SESSION_LIVE && e->name.state == r->name.state &&
	    strcmp(e->day, r->day) == 0 && store_state_same(&e->state, &r->state);
}

/* r is mostly in its place already. */
static int take_record(struct loading *l, const struct session_record *r)
{
	const struct store *s = &l->x->a->store;

	while (l->at < s->sessions && compare(&s->session[l->at].name, &r->name) < 0)
		l->at++;
	if (l->at == s->sessions || compare(&s->session[l->at].name, &r->name) != 0 ||
	    !is_same(r, &s->session[l->at]))
		return 0;
	if (r != &l->x->record[l->at])
		l->x->record[l->at] = *r;
	l->x->step[l->at] = STEP_KNOWN;
	l->at++;
	return 1;
}

static int take_block(struct loading *l, const struct session_piece *piece)
{
	struct sessions *x = l->x;
	struct session_record *r;
	struct rest b = { piece->p, piece->len };
	struct kept_block *own;
	int err = array_room(&x->block, x->blocks, &x->block_room, sizeof *x->block);

	if (err != 0)
		return err;
	own = &x->block[x->blocks++];
	*own = (struct kept_block){ .k = piece->k };
	while (b.len > 0) {
		r = &x->record[l->at]; /* there is one more than sessions */
		if (session_record_unpack(r, &b) != 0 || r->name.n / SESSION_BLOCK != piece->k)
			return E_FORMAT;
		own->records++;
		own->taken += (size_t)take_record(l, r);
	}
	return 0;
}

static int take_blocks(struct sessions *x)
{
	struct loading l = { .x = x };
	const struct session_pieces *p = &x->pieces;
	size_t i;
	int r = p->error;

	if (r == 0 && !is_of_key(p, x->a))
		r = E_FORMAT; /* of no use any more */
	for (i = 0; i < p->count && r == 0; i++)
		r = take_block(&l, &p->piece[i]);
	return r;
}

int sessions_load(struct sessions *x)
{
	int r;

	if (x->cache == NULL)
		return 0;
	r = take_blocks(x);
	if (r == 0 || r == -ENOMEM)
		return r;
	memset(x->step, STEP_TODO, x->a->store.sessions);
	x->blocks = 0;
	if (r == E_FORMAT) {
		session_cache_anew(&x->cache);
	} else {
		session_cache_free(x->cache);
		x->cache = NULL;
	}
	return 0;
}

static int is_keepable(const struct sessions *x, size_t i)
{
	const struct session_record *r = &x->record[i];

	return x->step[i] != STEP_FAILED && x->step[i] != STEP_TODO &&
	    r->name.state != SESSION_LIVE && is_settled(x, &r->state);
}

/* Sessions from to to - 1 are of block k, of which the cache had old (or NULL). */
static int is_dirty(const struct sessions *x, size_t from, size_t to, const struct kept_block *old)
{
	size_t i;

	if (old != NULL && old->taken < old->records)
		return 1;
	for (i = from; i < to; i++)
		if (x->step[i] == STEP_GRADED || (x->step[i] == STEP_JUDGED && is_keepable(x, i)))
			return 1;
	return 0;
}

static int append(uint8_t **all, size_t *len, size_t *room, const struct session_record *r)
{
	uint8_t *p, *more;
	size_t size;
	int err = session_record_pack(&p, &size, r);

	if (err != 0)
		return err;
	if (*room - *len < size) {
		*room = 2 * *room + size;
		more = realloc(*all, *room);
		if (more == NULL) {
			free(p);
			return -ENOMEM;
		}
		*all = more;
	}
	memcpy(*all + *len, p, size);
	*len += size;
	free(p);
	return 0;
}

static int save_block(struct sessions *x, uint64_t k, size_t from, size_t to)
{
	uint8_t *all = NULL;
	size_t len = 0, room = 0, i;
	int r = 0;

	for (i = from; i < to && r == 0; i++)
		if (is_keepable(x, i))
			r = append(&all, &len, &room, &x->record[i]);
	if (r == 0)
		r = len > 0 ? session_cache_put(x->cache, CACHE_BLOCK, k, all, len) :
		    session_cache_drop(x->cache, CACHE_BLOCK, k);
	free(all);
	return r;
}

static int save_blocks(struct sessions *x)
{
	const struct store *s = &x->a->store;
	size_t i = 0, to, old = 0;
	int r = 0;

	while (r == 0 && (i < s->sessions || old < x->blocks)) {
		uint64_t k = i < s->sessions ? s->session[i].name.n / SESSION_BLOCK : UINT64_MAX;
		const struct kept_block *had = old < x->blocks && x->block[old].k <= k ?
		    &x->block[old] : NULL;

		if (had != NULL && had->k < k) {
			r = session_cache_drop(x->cache, CACHE_BLOCK, had->k);
			old++;
			continue;
		}
		for (to = i; to < s->sessions && s->session[to].name.n / SESSION_BLOCK == k; to++)
			;
		if (is_dirty(x, i, to, had))
			r = save_block(x, k, i, to);
		old += had != NULL;
		i = to;
	}
	return r;
}

/* Is there anything to write? */
static int is_changed(const struct sessions *x)
{
	size_t i;

	for (i = 0; i < x->blocks; i++)
		if (x->block[i].taken < x->block[i].records)
			return 1;
	for (i = 0; i < x->a->store.sessions; i++)
		if (x->step[i] == STEP_GRADED || (x->step[i] == STEP_JUDGED && is_keepable(x, i)))
			return 1;
	return 0;
}

void sessions_save(struct sessions *x)
{
	uint8_t key[HASH_SIZE];
	int r;

	if (x->cache == NULL || (!is_changed(x) && !x->ledger_changed) ||
	    session_cache_begin(x->cache) != 0)
		return;
	key_digest(key, x->a);
	r = save_blocks(x);
	if (r == 0)
		r = session_cache_put(x->cache, CACHE_FACT, CACHE_FACT_KEY, key, sizeof key);
	if (r == 0)
		r = session_cache_put(x->cache, CACHE_FACT, CACHE_FACT_LEDGER, x->ledger,
		    x->ledger_settled ? sizeof x->ledger : 0);
	/* what could not be written is judged again the next time */
	(void)session_cache_end(x->cache, r);
}
