/* SPDX-License-Identifier: ISC */
#include "verify/hidden_runs.h"

#include <string.h>

#include "frame.h"

static const char none[] = "none";

/* Enter and other keys that show nothing are not what was typed in between. */
static int is_visible(const uint8_t *p, size_t len)
{
	for (; len > 0; p++, len--)
		if (*p > ' ' && *p != 0x7f)
			return 1;
	return 0;
}

static void add(struct hidden_runs *h, uint64_t n, int64_t chunk, uint64_t offset)
{
	int was_long = h->run > HIDDEN_RUN_BYTES;

	h->run += n; /* the chain bounds the sum */
	if (was_long || h->run <= HIDDEN_RUN_BYTES || h->by_policy || h->found == HIDDEN_RUNS_MAX)
		return;
	h->at[h->found].chunk = chunk;
	h->at[h->found++].offset = offset;
}

void hidden_runs_event(struct hidden_runs *h, const struct event *e, int64_t chunk,
    uint64_t offset)
{
	if (e->type == FRAME_META && e->kind == META_INPUT)
		h->by_policy = e->len == sizeof(none) - 1 && memcmp(e->data, none, e->len) == 0;
	else if (e->type == FRAME_INPUT && is_visible(e->data, e->len))
		h->run = 0;
	else if (e->type == FRAME_HIDDEN)
		add(h, e->value, chunk, offset);
}
