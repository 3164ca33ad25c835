/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_KEYFRAMES_H
#define SHELLAC_KEYFRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "screen/screen.h"
#include "session_file.h"

/*
 * Places in a session that can be gone to at once: the border between two chunks with the
 * screen as it was there.  They thin out where their screens would take too much memory.
 */
#define KEYFRAMES_STEP 1048576u      /* bytes of the stream between two, at first */
#define KEYFRAMES_ROOM (64u << 20)   /* bytes that all screens may take */

struct keyframe {
	struct session_mark mark;
	uint64_t at_ns;   /* time in the session of the last event before it */
	int64_t wall_ns;  /* wall clock at that time */
	struct screen_shot *shot;
};

struct keyframes {
	struct keyframe *frame; /* in order */
	size_t frames, room;
	uint64_t step;
	size_t bytes, bytes_max;
};

/* None yet. */
void keyframes_init(struct keyframes *k);
void keyframes_release(struct keyframes *k);

/* A reader is at this border and has this screen.  Kept where the last one is far enough
 * away; without memory it is not. */
void keyframes_offer(struct keyframes *k, const struct session_mark *m, int64_t wall_ns,
    const struct screen *s);

/* The last one at or before a time in the session, a wall clock, a chunk; the first one
 * where none is; NULL where there are none at all. */
const struct keyframe *keyframes_by_time(const struct keyframes *k, uint64_t at_ns);
const struct keyframe *keyframes_by_wall(const struct keyframes *k, int64_t wall_ns);
const struct keyframe *keyframes_by_chunk(const struct keyframes *k, uint64_t chunk);
const struct keyframe *keyframes_last(const struct keyframes *k);

#endif
