/* SPDX-License-Identifier: ISC */
#include "plugin_cursor.h"

#include <string.h>

#include "err.h"

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t cursor_dropped(const struct cursor *c, uint64_t from, uint64_t to)
{
	const struct cursor_range *r;
	uint64_t sum = 0;

	for (r = c->range; r < c->range + c->ranges; r++)
		if (r->to >= from && r->from <= to)
			sum += min(r->to, to) - (r->from > from ? r->from : from) + 1;
	return sum;
}

uint64_t cursor_behind(const struct cursor *c, uint64_t tail)
{
	if (tail <= c->acked)
		return 0;
	return tail - c->acked - cursor_dropped(c, c->acked + 1, tail);
}

const struct cursor_range *cursor_range_at(const struct cursor *c, uint64_t seq)
{
	const struct cursor_range *r;

	for (r = c->range; r < c->range + c->ranges; r++)
		if (r->from == seq)
			return r;
	return NULL;
}

static void remove_ranges(struct cursor *c, unsigned at, unsigned count)
{
	memmove(c->range + at, c->range + at + count, (c->ranges - at - count) * sizeof(c->range[0]));
	c->ranges -= count;
}

/* The last number of what is dropped when count more are, from seq on; *next is the first
 * range that is not swallowed. */
static uint64_t end_of(const struct cursor *c, uint64_t seq, unsigned at, uint64_t *count,
    uint64_t tail, unsigned *next)
{
	uint64_t end = seq - 1, room, left = *count, take;

	for (*next = at;; (*next)++) {
		room = *next < c->ranges ? c->range[*next].from - 1 - end : tail > end ? tail - end : 0;
		take = min(left, room);
		end += take;
		left -= take;
		if (*next == c->ranges || take < room)
			break;
		end = c->range[*next].to;
	}
	*count -= left;
	return end;
}

uint64_t cursor_drop(struct cursor *c, uint64_t seq, uint64_t count, uint64_t tail)
{
	unsigned at, next;
	uint64_t end;

	for (at = 0; at < c->ranges && c->range[at].from < seq; at++)
		;
	end = end_of(c, seq, at, &count, tail, &next);
	if (count == 0 || (next == at && c->ranges == CURSOR_RANGES))
		return 0;
	if (next > at)
		remove_ranges(c, at, next - at);
	memmove(c->range + at + 1, c->range + at, (c->ranges - at) * sizeof(c->range[0]));
	c->range[at] = (struct cursor_range){.from = seq, .to = end};
	c->ranges++;
	c->lost += count;
	return count;
}

int cursor_ack(struct cursor *c, uint64_t seq, uint64_t last)
{
	unsigned i;

	if (seq <= c->acked || seq > last)
		return E_RANGE;
	for (i = 0; i < c->ranges && c->range[i].from <= seq; i++)
		if (seq < c->range[i].to)
			return E_RANGE;
	remove_ranges(c, 0, i);
	c->acked = seq;
	return 0;
}

uint64_t cursor_needs(const struct cursor *c)
{
	const struct cursor_range *r = cursor_range_at(c, c->acked + 1);

	return r != NULL ? r->to + 1 : c->acked + 1;
}
