/* SPDX-License-Identifier: ISC */
#include "processes_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "coverage_store.h"
#include "err.h"
#include "log.h"
#include "session.h"

#define LOOK_NS UINT64_C(30000000000)
#define MS_NS UINT64_C(1000000)

int processes_new(struct processes **out, struct collector *c)
{
	struct processes *p = calloc(1, sizeof(*p));
	struct lives_ops ops;
	int r;

	if (p == NULL)
		return -ENOMEM;
	p->c = c;
	r = processes_coverage(p);
	if (r == 0 && c->conf.process_events) {
		processes_proc_ops(p, &ops);
		r = lives_new(&p->lives, &ops);
	}
	if (r != 0) {
		processes_free(p);
		return r;
	}
	processes_reread(p);
	*out = p;
	return 0;
}

void processes_free(struct processes *p)
{
	if (p == NULL)
		return;
	loop_del(&p->c->loop, &p->source);
	process_events_stop(p->events);
	lives_free(p->lives);
	coverage_free(p->coverage);
	processes_tell_release(p);
	free(p->pids);
	free(p);
}

void processes_hooks(struct processes *p, struct accounting_config *cfg)
{
	cfg->now = processes_now;
	cfg->life = processes_life;
	cfg->opened = processes_opened;
	cfg->stored = processes_stored;
	cfg->canary = processes_canary;
	cfg->ctx = p;
}

static void heard(void *arg, uint32_t events)
{
	(void)events;
	processes_hear(arg, 0);
}

static int listen_to(struct processes *p)
{
	const struct process_events_config cfg = { .read_args = p->c->conf.process_args };
	int r = process_events_start(&p->events, &cfg);

	if (r != 0)
		return r;
	return loop_add(&p->c->loop, &p->source, process_events_fd(p->events), EPOLLIN, heard, p);
}

void processes_listen(struct processes *p)
{
	int r;

	if (!p->c->conf.process_events)
		return;
	p->heard_ns = clock_boot();
	if ((r = listen_to(p)) == 0)
		return;
	log_warn("process events are off: %s; accounting alone", process_events_why(r));
	processes_deaf(p, r);
}

static void take_up(struct processes *p)
{
	int r = accounting_open_store(p->c->acct);

	if (r == 0)
		r = coverage_take_up(p->coverage, accounting_folder(p->c->acct), p->c->boot_id);
	if (r != 0)
		log_error("what was stored of processes cannot be taken up: %s", err_text(r));
}

/* The front of a keeper whose parent runs the same file: not who took an orphan. */
static void cover_front(struct processes *p, uint64_t n, const struct proc_stat *keeper,
    const struct proc_stat *front)
{
	struct coverage_front f = {.pid = (uint32_t)front->pid, .start_ticks = front->start_ticks};
	dev_t dev;
	ino_t ino;

	if (procfs_program(keeper->pid, &dev, &ino) == 0 &&
	    processes_front_program(p, front->pid, &f.dev, &f.ino) == 0 && f.dev == dev &&
	    f.ino == ino)
		coverage_front(p->coverage, n, &f);
}

/* The recorder's front is the keeper's parent. */
static void cover(struct processes *p, const struct cert *cert)
{
	struct proc_stat keeper, front, leader;
	uint32_t sid = 0;
	uint64_t sid_start = 0;

	if (procfs_stat((pid_t)cert->pid, &keeper) == 0 &&
	    keeper.start_ticks == cert->start_ticks && procfs_stat(keeper.ppid, &front) == 0 &&
	    front.session > 0) {
		sid = (uint32_t)front.session;
		if (procfs_stat(front.session, &leader) == 0)
			sid_start = leader.start_ticks;
	}
	if (sid == 0)
		return;
	coverage_recorder(p->coverage, cert->n, cert->tty_dev, sid, sid_start, cert->boot_ns);
	cover_front(p, cert->n, &keeper, &front);
}

void processes_begin(struct processes *p)
{
	const struct session *s;

	if (p->events == NULL && !p->c->acct_on)
		return;
	p->begun = 1;
	take_up(p);
	LIST_FOREACH(s, &p->c->registry.sessions, link)
		cover(p, &s->in.chain.cert);
	if (p->lives != NULL) {
		lives_records(p->lives, p->c->acct_on);
		processes_rebuild(p);
	}
	p->look_ns = clock_mono();
}

int processes_add_keeper(struct processes *p, const struct cert *cert)
{
	int r = accounting_add_keeper(p->c->acct, cert->n, (pid_t)cert->pid, cert->start_ticks,
	    cert->tty_dev);

	if (p->begun)
		processes_hear(p, 1);
	if (p->lives != NULL && lives_add_keeper(p->lives, cert->n, cert->pid,
	    cert->start_ticks) != 0)
		p->rebuild_due = 1;
	else if (p->lives != NULL)
		lives_set_audit(p->lives, cert->pid, cert->audit_session);
	if (!p->begun)
		return r;
	cover(p, cert);
	if (p->lives != NULL && (cert->flags & CERT_F_LATE))
		processes_look(p); /* what it runs may have been called unrecorded */
	return r;
}

int processes_expect_keeper(struct processes *p, uint32_t pid, uint64_t start_ticks)
{
	int r = accounting_expect_keeper(p->c->acct, (pid_t)pid, start_ticks);

	if (p->lives != NULL)
		lives_add_keeper(p->lives, LIVES_UNKNOWN, pid, start_ticks);
	return r;
}

void processes_session_ended(struct processes *p, uint64_t n)
{
	if (p != NULL && p->begun)
		coverage_recorder_ended(p->coverage, n, clock_boot());
}

/* Accounting has begun to fail, or works again: which lives get a record, and which have
 * got theirs, is to be found out anew. */
static void look_at_accounting(struct processes *p)
{
	uint64_t from;
	int lost = p->c->acct_on && accounting_lost(p->c->acct, &from);

	if (lost == p->records_lost)
		return;
	p->records_lost = lost;
	if (p->lives == NULL)
		return;
	lives_records(p->lives, !lost);
	p->rebuild_due = 1;
}

static int sooner(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

static int until(uint64_t due_ns, uint64_t now)
{
	if (due_ns == 0)
		return -1;
	return due_ns <= now ? 0 : (int)((due_ns - now + MS_NS - 1) / MS_NS);
}

/* What accounting has not written with its records. */
static void write_out(struct processes *p)
{
	struct process_store *s = accounting_store(p->c->acct);

	if (s != NULL && p->begun)
		process_store_flush(s);
}

int processes_turn(struct processes *p)
{
	uint64_t now = clock_mono();
	int wait = processes_watch_turn(p);

	if (!p->begun)
		return wait;
	look_at_accounting(p);
	if (p->rebuild_due && now >= p->rebuild_ns)
		processes_rebuild(p);
	if (p->look_ns != 0 && now >= p->look_ns) {
		if (p->lives != NULL)
			processes_look_at_leaders(p);
		else
			processes_look(p);
		p->look_ns = now + LOOK_NS;
	}
	wait = sooner(wait, coverage_turn(p->coverage, clock_boot()));
	write_out(p);
	if (p->rebuild_due)
		wait = sooner(wait, until(p->rebuild_ns, now));
	return sooner(wait, until(p->look_ns, now));
}

void processes_drain(struct processes *p)
{
	if (p->begun)
		processes_hear(p, 1);
	accounting_drain(p->c->acct);
	write_out(p);
}

json_t *processes_events(const struct processes *p)
{
	json_t *j = process_events_status(p->events);
	char reason[160];

	if (p->events != NULL || j == NULL)
		return j;
	snprintf(reason, sizeof(reason), "%s%s",
	    p->why == 0 ? "off by configuration" : process_events_why(p->why),
	    p->c->acct_on ? ": accounting alone" : "");
	json_object_set_new(j, "reason", json_string(reason));
	return j;
}

json_t *processes_lives(const struct processes *p)
{
	struct lives_counts n = { 0 };

	if (p->lives == NULL)
		return json_null();
	lives_count(p->lives, &n);
	return json_pack("{sI sI sI sI sI sI sI sI sI sI sI sI}", "lives", (json_int_t)n.lives,
	    "keepers", (json_int_t)n.keepers, "waiting", (json_int_t)n.waiting,
	    "exact", (json_int_t)p->exact, "likely", (json_int_t)p->likely,
	    "orphans", (json_int_t)n.orphans, "rebuilt", (json_int_t)n.rebuilt,
	    "doubtful", (json_int_t)n.doubtful, "missing", (json_int_t)n.missing,
	    "contradictions", (json_int_t)p->contradictions,
	    "losses", (json_int_t)p->losses,
	    "unwritten", (json_int_t)p->execs_unwritten);
}

json_t *processes_unrecorded(const struct processes *p)
{
	return coverage_json(p->coverage);
}
