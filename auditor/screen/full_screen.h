/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FULL_SCREEN_H
#define SHELLAC_FULL_SCREEN_H

#include "screen/line_join.h"
#include "screen/screen.h"

/*
 * The alternate screen, on which rows have no order of time: how long it was shown, and,
 * where that is wanted, what stood there when it stood still for a second or was about to
 * go.  A row that stood anywhere the last time is not given again.
 */
#define FULL_SCREEN_STILL_NS UINT64_C(1000000000)
#define FULL_SCREEN_NAME 56 /* so that a note holds it whole, however long it ran */

struct full_screen {
	int wanted;              /* rows are */
	int on;
	uint64_t began_ns, changed_ns;
	int64_t changed_chunk;
	int dirty;               /* a row was written to since the last look */
	char name[FULL_SCREEN_NAME]; /* of the program, "" not known */
	unsigned char touched[SCREEN_ROWS_MAX];
	uint64_t hash[SCREEN_ROWS_MAX]; /* of the rows now, where not touched; 0: blank */
	uint64_t last[SCREEN_ROWS_MAX]; /* of the rows of the last look */
};

void full_screen_begin(struct full_screen *f, uint64_t at_ns);
void full_screen_touch(struct full_screen *f, int row, uint64_t at_ns, int64_t chunk);
void full_screen_move(struct full_screen *f, int from, int to, int n);
void full_screen_resize(struct full_screen *f);
/* Gives the rows that were not there the last time; text has room for one. */
void full_screen_look(struct full_screen *f, struct screen *s, char *text, size_t size,
    struct line_join *to);
/* It is left: what is to be said of it. */
void full_screen_end(struct full_screen *f, uint64_t at_ns, char *note, size_t size);

#endif
