/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TEXT_FILTER_H
#define SHELLAC_TEXT_FILTER_H

#include <stdint.h>

#include "sink.h"
#include "vt.h"

/*
 * A session's output as lines of text: what stood in a line when the cursor left
 * it.  Carriage return, backspace and the sequences that edit one line (cursor
 * left and right, erase, insert, delete) are carried out, moves to other rows
 * end the line, all other sequences are dropped.  What comes out is UTF-8
 * without control characters but tab and line feed: other controls and
 * characters that must not be shown become \xHH, invalid bytes U+FFFD.
 */
#define TEXT_LINE_MAX 8192 /* cells; a longer line comes out in pieces, unbroken */

struct text_filter {
	struct vt vt;
	struct sink *out;
	size_t len, col;
	uint32_t cell[TEXT_LINE_MAX];
};

/* out stays the caller's. */
void text_filter_init(struct text_filter *t, struct sink *out);
void text_filter_put(struct text_filter *t, const uint8_t *p, size_t len);
/* The end of the output: the last line comes out as far as it is there. */
void text_filter_end(struct text_filter *t);

#endif
