/* SPDX-License-Identifier: ISC */
#include "session_make.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/recording.h"
#include "sealer.h"

#define ROOM ((size_t)1 << 20)
#define CHANGES 16
#define MS UINT64_C(1000000)

struct making {
	struct made *out;
	struct sealer sealer;
	const uint8_t *p, *end; /* of the program */
	uint8_t host_sk[SK_SIZE];
	uint64_t dt;
	int cut;
	struct {
		unsigned at;
		uint8_t with;
	} change[CHANGES];
	unsigned changes;
};

static unsigned number(struct making *m, unsigned bytes)
{
	unsigned n = 0, i;

	for (i = 0; i < bytes && m->p < m->end; i++)
		n |= (unsigned)*m->p++ << (8 * i);
	return n;
}

static const uint8_t *data(struct making *m, unsigned wanted, size_t *len)
{
	const uint8_t *p = m->p;

	*len = wanted < (size_t)(m->end - p) ? wanted : (size_t)(m->end - p);
	m->p += *len;
	return p;
}

static uint8_t *here(struct making *m)
{
	return m->out->p + m->out->len;
}

static int has_room(const struct making *m)
{
	return m->out->len + 4 * (size_t)FRAME_MAX < ROOM;
}

static void begin(struct making *m)
{
	m->out->len += sealer_begin(&m->sealer, here(m), m->dt, &(struct window){ 24, 80, 0, 0 });
	m->dt = 0;
}

static void seal(struct making *m, uint8_t kind)
{
	struct sealer_end end = { .kind = m->sealer.chunk == 0 ? SEAL_START : kind,
		.reason = kind == SEAL_END ? END_EXIT : 0,
		.wall_ns = INT64_C(1790000000000000000) + (int64_t)m->sealer.elapsed_ns,
		.boot_ns = m->sealer.elapsed_ns };

	m->out->len += sealer_seal(&m->sealer, here(m), &end);
}

static void event(struct making *m, struct event e)
{
	size_t head;

	if (!has_room(m))
		return;
	if (!sealer_fits(&m->sealer, e.len)) {
		seal(m, SEAL_DATA);
		begin(m);
	}
	e.dt = m->dt;
	m->dt = 0;
	head = sealer_event(&m->sealer, here(m), &e);
	if (e.len > 0)
		memcpy(here(m) + head, e.data, e.len);
	m->out->len += head + e.len;
}

static void text(struct making *m, struct event e, unsigned wanted, unsigned max)
{
	e.data = data(m, wanted < max ? wanted : max, &e.len);
	if (e.len > 0)
		event(m, e);
}

static uint16_t length(struct making *m)
{
	unsigned n = number(m, 1);

	return n == 255 ? 65535 : (uint16_t)n;
}

static void window(struct making *m)
{
	struct event e = { .type = FRAME_WINDOW };

	e.window.rows = length(m);
	e.window.cols = length(m);
	event(m, e);
}

static void new_chunk(struct making *m)
{
	if (!has_room(m))
		return;
	seal(m, SEAL_DATA);
	begin(m);
}

static void keep_change(struct making *m)
{
	unsigned at = number(m, 2);
	uint8_t with = (uint8_t)number(m, 1);

	if (m->changes == CHANGES)
		return;
	m->change[m->changes].at = at;
	m->change[m->changes++].with = with;
}

static void mark(struct making *m)
{
	struct event e = { .type = FRAME_MARK };

	e.kind = (uint8_t)(number(m, 1) % 3 + 1);
	e.value = number(m, 2);
	event(m, e);
}

static void meta(struct making *m)
{
	struct event e = { .type = FRAME_META };

	e.kind = (uint8_t)(number(m, 1) % 6 + 1);
	text(m, e, number(m, 1), 255);
}

static void step(struct making *m)
{
	switch (*m->p++) {
	case 'o': text(m, (struct event){ .type = FRAME_OUTPUT }, number(m, 2), 4000); break;
	case 'i': text(m, (struct event){ .type = FRAME_INPUT }, number(m, 1), 255); break;
	case 'h': event(m, (struct event){ .type = FRAME_HIDDEN, .value = number(m, 2) + 1 }); break;
	case 'w': window(m); break;
	case 's':
		event(m, (struct event){ .type = FRAME_SIGNAL, .kind = (uint8_t)(number(m, 1) % 64 + 1) });
		break;
	case 'm': mark(m); break;
	case 'e': meta(m); break;
	case 'c': new_chunk(m); break;
	case 't': m->dt += number(m, 2) * MS; break;
	case 'x': keep_change(m); break;
	case 'z': m->cut = 1; break;
	default: break;
	}
}

static void certify(struct making *m)
{
	uint8_t body[FRAME_BODY_MAX];
	struct cert c;
	int len;

	recording_cert(&c);
	cert_host_id(c.host_id, m->out->host_pk);
	memcpy(c.id, m->sealer.id, ID_SIZE);
	memcpy(c.pk, m->sealer.pk, PK_SIZE);
	len = cert_put(body, &c, m->host_sk);
	if (len < 0)
		abort();
	m->out->len += sealer_cert(&m->sealer, here(m), body, (size_t)len);
}

static void make_signed(struct making *m)
{
	unsigned i;

	sealer_init(&m->sealer);
	certify(m);
	begin(m);
	while (m->p < m->end)
		step(m);
	if (!m->cut)
		seal(m, SEAL_DATA);
	if (!m->cut && m->sealer.chunk > 0) {
		begin(m);
		seal(m, SEAL_END);
	}
	for (i = 0; i < m->changes; i++)
		m->out->p[m->change[i].at % m->out->len] ^= m->change[i].with;
	sealer_wipe(&m->sealer);
}

void session_make(struct made *out, const uint8_t *p, size_t len)
{
	static int fixed;
	struct making m = { .out = out, .p = p + 1, .end = p + len };
	uint8_t seed[32];

	if (!fixed)
		recording_fix_random();
	fixed = 1;
	memset(out, 0, sizeof *out);
	memset(seed, 0x42, sizeof seed); /* as in recording.c */
	crypto_sign_seed_keypair(out->host_pk, m.host_sk, seed);
	out->p = malloc(ROOM);
	if (out->p == NULL)
		abort();
	if (len > 0 && p[0] != 0) {
		make_signed(&m);
		return;
	}
	out->len = len > 0 ? len - 1 : 0;
	if (out->len > ROOM)
		out->len = ROOM;
	if (out->len > 0)
		memcpy(out->p, p + 1, out->len);
}

void session_make_free(struct made *m)
{
	free(m->p);
	m->p = NULL;
}
