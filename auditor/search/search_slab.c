/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/cache_db.h"
#include "err.h"
#include "search/search_index_internal.h"

int search_slab_open(struct search_slab *s, sqlite3 *db)
{
	int r;

	s->number = -1;
	if ((s->bits = malloc(SLAB_SIZE)) == NULL)
		return -ENOMEM;
	r = cache_db_prepare(db, &s->get, "SELECT bits FROM slice WHERE id = ?");
	return r != 0 ? r : cache_db_prepare(db, &s->put, "INSERT OR REPLACE INTO slice VALUES(?,?)");
}

void search_slab_close(struct search_slab *s)
{
	sqlite3_finalize(s->get);
	sqlite3_finalize(s->put);
	free(s->bits);
	memset(s, 0, sizeof *s);
}

/* One row of a slab, checked: until the statement is reset, which is the caller's.
 * -ENOENT: it is not there. */
static int get_slice(struct search_slab *s, int64_t id, const uint8_t **bits)
{
	uint8_t sum[SUM_SIZE];
	int r;

	sqlite3_bind_int64(s->get, 1, id);
	r = sqlite3_step(s->get);
	if (r != SQLITE_ROW)
		return r == SQLITE_DONE ? -ENOENT : cache_db_error(r);
	*bits = sqlite3_column_blob(s->get, 0);
	if (*bits == NULL || sqlite3_column_bytes(s->get, 0) != SLICE_BYTES + SUM_SIZE)
		return E_FORMAT;
	search_sum(sum, *bits, SLICE_BYTES);
	return memcmp(sum, *bits + SLICE_BYTES, SUM_SIZE) == 0 ? 0 : E_FORMAT;
}

/* -ENOENT: it was never begun. */
static int load(struct search_slab *s, int64_t number)
{
	const uint8_t *bits;
	int r = 0;

	s->number = -1;
	for (int64_t i = 0; i < SLAB_SLICES && r == 0; i++) {
		r = get_slice(s, number * SLAB_SLICES + i, &bits);
		if (r == 0)
			memcpy(s->bits + (size_t)i * SLICE_BYTES, bits, SLICE_BYTES);
		sqlite3_reset(s->get);
		if (r == -ENOENT && i > 0)
			r = E_FORMAT;
	}
	if (r == 0)
		s->number = number;
	return r;
}

int search_slab_write(struct search_slab *s)
{
	uint8_t row[SLICE_BYTES + SUM_SIZE];
	int r = 0;

	for (int64_t i = 0; s->dirty && i < SLAB_SLICES && r == 0; i++) {
		memcpy(row, s->bits + (size_t)i * SLICE_BYTES, SLICE_BYTES);
		search_sum(row + SLICE_BYTES, row, SLICE_BYTES);
		sqlite3_bind_int64(s->put, 1, s->number * SLAB_SLICES + i);
		sqlite3_bind_blob(s->put, 2, row, sizeof row, SQLITE_STATIC);
		r = cache_db_step(s->put);
	}
	s->dirty = 0;
	return r;
}

int search_slab_to(struct search_slab *s, int64_t block)
{
	int64_t number = block / SLAB_BLOCKS;
	int r;

	if (number == s->number)
		return 0;
	if ((r = search_slab_write(s)) != 0)
		return r;
	r = load(s, number);
	if (r != -ENOENT)
		return r;
	if (block % SLAB_BLOCKS != 0) /* a slab's first block is its begin */
		return E_FORMAT;
	memset(s->bits, 0, SLAB_SIZE);
	s->number = number;
	return 0;
}

static uint8_t bit_of(int64_t block)
{
	return (uint8_t)(1u << (block & 7));
}

static size_t byte_of(int64_t block)
{
	return (size_t)(block % SLAB_BLOCKS) / 8;
}

void search_slab_set(struct search_slab *s, int64_t block, const struct trigrams *t)
{
	search_slab_clear(s, block);
	for (size_t i = 0; i < TRIGRAM_BYTES; i++)
		for (unsigned b = t->bit[i]; b != 0; b &= b - 1)
			s->bits[(8 * i + (size_t)__builtin_ctz(b)) * SLAB_COLUMN + byte_of(block)] |=
			    bit_of(block);
}

void search_slab_clear(struct search_slab *s, int64_t block)
{
	uint8_t *p = s->bits + byte_of(block);

	for (size_t i = 0; i < TRIGRAM_PLACES; i++)
		p[i * SLAB_COLUMN] &= (uint8_t)~bit_of(block);
	s->dirty = 1;
}

int search_slab_find(struct search_slab *s, int64_t number, const struct need *need,
    uint8_t out[SLAB_COLUMN])
{
	const uint8_t *bits;
	int r = 0;

	memset(out, 0xff, SLAB_COLUMN);
	for (unsigned i = 0; i < need->places && r == 0; i++) {
		r = get_slice(s, number * SLAB_SLICES + need->place[i] / SLICE_PLACES, &bits);
		for (size_t k = 0; r == 0 && k < SLAB_COLUMN; k++)
			out[k] &= bits[(need->place[i] % SLICE_PLACES) * SLAB_COLUMN + k];
		sqlite3_reset(s->get);
	}
	return r;
}
