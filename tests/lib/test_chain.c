/* SPDX-License-Identifier: ISC */
#include "chain.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "recording.h"
#include "sealer.h"
#include "suite.h"

static struct recording rec;

/* Feeds a stream; returns the first error, 0 when all was taken. */
static int feed(struct chain *c, const uint8_t *p, size_t len, const uint8_t *pk)
{
	struct frame f;
	struct event e;
	size_t off = 0;
	int n, r;

	while (off < len) {
		n = frame_parse(p + off, len - off, &f);
		if (n < 0)
			return n;
		r = chain_frame(c, &f, p + off, pk, &e);
		if (r != 0)
			return r;
		off += (size_t)n;
	}
	return 0;
}

/* A chain that took in the session up to offset len. */
static void fed(struct chain *c, size_t len)
{
	chain_init(c);
	ck_assert_int_eq(feed(c, rec.bytes, len, rec.host_pk), 0);
}

START_TEST(takes_a_whole_session)
{
	struct chain c;

	fed(&c, rec.len);
	ck_assert_int_eq(c.certified, 1);
	ck_assert_int_eq(c.ended, 1);
	ck_assert_uint_eq(c.chunk, RECORDING_CHUNKS);
	ck_assert_uint_eq(c.frame, rec.frames);
	ck_assert_uint_eq(c.offset, rec.len);
	ck_assert_uint_eq(c.sealed_offset, rec.len);
	ck_assert_uint_eq(c.sealed_frame, rec.frames - 1);
	ck_assert_uint_eq(c.out_bytes, 2 + 14 + 6 + 6);
	ck_assert_uint_eq(c.in_bytes, 3);
	ck_assert_uint_eq(c.hidden_bytes, 9);
	ck_assert_uint_eq(c.lost_bytes, 12345);
	ck_assert_uint_eq(c.last.status, 3 << 8);
	ck_assert_str_eq(c.cert.user, "ann");
}
END_TEST

START_TEST(tells_whether_certified)
{
	uint8_t other[PK_SIZE], sk[SK_SIZE];
	struct chain c;

	crypto_sign_keypair(other, sk);
	chain_init(&c);
	ck_assert_int_eq(feed(&c, rec.bytes, rec.len, NULL), 0);
	ck_assert_int_eq(c.certified, 0);
	chain_init(&c);
	ck_assert_int_eq(feed(&c, rec.bytes, rec.len, other), 0);
	ck_assert_int_eq(c.certified, 0);
}
END_TEST

START_TEST(refuses_what_is_out_of_place)
{
	static const struct {
		size_t after, next; /* frame `next` comes where `after` was expected */
		int code;
	} cases[] = {
		{ 0, 1, E_CHAIN }, { 1, 2, E_CHAIN }, { 3, 2, E_CHAIN },
	};
	struct chain c;
	size_t i, off;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fed(&c, rec.frame_off[cases[i].after]);
		off = rec.frame_off[cases[i].next];
		ck_assert_int_eq(feed(&c, rec.bytes + off, rec.len - off, NULL), cases[i].code);
		ck_assert_uint_eq(c.offset, rec.frame_off[cases[i].after]);
		/* and stays in error */
		off = rec.frame_off[cases[i].after];
		ck_assert_int_eq(feed(&c, rec.bytes + off, rec.len - off, NULL), cases[i].code);
	}
}
END_TEST

START_TEST(refuses_frames_after_end)
{
	uint8_t more[FRAME_MAX];
	struct chain c;

	fed(&c, rec.len);
	frame_put_header(more, FRAME_OUTPUT, 2, rec.frames);
	memcpy(more + FRAME_HEADER, "\0x", 2);
	ck_assert_int_eq(feed(&c, more, FRAME_HEADER + 2, NULL), E_END);
}
END_TEST

/* An event frame made by hand behind the frames up to `after`. */
static int one_event(size_t after, uint8_t type, const char *body, uint16_t len)
{
	uint8_t p[FRAME_MAX];
	struct chain c;

	fed(&c, rec.frame_off[after]);
	frame_put_header(p, type, len, after);
	memcpy(p + FRAME_HEADER, body, len);
	return feed(&c, p, (size_t)FRAME_HEADER + len, NULL);
}

START_TEST(knows_where_events_may_be)
{
	char begin[25] = "";

	ck_assert_int_eq(one_event(0, FRAME_OUTPUT, "\0x", 2), E_FORMAT);
	ck_assert_int_eq(one_event(1, FRAME_OUTPUT, "\0x", 2), E_FORMAT);
	ck_assert_int_eq(one_event(2, FRAME_OUTPUT, "\0x", 2), 0);
	ck_assert_int_eq(one_event(2, FRAME_BEGIN, begin, 25), E_FORMAT);
	ck_assert_int_eq(one_event(2, FRAME_CERT, begin, 25), E_FORMAT);
	ck_assert_int_eq(one_event(1, FRAME_BEGIN, begin, 25), 0);
	begin[0] = 1; /* the first dt is 0 */
	ck_assert_int_eq(one_event(1, FRAME_BEGIN, begin, 25), E_FORMAT);
	ck_assert_int_eq(one_event(7, FRAME_BEGIN, begin, 25), 0);
	ck_assert_int_eq(one_event(7, FRAME_SEAL, begin, 25), E_FORMAT);
}
END_TEST

START_TEST(bounds_sums)
{
	static const char most[] = "\xff\xff\xff\xff\xff\xff\xff\xff\x7fx";
	static const char hidden[] = "\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x7f";

	ck_assert_int_eq(one_event(2, FRAME_OUTPUT, most, 10), 0);
	ck_assert_int_eq(one_event(8, FRAME_OUTPUT, most, 10), E_RANGE);
	ck_assert_int_eq(one_event(2, FRAME_HIDDEN, hidden, 11), 0);
	ck_assert_int_eq(one_event(13, FRAME_HIDDEN, hidden, 11), E_RANGE);
}
END_TEST

START_TEST(bounds_the_payload)
{
	static uint8_t body[FRAME_BODY_MAX];
	uint8_t p[FRAME_MAX];
	struct chain c;
	struct frame f = { .type = FRAME_OUTPUT, .len = FRAME_BODY_MAX, .body = body };

	fed(&c, rec.frame_off[2]);
	while (CHUNK_PAYLOAD_MAX - c.payload_len > FRAME_MAX) {
		f.number = c.frame;
		frame_put_header(p, f.type, f.len, f.number);
		memcpy(p + FRAME_HEADER, body, f.len);
		ck_assert_int_eq(chain_frame(&c, &f, p, NULL, NULL), 0);
	}
	f.number = c.frame;
	f.len = (uint16_t)(CHUNK_PAYLOAD_MAX - c.payload_len - FRAME_HEADER + 1);
	ck_assert_int_eq(chain_frame(&c, &f, p, NULL, NULL), E_RANGE);
	c.error = 0;
	f.len--;
	ck_assert_int_eq(chain_frame(&c, &f, p, NULL, NULL), 0);
	ck_assert_uint_eq(c.payload_len, CHUNK_PAYLOAD_MAX);
}
END_TEST

/* Signs a change of the SEAL in this frame anew: only the check under test can
 * see it. */
static int resealed_at(size_t frame, void (*change)(struct seal *))
{
	uint8_t p[FRAME_HEADER + SEAL_SIZE], pk[PK_SIZE], sk[SK_SIZE], *body = p + FRAME_HEADER;
	struct chain c;
	struct seal s;

	fed(&c, rec.frame_off[frame]);
	memcpy(p, rec.bytes + rec.frame_off[frame], sizeof(p));
	ck_assert_int_eq(seal_parse(body, SEAL_SIZE, &s), 0);
	change(&s);
	seal_put(body, &s);
	crypto_sign_keypair(pk, sk);
	crypto_sign_detached(body + SEAL_SIGNED, NULL, body, SEAL_SIGNED, sk);
	memcpy(c.pk, pk, PK_SIZE);
	return feed(&c, p, sizeof(p), NULL);
}

#define resealed(change) resealed_at(6, change)

static void change_nothing(struct seal *s) { (void)s; }
static void change_id(struct seal *s) { s->id[0] ^= 1; }
static void change_id_end(struct seal *s) { s->id[ID_SIZE - 1] ^= 128; }
static void change_frame(struct seal *s) { s->frame++; }
static void change_prev(struct seal *s) { s->prev[31] ^= 128; }
static void change_len(struct seal *s) { s->payload_len++; }
static void change_frames(struct seal *s) { s->payload_frames--; }
static void change_hash(struct seal *s) { s->payload_hash[0] ^= 1; }
static void change_hash_end(struct seal *s) { s->payload_hash[HASH_SIZE - 1] ^= 128; }
static void change_time(struct seal *s) { s->elapsed_ns++; }
static void change_out(struct seal *s) { s->out_bytes--; }
static void change_in(struct seal *s) { s->in_bytes++; }
static void change_hidden(struct seal *s) { s->hidden_bytes++; }
static void change_lost(struct seal *s) { s->lost_bytes++; }
static void lose_nothing(struct seal *s) { s->lost_bytes = 0; }
static void change_kind(struct seal *s) { s->kind = SEAL_DATA; }

START_TEST(checks_what_is_signed)
{
	ck_assert_int_eq(resealed(change_nothing), 0);
	ck_assert_int_eq(resealed(change_id), E_CHAIN);
	ck_assert_int_eq(resealed(change_id_end), E_CHAIN);
	ck_assert_int_eq(resealed(change_frame), E_CHAIN);
	ck_assert_int_eq(resealed(change_prev), E_CHAIN);
	ck_assert_int_eq(resealed(change_len), E_DIGEST);
	ck_assert_int_eq(resealed(change_frames), E_DIGEST);
	ck_assert_int_eq(resealed(change_hash), E_DIGEST);
	ck_assert_int_eq(resealed(change_hash_end), E_DIGEST);
	ck_assert_int_eq(resealed(change_time), E_TOTALS);
	ck_assert_int_eq(resealed(change_out), E_TOTALS);
	ck_assert_int_eq(resealed(change_in), E_TOTALS);
	ck_assert_int_eq(resealed(change_hidden), E_TOTALS);
	ck_assert_int_eq(resealed(change_lost), E_TOTALS);
	ck_assert_int_eq(resealed(change_kind), E_FORMAT);
	ck_assert_int_eq(resealed_at(19, change_lost), 0); /* GAP: any more is right */
	ck_assert_int_eq(resealed_at(19, lose_nothing), E_TOTALS);
}
END_TEST

START_TEST(checks_the_signature)
{
	uint8_t p[FRAME_HEADER + SEAL_SIZE];
	struct chain c;

	fed(&c, rec.frame_off[6]);
	memcpy(p, rec.bytes + rec.frame_off[6], sizeof(p));
	p[sizeof(p) - 1] ^= 1;
	ck_assert_int_eq(feed(&c, p, sizeof(p), NULL), E_SIGNATURE);
	fed(&c, rec.frame_off[6]);
	memset(c.pk, 0, PK_SIZE); /* a key of small order verifies nothing */
	ck_assert_int_eq(feed(&c, rec.bytes + rec.frame_off[6], sizeof(p), NULL), E_SIGNATURE);
}
END_TEST

/* A session that began without a collector, its certificate with these flags;
 * returns what the chain says. */
static int late(struct chain *c, uint16_t flags)
{
	struct cert cert = { 0 };
	struct sealer s;
	struct sealer_end end = { .kind = SEAL_START };
	uint8_t all[FRAME_MAX * 3];
	size_t len;

	sealer_init(&s);
	recording_cert(&cert);
	cert.flags = flags;
	memcpy(cert.id, s.id, ID_SIZE);
	memcpy(cert.pk, s.pk, PK_SIZE);
	len = (size_t)cert_put(all + FRAME_HEADER, &cert, rec.host_sk);
	frame_put_header(all, FRAME_CERT, (uint16_t)len, 0);
	len += FRAME_HEADER;
	sealer_late(&s);
	len += sealer_begin(&s, all + len, 5, &(struct window){ 24, 80, 0, 0 });
	len += sealer_seal(&s, all + len, &end);
	chain_init(c);
	return feed(c, all, len, rec.host_pk);
}

START_TEST(begins_before_its_certificate)
{
	struct chain c;

	ck_assert_int_eq(late(&c, CERT_F_LATE), 0);
	ck_assert(c.certified && c.chunk == 1);
	ck_assert_int_eq(late(&c, CERT_F_LATE | CERT_F_CLAIMED), 0);
	ck_assert_int_eq(late(&c, 0), E_CHAIN);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		takes_a_whole_session, tells_whether_certified, refuses_what_is_out_of_place,
		refuses_frames_after_end, knows_where_events_may_be, bounds_sums,
		bounds_the_payload, checks_what_is_signed, checks_the_signature,
		begins_before_its_certificate,
	};

	recording_fix_random();
	recording_make(&rec);
	return suite_run("chain", tests, sizeof(tests) / sizeof(tests[0]));
}
