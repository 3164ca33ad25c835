/* SPDX-License-Identifier: ISC */
#include "replay/draw_pen.h"

#include <stdio.h>
#include <stdlib.h>

/* Red, green and blue of xterm's first 16 colours. */
static const uint32_t sixteen[16] = {
	0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
	0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
};

static const uint8_t cube[6] = { 0, 95, 135, 175, 215, 255 };

/* Colour 16 to 255 as xterm has it: a cube of six steps, then greys. */
static uint32_t rgb_of(unsigned index)
{
	unsigned n = index - 16, grey;

	if (index < 16)
		return sixteen[index];
	if (index < 232)
		return (uint32_t)cube[n / 36] << 16 | (uint32_t)cube[n / 6 % 6] << 8 | cube[n % 6];
	grey = 8 + 10 * (index - 232);
	return grey << 16 | grey << 8 | grey;
}

static unsigned distance(uint32_t a, uint32_t b)
{
	int r = (int)(a >> 16 & 0xff) - (int)(b >> 16 & 0xff);
	int g = (int)(a >> 8 & 0xff) - (int)(b >> 8 & 0xff);
	int l = (int)(a & 0xff) - (int)(b & 0xff);

	return (unsigned)(r * r + g * g + l * l);
}

/* The nearest of the colours from first to last. */
static unsigned nearest(uint32_t rgb, unsigned first, unsigned last)
{
	unsigned i, best = first;

	for (i = first + 1; i <= last; i++)
		if (distance(rgb_of(i), rgb) < distance(rgb_of(best), rgb))
			best = i;
	return best;
}

/* As the terminal can show it. */
static uint32_t reduce(uint32_t colour, enum draw_colours can)
{
	if (colour & SCREEN_RGB && can == DRAW_256)
		return SCREEN_INDEX | nearest(colour & 0xffffff, 16, 255);
	if (colour & SCREEN_RGB && can == DRAW_16)
		return SCREEN_INDEX | nearest(colour & 0xffffff, 0, 15);
	if (colour & SCREEN_INDEX && can == DRAW_16 && (colour & 0xff) > 15)
		return SCREEN_INDEX | nearest(rgb_of(colour & 0xff), 0, 15);
	return can == DRAW_MONO ? SCREEN_DEFAULT : colour;
}

/* base: 30 for what is written, 40 for what is behind it. */
static int put_colour(char *text, size_t size, uint32_t colour, unsigned base)
{
	unsigned i = colour & 0xff;

	if (colour & SCREEN_RGB)
		return snprintf(text, size, ";%u;2;%u;%u;%u", base + 8, colour >> 16 & 0xff,
		    colour >> 8 & 0xff, i);
	if (!(colour & SCREEN_INDEX))
		return 0;
	if (i < 8)
		return snprintf(text, size, ";%u", base + i);
	if (i < 16)
		return snprintf(text, size, ";%u", base + 60 + i - 8);
	return snprintf(text, size, ";%u;5;%u", base + 8, i);
}

void draw_pen_text(char text[DRAW_PEN_MAX], const struct screen_pen *pen,
    enum draw_colours colours)
{
	/* what was concealed is shown: nobody is to hide anything from a reviewer */
	static const struct {
		unsigned attr;
		int code;
	} codes[] = {
		{ SCREEN_BOLD, 1 }, { SCREEN_DIM, 2 }, { SCREEN_ITALIC, 3 }, { SCREEN_UNDERLINE, 4 },
		{ SCREEN_BLINK, 5 }, { SCREEN_REVERSE, 7 }, { SCREEN_STRIKE, 9 },
	};
	size_t i, len = (size_t)snprintf(text, DRAW_PEN_MAX, "\033[0");

	for (i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (pen->attr & codes[i].attr)
			len += (size_t)snprintf(text + len, DRAW_PEN_MAX - len, ";%d", codes[i].code);
	len += (size_t)put_colour(text + len, DRAW_PEN_MAX - len, reduce(pen->fg, colours), 30);
	len += (size_t)put_colour(text + len, DRAW_PEN_MAX - len, reduce(pen->bg, colours), 40);
	snprintf(text + len, DRAW_PEN_MAX - len, "m");
}
