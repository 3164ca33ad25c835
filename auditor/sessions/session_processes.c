/* SPDX-License-Identifier: ISC */
#include "session_processes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acct_record.h"
#include "array.h"
#include "bytes.h"
#include "err.h"
#include "hash.h"
#include "procs/process_walk.h"
#include "output/progress.h"
#include "sessions_internal.h"

#define SUM_SIZE (20 + 4 * SESSION_UIDS) /* of a sum as bytes */
#define STATE_SIZE 40                    /* of a segment's state */

struct session_sum *session_sums_of(struct session_sums *x, uint64_t n, int add)
{
	size_t at = x->last;

	if (at >= x->count || x->sum[at].n != n)
		at = ARRAY_FIRST(x->sum, x->count, n, n);
	if (at == x->count || x->sum[at].n != n) {
		if (!add)
			return NULL;
		if ((x->error = array_room(&x->sum, x->count, &x->room, sizeof *x->sum)) != 0)
			return NULL;
		memmove(x->sum + at + 1, x->sum + at, (x->count - at) * sizeof *x->sum);
		x->sum[at] = (struct session_sum){ .n = n };
		x->count++;
	}
	x->last = at;
	return &x->sum[at];
}

static void add_uid(struct session_sum *s, uint32_t uid)
{
	uint32_t i;

	for (i = 0; i < s->uids; i++)
		if (s->uid[i] == uid)
			return;
	if (s->uids < SESSION_UIDS)
		s->uid[s->uids++] = uid;
}

/* Adds what b says. */
static void add_sum(struct session_sum *a, const struct session_sum *b)
{
	uint32_t i;

	a->commands += b->commands;
	for (i = 0; i < b->uids; i++)
		add_uid(a, b->uid[i]);
}

static void take(void *arg, const struct process_record *p, const struct acct_record *r)
{
	struct session_sums *x = arg;
	struct session_sum *s;

	if (p->session == 0 || p->reason == REASON_RECORDER || x->error != 0)
		return;
	s = session_sums_of(x, p->session, 1);
	if (s == NULL)
		return;
	add_uid(s, r->uid);
	if (!(r->flags & ACCT_F_FORK))
		s->commands++;
}

static size_t sums_size(const struct session_sums *x)
{
	return x->count * SUM_SIZE;
}

static void put_sums(uint8_t *p, const struct session_sums *x)
{
	size_t i, j;

	for (i = 0; i < x->count; i++, p += SUM_SIZE) {
		const struct session_sum *s = &x->sum[i];

		put_u64(p, s->n);
		put_u64(p + 8, s->commands);
		put_u32(p + 16, s->uids);
		for (j = 0; j < SESSION_UIDS; j++)
			put_u32(p + 20 + 4 * j, s->uid[j]);
	}
}

/* Adds those of put_sums() to x.  0, -ENOMEM, E_FORMAT. */
static int add_sums(struct session_sums *x, const uint8_t *p, size_t len)
{
	struct session_sum s, *to;
	size_t j;

	for (; len >= SUM_SIZE; p += SUM_SIZE, len -= SUM_SIZE) {
		s = (struct session_sum){ .n = get_u64(p), .commands = get_u64(p + 8),
			.uids = get_u32(p + 16) };
		if (s.uids > SESSION_UIDS)
			return E_FORMAT;
		for (j = 0; j < s.uids; j++)
			s.uid[j] = get_u32(p + 20 + 4 * j);
		if ((to = session_sums_of(x, s.n, 1)) == NULL)
			return -ENOMEM;
		add_sum(to, &s);
	}
	return len == 0 ? 0 : E_FORMAT;
}

/* The segments as they are now. */
struct segments {
	uint64_t *k;
	size_t count;
	struct store_state *state;
	int64_t now_ns;
	uint8_t digest[HASH_SIZE]; /* of all that */
	int settled;               /* all of them */
};

static void put_state(uint8_t p[STATE_SIZE], const struct store_state *s)
{
	put_u64(p, s->dev);
	put_u64(p + 8, s->ino);
	put_u64(p + 16, s->size);
	put_u64(p + 24, (uint64_t)s->mtime_ns);
	put_u64(p + 32, (uint64_t)s->ctime_ns);
}

/* A later write to it will show. */
static int is_settled(const struct segments *g, size_t i)
{
	return g->state[i].ctime_ns < g->now_ns - SESSIONS_SETTLED_NS;
}

static int look_at(struct segments *g, const struct store *s)
{
	char name[PROCESS_NAME_MAX], path[sizeof "process/" + sizeof name];
	uint8_t p[8 + STATE_SIZE];
	struct hash h;
	size_t i;
	int r = process_walk_list(s, &g->k, &g->count);

	if (r != 0)
		return r;
	g->state = calloc(g->count + 1, sizeof *g->state);
	if (g->state == NULL)
		return -ENOMEM;
	g->settled = 1;
	hash_begin(&h);
	for (i = 0; i < g->count; i++) {
		snprintf(path, sizeof path, "process/%s", process_file_name(name, g->k[i]));
		if ((r = store_file_state(s, path, &g->state[i])) != 0)
			return r;
		g->settled &= is_settled(g, i);
		put_u64(p, g->k[i]);
		put_state(p + 8, &g->state[i]);
		hash_add(&h, p, sizeof p, NULL, 0);
	}
	hash_get(&h, g->digest);
	return 0;
}

/* All of it is as it was: 1 and the sums. */
static int is_known(struct session_sums *x, struct session_cache *c, const struct segments *g)
{
	uint8_t *p;
	size_t len;
	int same = 0;

	if (session_cache_get(c, CACHE_FACT, CACHE_FACT_PROCESSES, &p, &len) != 0)
		return 0;
	same = len == HASH_SIZE && memcmp(p, g->digest, len) == 0;
	free(p);
	if (!same || session_cache_get(c, CACHE_FACT, CACHE_FACT_SUMS, &p, &len) != 0)
		return 0;
	same = add_sums(x, p, len) == 0;
	free(p);
	return same;
}

/* Segment i as the cache has it: 1, 0 where it is another by now, or -ENOMEM. */
static int add_known(struct session_sums *x, struct session_cache *c, const struct segments *g,
    size_t i)
{
	uint8_t state[STATE_SIZE], *p;
	size_t len;
	int r = 0;

	if (c == NULL || session_cache_get(c, CACHE_SEGMENT, g->k[i], &p, &len) != 0)
		return 0;
	put_state(state, &g->state[i]);
	if (len >= STATE_SIZE && memcmp(p, state, STATE_SIZE) == 0) {
		r = add_sums(x, p + STATE_SIZE, len - STATE_SIZE);
		r = r == 0 ? 1 : r;
	}
	free(p);
	return r == E_FORMAT ? 0 : r;
}

static int save(struct session_cache *c, enum cache_part part, uint64_t k,
    const struct session_sums *x, const struct store_state *state)
{
	size_t head = state != NULL ? STATE_SIZE : 0;
	uint8_t *p = malloc(head + sums_size(x) + 1);
	int r;

	if (p == NULL)
		return -ENOMEM;
	if (state != NULL)
		put_state(p, state);
	put_sums(p + head, x);
	r = session_cache_put(c, part, k, p, head + sums_size(x));
	free(p);
	return r;
}

/* Reads segment i, and has the cache know it.  0 or negative. */
static int read_segment(struct session_sums *x, const struct store *s, struct session_cache *c,
    const struct segments *g, size_t i)
{
	struct session_sums own = { .error = 0 };
	const struct process_walk w = { .record = take, .arg = &own };
	const struct process_part all = { 0, UINT64_MAX };
	size_t j;
	int r = process_walk_parts(s, &w, g->k[i], &all, 1);

	if (r == E_SHORT || r == E_FORMAT)
		r = 0; /* as far as it can be read */
	r = r != 0 ? r : own.error;
	for (j = 0; j < own.count && r == 0; j++) {
		struct session_sum *to = session_sums_of(x, own.sum[j].n, 1);

		if (to == NULL)
			r = -ENOMEM;
		else
			add_sum(to, &own.sum[j]);
	}
	if (r == 0 && c != NULL && is_settled(g, i))
		(void)save(c, CACHE_SEGMENT, g->k[i], &own, &g->state[i]);
	session_sums_release(&own);
	return r;
}

static int read_segments(struct session_sums *x, const struct store *s, struct session_cache *c,
    const struct segments *g)
{
	struct progress progress;
	size_t i;
	int r = 0;

	progress_begin(&progress, "reading process records");
	for (i = 0; i < g->count && r >= 0; i++) {
		r = add_known(x, c, g, i);
		if (r == 0)
			r = read_segment(x, s, c, g, i);
		progress_at(&progress, i + 1, g->count);
	}
	progress_end(&progress);
	return r < 0 ? r : 0;
}

int session_processes_read(struct session_sums *x, const struct store *s,
    struct session_cache *cache, int64_t now_ns)
{
	struct segments g = { .now_ns = now_ns };
	struct session_cache *c = cache;
	int r;

	memset(x, 0, sizeof *x);
	r = look_at(&g, s);
	x->known = g.count > 0;
	if (r != 0 || g.count == 0 || (c != NULL && is_known(x, c, &g)))
		goto out;
	x->count = 0;
	if (c != NULL && session_cache_begin(c) != 0)
		c = NULL;
	r = read_segments(x, s, c, &g);
	if (r == 0 && c != NULL && g.settled &&
	    save(c, CACHE_FACT, CACHE_FACT_SUMS, x, NULL) == 0)
		(void)session_cache_put(c, CACHE_FACT, CACHE_FACT_PROCESSES, g.digest, HASH_SIZE);
	if (c != NULL)
		(void)session_cache_end(c, r);
out:
	free(g.k);
	free(g.state);
	return r;
}

void session_sums_release(struct session_sums *x)
{
	free(x->sum);
	memset(x, 0, sizeof *x);
}
