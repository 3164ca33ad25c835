/* SPDX-License-Identifier: ISC */
#include "utf8.h"

#include <stdlib.h>

/* How many continuation bytes follow a lead byte, and the limits of the first of
 * them (Unicode 15, table 3-7); -1 for a byte that leads nothing. */
static int lead(uint8_t b, uint8_t *low, uint8_t *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (b < 0x80)
		return 0;
	if (b < 0xc2 || b > 0xf4)
		return -1;
	if (b < 0xe0)
		return 1;
	if (b == 0xe0)
		*low = 0xa0;
	else if (b == 0xed)
		*high = 0x9f;
	else if (b == 0xf0)
		*low = 0x90;
	else if (b == 0xf4)
		*high = 0x8f;
	return b < 0xf0 ? 2 : 3;
}

int utf8_next(const uint8_t *p, size_t len, uint32_t *cp)
{
	uint8_t low, high;
	int more = lead(p[0], &low, &high);
	uint32_t c;
	int i;

	if (more < 0)
		return -1;
	c = more == 0 ? p[0] : p[0] & (0x3fU >> more);
	for (i = 1; i <= more; i++) {
		if ((size_t)i == len)
			return 0;
		if (p[i] < low || p[i] > high)
			return -i;
		c = c << 6 | (p[i] & 0x3f);
		low = 0x80;
		high = 0xbf;
	}
	*cp = c;
	return more + 1;
}

char *utf8_from_bytes(const uint8_t *p, size_t len)
{
	char *out, *o;
	uint32_t cp;
	int n;

	/* one byte becomes at most the three of U+FFFD */
	out = reallocarray(NULL, len + 1, 3);
	if (out == NULL)
		return NULL;
	for (o = out; len > 0; p += n, len -= (size_t)n) {
		n = utf8_next(p, len, &cp);
		if (n > 0 && cp != 0) {
			for (int i = 0; i < n; i++)
				*o++ = (char)p[i];
			continue;
		}
		*o++ = '\xef';
		*o++ = '\xbf';
		*o++ = '\xbd';
		if (n <= 0)
			n = n < 0 ? -n : (int)len;
	}
	*o = '\0';
	return out;
}
