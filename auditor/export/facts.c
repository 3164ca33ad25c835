/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "export/events.h"

#define ROWS 24 /* of a window whose size nobody knew */
#define COLS 80

struct reading {
	struct export_source *s;
	int windows; /* one was seen */
};

/* Each argument ends with a zero. */
static void keep(char *out, size_t size, const struct event *e)
{
	size_t len = e->len < size - 1 ? e->len : size - 1, i;

	memcpy(out, e->data, len);
	while (len > 0 && out[len - 1] == '\0')
		len--;
	for (i = 0; i < len; i++)
		if (out[i] == '\0')
			out[i] = ' ';
	out[len] = '\0';
}

static void keep_meta(struct export_facts *f, const struct event *e)
{
	if (e->kind == META_TERM)
		keep(f->term, sizeof f->term, e);
	else if (e->kind == META_PROGRAM)
		keep(f->program, sizeof f->program, e);
	else if (e->kind == META_ARGV)
		keep(f->argv, sizeof f->argv, e);
}

/* The window at the begin of what was asked for. */
static int read_event(void *arg, const struct shown_event *x)
{
	struct reading *g = arg;
	const struct window *w = &x->e.window;

	if (x->e.type == FRAME_META)
		keep_meta(&g->s->facts, &x->e);
	if (x->e.type != FRAME_BEGIN && x->e.type != FRAME_WINDOW)
		return 0;
	if (w->rows == 0 || w->cols == 0 || (g->windows && x->at_ns >= g->s->ask.from_ns))
		return 0;
	g->s->facts.window = *w;
	g->windows = 1;
	return 0;
}

struct counting {
	struct export_facts *facts;
	struct export_clock clock;
};

static int count(void *arg, const struct export_event *x)
{
	struct counting *c = arg;

	c->facts->events++;
	export_clock_at(&c->clock, x->session_ns);
	return 0;
}

int export_facts_read(struct export_source *s)
{
	struct reading g = { .s = s };
	struct counting c = { .facts = &s->facts,
		.clock = { .last_ns = s->ask.from_ns, .idle_ns = s->ask.idle_ns } };
	uint64_t end = s->verdict.chain.elapsed_ns;
	int r;

	memset(&s->facts, 0, sizeof s->facts);
	s->facts.window = (struct window){ .rows = ROWS, .cols = COLS };
	r = s->each(s->ctx, read_event, &g);
	if (r == 0)
		r = export_events(s, count, &c);
	s->facts.length_ns = export_clock_at(&c.clock, end < s->ask.until_ns ? end :
	    s->ask.until_ns);
	return r;
}
