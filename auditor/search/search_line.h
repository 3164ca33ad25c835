/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SEARCH_LINE_H
#define SHELLAC_SEARCH_LINE_H

#include <stddef.h>
#include <stdint.h>

/* Text of a session that can be searched, a line at a time. */
enum search_source {
	SEARCH_LINE,    /* of the main screen */
	SEARCH_SCREEN,  /* a row of a full-screen program, or of a screen that was cleared */
	SEARCH_KEYS,    /* typed, and no line of the screen shows it */
	SEARCH_PROCESS, /* a program that began, and its arguments */
};

#define SEARCH_NOT_TYPED ((size_t)-1)

struct search_line {
	enum search_source source;
	uint64_t at_ns;   /* since the session's begin */
	int64_t chunk;    /* -1 not known, or where none sealed it */
	size_t typed;     /* offset of what was typed in it, or SEARCH_NOT_TYPED */
	const char *text; /* UTF-8 without control characters, until the callback returns */
	size_t len;
};

/* Returns 0 to go on; anything else ends the reading and is returned. */
typedef int search_line_fn(void *arg, const struct search_line *l);

#endif
