/* SPDX-License-Identifier: ISC */
#include "procs/alive.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "procs/process_walk.h"
#include "procfs.h"

#define SECOND INT64_C(1000000000)

/* What the records of the life's boot say. */
struct search {
	struct alive *a;
	int in_boot;     /* the segment is of that boot */
	struct process_boot boot;
	int found;
	unsigned before, after; /* other lives of that pid and tick that have ended */
	unsigned untold; /* records that may be of the life: which start they had nobody knows */
};

/* A leader that has exited while other threads go on looks like a zombie. */
static int has_threads(uint32_t pid)
{
	char path[32];
	struct dirent *e;
	unsigned n = 0;
	DIR *d;

	snprintf(path, sizeof path, "/proc/%u/task", pid);
	d = opendir(path);
	if (d == NULL)
		return 0;
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n > 1;
}

void alive_look(struct alive *a, const struct life_name *n)
{
	uint8_t here[BOOT_ID_SIZE];
	struct proc_stat st;
	int have_boot = procfs_boot_id(here) == 0;

	memset(a, 0, sizeof *a);
	a->life = *n;
	a->state = ALIVE_UNKNOWN;
	if (!a->life.has_boot && have_boot) {
		memcpy(a->life.boot_id, here, sizeof here);
		a->life.has_boot = 1;
	}
	if (!have_boot || memcmp(a->life.boot_id, here, sizeof here) != 0 ||
	    procfs_stat((pid_t)n->pid, &st) != 0 || st.start_ticks != n->start_ticks)
		return;
	if ((st.state == 'Z' || st.state == 'X') && !has_threads(n->pid))
		return;
	a->state = ALIVE_YES;
	memcpy(a->comm, st.comm, sizeof st.comm);
	a->comm[sizeof st.comm - 1] = '\0';
}

static void take_segment(void *arg, const struct process_segment *g)
{
	struct search *s = arg;

	s->in_boot = memcmp(g->boot_id, s->a->life.boot_id, BOOT_ID_SIZE) == 0;
	if (!s->in_boot)
		return;
	s->boot = g->boot;
	if (g->boot.ticks_per_s != 0)
		s->a->start_wall_ns = process_boot_date(&g->boot, s->a->life.start_ticks);
}

static void take_found(struct search *s, const struct process_record *p,
    const struct acct_record *r)
{
	s->found = 1;
	s->a->record = *p;
	s->a->end = *r;
}

/* Accounting alone knows a start to a second, cut off or rounded up. */
static int may_be(const struct search *s, const struct acct_record *r)
{
	int64_t start = s->a->start_wall_ns / SECOND;

	return s->a->start_wall_ns == 0 || (r->btime >= start - 1 && r->btime <= start + 2);
}

static void take_record(void *arg, const struct process_record *p, const struct acct_record *r)
{
	struct search *s = arg;
	const struct life_name *n = &s->a->life;

	if (!s->in_boot || p->kind != PROCESS_ACCT || r->pid != n->pid)
		return;
	if (p->start_ticks == 0)
		s->untold += may_be(s, r) != 0;
	else if (p->start_ticks == n->start_ticks && p->ordinal == n->ordinal)
		take_found(s, p, r);
	else if (p->start_ticks == n->start_ticks && p->ordinal < n->ordinal)
		s->before++;
	else if (p->start_ticks == n->start_ticks)
		s->after++;
}

/* A pid is not given out again before the record of its last life is written. */
static void judge(const struct search *s)
{
	struct alive *a = s->a;

	if (s->found) {
		a->state = ALIVE_ENDED;
		memcpy(a->comm, a->end.comm, sizeof a->comm);
		return;
	}
	if (a->state == ALIVE_YES && (s->after > 0 || s->before != a->life.ordinal)) {
		a->state = ALIVE_UNKNOWN;
		a->reason = "a process with that pid and start lives; which of several is not known";
	} else if (a->state != ALIVE_YES) {
		a->comm[0] = '\0';
		a->reason = s->untold > 0 ?
		    "it is gone; of that pid there are records that do not say when it started" :
		    "it is not there, and there is no record of its end";
	}
}

int alive_judge(struct alive *a, const struct store *s)
{
	struct search search = { .a = a };
	const struct process_walk w = { .segment = take_segment, .record = take_record,
		.arg = &search };
	long r = process_walk(s, &w);

	if (r < 0)
		return (int)r;
	judge(&search);
	return 0;
}
