/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/columns.h"
#include "list.h"
#include "output/pager.h"

#define GAP 2
#define OUT_SIZE 65536

/* All cells, row by row, each behind its length; written once their widths are known. */
struct cells {
	char *p;
	size_t len, room;
	size_t width[LIST_COLUMNS];
};

struct out {
	char p[OUT_SIZE];
	size_t len;
};

static void flush(struct out *o)
{
	(void)fwrite(o->p, 1, o->len, stdout); /* finish_stdout() says what is wrong */
	o->len = 0;
}

static void put(struct out *o, const char *p, size_t len)
{
	if (OUT_SIZE - o->len < len)
		flush(o);
	memcpy(o->p + o->len, p, len);
	o->len += len;
}

static void put_blanks(struct out *o, size_t n)
{
	static const char blanks[] = "                                ";

	for (; n > sizeof blanks - 1; n -= sizeof blanks - 1)
		put(o, blanks, sizeof blanks - 1);
	put(o, blanks, n);
}

/* Code points, which is columns for most of what names are made of */
static size_t width_of(const char *s, size_t len)
{
	size_t n = 0, i;

	for (i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

static int add_cell(struct cells *c, unsigned col, const struct list_column *column,
    const struct session_row *w)
{
	char cell[LIST_CELL], *more;
	size_t len, width;

	if (w != NULL)
		len = column->put(cell, w);
	else
		memcpy(cell, column->head, len = strlen(column->head));
	if (c->room - c->len < len + 1) {
		c->room = c->room * 2 + 65536;
		more = realloc(c->p, c->room);
		if (more == NULL)
			return -ENOMEM;
		c->p = more;
	}
	c->p[c->len] = (char)(unsigned char)len;
	memcpy(c->p + c->len + 1, cell, len);
	c->len += len + 1;
	width = width_of(cell, len);
	if (width > c->width[col])
		c->width[col] = width;
	return 0;
}

static const char *color_of(const struct session_row *w)
{
	if (w->findings > 0 || w->status > STATUS_LIVE)
		return "\033[31m";
	return w->status == STATUS_LIVE ? "\033[32m" : NULL;
}

struct table {
	struct cells cells;
	const struct list_column *const *column;
	unsigned columns, kept; /* a mask */
	int color;
	struct out out;
};

/* Returns the cell behind it. */
static const char *put_cell(struct table *t, const char *p, unsigned col,
    const struct session_row *w)
{
	size_t len = (unsigned char)*p++;
	size_t pad = t->cells.width[col] - width_of(p, len);
	int last = t->kept >> col == 1;
	const char *color = t->color && w != NULL && strcmp(t->column[col]->name, "status") == 0 ?
	    color_of(w) : NULL;

	if (!(t->kept >> col & 1))
		return p + len;
	if (t->column[col]->right)
		put_blanks(&t->out, pad);
	if (color != NULL)
		put(&t->out, color, strlen(color));
	put(&t->out, p, len);
	if (color != NULL)
		put(&t->out, "\033[0m", 4);
	if (!last)
		put_blanks(&t->out, GAP + (t->column[col]->right ? 0 : pad));
	return p + len;
}

/* Which columns go first where there is no room for all: the least important. */
static unsigned fit(const struct table *t)
{
	static const char *const order[] = { "id", "tty", "exit", "active", "commands", "level",
		"from", "length", "host", "in", "uid", "end", "cwd" };
	unsigned char drop[LIST_COLUMNS + 1];
	unsigned n = 0, col;
	size_t i;

	for (i = 0; i < sizeof order / sizeof order[0]; i++)
		for (col = 0; col < t->columns; col++)
			if (strcmp(t->column[col]->name, order[i]) == 0)
				drop[n++] = (unsigned char)col;
	drop[n] = COLUMNS_END;
	return columns_fit(t->cells.width, t->columns, GAP, drop);
}

static void print(struct table *t, const struct session_row *const *row, size_t rows)
{
	const char *p = t->cells.p;
	size_t i;
	unsigned col;

	for (i = 0; i <= rows; i++) {
		for (col = 0; col < t->columns; col++)
			p = put_cell(t, p, col, i > 0 ? row[i - 1] : NULL);
		put(&t->out, "\n", 1);
	}
	flush(&t->out);
}

int list_text(const struct session_row *const *row, size_t rows,
    const struct list_column *const *column, unsigned columns, int color, int paged)
{
	struct table *t = calloc(1, sizeof *t);
	size_t i;
	unsigned col;
	int r = t == NULL ? -ENOMEM : 0;

	for (i = 0; i <= rows && r == 0; i++)
		for (col = 0; col < columns && r == 0; col++)
			r = add_cell(&t->cells, col, column[col], i > 0 ? row[i - 1] : NULL);
	if (r == 0) {
		t->column = column;
		t->columns = columns;
		t->color = color;
		t->kept = fit(t);
		paged = paged && pager_begin(rows + 1);
		print(t, row, rows);
		if (paged)
			pager_end();
	}
	if (t != NULL)
		free(t->cells.p);
	free(t);
	return r;
}
