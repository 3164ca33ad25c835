/* SPDX-License-Identifier: ISC */
#include "screen/quick_internal.h"

#include <string.h>

#include "escape.h"
#include "screen/screen_internal.h"
#include "utf8.h"

#define TAB 8

static int slot(const struct quick *q, int row)
{
	int i = q->top + row;

	return i < q->rows ? i : i - q->rows;
}

struct quick_row *quick_row_at(const struct quick *q, int row)
{
	return &q->ring[slot(q, row)];
}

char *quick_text_at(const struct quick *q, int row)
{
	return q->text + (size_t)slot(q, row) * (size_t)q->cols * QUICK_CELL;
}

int quick_is_simple(uint32_t rune)
{
	return rune >= 0xa0 && rune < 0x10000 && screen_width(rune) == 1 && escape_printable(rune);
}

size_t quick_put_cells(char *out, const uint32_t *cell, int cells)
{
	char *at = out;
	int i;

	for (i = 0; i < cells; i++)
		at += utf8_put(at, cell[i] != 0 ? cell[i] : ' ');
	return (size_t)(at - out);
}

/* The cursor's row as it is now. */
static void keep_row(struct quick *q, int wrapped)
{
	struct quick_row *r = quick_row_at(q, q->row);
	int cells = q->used;

	while (cells > 0 && (q->cell[cells - 1] == 0 || q->cell[cells - 1] == ' '))
		cells--;
	r->cells = cells;
	r->len = quick_put_cells(quick_text_at(q, q->row), q->cell, cells);
	r->wrapped = wrapped;
}

/* A row that the cursor has left. */
static struct line_row line_of(struct lines *l, int row)
{
	const struct quick *q = &l->quick;
	const struct quick_row *r = quick_row_at(q, row);
	const struct row_mark *m = row_marks_at(&l->marks, row);
	struct line_row out = { .text = quick_text_at(q, row), .len = r->len,
		.blanks = (size_t)(q->cols - r->cells), .wrapped = r->wrapped, .at_ns = m->at_ns,
		.chunk = m->chunk, .typed = TRANSCRIPT_NOT_TYPED };

	if (m->entered && m->begun >= 0)
		out.typed = quick_text_to(l, row, m->begun, l->text);
	return out;
}

/* The first row leaves the screen. */
static void scroll(struct lines *l)
{
	struct quick *q = &l->quick;

	l->erased.kept = 0;
	if (q->base_rows > 0) {
		lines_give_base(l, q->base++);
		q->base_rows--;
	} else {
		struct line_row r = line_of(l, 0);

		q->stale = 1;
		lines_give(l, 0, &r);
	}
	l->left++;
	row_marks_move(&l->marks, 1, q->rows, -1);
	q->top = slot(q, 1);
}

/* The cursor goes to the row below, at this place in the bytes. */
static void next_row(struct lines *l, uint64_t raw)
{
	struct quick *q = &l->quick;

	if (q->row == q->rows - 1)
		scroll(l);
	else
		q->row++;
	*quick_row_at(q, q->row) = (struct quick_row){ .raw = raw, .col = q->col };
	q->used = 0;
	q->full = 0;
}

static void touch(struct lines *l)
{
	struct row_mark *m = row_marks_at(&l->marks, l->quick.row);

	m->at_ns = l->at_ns;
	m->chunk = l->chunk;
	m->given = 0;
	l->erased.kept = 0;
}

static void put_cell(struct lines *l, uint32_t rune, uint64_t raw)
{
	struct quick *q = &l->quick;

	if (q->full) {
		keep_row(q, 1);
		q->col = 0;
		next_row(l, raw);
	}
	touch(l);
	while (q->used < q->col)
		q->cell[q->used++] = 0;
	q->cell[q->col] = rune;
	if (q->used == q->col)
		q->used++;
	if (q->col == q->cols - 1)
		q->full = 1;
	else
		q->col++;
}

static void put_text(struct lines *l, const uint8_t *p, size_t len, uint64_t raw)
{
	struct quick *q = &l->quick;
	size_t n, i;

	while (len > 0) {
		n = q->full ? 0 : (size_t)(q->cols - 1 - q->col);
		n = n < len ? n : len;
		if (n == 0) {
			put_cell(l, *p, raw);
			n = 1;
		} else {
			touch(l);
			while (q->used < q->col)
				q->cell[q->used++] = 0;
			for (i = 0; i < n; i++)
				q->cell[(size_t)q->col + i] = p[i];
			q->col += (int)n;
			if (q->used < q->col)
				q->used = q->col;
		}
		p += n;
		raw += n;
		len -= n;
	}
}

/* A whole row at once: the cursor is at its begin, nothing is in it, and it ends here. */
static void put_row(struct lines *l, const uint8_t *p, size_t len, uint64_t next_raw)
{
	struct quick *q = &l->quick;
	struct quick_row *r = quick_row_at(q, q->row);

	if (len > 0) {
		touch(l);
		memcpy(quick_text_at(q, q->row), p, len);
	}
	while (len > 0 && p[len - 1] == ' ')
		len--;
	r->len = len;
	r->cells = (int)len;
	r->wrapped = 0;
	q->col = 0;
	next_row(l, next_raw);
}

static void erase(struct quick *q, int from, int to)
{
	int i;

	if (to >= q->used) {
		if (q->used > from)
			q->used = from;
		return;
	}
	for (i = from; i < to; i++)
		q->cell[i] = 0;
}

static void shift(struct lines *l, int n)
{
	struct quick *q = &l->quick;
	int i, col = q->col;

	touch(l);
	while (q->used < q->cols)
		q->cell[q->used++] = 0;
	for (i = col; n > 0 && i < q->cols; i++)
		q->cell[i] = i + n < q->cols ? q->cell[i + n] : 0;
	for (i = q->cols - 1; n < 0 && i >= col; i--)
		q->cell[i] = i + n >= col ? q->cell[i + n] : 0;
}

/* 1, or 0: not here. */
static int csi(struct lines *l, const struct quick_token *t)
{
	struct quick *q = &l->quick;
	int n = t->param > 0 ? (int)t->param : 1, row = q->row;

	switch (t->final) {
	case 'm':
		return 1;
	case 'C':
		q->col = n < q->cols - 1 - q->col ? q->col + n : q->cols - 1;
		break;
	case 'D':
		q->col = n < q->col ? q->col - n : 0;
		break;
	case 'G':
		q->col = n < q->cols ? n - 1 : q->cols - 1;
		break;
	case 'K':
		if (t->param > 2 || (row == 0 && (t->param == 2 || q->col == 0 ||
		    q->col == q->cols - 1)))
			return 0; /* the screen may be about to be cleared */
		erase(q, t->param == 0 ? q->col : 0, t->param == 1 ? q->col + 1 : q->cols);
		break;
	case 'J':
		if (t->param != 0 || row == 0)
			return 0;
		erase(q, q->col, q->cols);
		break;
	case 'X':
		if (row == 0)
			return 0;
		erase(q, q->col, n < q->cols - q->col ? q->col + n : q->cols);
		break;
	case 'P': case '@':
		shift(l, t->final == 'P' ? n : -n);
		break;
	default:
		return 0;
	}
	return 1;
}

static int control(struct lines *l, uint8_t c, uint64_t raw)
{
	struct quick *q = &l->quick;

	switch (c) {
	case '\r':
		q->col = 0;
		q->full = 0;
		return 1;
	case '\n':
		if (q->full)
			return 0;
		keep_row(q, 0);
		next_row(l, raw + 1);
		return 1;
	case '\b':
		if (q->full)
			return 0;
		q->col -= q->col > 0;
		return 1;
	case '\t':
		if (q->full)
			return 0;
		q->col = (q->col / TAB + 1) * TAB;
		if (q->col > q->cols - 1)
			q->col = q->cols - 1;
		return 1;
	case 0x0b: case 0x0c: case 0x0e:
		return 0;
	default:
		return !q->full || c == '\a' || c == 0 || c == 0x7f;
	}
}

int quick_handle(struct lines *l, const struct quick_token *t, const uint8_t *p, uint64_t raw)
{
	switch (t->kind) {
	case QUICK_TEXT:
		put_text(l, p, t->len, raw);
		return 1;
	case QUICK_RUNE:
		if (!quick_is_simple(t->rune))
			return 0;
		put_cell(l, t->rune, raw);
		return 1;
	case QUICK_CONTROL:
		return control(l, *p, raw);
	case QUICK_CSI:
		return (!l->quick.full || t->final == 'm') && csi(l, t);
	case QUICK_NOTHING:
		return !l->quick.full;
	case QUICK_STRING:
		return 1;
	default:
		return 0;
	}
}

size_t quick_put_rows(struct lines *l, const uint8_t *p, size_t len, uint64_t raw)
{
	struct quick *q = &l->quick;
	size_t at = 0, n, end;

	while (q->col == 0 && q->used == 0 && !q->full) {
		n = quick_text_len(p + at, len - at);
		end = at + n;
		if (end + 1 < len && p[end] == '\r' && p[end + 1] == '\n')
			end += 2;
		else if (n == 0 && end < len && p[end] == '\n')
			end++;
		else
			break;
		if (n > (size_t)q->cols)
			break;
		put_row(l, p + at, n, raw + end);
		at = end;
	}
	return at;
}
