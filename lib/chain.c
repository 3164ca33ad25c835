/* SPDX-License-Identifier: ISC */
#include "chain.h"

#include <string.h>

#include "bytes.h"
#include "err.h"

void chain_init(struct chain *c)
{
	memset(c, 0, sizeof(*c));
}

static int take_cert(struct chain *c, const struct frame *f, const uint8_t *host_pk)
{
	struct cert cert;
	int r = cert_parse(f->body, f->len, &cert);

	if (r != 0)
		return r;
	c->cert = cert;
	c->have_cert = 1;
	c->certified = host_pk != NULL && cert_verify(f->body, f->len, host_pk) == 0;
	memcpy(c->pk, cert.pk, PK_SIZE);
	if (cert.flags & CERT_F_LATE)
		seal_late_prev(c->prev, cert.id, cert.pk);
	else
		hash_of(c->prev, f->body, f->len);
	return 0;
}

/* The limits that an event has in its chunk and its session. */
static int check_event(const struct chain *c, const struct event *e, size_t size)
{
	if ((e->type == FRAME_BEGIN) != (c->payload_len == 0))
		return E_FORMAT;
	if (c->frame == 1 && e->dt != 0)
		return E_FORMAT;
	if (e->dt > VARINT_LIMIT - c->elapsed_ns || size > CHUNK_PAYLOAD_MAX - c->payload_len)
		return E_RANGE;
	if (e->type == FRAME_HIDDEN && e->value > VARINT_LIMIT - c->hidden_bytes)
		return E_RANGE;
	return 0;
}

static int take_event(struct chain *c, const struct frame *f, const uint8_t *raw, struct event *out)
{
	size_t size = (size_t)FRAME_HEADER + f->len;
	struct event e;
	int r;

	if ((r = event_parse(f, &e)) != 0 || (r = check_event(c, &e, size)) != 0)
		return r;
	if (e.type == FRAME_BEGIN)
		hash_begin(&c->hash);
	hash_add(&c->hash, raw, size, NULL, 0);
	c->payload_len += (uint32_t)size;
	c->payload_frames++;
	c->elapsed_ns += e.dt;
	if (e.type == FRAME_OUTPUT)
		c->out_bytes += e.len;
	else if (e.type == FRAME_INPUT)
		c->in_bytes += e.len;
	else if (e.type == FRAME_HIDDEN)
		c->hidden_bytes += e.value;
	if (out != NULL)
		*out = e;
	return 0;
}

static int check_payload(const struct chain *c, const struct seal *s)
{
	uint8_t hash[HASH_SIZE];

	hash_get(&c->hash, hash);
	if (s->payload_len != c->payload_len || s->payload_frames != c->payload_frames ||
	    memcmp(s->payload_hash, hash, HASH_SIZE) != 0)
		return E_DIGEST;
	return 0;
}

static int check_lost(const struct chain *c, const struct seal *s)
{
	if (s->kind == SEAL_GAP ? s->lost_bytes <= c->lost_bytes : s->lost_bytes != c->lost_bytes)
		return E_TOTALS;
	return 0;
}

static int check_totals(const struct chain *c, const struct seal *s)
{
	if (s->elapsed_ns != c->elapsed_ns || s->out_bytes != c->out_bytes ||
	    s->in_bytes != c->in_bytes || s->hidden_bytes != c->hidden_bytes)
		return E_TOTALS;
	return check_lost(c, s);
}

/* Without the events: no total goes back. */
static int check_purged_totals(const struct chain *c, const struct seal *s)
{
	if (s->elapsed_ns < c->elapsed_ns || s->elapsed_ns > VARINT_LIMIT ||
	    s->out_bytes < c->out_bytes || s->in_bytes < c->in_bytes ||
	    s->hidden_bytes < c->hidden_bytes || s->hidden_bytes > VARINT_LIMIT)
		return E_TOTALS;
	return check_lost(c, s);
}

static int check_seal(const struct chain *c, const struct frame *f, const struct seal *s)
{
	int r;

	if (memcmp(s->id, c->cert.id, ID_SIZE) != 0 || s->chunk != c->chunk || s->frame != f->number)
		return E_CHAIN;
	if (memcmp(s->prev, c->prev, HASH_SIZE) != 0)
		return E_CHAIN;
	if (!c->defer && (r = seal_verify(f->body, c->pk)) != 0)
		return r;
	if (c->purged)
		return check_purged_totals(c, s);
	if ((r = check_payload(c, s)) != 0)
		return r;
	return check_totals(c, s);
}

/* What the events of a deleted payload would have moved. */
static void pass_payload(struct chain *c, const struct seal *s)
{
	c->frame = s->frame;
	c->offset += s->payload_len;
	c->elapsed_ns = s->elapsed_ns;
	c->out_bytes = s->out_bytes;
	c->in_bytes = s->in_bytes;
	c->hidden_bytes = s->hidden_bytes;
}

static int take_seal(struct chain *c, const struct frame *f)
{
	struct seal s;
	int r;

	if (c->payload_len == 0 && !c->purged)
		return E_FORMAT;
	if ((r = seal_parse(f->body, f->len, &s)) != 0)
		return r;
	if (c->purged && f->number != c->frame + s.payload_frames)
		return E_CHAIN;
	if ((r = check_seal(c, f, &s)) != 0)
		return r;
	if (c->purged)
		pass_payload(c, &s);
	memcpy(c->pk, s.next_pk, PK_SIZE);
	hash_of(c->prev, f->body, f->len);
	c->lost_bytes = s.lost_bytes;
	c->sealed_offset = c->offset + FRAME_HEADER + f->len;
	c->sealed_frame = f->number;
	c->payload_len = 0;
	c->payload_frames = 0;
	c->chunk++;
	c->ended = s.kind == SEAL_END;
	c->last = s;
	return 0;
}

static int take(struct chain *c, const struct frame *f, const uint8_t *raw, const uint8_t *host_pk,
    struct event *e)
{
	if (c->ended)
		return E_END;
	if (f->number != c->frame && !(c->purged && f->type == FRAME_SEAL))
		return E_CHAIN;
	if (c->purged && f->type > FRAME_SEAL)
		return E_FORMAT;
	if ((f->type == FRAME_CERT) != (c->frame == 0))
		return E_FORMAT;
	switch (f->type) {
	case FRAME_CERT:
		return take_cert(c, f, host_pk);
	case FRAME_SEAL:
		return take_seal(c, f);
	default:
		return take_event(c, f, raw, e);
	}
}

int chain_frame(struct chain *c, const struct frame *f, const uint8_t *raw, const uint8_t *host_pk,
    struct event *e)
{
	if (c->error != 0)
		return c->error;
	c->error = take(c, f, raw, host_pk, e);
	if (c->error != 0)
		return c->error;
	c->frame++;
	c->offset += FRAME_HEADER + f->len;
	return 0;
}
