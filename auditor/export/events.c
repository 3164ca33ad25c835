/* SPDX-License-Identifier: ISC */
#include "export/events.h"

#include <errno.h>

#include "export/repaint.h"

#define STOP 1 /* there is no more that was asked for */

struct events {
	const struct export_source *s;
	export_fn *take;
	void *arg;
	struct export_clock clock;
	struct window window;
	unsigned long long told; /* findings, by bit */
	struct screen *screen;   /* until the begin, where that is not the session's */
	int r;                   /* what take returned */
};

uint64_t export_clock_at(struct export_clock *c, uint64_t session_ns)
{
	uint64_t pause = session_ns > c->last_ns ? session_ns - c->last_ns : 0;

	c->now_ns += pause < c->idle_ns ? pause : c->idle_ns;
	c->last_ns += pause;
	return c->now_ns;
}

static int give(struct events *g, struct export_event *x)
{
	x->at_ns = export_clock_at(&g->clock, x->session_ns);
	g->r = g->take(g->arg, x);
	return g->r;
}

/* Findings of the chunks before this one. */
static int tell_findings(struct events *g, int64_t chunk, uint64_t session_ns)
{
	const struct verdict *v = &g->s->verdict;
	struct export_event x = { .kind = EXPORT_FINDING, .session_ns = session_ns };
	unsigned i;

	for (i = 0; i < v->findings; i++) {
		if (v->finding[i].chunk < 0 || v->finding[i].chunk >= chunk || (g->told >> i & 1))
			continue;
		g->told |= 1ULL << i;
		x.chunk = v->finding[i].chunk;
		x.text = v->finding[i].text;
		if (give(g, &x) != 0)
			return g->r;
	}
	return 0;
}

static int same_window(const struct window *a, const struct window *b)
{
	return a->rows == b->rows && a->cols == b->cols;
}

/* 1 with what it is in the export, or 0 where it is nothing there. */
static int translate(struct events *g, const struct shown_event *in, struct export_event *x)
{
	const struct event *e = &in->e;

	*x = (struct export_event){ .session_ns = in->at_ns, .chunk = in->chunk,
		.sealed = in->sealed, .data = e->data, .len = e->len };
	switch (e->type) {
	case FRAME_OUTPUT:
		x->kind = EXPORT_OUTPUT;
		return 1;
	case FRAME_INPUT:
		x->kind = EXPORT_INPUT;
		return g->s->ask.input;
	case FRAME_HIDDEN:
		x->kind = EXPORT_HIDDEN;
		x->n = e->value;
		return g->s->ask.input;
	case FRAME_BEGIN: case FRAME_WINDOW:
		x->kind = EXPORT_WINDOW;
		x->window = e->window;
		if (e->window.rows == 0 || e->window.cols == 0 ||
		    same_window(&e->window, &g->window))
			return 0;
		g->window = e->window;
		return 1;
	default:
		return 0;
	}
}

/* What stood on the screen when the export begins; its chunk is that of what follows. */
static int give_screen(struct events *g, int64_t chunk, int sealed)
{
	struct export_event x = { .kind = EXPORT_OUTPUT, .session_ns = g->s->ask.from_ns,
		.chunk = chunk, .sealed = sealed };
	struct sink out;
	int r = sink_init(&out, -1);

	if (r == 0) {
		repaint(&out, g->screen);
		r = out.error;
	}
	screen_free(g->screen);
	g->screen = NULL;
	x.data = out.buf;
	x.len = out.len;
	if (r == 0)
		give(g, &x);
	else
		g->r = r;
	sink_release(&out);
	return g->r;
}

/* Before the begin. */
static int follow_screen(struct events *g, const struct event *e)
{
	if (e->type == FRAME_OUTPUT)
		screen_put(g->screen, e->data, e->len);
	else if ((e->type == FRAME_BEGIN || e->type == FRAME_WINDOW) && e->window.rows > 0 &&
	    e->window.cols > 0 && (e->window.rows != screen_rows(g->screen) ||
	    e->window.cols != screen_cols(g->screen)))
		return screen_resize(g->screen, e->window.rows, e->window.cols);
	return 0;
}

static int take_event(void *arg, const struct shown_event *in)
{
	struct events *g = arg;
	struct export_event x;

	if (in->at_ns > g->s->ask.until_ns)
		return STOP;
	if (in->at_ns < g->s->ask.from_ns)
		return g->screen != NULL ? follow_screen(g, &in->e) : 0;
	if (g->screen != NULL && give_screen(g, in->chunk, in->sealed) != 0)
		return STOP;
	if (tell_findings(g, in->chunk, in->at_ns) != 0)
		return STOP;
	return translate(g, in, &x) && give(g, &x) != 0 ? STOP : 0;
}

static int events_end(struct events *g, int r)
{
	screen_free(g->screen);
	if (r < 0 || g->r != 0)
		return r < 0 ? r : g->r;
	if (r == STOP) /* the rest of what is wrong lies behind what was asked for */
		return 0;
	return tell_findings(g, INT64_MAX, g->clock.last_ns);
}

int export_events(const struct export_source *s, export_fn *take, void *arg)
{
	const struct window *w = &s->facts.window;
	struct events g = { .s = s, .take = take, .arg = arg, .window = *w,
		.clock = { .last_ns = s->ask.from_ns, .idle_ns = s->ask.idle_ns } };
	int r = 0;

	if (s->ask.from_ns > 0)
		r = screen_new(&g.screen, w->rows, w->cols);
	if (r == 0)
		r = s->each(s->ctx, take_event, &g);
	return events_end(&g, r);
}
