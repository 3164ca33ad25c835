/* SPDX-License-Identifier: ISC */
#include "list_part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"

#define RED "\033[31m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

/* Code points, which is columns for most of what names are made of. */
static size_t width_of(const char *s, size_t len)
{
	size_t n = 0, i;

	for (i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

/* Room for one more row's cells. */
static int make_room(struct list_part *p)
{
	size_t row = (size_t)p->table->columns * (LIST_CELL + 1);
	char *more;

	if (p->cells_room - p->cells_len >= row)
		return 0;
	p->cells_room = p->cells_room * 2 + row + 65536;
	more = realloc(p->cells, p->cells_room);
	if (more == NULL)
		return -ENOMEM;
	p->cells = more;
	return 0;
}

static void end_cell(struct list_part *p, unsigned col, size_t len)
{
	const char *cell = p->cells + p->cells_len + 1;
	size_t width = width_of(cell, len);

	p->cells[p->cells_len] = (char)(unsigned char)len;
	p->cells_len += len + 1;
	if (width > p->width[col])
		p->width[col] = width;
}

void list_part_fill(struct list_part *p)
{
	unsigned col;
	size_t i;

	for (i = 0; i < p->rows; i++) {
		if ((p->error = make_room(p)) != 0)
			return;
		for (col = 0; col < p->table->columns; col++)
			end_cell(p, col, p->table->column[col]->put(p->cells + p->cells_len + 1,
			    p->row[i]));
	}
}

void list_part_heads(struct list_part *p)
{
	unsigned col;

	if ((p->error = make_room(p)) != 0)
		return;
	for (col = 0; col < p->table->columns; col++) {
		const char *head = p->table->column[col]->head;
		size_t len = strlen(head);

		memcpy(p->cells + p->cells_len + 1, head, len);
		end_cell(p, col, len);
	}
	p->rows = 1;
}

static char *put(char *to, const char *p, size_t len)
{
	memcpy(to, p, len);
	return to + len;
}

static char *put_blanks(char *to, size_t n)
{
	memset(to, ' ', n);
	return to + n;
}

static const char *color_of(const struct session_row *w)
{
	if (w->findings > 0 || w->status > STATUS_LIVE)
		return RED;
	return w->status == STATUS_LIVE ? GREEN : NULL;
}

static char *put_colored(char *to, const char *p, size_t len, const struct session_row *w)
{
	const char *color = color_of(w);

	if (color == NULL)
		return put(to, p, len);
	to = put(put(to, color, strlen(color)), p, len);
	return put(to, PLAIN, sizeof PLAIN - 1);
}

/* w: NULL for the heads. */
static char *put_cell(const struct list_table *t, char *to, const char *p, size_t len,
    unsigned col, const struct session_row *w)
{
	size_t pad = t->width[col] - width_of(p, len);
	int last = t->kept >> col == 1;

	if (t->column[col]->right)
		to = put_blanks(to, pad);
	if (t->color && w != NULL && strcmp(t->column[col]->name, "status") == 0)
		to = put_colored(to, p, len, w);
	else
		to = put(to, p, len);
	return last ? to : put_blanks(to, LIST_GAP + (t->column[col]->right ? 0 : pad));
}

/* Bytes that its lines have at most. */
static size_t lines_size(const struct list_part *p)
{
	size_t line = sizeof RED + sizeof PLAIN + 1; /* and the newline */
	unsigned col;

	for (col = 0; col < p->table->columns; col++)
		line += p->table->width[col] + LIST_GAP;
	return p->rows * line + p->cells_len; /* a code point may have several bytes */
}

void list_part_write(struct list_part *p)
{
	const char *at = p->cells;
	char *to = array_many(lines_size(p), 1);
	unsigned col;
	size_t i;

	p->text = to;
	if (to == NULL) {
		p->error = -ENOMEM;
		return;
	}
	for (i = 0; i < p->rows; i++) {
		for (col = 0; col < p->table->columns; col++) {
			size_t len = (unsigned char)*at++;

			if (p->table->kept >> col & 1)
				to = put_cell(p->table, to, at, len, col, p->row != NULL ? p->row[i] : NULL);
			at += len;
		}
		*to++ = '\n';
	}
	p->text_len = (size_t)(to - p->text);
}

void list_part_release(struct list_part *p)
{
	free(p->cells);
	free(p->text);
}
