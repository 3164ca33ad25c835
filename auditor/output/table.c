/* SPDX-License-Identifier: ISC */
#include "output/table.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auditor.h"
#include "output/columns.h"
#include "escape.h"

#define CELL_MAX 256
#define GAP 2

struct table {
	unsigned columns, right;
	const unsigned char *drop; /* NULL: none */
	size_t width[TABLE_COLUMNS];
	char **cell;
	size_t cells, room;
};

static void *or_exit(void *p)
{
	if (p == NULL) {
		complain("no memory");
		exit(AUDIT_CANNOT);
	}
	return p;
}

/* Code points, which is columns for most of what names are made of */
static size_t width_of(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

void table_row(struct table *t, const char *const *cells)
{
	unsigned i;

	for (i = 0; i < t->columns; i++) {
		char safe[CELL_MAX];
		size_t width;

		if (t->cells == t->room) {
			t->room = t->room > 0 ? t->room * 2 : 256;
			t->cell = or_exit(reallocarray(t->cell, t->room, sizeof *t->cell));
		}
		escape_str(safe, sizeof safe, cells[i]);
		width = width_of(safe);
		if (width > t->width[i])
			t->width[i] = width;
		t->cell[t->cells++] = or_exit(strdup(safe));
	}
}

struct table *table_new(const char *const *heads, unsigned columns, unsigned right)
{
	struct table *t = or_exit(calloc(1, sizeof *t));

	assert(columns <= TABLE_COLUMNS);
	t->columns = columns;
	t->right = right;
	table_row(t, heads);
	return t;
}

void table_drop(struct table *t, const unsigned char *drop)
{
	t->drop = drop;
}

static void put_cell(const struct table *t, const char *cell, unsigned col, int last)
{
	int pad = (int)(t->width[col] - width_of(cell));

	if (t->right >> col & 1)
		printf("%*s%s", pad, "", cell);
	else
		printf("%s%*s", cell, last ? 0 : pad, "");
	printf("%*s", last ? 0 : GAP, "");
}

void table_print(struct table *t)
{
	static const unsigned char none[] = { COLUMNS_END };
	unsigned kept = columns_fit(t->width, t->columns, GAP, t->drop != NULL ? t->drop : none);
	size_t i;

	for (i = 0; i < t->cells; i++) {
		unsigned col = (unsigned)(i % t->columns);

		if (kept >> col & 1)
			put_cell(t, t->cell[i], col, kept >> col == 1);
		if (col == t->columns - 1)
			putchar('\n');
		free(t->cell[i]);
	}
	free(t->cell);
	free(t);
}
