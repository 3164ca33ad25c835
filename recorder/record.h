/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_RECORD_H
#define SHELLAC_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "event.h"
#include "sealer.h"
#include "spool.h"

/* Most bytes of one record_output(). */
#define RECORD_OUTPUT_MAX 65536

#define RECORD_RESERVE 32768

/* So many HEARTBEATs come half a minute apart, those behind them a minute. */
#define RECORD_HEARTBEATS_SOON 10

/* a full read becomes so many frames, with a seal and a BEGIN twice among them */
#define RECORD_PIECES_MAX (RECORD_OUTPUT_MAX / EVENT_DATA_MAX + 2)
/* header of one event; SEAL and BEGIN before it */
#define RECORD_HEAD_MAX 64
#define RECORD_TURN_MAX (FRAME_HEADER + SEAL_SIZE + RECORD_HEAD_MAX)

/* One write in the making: headers here, data where it is. */
struct record_batch {
	struct iovec iov[1 + 2 * RECORD_PIECES_MAX];
	int n;
	uint8_t head[RECORD_PIECES_MAX * RECORD_HEAD_MAX + 4 * RECORD_TURN_MAX];
	size_t head_len;
};

/*
 * Events of a session, made frames, on their way into its FIFO.  The times given
 * are CLOCK_MONOTONIC ns and never go back.  A chunk is opened by the first event
 * after a seal.
 *
 * Whatever the FIFO does not take at once stays in a queue, and nothing may
 * have its effect before record_flush() returned 0.  Functions that write return
 * 0 (all is in the FIFO), 1 (something is queued: wait for POLLOUT) or -errno.
 *
 * A spool takes the FIFO's place between record_to_spool() and record_to_fifo().
 * What it has no room for waits in the queue, or with may_lose is dropped and
 * becomes a GAP; its last RECORD_RESERVE bytes are for the end.
 */
struct record {
	struct sealer sealer;
	int fifo;                /* -1: none yet; the caller's */
	struct window window;    /* at the start of the next chunk */
	uint64_t last_ns;        /* time of the last event */
	uint64_t open_ns;        /* when the open chunk was opened */
	uint64_t sealed_ns;      /* when the last one was sealed */
	unsigned heartbeats;     /* that many, one after the other, were the last */
	struct spool *spool;     /* written instead of the FIFO; NULL */
	int may_lose;            /* what the spool has no room for is only counted */
	uint64_t lost;           /* so many bytes since the last GAP; nothing is queued then */
	int last;                /* END is queued: the reserve is for it */
	uint8_t *queue;
	size_t queue_len, queue_pos, queue_size;
	struct record_batch batch;
};

/* 0 or -errno: no memory, no randomness.  Keys are locked in memory where that is
 * allowed. */
int record_init(struct record *r, uint64_t now_ns);
void record_release(struct record *r);

/* sealer_prepare(): while others are waited for. */
void record_prepare(struct record *r);

int record_pending(const struct record *r);
int record_is_open(const struct record *r);
/* When a HEARTBEAT is due, CLOCK_MONOTONIC ns; 0: none is, a chunk is open or bytes are lost. */
uint64_t record_heartbeat_ns(const struct record *r);

/* Begins without frame 0, before anything else: sealer_late(). */
void record_late(struct record *r);

/* Frame 0; body as the collector sent it. */
void record_cert(struct record *r, const uint8_t *body, size_t len);

/* len 1 to RECORD_OUTPUT_MAX.  Writes, the data uncopied as long as there is room;
 * it must stay as it is until record_pay(), which hashes it: the bytes go on first. */
int record_output(struct record *r, uint64_t now_ns, const uint8_t *p, size_t len);
void record_pay(struct record *r);

/* These only queue. */
void record_input(struct record *r, uint64_t now_ns, uint64_t age_ns, const uint8_t *p, size_t len);
void record_hidden(struct record *r, uint64_t now_ns, uint64_t age_ns, uint64_t n);
void record_window(struct record *r, uint64_t now_ns, const struct window *w);
void record_signal(struct record *r, uint64_t now_ns, int sig);
void record_mark(struct record *r, uint64_t now_ns, enum event_mark kind, uint64_t value);

/* A META; what does not fit is left out, a second META says how many units (of
 * unit bytes each) that were. */
void record_meta(struct record *r, uint64_t now_ns, uint8_t key, const uint8_t *p, size_t len,
    size_t unit);

/* Seals what is open; GAP only where something was lost, and then nothing but GAP and
 * END seals; for HEARTBEAT and END a chunk is opened first where none
 * is.  status and reason are END's. */
void record_seal(struct record *r, uint64_t now_ns, uint8_t kind, uint16_t flags, uint32_t status,
    uint32_t reason);

int record_flush(struct record *r);
/* The same into the spool, between record.c and record_spool.c. */
int record_flush_spool(struct record *r);

/* Turns to s, which then begins with what the FIFO holds, followed by the queue.  0,
 * or -errno: then nothing has changed. */
int record_to_spool(struct record *r, struct spool *s);

/* Turns back to the FIFO, which must be empty: the collector has all of the spool.
 * As record_flush(). */
int record_to_fifo(struct record *r, uint64_t now_ns);

#endif
