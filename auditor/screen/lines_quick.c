/* SPDX-License-Identifier: ISC */
#include "screen/lines_quick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "screen/quick_internal.h"

#define RAW_MAX 65536 /* of one row, and of what is kept in vain */

void quick_release(struct quick *q)
{
	free(q->ring);
	free(q->text);
	free(q->cell);
	free(q->raw);
	memset(q, 0, sizeof *q);
}

/* Forgets bytes of rows that have left. */
static void trim(struct quick *q)
{
	uint64_t first = q->stale ? quick_row_at(q, 0)->raw : q->raw_base;
	size_t gone = (size_t)(first - q->raw_base);

	if (gone < RAW_MAX)
		return;
	q->raw_len -= gone;
	q->done -= gone;
	memmove(q->raw, q->raw + gone, q->raw_len);
	q->raw_base = first;
}

static int add_raw(struct quick *q, const void *p, size_t len)
{
	size_t room = q->raw_room > 0 ? q->raw_room : RAW_MAX;
	uint8_t *raw;

	while (room - q->raw_len < len)
		room *= 2;
	if (room != q->raw_room) {
		raw = realloc(q->raw, room);
		if (raw == NULL)
			return 0;
		q->raw = raw;
		q->raw_room = room;
	}
	memcpy(q->raw + q->raw_len, p, len);
	q->raw_len += len;
	return 1;
}

/* One row was drawn again and again: only what it shows now is kept of it.  p is what is
 * behind done. */
static void shorten(struct quick *q)
{
	size_t from = (size_t)(quick_row_at(q, q->row)->raw - q->raw_base), len;
	size_t rest = q->raw_len - q->done, size = (size_t)q->cols * QUICK_CELL + rest + 32;
	char *text;
	int n;

	if (q->full || q->done - from < RAW_MAX)
		return;
	text = malloc(size);
	if (text == NULL)
		return;
	len = (size_t)snprintf(text, size, "\r\033[K");
	len += quick_put_cells(text + len, q->cell, q->used);
	n = snprintf(text + len, size - len, "\033[%dG", q->col + 1);
	len += (size_t)n;
	memcpy(text + len, q->raw + q->done, rest);
	memcpy(q->raw + from, text, len + rest);
	q->done = from + len;
	q->raw_len = q->done + rest;
	free(text);
}

/* The emulated screen sees what it missed; nobody is told again. */
static void catch_up(struct lines *l)
{
	struct quick *q = &l->quick;
	size_t from = 0;
	char text[32];
	int n;

	q->on = 0;
	screen_watch(l->screen, NULL);
	if (q->stale) {
		n = snprintf(text, sizeof text, "\033[H\033[2J\033[%dG", quick_row_at(q, 0)->col + 1);
		screen_put(l->screen, text, (size_t)n);
		from = (size_t)(quick_row_at(q, 0)->raw - q->raw_base);
	}
	screen_put(l->screen, q->raw + from, q->done - from);
	lines_watch(l);
}

void quick_end(struct lines *l)
{
	struct quick *q = &l->quick;

	if (!q->on)
		return;
	catch_up(l);
	screen_put(l->screen, q->raw + q->done, q->raw_len - q->done);
}

void quick_put(struct lines *l, const uint8_t *bytes, size_t len)
{
	struct quick *q = &l->quick;
	struct quick_token t;
	size_t at;

	trim(q);
	shorten(q);
	if (!add_raw(q, bytes, len)) {
		quick_end(l);
		screen_put(l->screen, bytes, len);
		return;
	}
	for (at = q->done; at < q->raw_len; at += t.len) {
		at += quick_put_rows(l, q->raw + at, q->raw_len - at, q->raw_base + at);
		if (at == q->raw_len)
			break;
		quick_parse(&t, q->raw + at, q->raw_len - at);
		if (t.kind == QUICK_CUT && q->raw_len - at < RAW_MAX)
			break;
		if (!quick_handle(l, &t, q->raw + at, q->raw_base + at)) {
			q->done = at;
			quick_end(l);
			return;
		}
	}
	q->done = at;
}

static int room_for(struct quick *q, int rows, int cols)
{
	if (q->rows == rows && q->cols == cols)
		return 1;
	quick_release(q);
	q->ring = calloc((size_t)rows, sizeof *q->ring);
	q->text = malloc((size_t)rows * (size_t)cols * QUICK_CELL);
	q->cell = calloc((size_t)cols, sizeof *q->cell);
	if (q->ring == NULL || q->text == NULL || q->cell == NULL) {
		quick_release(q);
		return 0;
	}
	q->rows = rows;
	q->cols = cols;
	return 1;
}

static int load_row(struct quick *q, const struct screen_cell *c)
{
	int i;

	q->used = 0;
	for (i = 0; i < q->cols; i++) {
		uint32_t rune = c[i].rune[0];

		if (c[i].rune[1] != 0 || (rune >= 0x7f && !quick_is_simple(rune)))
			return 0;
		q->cell[i] = rune;
		if (rune != 0)
			q->used = i + 1;
	}
	return 1;
}

void quick_begin(struct lines *l)
{
	struct quick *q = &l->quick;
	struct screen *s = l->screen;
	int rows = screen_rows(s), cols = screen_cols(s), row, col, visible;

	if (l->pure || l->alternate || rows < 2 || !screen_plain(s))
		return;
	screen_cursor(s, &row, &col, &visible);
	/* in the last columns it may stand behind them */
	if (col >= cols - 2 || screen_wrapped(s, row) || lines_used(l, rows) > row + 1 ||
	    !room_for(q, rows, cols) || !load_row(q, screen_row(s, row)))
		return;
	q->on = 1;
	q->row = row;
	q->col = col;
	q->full = q->base = q->stale = q->top = 0;
	q->base_rows = row;
	q->raw_len = q->done = 0;
	q->raw_base = 0;
	*quick_row_at(q, row) = (struct quick_row){ .col = col };
}

/* So many characters of text, or all of it. */
static size_t characters(const char *text, size_t len, int *count)
{
	size_t n = 0;

	while (n < len && *count > 0) {
		for (n++; n < len && ((uint8_t)text[n] & 0xc0) == 0x80; n++)
			;
		--*count;
	}
	return n;
}

size_t quick_text_to(const struct lines *l, int row, int cells, char *out)
{
	const struct quick *q = &l->quick;
	size_t len = 0;

	if (row < q->base_rows)
		return lines_text_to(screen_row(l->screen, q->base + row), cells, out,
		    SCREEN_TEXT_MAX(q->cols));
	if (row == q->row) {
		len = quick_put_cells(out, q->cell, cells < q->used ? cells : q->used);
		cells -= cells < q->used ? cells : q->used;
	} else if (row < q->row) {
		len = characters(quick_text_at(q, row), quick_row_at(q, row)->len, &cells);
		memcpy(out, quick_text_at(q, row), len);
	}
	memset(out + len, ' ', (size_t)cells);
	return len + (size_t)cells;
}

int quick_wrapped(const struct lines *l, int row)
{
	const struct quick *q = &l->quick;

	if (row < q->base_rows)
		return screen_wrapped(l->screen, q->base + row);
	return row < q->row && quick_row_at(q, row)->wrapped;
}
