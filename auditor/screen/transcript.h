/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TRANSCRIPT_H
#define SHELLAC_TRANSCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "verify/shown.h"

/*
 * A session as the lines a person read: from the emulated screen and what scrolled off it,
 * redraws and progress bars resolved.  Lines that the terminal wrapped are one line.
 */
enum transcript_kind {
	TRANSCRIPT_LINE,   /* of the main screen, final */
	TRANSCRIPT_SCREEN, /* a row of a full-screen program, or of a screen that was cleared */
	TRANSCRIPT_NOTE,   /* ours: window changed, bytes lost, input hidden, a full-screen
	                    * program's summary */
};

#define TRANSCRIPT_NOT_TYPED ((size_t)-1)

struct transcript_line {
	enum transcript_kind kind;
	uint64_t at_ns;    /* since the session's begin: when it was last written to */
	int64_t chunk;     /* of that, -1 where none sealed it */
	size_t typed;      /* offset in text where what was typed begins, when Enter was pressed
	                    * in it; or TRANSCRIPT_NOT_TYPED */
	const char *text;  /* UTF-8 without control characters, until the callback returns */
	size_t len;
};

struct transcript;

/* line returns 0 to go on; anything else ends it and is what event and end return.
 * screens: full-screen programs' rows are given too (once each time they stood still, were
 * erased or left), for searching; else only a NOTE tells of them.  0 or -ENOMEM. */
int transcript_new(struct transcript **out, int screens,
    int (*line)(void *arg, const struct transcript_line *l), void *arg);
void transcript_free(struct transcript *t); /* NULL is fine */
/* The next event.  A shown_fn (arg is the transcript). */
int transcript_event(void *transcript, const struct shown_event *x);
/* The end: what stands on the screen comes too. */
int transcript_end(struct transcript *t);

#endif
