/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_VIEW_H
#define SHELLAC_VIEW_H

#include "screen/screen.h"

/*
 * What the auditor's terminal is to show: the recorded screen, or the part of it that there
 * is room for, and one row of ours at the bottom, which never covers it.
 */
#define VIEW_ROWS_MIN 2
#define VIEW_COLS_MIN 8

struct view {
	int rows, cols;            /* of the terminal, the last row ours */
	struct screen_cell *cells; /* rows * cols */
	struct screen *line;       /* where our own text gets its columns */
	int top, left;             /* first row and column of the recorded screen that is shown */
	int panned;                /* chosen by hand; else it goes with the cursor */
	int row, col, visible;     /* the cursor */
};

/* rows, cols: of a terminal, raised to the least and cut to what a screen may have.  0 or
 * -ENOMEM; view_release() either way. */
int view_init(struct view *v, int rows, int cols);
void view_release(struct view *v);
/* 0 or -ENOMEM; then nothing has changed. */
int view_resize(struct view *v, int rows, int cols);

/* Shows s; what is outside of it is blank behind a border. */
void view_compose(struct view *v, const struct screen *s);

/* Moves what is shown of s by so many rows and columns. */
void view_pan(struct view *v, const struct screen *s, int rows, int cols);

/* Writes text without control characters from a place on, in one row, cut where it ends. */
void view_text(struct view *v, int row, int col, const char *text, unsigned attr);

/* Makes attr of the cells of a row of s, from column from to to - 1, be seen as found. */
void view_mark(struct view *v, const struct screen *s, int row, int from, int to);

#endif
