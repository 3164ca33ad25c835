/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "screen/lines.h"

#define TYPED_ROWS_MAX 256 /* of a line; what stands before is left out */

int lines_cursor_row(const struct lines *l, int *col)
{
	int row, visible;

	if (l->quick.on) {
		*col = l->quick.col;
		return l->quick.row;
	}
	screen_cursor(l->screen, &row, col, &visible);
	return row;
}

static int is_wrapped(const struct lines *l, int row)
{
	return l->quick.on ? quick_wrapped(l, row) : screen_wrapped(l->screen, row);
}

/* lines_text_to() of a row, which the terminal may have wrapped; out has SCREEN_TEXT_MAX(). */
static size_t row_to(const struct lines *l, int row, int cols, char *out)
{
	return l->quick.on ? quick_text_to(l, row, cols, out) :
	    lines_text_to(screen_row(l->screen, row), cols, out,
	    SCREEN_TEXT_MAX(screen_cols(l->screen)));
}

int lines_first_row(const struct lines *l, int row)
{
	while (row > 0 && is_wrapped(l, row - 1))
		row--;
	return row;
}

struct lines_place lines_cursor(const struct lines *l)
{
	int col, row = lines_cursor_row(l, &col);

	return (struct lines_place){ l->left + (uint64_t)row, col };
}

void lines_begin_typing(struct lines *l, const struct lines_place *at)
{
	struct row_mark *m;

	if (l->alternate || at->row < l->left || at->row - l->left >= (uint64_t)l->marks.rows)
		return;
	m = row_marks_at(&l->marks, (int)(at->row - l->left));
	if (!m->entered)
		m->begun = at->col;
}

void lines_drop_typing(struct lines *l)
{
	int col, row = lines_cursor_row(l, &col), i;

	if (l->alternate)
		return;
	for (i = lines_first_row(l, row); i <= row; i++)
		if (!row_marks_at(&l->marks, i)->entered)
			row_marks_at(&l->marks, i)->begun = -1;
}

/* Rows of the cursor's line, and how many cells of the last belong to it.  In the last column
 * the cursor may stand behind it. */
static int typed_rows(const struct lines *l, int *from, int *col)
{
	int row = lines_cursor_row(l, col), cols = screen_cols(l->screen);

	if (*col == 0 || *col == cols - 1)
		*col = cols;
	*from = lines_first_row(l, row);
	if (row - *from >= TYPED_ROWS_MAX)
		*from = row - TYPED_ROWS_MAX + 1;
	return row;
}

int lines_typed(struct lines *l, struct lines_typed *out)
{
	int col, from, cols = screen_cols(l->screen), to = typed_rows(l, &from, &col), row;
	size_t size = SCREEN_TEXT_MAX(cols);
	struct lines_typed t = { .begun = TRANSCRIPT_NOT_TYPED };

	if (l->alternate)
		return 0;
	t.text = malloc((size_t)(to - from + 1) * size);
	if (t.text == NULL)
		return -ENOMEM;
	for (row = from; row <= to; row++) {
		const struct row_mark *m = row_marks_at(&l->marks, row);

		if (m->begun >= 0 && t.begun == TRANSCRIPT_NOT_TYPED)
			t.begun = t.len + row_to(l, row, m->begun < cols ? m->begun : cols,
			    t.text + t.len);
		t.len += row_to(l, row, row == to ? col : cols, t.text + t.len);
	}
	*out = t;
	return 0;
}

/* The column of a row in front of which so many bytes of text stand. */
static int column_of(struct lines *l, int row, size_t bytes)
{
	int cols = screen_cols(l->screen), col = 0;

	while (col < cols && row_to(l, row, col, l->text) < bytes)
		col++;
	return col;
}

void lines_enter(struct lines *l, size_t begun)
{
	int col, from, cols = screen_cols(l->screen), to = typed_rows(l, &from, &col), row;
	size_t len;

	for (row = from; row <= to && !l->alternate; row++, begun -= len) {
		struct row_mark *m = row_marks_at(&l->marks, row);

		len = row_to(l, row, cols, l->text);
		m->begun = -1;
		if (begun > len)
			continue;
		m->begun = column_of(l, row, begun);
		m->entered = 1;
		return;
	}
}
