/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "screen_internal.h"

int screen_grid_init(struct screen_grid *g, int rows, int cols)
{
	struct screen_grid n = { rows, cols, NULL, NULL };
	int i;

	n.cells = malloc((size_t)rows * (size_t)cols * sizeof *n.cells);
	n.line = calloc((size_t)rows, sizeof *n.line);
	if (n.cells == NULL || n.line == NULL) {
		screen_grid_release(&n);
		return -ENOMEM;
	}
	for (i = 0; i < rows; i++)
		n.line[i].cell = n.cells + (size_t)i * (size_t)cols;
	*g = n;
	return 0;
}

void screen_grid_release(struct screen_grid *g)
{
	free(g->cells);
	free(g->line);
	memset(g, 0, sizeof *g);
}

static void blank(struct screen_cell *c, int count, uint32_t bg)
{
	int i;

	memset(c, 0, (size_t)count * sizeof *c);
	if (bg == SCREEN_DEFAULT)
		return;
	for (i = 0; i < count; i++)
		c[i].pen.bg = bg;
}

struct screen_cell *screen_grid_cells(const struct screen_grid *g, int row, int cols)
{
	struct screen_line *l = &g->line[row];

	if (l->used < cols) {
		blank(l->cell + l->used, cols - l->used, l->bg);
		l->used = cols;
	}
	return l->cell;
}

/* A wide character with a half on each side of col becomes two blanks. */
static void part_wide(struct screen_grid *g, int row, int col)
{
	struct screen_cell *c = g->line[row].cell;

	if (col <= 0 || col >= g->line[row].used || c[col].rune[0] != SCREEN_WIDE)
		return;
	memset(c[col - 1].rune, 0, sizeof c->rune);
	memset(c[col].rune, 0, sizeof c->rune);
}

static void erase_in_line(struct screen_grid *g, int row, int from, int to, uint32_t bg)
{
	struct screen_line *l = &g->line[row];

	if (to == g->cols)
		l->wrapped = 0;
	if (to == g->cols && (from == 0 || l->bg == bg)) {
		l->bg = bg;
		if (l->used > from)
			l->used = from;
		return;
	}
	blank(screen_grid_cells(g, row, to) + from, to - from, bg);
}

void screen_grid_erase(struct screen_grid *g, VTermRect r, const struct screen_pen *pen)
{
	int row;

	for (row = r.start_row; row < r.end_row; row++) {
		part_wide(g, row, r.start_col);
		part_wide(g, row, r.end_col);
		erase_in_line(g, row, r.start_col, r.end_col, pen->bg);
	}
}

static void turn_round(struct screen_line *l, int count)
{
	struct screen_line kept;
	int i;

	for (i = 0; i < count / 2; i++) {
		kept = l[i];
		l[i] = l[count - 1 - i];
		l[count - 1 - i] = kept;
	}
}

/* Whole lines change places, their cells stay where they are. */
static void scroll_lines(struct screen_grid *g, VTermRect r, int n)
{
	struct screen_line *l = g->line + r.start_row, kept = *l;
	int rows = r.end_row - r.start_row;

	if (n == 1) {
		memmove(l, l + 1, (size_t)(rows - 1) * sizeof *l);
		l[rows - 1] = kept;
		return;
	}
	if (n < 0)
		n += rows;
	turn_round(l, n);
	turn_round(l + n, rows - n);
	turn_round(l, rows);
}

static void scroll_cells(struct screen_grid *g, VTermRect r, int n)
{
	size_t size = (size_t)(r.end_col - r.start_col) * sizeof(struct screen_cell);
	int rows = r.end_row - r.start_row - abs(n), i, to;

	for (i = r.start_row; i < r.end_row; i++) {
		(void)screen_grid_cells(g, i, r.end_col);
		part_wide(g, i, r.start_col);
		part_wide(g, i, r.end_col);
	}
	for (i = 0; i < rows; i++) {
		to = n > 0 ? r.start_row + i : r.end_row - 1 - i;
		memcpy(g->line[to].cell + r.start_col, g->line[to + n].cell + r.start_col, size);
	}
}

void screen_grid_scroll(struct screen_grid *g, VTermRect r, int n, const struct screen_pen *pen)
{
	int rows = r.end_row - r.start_row;

	if (n > rows)
		n = rows;
	if (n < -rows)
		n = -rows;
	if (r.start_col == 0 && r.end_col == g->cols)
		scroll_lines(g, r, n);
	else
		scroll_cells(g, r, n);
	if (n > 0)
		r.start_row = r.end_row - n;
	else
		r.end_row = r.start_row - n;
	screen_grid_erase(g, r, pen);
}

void screen_grid_shift(struct screen_grid *g, VTermRect r, int n, const struct screen_pen *pen)
{
	int cols = r.end_col - r.start_col, left = abs(n), row;
	struct screen_cell *c;

	if (left > cols)
		left = cols;
	for (row = r.start_row; row < r.end_row; row++) {
		c = screen_grid_cells(g, row, r.end_col) + r.start_col;
		part_wide(g, row, r.start_col);
		part_wide(g, row, r.end_col);
		part_wide(g, row, n > 0 ? r.start_col + left : r.end_col - left);
		if (n > 0)
			memmove(c, c + left, (size_t)(cols - left) * sizeof *c);
		else
			memmove(c + left, c, (size_t)(cols - left) * sizeof *c);
		blank(n > 0 ? c + cols - left : c, left, pen->bg);
		if (r.end_col == g->cols)
			g->line[row].wrapped = 0;
	}
}

void screen_grid_put(struct screen_grid *g, int row, int col, uint32_t rune, int width,
    const struct screen_pen *pen)
{
	struct screen_cell *c;

	if (width == 2 && col + 1 == g->cols)
		width = 1;
	c = screen_grid_cells(g, row, col + width) + col;
	if (c->rune[0] == SCREEN_WIDE)
		part_wide(g, row, col);
	part_wide(g, row, col + width);
	memset(c->rune, 0, sizeof c->rune);
	c->rune[0] = rune;
	c->pen = *pen;
	if (width == 2) {
		memset(c[1].rune, 0, sizeof c->rune);
		c[1].rune[0] = SCREEN_WIDE;
		c[1].pen = *pen;
	}
	if (col + width == g->cols)
		g->line[row].wrapped = 0;
}

void screen_grid_combine(struct screen_grid *g, int row, int col, uint32_t rune)
{
	struct screen_cell *c = screen_grid_cells(g, row, col + 1);
	int i;

	if (col > 0 && c[col].rune[0] == SCREEN_WIDE)
		col--;
	if (c[col].rune[0] == 0)
		return;
	for (i = 1; i < SCREEN_RUNES; i++)
		if (c[col].rune[i] == 0) {
			c[col].rune[i] = rune;
			return;
		}
}
