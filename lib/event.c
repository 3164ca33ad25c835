/* SPDX-License-Identifier: ISC */
#include "event.h"

#include "bytes.h"
#include "err.h"

#define WINDOW_SIZE 8
#define SIGNAL_MAX 64

static int take_varint(struct rest *b, uint64_t *v)
{
	int n = varint_get(b->p, b->len, v);

	if (n < 0)
		return n;
	rest_take(b, (size_t)n);
	return 0;
}

static int take_u8(struct rest *b, uint8_t *v)
{
	const uint8_t *p = rest_take(b, 1);

	if (p == NULL)
		return E_SHORT;
	*v = *p;
	return 0;
}

static int take_window(struct rest *b, struct window *w)
{
	const uint8_t *p = rest_take(b, WINDOW_SIZE);

	if (p == NULL)
		return E_SHORT;
	w->rows = get_u16(p);
	w->cols = get_u16(p + 2);
	w->xpixel = get_u16(p + 4);
	w->ypixel = get_u16(p + 6);
	return 0;
}

static int take_data(struct rest *b, struct event *e, size_t min)
{
	if (b->len < min)
		return E_SHORT;
	e->len = b->len;
	e->data = rest_take(b, e->len);
	return 0;
}

static int take_begin(struct rest *b, struct event *e)
{
	e->salt = rest_take(b, EVENT_SALT);
	if (e->salt == NULL)
		return E_SHORT;
	return take_window(b, &e->window);
}

static int take_input(struct rest *b, struct event *e)
{
	int r = take_varint(b, &e->age);

	return r != 0 ? r : take_data(b, e, 1);
}

static int take_hidden(struct rest *b, struct event *e)
{
	int r;

	if ((r = take_varint(b, &e->age)) != 0 || (r = take_varint(b, &e->value)) != 0)
		return r;
	return e->value >= 1 ? 0 : E_RANGE;
}

static int take_signal(struct rest *b, struct event *e)
{
	int r = take_u8(b, &e->kind);

	if (r != 0)
		return r;
	return e->kind >= 1 && e->kind <= SIGNAL_MAX ? 0 : E_RANGE;
}

static int take_mark(struct rest *b, struct event *e)
{
	int r = take_u8(b, &e->kind);

	if (r != 0)
		return r;
	return e->kind >= MARK_FROZEN && e->kind <= MARK_LATE ? take_varint(b, &e->value) : E_FORMAT;
}

static int take_meta(struct rest *b, struct event *e)
{
	int r = take_u8(b, &e->kind);

	if (r != 0)
		return r;
	return e->kind >= META_ARGV && e->kind <= META_INPUT ? take_data(b, e, 0) : E_FORMAT;
}

static int take_rest(struct rest *b, struct event *e)
{
	switch (e->type) {
	case FRAME_BEGIN:
		return take_begin(b, e);
	case FRAME_OUTPUT:
		return take_data(b, e, 1);
	case FRAME_INPUT:
		return take_input(b, e);
	case FRAME_HIDDEN:
		return take_hidden(b, e);
	case FRAME_WINDOW:
		return take_window(b, &e->window);
	case FRAME_SIGNAL:
		return take_signal(b, e);
	case FRAME_MARK:
		return take_mark(b, e);
	case FRAME_META:
		return take_meta(b, e);
	default:
		return E_FORMAT;
	}
}

int event_parse(const struct frame *f, struct event *e)
{
	struct event v = { .type = f->type };
	struct rest b = { .p = f->body, .len = f->len };
	int r;

	if ((r = take_varint(&b, &v.dt)) != 0 || (r = take_rest(&b, &v)) != 0)
		return r;
	if (b.len != 0)
		return E_FORMAT;
	*e = v;
	return 0;
}

static size_t put_window(uint8_t *p, const struct window *w)
{
	put_u16(p, w->rows);
	put_u16(p + 2, w->cols);
	put_u16(p + 4, w->xpixel);
	put_u16(p + 6, w->ypixel);
	return WINDOW_SIZE;
}

size_t event_put(uint8_t *p, const struct event *e)
{
	size_t n = varint_put(p, e->dt);

	switch (e->type) {
	case FRAME_BEGIN:
		memcpy(p + n, e->salt, EVENT_SALT);
		n += EVENT_SALT;
		n += put_window(p + n, &e->window);
		break;
	case FRAME_INPUT:
		n += varint_put(p + n, e->age);
		break;
	case FRAME_HIDDEN:
		n += varint_put(p + n, e->age);
		n += varint_put(p + n, e->value);
		break;
	case FRAME_WINDOW:
		n += put_window(p + n, &e->window);
		break;
	case FRAME_MARK:
		p[n++] = e->kind;
		n += varint_put(p + n, e->value);
		break;
	case FRAME_SIGNAL:
	case FRAME_META:
		p[n++] = e->kind;
		break;
	default: /* OUTPUT: nothing but dt before the data */
		break;
	}
	return n;
}
