/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LIST_H
#define SHELLAC_LIST_H

#include <stddef.h>

#include "sessions.h"

/* shellac list, in pieces. */

/* list_columns.c: what a column shows and sorts by. */
#define LIST_CELL 256
struct list_column {
	const char *name, *head;
	int right;    /* is it put to the right? */
	/* Writes the cell, escaped, without a zero: its length, under LIST_CELL. */
	size_t (*put)(char out[LIST_CELL], const struct session_row *w);
	int (*compare)(const struct session_row *a, const struct session_row *b);
};

#define LIST_COLUMNS 32
#define LIST_GAP 2 /* blanks between two */
/* The usual ones of a fleet. */
#define LIST_FLEET "host,n,user,from,tty,start,length,active,commands,status,level,exit,id"
/* The column of that name of len chars, or NULL. */
const struct list_column *list_column(const char *name, size_t len);
/* Columns by commas; NULL: the usual ones.  How many, or 0: one is none, or is there twice,
 * then *wrong is where. */
unsigned list_columns(const struct list_column *out[LIST_COLUMNS], const char *list,
    const char **wrong);
/* All names by commas. */
const char *list_column_names(void);

/* list_text.c: rows as a table on stdout; color: mark what is not right, and what is live;
 * paged: by a pager where it is longer than the terminal.  0 or -ENOMEM. */
int list_text(const struct session_row *const *row, size_t rows,
    const struct list_column *const *column, unsigned columns, int color,
    int paged);

/* list_json.c: a line of JSON. */
void list_json(const struct session_row *w);

/* list_sort.c: "user,-start" into the order of rows.  0, or -EINVAL with *wrong where it is
 * no column. */
int list_sort(const struct session_row **row, size_t rows, const char *keys, const char **wrong);

#endif
