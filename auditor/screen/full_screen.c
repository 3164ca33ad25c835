/* SPDX-License-Identifier: ISC */
#include "screen/full_screen.h"

#include <stdio.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)

void full_screen_begin(struct full_screen *f, uint64_t at_ns)
{
	f->on = 1;
	f->began_ns = at_ns;
	full_screen_resize(f);
	f->dirty = 0;
}

void full_screen_resize(struct full_screen *f)
{
	memset(f->touched, 1, sizeof f->touched);
	memset(f->hash, 0, sizeof f->hash);
}

void full_screen_touch(struct full_screen *f, int row, uint64_t at_ns, int64_t chunk)
{
	f->touched[row] = 1;
	f->dirty = 1;
	f->changed_ns = at_ns;
	f->changed_chunk = chunk;
}

void full_screen_move(struct full_screen *f, int from, int to, int n)
{
	size_t rows = (size_t)(to - from);

	if (from + n < 0 || to + n > SCREEN_ROWS_MAX)
		return;
	memmove(f->touched + from + n, f->touched + from, rows);
	memmove(f->hash + from + n, f->hash + from, rows * sizeof f->hash[0]);
	/* where they came from is blank now */
	if (n < 0)
		memset(f->touched + (to + n > from ? to + n : from), 1,
		    (size_t)(to + n > from ? -n : to - from));
	else
		memset(f->touched + from, 1, (size_t)(from + n < to ? n : to - from));
}

/* FNV-1a; a collision hides one row of one picture. */
static uint64_t row_hash(const char *text, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return len > 0 ? h | 1 : 0;
}

static int stood_there(const struct full_screen *f, int rows, uint64_t hash)
{
	int i;

	for (i = 0; i < rows; i++)
		if (f->last[i] == hash)
			return 1;
	return 0;
}

void full_screen_look(struct full_screen *f, struct screen *s, char *text, size_t size,
    struct line_join *to)
{
	int rows = screen_rows(s), i;

	if (!f->wanted || !f->dirty)
		return;
	f->dirty = 0;
	for (i = 0; i < rows; i++) {
		struct transcript_line l = { .kind = TRANSCRIPT_SCREEN, .at_ns = f->changed_ns,
			.chunk = f->changed_chunk, .typed = TRANSCRIPT_NOT_TYPED, .text = text };

		if (!f->touched[i])
			continue;
		l.len = screen_text(screen_row(s, i), screen_cols(s), text, size);
		f->touched[i] = 0;
		f->hash[i] = row_hash(text, l.len);
		if (l.len > 0 && !stood_there(f, SCREEN_ROWS_MAX, f->hash[i]))
			line_join_other(to, &l);
	}
	memcpy(f->last, f->hash, (size_t)rows * sizeof f->last[0]);
	memset(f->last + rows, 0, (size_t)(SCREEN_ROWS_MAX - rows) * sizeof f->last[0]);
}

void full_screen_end(struct full_screen *f, uint64_t at_ns, char *note, size_t size)
{
	uint64_t s = at_ns > f->began_ns ? (at_ns - f->began_ns) / SECOND : 0;
	char length[48];

	if (s < 60)
		snprintf(length, sizeof length, "%u s", (unsigned)s);
	else if (s < 3600)
		snprintf(length, sizeof length, "%u min %u s", (unsigned)(s / 60),
		    (unsigned)(s % 60));
	else
		snprintf(length, sizeof length, "%llu h %u min", (unsigned long long)(s / 3600),
		    (unsigned)(s / 60 % 60));
	snprintf(note, size, "full screen for %s%s%s", length, f->name[0] != '\0' ? ": " : "",
	    f->name);
	f->on = 0;
	f->name[0] = '\0';
}
