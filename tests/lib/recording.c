/* SPDX-License-Identifier: ISC */
#include "recording.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "sealer.h"

#define MS UINT64_C(1000000)
#define WALL INT64_C(1790000000000000000)
#define BOOT UINT64_C(86400000000000)

static uint64_t sequence;

/* splitmix64: fixed and different bytes are all that is wanted */
static uint32_t fixed_random(void)
{
	uint64_t z = sequence += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(z >> 32);
}

static void fixed_buf(void *p, size_t len)
{
	uint8_t *b = p;

	while (len-- > 0)
		*b++ = (uint8_t)fixed_random();
}

static const char *fixed_name(void)
{
	return "fixed";
}

static struct randombytes_implementation fixed = {
	.implementation_name = fixed_name,
	.random = fixed_random,
	.buf = fixed_buf,
};

void recording_fix_random(void)
{
	sequence = 1;
	if (randombytes_set_implementation(&fixed) != 0 || sodium_init() < 0)
		abort();
}

void recording_cert(struct cert *c)
{
	*c = (struct cert){
		.flags = CERT_F_TERMINAL,
		.n = 7,
		.wall_ns = WALL,
		.boot_ns = BOOT,
		.pid = 4242,
		.uid = 1000,
		.gid = 1000,
		.loginuid = 1000,
		.audit_session = CERT_UNSET,
		.tty_dev = 136U << 20 | 300,
		.start_ticks = 8640000,
		.host = "host.example",
		.user = "ann",
		.tty = "/dev/pts/300",
		.from = "192.0.2.7",
		.cwd = "/home/ann",
		.ancestors = 2,
		.ancestor = { { 4200, 8639000, "sshd" }, { 1, 5, "init" } },
	};
	memset(c->boot_id, 0xb0, sizeof(c->boot_id));
	memset(c->policy, 0x90, sizeof(c->policy));
}

struct making {
	struct recording *r;
	struct sealer sealer;
	size_t chunk;
	uint64_t hidden;
};

static uint8_t *here(struct making *m)
{
	return m->r->bytes + m->r->len;
}

static void took(struct making *m, size_t size)
{
	m->r->len += size;
	m->r->frame_off[++m->r->frames] = m->r->len;
}

static void begin(struct making *m, uint64_t dt)
{
	took(m, sealer_begin(&m->sealer, here(m), dt, &(struct window){ 24, 80, 640, 384 }));
}

static void event(struct making *m, struct event e, const void *data, size_t len)
{
	size_t head;

	e.data = data;
	e.len = len;
	head = sealer_event(&m->sealer, here(m), &e);
	if (len > 0)
		memcpy(here(m) + head, data, len);
	took(m, head + len);
}

static void text(struct making *m, uint8_t type, uint64_t dt, uint64_t age, const char *s)
{
	event(m, (struct event){ .type = type, .dt = dt, .age = age }, s, strlen(s));
}

static void seal(struct making *m, struct sealer_end end)
{
	end.wall_ns = WALL + (int64_t)(m->sealer.elapsed_ns + MS);
	end.boot_ns = BOOT + m->sealer.elapsed_ns + MS;
	took(m, sealer_seal(&m->sealer, here(m), &end));
	m->r->chunk_end[m->chunk++] = m->r->len;
}

static void make_cert(struct making *m)
{
	struct recording *r = m->r;
	uint8_t body[FRAME_BODY_MAX];
	struct cert c;
	int len;

	memset(r->host_seed, 0x42, sizeof(r->host_seed));
	crypto_sign_seed_keypair(r->host_pk, r->host_sk, r->host_seed);
	recording_cert(&c);
	cert_host_id(c.host_id, r->host_pk);
	memcpy(c.id, m->sealer.id, ID_SIZE);
	memcpy(c.pk, m->sealer.pk, PK_SIZE);
	len = cert_put(body, &c, r->host_sk);
	if (len < 0)
		abort();
	took(m, sealer_cert(&m->sealer, here(m), body, (size_t)len));
}

static void make_events(struct making *m)
{
	static const uint8_t survivor[12] = { 0x39, 0x30, 0, 0, 0x40, 0xe2, 1, 0, 0, 0, 0, 0 };

	begin(m, 0);
	event(m, (struct event){ .type = FRAME_META, .kind = META_ARGV }, "sh\0-l", 6);
	event(m, (struct event){ .type = FRAME_META, .kind = META_TERM }, "xterm", 5);
	event(m, (struct event){ .type = FRAME_META, .kind = META_PROGRAM }, "/bin/sh", 7);
	text(m, FRAME_OUTPUT, 3 * MS, 0, "$ ");
	seal(m, (struct sealer_end){ .kind = SEAL_START });
	begin(m, 900 * MS);
	text(m, FRAME_INPUT, 5, 70 * MS, "su\r");
	text(m, FRAME_OUTPUT, 1, 0, "su\r\nPassword: ");
	event(m, (struct event){ .type = FRAME_HIDDEN, .dt = MS, .age = 1, .value = m->hidden }, NULL, 0);
	event(m, (struct event){ .type = FRAME_WINDOW, .window = { 50, 132, 0, 0 } }, NULL, 0);
	event(m, (struct event){ .type = FRAME_SIGNAL, .dt = 300, .kind = 2 }, NULL, 0);
	event(m, (struct event){ .type = FRAME_MARK, .dt = 127, .kind = MARK_FROZEN, .value = 128 },
	    NULL, 0);
	seal(m, (struct sealer_end){ .kind = SEAL_DATA, .flags = SEAL_F_PROMPT });
	begin(m, 30000 * MS);
	seal(m, (struct sealer_end){ .kind = SEAL_HEARTBEAT });
	begin(m, 0);
	text(m, FRAME_OUTPUT, 0, 0, "\xff\x1b[31m");
	seal(m, (struct sealer_end){ .kind = SEAL_GAP, .reason = GAP_NO_ROOM, .lost = 12345 });
	begin(m, 16383);
	text(m, FRAME_OUTPUT, 16384, 0, "exit\r\n");
	seal(m, (struct sealer_end){ .kind = SEAL_DATA });
	begin(m, 1);
	event(m, (struct event){ .type = FRAME_META, .kind = META_SURVIVORS }, survivor, 12);
	event(m, (struct event){ .type = FRAME_META, .kind = META_CUT }, "3", 1);
	seal(m, (struct sealer_end){ .kind = SEAL_END, .status = 3 << 8, .reason = END_EXIT });
}

void recording_make(struct recording *r)
{
	recording_make_hidden(r, 9);
}

void recording_make_hidden(struct recording *r, uint64_t hidden)
{
	struct making m = { .r = r, .hidden = hidden };

	memset(r, 0, sizeof(*r));
	sequence = 1;
	sealer_init(&m.sealer);
	make_cert(&m);
	make_events(&m);
	sealer_wipe(&m.sealer);
}

int64_t recording_chunk_at(const struct recording *r, size_t off)
{
	int64_t k = 0;

	while (k < RECORDING_CHUNKS && off >= r->chunk_end[k])
		k++;
	return k;
}
