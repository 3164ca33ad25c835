/* SPDX-License-Identifier: ISC */
/* Input: rows and columns (a byte each), then output.  A byte 0xf8, which no UTF-8 has, is
 * followed by one that says: save, restore, or the rows and, in a further one, the columns of
 * a new window. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "screen/screen.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

#define COMMAND 0xf8

static void check_text(const struct screen *s, int row)
{
	static char text[SCREEN_TEXT_MAX(SCREEN_COLS_MAX)];
	size_t len = screen_text(screen_row(s, row), screen_cols(s), text, sizeof text), i;
	uint32_t cp;
	int n;

	assert(strlen(text) == len);
	for (i = 0; i < len; i += (size_t)n) {
		n = utf8_next((const uint8_t *)text + i, len - i, &cp);
		assert(n > 0 && cp >= 0x20 && escape_printable(cp));
	}
}

static void check(const struct screen *s)
{
	const struct screen_cell *c;
	int row, col, visible, i;

	screen_cursor(s, &row, &col, &visible);
	assert(row >= 0 && row < screen_rows(s) && col >= 0 && col < screen_cols(s));
	for (i = 0; i < screen_rows(s); i++) {
		c = screen_row(s, i);
		assert(c[0].rune[0] != SCREEN_WIDE);
		check_text(s, i);
	}
}

static void same(const struct screen *a, const struct screen *b)
{
	int i, at[6];

	assert(screen_rows(a) == screen_rows(b) && screen_cols(a) == screen_cols(b));
	assert(screen_alternate(a) == screen_alternate(b));
	screen_cursor(a, &at[0], &at[1], &at[2]);
	screen_cursor(b, &at[3], &at[4], &at[5]);
	assert(memcmp(at, at + 3, 3 * sizeof at[0]) == 0);
	for (i = 0; i < screen_rows(a); i++) {
		assert(screen_wrapped(a, i) == screen_wrapped(b, i));
		assert(memcmp(screen_row(a, i), screen_row(b, i),
		    (size_t)screen_cols(a) * sizeof(struct screen_cell)) == 0);
	}
}

static size_t command(struct screen *s, struct screen_shot **shot, const uint8_t *p, size_t len)
{
	if (len < 2)
		return len;
	if (p[1] == 's') {
		screen_shot_free(*shot);
		*shot = screen_save(s);
		assert(*shot != NULL);
		return 2;
	}
	if (p[1] == 'r') {
		if (*shot != NULL)
			assert(screen_restore(s, *shot) == 0);
		return 2;
	}
	if (len < 3)
		return len;
	assert(screen_resize(s, p[1], p[2]) == 0);
	return 3;
}

/* Output in pieces as large as may be, or byte by byte. */
static struct screen *run(const uint8_t *p, size_t len, int bytes)
{
	struct screen_shot *shot = NULL;
	struct screen *s;
	size_t i, n;

	if (screen_new(&s, p[0], p[1]) != 0)
		abort();
	for (i = 2; i < len; i += n) {
		if (p[i] == COMMAND) {
			n = command(s, &shot, p + i, len - i);
			continue;
		}
		for (n = 1; !bytes && i + n < len && p[i + n] != COMMAND;)
			n++;
		screen_put(s, p + i, n);
	}
	screen_shot_free(shot);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct screen *whole, *cut;

	if (len < 2)
		return 0;
	whole = run(p, len, 0);
	cut = run(p, len, 1);
	check(whole);
	same(whole, cut);
	screen_free(whole);
	screen_free(cut);
	return 0;
}
