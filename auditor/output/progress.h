/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROGRESS_H
#define SHELLAC_PROGRESS_H

#include <stdint.h>

/* "judging sessions: 40 %" on stderr, where that is a terminal and it takes over half a
 * second. */
struct progress {
	const char *what; /* stays the caller's */
	uint64_t begun_ns;
	int said;         /* percent, -1 nothing yet */
};

void progress_begin(struct progress *p, const char *what);
/* So much of all is done. */
void progress_at(struct progress *p, uint64_t done, uint64_t all);
/* Wipes the line away. */
void progress_end(struct progress *p);

#endif
