/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DRAW_H
#define SHELLAC_DRAW_H

#include "screen/screen.h"
#include "output/sink.h"

/*
 * Cells on the auditor's terminal.  What is put out is the difference to what is there
 * already, and nothing but: text; CSI of the kinds H (cursor), m (attributes), K (blank to
 * the end of the line), 2J; and the modes 25 (cursor) and 1049 (alternate screen).
 */
enum draw_colours { DRAW_MONO, DRAW_16, DRAW_256, DRAW_RGB };

struct draw {
	struct sink *out;
	enum draw_colours colours;
	int rows, cols;
	struct screen_cell *have;  /* rows * cols, what is there; */
	int known;                 /* 0: nothing is known of that */
	struct screen_pen pen;     /* that the terminal has */
	int row, col;              /* its cursor, row -1: not known */
	int visible;               /* its cursor can be seen */
};

/* What a terminal can, by TERM and COLORTERM; either may be NULL. */
enum draw_colours draw_colours_of(const char *term, const char *colorterm);

/* out stays the caller's.  0 or -ENOMEM; draw_release() either way. */
int draw_init(struct draw *d, struct sink *out, enum draw_colours colours, int rows, int cols);
void draw_release(struct draw *d);

/* The terminal has another size now, and nothing is known of what is on it.  0 or -ENOMEM;
 * then nothing has changed. */
int draw_resize(struct draw *d, int rows, int cols);

/* Takes the terminal's alternate screen, and gives it back. */
void draw_enter(struct draw *d);
void draw_leave(struct draw *d);

/* Makes the terminal show these rows * cols cells and the cursor at a place in them. */
void draw_cells(struct draw *d, const struct screen_cell *cells, int row, int col, int visible);

/* Lines for a terminal's ordinary screen: these cells with their attributes, trailing blanks
 * left out, CR LF. */
void draw_line(struct draw *d, const struct screen_cell *cells, int cols);

#endif
