/* SPDX-License-Identifier: ISC */
#include "replay/draw.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "replay/draw_pen.h"
#include "utf8.h"

static const struct screen_cell blank;

enum draw_colours draw_colours_of(const char *term, const char *colorterm)
{
	if (colorterm != NULL && (strcmp(colorterm, "truecolor") == 0 ||
	    strcmp(colorterm, "24bit") == 0))
		return DRAW_RGB;
	if (term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0 ||
	    strncmp(term, "vt1", 3) == 0 || strncmp(term, "vt2", 3) == 0)
		return DRAW_MONO;
	if (strstr(term, "-direct") != NULL)
		return DRAW_RGB;
	return strstr(term, "256color") != NULL ? DRAW_256 : DRAW_16;
}

static void forget(struct draw *d)
{
	d->known = 0;
	d->row = -1;
	d->visible = -1;
}

int draw_resize(struct draw *d, int rows, int cols)
{
	struct screen_cell *have = calloc((size_t)rows * (size_t)cols, sizeof *have);

	if (have == NULL)
		return -ENOMEM;
	free(d->have);
	d->have = have;
	d->rows = rows;
	d->cols = cols;
	forget(d);
	return 0;
}

int draw_init(struct draw *d, struct sink *out, enum draw_colours colours, int rows, int cols)
{
	memset(d, 0, sizeof *d);
	d->out = out;
	d->colours = colours;
	return draw_resize(d, rows, cols);
}

void draw_release(struct draw *d)
{
	free(d->have);
	d->have = NULL;
}

void draw_enter(struct draw *d)
{
	sink_str(d->out, "\033[?1049h");
	forget(d);
}

void draw_leave(struct draw *d)
{
	sink_str(d->out, "\033[m\033[?25h\033[?1049l");
	forget(d);
}

static int same(const struct screen_cell *a, const struct screen_cell *b)
{
	return memcmp(a->rune, b->rune, sizeof a->rune) == 0 && a->pen.fg == b->pen.fg &&
	    a->pen.bg == b->pen.bg && a->pen.attr == b->pen.attr;
}

static void set_pen(struct draw *d, const struct screen_pen *pen)
{
	char text[DRAW_PEN_MAX];

	if (pen->fg == d->pen.fg && pen->bg == d->pen.bg && pen->attr == d->pen.attr)
		return;
	draw_pen_text(text, pen, d->colours);
	sink_str(d->out, text);
	d->pen = *pen;
}

static void go(struct draw *d, int row, int col)
{
	char text[32];

	if (d->row == row && d->col == col)
		return;
	snprintf(text, sizeof text, "\033[%d;%dH", row + 1, col + 1);
	sink_str(d->out, text);
	d->row = row;
	d->col = col;
}

static void put_rune(struct sink *out, uint32_t cp)
{
	char p[4];

	sink_put(out, p, utf8_put(p, cp));
}

static int allowed(uint32_t cp)
{
	return cp <= 0x10ffff && (cp < 0xd800 || cp > 0xdfff) && escape_printable(cp);
}

/* The character and what combines with it; what may not be shown is U+FFFD, or left out. */
static void put_runes(struct draw *d, const struct screen_cell *c)
{
	int i;

	if (c->rune[0] == 0) {
		sink_put(d->out, " ", 1);
		return;
	}
	put_rune(d->out, allowed(c->rune[0]) ? c->rune[0] : 0xfffd);
	for (i = 1; i < SCREEN_RUNES && c->rune[i] != 0; i++)
		if (c->rune[i] >= 0x300 && allowed(c->rune[i]))
			put_rune(d->out, c->rune[i]);
}

static int is_plain(const struct screen_cell *c)
{
	return c->rune[0] < 0x7f && c->rune[1] == 0;
}

/* A cell, which is wide where the next is its other half.  Terminals differ in how wide
 * they think that a character is: behind any but ASCII the cursor's place is not known. */
static void put_cell(struct draw *d, const struct screen_cell *c, int row, int col, int wide)
{
	go(d, row, col);
	set_pen(d, &c->pen);
	if (wide) {
		sink_str(d->out, "  ");
		d->row = -1;
		go(d, row, col);
	}
	put_runes(d, c);
	d->col++;
	if (!is_plain(c) || d->col >= d->cols)
		d->row = -1;
}

static int is_wide(const struct screen_cell *cells, int col, int cols)
{
	return col + 1 < cols && cells[col + 1].rune[0] == SCREEN_WIDE;
}

/* Where the blanks without attributes begin that end the row. */
static int blank_from(const struct screen_cell *cells, int cols)
{
	while (cols > 0 && same(&cells[cols - 1], &blank))
		cols--;
	return cols;
}

static void draw_row(struct draw *d, const struct screen_cell *want, int row)
{
	struct screen_cell *have = d->have + (size_t)row * (size_t)d->cols;
	int col, wide, end = blank_from(want, d->cols), old = blank_from(have, d->cols);

	for (col = 0; col < end; col += wide ? 2 : 1) {
		wide = is_wide(want, col, end);
		if (same(&want[col], &have[col]) && (!wide || same(&want[col + 1], &have[col + 1])))
			continue;
		if (want[col].rune[0] == SCREEN_WIDE)
			put_cell(d, &(struct screen_cell){ .pen = want[col].pen }, row, col, 0);
		else
			put_cell(d, &want[col], row, col, wide);
	}
	if (old > end) {
		go(d, row, end);
		set_pen(d, &blank.pen);
		sink_str(d->out, "\033[K");
	}
	memcpy(have, want, (size_t)d->cols * sizeof *have);
}

static void clear(struct draw *d)
{
	sink_str(d->out, "\033[m\033[2J");
	memset(d->have, 0, (size_t)d->rows * (size_t)d->cols * sizeof *d->have);
	d->pen = blank.pen;
	d->known = 1;
}

static void show_cursor(struct draw *d, int visible)
{
	if (d->visible == visible)
		return;
	sink_str(d->out, visible ? "\033[?25h" : "\033[?25l");
	d->visible = visible;
}

void draw_cells(struct draw *d, const struct screen_cell *cells, int row, int col, int visible)
{
	size_t cols = (size_t)d->cols;
	int i;

	if (!d->known)
		clear(d);
	for (i = 0; i < d->rows; i++)
		if (memcmp(cells + (size_t)i * cols, d->have + (size_t)i * cols,
		    cols * sizeof *cells) != 0)
			draw_row(d, cells + (size_t)i * cols, i);
	if (visible)
		go(d, row, col);
	show_cursor(d, visible);
}

void draw_line(struct draw *d, const struct screen_cell *cells, int cols)
{
	int col, end = blank_from(cells, cols);

	for (col = 0; col < end; col++) {
		if (cells[col].rune[0] == SCREEN_WIDE)
			continue;
		set_pen(d, &cells[col].pen);
		put_runes(d, &cells[col]);
	}
	set_pen(d, &blank.pen);
	sink_str(d->out, "\r\n");
}
