/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include "screen_internal.h"

/* libvterm decodes a piece of text on the stack, four times as large */
#define PIECE 1024

void screen_tell_erasing(struct screen *s, int from, int to)
{
	s->touched = -1;
	if (s->watch.erasing != NULL && from < to)
		s->watch.erasing(s->watch.arg, from, to);
}

void screen_tell_moved(struct screen *s, int from, int to, int n)
{
	s->touched = -1;
	if (s->watch.moved != NULL && from < to)
		s->watch.moved(s->watch.arg, from, to, n);
}

void screen_tell_touched(struct screen *s, int row)
{
	if (s->touched == row)
		return;
	s->touched = row;
	if (s->watch.touched != NULL)
		s->watch.touched(s->watch.arg, row);
}

/* Since libvterm counts on it that nothing hostile reaches it, neither does this on that. */
static int within(const struct screen *s, VTermRect *r)
{
	if (r->start_row < 0)
		r->start_row = 0;
	if (r->start_col < 0)
		r->start_col = 0;
	if (r->end_row > s->m.rows)
		r->end_row = s->m.rows;
	if (r->end_col > s->m.cols)
		r->end_col = s->m.cols;
	return r->start_row < r->end_row && r->start_col < r->end_col;
}

static int on_glyph(VTermGlyphInfo *info, VTermPos pos, void *arg)
{
	struct screen *s = arg;
	struct screen_grid *g = screen_shown(s);
	uint32_t rune = s->rune != 0 ? s->rune : info->chars[0];
	int width = info->width == 2 ? 2 : 1;

	if (pos.row < 0 || pos.row >= g->rows || pos.col < 0 || pos.col >= g->cols)
		return 1;
	if (s->m.put && pos.col == 0 && pos.row == s->m.put_row + 1)
		g->line[s->m.put_row].wrapped = 1;
	screen_tell_touched(s, pos.row);
	screen_grid_put(g, pos.row, pos.col, rune, width, &s->m.pen);
	s->m.put = 1;
	s->m.put_row = pos.row;
	s->m.put_col = pos.col;
	s->m.put_end = pos.col + width;
	return 1;
}

/* Tells of the rows that n up (or down) makes leave r. */
static void tell_leaving(struct screen *s, VTermRect r, int n)
{
	struct screen_grid *g = screen_shown(s);
	int i;

	if (n < 0) {
		screen_tell_erasing(s, r.end_row + n, r.end_row);
	} else if (s->m.alternate || s->deleting || r.start_row != 0) {
		screen_tell_erasing(s, r.start_row, r.start_row + n);
	} else if (s->watch.scrolled != NULL) {
		for (i = 0; i < n; i++)
			s->watch.scrolled(s->watch.arg, screen_grid_cells(g, i, g->cols), g->cols,
			    g->line[i].wrapped);
	}
}

static void scroll_rows(struct screen *s, VTermRect r, int n)
{
	int rows = r.end_row - r.start_row, whole = r.start_col == 0 && r.end_col == s->m.cols;

	n = n > rows ? rows : n < -rows ? -rows : n;
	if (s->in_text && s->m.put && s->m.put_row == r.end_row - 1)
		screen_shown(s)->line[s->m.put_row].wrapped = 1;
	if (whole)
		tell_leaving(s, r, n);
	screen_grid_scroll(screen_shown(s), r, n, &s->m.pen);
	if (s->m.put && s->m.put_row >= r.start_row && s->m.put_row < r.end_row) {
		s->m.put_row -= n;
		s->m.put = s->m.put_row >= r.start_row && s->m.put_row < r.end_row;
	}
	if (whole && n > 0)
		screen_tell_moved(s, r.start_row + n, r.end_row, -n);
	else if (whole)
		screen_tell_moved(s, r.start_row, r.end_row + n, -n);
}

static int on_scroll(VTermRect r, int up, int left, void *arg)
{
	struct screen *s = arg;

	if (!within(s, &r))
		return 1;
	if (up != 0)
		scroll_rows(s, r, up);
	if (left != 0)
		screen_grid_shift(screen_shown(s), r, left, &s->m.pen);
	return 1;
}

static int on_erase(VTermRect r, int selective, void *arg)
{
	struct screen *s = arg;

	(void)selective;
	if (!within(s, &r))
		return 1;
	if (r.start_col == 0 && r.end_col == s->m.cols)
		screen_tell_erasing(s, r.start_row, r.end_row);
	screen_grid_erase(screen_shown(s), r, &s->m.pen);
	return 1;
}

static int on_resize(int rows, int cols, VTermPos *delta, void *arg)
{
	struct screen *s = arg;

	(void)rows;
	(void)cols;
	delta->row = s->moved_cursor;
	return 1;
}

static const VTermStateCallbacks callbacks = {
	.putglyph = on_glyph,
	.scrollrect = on_scroll,
	.erase = on_erase,
	.resize = on_resize,
};

int screen_vterm_new(struct screen *s)
{
	s->vt = vterm_new_with_allocator(s->m.rows, s->m.cols, &screen_arena_functions, &s->arena);
	if (s->vt == NULL)
		return -ENOMEM;
	vterm_set_utf8(s->vt, 1);
	s->state = vterm_obtain_state(s->vt);
	vterm_state_set_callbacks(s->state, &callbacks, s);
	vterm_state_reset(s->state, 1);
	return 0;
}

void screen_write(struct screen *s, const char *p, size_t len)
{
	size_t n;

	for (; len > 0; p += n, len -= n) {
		n = len < PIECE ? len : PIECE;
		(void)vterm_input_write(s->vt, p, n);
	}
}

VTermPos screen_position(const struct screen *s)
{
	VTermPos p;

	vterm_state_get_cursorpos(s->state, &p);
	return p;
}
