/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_STUDY_H
#define SHELLAC_STUDY_H

#include <stdint.h>

#include "replay/chunks.h"

/* All events of a session from its begin on, handed to somebody bit by bit while something
 * else goes on. */
struct study {
	struct chunks *in;
	shown_fn *take;
	void *arg;
	int done;
};

/* fd, seen and arg stay the caller's.  0, -ENOMEM or -errno; release it either way. */
int study_open(struct study *s, int fd, struct seen *seen, shown_fn *take, void *arg);
void study_release(struct study *s);

/* Goes on for about so many nanoseconds.  1 while there is more; 0 when all was taken;
 * negative: -errno, or what take returned. */
int study_work(struct study *s, uint64_t ns);

/* How far it is: ns in the session. */
uint64_t study_at(const struct study *s);

#endif
