/* SPDX-License-Identifier: ISC */
#include "screen/session_lives.h"

#include <errno.h>
#include <stdlib.h>

#include "array.h"
#include "store_name.h"

#define SECOND_NS INT64_C(1000000000)

struct collect {
	struct session_lives *out;
	int error;
};

static void take(void *ctx, const struct procs_row *r)
{
	struct collect *c = ctx;
	struct session_lives *l = c->out;
	struct procs_copy *copy;

	if (c->error == 0)
		c->error = array_room(&l->life, l->lives, &l->room, sizeof *l->life);
	if (c->error != 0)
		return;
	copy = procs_copy_new(r);
	if (copy == NULL)
		c->error = -ENOMEM;
	else
		l->life[l->lives++] = copy;
}

int64_t session_life_start(const struct procs_row *r)
{
	int64_t start;

	if (r->record == NULL || r->record->start_ticks != 0 || r->record->read_wall_ns == 0)
		return r->start_ns;
	start = r->record->read_wall_ns - (int64_t)(r->acct->elapsed_s * 1e9);
	if (start < r->start_ns - SECOND_NS)
		return r->start_ns - SECOND_NS;
	return start > r->start_ns + SECOND_NS ? r->start_ns + SECOND_NS : start;
}

static int by_start(const void *a, const void *b)
{
	const struct procs_row *x = procs_copy_row(*(struct procs_copy *const *)a);
	const struct procs_row *y = procs_copy_row(*(struct procs_copy *const *)b);

	int64_t a_ns = session_life_start(x), b_ns = session_life_start(y);

	if (a_ns != b_ns)
		return a_ns < b_ns ? -1 : 1;
	return (x->acct->pid > y->acct->pid) - (x->acct->pid < y->acct->pid);
}

static int is_live(const struct store *s, uint64_t n)
{
	size_t i;

	for (i = 0; i < s->sessions; i++)
		if (s->session[i].name.n == n && s->session[i].name.state == SESSION_LIVE)
			return 1;
	return 0;
}

static long collect(struct auditor *a, struct procs_source *s)
{
	long files;

	/* what still runs in a copied store is told by records that are not there: then all
	 * have to be read */
	if (!s->running || s->live)
		(void)process_index_open(&s->index, s->store, a->store_path); /* or without */
	s->gaps = procs_gaps_new();
	s->lives = procs_lives_new();
	files = s->gaps != NULL && s->lives != NULL ? procs_store(s) : -ENOMEM;
	process_index_free(s->index);
	procs_gaps_free(s->gaps);
	procs_lives_free(s->lives);
	return files;
}

int session_lives_of(struct session_lives **out, struct auditor *a, uint64_t n)
{
	struct session_lives *l = calloc(1, sizeof *l);
	struct collect c = { .out = l };
	struct procs_filter f = { .store = &a->store, .session = n, .began_ns = INT64_MIN,
		.from_ns = INT64_MIN, .to_ns = INT64_MAX };
	struct procs_source s = { .store = &a->store, .filter = &f, .sink = { take, &c },
		.running = is_live(&a->store, n), .live = a->control[0] != '\0' };
	long files;

	if (l == NULL)
		return -ENOMEM;
	files = collect(a, &s);
	if (files < 0 || c.error != 0) {
		session_lives_free(l);
		return files < 0 ? (int)files : c.error;
	}
	l->known = files > 0 && l->lives > 0;
	if (l->lives > 1)
		qsort(l->life, l->lives, sizeof(struct procs_copy *), by_start);
	*out = l;
	return 0;
}

void session_lives_free(struct session_lives *l)
{
	size_t i;

	if (l == NULL)
		return;
	for (i = 0; i < l->lives; i++)
		procs_copy_free(l->life[i]);
	free(l->life);
	free(l);
}
