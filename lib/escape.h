/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ESCAPE_H
#define SHELLAC_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

/* Makes bytes from outside safe for a log line or a terminal: printable UTF-8
 * stays, everything else (C0, DEL, C1, bidi and other format controls, invalid
 * bytes, backslash) becomes \n, \t, \\ or \xHH per byte.  Writes at most size
 * chars with the ending zero into out, cuts between characters and ends a cut
 * text with "...".  Returns out.  size is at least 8. */
char *escape_bytes(char *out, size_t size, const void *p, size_t len);

/* The same for text that a screen has made safe before (screen_text()), where a second
 * backslash would be one too many: it stays as it is. */
char *escape_shown(char *out, size_t size, const void *p, size_t len);

/* As escape_bytes() for a zero-ended string. */
char *escape_str(char *out, size_t size, const char *s);

/* 1 if the code point may be shown on a terminal as it is. */
int escape_printable(uint32_t cp);

#endif
