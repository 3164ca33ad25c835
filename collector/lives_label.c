/* SPDX-License-Identifier: ISC */
#include "lives_internal.h"

#include <errno.h>

#include "array.h"
#include "cert.h"

/* One who may have been given to a new parent before it was seen: nobody but the
 * ancestors says what it belongs to, and they may have ended. */
static uint8_t less_sure(uint8_t certainty)
{
	return certainty == CERTAIN_EXACT ? CERTAIN_LIKELY : certainty;
}

static void show(struct life_node *f)
{
	struct life *s = &f->life;

	s->certainty = f->scope.certainty;
	s->session = f->scope.session;
	s->outer = f->scope.outer;
	s->keeper_pid = f->scope.keeper_pid;
	if (f->keeper_of != 0)
		s->reason = REASON_RECORDER;
	else if (f->scope.certainty == CERTAIN_NOT_SAID)
		s->reason = REASON_BROKEN;
	else
		s->reason = s->session != 0 ? REASON_FORK : REASON_NO_RECORDER;
}

void lives_label(struct life_node *f)
{
	const struct life_node *up = f->above;
	uint64_t lead_in = f->life.reason == REASON_LEAD_IN ? f->life.session : 0;

	f->scope = (struct lives_scope){ 0 };
	if (f->has_own)
		f->scope = f->own;
	else if (up != NULL)
		f->scope = up->scope;
	if (f->likely)
		f->scope.certainty = less_sure(f->scope.certainty);
	if (f->keeper_of == LIVES_UNKNOWN)
		f->scope = (struct lives_scope){ 0 };
	else if (f->keeper_of != 0)
		f->scope = (struct lives_scope){ .session = f->keeper_of,
			.outer = f->scope.session, .keeper_pid = f->life.pid,
			.certainty = CERTAIN_EXACT };
	show(f);
	if (lead_in != 0 && f->life.reason == REASON_NO_RECORDER) {
		f->life.reason = REASON_LEAD_IN;
		f->life.session = lead_in;
	}
}

void lives_walk(struct life_node *top, void (*fn)(void *arg, struct life_node *f), void *arg)
{
	struct life_node *f = top, *next;

	for (;;) {
		fn(arg, f);
		if ((next = LIST_FIRST(&f->below)) != NULL) {
			f = next;
			continue;
		}
		while (f != top && (next = LIST_NEXT(f, beside)) == NULL)
			f = f->above;
		if (f == top)
			return;
		f = next;
	}
}

static void label_one(void *arg, struct life_node *f)
{
	(void)arg;
	lives_label(f);
}

void lives_label_tree(struct life_node *top)
{
	lives_walk(top, label_one, NULL);
}

/* What was begun later is no lead-in: somebody uses the terminal past the recorder. */
#define LEAD_IN_TICKS 100

void lives_lead_in(struct lives *l, const struct life_node *keeper, uint64_t n)
{
	struct life_node *front = keeper->above;
	struct proc_stat s;

	if (n == LIVES_UNKNOWN || front == NULL || front->scope.session != 0 ||
	    l->ops.stat(l->ops.ctx, (pid_t)front->life.pid, &s) != 0 ||
	    !lives_is(front, s.start_ticks) || s.tty_dev == 0)
		return;
	for (size_t i = 0; i < l->buckets; i++) {
		for (struct life_node *f = l->bucket[i]; f != NULL; f = f->next) {
			if ((f != front && f->life.sid != (uint32_t)s.session) ||
			    f->life.reason != REASON_NO_RECORDER ||
			    f->life.start_ticks > keeper->life.start_ticks + LEAD_IN_TICKS)
				continue;
			f->life.reason = REASON_LEAD_IN;
			f->life.session = n;
		}
	}
}

void lives_be_keeper(struct lives *l, struct life_node *f, uint64_t n)
{
	if (f->keeper_of == 0)
		l->count.keepers++;
	f->keeper_of = n;
	f->life.is_keeper = 1;
}

void lives_set_audit(struct lives *l, uint32_t pid, uint32_t audit_session)
{
	struct life_node *f = lives_find(l, pid);

	if (f == NULL || audit_session == CERT_UNSET)
		return;
	f->life.audit_session = audit_session;
	f->life.has_audit = 1;
}

int lives_add_keeper(struct lives *l, uint64_t n, uint32_t pid, uint64_t start_ticks)
{
	struct life_node *f = lives_find(l, pid);
	int r;

	if (start_ticks < l->first_keeper)
		l->first_keeper = start_ticks;
	if (f != NULL && !f->gone && lives_is(f, start_ticks)) {
		lives_be_keeper(l, f, n);
		lives_label_tree(f);
		lives_lead_in(l, f, n);
		return 0;
	}
	if ((r = array_room(&l->keeper, l->keepers, &l->keeper_room, sizeof(*l->keeper))) != 0)
		return r;
	l->keeper[l->keepers++] = (struct lives_keeper){ .n = n, .start_ticks = start_ticks,
		.pid = pid };
	return -ESRCH;
}
