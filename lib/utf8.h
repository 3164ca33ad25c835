/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_UTF8_H
#define SHELLAC_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Reads one code point from the len bytes at p.  Returns the bytes it takes (1
 * to 4) and sets *cp; 0 if p holds only the start of a valid sequence (so more
 * bytes may complete it); -n if its first n bytes belong to no valid sequence
 * (Unicode 15, table 3-7: no surrogates, no overlong forms; maximal subparts).
 * len is at least 1. */
int utf8_next(const uint8_t *p, size_t len, uint32_t *cp);

/* Writes a code point of at most 0x1fffff, whatever else it is; the bytes that it takes, 1 to
 * 4. */
static inline size_t utf8_put(char out[4], uint32_t cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

/* The tree's one rule from bytes to UTF-8: every maximal subpart that is not
 * valid becomes U+FFFD, and so does NUL.  Returns a new zero-ended string that
 * the caller frees, or NULL without memory. */
char *utf8_from_bytes(const uint8_t *p, size_t len);

#endif
