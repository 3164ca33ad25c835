/* SPDX-License-Identifier: ISC */
#include "ledger_live.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"

#define SWEEP_MIN 64 /* rows: fewer are left as they are */

int ledger_live_add(struct ledger_live *l, uint64_t n, const uint8_t id[ID_SIZE])
{
	struct ledger_session *s;
	int r = array_room(&l->row, l->used, &l->room, sizeof(*l->row));

	if (r != 0)
		return r;
	s = &l->row[l->used++];
	s->n = n;
	memcpy(s->id, id, ID_SIZE);
	s->open = 1;
	l->open++;
	return 0;
}

struct ledger_session *ledger_live_find(const struct ledger_live *l, uint64_t n)
{
	size_t from = 0, to = l->used, middle;

	while (from < to) {
		middle = from + (to - from) / 2;
		if (l->row[middle].n < n)
			from = middle + 1;
		else
			to = middle;
	}
	return from < l->used && l->row[from].n == n && l->row[from].open ? &l->row[from] : NULL;
}

/* Drops the rows that are closed. */
static void sweep(struct ledger_live *l)
{
	size_t i, kept = 0;

	for (i = 0; i < l->used; i++)
		if (l->row[i].open)
			l->row[kept++] = l->row[i];
	l->used = kept;
}

void ledger_live_close(struct ledger_live *l, struct ledger_session *s)
{
	s->open = 0;
	l->open--;
	if (l->used >= SWEEP_MIN && l->open < l->used / 2)
		sweep(l);
}

void ledger_live_free(struct ledger_live *l)
{
	free(l->row);
	memset(l, 0, sizeof(*l));
}
