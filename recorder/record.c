/* SPDX-License-Identifier: ISC */
#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

#define SMALL_MAX 512
#define AROUND_MAX 4096 /* headers and seals of one record_output() */
#define SOON_NS (UINT64_C(30) * 1000000000)
#define LATER_NS (2 * SOON_NS)
#define QUEUE_FIRST 65536 /* who has no memory for that is told so before anything runs */

int record_init(struct record *r, uint64_t now_ns)
{
	memset(r, 0, sizeof(*r));
	r->fifo = -1;
	r->last_ns = r->sealed_ns = now_ns;
	if (sodium_init() < 0)
		return -ENOSYS;
	r->queue = malloc(QUEUE_FIRST);
	if (r->queue == NULL)
		return -ENOMEM;
	r->queue_size = QUEUE_FIRST;
	sodium_mlock(&r->sealer, sizeof(r->sealer));
	sealer_init(&r->sealer);
	return 0;
}

void record_release(struct record *r)
{
	sealer_wipe(&r->sealer);
	sodium_munlock(&r->sealer, sizeof(r->sealer));
	free(r->queue);
	r->queue = NULL;
	r->queue_len = r->queue_pos = r->queue_size = 0;
}

void record_prepare(struct record *r)
{
	sealer_prepare(&r->sealer);
}

void record_pay(struct record *r)
{
	sealer_pay(&r->sealer);
}

int record_pending(const struct record *r)
{
	return r->queue_pos < r->queue_len;
}

int record_is_open(const struct record *r)
{
	return r->sealer.payload_frames > 0;
}

uint64_t record_heartbeat_ns(const struct record *r)
{
	if (record_is_open(r) || r->lost > 0)
		return 0;
	return r->sealed_ns + (r->heartbeats < RECORD_HEARTBEATS_SOON ? SOON_NS : LATER_NS);
}

/* Room for len more bytes at the queue's end.  Without memory a session can
 * neither be recorded nor go on unrecorded. */
static uint8_t *queue_room(struct record *r, size_t len)
{
	uint8_t *q;

	if (r->queue_pos == r->queue_len)
		r->queue_pos = r->queue_len = 0;
	if (r->queue_len + len > r->queue_size) {
		q = realloc(r->queue, (r->queue_len + len) * 2);
		if (q == NULL)
			abort();
		r->queue = q;
		r->queue_size = (r->queue_len + len) * 2;
	}
	return r->queue + r->queue_len;
}

static void queue_add(struct record *r, const void *p, size_t len)
{
	memcpy(queue_room(r, len), p, len);
	r->queue_len += len;
}

static uint64_t take_dt(struct record *r, uint64_t now_ns)
{
	uint64_t dt = now_ns > r->last_ns ? now_ns - r->last_ns : 0;

	r->last_ns += dt;
	return dt;
}

/* Writes to p what must stand before an event with len bytes of data: a SEAL
 * where the open chunk is too full, a BEGIN where none is open. */
static size_t turn(struct record *r, uint8_t *p, uint64_t now_ns, size_t len)
{
	struct sealer_end end = { .kind = SEAL_DATA };
	size_t n = 0;

	if (record_is_open(r) && !sealer_fits(&r->sealer, len)) {
		end.wall_ns = clock_wall();
		end.boot_ns = clock_boot();
		n = sealer_seal(&r->sealer, p, &end);
	}
	if (!record_is_open(r)) {
		n += sealer_begin(&r->sealer, p + n, take_dt(r, now_ns), &r->window);
		r->open_ns = now_ns;
	}
	return n;
}

static void add_event(struct record *r, uint64_t now_ns, struct event *e)
{
	uint8_t *p = queue_room(r, 3 * FRAME_MAX + e->len);
	size_t n = turn(r, p, now_ns, e->len);

	e->dt = take_dt(r, now_ns);
	n += sealer_event(&r->sealer, p + n, e);
	if (e->len > 0)
		memcpy(p + n, e->data, e->len);
	r->queue_len += n + e->len;
}

/* Seals what is open, or a chunk of its own, as the one that says what was lost. */
static void seal_gap(struct record *r, uint64_t now_ns)
{
	struct sealer_end end = {
		.kind = SEAL_GAP, .reason = GAP_NO_ROOM, .lost = r->lost,
		.wall_ns = clock_wall(), .boot_ns = clock_boot(),
	};
	uint8_t *p = queue_room(r, RECORD_TURN_MAX + FRAME_MAX);
	size_t n = turn(r, p, now_ns, 0);

	n += sealer_seal(&r->sealer, p + n, &end);
	r->queue_len += n;
	r->sealed_ns = now_ns;
	r->lost = 0;
}

/* 1: there is no room for an event of len bytes, which is counted instead; one
 * without bytes counts as one.  What came before the first of them is sealed. */
static int is_lost(struct record *r, uint64_t now_ns, uint64_t len)
{
	const uint64_t pending = r->queue_len - r->queue_pos;

	if (r->spool == NULL || !r->may_lose)
		return 0;
	if (r->lost == 0) {
		if (spool_room(r->spool) >= RECORD_RESERVE + pending + AROUND_MAX + len)
			return 0;
		if (record_is_open(r))
			record_seal(r, now_ns, SEAL_DATA, 0, 0, 0);
		r->last = 1;
		record_flush(r);
		r->last = 0;
	}
	r->lost += len > 0 ? len : 1;
	return 1;
}

void record_late(struct record *r)
{
	sealer_late(&r->sealer);
}

void record_cert(struct record *r, const uint8_t *body, size_t len)
{
	uint8_t *p = queue_room(r, FRAME_MAX);

	r->queue_len += sealer_cert(&r->sealer, p, body, len);
}

void record_input(struct record *r, uint64_t now_ns, uint64_t age_ns, const uint8_t *p, size_t len)
{
	struct event e = { .type = FRAME_INPUT, .age = age_ns };
	size_t n;

	if (is_lost(r, now_ns, len))
		return;
	for (; len > 0; p += n, len -= n) {
		n = len < EVENT_DATA_MAX ? len : EVENT_DATA_MAX;
		e.data = p;
		e.len = n;
		add_event(r, now_ns, &e);
	}
}

void record_hidden(struct record *r, uint64_t now_ns, uint64_t age_ns, uint64_t n)
{
	struct event e = { .type = FRAME_HIDDEN, .age = age_ns, .value = n };

	if (!is_lost(r, now_ns, n))
		add_event(r, now_ns, &e);
}

void record_window(struct record *r, uint64_t now_ns, const struct window *w)
{
	struct event e = { .type = FRAME_WINDOW, .window = *w };

	if (!is_lost(r, now_ns, 0))
		add_event(r, now_ns, &e);
	r->window = *w;
}

void record_signal(struct record *r, uint64_t now_ns, int sig)
{
	struct event e = { .type = FRAME_SIGNAL, .kind = (uint8_t)sig };

	if (!is_lost(r, now_ns, 0))
		add_event(r, now_ns, &e);
}

void record_mark(struct record *r, uint64_t now_ns, enum event_mark kind, uint64_t value)
{
	struct event e = { .type = FRAME_MARK, .kind = (uint8_t)kind, .value = value };

	if (!is_lost(r, now_ns, 0))
		add_event(r, now_ns, &e);
}

void record_meta(struct record *r, uint64_t now_ns, uint8_t key, const uint8_t *p, size_t len,
    size_t unit)
{
	size_t kept = len <= EVENT_DATA_MAX ? len : EVENT_DATA_MAX / unit * unit;
	struct event e = { .type = FRAME_META, .kind = key, .data = p, .len = kept };
	char digits[24];

	add_event(r, now_ns, &e);
	if (kept == len)
		return;
	e.kind = META_CUT;
	e.len = (size_t)snprintf(digits, sizeof(digits), "%zu", (len - kept) / unit);
	e.data = (const uint8_t *)digits;
	add_event(r, now_ns, &e);
}

void record_seal(struct record *r, uint64_t now_ns, uint8_t kind, uint16_t flags, uint32_t status,
    uint32_t reason)
{
	struct sealer_end end = {
		.kind = kind, .flags = flags, .status = status, .reason = reason,
		.wall_ns = clock_wall(), .boot_ns = clock_boot(),
	};
	uint8_t *p;
	size_t n;

	if (r->lost > 0 && (kind == SEAL_GAP || kind == SEAL_END))
		seal_gap(r, now_ns);
	/* while bytes are lost there is no open chunk: is_lost() sealed it, and what came
	 * since belongs into the GAP that is still to come */
	if (r->lost > 0 || kind == SEAL_GAP)
		return;
	r->last |= kind == SEAL_END;
	p = queue_room(r, RECORD_TURN_MAX + FRAME_MAX);
	n = turn(r, p, now_ns, 0);
	n += sealer_seal(&r->sealer, p + n, &end);
	r->queue_len += n;
	r->sealed_ns = now_ns;
	r->heartbeats = kind == SEAL_HEARTBEAT ? r->heartbeats + 1 : 0;
}

/* What a write of these left over goes to the queue. */
static void keep_rest(struct record *r, const struct record_batch *b, int from, size_t written)
{
	int i;

	for (i = from; i < b->n; i++) {
		if (written >= b->iov[i].iov_len) {
			written -= b->iov[i].iov_len;
			continue;
		}
		queue_add(r, (const uint8_t *)b->iov[i].iov_base + written,
		    b->iov[i].iov_len - written);
		written = 0;
	}
}

static void batch_add(struct record_batch *b, const void *p, size_t len)
{
	if (len == 0)
		return;
	/* writev(2) reads only */
	b->iov[b->n].iov_base = (void *)(uintptr_t)p;
	b->iov[b->n++].iov_len = len;
}

static void batch_output(struct record *r, struct record_batch *b, uint64_t now_ns, const uint8_t *p,
    size_t len)
{
	struct event e = { .type = FRAME_OUTPUT };
	uint8_t *head;
	size_t n;

	for (; len > 0; p += e.len, len -= e.len) {
		e.data = p;
		e.len = len < EVENT_DATA_MAX ? len : EVENT_DATA_MAX;
		head = b->head + b->head_len;
		n = turn(r, head, now_ns, e.len);
		e.dt = take_dt(r, now_ns);
		n += sealer_event_owed(&r->sealer, head + n, &e);
		b->head_len += n;
		batch_add(b, head, n);
		batch_add(b, p, e.len);
	}
}

int record_flush(struct record *r)
{
	ssize_t w;

	if (r->spool != NULL)
		return record_pending(r) ? record_flush_spool(r) : 0;
	while (record_pending(r)) {
		w = write(r->fifo, r->queue + r->queue_pos, r->queue_len - r->queue_pos);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return errno == EAGAIN ? 1 : -errno;
		r->queue_pos += (size_t)w;
	}
	return 0;
}

/* A write of few bytes is not worth a vector; the spool takes none. */
static int output_queued(struct record *r, uint64_t now_ns, const uint8_t *p, size_t len)
{
	struct event e = { .type = FRAME_OUTPUT };

	if (is_lost(r, now_ns, len))
		return record_flush(r);
	for (; len > 0; p += e.len, len -= e.len) {
		e.data = p;
		e.len = len < EVENT_DATA_MAX ? len : EVENT_DATA_MAX;
		add_event(r, now_ns, &e);
	}
	return record_flush(r);
}

int record_output(struct record *r, uint64_t now_ns, const uint8_t *p, size_t len)
{
	struct record_batch *b = &r->batch;
	size_t queued = r->queue_len - r->queue_pos, done;
	ssize_t w;

	if (len <= SMALL_MAX || r->spool != NULL)
		return output_queued(r, now_ns, p, len);
	b->n = 0;
	b->head_len = 0;
	if (queued > 0)
		batch_add(b, r->queue + r->queue_pos, queued);
	batch_output(r, b, now_ns, p, len);
	do
		w = writev(r->fifo, b->iov, b->n);
	while (w < 0 && errno == EINTR);
	if (w < 0 && errno != EAGAIN)
		return -errno;
	done = w > 0 ? (size_t)w : 0;
	if (queued > 0) {
		r->queue_pos += done < queued ? done : queued;
		done -= done < queued ? done : queued;
	}
	keep_rest(r, b, queued > 0, done);
	return record_pending(r);
}
