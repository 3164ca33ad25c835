/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ROW_MARKS_H
#define SHELLAC_ROW_MARKS_H

#include <stddef.h>
#include <stdint.h>

/* What is known of each row of a screen beside its cells. */
struct row_mark {
	uint64_t at_ns; /* when it was last written to */
	int64_t chunk;
	int begun;      /* column where typing began, -1: nowhere */
	int entered;    /* and Enter was pressed */
	int given;      /* its line came already */
};

/* A note that waits behind a row. */
struct row_note {
	int row;
	uint64_t at_ns;
	int64_t chunk;
	char text[96];
};
#define ROW_NOTES_MAX 64

/* In a ring, since most moves are all rows up by one. */
struct row_marks {
	struct row_mark *ring;
	int rows, top;
	int notes;
	struct row_note note[ROW_NOTES_MAX]; /* in the order they came */
};

/* 0 or -ENOMEM. */
int row_marks_init(struct row_marks *m, int rows);
void row_marks_release(struct row_marks *m);
/* Keeps the first rows.  0 or -ENOMEM; then it is as it was. */
int row_marks_resize(struct row_marks *m, int rows);

struct row_mark *row_marks_at(struct row_marks *m, int row);
/* Rows from to to - 1 move down by n, up: n < 0. */
void row_marks_move(struct row_marks *m, int from, int to, int n);
void row_marks_clear(struct row_marks *m, int from, int to);

#endif
