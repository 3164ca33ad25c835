/* SPDX-License-Identifier: ISC */
/*
 * An epoch's end: process records go to disk; then the table of live sessions and
 * EPOCH are written, and EPOCH goes to disk; then a checkpoint is signed.  So nothing
 * is ever signed that a power cut takes away.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "err.h"
#include "ledger_internal.h"
#include "ledger_table.h"
#include "log.h"

#define FAR_S 9000000000 /* in the year 2255 */

static void begin(struct ledger *l);

static void fill_clock(const struct clock_reading *now, struct entry *e)
{
	struct clock_discipline d;

	clock_discipline(&d);
	e->u.epoch.raw_ns = now->raw_ns;
	e->u.epoch.clock_offset_ns = d.offset_ns;
	e->u.epoch.clock_state = d.state;
	e->u.epoch.est_error_us = d.est_error_us;
}

/* CLOCK, where the wall clock left its course. */
static void look_at_clock(struct ledger *l)
{
	struct entry e = {.type = ENTRY_CLOCK};
	struct clock_discipline d;
	struct clock_reading now;

	clock_read(&now);
	e.u.clock.step_ns = clock_course_step(&l->course, &now);
	if (e.u.clock.step_ns == 0)
		return;
	clock_discipline(&d);
	e.u.clock.clock_state = d.state;
	log_warn("the clock was set or runs wrong: %+.3f s", (double)e.u.clock.step_ns / 1e9);
	ledger_say(l, &e);
}

/* What process records came to; nothing, where none can be had. */
static void fill_records(struct ledger *l, struct entry *e)
{
	struct process_digest d = {.from = l->records_to, .to = l->records_to};

	if (accounting_digest(l->c->acct, &d) == 0)
		hash_of(d.hash, "", 0);
	e->u.epoch.records_from = d.from;
	e->u.epoch.records_to = d.to;
	memcpy(e->u.epoch.records, d.hash, HASH_SIZE);
}

/* Nothing comes between the table, the root and the entry. */
static int write_epoch(struct ledger *l, void (*done)(void *arg, int error))
{
	struct entry e = {.type = ENTRY_EPOCH};
	struct clock_reading now;
	int r;

	look_at_clock(l);
	if ((r = ledger_settle(l)) != 0 || (r = ledger_epoch_key(l)) != 0)
		return r;
	clock_read(&now);
	fill_clock(&now, &e);
	fill_records(l, &e);
	e.u.epoch.epoch = l->epoch + 1;
	e.u.epoch.next_n = l->c->store.number + 1;
	r = ledger_table_write(l, e.u.epoch.epoch, &e.u.epoch.live, e.u.epoch.live_root);
	if (r != 0)
		return r;
	e.u.epoch.size = l->tree.size;
	merkle_root(&l->tree, e.u.epoch.root);
	r = done != NULL ? ledger_add(l, &e, done, l) : ledger_append_signed(l, &e);
	if (r != 0)
		return r;
	l->epoch = e.u.epoch.epoch;
	l->cuts <<= 1;
	memcpy(l->epoch_pk, e.u.epoch.next_pk, PK_SIZE);
	l->records_to = e.u.epoch.records_to;
	accounting_digest_vouched(l->c->acct);
	l->next_n = e.u.epoch.next_n;
	l->epoch_boot_ns = e.boot_ns;
	l->root_size = l->tree.size;
	merkle_root(&l->tree, l->root);
	return 0;
}

static void failed(const struct ledger *l, const char *what, int r)
{
	log_error("epoch %" PRIu64 ": %s (%s); trying again at the next", l->epoch + 1, what,
	    err_text(r));
}

static void end(struct ledger *l)
{
	l->step = STEP_NONE;
	if (l->c->control != NULL)
		control_check(l->c->control);
	if (l->again)
		begin(l);
}

static void epoch_on_disk(void *arg, int error)
{
	struct ledger *l = arg;
	int r = error != 0 ? error : ledger_checkpoint(l);

	if (r != 0) {
		failed(l, "no checkpoint", r);
	} else {
		l->epochs++;
		ledger_table_prune(l);
	}
	end(l);
}

static void go_on(struct ledger *l)
{
	int r;

	l->step = STEP_ENTRY;
	r = write_epoch(l, epoch_on_disk);
	if (r == 0)
		return;
	failed(l, "it cannot be written", r);
	end(l);
}

static void records_synced(void *owner, struct sync_job *j)
{
	struct ledger *l = owner;

	close(j->fd);
	if (j->error != l->failing[FAIL_SYNC])
		ledger_fail(l, FAIL_SYNC, j->error, 0, "process records");
	accounting_digest_synced(l->c->acct, j->error == 0);
	go_on(l);
}

static void begin(struct ledger *l)
{
	int fd;

	l->again = 0;
	l->step = STEP_RECORDS;
	fd = accounting_digest_begin(l->c->acct);
	if (fd < 0) {
		go_on(l);
		return;
	}
	l->records_job.owner = l;
	l->records_job.done = records_synced;
	l->records_job.fd = fd;
	sync_add(l->c->syncer, &l->records_job, 0, 0);
}

int ledger_epoch_now(struct ledger *l)
{
	if (l->error != 0)
		return l->error;
	if (l->step == STEP_NONE)
		begin(l);
	else
		l->again = 1;
	return 0;
}

uint64_t ledger_epochs(const struct ledger *l)
{
	return l->epochs;
}

int ledger_epoch_sync(struct ledger *l)
{
	int fd, r;

	fd = accounting_digest_begin(l->c->acct);
	if (fd >= 0) {
		accounting_digest_synced(l->c->acct, fdatasync(fd) == 0);
		close(fd);
	}
	r = write_epoch(l, NULL);
	if (r == 0)
		r = ledger_sync_now(l);
	if (r == 0)
		r = ledger_checkpoint(l);
	if (r == 0)
		l->epochs++;
	return r;
}

static void timer_event(void *arg, uint32_t events)
{
	struct ledger *l = arg;
	uint64_t n;

	(void)events;
	if (read(l->timer_source.fd, &n, sizeof(n)) == sizeof(n) && l->step == STEP_NONE)
		ledger_epoch_now(l);
}

/* A timer that only ends when the wall clock is set. */
static int arm_set(int fd)
{
	const struct itimerspec far = {.it_value.tv_sec = FAR_S};

	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL) < 0 ?
	    -errno : 0;
}

static void set_event(void *arg, uint32_t events)
{
	struct ledger *l = arg;
	uint64_t n;

	(void)events;
	if (read(l->set_source.fd, &n, sizeof(n)) < 0 && errno != ECANCELED)
		return;
	arm_set(l->set_source.fd);
	look_at_clock(l);
}

static int add_timer(struct ledger *l, struct source *s, int clock,
    void (*fn)(void *arg, uint32_t events))
{
	int fd = timerfd_create(clock, TFD_NONBLOCK | TFD_CLOEXEC);

	return fd < 0 ? -errno : loop_add(&l->c->loop, s, fd, EPOLLIN, fn, l);
}

/* Of CLOCK_BOOTTIME: an epoch ends in time after the host was asleep. */
int ledger_epoch_timer(struct ledger *l)
{
	struct itimerspec each = {0};
	int r = 0;

	if (!l->timer_source.added) {
		r = add_timer(l, &l->timer_source, CLOCK_BOOTTIME, timer_event);
		if (r == 0)
			r = add_timer(l, &l->set_source, CLOCK_REALTIME, set_event);
		if (r == 0)
			r = arm_set(l->set_source.fd);
	}
	if (r != 0)
		return r;
	each.it_interval.tv_sec = each.it_value.tv_sec = l->c->conf.epoch_s;
	return timerfd_settime(l->timer_source.fd, 0, &each, NULL) < 0 ? -errno : 0;
}
