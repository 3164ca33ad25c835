/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PATIENCE_H
#define SHELLAC_PATIENCE_H

#include <stdint.h>

#include "../feed.h"

/* How long this process may wait for a daemon: until what it holds is too old, and after
 * SIGTERM for less than the time that the dispatcher leaves it. */
struct patience {
	struct feed *feed;
	uint64_t until_ns;   /* clock_mono(); 0 for ever */
	uint64_t stopped_ns; /* when the stop was first seen; 0 not yet */
};

#define PATIENCE_STOPPED_MS 1500

/* Waits at most ms for events of fd (-1: only waits), and notices SIGTERM.  The events that
 * came or 0; -ETIMEDOUT when until_ns has passed, -ECANCELED when there is no time left after
 * SIGTERM, or -errno. */
int patience_wait(struct patience *p, int fd, short events, int ms);

#endif
