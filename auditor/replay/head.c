/* SPDX-License-Identifier: ISC */
#include "replay/head.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int head_open(struct head *h, int fd, struct seen *seen, struct keyframes *keys,
    struct screen *screen)
{
	int r;

	memset(h, 0, sizeof *h);
	h->keys = keys;
	h->screen = screen;
	h->chunk = -1;
	h->in = malloc(sizeof *h->in);
	if (h->in == NULL)
		return -ENOMEM;
	r = chunks_open(h->in, fd, seen);
	if (r == 0)
		keyframes_offer(keys, &h->in->border, 0, screen);
	return chunks_is_finding(r) ? 0 : r;
}

void head_release(struct head *h)
{
	if (h->in != NULL)
		chunks_release(h->in);
	free(h->in);
	memset(h, 0, sizeof *h);
}

int head_peek(struct head *h)
{
	int r;

	while (!h->have) {
		if (chunks_next(h->in, &h->next)) {
			h->have = 1;
			break;
		}
		if (h->in->error == 0 && h->in->sealed)
			keyframes_offer(h->keys, &h->in->border, h->in->wall_ns, h->screen);
		r = chunks_load(h->in);
		if (r <= 0)
			return chunks_is_finding(r) ? 0 : r;
	}
	return 1;
}

static void set_window(struct screen *s, const struct window *w)
{
	int rows = w->rows, cols = w->cols;

	if (rows == 0 || cols == 0)
		return;
	if (rows > SCREEN_ROWS_MAX)
		rows = SCREEN_ROWS_MAX;
	if (cols > SCREEN_COLS_MAX)
		cols = SCREEN_COLS_MAX;
	if (rows != screen_rows(s) || cols != screen_cols(s))
		(void)screen_resize(s, rows, cols); /* without memory: as it was */
}

/* What is left of the event that is next. */
static size_t rest(const struct head *h, const uint8_t **p)
{
	*p = h->next.e.data + h->part;
	return h->next.e.len - h->part;
}

void head_take(struct head *h)
{
	const struct event *e = &h->next.e;
	const uint8_t *p;
	size_t len;

	h->have = 0;
	h->at_ns = h->next.at_ns;
	h->chunk = h->next.chunk;
	h->sealed = h->next.sealed;
	if (e->type == FRAME_OUTPUT) {
		len = rest(h, &p);
		screen_put(h->screen, p, len);
	} else if (e->type == FRAME_BEGIN || e->type == FRAME_WINDOW) {
		set_window(h->screen, &e->window);
	}
	h->part = 0;
}

int head_step(struct head *h)
{
	const uint8_t *p, *end;
	size_t len;

	if (h->next.e.type == FRAME_OUTPUT) {
		len = rest(h, &p);
		end = memchr(p, '\n', len);
		if (end != NULL && end + 1 < p + len) {
			screen_put(h->screen, p, (size_t)(end + 1 - p));
			h->part += (size_t)(end + 1 - p);
			return 1;
		}
	}
	head_take(h);
	return 0;
}

int head_chunk(struct head *h)
{
	int r = head_peek(h);

	while (r > 0 && h->have) {
		head_take(h);
		h->have = chunks_next(h->in, &h->next);
	}
	return r;
}

int head_go(struct head *h, const struct keyframe *k)
{
	int r = screen_restore(h->screen, k->shot);

	if (r != 0)
		return r;
	chunks_seek(h->in, &k->mark);
	h->in->wall_ns = k->wall_ns;
	h->in->begin_ns = h->in->end_ns = k->at_ns;
	h->have = 0;
	h->part = 0;
	h->at_ns = k->at_ns;
	h->chunk = (int64_t)k->mark.chain.chunk - 1;
	h->sealed = 1;
	return 0;
}
