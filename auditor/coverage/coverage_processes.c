/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "auditor.h"
#include "coverage/coverage_ledger.h"
#include "process_record.h"
#include "procs/process_walk.h"

#define NO_ROW SIZE_MAX
#define SOURCES 3

struct reading {
	struct cover *c;
	struct process_segment segment;
	size_t first;           /* of the rows that are made here */
	size_t lost[SOURCES];   /* the row of a loss that has not ended, by source */
	int error, trouble;
};

static int64_t wall(const struct reading *g, uint64_t boot_ns)
{
	return g->segment.boot.boot_wall_ns + (int64_t)boot_ns;
}

/* What a boot left open, another did not end. */
static void segment(void *arg, const struct process_segment *s)
{
	struct reading *g = arg;
	size_t i;

	if (memcmp(g->segment.boot_id, s->boot_id, BOOT_ID_SIZE) != 0) {
		for (i = g->first; i < g->c->rows; i++)
			g->c->row[i].live = 0;
		for (i = 0; i < SOURCES; i++)
			g->lost[i] = NO_ROW;
	}
	g->segment = *s;
}

static struct cover_row *add(struct reading *g, enum cover_kind kind)
{
	struct cover_row *r = cover_add(g->c, kind);

	if (r == NULL)
		g->error = -ENOMEM;
	return r;
}

/* The row that a TERMINAL ends: the newest of that life and boot that has no end. */
static struct cover_row *find(const struct reading *g, const struct process_record *p,
    const struct process_terminal *t)
{
	size_t i;

	for (i = g->c->rows; i-- > 0;) {
		struct cover_row *r = &g->c->row[i];

		if (r->kind == COVER_UNRECORDED && !r->ended && r->pid == t->pid &&
		    r->start_ticks == p->start_ticks && r->tty_dev == t->tty_dev &&
		    memcmp(r->boot_id, g->segment.boot_id, BOOT_ID_SIZE) == 0)
			return r;
	}
	return NULL;
}

static void terminal(struct reading *g, const struct process_record *p,
    const struct process_terminal *t)
{
	struct cover_row *r = t->state == 2 ? find(g, p, t) : NULL;

	if (r == NULL && (r = add(g, COVER_UNRECORDED)) != NULL) {
		r->from_ns = wall(g, t->from_boot_ns);
		r->pid = t->pid;
		r->uid = t->uid;
		r->tty_dev = t->tty_dev;
		r->start_ticks = p->start_ticks;
		r->origin = p->origin;
		r->live = 1;
		memcpy(r->boot_id, g->segment.boot_id, BOOT_ID_SIZE);
		snprintf(r->what, sizeof r->what, "%.*s", (int)sizeof t->comm, t->comm);
		cover_take_leaf(g->c, r);
	}
	if (r == NULL || t->state != 2)
		return;
	r->ended = 1;
	r->live = 0;
	r->to_ns = wall(g, t->to_boot_ns);
	r->processes = t->processes;
	if (p->reason == REASON_LEAD_IN) {
		r->kind = COVER_LEAD_IN;
		r->n = p->session;
	}
}

static void loss(struct reading *g, const struct process_record *p, const struct process_loss *l)
{
	struct cover_row *r;

	if (l->source >= SOURCES)
		return;
	if (l->state == 2 && g->lost[l->source] != NO_ROW) {
		r = &g->c->row[g->lost[l->source]];
		r->ended = 1;
		r->live = 0;
		r->to_ns = p->read_wall_ns;
		g->lost[l->source] = NO_ROW;
	} else if (l->state == 1 && g->lost[l->source] == NO_ROW &&
	    (r = add(g, COVER_GAP)) != NULL) {
		g->lost[l->source] = g->c->rows - 1;
		r->from_ns = l->from_boot_ns != 0 ? wall(g, l->from_boot_ns) : p->read_wall_ns;
		r->live = 1;
		snprintf(r->what, sizeof r->what, "%s lost: %.*s",
		    l->source == LOSS_EVENTS ? "process events were" : "accounting was",
		    (int)sizeof l->text, l->text);
	}
}

static void slot(void *arg, const struct process_place *at, const struct process_record *p)
{
	struct reading *g = arg;
	struct process_terminal t;
	struct process_loss l;

	(void)at;
	if (p->read_wall_ns >= g->c->since_ns && p->read_wall_ns <= g->c->until_ns)
		g->c->seen |= p->kind == PROCESS_ACCT ? COVER_SEEN_ACCT :
		    p->kind == PROCESS_EXEC ? COVER_SEEN_EVENTS : 0;
	if (p->kind == PROCESS_TERMINAL && process_terminal_parse(p->body, &t) == 0)
		terminal(g, p, &t);
	else if (p->kind == PROCESS_LOSS && process_loss_parse(p->body, &l) == 0)
		loss(g, p, &l);
}

static void trouble(void *arg, const char *path, uint64_t offset, const char *text, int tail)
{
	struct reading *g = arg;

	g->trouble |= !tail;
	complain("%s, offset %llu: %s%s", path, (unsigned long long)offset, text,
	    tail ? ", left out" : "");
}

long cover_processes(struct cover *c, const struct store *s, int *wrong)
{
	struct reading g = { .c = c, .first = c->rows, .lost = { NO_ROW, NO_ROW, NO_ROW } };
	struct process_walk w = { .segment = segment, .slot = slot, .trouble = trouble,
		.arg = &g };
	long files = process_walk(s, &w);

	*wrong |= g.trouble;
	return g.error != 0 ? g.error : files;
}
