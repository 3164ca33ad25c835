/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REEL_H
#define SHELLAC_REEL_H

#include <stdint.h>

#include "replay/head.h"

/*
 * A session that can be wound both ways.  Only what was verified is on its screen; what is
 * shown twice is checked twice.  A second head, the scout, reads on ahead when there is
 * time, so that every place can be gone to at once.
 */
struct reel {
	struct seen seen;
	struct keyframes keys;
	struct screen *screen; /* of both heads, in turn: shots are of one screen only */
	struct screen_shot *parked; /* the scout's, while the front has it; NULL: none yet */
	struct head front;  /* what is shown */
	struct head scout;
	int scouted;        /* it met the end, as that was then */
};

/* fd stays the caller's.  0, -ENOMEM, or -errno of a failed read; release it either way. */
int reel_open(struct reel *r, int fd);
void reel_release(struct reel *r);

/* Reads ahead for about so many nanoseconds.  1 while there is more, 0 at the end, or
 * -errno. */
int reel_scout(struct reel *r, uint64_t ns);

/* How far it can be gone to at once: a time in the session. */
uint64_t reel_known(const struct reel *r);

/* Goes to a time: all events up to and with it are on the screen.  From the nearest key
 * frame, so that it takes as long as reading what is between.  0; -errno or -ENOMEM. */
int reel_seek(struct reel *r, uint64_t at_ns);

/* The time in the session, behind the keyframes' last before it, at which this wall clock
 * was reached first, or a chunk began; that of the end where it is behind it.  Moves the
 * front there.  0; -errno or -ENOMEM. */
int reel_seek_wall(struct reel *r, int64_t wall_ns);
int reel_seek_chunk(struct reel *r, uint64_t chunk);

/* The session may have grown: where no chunk was, one can be. */
void reel_again(struct reel *r);

#endif
