/* SPDX-License-Identifier: ISC */
#include "screen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "screen_internal.h"

static int limit(int n, int max)
{
	return n < 1 ? 1 : n > max ? max : n;
}

int screen_new(struct screen **out, int rows, int cols)
{
	struct screen *s = calloc(1, sizeof *s);

	if (s == NULL)
		return -ENOMEM;
	rows = limit(rows, SCREEN_ROWS_MAX);
	cols = limit(cols, SCREEN_COLS_MAX);
	screen_mode_init(&s->m, rows, cols);
	s->touched = -1;
	if (screen_grid_init(&s->grid[0], rows, cols) != 0 ||
	    screen_grid_init(&s->grid[1], rows, cols) != 0 || screen_vterm_new(s) != 0) {
		screen_free(s);
		return -ENOMEM;
	}
	*out = s;
	return 0;
}

void screen_free(struct screen *s)
{
	if (s == NULL)
		return;
	screen_grid_release(&s->grid[0]);
	screen_grid_release(&s->grid[1]);
	free(s); /* with all of libvterm's memory */
}

void screen_watch(struct screen *s, const struct screen_watch *w)
{
	static const struct screen_watch nobody;

	s->watch = w != NULL ? *w : nobody;
}

void screen_put(struct screen *s, const void *p, size_t len)
{
	const uint8_t *at = p, *end = at + len;
	struct vt_event e;

	s->touched = -1;
	while (vt_next(&s->m.in, &at, end, &e))
		screen_feed(s, &e);
}

/* How many rows leave a grid at its top, the others at its bottom, when it gets smaller: as
 * few as keep the cursor on it. */
static int rows_above(const struct screen_grid *g, int rows, int cursor)
{
	int less = g->rows - rows, below = g->rows - 1 - cursor;

	return less > below ? less - below : 0;
}

static void copy_rows(struct screen_grid *to, const struct screen_grid *from, int skip)
{
	int row, cols;

	for (row = 0; row < to->rows && row + skip < from->rows; row++) {
		const struct screen_line *l = &from->line[row + skip];
		struct screen_line *n = &to->line[row];

		cols = l->used < to->cols ? l->used : to->cols;
		memcpy(n->cell, l->cell, (size_t)cols * sizeof *l->cell);
		n->used = cols;
		n->wrapped = l->wrapped;
		n->bg = l->bg;
		if (l->used > cols && cols > 0 && l->cell[cols].rune[0] == SCREEN_WIDE)
			memset(n->cell[cols - 1].rune, 0, sizeof n->cell->rune);
	}
}

/* Tells what a new number of rows does away with. */
static void tell_cut(struct screen *s, const int above[2], int rows)
{
	const struct screen_grid *main = &s->grid[0];
	int i, shown = s->m.alternate, kept = rows + above[shown];

	if (kept < s->m.rows)
		screen_tell_erasing(s, kept, s->m.rows);
	if (shown)
		screen_tell_erasing(s, 0, above[1]);
	for (i = 0; i < above[0] && s->watch.scrolled != NULL; i++)
		s->watch.scrolled(s->watch.arg, screen_grid_cells(main, i, main->cols), main->cols,
		    main->line[i].wrapped);
	if (above[shown] > 0)
		screen_tell_moved(s, above[shown], s->m.rows, -above[shown]);
}

/* libvterm's scroll region would reach outside of a smaller screen, and xterm forgets it. */
static void forget_region(struct screen *s)
{
	VTermPos p = screen_position(s);

	if (s->m.top == 0 && s->m.bottom == s->m.rows - 1)
		return;
	s->m.top = 0;
	s->m.bottom = s->m.rows - 1;
	screen_write(s, "\033[r", 3);
	screen_cursor_to(s, p.row, p.col);
}

int screen_resize(struct screen *s, int rows, int cols)
{
	struct screen_grid g[2];
	int above[2], i;

	rows = limit(rows, SCREEN_ROWS_MAX);
	cols = limit(cols, SCREEN_COLS_MAX);
	if (rows == s->m.rows && cols == s->m.cols)
		return 0;
	if (screen_grid_init(&g[0], rows, cols) != 0)
		return -ENOMEM;
	if (screen_grid_init(&g[1], rows, cols) != 0) {
		screen_grid_release(&g[0]);
		return -ENOMEM;
	}
	forget_region(s);
	for (i = 0; i < 2; i++)
		above[i] = rows_above(&s->grid[i], rows,
		    i == s->m.alternate ? screen_position(s).row : s->m.saved[i].row);
	tell_cut(s, above, rows);
	for (i = 0; i < 2; i++) {
		copy_rows(&g[i], &s->grid[i], above[i]);
		screen_grid_release(&s->grid[i]);
		s->grid[i] = g[i];
		s->m.saved[i].row -= above[i];
	}
	s->m.rows = rows;
	s->m.cols = cols;
	s->m.bottom = rows - 1;
	s->m.put = 0;
	s->touched = -1;
	s->moved_cursor = -above[s->m.alternate];
	vterm_set_size(s->vt, rows, cols);
	return 0;
}

int screen_rows(const struct screen *s)
{
	return s->m.rows;
}

int screen_cols(const struct screen *s)
{
	return s->m.cols;
}

int screen_alternate(const struct screen *s)
{
	return s->m.alternate;
}

void screen_cursor(const struct screen *s, int *row, int *col, int *visible)
{
	VTermPos p = screen_position(s);

	*row = p.row;
	*col = p.col;
	*visible = s->m.visible;
}

const struct screen_cell *screen_row(const struct screen *s, int row)
{
	return screen_grid_cells(&s->grid[s->m.alternate], row, s->m.cols);
}

const struct screen_cell *screen_main_row(const struct screen *s, int row, int *wrapped)
{
	*wrapped = s->grid[0].line[row].wrapped;
	return screen_grid_cells(&s->grid[0], row, s->m.cols);
}

int screen_plain(const struct screen *s)
{
	const struct screen_mode *m = &s->m;

	return !m->alternate && m->top == 0 && m->bottom == m->rows - 1 && !m->origin &&
	    !m->insert && m->set[0] == 'B' && m->shift == 0 && !m->other && m->in.state == 0 &&
	    m->in.held == 0;
}

int screen_wrapped(const struct screen *s, int row)
{
	return s->grid[s->m.alternate].line[row].wrapped;
}
