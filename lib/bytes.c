/* SPDX-License-Identifier: ISC */
#include "bytes.h"

#include <assert.h>

#include "err.h"

size_t varint_put(uint8_t *p, uint64_t v)
{
	size_t n = 0;

	assert(v <= VARINT_LIMIT);
	while (v > 0x7f) {
		p[n++] = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	p[n++] = (uint8_t)v;
	return n;
}

int varint_get(const uint8_t *p, size_t len, uint64_t *v)
{
	uint64_t sum = 0;
	unsigned i;

	for (i = 0; i < VARINT_MAX; i++) {
		if (i == len)
			return E_SHORT;
		sum |= (uint64_t)(p[i] & 0x7f) << (7 * i);
		if (p[i] & 0x80)
			continue;
		if (p[i] == 0 && i > 0)
			return E_FORMAT;
		*v = sum;
		return (int)i + 1;
	}
	return E_FORMAT;
}

int all_zero(const uint8_t *p, size_t len)
{
	uint8_t any = 0;
	size_t i;

	for (i = 0; i < len; i++)
		any |= p[i];
	return any == 0;
}

void hex_put(char *out, const uint8_t *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

/* One more than a digit is worth; 0: it is none. */
static const uint8_t digit[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8,
	['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15,
	['f'] = 16,
};

int hex_get(uint8_t *p, size_t len, const char *s)
{
	const uint8_t *q = (const uint8_t *)s;
	size_t i;

	if (strnlen(s, 2 * len + 1) != 2 * len)
		return E_FORMAT;
	for (i = 0; i < 2 * len; i++)
		if (digit[q[i]] == 0)
			return E_FORMAT;
	for (i = 0; i < len; i++)
		p[i] = (uint8_t)((digit[q[2 * i]] - 1) << 4 | (digit[q[2 * i + 1]] - 1));
	return 0;
}
