/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "escape.h"
#include "screen_internal.h"
#include "utf8.h"

/* One character as it may be shown: 16 bytes at most. */
static size_t rune_text(uint32_t rune, char out[16])
{
	static const char digits[] = "0123456789abcdef";
	char b[4];
	size_t n = utf8_put(b, rune), i;

	if (escape_printable(rune)) {
		memcpy(out, b, n);
		return n;
	}
	for (i = 0; i < n; i++) {
		out[4 * i] = '\\';
		out[4 * i + 1] = 'x';
		out[4 * i + 2] = digits[(unsigned char)b[i] >> 4];
		out[4 * i + 3] = digits[b[i] & 15];
	}
	return 4 * n;
}

int screen_blank(const struct screen_cell *c)
{
	return c->rune[0] == 0 || (c->rune[0] == ' ' && c->rune[1] == 0);
}

size_t screen_text(const struct screen_cell *cells, int cols, char *out, size_t size)
{
	size_t len = 0, n;
	char text[16];
	int col, i;

	if (size == 0)
		return 0;
	while (cols > 0 && screen_blank(&cells[cols - 1]))
		cols--;
	for (col = 0; col < cols; col++) {
		if (cells[col].rune[0] == SCREEN_WIDE)
			continue;
		for (i = 0; i == 0 || (i < SCREEN_RUNES && cells[col].rune[i] != 0); i++) {
			n = rune_text(cells[col].rune[i] == 0 ? ' ' : cells[col].rune[i], text);
			if (n >= size - len)
				goto out;
			memcpy(out + len, text, n);
			len += n;
		}
	}
out:
	out[len] = '\0';
	return len;
}
