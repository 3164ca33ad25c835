/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_HIDDEN_RUNS_H
#define SHELLAC_HIDDEN_RUNS_H

#include <stdint.h>

#include "event.h"

/*
 * Looks for typing that hides in what is meant for passwords, as of a shell
 * below "stty -echo": more than HIDDEN_RUN_BYTES typed with nothing visible kept
 * in between.  Not where the policy keeps no typed byte at all.
 */
#define HIDDEN_RUN_BYTES 256
#define HIDDEN_RUNS_MAX 8

/* All zero at the start of a session. */
struct hidden_runs {
	int by_policy;
	uint64_t run;   /* bytes of the current one */
	unsigned found; /* at most HIDDEN_RUNS_MAX: further ones are not kept */
	struct {
		int64_t chunk;
		uint64_t offset;
	} at[HIDDEN_RUNS_MAX]; /* of the event that made it too long */
};

/* The session's next event, of the chunk, at the offset in its file. */
void hidden_runs_event(struct hidden_runs *h, const struct event *e, int64_t chunk,
    uint64_t offset);

#endif
