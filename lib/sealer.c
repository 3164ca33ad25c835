/* SPDX-License-Identifier: ISC */
#include "sealer.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "bytes.h"

/* most bytes of a body around its data: EVENT_DATA_MAX */
#define AROUND_DATA (FRAME_BODY_MAX - EVENT_DATA_MAX)

void sealer_init(struct sealer *s)
{
	memset(s, 0, sizeof(*s));
	randombytes_buf(s->id, sizeof(s->id));
	crypto_sign_keypair(s->pk, s->sk);
}

void sealer_wipe(struct sealer *s)
{
	sodium_memzero(s, sizeof(*s));
}

size_t sealer_cert(struct sealer *s, uint8_t *p, const uint8_t *body, size_t len)
{
	assert(s->frame == 0 && len >= 1 && len <= FRAME_BODY_MAX);
	frame_put_header(p, FRAME_CERT, (uint16_t)len, s->frame++);
	memcpy(p + FRAME_HEADER, body, len);
	hash_of(s->prev, body, len);
	return FRAME_HEADER + len;
}

void sealer_late(struct sealer *s)
{
	assert(s->frame == 0);
	s->frame = 1;
	seal_late_prev(s->prev, s->id, s->pk);
}

int sealer_fits(const struct sealer *s, size_t len)
{
	return s->payload_len > 0 && len <= EVENT_DATA_MAX &&
	    s->payload_len + FRAME_HEADER + AROUND_DATA + len <= CHUNK_PAYLOAD_MAX;
}

void sealer_pay(struct sealer *s)
{
	unsigned i;

	for (i = 0; i < s->owes; i += 2)
		hash_add(&s->hash, s->owed[i].iov_base, s->owed[i].iov_len,
		    s->owed[i + 1].iov_base, s->owed[i + 1].iov_len);
	s->owes = 0;
}

/* iovecs have no const; these are only read */
static void owe(struct sealer *s, const void *p, size_t len)
{
	s->owed[s->owes++] = (struct iovec){ (void *)(uintptr_t)p, len };
}

/* Puts e at p, but for its data, and takes it into the open chunk; the hash is owed. */
static size_t add(struct sealer *s, uint8_t *p, const struct event *e)
{
	size_t size = FRAME_HEADER + event_put(p + FRAME_HEADER, e);

	assert(s->frame > 0 && !s->ended && size + e->len <= FRAME_MAX);
	assert(e->dt <= VARINT_LIMIT - s->elapsed_ns);
	frame_put_header(p, e->type, (uint16_t)(size - FRAME_HEADER + e->len), s->frame++);
	if (s->owes == SEALER_OWED)
		sealer_pay(s);
	owe(s, p, size);
	owe(s, e->data, e->len);
	s->payload_len += (uint32_t)(size + e->len);
	s->payload_frames++;
	s->elapsed_ns += e->dt;
	assert(s->payload_len <= CHUNK_PAYLOAD_MAX);
	return size;
}

size_t sealer_begin(struct sealer *s, uint8_t *p, uint64_t dt, const struct window *w)
{
	uint8_t salt[EVENT_SALT];
	struct event e = { .type = FRAME_BEGIN, .dt = dt, .window = *w, .salt = salt };
	size_t size;

	assert(s->payload_len == 0);
	if (s->chunk == 0)
		e.dt = 0;
	randombytes_buf(salt, sizeof(salt));
	hash_begin(&s->hash);
	size = add(s, p, &e);
	sealer_pay(s);
	return size;
}

size_t sealer_event_owed(struct sealer *s, uint8_t *p, const struct event *e)
{
	assert(s->payload_len > 0 && e->type > FRAME_BEGIN && e->type <= FRAME_META);
	if (e->type == FRAME_OUTPUT)
		s->out_bytes += e->len;
	else if (e->type == FRAME_INPUT)
		s->in_bytes += e->len;
	else if (e->type == FRAME_HIDDEN)
		s->hidden_bytes += e->value;
	return add(s, p, e);
}

size_t sealer_event(struct sealer *s, uint8_t *p, const struct event *e)
{
	size_t size = sealer_event_owed(s, p, e);

	sealer_pay(s);
	return size;
}

static void describe(const struct sealer *s, struct seal *v, const struct sealer_end *end)
{
	*v = (struct seal){
		.kind = end->kind,
		.flags = end->flags,
		.chunk = s->chunk,
		.frame = s->frame,
		.payload_len = s->payload_len,
		.payload_frames = s->payload_frames,
		.elapsed_ns = s->elapsed_ns,
		.wall_ns = end->wall_ns,
		.boot_ns = end->boot_ns,
		.out_bytes = s->out_bytes,
		.in_bytes = s->in_bytes,
		.hidden_bytes = s->hidden_bytes,
		.lost_bytes = s->lost_bytes,
		.status = end->kind == SEAL_END ? end->status : 0,
		.reason = end->kind == SEAL_END || end->kind == SEAL_GAP ? end->reason : 0,
	};
	memcpy(v->id, s->id, ID_SIZE);
	memcpy(v->prev, s->prev, HASH_SIZE);
	hash_get(&s->hash, v->payload_hash);
}

static void forget_next(struct sealer *s)
{
	sodium_memzero(s->next_sk, sizeof(s->next_sk));
	memset(s->next_pk, 0, sizeof(s->next_pk));
	s->prepared = 0;
}

void sealer_prepare(struct sealer *s)
{
	if (s->prepared || s->ended)
		return;
	crypto_sign_keypair(s->next_pk, s->next_sk);
	s->prepared = 1;
}

size_t sealer_seal(struct sealer *s, uint8_t *p, const struct sealer_end *end)
{
	uint8_t *body = p + FRAME_HEADER;
	struct seal v;

	assert(s->payload_len > 0 && (end->kind == SEAL_START) == (s->chunk == 0));
	assert(end->kind != SEAL_HEARTBEAT || s->payload_frames == 1);
	assert((end->kind == SEAL_GAP) == (end->lost > 0));
	sealer_pay(s);
	s->lost_bytes += end->lost;
	s->ended = end->kind == SEAL_END;
	describe(s, &v, end);
	if (s->ended)
		forget_next(s);
	sealer_prepare(s);
	memcpy(v.next_pk, s->next_pk, PK_SIZE);
	frame_put_header(p, FRAME_SEAL, SEAL_SIZE, s->frame++);
	seal_put(body, &v);
	crypto_sign_detached(body + SEAL_SIGNED, NULL, body, SEAL_SIGNED, s->sk);
	memcpy(s->sk, s->next_sk, SK_SIZE);
	memcpy(s->pk, s->next_pk, PK_SIZE);
	forget_next(s);
	hash_of(s->prev, body, SEAL_SIZE);
	s->chunk++;
	s->payload_len = 0;
	s->payload_frames = 0;
	return FRAME_HEADER + SEAL_SIZE;
}
