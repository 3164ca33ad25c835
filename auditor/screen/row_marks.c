/* SPDX-License-Identifier: ISC */
#include "screen/row_marks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct row_mark none = { .chunk = -1, .begun = -1 };

int row_marks_init(struct row_marks *m, int rows)
{
	m->ring = NULL;
	m->rows = m->top = m->notes = 0;
	return row_marks_resize(m, rows);
}

void row_marks_release(struct row_marks *m)
{
	free(m->ring);
	m->ring = NULL;
}

struct row_mark *row_marks_at(struct row_marks *m, int row)
{
	int i = m->top + row;

	return &m->ring[i < m->rows ? i : i - m->rows];
}

void row_marks_clear(struct row_marks *m, int from, int to)
{
	int i;

	for (i = from; i < to; i++)
		*row_marks_at(m, i) = none;
}

int row_marks_resize(struct row_marks *m, int rows)
{
	struct row_mark *ring = calloc((size_t)rows, sizeof *ring);
	int i;

	if (ring == NULL)
		return -ENOMEM;
	for (i = 0; i < rows; i++)
		ring[i] = i < m->rows ? *row_marks_at(m, i) : none;
	free(m->ring);
	m->ring = ring;
	m->rows = rows;
	m->top = 0;
	for (i = 0; i < m->notes; i++)
		if (m->note[i].row >= rows)
			m->note[i].row = rows - 1;
	return 0;
}

static void move_notes(struct row_marks *m, int from, int to, int n)
{
	int i;

	for (i = 0; i < m->notes; i++) {
		struct row_note *x = &m->note[i];

		if (x->row < from || x->row >= to)
			continue;
		x->row += n;
		if (x->row < 0)
			x->row = 0;
		if (x->row >= m->rows)
			x->row = m->rows - 1;
	}
}

void row_marks_move(struct row_marks *m, int from, int to, int n)
{
	int i;

	if (m->notes > 0)
		move_notes(m, from, to, n);
	if (n < 0 && from == -n && to == m->rows) {
		m->top += -n;
		if (m->top >= m->rows)
			m->top -= m->rows;
		row_marks_clear(m, m->rows + n, m->rows);
		return;
	}
	if (n < 0) {
		for (i = from; i < to; i++)
			if (i + n >= 0)
				*row_marks_at(m, i + n) = *row_marks_at(m, i);
		row_marks_clear(m, to + n > from ? to + n : from, to);
		return;
	}
	for (i = to - 1; i >= from; i--)
		if (i + n < m->rows)
			*row_marks_at(m, i + n) = *row_marks_at(m, i);
	row_marks_clear(m, from, from + n < to ? from + n : to);
}
