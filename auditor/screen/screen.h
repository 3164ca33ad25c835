/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SCREEN_H
#define SHELLAC_SCREEN_H

#include <stddef.h>
#include <stdint.h>

/*
 * What stood on a recorded terminal: libvterm reads the output, the cells are kept here.
 * Two screens (main and alternate), a cursor, pens.  Nothing a recording says reaches
 * anything else: titles, clipboards, queries and the like end here.
 */
#define SCREEN_ROWS_MAX 500   /* larger windows are cut to this */
#define SCREEN_COLS_MAX 1000
#define SCREEN_RUNES 6

struct screen_pen {
	uint32_t fg, bg;      /* SCREEN_DEFAULT, SCREEN_INDEX | 0..255, or SCREEN_RGB | 0xrrggbb */
	uint16_t attr;        /* SCREEN_BOLD, ... */
};
#define SCREEN_DEFAULT 0u
#define SCREEN_INDEX 0x01000000u
#define SCREEN_RGB 0x02000000u
enum { SCREEN_BOLD = 1, SCREEN_UNDERLINE = 2, SCREEN_ITALIC = 4, SCREEN_BLINK = 8,
	SCREEN_REVERSE = 16, SCREEN_STRIKE = 32, SCREEN_CONCEAL = 64, SCREEN_DIM = 128 };

struct screen_cell {
	uint32_t rune[SCREEN_RUNES]; /* the character and what combines with it, ended by 0;
	                              * [0] is 0: blank; SCREEN_WIDE: right half of a wide one */
	struct screen_pen pen;
};
#define SCREEN_WIDE UINT32_MAX

struct screen;

/* Each may be NULL.  None may call screen_put(), screen_resize() or screen_restore(). */
struct screen_watch {
	/* A row leaves the top of the main screen for what is scrolled back to. */
	void (*scrolled)(void *arg, const struct screen_cell *cells, int cols, int wrapped);
	/* Rows from to to - 1 are about to be erased as a whole, of the screen shown. */
	void (*erasing)(void *arg, int from, int to);
	/* The alternate screen is about to be shown, or left. */
	void (*switching)(void *arg, int to_alternate);
	/* Something was written into this row of the screen shown. */
	void (*touched)(void *arg, int row);
	/* Rows from to to - 1 moved down by n (up: n < 0), e.g. with a scroll; after scrolled. */
	void (*moved)(void *arg, int from, int to, int n);
	void *arg;
};

/* rows, cols: 1 or more, cut to the limits.  0 or -ENOMEM. */
int screen_new(struct screen **out, int rows, int cols);
void screen_free(struct screen *s); /* NULL is fine */
void screen_watch(struct screen *s, const struct screen_watch *w); /* copied; NULL: nobody */

/* Hostile bytes of a terminal's output, cut anywhere. */
void screen_put(struct screen *s, const void *p, size_t len);
/* 0 or -ENOMEM; then it is as it was. */
int screen_resize(struct screen *s, int rows, int cols);

int screen_rows(const struct screen *s);
int screen_cols(const struct screen *s);
int screen_alternate(const struct screen *s);
void screen_cursor(const struct screen *s, int *row, int *col, int *visible);
/* screen_cols() cells, until the next change. */
const struct screen_cell *screen_row(const struct screen *s, int row);
/* The same of the main screen, also while the alternate one is shown; wrapped as of
 * screen_wrapped(). */
const struct screen_cell *screen_main_row(const struct screen *s, int row, int *wrapped);
/* 1: the main screen, no sequence half read, and no mode, margin, tab or character set that
 * changes what text, tabs and line feeds do. */
int screen_plain(const struct screen *s);
/* The line goes on in the next row, since the terminal wrapped it. */
int screen_wrapped(const struct screen *s, int row);

/* Nothing stands there, and nothing combines with it: 1 or 0. */
int screen_blank(const struct screen_cell *c);

/* Cells as UTF-8 without control characters and trailing blanks; bidirectional and other
 * format controls as \xHH like lib/escape.h has them.  Writes at most size bytes with the
 * final zero, never half a character; returns the length.  SCREEN_TEXT_MAX(cols) is always
 * enough. */
size_t screen_text(const struct screen_cell *cells, int cols, char *out, size_t size);
#define SCREEN_TEXT_MAX(cols) ((size_t)(cols) * SCREEN_RUNES * 16 + 1)

/* All of its state, to go back to: the caller's, freed by screen_shot_free().  NULL without
 * memory. */
struct screen_shot;
struct screen_shot *screen_save(const struct screen *s);
size_t screen_shot_size(const struct screen_shot *x); /* bytes it holds */
void screen_shot_free(struct screen_shot *x);
/* The same screen it was taken of.  0, or -ENOMEM; then it is as it was. */
int screen_restore(struct screen *s, const struct screen_shot *x);

#endif
