/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SEALER_H
#define SHELLAC_SEALER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "event.h"
#include "frame.h"
#include "hash.h"
#include "seal.h"

/* Pieces that may wait for sealer_pay(). */
#define SEALER_OWED 48

/*
 * The writing side of a session's chain: numbers frames, hashes payloads, signs
 * seals, moves the keys on.  It does no I/O and reads no clock.  Every function
 * that returns a frame gives exactly the bytes that must go to the FIFO next.
 * sodium_init() is the program's job, before sealer_init().  Calls out of their
 * order (an event outside a chunk, anything after END) end the program.
 */
struct sealer {
	uint8_t sk[SK_SIZE];      /* of the open chunk; wiped when it has signed */
	uint8_t pk[PK_SIZE];
	uint8_t next_sk[SK_SIZE], next_pk[PK_SIZE]; /* of the chunk after it */
	int prepared;             /* there is a next pair */
	uint8_t id[ID_SIZE];
	uint8_t prev[HASH_SIZE];
	uint64_t frame;           /* number of the next frame */
	uint64_t chunk;           /* number of the open or next chunk */
	uint32_t payload_len, payload_frames; /* of the open chunk; 0: none open */
	uint64_t elapsed_ns;
	uint64_t out_bytes, in_bytes, hidden_bytes, lost_bytes;
	struct hash hash;
	struct iovec owed[SEALER_OWED]; /* not yet in hash, in order */
	unsigned owes;
	int ended;
};

/* Random id and first key pair. */
void sealer_init(struct sealer *s);

/* Wipes everything. */
void sealer_wipe(struct sealer *s);

/* Writes frame 0 from the body of CERT (len bytes) to p (room for FRAME_MAX).
 * Returns the frame's size. */
size_t sealer_cert(struct sealer *s, uint8_t *p, const uint8_t *body, size_t len);

/* Instead of it, where nobody collects yet: the session begins with frame 1, and
 * frame 0 is the collector's to add.  prev of chunk 0 is then seal_late_prev(). */
void sealer_late(struct sealer *s);

/* Would an event with len bytes of data still fit into the open chunk?  0 when
 * none is open. */
int sealer_fits(const struct sealer *s, size_t len);

/* Opens a chunk: BEGIN with a new salt.  dt is ns since the event before; in the
 * first of the session it is written as 0.  Returns the frame's size at p. */
size_t sealer_begin(struct sealer *s, uint8_t *p, uint64_t dt, const struct window *w);

/* Adds an event other than BEGIN to the open chunk: header and body without the
 * data go to p (room for FRAME_MAX), the data is taken from e->data and must be
 * written right behind; it must fit (sealer_fits).  Returns the bytes at p. */
size_t sealer_event(struct sealer *s, uint8_t *p, const struct event *e);

/* The same, but what is at p and e->data is hashed only by sealer_pay(), which must
 * come before either changes: so that the bytes can be on their way first. */
size_t sealer_event_owed(struct sealer *s, uint8_t *p, const struct event *e);

/* Hashes what is owed.  Whatever else needs the hash calls it itself. */
void sealer_pay(struct sealer *s);

/* Makes the key pair of the chunk after the open one, where there is none yet and
 * the session has not ended; the next SEAL, which otherwise does it, is ready so
 * much sooner.  For when there is time. */
void sealer_prepare(struct sealer *s);

/* Closes the open chunk: SEAL at p (room for FRAME_MAX), keys moved on, the
 * used secret key wiped.  Chunk 0, and only that, is of kind START; a HEARTBEAT
 * holds BEGIN alone.  status is taken in END, reason in END and GAP.  lost: bytes
 * that this GAP adds, else 0.  Returns the frame's size. */
struct sealer_end {
	uint8_t kind;
	uint16_t flags;
	uint32_t status, reason;
	uint64_t lost;
	int64_t wall_ns;
	uint64_t boot_ns;
};
size_t sealer_seal(struct sealer *s, uint8_t *p, const struct sealer_end *end);

#endif
