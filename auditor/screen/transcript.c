/* SPDX-License-Identifier: ISC */
#include "screen/transcript.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "screen/transcript_internal.h"

#define SECOND UINT64_C(1000000000)

int transcript_new(struct transcript **out, int screens,
    int (*line)(void *arg, const struct transcript_line *l), void *arg)
{
	struct transcript *t = calloc(1, sizeof *t);

	if (t == NULL)
		return -ENOMEM;
	typing_init(&t->typing, &t->lines);
	if (lines_init(&t->lines, screens, line, arg) != 0) {
		transcript_free(t);
		return -ENOMEM;
	}
	*out = t;
	return 0;
}

void transcript_free(struct transcript *t)
{
	if (t == NULL)
		return;
	typing_release(&t->typing);
	lines_release(&t->lines);
	free(t);
}

void transcript_listen(struct transcript *t,
    int (*entered)(void *arg, const struct typing_line *x),
    int (*ran)(void *arg, const char *text, size_t len), void *arg)
{
	t->typing.entered = entered;
	t->typing.ran = ran;
	t->typing.arg = arg;
}

void transcript_pure(struct transcript *t)
{
	t->lines.pure = 1;
}

/* Each chunk says the window: only another one is news. */
static int window(struct transcript *t, const struct window *w, int quiet)
{
	char text[64];
	int r;

	if (w->rows == 0 || w->cols == 0 || (w->rows == t->rows && w->cols == t->cols))
		return 0;
	t->rows = w->rows;
	t->cols = w->cols;
	r = lines_resize(&t->lines, w->rows, w->cols);
	if (r != 0 || quiet)
		return r;
	snprintf(text, sizeof text, "the window is %u x %u now", w->cols, w->rows);
	return lines_note(&t->lines, text);
}

static int hidden(struct transcript *t, uint64_t bytes)
{
	char text[64];

	typing_unseen(&t->typing);
	snprintf(text, sizeof text, "%llu typed byte%s not kept", (unsigned long long)bytes,
	    bytes == 1 ? " was" : "s were");
	return lines_note(&t->lines, text);
}

static int mark(struct transcript *t, const struct event *e)
{
	char text[64];

	if (e->kind == MARK_HELD)
		typing_unseen(&t->typing);
	if (e->kind != MARK_FROZEN)
		return 0;
	snprintf(text, sizeof text, "stood still for %llu.%03u s: nobody collected it",
	    (unsigned long long)(e->value / SECOND),
	    (unsigned)(e->value % SECOND / (SECOND / 1000)));
	return lines_note(&t->lines, text);
}

int transcript_event(void *transcript, const struct shown_event *x)
{
	struct transcript *t = transcript;
	const struct event *e = &x->e;
	int64_t chunk = x->sealed ? x->chunk : -1;

	lines_at(&t->lines, x->at_ns, chunk);
	switch (e->type) {
	case FRAME_BEGIN:
		return window(t, &e->window, 1);
	case FRAME_WINDOW:
		return window(t, &e->window, 0);
	case FRAME_OUTPUT:
		return typing_output(&t->typing, e->data, e->len);
	case FRAME_INPUT:
		return typing_keys(&t->typing, e->data, e->len,
		    x->at_ns > e->age ? x->at_ns - e->age : 0, chunk);
	case FRAME_HIDDEN:
		return hidden(t, e->value);
	case FRAME_MARK:
		return mark(t, e);
	default:
		return 0;
	}
}

int transcript_end(struct transcript *t)
{
	int r = typing_end(&t->typing);

	return r != 0 ? r : lines_end(&t->lines);
}
