/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_HIDDEN_ECHO_H
#define SHELLAC_HIDDEN_ECHO_H

#include <stddef.h>
#include <stdint.h>

#include "screen_text.h"

#define HIDDEN_ECHO_MAX 4096

/*
 * What a program wrote lately, as far as it can be seen: the place to look for a
 * typed line that it may have echoed.  Blanks are left out because line editors
 * wrap with them.
 */
struct hidden_echo {
	uint64_t gone; /* so many bytes of text were taken out before those below */
	int cut;       /* the last of them because there was no room */
	size_t len;
	struct screen_text scan;
	uint8_t text[HIDDEN_ECHO_MAX];     /* shown bytes, and one line feed a line end */
	uint8_t jump[HIDDEN_ECHO_MAX + 1]; /* the cursor was placed in front of this one */
};

/* All zero is the state at the start. */

/* Forgets the text. */
void hidden_echo_reset(struct hidden_echo *e);

/* Adds what was written, of len at most HIDDEN_ECHO_MAX / 2; the oldest text makes
 * room. */
void hidden_echo_add(struct hidden_echo *e, const uint8_t *p, size_t len);

/* The place behind all that was written so far. */
uint64_t hidden_echo_here(const struct hidden_echo *e);

/* Was this text (as hidden_echo_visible() gives it, at least 1 byte) echoed since
 * that place?  On the line on which the cursor was there it may stand anywhere;
 * further down, where a program's own output could hold it by chance, it must end
 * its line or be all between two cursor placements.  If so, what was written up to
 * its end is forgotten: 1, else 0. */
int hidden_echo_take(struct hidden_echo *e, const uint8_t *text, size_t len, uint64_t since);

/* Appends what can be seen of the len bytes at p to out, which holds n of size
 * bytes.  The new n. */
size_t hidden_echo_visible(struct screen_text *s, uint8_t *out, size_t n, size_t size,
    const uint8_t *p, size_t len);

#endif
