/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LINES_QUICK_H
#define SHELLAC_LINES_QUICK_H

#include <stddef.h>
#include <stdint.h>

#include "screen/screen.h"

/*
 * The same screen for what most output is: text, colours, and changes to the last line.
 * While it lasts, the emulated screen stands still as it was at its begin, or is not needed
 * any longer since all its rows have left; bytes are kept as far back as the rows that are
 * to be seen, so that the emulated screen can catch up where something else comes.
 */
struct quick_row {
	uint64_t raw;  /* where its bytes begin, */
	int col;       /* and the cursor was */
	size_t len;    /* of its text without trailing blanks */
	int cells;     /* that it takes, without these */
	int wrapped;
};

struct quick {
	int on;
	int rows, cols;
	int row, col;          /* of the cursor, on the last row with anything in it */
	int full;              /* the cursor stands behind the last column */
	int base, base_rows;   /* the first base_rows rows are the emulated screen's from base on */
	int stale;             /* it is none of what is to be seen */
	struct quick_row *ring;
	char *text;            /* of each row of the ring, QUICK_CELL bytes a cell */
	int top;               /* of the ring: row 0 */
	uint32_t *cell;        /* the cursor's row, 0: blank */
	int used;              /* cells of it */
	uint8_t *raw;
	size_t raw_len, raw_room;
	size_t done;           /* of raw: what is behind it is the begin of something */
	uint64_t raw_base;     /* where raw[0] is */
};
#define QUICK_CELL 3

struct lines;

void quick_release(struct quick *q);
/* Begins, if the screen is such that it can. */
void quick_begin(struct lines *l);
/* Output.  Where that is more than it can do it ends, and the screen has it all. */
void quick_put(struct lines *l, const uint8_t *p, size_t len);
/* Ends: the screen catches up with all. */
void quick_end(struct lines *l);
/* Text of the first so many cells of a row, its blanks too. */
size_t quick_text_to(const struct lines *l, int row, int cells, char *out);
int quick_wrapped(const struct lines *l, int row);

#endif
