/* SPDX-License-Identifier: ISC */
#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "clock.h"
#include "err.h"
#include "io.h"
#include "events.h"
#include "ledger_internal.h"
#include "log.h"
#include "notary.h"

#define OWED_MS 1000

/* What one write may need: room that is there is not refused when a key has signed. */
#define RESERVE 4096

/* What a failed write left is gone before anything else is written. */
static int make_smooth(struct ledger *l)
{
	if (l->error != 0)
		return l->error;
	if (l->ragged && ftruncate(l->log, (off_t)l->offset) < 0)
		return -errno;
	l->ragged = 0;
	return 0;
}

static void note(struct ledger *l, const struct entry *e)
{
	if (e->type == ENTRY_OPEN) {
		if (ledger_live_add(&l->live, e->u.open.n, e->u.open.id) != 0)
			log_error("session %" PRIu64 ": no memory to remember that it is open; the "
			    "next start enters its end in the ledger", e->u.open.n);
		l->next_n = e->u.open.n + 1;
		if (l->first_n == 0)
			l->first_n = e->u.open.n;
	} else if (e->type == ENTRY_CLOSE) {
		ledger_live_close(&l->live, ledger_live_find(&l->live, e->u.close.n));
		l->cuts |= e->u.close.end == ENTRY_END_CUT;
	}
}

/* The size in front and the entry, at the end of log and in the tree. */
static int write_entry(struct ledger *l, uint8_t *p, size_t len)
{
	int r;

	put_u16(p, (uint16_t)len);
	r = io_pwrite_all(l->log, p, LEDGER_SIZE + len, l->offset);
	if (r != 0) {
		l->ragged = ftruncate(l->log, (off_t)l->offset) < 0;
		return r;
	}
	l->offset += LEDGER_SIZE + len;
	ledger_hashes_leaf(l, p + LEDGER_SIZE, len);
	return 0;
}

/* What a reader would refuse is not written. */
static int check(const struct ledger *l, const struct entry *e)
{
	const struct ledger_session *s;

	if (e->type == ENTRY_OPEN)
		return l->next_n == 0 || e->u.open.n == l->next_n ? 0 : -EINVAL;
	if (e->type != ENTRY_CLOSE && e->type != ENTRY_GAP)
		return 0;
	s = ledger_live_find(&l->live, e->type == ENTRY_CLOSE ? e->u.close.n : e->u.gap.n);
	return s != NULL ? 0 : -EINVAL;
}

static void stamp(const struct ledger *l, struct entry *e)
{
	e->index = l->tree.size;
	e->wall_ns = clock_wall();
	e->boot_ns = clock_boot();
}

int ledger_append(struct ledger *l, struct entry *e)
{
	uint8_t p[LEDGER_SIZE + ENTRY_MAX];
	int r = make_smooth(l);

	if (r == 0)
		r = check(l, e);
	if (r != 0)
		return r;
	stamp(l, e);
	r = write_entry(l, p, entry_put(p + LEDGER_SIZE, e));
	if (r == 0) {
		note(l, e);
		events_entry(l->c->events, e);
	}
	return r;
}

/* What is said from now on would be about a log that nobody knows. */
static void lost(struct ledger *l, int error)
{
	if (l->error == 0)
		log_error("the ledger cannot be written (%s): what is on disk of it is not known; "
		    "no session begins until the collector is started again", err_text(error));
	l->error = error;
}

int ledger_append_signed(struct ledger *l, struct entry *e)
{
	uint8_t p[LEDGER_SIZE + ENTRY_MAX];
	size_t len;
	int r = make_smooth(l);

	if (r != 0)
		return r;
	/* its key signs no second one: the room is there before */
	if (fallocate(l->log, FALLOC_FL_KEEP_SIZE, (off_t)l->offset, RESERVE) < 0 &&
	    errno != EOPNOTSUPP)
		return -errno;
	stamp(l, e);
	len = entry_put(p + LEDGER_SIZE, e);
	r = notary_entry(l->c->notary, p + LEDGER_SIZE, len);
	if (r == 0)
		r = entry_parse(p + LEDGER_SIZE, len, e);
	if (r != 0)
		return r;
	r = write_entry(l, p, len);
	if (r != 0)
		lost(l, r); /* what follows could only be signed by the next key */
	return r;
}

int ledger_sync_now(struct ledger *l)
{
	if (l->error == 0 && fdatasync(l->log) < 0)
		lost(l, -errno);
	if (l->error == 0)
		l->on_disk = l->tree.size;
	return l->error;
}

static void submit(struct ledger *l)
{
	if (!l->dirty || l->job_busy)
		return;
	l->job_busy = 1;
	l->dirty = 0;
	sync_add(l->c->syncer, &l->job, l->tree.size, l->urgent);
	l->urgent = 0;
}

static void calm_over(void *arg)
{
	submit(arg);
}

static void make_dirty(struct ledger *l, int urgent)
{
	if (l->stopping)
		return;
	if (l->job_busy && sync_join(l->c->syncer, &l->job, l->tree.size, urgent))
		return;
	l->dirty = 1;
	l->urgent |= urgent;
	if (l->urgent)
		submit(l);
	else if (!l->calm_timer.set)
		loop_timer(&l->c->loop, &l->calm_timer, l->c->conf.sync_ms);
}

static void tell_waiters(struct ledger *l)
{
	struct ledger_waiter *w;

	while ((w = STAILQ_FIRST(&l->waiters)) != NULL &&
	    (l->error != 0 || w->size <= l->on_disk)) {
		STAILQ_REMOVE_HEAD(&l->waiters, link);
		if (w->done != NULL)
			w->done(w->arg, l->error);
		free(w);
	}
}

static void synced(void *owner, struct sync_job *j)
{
	struct ledger *l = owner;

	l->job_busy = 0;
	l->c->count.syncs++;
	if (j->error != 0)
		lost(l, j->error);
	else if (j->frame > l->on_disk)
		l->on_disk = j->frame;
	if (l->dirty)
		make_dirty(l, l->urgent);
	tell_waiters(l);
}

static struct ledger_waiter *waiter_new(void (*done)(void *arg, int error), void *arg)
{
	struct ledger_waiter *w = calloc(1, sizeof(*w));

	if (w != NULL) {
		w->done = done;
		w->arg = arg;
	}
	return w;
}

static void wait_for(struct ledger *l, struct ledger_waiter *w)
{
	w->size = l->tree.size;
	STAILQ_INSERT_TAIL(&l->waiters, w, link);
}

int ledger_add(struct ledger *l, struct entry *e, void (*done)(void *arg, int error), void *arg)
{
	int is_signed = e->type == ENTRY_EPOCH || e->type == ENTRY_GENESIS;
	struct ledger_waiter *w = NULL;
	int r;

	if (done != NULL && (w = waiter_new(done, arg)) == NULL)
		return -ENOMEM;
	r = ledger_settle(l);
	if (r == 0)
		r = is_signed ? ledger_append_signed(l, e) : ledger_append(l, e);
	if (r != 0) {
		free(w);
		return r;
	}
	if (w != NULL)
		wait_for(l, w);
	make_dirty(l, w != NULL);
	return 0;
}

void ledger_forget(struct ledger *l, const void *arg)
{
	struct ledger_waiter *w;

	if (l == NULL)
		return;
	STAILQ_FOREACH(w, &l->waiters, link)
		if (w->arg == arg)
			w->done = NULL;
}

/* 0: it is written, or never will be. */
static int settle_one(struct ledger *l, struct ledger_owed *o)
{
	int r = ledger_append(l, &o->e);

	if (r != 0 && r != -EINVAL)
		return r;
	if (r != 0)
		log_error("the ledger: %s is out of its order and left out",
		    entry_word(o->e.type));
	STAILQ_REMOVE_HEAD(&l->owed, link);
	free(o);
	l->owes--;
	return 0;
}

int ledger_settle(struct ledger *l)
{
	struct ledger_owed *o;
	uint64_t before = l->tree.size;
	int r = 0;

	while (r == 0 && (o = STAILQ_FIRST(&l->owed)) != NULL)
		r = settle_one(l, o);
	if (l->tree.size > before)
		make_dirty(l, 0);
	return r;
}

static void owed_due(void *arg)
{
	struct ledger *l = arg;

	if (ledger_settle(l) != 0)
		loop_timer(&l->c->loop, &l->owed_timer, OWED_MS);
	else
		log_info("the ledger can be written again");
}

static void owe(struct ledger *l, const struct entry *e)
{
	struct ledger_owed *o = l->owes < LEDGER_OWED_MAX ? calloc(1, sizeof(*o)) : NULL;

	if (o == NULL) {
		if (l->dropped++ == 0)
			log_error("the ledger: too much waits to be written; what comes now is lost");
		return;
	}
	o->e = *e;
	STAILQ_INSERT_TAIL(&l->owed, o, link);
	l->owes++;
}

void ledger_say(struct ledger *l, const struct entry *e)
{
	int r;

	if (l == NULL)
		return;
	owe(l, e);
	r = ledger_settle(l);
	if (r == 0 || l->owed_timer.set || l->stopping)
		return;
	log_error("the ledger cannot be written (%s); what it is to say waits", err_text(r));
	loop_timer(&l->c->loop, &l->owed_timer, OWED_MS);
}

void ledger_init(struct ledger *l, struct collector *c)
{
	l->c = c;
	l->dir = l->log = l->hashes = -1;
	l->timer_source.fd = l->set_source.fd = -1;
	STAILQ_INIT(&l->waiters);
	STAILQ_INIT(&l->owed);
	merkle_init(&l->tree);
	l->cuts = UINT32_MAX;
	l->job.owner = l;
	l->job.done = synced;
	l->calm_timer = (struct timer){.fn = calm_over, .arg = l};
	l->owed_timer = (struct timer){.fn = owed_due, .arg = l};
}
