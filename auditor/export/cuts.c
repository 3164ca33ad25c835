/* SPDX-License-Identifier: ISC */
#include "export/cuts.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"

static int note(struct cuts *c, uint64_t session_ns)
{
	const uint64_t last = c->clock.last_ns, now = c->clock.now_ns, idle = c->clock.idle_ns;
	int r;

	export_clock_at(&c->clock, session_ns);
	if (session_ns < last || session_ns - last <= idle)
		return 0;
	if ((r = array_room(&c->cut, c->cuts, &c->room, sizeof *c->cut)) != 0)
		return r;
	c->cut[c->cuts++] = (struct cut){ .session_ns = last + idle, .at_ns = now + idle,
		.skipped_ns = session_ns - last - idle };
	return 0;
}

static int take(void *arg, const struct export_event *x)
{
	return note(arg, x->session_ns);
}

int cuts_read(struct cuts *c, const struct export_source *s)
{
	uint64_t end = s->verdict.chain.elapsed_ns;
	int r = 0;

	memset(c, 0, sizeof *c);
	c->source = s;
	c->clock = (struct export_clock){ .last_ns = s->ask.from_ns, .idle_ns = s->ask.idle_ns };
	if (s->ask.idle_ns == UINT64_MAX)
		return 0;
	r = export_events(s, take, c);
	return r != 0 ? r : note(c, end < s->ask.until_ns ? end : s->ask.until_ns);
}

void cuts_release(struct cuts *c)
{
	free(c->cut);
	c->cut = NULL;
}

uint64_t cuts_at(const struct cuts *c, uint64_t session_ns)
{
	size_t low = 0, high = c->cuts;
	const struct cut *k;

	while (low < high) { /* the first that begins behind it */
		size_t mid = low + (high - low) / 2;

		if (c->cut[mid].session_ns > session_ns)
			high = mid;
		else
			low = mid + 1;
	}
	if (low == 0)
		return session_ns > c->source->ask.from_ns ? session_ns - c->source->ask.from_ns : 0;
	k = &c->cut[low - 1];
	if (session_ns - k->session_ns < k->skipped_ns)
		return k->at_ns;
	return k->at_ns + (session_ns - k->session_ns - k->skipped_ns);
}
