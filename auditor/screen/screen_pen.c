/* SPDX-License-Identifier: ISC */
#include "screen_internal.h"

/* Colours of 38 and 48: ;5;n and ;2;r;g;b, also with colons, then maybe with the number of a
 * colour space before r.  Returns how many parameters from i on it takes. */
static unsigned pen_colour(const struct vt_event *e, unsigned i, uint32_t *out)
{
	unsigned end = i + 1, at = i + 2, space;
	int colons = i + 1 < e->params && (e->colons >> (i + 1) & 1);

	if (colons)
		while (end < e->params && (e->colons >> end & 1))
			end++;
	else
		end = e->params;
	if (i + 1 >= end)
		return 1;
	if (e->param[i + 1] == 5) {
		if (at < end && e->param[at] < 256)
			*out = SCREEN_INDEX | e->param[at];
		return colons ? end - i : 3;
	}
	if (e->param[i + 1] != 2)
		return colons ? end - i : 2;
	space = colons && end - i >= 6;
	at += space;
	if (at + 2 < end && e->param[at] < 256 && e->param[at + 1] < 256 && e->param[at + 2] < 256)
		*out = SCREEN_RGB | e->param[at] << 16 | e->param[at + 1] << 8 | e->param[at + 2];
	return colons ? end - i : 5;
}

static void pen_attribute(struct screen_pen *pen, uint32_t n)
{
	static const uint16_t on[10] = { 0, SCREEN_BOLD, SCREEN_DIM, SCREEN_ITALIC,
		SCREEN_UNDERLINE, SCREEN_BLINK, SCREEN_BLINK, SCREEN_REVERSE, SCREEN_CONCEAL,
		SCREEN_STRIKE };
	unsigned attr = pen->attr;

	if (n < 10)
		attr |= on[n];
	else if (n == 21)
		attr |= SCREEN_UNDERLINE;
	else if (n == 22)
		attr &= ~(unsigned)(SCREEN_BOLD | SCREEN_DIM);
	else if (n > 22 && n < 30)
		attr &= ~(unsigned)on[n - 20];
	pen->attr = (uint16_t)attr;
}

static void pen_one(struct screen_pen *pen, uint32_t n)
{
	if (n == 0)
		*pen = (struct screen_pen) { 0, 0, 0 };
	else if (n < 30)
		pen_attribute(pen, n);
	else if (n < 38)
		pen->fg = SCREEN_INDEX | (n - 30);
	else if (n == 39)
		pen->fg = SCREEN_DEFAULT;
	else if (n >= 40 && n < 48)
		pen->bg = SCREEN_INDEX | (n - 40);
	else if (n == 49)
		pen->bg = SCREEN_DEFAULT;
	else if (n >= 90 && n < 98)
		pen->fg = SCREEN_INDEX | (n - 90 + 8);
	else if (n >= 100 && n < 108)
		pen->bg = SCREEN_INDEX | (n - 100 + 8);
}

void screen_pen_set(struct screen_pen *pen, const struct vt_event *e)
{
	uint32_t ignored;
	unsigned i = 0;

	if (e->params == 0)
		pen_one(pen, 0);
	while (i < e->params) {
		uint32_t n = e->param[i];

		if (n == 38) {
			i += pen_colour(e, i, &pen->fg);
		} else if (n == 48) {
			i += pen_colour(e, i, &pen->bg);
		} else if (n == 58) {
			i += pen_colour(e, i, &ignored);
		} else if (i + 1 < e->params && (e->colons >> (i + 1) & 1)) {
			if (n == 4)
				pen_one(pen, e->param[i + 1] == 0 ? 24 : 4);
			for (i++; i < e->params && (e->colons >> i & 1);)
				i++;
		} else {
			pen_one(pen, n);
			i++;
		}
	}
}
