/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_INPUT_LINES_H
#define SHELLAC_INPUT_LINES_H

#include <stddef.h>

/* Lines of what comes in pieces. */
#define LINE_MAX_BYTES 32768 /* of a line; the rest of a longer one is left out */

struct lines {
	size_t len;       /* of the line that has begun, in text */
	size_t left_out;  /* of it, beyond LINE_MAX_BYTES */
	char text[LINE_MAX_BYTES];
};

/* A line without its end (LF, CR LF or a zero): len bytes, hostile; left_out that it had
 * more.  end: bytes of the piece at hand up to behind it. */
typedef void lines_got(void *ctx, const char *text, size_t len, size_t left_out, size_t end);

/* Takes len bytes and gives each line that ends in them. */
void lines_take(struct lines *l, const char *p, size_t len, lines_got *got, void *ctx);

/* What has begun is a line, where there is any of it; its end is given as 0. */
void lines_end(struct lines *l, lines_got *got, void *ctx);

#endif
