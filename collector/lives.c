/* SPDX-License-Identifier: ISC */
#include "lives.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lives_internal.h"

#define BUCKETS_MIN 1024
#define START_TOLERANCE_S 2 /* btime is rounded either way, clocks are slewed */
#define TICKS_PER_S 100     /* of start_ticks: USER_HZ, proc(5) */
#define WAITING_MAX 65536   /* lives whose record has not come */
#define OVER_MAX 256        /* the same where none will come: threads may go on */
#define REAP_TRIES 4

int lives_new(struct lives **out, const struct lives_ops *ops)
{
	struct lives *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return -ENOMEM;
	l->bucket = calloc(BUCKETS_MIN, sizeof(struct life_node *));
	if (l->bucket == NULL) {
		free(l);
		return -ENOMEM;
	}
	l->buckets = BUCKETS_MIN;
	l->ops = *ops;
	l->records = 1;
	l->lost = l->doubt = 1; /* until the first look at /proc */
	l->first_keeper = UINT64_MAX;
	TAILQ_INIT(&l->waiting);
	*out = l;
	return 0;
}

void lives_free(struct lives *l)
{
	struct life_node *f, *next;

	if (l == NULL)
		return;
	for (size_t i = 0; i < l->buckets; i++) {
		for (f = l->bucket[i]; f != NULL; f = next) {
			next = f->next;
			free(f);
		}
	}
	free(l->bucket);
	free(l->keeper);
	free(l);
}

/* Pids are given out one after the other: their low bits spread them. */
static struct life_node **bucket_of(const struct lives *l, uint32_t pid)
{
	return &l->bucket[pid & (l->buckets - 1)];
}

static struct life_node *oldest(const struct lives *l, uint32_t pid)
{
	struct life_node *f = *bucket_of(l, pid);

	while (f != NULL && f->life.pid != pid)
		f = f->next;
	return f;
}

static struct life_node *newer(const struct life_node *f)
{
	struct life_node *n = f->next;

	while (n != NULL && n->life.pid != f->life.pid)
		n = n->next;
	return n;
}

struct life_node *lives_find(const struct lives *l, uint32_t pid)
{
	struct life_node *f = oldest(l, pid), *n;

	while (f != NULL && (n = newer(f)) != NULL)
		f = n;
	return f;
}

int lives_is(struct life_node *f, uint64_t start_ticks)
{
	if (f->life.start_ticks < start_ticks ||
	    f->life.start_ticks > start_ticks + LIVES_LATE_TICKS)
		return 0;
	f->life.start_ticks = start_ticks;
	return 1;
}

static void append(struct life_node **at, struct life_node *f)
{
	while (*at != NULL)
		at = &(*at)->next;
	f->next = NULL;
	*at = f;
}

/* Twice as many buckets.  Without memory the chains get longer. */
static void grow(struct lives *l)
{
	struct life_node **old = l->bucket, *f, *next;
	size_t n = l->buckets;
	struct life_node **more = calloc(2 * n, sizeof(struct life_node *));

	if (more == NULL)
		return;
	l->bucket = more;
	l->buckets = 2 * n;
	for (size_t i = 0; i < n; i++) {
		for (f = old[i]; f != NULL; f = next) {
			next = f->next;
			append(bucket_of(l, f->life.pid), f);
		}
	}
	free(old);
}

/* Number of this life among those of its pid and tick. */
static uint16_t ordinal(const struct lives *l, uint32_t pid, uint64_t start_ticks)
{
	const struct life_node *f = lives_find(l, pid);
	size_t slot = pid % LIVES_RECENT;

	if (f != NULL && f->life.start_ticks == start_ticks)
		return (uint16_t)(f->life.ordinal + 1);
	if (l->recent[slot].pid == pid && l->recent[slot].start_ticks == start_ticks)
		return (uint16_t)(l->recent[slot].ordinal + 1);
	return 0;
}

struct life_node *lives_add(struct lives *l, uint32_t pid, uint64_t start_ticks)
{
	struct life_node *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	if (l->count.lives >= l->buckets)
		grow(l);
	f->life = (struct life){ .pid = pid, .start_ticks = start_ticks,
		.ordinal = ordinal(l, pid, start_ticks) };
	if (f->life.ordinal > 0)
		f->life.flags |= PROCESS_F_REUSED;
	LIST_INIT(&f->below);
	append(bucket_of(l, pid), f);
	l->count.lives++;
	return f;
}

void lives_put_below(struct life_node *f, struct life_node *above)
{
	if (f->above != NULL)
		LIST_REMOVE(f, beside);
	f->above = above;
	if (above != NULL)
		LIST_INSERT_HEAD(&above->below, f, beside);
}

void lives_set_exited(struct lives *l, struct life_node *f, int exited)
{
	if (exited && !f->life.exited) {
		TAILQ_INSERT_TAIL(&l->waiting, f, waits);
		l->count.waiting++;
	} else if (!exited && f->life.exited) {
		TAILQ_REMOVE(&l->waiting, f, waits);
		l->count.waiting--;
	}
	f->life.exited = exited ? 1 : 0;
}

/* What a child of f has by f, and by nobody above it, it keeps. */
static void leave(const struct life_node *f, struct life_node *child)
{
	if ((f->keeper_of != 0 || f->has_own || f->unsure) && !child->has_own) {
		child->own = f->scope;
		child->has_own = 1;
	}
	lives_put_below(child, f->above);
}

void lives_remove(struct lives *l, struct life_node *f)
{
	struct life_node **at = bucket_of(l, f->life.pid), *child;
	size_t slot = f->life.pid % LIVES_RECENT;

	while ((child = LIST_FIRST(&f->below)) != NULL)
		leave(f, child);
	lives_put_below(f, NULL);
	lives_set_exited(l, f, 0);
	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	l->recent[slot].pid = f->life.pid;
	l->recent[slot].start_ticks = f->life.start_ticks;
	l->recent[slot].ordinal = f->life.ordinal;
	l->count.lives--;
	if (f->life.is_keeper)
		l->count.keepers--;
	free(f);
}

/* Its leader has exited, but not its threads; or nobody has waited for it. */
static int is_there(const struct lives *l, struct life_node *f)
{
	struct proc_stat s;

	return l->ops.stat(l->ops.ctx, (pid_t)f->life.pid, &s) == 0 &&
	    lives_is(f, s.start_ticks);
}

/* Those that have exited and wait for a record are bounded. */
static void reap(struct lives *l)
{
	size_t max = l->records ? WAITING_MAX : OVER_MAX;
	struct life_node *f;

	for (int tries = 0; l->count.waiting > max && tries < REAP_TRIES; tries++) {
		f = TAILQ_FIRST(&l->waiting);
		if (!l->records && is_there(l, f)) {
			TAILQ_REMOVE(&l->waiting, f, waits);
			TAILQ_INSERT_TAIL(&l->waiting, f, waits);
			continue;
		}
		l->count.missing += l->records ? 1 : 0;
		lives_remove(l, f);
	}
}

void lives_exited(struct lives *l, uint32_t pid)
{
	struct life_node *f = lives_find(l, pid);

	if (f == NULL)
		return;
	lives_set_exited(l, f, 1);
	reap(l);
}

void lives_records(struct lives *l, int on)
{
	struct life_node *f, *next;

	if (!on && l->records) {
		for (f = TAILQ_FIRST(&l->waiting); f != NULL; f = next) {
			next = TAILQ_NEXT(f, waits);
			if (!is_there(l, f))
				lives_remove(l, f);
		}
	}
	l->records = on;
}

const struct life *lives_get(const struct lives *l, uint32_t pid)
{
	const struct life_node *f = lives_find(l, pid);

	return f != NULL ? &f->life : NULL;
}

static int fits(const struct life_node *f, int64_t btime_s, int64_t boot_wall_s)
{
	int64_t apart = btime_s - boot_wall_s - (int64_t)(f->life.start_ticks / TICKS_PER_S);

	return apart >= -START_TOLERANCE_S && apart <= START_TOLERANCE_S;
}

/* The life of pid's next record.  One that does not fit while a later one does has
 * ended without a record. */
static struct life_node *next_to_end(struct lives *l, uint32_t pid, int64_t btime_s,
    int64_t boot_wall_s, int *fit)
{
	struct life_node *first = oldest(l, pid), *f = first;

	while (f != NULL && !fits(f, btime_s, boot_wall_s))
		f = newer(f);
	*fit = f != NULL;
	if (f == NULL)
		return l->doubt ? NULL : first;
	while ((first = oldest(l, pid)) != f) {
		l->count.missing++;
		lives_remove(l, first);
	}
	return f;
}

int lives_ended(struct lives *l, uint32_t pid, int64_t btime_s, int64_t boot_wall_s,
    struct life *out)
{
	int fit, sure;
	struct life_node *f = next_to_end(l, pid, btime_s, boot_wall_s, &fit);

	if (f == NULL)
		return 0;
	sure = fit && !l->doubt;
	*out = f->life;
	if (!sure) {
		l->count.doubtful++;
		out->certainty = CERTAIN_DOUBTFUL;
	}
	lives_remove(l, f);
	return sure ? 1 : 2;
}

void lives_forget(struct lives *l, uint32_t pid, uint32_t ppid)
{
	struct life_node *f = lives_find(l, pid);

	if (f != NULL && f->life.ppid == ppid)
		lives_remove(l, f);
}

int lives_may_adopt(const struct lives *l, const struct life *parent, const struct life *f)
{
	const struct life_node *k;
	uint64_t within = f->session;
	uint32_t keeper = f->keeper_pid;

	if (parent->session == 0 || parent->reason == REASON_LEAD_IN || f->reason == REASON_LEAD_IN)
		return 1;
	for (; within != 0 && within != parent->session; keeper = k->scope.keeper_pid) {
		k = lives_find(l, keeper);
		if (k == NULL || k->keeper_of != within)
			return 1; /* it has ended: nobody knows what is around it */
		k = k->above;
		if (k == NULL || k->scope.certainty == CERTAIN_NOT_SAID)
			return 1;
		within = k->scope.session;
	}
	return within == parent->session;
}

int lives_each(const struct lives *l, int (*got)(void *ctx, const struct life *f), void *ctx)
{
	int r = 0;

	for (size_t i = 0; i < l->buckets && r == 0; i++)
		for (const struct life_node *f = l->bucket[i]; f != NULL && r == 0; f = f->next)
			if (!f->life.exited)
				r = got(ctx, &f->life);
	return r;
}

void lives_count(const struct lives *l, struct lives_counts *out)
{
	*out = l->count;
}
