/* SPDX-License-Identifier: ISC */
#include "replay/found.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 16 /* of one line, at most */

/* A line of text, over the rows that it was wrapped into, and which cell each byte is of. */
struct line {
	int row, rows, cols;
	char *text;
	int *cell;
	size_t len;
};

static int line_init(struct line *l, const struct screen *s)
{
	size_t room = SCREEN_TEXT_MAX(screen_cols(s)) * ROWS;

	l->cols = screen_cols(s);
	l->text = malloc(room);
	l->cell = malloc(room * sizeof *l->cell);
	return l->text != NULL && l->cell != NULL;
}

static void add_row(struct line *l, const struct screen *s, int row)
{
	const struct screen_cell *c = screen_row(s, row);
	char text[SCREEN_TEXT_MAX(1)];
	size_t n;
	int i;

	for (i = 0; i < l->cols; i++) {
		if (c[i].rune[0] == SCREEN_WIDE)
			continue;
		n = screen_text(&c[i], 1, text, sizeof text);
		if (n == 0)
			text[n++] = ' '; /* trailing blanks are left out */
		memcpy(l->text + l->len, text, n);
		while (n-- > 0)
			l->cell[l->len++] = (row - l->row) * l->cols + i;
	}
}

/* The line that begins in a row. */
static void read_line(struct line *l, const struct screen *s, int row)
{
	l->row = row;
	l->len = 0;
	for (l->rows = 0; l->rows < ROWS; l->rows++) {
		add_row(l, s, row + l->rows);
		if (!screen_wrapped(s, row + l->rows) || row + l->rows + 1 >= screen_rows(s))
			break;
	}
	l->rows++;
}

static void tell(const struct line *l, size_t at, size_t len, found_fn *fn, void *arg)
{
	int first = l->cell[at], last = l->cell[at + len - 1], row;

	for (row = first / l->cols; row <= last / l->cols; row++)
		fn(arg, l->row + row, row == first / l->cols ? first % l->cols : 0,
		    row == last / l->cols ? last % l->cols + 1 : l->cols);
}

static int find(const struct line *l, const struct pattern *p, found_fn *fn, void *arg)
{
	size_t at, len, from = 0;
	int n = 0;

	while (from < l->len && pattern_find(p, l->text, l->len, from, &at, &len) > 0) {
		if (len > 0) {
			tell(l, at, len, fn, arg);
			n++;
		}
		from = at + (len > 0 ? len : 1);
	}
	return n;
}

int found_on_screen(const struct screen *s, int first, int last, const struct pattern *p,
    found_fn *fn, void *arg)
{
	struct line l = { 0 };
	int n = 0, row;

	if (line_init(&l, s)) {
		while (first > 0 && screen_wrapped(s, first - 1))
			first--;
		for (row = first; row <= last && row < screen_rows(s); row += l.rows) {
			read_line(&l, s, row);
			n += find(&l, p, fn, arg);
		}
	}
	free(l.text);
	free(l.cell);
	return n;
}
