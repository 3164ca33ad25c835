/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_HEAD_H
#define SHELLAC_HEAD_H

#include <stdint.h>

#include "replay/chunks.h"
#include "replay/keyframes.h"
#include "screen/screen.h"

/*
 * A reading head: a place in a session, the screen as it was there, and what comes next.
 */
#define HEAD_ROWS 24 /* of a window whose size is not known */
#define HEAD_COLS 80

struct head {
	struct chunks *in;
	struct screen *screen;   /* the reel's */
	struct keyframes *keys;  /* filled by whoever gets further first */
	struct shown_event next; /* if have */
	int have;
	size_t part;             /* bytes of its output that are on the screen already */
	uint64_t at_ns;          /* of the last event that is on the screen */
	int64_t chunk;           /* and its chunk; -1: none yet */
	int sealed;
};

/* At the beginning, with a new screen.  0, -ENOMEM or as chunks_open(), which is no error
 * for a head whose file is damaged: in->error tells.  Release it either way. */
int head_open(struct head *h, int fd, struct seen *seen, struct keyframes *keys,
    struct screen *screen);
void head_release(struct head *h);

/* What comes next: 1 and h->next; 0 where there is no more, for now; -errno. */
int head_peek(struct head *h);

/* Puts h->next on the screen: after head_peek() gave 1. */
void head_take(struct head *h);

/* Puts the next line of its output there, or what is left of it: 1 while there is more of
 * it, 0 when it was taken. */
int head_step(struct head *h);

/* Takes all of the chunk that is next.  As head_peek(). */
int head_chunk(struct head *h);

/* Goes to a key frame, which was taken of the same screen.  0 or -ENOMEM; then it is where it
 * was. */
int head_go(struct head *h, const struct keyframe *k);

#endif
