/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include "cert.h"
#include "lives_internal.h"

#define TRIES 3 /* parents end while one looks */

void lives_lost(struct lives *l)
{
	l->lost = l->doubt = 1;
}

int lives_in_doubt(const struct lives *l)
{
	return l->doubt;
}

static struct life_node *found(struct lives *l, const struct proc_stat *s)
{
	struct life_node *f = lives_add(l, (uint32_t)s->pid, s->start_ticks);
	struct proc_ids ids = { .uid = CERT_UNSET, .euid = CERT_UNSET };

	if (f == NULL)
		return NULL;
	if (l->ops.ids(l->ops.ctx, s->pid, &ids) == 0) {
		f->life.uid = ids.uid;
		f->life.euid = ids.euid;
	}
	f->life.audit_session = CERT_UNSET;
	memcpy(f->life.comm, s->comm, ACCT_COMM);
	f->from_proc = 1;
	f->life.flags |= PROCESS_F_SINCE_BEFORE;
	f->life.ppid = s->ppid > 0 ? (uint32_t)s->ppid : 0;
	return f;
}

/* One whose record is written, and was perhaps read, is no life to come: zombies are left
 * out, and so is the leader of threads that go on without it. */
static int look_at(struct lives *l, uint32_t pid)
{
	struct life_node *f = lives_find(l, pid);
	struct proc_stat s;

	if (l->ops.stat(l->ops.ctx, (pid_t)pid, &s) != 0)
		return 0;
	if (f == NULL || !lives_is(f, s.start_ticks)) {
		if (s.state == 'Z' || s.state == 'X')
			return 0;
		if ((f = found(l, &s)) == NULL)
			return -ENOMEM;
	}
	f->seen = 1;
	f->gone = 0;
	f->parent_now = s.ppid > 0 ? (uint32_t)s.ppid : 0;
	f->life.sid = s.session > 0 ? (uint32_t)s.session : 0;
	f->life.tty_dev = s.tty_dev;
	return 0;
}

/* The parent of now, which may be another by now. */
static struct life_node *parent_of(const struct lives *l, struct life_node *f)
{
	struct life_node *up = lives_find(l, f->parent_now);
	struct proc_stat s;

	for (int tries = 0; (up == NULL || !up->seen) && tries < TRIES; tries++) {
		if (f->parent_now == 0 ||
		    l->ops.stat(l->ops.ctx, (pid_t)f->life.pid, &s) != 0 || s.ppid < 0)
			return NULL;
		f->parent_now = (uint32_t)s.ppid;
		up = lives_find(l, f->parent_now);
	}
	return up != NULL && up->seen ? up : NULL;
}

/* Only a keeper that is older can be above it. */
static int may_be_recorded(const struct lives *l, const struct life_node *f)
{
	return f->life.start_ticks >= l->first_keeper;
}

/* Nobody is above itself, whatever was read of a /proc that went on changing. */
static int can_be_above(const struct life_node *up, const struct life_node *f)
{
	if (up->life.start_ticks > f->life.start_ticks)
		return 0;
	while (up != NULL && up != f)
		up = up->above;
	return up == NULL;
}

static int is_placed(const struct life_node *f)
{
	if (f->unsure)
		return 0;
	return f->has_own ? f->own.certainty != CERTAIN_NOT_SAID : f->above != NULL;
}

static void place(struct lives *l, struct life_node *f)
{
	struct life_node *up;

	if (!f->seen || is_placed(f))
		return;
	up = parent_of(l, f);
	if (up != NULL && !can_be_above(up, f))
		up = NULL;
	if (!f->from_proc && (up == NULL || up->life.pid != f->life.ppid)) {
		f->from_proc = 1;
		f->life.flags |= PROCESS_F_SINCE_BEFORE;
	}
	f->unsure = f->has_own = 0;
	f->likely = f->from_proc && may_be_recorded(l, f);
	f->life.origin = ORIGIN_NOT_SAID;
	lives_put_below(f, up);
	f->life.parent_start = up != NULL && !f->from_proc ? up->life.start_ticks : 0;
	if (f->parent_now == 0) {
		f->own = (struct lives_scope){ .certainty = CERTAIN_EXACT };
		f->has_own = 1;
	}
}

static void keepers(struct lives *l)
{
	for (size_t i = 0; i < l->keepers; i++) {
		const struct lives_keeper *k = &l->keeper[i];
		struct life_node *f = lives_find(l, k->pid);

		if (f != NULL && f->seen && lives_is(f, k->start_ticks) &&
		    (k->n != LIVES_UNKNOWN || f->keeper_of == 0))
			lives_be_keeper(l, f, k->n);
	}
}

static void lead_ins(struct lives *l)
{
	for (size_t i = 0; i < l->keepers; i++) {
		const struct life_node *f = lives_find(l, l->keeper[i].pid);

		if (f != NULL && f->keeper_of == l->keeper[i].n)
			lives_lead_in(l, f, f->keeper_of);
	}
	l->keepers = 0;
}

static void come_from(void *arg, struct life_node *f)
{
	if (f->life.origin == ORIGIN_NOT_SAID) {
		lives_origin_from(f);
		lives_origin(arg, f);
	}
	lives_label(f);
}

static void each(struct lives *l, void (*fn)(struct lives *l, struct life_node *f))
{
	for (size_t i = 0; i < l->buckets; i++)
		for (struct life_node *f = l->bucket[i]; f != NULL; f = f->next)
			fn(l, f);
}

static void forget_seen(struct lives *l, struct life_node *f)
{
	(void)l;
	f->seen = 0;
}

static void label_from_top(struct lives *l, struct life_node *f)
{
	if (f->above == NULL)
		lives_walk(f, come_from, l);
}

static void miss(struct lives *l, struct life_node *f)
{
	if (f->seen)
		return;
	f->gone = 1;
	lives_set_exited(l, f, 1);
}

int lives_rebuild(struct lives *l)
{
	const uint32_t *pids;
	long n = l->ops.pids(l->ops.ctx, &pids);
	int r;

	if (n < 0)
		return (int)n;
	l->doubt = 1;
	each(l, forget_seen);
	for (long i = 0; i < n; i++)
		if ((r = look_at(l, pids[i])) != 0)
			return r;
	each(l, place);
	keepers(l);
	each(l, label_from_top);
	each(l, miss);
	lead_ins(l);
	l->lost = 0;
	l->count.rebuilt++;
	return 0;
}

void lives_settled(struct lives *l)
{
	struct life_node *f, *next;

	if (l->lost)
		return;
	for (f = TAILQ_FIRST(&l->waiting); f != NULL; f = next) {
		next = TAILQ_NEXT(f, waits);
		if (f->gone)
			lives_remove(l, f);
	}
	l->doubt = 0;
}
