/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LIST_PART_H
#define SHELLAC_LIST_PART_H

#include <stddef.h>

#include "list.h"

/* A list's table in parts, each of some of the rows and of a thread of its own: first the
 * cells of all, then, once all widths are known, the lines. */
struct list_table {
	const struct list_column *const *column;
	unsigned columns;
	unsigned kept;              /* a mask: which are shown, once the widths are known */
	int color;
	size_t width[LIST_COLUMNS]; /* of the widest cell, in columns of the terminal */
};

struct list_part {
	const struct list_table *table;
	const struct session_row *const *row;
	size_t rows;
	char *cells;                /* row by row, each behind its length: a byte */
	size_t cells_len, cells_room;
	size_t width[LIST_COLUMNS]; /* of its own */
	char *text;                 /* the lines */
	size_t text_len;
	int error;                  /* 0 or -ENOMEM */
};

/* The cells of all rows.  The part is the caller's, zeroed but for table, row and rows. */
void list_part_fill(struct list_part *p);

/* The lines of all rows, with the table's widths. */
void list_part_write(struct list_part *p);

/* The line of the columns' heads, into text. */
void list_part_heads(struct list_part *p);

void list_part_release(struct list_part *p);

#endif
