/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_EVENTS_QUEUE_H
#define SHELLAC_PROCESS_EVENTS_QUEUE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "process_events.h"

/*
 * Events on their way from the thread to the loop, in chunks of memory.  The caller
 * holds a lock where it says so; what was taken belongs to the taker.
 */
struct event_chunk;
TAILQ_HEAD(event_chunks, event_chunk);

struct event_queue {
	struct event_chunks chunks; /* still to be taken */
	struct event_chunk *spare;
	size_t bytes, max, high;    /* of memory, those taken and not freed included */
	uint64_t waiting;           /* events */
	uint64_t dropped;           /* since the last that had room */
};

void event_queue_init(struct event_queue *q, size_t max);
/* Frees all but what was taken. */
void event_queue_release(struct event_queue *q);

/* Copies e and its text; what has no room becomes a LOSS before the next that has.  1
 * where it was the first without room.  Locked. */
int event_queue_put(struct event_queue *q, const struct pevent *e);

/* Moves all chunks to the end of mine.  Locked. */
void event_queue_take(struct event_queue *q, struct event_chunks *mine);

/* The next event of mine into *e, its text within the chunk: 1, or 0 where there is none;
 * a chunk that is done with goes to *done for event_queue_free().  Not locked. */
int event_chunks_next(struct event_chunks *mine, struct event_chunks *done, struct pevent *e);

/* Frees them.  taken: so many events were, since the last call.  Locked. */
void event_queue_free(struct event_queue *q, struct event_chunks *done, uint64_t taken);

#endif
