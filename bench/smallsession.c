/* SPDX-License-Identifier: ISC */
#include "smallsession.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sealer.h"

#define SECOND UINT64_C(1000000000)

int small_session_is_cut(uint64_t n)
{
	return n % 100 == 0;
}

static void add_event(struct small_session *x, struct sealer *s, struct event e, const char *text)
{
	e.data = (const uint8_t *)text;
	e.len = strlen(text);
	x->len += sealer_event(s, x->file + x->len, &e);
	memcpy(x->file + x->len, text, e.len);
	x->len += e.len;
}

static void seal(struct small_session *x, struct sealer *s, uint8_t kind, uint32_t status)
{
	const struct sealer_end end = { .kind = kind, .status = status,
		.reason = kind == SEAL_END ? END_EXIT : 0,
		.wall_ns = x->wall_ns + (int64_t)s->elapsed_ns, .boot_ns = s->elapsed_ns };

	x->len += sealer_seal(s, x->file + x->len, &end);
	x->end[x->chunks++] = x->len;
}

static void add_cert(struct small_session *x, struct sealer *s, const struct small_host *h)
{
	uint8_t body[FRAME_BODY_MAX];
	struct cert c = { .flags = CERT_F_TERMINAL, .n = x->n, .wall_ns = x->wall_ns, .boot_ns = x->n,
		.pid = 4242, .uid = 1000 + x->user, .gid = 1000,
		.loginuid = 1000, .audit_session = CERT_UNSET, .tty_dev = 136U << 20 | 3,
		.start_ticks = 8640000 };
	int body_len;

	snprintf(c.host, sizeof c.host, "%s", h->name);
	snprintf(c.user, sizeof c.user, "user%u", x->user);
	snprintf(c.tty, sizeof c.tty, "pts/%llu", (unsigned long long)(x->n % 7));
	snprintf(c.from, sizeof c.from, "192.0.2.%llu", (unsigned long long)(x->n % 200));
	snprintf(c.cwd, sizeof c.cwd, "/home/%s", c.user);
	memcpy(c.id, s->id, ID_SIZE);
	memcpy(c.pk, s->pk, PK_SIZE);
	cert_host_id(c.host_id, h->pk);
	body_len = cert_put(body, &c, h->sk);
	if (body_len < 0) {
		fprintf(stderr, "no certificate\n");
		exit(1);
	}
	x->len += sealer_cert(s, x->file + x->len, body, (size_t)body_len);
}

static void add_chunks(struct small_session *x, struct sealer *s)
{
	static const struct window window = { 24, 80, 0, 0 };
	char text[64];

	x->len += sealer_begin(s, x->file + x->len, 0, &window);
	add_event(x, s, (struct event){ .type = FRAME_META, .kind = META_ARGV }, "-bash");
	add_event(x, s, (struct event){ .type = FRAME_META, .kind = META_PROGRAM }, "/bin/bash");
	seal(x, s, SEAL_START, 0);
	x->len += sealer_begin(s, x->file + x->len, SECOND, &window);
	snprintf(text, sizeof text, "$ make target-%llu\r\n", (unsigned long long)x->n);
	add_event(x, s, (struct event){ .type = FRAME_OUTPUT, .dt = SECOND * (x->n % 900) }, text);
	seal(x, s, SEAL_DATA, 0);
	if (small_session_is_cut(x->n))
		return;
	x->len += sealer_begin(s, x->file + x->len, SECOND, &window);
	add_event(x, s, (struct event){ .type = FRAME_OUTPUT, .dt = SECOND }, "exit\r\n");
	seal(x, s, SEAL_END, x->n % 10 == 0 ? 1 << 8 : 0);
}

void small_session_make(struct small_session *x, const struct small_host *h)
{
	struct sealer s;

	x->len = 0;
	x->chunks = 0;
	sealer_init(&s);
	memcpy(x->id, s.id, ID_SIZE);
	add_cert(x, &s, h);
	add_chunks(x, &s);
	sealer_wipe(&s);
}
