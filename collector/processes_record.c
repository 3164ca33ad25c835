/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "processes_internal.h"

#define SECOND_NS INT64_C(1000000000)
#define TICKS_PER_S 100
#define SLACK_TICKS 2 /* lengths are known to 0.01 s */

void processes_now(void *ctx)
{
	struct processes *p = ctx;

	if (p->begun)
		processes_hear(p, 1);
}

/* The parent that the record names belongs to a session that it cannot have come from.
 * Only a parent that was there when the life ended, and is still, says so. */
static int has_other_parent(const struct processes *p, const struct acct_record *r,
    const struct life *f)
{
	uint64_t end = f->start_ticks + (uint64_t)(r->elapsed_s * TICKS_PER_S);
	const struct life *up = lives_get(p->lives, r->ppid);

	return up != NULL && !up->exited && up->start_ticks + SLACK_TICKS < end &&
	    up->reason != REASON_BROKEN && !lives_may_adopt(p->lives, up, f);
}

/* The audit session is another than its recorder's, and nothing that logs people in
 * stands between them. */
static int has_other_audit(const struct processes *p, const struct life *f)
{
	const struct life *k = f->session != 0 ? lives_get(p->lives, f->keeper_pid) : NULL;

	return k != NULL && k->is_keeper && k->session == f->session && !f->other_login &&
	    f->has_audit && k->has_audit && f->audit_session != k->audit_session;
}

int processes_life(void *ctx, const struct acct_record *r, struct life *out, int *in_doubt)
{
	struct processes *p = ctx;
	int64_t boot_s;
	int known;

	if (p->lives == NULL || !p->begun)
		return 0;
	*in_doubt = lives_in_doubt(p->lives);
	boot_s = (clock_wall() - (int64_t)clock_boot()) / SECOND_NS;
	known = lives_ended(p->lives, r->pid, r->btime, boot_s, out);
	if (known == 1 && (out->reason == REASON_BROKEN || out->certainty == CERTAIN_NOT_SAID))
		known = 2;
	if (known == 1 && (has_other_parent(p, r, out) || has_other_audit(p, out))) {
		out->flags |= PROCESS_F_CONTRADICTION;
		p->contradictions++;
	}
	p->exact += known == 1;
	p->likely += known != 1;
	return known;
}

/* Of a record that was read when it was written, as far as that says it. */
static uint64_t about_start(uint64_t boot_ns, double elapsed_s)
{
	uint64_t end = boot_ns / (uint64_t)SECOND_NS * TICKS_PER_S;
	double ticks = elapsed_s * TICKS_PER_S;

	return ticks >= 0 && ticks < (double)end ? end - (uint64_t)ticks : 0;
}

void processes_stored(void *ctx, const struct process_record *r)
{
	struct processes *p = ctx;
	struct acct_record a;
	struct sight s = { .ended = 1 };

	if (acct_record_parse(r->body, &a) != 0)
		return;
	processes_tell(p, r, &a);
	processes_watch_ended(p, a.pid, r->start_ticks);
	if (!p->begun)
		return;
	s.pid = a.pid;
	s.sid = r->sid;
	s.start_ticks = r->start_ticks;
	s.tty_dev = acct_tty_device(a.tty);
	s.uid = a.uid;
	s.session = r->session;
	s.origin = r->origin;
	s.reason = r->reason;
	s.boot_ns = clock_boot();
	if (s.sid == 0) {
		s.ppid = a.ppid;
		if (s.start_ticks == 0)
			s.start_ticks = about_start(s.boot_ns, a.elapsed_s);
	}
	memcpy(s.comm, a.comm, sizeof(s.comm));
	processes_sight(p, &s);
}

/* A child of ours that has ended: its record is not handed over. */
void processes_canary(void *ctx, pid_t pid)
{
	struct processes *p = ctx;

	if (p->events == NULL || !p->begun)
		return;
	processes_hear(p, 1);
	if (p->events == NULL)
		return;
	if (!process_events_saw(p->events, (uint32_t)pid) && !p->rebuild_due)
		processes_miss(p, 0, "a process was not seen");
	lives_forget(p->lives, (uint32_t)pid, (uint32_t)getpid());
}

void processes_loss(struct processes *p, const struct process_loss *l)
{
	struct process_store *s = accounting_store(p->c->acct);
	struct process_record r = { .kind = PROCESS_LOSS, .read_wall_ns = clock_wall() };

	if (s == NULL)
		return;
	process_loss_put(r.body, l);
	if (process_store_append(s, &r) == 0)
		process_store_flush(s);
}
