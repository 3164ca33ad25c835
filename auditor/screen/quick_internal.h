/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_QUICK_INTERNAL_H
#define SHELLAC_QUICK_INTERNAL_H

#include "screen/lines.h"
#include "screen/quick_parse.h"

/* quick_rows.c, for lines_quick.c: what happens on the rows. */
struct quick_row *quick_row_at(const struct quick *q, int row);
char *quick_text_at(const struct quick *q, int row);
/* A character with a cell of its own, shown as it is. */
int quick_is_simple(uint32_t rune);
/* Text of so many cells, QUICK_CELL bytes each at most. */
size_t quick_put_cells(char *out, const uint32_t *cell, int cells);
/* Whole lines of text, as most are, at this place in the bytes.  How much of p it was. */
size_t quick_put_rows(struct lines *l, const uint8_t *p, size_t len, uint64_t raw);
/* Carries t out, whose bytes are at p.  1, or 0: only the emulated screen can. */
int quick_handle(struct lines *l, const struct quick_token *t, const uint8_t *p, uint64_t raw);

#endif
