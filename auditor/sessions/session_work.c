/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "bytes.h"
#include "err.h"
#include "output/progress.h"
#include "session_judge.h"
#include "sessions_internal.h"

#define WORKERS_MAX 8

/* What several threads do; all but judging itself is done by one at a time. */
struct work {
	struct sessions *x;
	struct session_ledger *l;
	pthread_mutex_t lock;
	size_t next, done, all;
	struct progress progress;
	int error;
};

static int next_todo(struct work *w, size_t *i)
{
	while (w->next < w->x->a->store.sessions && w->x->step[w->next] != STEP_TODO)
		w->next++;
	if (w->error != 0 || w->next == w->x->a->store.sessions)
		return 0;
	*i = w->next++;
	return 1;
}

/* The record, and its strings with it. */
static int take(struct sessions *x, size_t i, const struct session_record *r)
{
	uint8_t *packed;
	struct rest b;
	int err = session_record_pack(&packed, &b.len, r);

	if (err != 0 || (err = sessions_keep(x, packed)) != 0)
		return err;
	b.p = packed;
	if ((err = session_record_unpack(&x->record[i], &b)) == 0)
		x->step[i] = STEP_JUDGED;
	return err;
}

static void failed(struct sessions *x, size_t i, int r)
{
	complain("session %llu: %s", (unsigned long long)x->a->store.session[i].name.n, err_text(r));
	x->step[i] = STEP_FAILED;
	x->cannot++;
}

/* Judges one; the lock is held at begin and end. */
static void judge(struct work *w, struct session_judged *j, size_t i)
{
	struct store_session *e = &w->x->a->store.session[i];
	struct judge_how how;
	struct expect expect;
	int r;

	session_ledger_how(w->l, e->name.n, &expect, &how);
	pthread_mutex_unlock(&w->lock);
	r = session_judge(j, &w->x->a->store, e, &how);
	pthread_mutex_lock(&w->lock);
	if (r == -ENOMEM) {
		w->error = r;
	} else if (r != 0) {
		failed(w->x, i, r);
	} else {
		session_ledger_grade(w->l, &j->record, how.expect);
		w->error = take(w->x, i, &j->record);
	}
	progress_at(&w->progress, ++w->done, w->all);
}

static void *run(void *arg)
{
	struct work *w = arg;
	struct session_judged *j = malloc(sizeof *j);
	size_t i;

	pthread_mutex_lock(&w->lock);
	if (j == NULL)
		w->error = -ENOMEM;
	while (next_todo(w, &i))
		judge(w, j, i);
	pthread_mutex_unlock(&w->lock);
	free(j);
	return NULL;
}

/* Threads beside this one: a collector answers one question after the other. */
static size_t helpers(const struct work *w)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = cpus > WORKERS_MAX ? WORKERS_MAX : cpus < 1 ? 1 : (size_t)cpus;

	if (w->x->a->store.access != NULL || w->all < 2)
		return 0;
	return n < w->all ? n - 1 : w->all - 1;
}

int sessions_judge(struct sessions *x, struct session_ledger *l)
{
	struct work w = { .x = x, .l = l };
	pthread_t thread[WORKERS_MAX];
	size_t i, n = 0;

	for (i = 0; i < x->a->store.sessions; i++)
		w.all += x->step[i] == STEP_TODO;
	if (w.all == 0)
		return 0;
	pthread_mutex_init(&w.lock, NULL);
	progress_begin(&w.progress, "judging sessions");
	while (n < helpers(&w) && pthread_create(&thread[n], NULL, run, &w) == 0)
		n++;
	run(&w);
	while (n > 0)
		pthread_join(thread[--n], NULL);
	progress_end(&w.progress);
	pthread_mutex_destroy(&w.lock);
	return w.error;
}
