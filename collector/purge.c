/* SPDX-License-Identifier: ISC */
#include "purge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "ledger.h"
#include "legal_hold.h"
#include "log.h"
#include "purge_internal.h"

#define DAY_S 86400
#define DAY_MS (DAY_S * 1000u)
#define SECOND INT64_C(1000000000)

struct purger {
	struct collector *c;
	struct purge_worker *worker;
	struct source source;
	struct timer daily;
	struct purge_list waiting;
	struct purge_job *now;  /* with the worker, or with the ledger */
	int busy;               /* the worker has something */
	int late;               /* PURGE of now is, or may be, in the ledger */
	int scan_due;
	int scan_again;         /* it did not find all, ... */
	int scan_helped;        /* ... and some of what it found is purged */
};

const char *purge_text(int error)
{
	switch (error) {
	case PURGE_LIVE: return "the session goes on";
	case PURGE_HELD: return "the session is held; shellac hold --release lets it go";
	case PURGE_ALREADY: return "what the session held is deleted already";
	case PURGE_OTHER: return "the approval does not name this session";
	case E_SHORT: return "the session's file is empty or torn: it cannot be purged";
	default: return err_text(error);
	}
}

static int64_t wall_s(void)
{
	return clock_wall() / SECOND;
}

static void step(struct purger *p);

static void free_job(struct purge_job *j)
{
	if (j != NULL)
		free(j->leave);
	free(j);
}

/* The job is over.  Retention says the less the more it does. */
static void finish(struct purger *p, int error)
{
	struct purge_job *j = p->now;
	struct purge_result r = {error, j->count.chunks, j->count.bytes};

	p->now = NULL;
	p->late = 0;
	p->scan_helped |= error == 0 && j->why == PURGE_RETENTION;
	if (error == 0)
		log_info("session %" PRIu64 ": its payload is deleted, %" PRIu64 " bytes", j->n,
		    r.bytes);
	else if (j->why != PURGE_RETENTION || (error != PURGE_YOUNG && error != PURGE_HELD &&
	    error != PURGE_ALREADY))
		log_warn("session %" PRIu64 ": its payload is not deleted: %s", j->n,
		    purge_text(error));
	if (j->done != NULL)
		j->done(j->arg, &r);
	free_job(j);
	step(p);
}

/* PURGE is on disk, or may be: then it is for the next start to know. */
static void recorded(void *arg, int error)
{
	struct purger *p = arg;

	if (error != 0) {
		finish(p, error);
		return;
	}
	p->busy = 1;
	purge_worker_begin(p->worker, PURGE_COMMIT, p->now, 0);
}

static void record(struct purger *p)
{
	struct purge_job *j = p->now;
	struct entry e = {.type = ENTRY_PURGE};
	int r;

	e.u.purge.n = j->n;
	memcpy(e.u.purge.id, j->count.id, ID_SIZE);
	e.u.purge.chunks = j->count.chunks;
	e.u.purge.bytes = j->count.bytes;
	e.u.purge.why = j->why;
	if (j->leave != NULL)
		memcpy(e.u.purge.approval, j->leave->digest, HASH_SIZE);
	r = 0;
	if (j->leave != NULL && !approval_names(&j->leave->approval, j->count.id))
		r = PURGE_OTHER;
	else if (legal_hold_is(&p->c->store, j->n))
		r = PURGE_HELD;
	else if (ledger_is_open(p->c->ledger, j->n))
		r = PURGE_LIVE;
	if (r == 0 && j->leave != NULL)
		r = purge_leave_keep(&p->c->store, j->leave);
	if (r == 0) {
		p->late = 1;
		r = ledger_add(p->c->ledger, &e, recorded, p);
	}
	if (r == 0)
		return;
	purge_drop(&p->c->store, j);
	finish(p, r);
}

static void scanned(struct purger *p, int error)
{
	struct purge_job *j;
	int64_t end = (wall_s() - (int64_t)p->c->conf.retention * DAY_S) * SECOND;

	p->scan_again = error > 0;
	p->scan_helped = 0;
	if (error < 0)
		log_warn("retention: the store cannot be looked through: %s", err_text(error));
	TAILQ_FOREACH(j, &p->waiting, link)
		if (j->why == 0) {
			j->why = PURGE_RETENTION;
			j->ended_by = end;
		}
}

static void worker_event(void *arg, uint32_t events)
{
	struct purger *p = arg;
	int error;

	(void)events;
	if (!purge_worker_end(p->worker, &error, &p->waiting))
		return;
	p->busy = 0;
	if (p->now == NULL)
		scanned(p, error);
	else if (p->late || error != 0)
		finish(p, error);
	else
		record(p);
	step(p);
}

/* Goes on with the next, if nothing is under way. */
static void step(struct purger *p)
{
	if (p->busy || p->now != NULL || p->c->stopping)
		return;
	p->now = TAILQ_FIRST(&p->waiting);
	if (p->now != NULL) {
		TAILQ_REMOVE(&p->waiting, p->now, link);
		p->busy = 1;
		purge_worker_begin(p->worker, PURGE_PREPARE, p->now, 0);
	} else if (p->scan_due || (p->scan_again && p->scan_helped)) {
		p->scan_due = p->scan_again = 0;
		p->busy = 1;
		purge_worker_begin(p->worker, PURGE_SCAN, NULL,
		    wall_s() - (int64_t)p->c->conf.retention * DAY_S);
	}
}

static void daily(void *arg)
{
	struct purger *p = arg;

	loop_timer(&p->c->loop, &p->daily, DAY_MS);
	purger_configured(p);
}

void purger_configured(struct purger *p)
{
	p->scan_due = p->c->conf.retention > 0;
	step(p);
}

int purger_new(struct purger **out, struct collector *c)
{
	struct purger *p = calloc(1, sizeof(*p));
	int r;

	if (p == NULL)
		return -ENOMEM;
	p->c = c;
	TAILQ_INIT(&p->waiting);
	p->daily = (struct timer){.fn = daily, .arg = p};
	r = purge_resume(&c->store, c->packer);
	if (r != 0)
		log_error("purges that were begun cannot be finished: %s", err_text(r));
	r = purge_worker_new(&p->worker, &c->store, c->packer);
	if (r == 0)
		r = loop_add(&c->loop, &p->source, purge_worker_fd(p->worker), EPOLLIN, worker_event, p);
	if (r != 0) {
		purge_worker_free(p->worker);
		free(p);
		return r;
	}
	daily(p);
	*out = p;
	return 0;
}

void purger_free(struct purger *p)
{
	struct purge_job *j;

	if (p == NULL)
		return;
	purge_worker_free(p->worker);
	loop_del(&p->c->loop, &p->source);
	loop_timer_clear(&p->daily);
	ledger_forget(p->c->ledger, p);
	free_job(p->now);
	while ((j = TAILQ_FIRST(&p->waiting)) != NULL) {
		TAILQ_REMOVE(&p->waiting, j, link);
		free_job(j);
	}
	free(p);
}

int purger_ask(struct purger *p, uint64_t n, const struct purge_leave *leave,
    void (*done)(void *arg, const struct purge_result *r), void *arg)
{
	struct purge_job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return -ENOMEM;
	j->n = n;
	j->why = PURGE_APPROVAL;
	if (leave != NULL) {
		j->leave = malloc(sizeof(*leave));
		if (j->leave == NULL) {
			free(j);
			return -ENOMEM;
		}
		*j->leave = *leave;
	}
	j->ended_by = INT64_MAX;
	j->done = done;
	j->arg = arg;
	TAILQ_INSERT_HEAD(&p->waiting, j, link); /* somebody waits for it */
	step(p);
	return 0;
}

void purger_forget(struct purger *p, const void *arg)
{
	struct purge_job *j;

	TAILQ_FOREACH(j, &p->waiting, link)
		if (j->arg == arg)
			j->done = NULL;
	if (p->now != NULL && p->now->arg == arg)
		p->now->done = NULL;
}

int purger_is_late(const struct purger *p, uint64_t n)
{
	return p->now != NULL && p->late && p->now->n == n;
}
