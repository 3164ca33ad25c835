/* SPDX-License-Identifier: ISC */
#include "export/repaint.h"

#include <stdio.h>
#include <string.h>

static const struct {
	uint16_t attr;
	const char *code;
} codes[] = {
	{ SCREEN_BOLD, ";1" }, { SCREEN_DIM, ";2" }, { SCREEN_ITALIC, ";3" },
	{ SCREEN_UNDERLINE, ";4" }, { SCREEN_BLINK, ";5" }, { SCREEN_REVERSE, ";7" },
	{ SCREEN_CONCEAL, ";8" }, { SCREEN_STRIKE, ";9" },
};

static void colour(struct sink *out, uint32_t c, const char *which)
{
	char text[40] = "";

	if (c & SCREEN_INDEX)
		snprintf(text, sizeof text, ";%s;5;%u", which, c & 0xff);
	else if (c & SCREEN_RGB)
		snprintf(text, sizeof text, ";%s;2;%u;%u;%u", which, c >> 16 & 0xff, c >> 8 & 0xff,
		    c & 0xff);
	sink_str(out, text);
}

static void pen(struct sink *out, const struct screen_pen *p)
{
	size_t i;

	sink_str(out, "\033[0");
	for (i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (p->attr & codes[i].attr)
			sink_str(out, codes[i].code);
	colour(out, p->fg, "38");
	colour(out, p->bg, "48");
	sink_str(out, "m");
}

static int same_pen(const struct screen_pen *a, const struct screen_pen *b)
{
	return a->fg == b->fg && a->bg == b->bg && a->attr == b->attr;
}

static int blank(const struct screen_cell *c)
{
	static const struct screen_pen plain;

	return c->rune[0] == 0 && same_pen(&c->pen, &plain);
}

static void row(struct sink *out, const struct screen_cell *cells, int cols)
{
	char text[SCREEN_TEXT_MAX(1)];
	struct screen_pen now = { 0 };
	int end = cols, i;

	while (end > 0 && blank(&cells[end - 1]))
		end--;
	for (i = 0; i < end; i++) {
		if (cells[i].rune[0] == SCREEN_WIDE)
			continue;
		if (!same_pen(&cells[i].pen, &now)) {
			pen(out, &cells[i].pen);
			now = cells[i].pen;
		}
		if (screen_text(&cells[i], 1, text, sizeof text) > 0)
			sink_str(out, text);
		else
			sink_str(out, " ");
	}
	sink_str(out, "\033[0m");
}

void repaint(struct sink *out, const struct screen *s)
{
	int rows = screen_rows(s), cols = screen_cols(s), r, line, col, visible;
	char text[48];

	if (screen_alternate(s))
		sink_str(out, "\033[?1049h");
	sink_str(out, "\033[H\033[2J");
	for (r = 0; r < rows; r++) {
		snprintf(text, sizeof text, "\033[%d;1H", r + 1);
		sink_str(out, text);
		row(out, screen_row(s, r), cols);
	}
	screen_cursor(s, &line, &col, &visible);
	snprintf(text, sizeof text, "\033[%d;%dH\033[?25%c", line + 1, col + 1, visible ? 'h' : 'l');
	sink_str(out, text);
}
