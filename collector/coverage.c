/* SPDX-License-Identifier: ISC */
#include "coverage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "coverage_internal.h"
#include "process_record.h"

#define SECOND_NS 1000000000ULL /* accounting knows a start to this */
#define MS_NS 1000000ULL

int coverage_new(struct coverage **out, const struct coverage_ops *ops)
{
	struct coverage *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return -ENOMEM;
	c->ops = *ops;
	c->generation = 1;
	*out = c;
	return 0;
}

void coverage_free(struct coverage *c)
{
	if (c == NULL)
		return;
	while (!LIST_EMPTY(&c->uses))
		use_free(LIST_FIRST(&c->uses));
	free(c->recent);
	free(c);
}

void coverage_known(struct coverage *c, const struct process_record *r,
    const struct process_terminal *t)
{
	struct use *u = use_new(c, r->sid, r->sid == t->pid ? r->start_ticks : 0, t->tty_dev);

	if (u == NULL)
		return;
	u->state = USE_SAID;
	u->pid = t->pid;
	u->uid = t->uid;
	u->start_ticks = u->first_ticks = r->start_ticks;
	u->from_ns = t->from_boot_ns;
	u->origin = r->origin;
	memcpy(u->comm, t->comm, sizeof(u->comm));
}

/* A getty, and the login(1) that it becomes, wait for somebody: whom login lets in gets a
 * session of his own. */
static int is_waiting(const struct sight *s)
{
	static const char *const names[] = {"agetty", "getty", "login", "mingetty", "(agetty)"};
	size_t i;

	for (i = 0; s->uid == 0 && i < sizeof(names) / sizeof(*names); i++)
		if (strncmp(s->comm, names[i], ACCT_COMM) == 0)
			return 1;
	return 0;
}

static uint64_t began_ns(const struct sight *s)
{
	uint64_t ns = s->start_ticks * TICK_NS;

	return s->start_ticks != 0 && ns < s->boot_ns ? ns : s->boot_ns;
}

/* Its start is accounting's guess. */
static int is_rough(const struct sight *s)
{
	return s->sid == 0 && s->ended;
}

/* The row is named by its leader, or by the first that was seen, and says of whom it is by
 * the earliest life; where that becomes another program at once, or it was not known which,
 * by that. */
static void take_name(struct use *u, const struct sight *s)
{
	int same = u->pid == s->pid && (u->comm[0] == '\0' || coverage_is_sshd(u->comm));

	if (u->sid != 0) {
		u->pid = u->sid;
		u->start_ticks = u->sid_start;
	} else if (u->pid == 0) {
		u->pid = s->pid;
	}
	if (u->from_ns == 0 || began_ns(s) < u->from_ns)
		u->from_ns = began_ns(s);
	if (!same && u->first_ticks != 0 && (s->start_ticks == 0 || s->start_ticks >= u->first_ticks))
		return;
	u->first_ticks = s->start_ticks != 0 ? s->start_ticks : UINT64_MAX;
	u->uid = s->uid;
	u->origin = s->origin;
	memcpy(u->comm, s->comm, sizeof(u->comm));
}

/* Something new on it, or a new one: to be said when it has waited. */
static void hold(struct use *u, const struct sight *s)
{
	u->state = USE_HELD;
	u->idle = 0;
	u->processes = 0;
	u->from_ns = u->to_ns = u->first_ticks = 0;
	u->leaves_only = is_rough(s) && s->tty_dev != 0;
	u->due_ns = u->leaves_only ? DUE_LOOK : s->boot_ns + COVERAGE_HOLD_NS;
}

/* Did it begin after the recorder of this terminal registered? */
static int is_later(const struct use *u, const struct sight *s)
{
	uint64_t ns = s->start_ticks * TICK_NS;

	return s->start_ticks != 0 && ns > u->at_ns + (is_rough(s) ? SECOND_NS : 0);
}

/* What accounting said of this terminal before its leader was found; not what was there
 * before the leader began. */
static struct use *adopt(struct coverage *c, const struct sight *s)
{
	uint64_t start = s->sid_start * TICK_NS;
	struct use *u;

	LIST_FOREACH(u, &c->uses, link) {
		if (!u->leaves_only || u->state != USE_HELD || !use_is_on(u, s->tty_dev) ||
		    u->from_ns + SECOND_NS < start)
			continue;
		use_name(c, u, s->sid, s->sid_start);
		u->tty_dev = s->tty_dev;
		u->leaves_only = 0;
		u->due_ns = s->boot_ns + COVERAGE_HOLD_NS;
		return u;
	}
	return NULL;
}

/* Accounting does not say of which session it was: the one it led, or one of its
 * terminal. */
static struct use *led_by(const struct coverage *c, const struct sight *s)
{
	struct use *u = use_find(c, s->pid, 0, s->tty_dev);

	if ((u == NULL || u->state == USE_OVER) && s->tty_dev != 0)
		u = use_find_terminal(c, s->tty_dev, began_ns(s));
	return u;
}

/* The use that it is part of, a new one if need be; NULL: of none. */
static struct use *place(struct coverage *c, const struct sight *s)
{
	struct use *u = NULL;

	if (s->sid != 0)
		u = use_find(c, s->sid, s->sid_start, s->tty_dev);
	else
		u = led_by(c, s);
	if (u == NULL && s->sid != 0 && s->tty_dev != 0)
		u = adopt(c, s);
	if (u != NULL && u->state == USE_OVER && !s->ended && s->tty_dev != 0)
		u = NULL;
	if (u != NULL || (s->tty_dev == 0 && !s->login) || is_waiting(s) ||
	    s->reason == REASON_BROKEN)
		return u;
	u = use_new(c, s->sid, s->sid_start, s->tty_dev);
	if (u != NULL)
		hold(u, s);
	return u;
}

/* A process of this use: 1 where it counts for its row. */
static int take(struct use *u, const struct sight *s)
{
	if (u->state == USE_OVER)
		return 0;
	if (s->tty_dev != 0)
		u->tty_dev = s->tty_dev;
	if (u->sid_start == 0 && s->sid != 0)
		u->sid_start = s->sid_start;
	if (u->state != USE_SAID) {
		if (is_later(u, s) && (u->state == USE_COVERED || u->idle))
			hold(u, s);
		take_name(u, s);
	}
	if (u->state == USE_COVERED || u->idle)
		return 0;
	return u->n == 0 || u->ended || is_later(u, s);
}

static void leave(struct coverage *c, struct member *m, uint64_t boot_ns)
{
	struct use *u = m->use;

	member_free(m);
	row_check(c, u, boot_ns);
}

/* A session has it, or it is the recorder: what was held for it is none. */
static void recorded(struct coverage *c, const struct sight *s, struct member *m)
{
	struct use *u = m != NULL ? m->use : s->sid != 0 ?
	    use_find(c, s->sid, s->sid_start, s->tty_dev) : NULL;

	if (u == NULL)
		return;
	u->generation = c->generation;
	if (m == NULL)
		return;
	m->generation = c->generation;
	if (u->state == USE_COVERED && !s->ended)
		return;
	member_free(m);
	if (u->state == USE_SAID && s->session != 0 && s->pid == u->pid) {
		row_ends(c, u, s->boot_ns, s->session);
		row_drop(u, s->boot_ns);
	} else if (u->state == USE_HELD && LIST_EMPTY(&u->members) && u->processes <= 1) {
		row_drop(u, s->boot_ns);
	} else {
		row_check(c, u, s->boot_ns);
	}
}

static void ended(struct coverage *c, const struct sight *s, struct member *m)
{
	struct use *u = m != NULL ? m->use : place(c, s);

	if (u == NULL) {
		if (is_rough(s) && s->ppid != 0 && s->tty_dev == 0)
			recent_keep(c, s);
		return;
	}
	if (m == NULL && take(u, s))
		u->processes++;
	if (u->state == USE_HELD)
		u->to_ns = s->boot_ns;
	if (m != NULL)
		member_free(m);
	if (s->pid == u->sid)
		u->ended = 1;
	if (s->pid == u->sid && (u->state == USE_COVERED || (u->state == USE_HELD && u->idle)))
		row_drop(u, s->boot_ns);
	else
		row_check(c, u, s->boot_ns);
}

void coverage_seen(struct coverage *c, const struct sight *s)
{
	struct member *m = member_find(c, s->pid, is_rough(s) ? 0 : s->start_ticks);
	struct use *u;
	int counts;

	if ((is_rough(s) || (s->tty_dev == 0 && coverage_is_sshd(s->comm))) && !s->login)
		recent_parent(c, s);
	if ((s->session != 0 && s->reason != REASON_LEAD_IN) || s->reason == REASON_RECORDER) {
		recorded(c, s, m);
		return;
	}
	if (s->ended) {
		ended(c, s, m);
		return;
	}
	u = place(c, s);
	if (m != NULL && m->use != u)
		leave(c, m, s->boot_ns);
	if (u == NULL)
		return;
	counts = take(u, s);
	u->generation = c->generation;
	if (m != NULL && m->use == u) {
		m->generation = c->generation;
	} else if (u->state != USE_OVER) {
		u->processes += counts != 0;
		member_add(c, u, s, counts);
	}
}

/* What accounting said of the terminal shortly before was the lead-in. */
static void drop_leaves(struct coverage *c, uint32_t tty_dev, uint64_t boot_ns)
{
	struct use *u;

	LIST_FOREACH(u, &c->uses, link)
		if (u->state == USE_HELD && u->leaves_only && use_is_on(u, tty_dev) &&
		    u->from_ns + COVERAGE_LEAD_IN_NS > boot_ns)
			row_drop(u, boot_ns);
}

void coverage_recorder(struct coverage *c, uint64_t n, uint32_t tty_dev, uint32_t sid,
    uint64_t sid_start, uint64_t boot_ns)
{
	struct use *u = NULL;
	struct member *m;
	int late;

	if (tty_dev != 0)
		drop_leaves(c, tty_dev, boot_ns);
	if (sid != 0)
		u = use_find(c, sid, sid_start, tty_dev);
	else if (tty_dev != 0)
		u = use_find_terminal(c, tty_dev, 0);
	if ((u == NULL || u->state == USE_OVER) && (sid != 0 || tty_dev != 0))
		u = use_new(c, sid, sid_start, tty_dev);
	if (u == NULL)
		return;
	late = u->n != 0 || boot_ns > u->from_ns + COVERAGE_LEAD_IN_NS;
	if (u->state == USE_SAID)
		row_ends(c, u, boot_ns, late ? 0 : n);
	u->state = USE_COVERED;
	u->n = n;
	u->front.pid = 0;
	u->at_ns = boot_ns;
	u->ended = u->idle = u->leaves_only = 0;
	u->processes = 0;
	LIST_FOREACH(m, &u->members, of_use)
		m->counts = 0;
	u->generation = c->generation;
}

void coverage_front(struct coverage *c, uint64_t n, const struct coverage_front *f)
{
	struct use *u;

	LIST_FOREACH(u, &c->uses, link)
		if (u->n == n)
			u->front = *f;
}

void coverage_recorder_ended(struct coverage *c, uint64_t n, uint64_t boot_ns)
{
	struct member *m;
	struct use *u;

	LIST_FOREACH(u, &c->uses, link) {
		if (u->n != n || u->ended || u->state == USE_OVER)
			continue;
		u->ended = 1;
		LIST_FOREACH(m, &u->members, of_use)
			m->counts = 1;
		if (u->state != USE_COVERED)
			continue;
		u->state = USE_HELD;
		u->idle = 1;
		u->at_ns = u->from_ns = boot_ns;
		u->due_ns = boot_ns + COVERAGE_HOLD_NS;
	}
}

void coverage_looked(struct coverage *c, uint64_t boot_ns)
{
	struct use *u, *next;
	struct member *m, *after;

	for (u = LIST_FIRST(&c->uses); u != NULL; u = next) {
		next = LIST_NEXT(u, link);
		for (m = LIST_FIRST(&u->members); m != NULL; m = after) {
			after = LIST_NEXT(m, of_use);
			if (m->generation < c->generation)
				member_free(m);
		}
		if (u->state == USE_HELD && u->leaves_only)
			row_due(c, u, boot_ns);
		else if (u->state == USE_COVERED && LIST_EMPTY(&u->members) &&
		    u->generation < c->generation)
			use_free(u);
		else
			row_check(c, u, boot_ns);
	}
	c->generation++;
}

int coverage_turn(struct coverage *c, uint64_t boot_ns)
{
	struct use *u, *next;
	uint64_t first = DUE_LOOK;

	for (u = LIST_FIRST(&c->uses); u != NULL; u = next) {
		next = LIST_NEXT(u, link);
		if (u->state != USE_HELD && u->state != USE_OVER)
			continue;
		if (u->state == USE_OVER && u->due_ns == DUE_TURN)
			u->due_ns = boot_ns + OVER_NS;
		if (u->due_ns <= boot_ns) {
			row_due(c, u, boot_ns);
			first = boot_ns; /* it may be OVER now, and due again */
		} else if (u->due_ns < first) {
			first = u->due_ns;
		}
	}
	if (first == DUE_LOOK)
		return -1;
	return first > boot_ns ? (int)((first - boot_ns) / MS_NS) + 1 : 0;
}
