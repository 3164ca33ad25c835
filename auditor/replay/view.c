/* SPDX-License-Identifier: ISC */
#include "replay/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROW 0x2500    /* lines of the border */
#define COLUMN 0x2502
#define CORNER 0x2518

static int between(int n, int least, int most)
{
	return n < least ? least : n > most ? most : n;
}

int view_resize(struct view *v, int rows, int cols)
{
	struct screen_cell *cells;

	rows = between(rows, VIEW_ROWS_MIN, SCREEN_ROWS_MAX);
	cols = between(cols, VIEW_COLS_MIN, SCREEN_COLS_MAX);
	cells = calloc((size_t)rows * (size_t)cols, sizeof *cells);
	if (cells == NULL || screen_resize(v->line, 1, cols) != 0) {
		free(cells);
		return -ENOMEM;
	}
	free(v->cells);
	v->cells = cells;
	v->rows = rows;
	v->cols = cols;
	return 0;
}

int view_init(struct view *v, int rows, int cols)
{
	memset(v, 0, sizeof *v);
	if (screen_new(&v->line, 1, VIEW_COLS_MIN) != 0)
		return -ENOMEM;
	return view_resize(v, rows, cols);
}

void view_release(struct view *v)
{
	free(v->cells);
	v->cells = NULL;
	screen_free(v->line);
	v->line = NULL;
}

static struct screen_cell *cell_at(struct view *v, int row, int col)
{
	return &v->cells[(size_t)row * (size_t)v->cols + (size_t)col];
}

/* The first of size that is shown where room for them is less, so that at is, and, where
 * that moves back, what stands in front of it. */
static int window_at(int first, int at, int size, int room)
{
	if (at < first)
		first = at - room / 2;
	else if (at >= first + room)
		first = at - room + 1;
	return between(first, 0, size > room ? size - room : 0);
}

static void place(struct view *v, const struct screen *s)
{
	int rows = screen_rows(s), cols = screen_cols(s), row, col;

	screen_cursor(s, &row, &col, &v->visible);
	if (!v->panned) {
		v->top = window_at(v->top, row, rows, v->rows - 1);
		v->left = window_at(v->left, col, cols, v->cols);
	}
	v->top = between(v->top, 0, rows > v->rows - 1 ? rows - (v->rows - 1) : 0);
	v->left = between(v->left, 0, cols > v->cols ? cols - v->cols : 0);
	v->row = row - v->top;
	v->col = col - v->left;
	if (v->row < 0 || v->row >= v->rows - 1 || v->col < 0 || v->col >= v->cols)
		v->visible = v->row = v->col = 0;
}

/* Half of a wide character at an edge is a blank. */
static void copy_row(struct view *v, const struct screen *s, int row)
{
	const struct screen_cell *from = screen_row(s, row);
	struct screen_cell *to = cell_at(v, row - v->top, 0);
	int shown = between(screen_cols(s) - v->left, 0, v->cols), last = v->left + shown, i;

	for (i = 0; i < shown; i++) {
		to[i] = from[v->left + i];
		if (to[i].rune[0] == ' ' && to[i].rune[1] == 0)
			to[i].rune[0] = 0;
	}
	if (shown > 0 && to[0].rune[0] == SCREEN_WIDE)
		memset(to[0].rune, 0, sizeof to[0].rune);
	if (shown > 0 && last < screen_cols(s) && from[last].rune[0] == SCREEN_WIDE)
		memset(to[shown - 1].rune, 0, sizeof to[0].rune);
}

/* Where the recorded screen ends, if that can be seen. */
static void border(struct view *v, const struct screen *s)
{
	int rows = screen_rows(s) - v->top, cols = screen_cols(s) - v->left, i;

	for (i = 0; i < rows && i < v->rows - 1 && cols < v->cols; i++)
		*cell_at(v, i, cols) = (struct screen_cell){ .rune = { COLUMN },
			.pen.attr = SCREEN_DIM };
	for (i = 0; i < cols && i < v->cols && rows < v->rows - 1; i++)
		*cell_at(v, rows, i) = (struct screen_cell){ .rune = { ROW },
			.pen.attr = SCREEN_DIM };
	if (rows < v->rows - 1 && cols < v->cols)
		*cell_at(v, rows, cols) = (struct screen_cell){ .rune = { CORNER },
			.pen.attr = SCREEN_DIM };
}

void view_compose(struct view *v, const struct screen *s)
{
	int i;

	memset(v->cells, 0, (size_t)v->rows * (size_t)v->cols * sizeof *v->cells);
	place(v, s);
	for (i = 0; i < v->rows - 1 && v->top + i < screen_rows(s); i++)
		copy_row(v, s, v->top + i);
	border(v, s);
}

void view_pan(struct view *v, const struct screen *s, int rows, int cols)
{
	v->panned = 1;
	v->top += rows;
	v->left += cols;
	place(v, s);
}

void view_text(struct view *v, int row, int col, const char *text, unsigned attr)
{
	const struct screen_cell *cells;
	int i;

	screen_put(v->line, "\033[H\033[2J\033[?7l", 12);
	screen_put(v->line, text, strlen(text));
	cells = screen_row(v->line, 0);
	for (i = 0; col + i < v->cols; i++) {
		struct screen_cell *to = cell_at(v, row, col + i);

		*to = cells[i];
		to->pen = (struct screen_pen){ .attr = (uint16_t)attr };
	}
}

void view_mark(struct view *v, const struct screen *s, int row, int from, int to)
{
	int i;

	if (row < v->top || row - v->top >= v->rows - 1 || row >= screen_rows(s))
		return;
	for (i = from - v->left; i < to - v->left; i++)
		if (i >= 0 && i < v->cols)
			cell_at(v, row - v->top, i)->pen = (struct screen_pen){
				.fg = SCREEN_INDEX | 3, .bg = SCREEN_INDEX | 0,
				.attr = SCREEN_REVERSE };
}
