/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "events.h"
#include "log.h"
#include "processes_internal.h"

#define REBUILD_NS UINT64_C(1000000000) /* from one look at all of /proc to the next */
#define REBUILD_SHARE 10                /* and of the time at most one part in so many */

void processes_miss(struct processes *p, uint64_t count, const char *text)
{
	struct process_loss l = { .source = LOSS_EVENTS, .state = 1, .count = count,
		.from_boot_ns = p->heard_ns };

	if (p->lives == NULL)
		return;
	lives_lost(p->lives);
	p->rebuild_due = 1;
	p->losses++;
	if (p->events_lost && count == 0)
		return;
	if (!p->events_lost)
		log_warn("process events were lost: %s", text);
	p->events_lost = 1;
	snprintf(l.text, sizeof(l.text), "%s", text);
	processes_loss(p, &l);
}

/* The whole record of what began, but for its kind and body. */
static void label(const struct life *f, int64_t wall_ns, struct process_record *r)
{
	*r = (struct process_record){ .session = f->session, .outer = f->outer,
		.keeper_pid = f->keeper_pid, .reason = f->reason, .certainty = f->certainty,
		.origin = f->origin, .flags = f->flags, .start_ticks = f->start_ticks,
		.ordinal = f->ordinal, .parent_pid = f->ppid, .sid = f->sid,
		.read_wall_ns = wall_ns };
	if (r->certainty == CERTAIN_NOT_SAID)
		r->certainty = CERTAIN_DOUBTFUL;
}

static void began(struct processes *p, const struct life *f, const struct pevent *e)
{
	struct process_store *s = accounting_store(p->c->acct);
	struct process_exec exec = e->exec;
	struct process_record r;

	exec.uid = f->uid;
	exec.euid = f->euid;
	label(f, clock_wall(), &r);
	if (s == NULL || process_store_append_exec(s, &r, &exec, e->text) != 0)
		p->execs_unwritten++;
	events_exec(p->c->events, &exec, f->start_ticks, e->text);
}

static int is_over(const struct processes *p, const struct pevent *e)
{
	return e->what == PEVENT_EXIT && !p->c->acct_on;
}

static int got(void *ctx, const struct pevent *e)
{
	struct processes *p = ctx;
	const struct life *f;

	if (is_over(p, e) && (f = lives_get(p->lives, e->pid)) != NULL)
		processes_saw_life(p, f, e->boot_ns, 1);
	if (e->what == PEVENT_LOSS)
		processes_miss(p, e->count, "the kernel's queue was full");
	else
		p->heard_ns = e->boot_ns;
	if (lives_event(p->lives, e) != 0)
		processes_miss(p, 0, "no memory");
	if (e->what != PEVENT_EXEC && e->what != PEVENT_SID)
		return 0;
	if ((f = lives_get(p->lives, e->pid)) == NULL)
		return 0;
	if (e->what == PEVENT_EXEC && p->begun && processes_ours(p, f->uid))
		began(p, f, e);
	processes_saw_life(p, f, e->boot_ns, 0);
	return 0;
}

void processes_deaf(struct processes *p, int error)
{
	loop_del(&p->c->loop, &p->source);
	process_events_stop(p->events);
	lives_free(p->lives);
	p->events = NULL;
	p->lives = NULL;
	p->why = error;
	p->rebuild_due = 0;
	if (p->begun)
		p->look_ns = clock_mono();
}

void processes_hear(struct processes *p, int up_to_now)
{
	int r;

	if (p->events == NULL)
		return;
	r = process_events_take(p->events, up_to_now, got, p);
	if (r == -ETIMEDOUT) {
		processes_miss(p, 0, "their reader is late");
	} else if (r != 0) {
		log_error("process events end: %s; accounting alone", process_events_why(r));
		processes_miss(p, 0, "their reader has ended");
		processes_deaf(p, r);
	}
}

/* All records of before are read: what has none by now will not get one. */
static void settle(struct processes *p)
{
	if (!p->c->acct_on || p->records_lost || accounting_read(p->c->acct) == 0)
		lives_settled(p->lives);
}

static void hear_again(struct processes *p)
{
	struct process_loss l = { .source = LOSS_EVENTS, .state = 2, .from_boot_ns = p->heard_ns };

	if (!p->events_lost || lives_in_doubt(p->lives))
		return;
	p->events_lost = 0;
	log_info("process events are all there again");
	processes_loss(p, &l);
}

void processes_rebuild(struct processes *p)
{
	uint64_t from = clock_mono(), took;
	int r;

	if (p->lives == NULL)
		return;
	processes_hear(p, 1);
	if (p->lives == NULL)
		return;
	p->rebuild_due = 0;
	r = lives_rebuild(p->lives);
	if (r != 0) {
		log_error("the tree of processes cannot be looked up: %s", err_text(r));
		p->rebuild_due = 1;
	} else {
		settle(p);
		if (p->lives == NULL)
			return;
		hear_again(p);
		processes_look(p);
	}
	took = clock_mono() - from;
	p->rebuild_ns = from + (REBUILD_SHARE * took > REBUILD_NS ? REBUILD_SHARE * took :
	    REBUILD_NS);
}
