/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "screen_internal.h"

/* A snapshot: the modes as they are; then, compressed, libvterm's memory, slot by slot, and
 * each line of the screens that matter, with the cells it has.  Only the screen it was taken
 * of can read it. */
struct screen_shot {
	struct screen_mode m;
	uint32_t used;    /* slots */
	size_t plain, len; /* bytes, before and after compression */
	unsigned char packed[];
};

/* What the main screen covers cannot come back: the alternate one begins blank. */
static int grids(const struct screen_mode *m)
{
	return m->alternate ? 2 : 1;
}

static size_t plain_size(const struct screen *s)
{
	size_t len = 0;
	int i, row;

	for (i = 0; i < SCREEN_SLOTS; i++)
		if (s->arena.used >> i & 1)
			len += SCREEN_SLOT;
	for (i = 0; i < grids(&s->m); i++)
		for (row = 0; row < s->m.rows; row++)
			len += sizeof(struct screen_line) +
			    (size_t)s->grid[i].line[row].used * sizeof(struct screen_cell);
	return len;
}

static void take(unsigned char **to, const void *from, size_t len)
{
	memcpy(*to, from, len);
	*to += len;
}

static void fill(const struct screen *s, unsigned char *to)
{
	int i, row;

	for (i = 0; i < SCREEN_SLOTS; i++)
		if (s->arena.used >> i & 1)
			take(&to, s->arena.slot[i], SCREEN_SLOT);
	for (i = 0; i < grids(&s->m); i++)
		for (row = 0; row < s->m.rows; row++) {
			const struct screen_line *l = &s->grid[i].line[row];
			struct screen_line head = *l;

			head.cell = NULL;
			take(&to, &head, sizeof head);
			take(&to, l->cell, (size_t)l->used * sizeof *l->cell);
		}
}

struct screen_shot *screen_save(const struct screen *s)
{
	size_t plain = plain_size(s), bound = ZSTD_compressBound(plain), len;
	struct screen_shot *x = malloc(sizeof *x + bound), *smaller;
	unsigned char *p = malloc(plain);

	if (x == NULL || p == NULL)
		goto fail;
	fill(s, p);
	len = ZSTD_compress(x->packed, bound, p, plain, 1);
	if (ZSTD_isError(len))
		goto fail;
	free(p);
	x->m = s->m;
	x->used = s->arena.used;
	x->plain = plain;
	x->len = len;
	smaller = realloc(x, sizeof *x + len);
	return smaller != NULL ? smaller : x;
fail:
	free(p);
	free(x);
	return NULL;
}

size_t screen_shot_size(const struct screen_shot *x)
{
	return sizeof *x + x->len;
}

void screen_shot_free(struct screen_shot *x)
{
	free(x);
}

static void give(const unsigned char **from, void *to, size_t len)
{
	memcpy(to, *from, len);
	*from += len;
}

static void put_back(struct screen *s, const struct screen_shot *x, const unsigned char *p)
{
	static const struct screen_pen none;
	int i, row;

	s->m = x->m;
	s->arena.used = x->used;
	for (i = 0; i < SCREEN_SLOTS; i++)
		if (x->used >> i & 1)
			give(&p, s->arena.slot[i], SCREEN_SLOT);
	for (i = 0; i < grids(&s->m); i++)
		for (row = 0; row < s->m.rows; row++) {
			struct screen_line *l = &s->grid[i].line[row];
			struct screen_cell *cell = l->cell;

			give(&p, l, sizeof *l);
			l->cell = cell;
			give(&p, cell, (size_t)l->used * sizeof *cell);
		}
	if (!s->m.alternate)
		screen_grid_erase(&s->grid[1], (VTermRect) { 0, s->m.rows, 0, s->m.cols }, &none);
	s->touched = -1;
}

/* Both screens in the shot's size. */
static int fit(struct screen *s, const struct screen_mode *m)
{
	struct screen_grid g[2];
	int i;

	if (s->m.rows == m->rows && s->m.cols == m->cols)
		return 0;
	if (screen_grid_init(&g[0], m->rows, m->cols) != 0)
		return -ENOMEM;
	if (screen_grid_init(&g[1], m->rows, m->cols) != 0) {
		screen_grid_release(&g[0]);
		return -ENOMEM;
	}
	for (i = 0; i < 2; i++) {
		screen_grid_release(&s->grid[i]);
		s->grid[i] = g[i];
	}
	return 0;
}

int screen_restore(struct screen *s, const struct screen_shot *x)
{
	unsigned char *p = malloc(x->plain);
	int r = -ENOMEM;

	if (p == NULL)
		return r;
	if (ZSTD_decompress(p, x->plain, x->packed, x->len) == x->plain) {
		r = fit(s, &x->m);
		if (r == 0)
			put_back(s, x, p);
	}
	free(p);
	return r;
}
