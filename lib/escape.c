/* SPDX-License-Identifier: ISC */
#include "escape.h"

#include <assert.h>
#include <string.h>

#include "utf8.h"

static const struct {
	uint32_t first, last;
} hidden[] = {
	{ 0x0000, 0x001f },   /* C0 */
	{ 0x007f, 0x009f },   /* DEL, C1 */
	{ 0x00ad, 0x00ad },   /* soft hyphen */
	{ 0x061c, 0x061c },   /* Arabic letter mark */
	{ 0x180e, 0x180e },   /* Mongolian vowel separator */
	{ 0x200b, 0x200f },   /* zero width, direction marks */
	{ 0x2028, 0x202e },   /* line and paragraph separator, embeddings, overrides */
	{ 0x2060, 0x206f },   /* joiners, isolates, deprecated formats */
	{ 0xd800, 0xdfff },   /* surrogates */
	{ 0xfdd0, 0xfdef },   /* noncharacters */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xfff9, 0xfffb },   /* interlinear annotation */
	{ 0x1bca0, 0x1bca3 }, /* shorthand format */
	{ 0x1d173, 0x1d17a }, /* musical format */
	{ 0xe0000, 0xe0fff }, /* tags, variation selectors, ignorable */
};

int escape_printable(uint32_t cp)
{
	size_t i;

	if (cp < 0x7f) /* most are, and screens have many */
		return cp >= 0x20;
	if (cp > 0x10ffff || (cp & 0xfffe) == 0xfffe)
		return 0;
	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (cp >= hidden[i].first && cp <= hidden[i].last)
			return 0;
	return 1;
}

static size_t escape_byte(char *out, uint8_t b)
{
	static const char digits[] = "0123456789abcdef";

	out[0] = '\\';
	if (b == '\n' || b == '\t' || b == '\\') {
		out[1] = (char)(b == '\n' ? 'n' : b == '\t' ? 't' : '\\');
		return 2;
	}
	out[1] = 'x';
	out[2] = digits[b >> 4];
	out[3] = digits[b & 15];
	return 4;
}

/* Encodes one character, or the one byte that is none, of the len bytes at p
 * into out (4 chars); *taken: bytes used up.  kept: a backslash that stays, or 0. */
static size_t escape_one(char *out, const uint8_t *p, size_t len, uint32_t kept, size_t *taken)
{
	uint32_t cp;
	int n = utf8_next(p, len, &cp);

	if (n > 0 && (cp != '\\' || cp == kept) && escape_printable(cp)) {
		memcpy(out, p, (size_t)n);
		*taken = (size_t)n;
		return (size_t)n;
	}
	*taken = 1;
	return escape_byte(out, p[0]);
}

static char *escape(char *out, size_t size, const void *p, size_t len, uint32_t kept)
{
	static const char dots[] = "...";
	const uint8_t *b = p;
	size_t pos = 0, room = 0; /* room: last place where the dots still fit */
	size_t n, taken;
	char one[4];

	assert(size >= 8);
	for (; len > 0; b += taken, len -= taken) {
		n = escape_one(one, b, len, kept, &taken);
		if (pos + n >= size) {
			memcpy(out + room, dots, sizeof(dots));
			return out;
		}
		memcpy(out + pos, one, n);
		pos += n;
		if (pos + sizeof(dots) <= size)
			room = pos;
	}
	out[pos] = '\0';
	return out;
}

char *escape_bytes(char *out, size_t size, const void *p, size_t len)
{
	return escape(out, size, p, len, 0);
}

char *escape_shown(char *out, size_t size, const void *p, size_t len)
{
	return escape(out, size, p, len, '\\');
}

char *escape_str(char *out, size_t size, const char *s)
{
	return escape_bytes(out, size, s, strlen(s));
}
