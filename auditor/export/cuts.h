/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EXPORT_CUTS_H
#define SHELLAC_EXPORT_CUTS_H

#include "export/events.h"

/* Where an export leaves out a part of a pause, to tell its times from the session's. */
struct cut {
	uint64_t session_ns, at_ns; /* where it begins */
	uint64_t skipped_ns;
};

struct cuts {
	struct cut *cut;
	size_t cuts, room;
	const struct export_source *source;
	struct export_clock clock;
};

/* 0 or negative; release it either way. */
int cuts_read(struct cuts *c, const struct export_source *s);
void cuts_release(struct cuts *c);

/* A time of the session that is in the export, as a time of that. */
uint64_t cuts_at(const struct cuts *c, uint64_t session_ns);

#endif
