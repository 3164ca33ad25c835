/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REPLAY_FILTER_H
#define SHELLAC_REPLAY_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "output/sink.h"
#include "output/vt.h"

/*
 * What a recording may do to the terminal that plays it, by allow-list: text, SGR,
 * cursor movement, erase, insert and delete, scrolling and its region, the
 * alternate screen, cursor visibility, autowrap, line drawing characters.
 * Everything else is dropped: titles, clipboards, palettes, queries and whatever
 * else makes a terminal answer, modes, keys, printing, window operations.
 * Sequences are written anew from what was understood, never copied.
 */
struct replay_filter {
	struct vt vt;
	struct sink *out;
	unsigned changed; /* what has to be put back: REPLAY_ bits */
};

#define REPLAY_ALTERNATE 0x01u /* left with 1049 */
#define REPLAY_ALTERNATE_OLD 0x02u /* left with 1047 */
#define REPLAY_REGION 0x04u
#define REPLAY_MODES 0x08u

/* out stays the caller's. */
void replay_filter_init(struct replay_filter *f, struct sink *out);
void replay_filter_put(struct replay_filter *f, const uint8_t *p, size_t len);
/* The end of the output: puts back what the recording changed. */
void replay_filter_end(struct replay_filter *f);

#endif
