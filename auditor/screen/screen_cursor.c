/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "screen_internal.h"

static const struct screen_cursor fresh = { .set = "BBBB" };

void screen_mode_init(struct screen_mode *m, int rows, int cols)
{
	memset(m, 0, sizeof *m);
	vt_init(&m->in);
	m->rows = rows;
	m->cols = cols;
	m->bottom = rows - 1;
	m->visible = 1;
	memcpy(m->set, fresh.set, sizeof m->set);
	m->saved[0] = m->saved[1] = fresh;
}

static char *number(char *out, unsigned n)
{
	char digits[10];
	int i = 0;

	do
		digits[i++] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	while (i > 0)
		*out++ = digits[--i];
	return out;
}

void screen_csi(struct screen *s, unsigned a, unsigned b, char final)
{
	char text[32] = "\033[", *end = number(text + 2, a);

	if (b > 0) {
		*end++ = ';';
		end = number(end, b);
	}
	*end++ = final;
	screen_write(s, text, (size_t)(end - text));
}

void screen_cursor_to(struct screen *s, int row, int col)
{
	if (s->m.origin)
		row -= s->m.top;
	screen_csi(s, row < 0 ? 1 : (unsigned)row + 1, (unsigned)col + 1, 'H');
}

void screen_set_designate(struct screen *s, int set, char final)
{
	char text[3] = { '\033', "()*+"[set], final };

	screen_write(s, text, sizeof text);
	s->m.set[set] = final;
}

void screen_set_shift(struct screen *s, int set)
{
	screen_write(s, set ? "\x0e" : "\x0f", 1);
	s->m.shift = (char)set;
}

void screen_origin_set(struct screen *s, int on)
{
	screen_write(s, on ? "\033[?6h" : "\033[?6l", 5);
	s->m.origin = on;
}

void screen_insert_set(struct screen *s, int on)
{
	screen_write(s, on ? "\033[4h" : "\033[4l", 4);
	s->m.insert = on;
}

/* libvterm's own saved cursor is not used: it forgets the character sets and, after the
 * window has become smaller, lies outside of its memory. */
void screen_cursor_save(struct screen *s)
{
	struct screen_cursor *c = &s->m.saved[s->m.alternate];
	VTermPos p = screen_position(s);

	c->kept = 1;
	c->row = p.row;
	c->col = p.col;
	c->origin = s->m.origin;
	c->pen = s->m.pen;
	memcpy(c->set, s->m.set, sizeof c->set);
	c->shift = s->m.shift;
}

void screen_cursor_back(struct screen *s)
{
	const struct screen_cursor *c = &s->m.saved[s->m.alternate];
	int i;

	for (i = 0; i < 4; i++)
		screen_set_designate(s, i, c->set[i]);
	screen_set_shift(s, c->shift);
	screen_origin_set(s, c->origin);
	screen_cursor_to(s, c->row, c->col);
	s->m.pen = c->pen;
}

void screen_alternate_set(struct screen *s, int on, int with_cursor)
{
	static const struct screen_pen none;

	if (on && s->m.alternate)
		return;
	if (on && with_cursor)
		screen_cursor_save(s);
	if (on != s->m.alternate) {
		if (s->watch.switching != NULL)
			s->watch.switching(s->watch.arg, on);
		s->m.alternate = on;
		s->touched = -1;
	}
	if (on)
		screen_grid_erase(&s->grid[1], (VTermRect) { 0, s->m.rows, 0, s->m.cols }, &none);
	else if (with_cursor && s->m.saved[0].kept)
		screen_cursor_back(s);
}

void screen_reset(struct screen *s, int hard)
{
	struct screen_mode m;

	if (hard && s->m.alternate)
		screen_alternate_set(s, 0, 0);
	screen_mode_init(&m, s->m.rows, s->m.cols);
	m.in = s->m.in;
	m.alternate = s->m.alternate;
	s->m = m;
	vterm_state_reset(s->state, hard);
}
