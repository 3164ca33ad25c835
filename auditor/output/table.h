/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TABLE_H
#define SHELLAC_TABLE_H

#include <stddef.h>

/* Text in columns as wide as their widest cell.  Cells are escaped here. */
struct table;

#define TABLE_COLUMNS 12

/* heads: one head a column, columns of them; right: bit i puts column i to the
 * right.  Exits with AUDIT_CANNOT when there is no memory, as table_row(). */
struct table *table_new(const char *const *heads, unsigned columns, unsigned right);
/* On a terminal that is too narrow these columns go, one after the other; the list ends
 * with COLUMNS_END of columns.h and stays the caller's. */
void table_drop(struct table *t, const unsigned char *drop);
/* A row of as many cells; they are copied. */
void table_row(struct table *t, const char *const *cells);
/* Prints to stdout and frees. */
void table_print(struct table *t);

#endif
