/* SPDX-License-Identifier: ISC */
#include "sessions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "clock.h"
#include "err.h"
#include "sessions_internal.h"
#include "store/fleet.h"
#include "store/fleet_store.h"

int sessions_keep(struct sessions *x, void *p)
{
	if (p == NULL || array_room(&x->kept, x->keeps, &x->keep_room, sizeof *x->kept) != 0) {
		free(p);
		return -ENOMEM;
	}
	x->kept[x->keeps++] = p;
	return 0;
}

/* Through a collector a folder tells names alone: each file is opened to see what it is
 * like.  One that cannot be opened is told of when it is judged. */
static void look_at_files(struct store *s)
{
	size_t i;

	if (s->fleet != NULL)
		(void)fleet_store_states(s); /* else each is judged anew */
	for (i = 0; s->access != NULL && i < s->sessions; i++) {
		int fd = store_open_session(s, &s->session[i]);

		if (fd < 0)
			continue;
		(void)store_state_of(&s->session[i].state, fd);
		close(fd);
	}
}

static int is_ledger_same(const struct sessions *x)
{
	const struct session_pieces *p = &x->pieces;

	return x->cache != NULL && p->ledger != NULL && p->ledger_len == sizeof x->ledger &&
	    memcmp(p->ledger, x->ledger, sizeof x->ledger) == 0;
}

static int is_all_known(const struct sessions *x)
{
	size_t i;

	for (i = 0; i < x->a->store.sessions; i++)
		if (x->step[i] != STEP_KNOWN)
			return 0;
	return 1;
}

/* The ledger may say something else now of what was judged by what it said then. */
static void grade_known(struct sessions *x, struct session_ledger *l)
{
	size_t i;

	for (i = 0; i < x->a->store.sessions; i++) {
		struct session_record *r = &x->record[i];
		struct session_row was = r->row;
		uint8_t then[SESSION_EXPECTED];
		struct judge_how how;
		struct expect expect;

		if (x->step[i] != STEP_KNOWN)
			continue;
		session_ledger_how(l, r->name.n, &expect, &how);
		memcpy(then, r->expected, sizeof then);
		session_ledger_grade(l, r, how.expect);
		if (memcmp(then, r->expected, sizeof then) != 0)
			x->step[i] = STEP_TODO;
		else if (was.level != r->row.level || was.findings != r->row.findings)
			x->step[i] = STEP_GRADED;
	}
}

static int judge_by_ledger(struct sessions *x, const struct witness_policy *policy)
{
	struct session_ledger *l = calloc(1, sizeof *l);
	int r;

	if (l == NULL)
		return -ENOMEM;
	if (session_ledger_read(l, x->a, policy) != 0) {
		x->cannot++;
		x->ledger_settled = 0;
	}
	grade_known(x, l);
	r = sessions_judge(x, l);
	session_ledger_release(l);
	free(l);
	return r;
}

/* Leaves out what could not be read. */
static void close_up(struct sessions *x)
{
	struct store *s = &x->a->store;
	size_t i;

	for (i = 0; i < s->sessions; i++) {
		if (x->step[i] == STEP_FAILED)
			continue;
		if (x->count != i)
			x->record[x->count] = x->record[i];
		if (x->a->host != NULL) /* by this name its sessions are called */
			x->record[x->count].row.host = x->a->host->name;
		x->record[x->count++].row.entry = &s->session[i];
	}
}

static int fill(struct sessions *x, const struct sessions_ask *ask)
{
	size_t all = x->a->store.sessions;
	int64_t newest;
	int r;

	x->record = array_many(all + 1, sizeof *x->record);
	x->step = calloc(all + 1, 1);
	if (x->record == NULL || x->step == NULL)
		return -ENOMEM;
	look_at_files(&x->a->store);
	if ((r = sessions_load(x)) != 0)
		return r;
	session_ledger_state(x->ledger, &newest, x->a, ask->policy_path);
	x->ledger_settled = newest < x->opened_ns - SESSIONS_SETTLED_NS;
	x->ledger_changed = !is_ledger_same(x);
	if ((x->ledger_changed || !is_all_known(x)) && (r = judge_by_ledger(x, ask->policy)) != 0)
		return r;
	sessions_save(x);
	close_up(x);
	return sessions_add_processes(x);
}

int sessions_open_asked(struct sessions **out, struct auditor *a, const struct sessions_ask *ask)
{
	struct sessions *x = calloc(1, sizeof *x);
	int r = x == NULL ? -ENOMEM : 0;

	if (r == 0) {
		x->a = a;
		x->opened_ns = clock_wall();
		session_ahead_take(&x->cache, &x->pieces, a->store_path);
		r = fill(x, ask);
	}
	if (r != 0) {
		complain("sessions: %s", err_text(r));
		sessions_free(x);
		return r;
	}
	*out = x;
	return 0;
}

int sessions_open(struct sessions **out, struct auditor *a)
{
	const struct sessions_ask ask = { .policy = NULL };

	return sessions_open_asked(out, a, &ask);
}

void sessions_free(struct sessions *x)
{
	if (x == NULL)
		return;
	while (x->keeps > 0)
		free(x->kept[--x->keeps]);
	free(x->kept);
	session_pieces_release(&x->pieces);
	free(x->block);
	free(x->record);
	free(x->step);
	users_free(x->users);
	session_cache_free(x->cache);
	free(x);
}

size_t sessions_count(const struct sessions *x)
{
	return x->count;
}

const struct session_row *sessions_row(const struct sessions *x, size_t i)
{
	return &x->record[i].row;
}

size_t sessions_cannot(const struct sessions *x)
{
	return x->cannot;
}

size_t sessions_first(const struct sessions *x, uint64_t n)
{
	return ARRAY_FIRST(x->record, x->count, name.n, n);
}

size_t sessions_place(const struct sessions *x, const struct session_row *w)
{
	size_t at = (size_t)((const char *)w - (const char *)&x->record[0].row);

	return at / sizeof x->record[0];
}
