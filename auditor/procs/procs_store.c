/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "auditor.h"
#include "procfs.h"
#include "procs/procs.h"

#define OLD_DEVICE 0xffff /* what accounting has of a terminal's number */

static void give(struct procs_source *s, const struct procs_row *r)
{
	if (s->muted || !procs_filter_takes(s->filter, r))
		return;
	if (s->gaps != NULL)
		procs_gaps_row(s->gaps, r->record);
	s->sink.row(s->sink.ctx, r);
}

static void take_segment(void *arg, const struct process_segment *g)
{
	struct procs_source *s = arg;

	s->segment = *g;
	if (s->lives != NULL)
		procs_lives_boot(s->lives, g->boot_id);
}

static void take_slot(void *arg, const struct process_place *at, const struct process_record *p)
{
	struct procs_source *s = arg;

	(void)at;
	if (p->kind == PROCESS_LOSS)
		procs_gaps_loss(s->gaps, p, &s->segment.boot);
}

static void take_record(void *arg, const struct process_record *p, const struct acct_record *a)
{
	struct procs_source *s = arg;
	struct procs_row r = { .host = s->filter->host, .acct = a, .record = p,
		.boot_id = s->segment.boot_id };

	if (s->lives != NULL)
		r.exec = procs_lives_take(s->lives, a->pid, p);
	r.start_ns = procs_start(a, p, &s->segment.boot);
	give(s, &r);
}

static void take_exec(void *arg, const struct process_text *t)
{
	struct procs_source *s = arg;

	if (s->lives != NULL)
		procs_lives_exec(s->lives, t);
}

static void trouble(void *arg, const char *path, uint64_t offset, const char *text, int tail)
{
	const struct procs_source *s = arg;
	const char *host = s->filter->host != NULL ? s->filter->host->name : NULL;

	complain("%s%s%s, offset %llu: %s%s", host != NULL ? host : "", host != NULL ? ": " : "", path, (unsigned long long)offset, text,
	    tail ? ", left out" : "");
}

struct process_walk procs_source_walk(struct procs_source *s)
{
	return (struct process_walk){ .segment = take_segment, .slot = take_slot,
		.record = take_record, .exec = take_exec, .trouble = trouble, .arg = s };
}

/* On the host of the store: what /proc no longer has does not run, though its record
 * did not come.  Elsewhere it had not ended when the store was copied. */
static int is_there(const struct procs_source *s, uint32_t pid, uint64_t start_ticks)
{
	uint8_t boot[BOOT_ID_SIZE];
	struct proc_stat st;

	if (!s->live)
		return 1;
	return procfs_boot_id(boot) == 0 && memcmp(boot, s->segment.boot_id, sizeof boot) == 0 &&
	    procfs_stat((pid_t)pid, &st) == 0 && st.start_ticks == start_ticks;
}

static void give_running(void *arg, const struct process_record *p, const struct procs_exec *e)
{
	struct procs_source *s = arg;
	struct acct_record a = { .uid = e->exec.uid, .pid = e->exec.pid, .ppid = p->parent_pid };
	struct procs_row r = { .host = s->filter->host, .acct = &a, .record = p, .exec = e,
		.running = 1, .boot_id = s->segment.boot_id };

	if (!is_there(s, a.pid, p->start_ticks))
		return;
	memcpy(a.comm, e->exec.comm, ACCT_COMM);
	if (e->exec.have & EXEC_TTY)
		a.tty = (uint16_t)(((e->exec.tty_dev >> 20 << 8) | (e->exec.tty_dev & 0xfffff)) &
		    OLD_DEVICE);
	r.start_ns = procs_start(&a, p, &s->segment.boot);
	give(s, &r);
}

long procs_store(struct procs_source *s)
{
	struct process_walk w = procs_source_walk(s);
	struct process_index_query q = { .execs = s->lives != NULL };
	long files;

	if (s->index != NULL && procs_filter_query(s->filter, &q))
		files = process_index_walk(s->index, s->store, &q, &w);
	else
		files = process_walk(s->store, &w);
	if (files >= 0 && s->running && s->lives != NULL)
		procs_lives_each(s->lives, give_running, s);
	return files;
}
