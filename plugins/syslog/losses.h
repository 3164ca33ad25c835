/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LOSSES_H
#define SHELLAC_LOSSES_H

#include "../feed.h"

/* Events that were dropped and what tells of them: an event "events-lost" of this plugin. */
struct losses {
	uint64_t count, from, to; /* not told yet; the numbers of the first and the last */
	json_t *host;             /* as the last event had it, or NULL */
};

void losses_release(struct losses *l);

/* Keeps where events come from. */
void losses_origin(struct losses *l, const json_t *event);

/* count were dropped, numbered from first to last. */
void losses_add(struct losses *l, uint64_t count, uint64_t first, uint64_t last);

/* That many of them have been told. */
void losses_told(struct losses *l, uint64_t count);

/* Makes the event, which is for losses_event_release().  0 or -ENOMEM. */
int losses_event(const struct losses *l, struct feed_event *e);
void losses_event_release(struct feed_event *e);

#endif
