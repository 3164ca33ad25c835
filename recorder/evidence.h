/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EVIDENCE_H
#define SHELLAC_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Evidence before effect: which typed bytes the program may have now.  A read with
 * a line end in it waits until its seal is on disk, or until the patience is over;
 * whatever is typed behind it stays behind it.  One group of bytes waits at a time
 * and the next one is all that was typed meanwhile, so that a paste waits for a few
 * syncs and not for one a line.
 *
 * Bytes that were typed but may not be recorded before the program has answered them
 * are held elsewhere (hidden.h).  While there are any, what stands before the first
 * line end is let go, so that the program can answer, and half of the patience is
 * spent on that.
 *
 * After a time-out nothing waits any more until the collector has caught up with
 * the seal that was late; nothing waits for a collector that is not connected.
 *
 * It does no I/O and reads no clock.  Times are CLOCK_MONOTONIC ns.
 */
struct evidence {
	uint64_t patience_ns; /* 0: nothing ever waits */
	size_t queued;        /* typed and not let go yet, the group's among them */
	size_t group;         /* the first so many wait for their seal; 0: none do */
	uint64_t frame;       /* the group's seal is the frame before this one */
	uint64_t typed_ns;    /* when the group's first line end was typed */
	uint64_t late;        /* frame of the seal that was late, 0: none is */
	int lines;            /* a line end is among those behind the group */
	uint64_t line_ns;     /* when the first of these was typed */
	size_t ahead;         /* of those behind the group, bytes before that line end */
};

enum evidence_step {
	EVIDENCE_WAIT, /* nothing to do now */
	EVIDENCE_ASK,  /* let evidence_ahead() bytes go */
	EVIDENCE_SEAL, /* seal all that was typed, then evidence_sealed() */
	EVIDENCE_GO,   /* let evidence_take() bytes go */
	EVIDENCE_LATE, /* likewise, but record first that no ack was there */
};

void evidence_init(struct evidence *e, unsigned patience_ms);

/* len bytes were typed and recorded as far as they can be. */
void evidence_typed(struct evidence *e, uint64_t now_ns, const uint8_t *p, size_t len);

/* What is to be done next; call again until it says EVIDENCE_WAIT.  All frames
 * before acked are on disk; connected: the collector is there to say so.  held: so
 * many typed bytes are not recorded yet. */
enum evidence_step evidence_next(struct evidence *e, uint64_t now_ns, uint64_t acked,
    int connected, size_t held);

/* All that was typed is sealed; the seal is the frame before this one. */
void evidence_sealed(struct evidence *e, uint64_t frame);

/* How many bytes may go; they are the first that have not gone yet. */
size_t evidence_take(struct evidence *e);
size_t evidence_ahead(struct evidence *e);

/* When evidence_next() has something new to say even without an ack; 0: never. */
uint64_t evidence_deadline(const struct evidence *e);

/* The bytes are gone with their terminal. */
void evidence_drop(struct evidence *e);

#endif
