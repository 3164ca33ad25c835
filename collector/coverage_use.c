/* SPDX-License-Identifier: ISC */
/* Uses of terminals and the processes in them: found by session, by terminal, by pid. */
#include <stdlib.h>

#include "coverage_internal.h"

static unsigned bucket(uint32_t n)
{
	return n % COVERAGE_BUCKETS;
}

/* Accounting writes 16 bits of a terminal: pts/2048 and pts/0 are the same to it. */
static uint32_t folded(uint32_t dev)
{
	return ((dev >> 20) << 8 | (dev & 0xfffff)) & 0xffff;
}

static int may_be(uint64_t a, uint64_t b)
{
	return a == b || a == 0 || b == 0;
}

/* Who was seen without a terminal may have had one, or get one: the leader of a login
 * opens it after its setsid, and a leader's end takes it from all others. */
struct use *use_find(const struct coverage *c, uint32_t sid, uint64_t sid_start, uint32_t tty_dev)
{
	struct use *u, *other = NULL;

	LIST_FOREACH(u, &c->sids[bucket(sid)], by_sid) {
		if (u->sid != sid || !may_be(u->sid_start, sid_start))
			continue;
		if (u->tty_dev == tty_dev)
			return u;
		if (tty_dev == 0 || (u->tty_dev == 0 && u->state == USE_HELD))
			other = u;
	}
	return other;
}

int use_is_on(const struct use *u, uint32_t tty_dev)
{
	return u->tty_dev != 0 && folded(u->tty_dev) == folded(tty_dev);
}

struct use *use_find_terminal(const struct coverage *c, uint32_t tty_dev, uint64_t alive_ns)
{
	struct use *u, *found = NULL;

	LIST_FOREACH(u, &c->uses, link) {
		if (!use_is_on(u, tty_dev) || (u->state == USE_OVER && alive_ns >= u->to_ns))
			continue;
		if (found == NULL || u->from_ns > found->from_ns)
			found = u;
	}
	return found;
}

void use_name(struct coverage *c, struct use *u, uint32_t sid, uint64_t sid_start)
{
	if (u->sid != 0)
		LIST_REMOVE(u, by_sid);
	u->sid = sid;
	u->sid_start = sid_start;
	if (sid != 0)
		LIST_INSERT_HEAD(&c->sids[bucket(sid)], u, by_sid);
}

struct use *use_new(struct coverage *c, uint32_t sid, uint64_t sid_start, uint32_t tty_dev)
{
	struct use *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return NULL;
	LIST_INIT(&u->members);
	use_name(c, u, sid, sid_start);
	u->tty_dev = tty_dev;
	u->generation = c->generation;
	LIST_INSERT_HEAD(&c->uses, u, link);
	return u;
}

int use_is_front_alone(const struct coverage *c, const struct use *u)
{
	const struct member *m = LIST_FIRST(&u->members);

	return m != NULL && LIST_NEXT(m, of_use) == NULL && m->pid == u->front.pid &&
	    m->start_ticks == u->front.start_ticks && c->ops.is_front != NULL &&
	    c->ops.is_front(c->ops.ctx, &u->front);
}

void use_free(struct use *u)
{
	while (!LIST_EMPTY(&u->members))
		member_free(LIST_FIRST(&u->members));
	if (u->sid != 0)
		LIST_REMOVE(u, by_sid);
	LIST_REMOVE(u, link);
	free(u);
}

struct member *member_find(const struct coverage *c, uint32_t pid, uint64_t start_ticks)
{
	struct member *m;

	LIST_FOREACH(m, &c->pids[bucket(pid)], by_pid)
		if (m->pid == pid && may_be(m->start_ticks, start_ticks))
			return m;
	return NULL;
}

/* Without memory a row ends at the next look, as it would without events. */
void member_add(struct coverage *c, struct use *u, const struct sight *s, int counts)
{
	struct member *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return;
	m->use = u;
	m->pid = s->pid;
	m->start_ticks = s->start_ticks;
	m->generation = c->generation;
	m->counts = counts;
	LIST_INSERT_HEAD(&u->members, m, of_use);
	LIST_INSERT_HEAD(&c->pids[bucket(s->pid)], m, by_pid);
}

void member_free(struct member *m)
{
	LIST_REMOVE(m, of_use);
	LIST_REMOVE(m, by_pid);
	free(m);
}
