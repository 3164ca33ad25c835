/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_NOTICE_SEEN_H
#define SHELLAC_NOTICE_SEEN_H

#include <stdint.h>

#include "cert.h"
#include "event.h"
#include "hash.h"

/* Takes the notice that a user saw out of a session's first chunk: its OUTPUT,
 * every CR LF an LF.  All zero at the start. */
struct notice_seen {
	struct hash hash;
	int begun, cr;       /* a CR came last */
	uint64_t offset;     /* of the first event */
};

/* The session's next event, of the chunk, at the offset in its file. */
void notice_seen_event(struct notice_seen *n, const struct event *e, uint64_t chunk,
    uint64_t offset);

/* 1 where the certificate names another text than the one that was shown. */
int notice_seen_differs(const struct notice_seen *n, const struct cert *c);

#endif
