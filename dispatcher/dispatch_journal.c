/* SPDX-License-Identifier: ISC */
#include <inttypes.h>

#include "err.h"
#include "plugin.h"

/* The first event that somebody still needs. */
static uint64_t needed(const struct dispatch *d)
{
	uint64_t first = d->tail + 1, one;
	const struct plugin *p;

	LIST_FOREACH(p, &d->plugins, link) {
		one = (p->conf->direction & PLUGIN_OUT) != 0 ? cursor_needs(&p->cursor) : first;
		first = one < first ? one : first;
	}
	return first;
}

void journal_second(struct dispatch *d)
{
	uint64_t first = needed(d);
	int r;

	if (d->lock_busy || d->switching)
		return;
	if (d->synced < d->tail) {
		r = event_journal_sync(d->journal, d->synced + 1);
		if (r == 0)
			d->synced = d->tail;
		else
			dispatch_log(d, LOG_L_ERROR, "the journal of events: %s", err_text(r));
	}
	/* at the end they have gone one after the other, and need it when they are back */
	if (first == d->trimmed || !d->known || d->ending)
		return;
	r = event_journal_trim(d->journal, first);
	if (r < 0)
		dispatch_log(d, LOG_L_ERROR, "the journal of events: %s", err_text(r));
	d->trimmed = first;
}
