/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SCREEN_INTERNAL_H
#define SHELLAC_SCREEN_INTERNAL_H

#include <vterm.h>

#include "screen.h"
#include "output/vt.h"

/*
 * How the parts of a screen go together: screen_feed.c reads the hostile bytes (vt.h) and
 * gives libvterm only what it does right and safely, newly written; screen_vterm.c puts what
 * libvterm makes of that into the cells of screen_grid.c.  Colours, saved cursors, characters
 * that combine, repetition and the alternate screen are kept here, not there.
 */

/* libvterm's memory, in slots: see screen_arena.c */
#define SCREEN_SLOT 4096
#define SCREEN_SLOTS 16

struct screen_arena {
	uint32_t used; /* bit n: slot n */
	_Alignas(16) unsigned char slot[SCREEN_SLOTS][SCREEN_SLOT];
};

/* Only the first `used` cells are there; the others are blank in background bg.  So erasing
 * costs nothing, however often a recording asks for it. */
struct screen_line {
	struct screen_cell *cell;
	int used, wrapped;
	uint32_t bg;
};

struct screen_grid {
	int rows, cols;
	struct screen_cell *cells; /* of all lines */
	struct screen_line *line;  /* in the order shown */
};

struct screen_cursor {
	int kept; /* 0: nothing was saved, this is a new terminal's */
	int row, col, origin;
	struct screen_pen pen;
	char set[4], shift;
};

/* What else libvterm was told that changes where text goes. */
enum { SCREEN_NO_WRAP = 1, SCREEN_NEW_LINE = 2, SCREEN_TABS = 4 };

/* All but cells and libvterm's memory. */
struct screen_mode {
	struct vt in;
	int rows, cols, alternate, visible;
	struct screen_pen pen;
	int top, bottom;                 /* of the scroll region; bottom is its last row */
	int origin, insert;
	unsigned other;                  /* SCREEN_NO_WRAP, ... */
	char set[4], shift;              /* designated character sets, the one in use */
	struct screen_cursor saved[2];   /* per screen */
	int put;                         /* what follows is about the last glyph put: */
	int put_row, put_col, put_end;   /* where it begins, the column behind it */
	uint32_t put_rune;               /* as it was fed, 0: none to repeat */
};

struct screen {
	struct screen_mode m;
	struct screen_grid grid[2]; /* main, alternate */
	struct screen_watch watch;
	VTerm *vt;
	VTermState *state;
	uint32_t rune;    /* what libvterm puts now stands for this, unless 0 */
	int in_text;      /* libvterm scrolls now since a line was full */
	int deleting;     /* rows that leave the top now are deleted, not scrolled off */
	int touched;      /* the row last told of as such, -1: none */
	int moved_cursor; /* rows that a new size moves the cursor by */
	struct screen_arena arena;
};

static inline struct screen_grid *screen_shown(struct screen *s)
{
	return &s->grid[s->m.alternate];
}

/* screen_arena.c */
extern VTermAllocatorFunctions screen_arena_functions; /* its data is the arena */

/* screen_grid.c.  Rectangles must lie within the grid, rows and columns from to before end. */
int screen_grid_init(struct screen_grid *g, int rows, int cols); /* 0 or -ENOMEM */
void screen_grid_release(struct screen_grid *g);
/* The first cols cells of a row are there. */
struct screen_cell *screen_grid_cells(const struct screen_grid *g, int row, int cols);
/* Blank in the pen's background. */
void screen_grid_erase(struct screen_grid *g, VTermRect r, const struct screen_pen *pen);
/* What is in r moves up by n rows (down: n < 0); what comes in is blank. */
void screen_grid_scroll(struct screen_grid *g, VTermRect r, int n, const struct screen_pen *pen);
/* What is in r moves left by n columns (right: n < 0). */
void screen_grid_shift(struct screen_grid *g, VTermRect r, int n, const struct screen_pen *pen);
/* One character of one or two columns. */
void screen_grid_put(struct screen_grid *g, int row, int col, uint32_t rune, int width,
    const struct screen_pen *pen);
/* A character that goes with the one before; too many are dropped. */
void screen_grid_combine(struct screen_grid *g, int row, int col, uint32_t rune);

/* screen_vterm.c */
int screen_vterm_new(struct screen *s);
void screen_write(struct screen *s, const char *p, size_t len); /* p: ours or checked */
VTermPos screen_position(const struct screen *s);
void screen_tell_erasing(struct screen *s, int from, int to);
void screen_tell_touched(struct screen *s, int row);
void screen_tell_moved(struct screen *s, int from, int to, int n);

/* screen_feed.c */
void screen_feed(struct screen *s, const struct vt_event *e);

/* screen_cursor.c */
void screen_mode_init(struct screen_mode *m, int rows, int cols);
/* CSI a ; b final, b left out if it is 0 */
void screen_csi(struct screen *s, unsigned a, unsigned b, char final);
void screen_cursor_save(struct screen *s);
void screen_cursor_back(struct screen *s);
/* set: 0 to 3 */
void screen_set_designate(struct screen *s, int set, char final);
void screen_set_shift(struct screen *s, int set);
void screen_origin_set(struct screen *s, int on);
void screen_insert_set(struct screen *s, int on);
void screen_alternate_set(struct screen *s, int on, int with_cursor);
void screen_reset(struct screen *s, int hard);
/* Cursor to a row and column of the screen, whatever the origin. */
void screen_cursor_to(struct screen *s, int row, int col);

/* screen_pen.c */
void screen_pen_set(struct screen_pen *pen, const struct vt_event *e); /* of an SGR */

/* screen_width.c: the columns a character takes, 0 to 2; 0: it goes with the one before */
int screen_width(uint32_t rune);

#endif
