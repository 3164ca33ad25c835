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

/* The tree's one rule from bytes to UTF-8: every maximal subpart that is not
 * valid becomes U+FFFD, and so does NUL.  Returns a new zero-ended string that
 * the caller frees, or NULL without memory. */
char *utf8_from_bytes(const uint8_t *p, size_t len);

#endif
