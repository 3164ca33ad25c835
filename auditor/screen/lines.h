/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LINES_H
#define SHELLAC_LINES_H

#include "screen/full_screen.h"
#include "screen/line_join.h"
#include "screen/lines_quick.h"
#include "screen/row_marks.h"
#include "screen/screen.h"

/*
 * What a terminal showed as lines: a row is given when it leaves the screen, when the
 * screen is cleared, before a full-screen program, and at the end.  How the transcript's
 * screen and its rows go together.
 */
/* The first row, erased just now: the rest of the screen may follow, which is how it is
 * cleared from the cursor on. */
struct lines_top {
	int kept;
	struct row_mark mark;
	struct line_row row;
	char *text;
};

struct lines {
	struct screen *screen;
	struct row_marks marks;    /* of the main screen's rows */
	struct line_join join;
	struct full_screen full;
	uint64_t at_ns;            /* of what is put now, */
	int64_t chunk;             /* and the chunk */
	int scrolling;             /* rows that left in the scroll that goes on */
	uint64_t left;             /* rows that left the main screen, ever */
	int alternate;
	struct lines_top erased;
	struct quick quick;        /* stands in for the screen while it is on */
	int pure;                  /* it never is: for comparing the two */
	char *text;                /* for one row */
};

/* line as of transcript_new(); screens likewise.  0 or -ENOMEM; release it either way. */
int lines_init(struct lines *l, int screens,
    int (*line)(void *arg, const struct transcript_line *l), void *arg);
void lines_release(struct lines *l);

/* From now on: the time of what comes. */
void lines_at(struct lines *l, uint64_t at_ns, int64_t chunk);

/* Output.  0, what line returned, or -ENOMEM. */
int lines_put(struct lines *l, const void *p, size_t len);
int lines_resize(struct lines *l, int rows, int cols);
/* A note, which comes behind the line in which the cursor is now. */
int lines_note(struct lines *l, const char *text);
/* All that is left. */
int lines_end(struct lines *l);

/* A cell of the main screen, whatever scrolls. */
struct lines_place {
	uint64_t row;
	int col;
};
struct lines_place lines_cursor(const struct lines *l);

/* Typing begins there. */
void lines_begin_typing(struct lines *l, const struct lines_place *at);
/* What was typed in the line with the cursor goes nowhere. */
void lines_drop_typing(struct lines *l);

struct lines_typed {
	char *text;    /* of the line up to the cursor, of all where that is in column 0; with
	                * its blanks, not zero-ended; the caller frees it */
	size_t len;
	size_t begun;  /* where typing began, or TRANSCRIPT_NOT_TYPED */
};
/* 0 or -ENOMEM. */
int lines_typed(struct lines *l, struct lines_typed *out);
/* It was entered, and typing began at this offset of the text. */
void lines_enter(struct lines *l, size_t begun);

/* For its other files.  Text of the first so many cells, with the blanks behind it. */
size_t lines_text_to(const struct screen_cell *cells, int cols, char *out, size_t size);
/* Row and column of the cursor. */
int lines_cursor_row(const struct lines *l, int *col);
/* The first row of the line that this row is in. */
int lines_first_row(const struct lines *l, int row);
/* The row behind the last of the first rows in which there is anything. */
int lines_used(const struct lines *l, int rows);
/* A row leaves: its text, or row of the emulated screen in its place, which is the first. */
void lines_give(struct lines *l, int row, const struct line_row *r);
void lines_give_base(struct lines *l, int row);
/* The emulated screen tells of what happens to it. */
void lines_watch(struct lines *l);

#endif
