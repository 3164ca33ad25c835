/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TESTS_COLLECTOR_FIXTURE_H
#define SHELLAC_TESTS_COLLECTOR_FIXTURE_H

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"
#include "frame.h"
#include "sealer.h"

/* A host and one recorder, without files: a stream that grows in memory. */
struct fixture {
	uint8_t sk[SK_SIZE], pk[PK_SIZE];
	struct sealer sealer;
	uint8_t buf[1 << 20];
	size_t len;
	size_t cert; /* size of frame 0 */
};

/* The stream so far: frame 0. */
static inline void fixture_start(struct fixture *f, uint64_t n)
{
	struct cert c = {.n = n, .pid = 1, .start_ticks = 1, .wall_ns = 1000000000};
	uint8_t body[FRAME_BODY_MAX];
	int len;

	if (sodium_init() < 0)
		abort();
	crypto_sign_keypair(f->pk, f->sk);
	sealer_init(&f->sealer);
	memcpy(c.id, f->sealer.id, ID_SIZE);
	memcpy(c.pk, f->sealer.pk, PK_SIZE);
	cert_host_id(c.host_id, f->pk);
	len = cert_put(body, &c, f->sk);
	if (len < 0)
		abort();
	f->len = f->cert = sealer_cert(&f->sealer, f->buf, body, (size_t)len);
}

/* One chunk of count OUTPUT events of size bytes. */
static inline void fixture_chunk(struct fixture *f, uint8_t kind, uint16_t flags, int count,
    size_t size)
{
	static const uint8_t text[EVENT_DATA_MAX];
	const struct window w = {.rows = 24, .cols = 80};
	const struct event e = {.type = FRAME_OUTPUT, .dt = 5, .data = text, .len = size};
	const struct sealer_end end = {.kind = kind, .flags = flags, .wall_ns = 1, .boot_ns = 1,
		.reason = kind == SEAL_END ? END_EXIT : 0};

	f->len += sealer_begin(&f->sealer, f->buf + f->len, 1, &w);
	while (count-- > 0) {
		f->len += sealer_event(&f->sealer, f->buf + f->len, &e);
		memcpy(f->buf + f->len, text, size);
		f->len += size;
	}
	f->len += sealer_seal(&f->sealer, f->buf + f->len, &end);
}

#endif
