/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SCREEN_TEXT_H
#define SHELLAC_SCREEN_TEXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Tells what a program wrote to its terminal apart: text, masks of hidden input,
 * and what only moves or erases.  Control sequences as of ECMA-48; one object
 * per stream, since a sequence may be split over two writes.
 */
enum screen_kind {
	SCREEN_NONE,   /* inside a sequence, BEL, backspace, erasing */
	SCREEN_TEXT,   /* byte is part of something shown */
	SCREEN_MASK,   /* the last byte of a mask character: * or U+2022 or U+25CF */
	SCREEN_SPACE,  /* a blank that erases nothing */
	SCREEN_CR,
	SCREEN_LF,
	SCREEN_MOVE,   /* the last byte of any other control sequence, */
	SCREEN_JUMP,   /* which of one that places the cursor on a line */
};

struct screen_text {
	enum { SCREEN_GROUND, SCREEN_ESC, SCREEN_CSI, SCREEN_STRING, SCREEN_STRING_ESC } state;
	int erasing;       /* behind a backspace: blanks erase */
	uint8_t utf8[2];   /* start of what may be a mask */
	unsigned utf8_len;
};

/* All zero is the state at the start. */

/* What the next byte is.  Bytes that may start a mask are NONE; where they turn out not to
 * be one, the byte that shows it is TEXT. */
enum screen_kind screen_next(struct screen_text *s, uint8_t byte);

#endif
