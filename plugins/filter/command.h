/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_COMMAND_H
#define SHELLAC_COMMAND_H

#include <stdint.h>

#include "../feed.h"

/* Runs a command for each event that passes: the event is its standard input, what it says
 * goes to the log, and its exit status, where that is not 0, is said. */
struct command {
	char *const *argv;   /* without a shell; argv[0] is its path */
	unsigned timeout_s;  /* then it is killed, with its process group */
	unsigned a_minute;   /* times; what comes beyond is left out, counted and said */
	uint64_t minute_ns;  /* when this one began, CLOCK_MONOTONIC */
	unsigned runs, left_out; /* in it */
};

/* Waits until it has ended.  0: it ran, or was left out; -ECANCELED: the feed was over first;
 * or -errno: it could not be started. */
int command_run(struct command *c, struct feed *f, const struct feed_event *e);

/* Says what was left out since the last minute. */
void command_end(struct command *c);

#endif
