/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LINE_JOIN_H
#define SHELLAC_LINE_JOIN_H

#include <stddef.h>
#include <stdint.h>

#include "screen/transcript.h"

/* Rows become lines: those that the terminal wrapped are one. */
#define LINE_JOIN_MAX 65536 /* bytes; a longer line comes in pieces of whole rows */

struct line_row {
	const char *text; /* UTF-8 without trailing blanks */
	size_t len;
	size_t blanks;    /* cells behind it */
	size_t typed;     /* offset in text, or TRANSCRIPT_NOT_TYPED */
	int wrapped;      /* goes on in the next */
	int wide;         /* its first character takes two cells */
	uint64_t at_ns;
	int64_t chunk;
};

struct line_join {
	int (*line)(void *arg, const struct transcript_line *l);
	void *arg;
	int status;       /* of the first call of line that was not 0, or -ENOMEM */
	int open;         /* a row was given that goes on */
	struct transcript_line now;
	char *text;
	size_t room;
	size_t blanks;
};

void line_join_init(struct line_join *j, int (*line)(void *arg, const struct transcript_line *l),
    void *arg);
void line_join_release(struct line_join *j);

/* The next row; its line comes when it is whole. */
void line_join_row(struct line_join *j, const struct line_row *r);
/* What is there comes now. */
void line_join_end(struct line_join *j);
/* A line of its own, behind what is there. */
void line_join_other(struct line_join *j, const struct transcript_line *l);

#endif
