/* SPDX-License-Identifier: ISC */
#include "seal.h"

#include <sodium.h>
#include <string.h>

#include "err.h"
#include "suite.h"

static const struct seal plain = {
	.kind = SEAL_DATA,
	.chunk = 1,
	.frame = 9,
	.payload_len = CHUNK_PAYLOAD_MIN,
	.payload_frames = 1,
	.wall_ns = -5,
};

static int parsed(const struct seal *s)
{
	uint8_t p[SEAL_SIZE] = { 0 };
	struct seal again;
	int r;

	seal_put(p, s);
	r = seal_parse(p, sizeof(p), &again);
	if (r == 0)
		ck_assert_int_eq(again.wall_ns, s->wall_ns);
	return r;
}

START_TEST(bounds_the_payload)
{
	struct seal s = plain;

	ck_assert_int_eq(parsed(&s), 0);
	s.payload_len = CHUNK_PAYLOAD_MIN - 1;
	ck_assert_int_eq(parsed(&s), E_RANGE);
	s.payload_len = CHUNK_PAYLOAD_MAX;
	ck_assert_int_eq(parsed(&s), 0);
	s.payload_len++;
	ck_assert_int_eq(parsed(&s), E_RANGE);
	s = plain;
	s.payload_frames = 0;
	ck_assert_int_eq(parsed(&s), E_RANGE);
	s.kind = SEAL_HEARTBEAT;
	s.payload_frames = 2;
	ck_assert_int_eq(parsed(&s), E_RANGE);
}
END_TEST

START_TEST(knows_kinds_flags_and_reasons)
{
	struct seal s;
	unsigned kind, reason;
	int fine;

	for (kind = 0; kind < 8; kind++)
		for (reason = 0; reason < 7; reason++) {
			s = plain;
			s.kind = (uint8_t)kind;
			s.reason = reason;
			fine = ((kind == SEAL_DATA || kind == SEAL_HEARTBEAT) && reason == 0) ||
			    (kind == SEAL_GAP && reason == GAP_NO_ROOM) ||
			    (kind == SEAL_END && reason >= END_EXIT && reason <= END_FAILURE);
			ck_assert_int_eq(parsed(&s), fine ? 0 : E_FORMAT);
		}
	s = plain;
	s.flags = SEAL_F_PROMPT;
	ck_assert_int_eq(parsed(&s), 0);
	s.flags = 2;
	ck_assert_int_eq(parsed(&s), E_FORMAT);
	s = plain;
	s.chunk = 0;
	ck_assert_int_eq(parsed(&s), E_FORMAT);
	s.kind = SEAL_START;
	ck_assert_int_eq(parsed(&s), 0);
}
END_TEST

START_TEST(end_alone_has_a_status_and_no_key)
{
	struct seal s = plain;

	s.status = 1;
	ck_assert_int_eq(parsed(&s), E_FORMAT);
	s.kind = SEAL_END;
	s.reason = END_EXIT;
	ck_assert_int_eq(parsed(&s), 0);
	s.next_pk[31] = 1;
	ck_assert_int_eq(parsed(&s), E_FORMAT);
}
END_TEST

START_TEST(is_of_one_size_magic_version)
{
	uint8_t p[SEAL_SIZE + 1] = { 0 };
	struct seal s;
	size_t i;

	seal_put(p, &plain);
	ck_assert_int_eq(seal_parse(p, SEAL_SIZE - 1, &s), E_FORMAT);
	ck_assert_int_eq(seal_parse(p, SEAL_SIZE + 1, &s), E_FORMAT);
	for (i = 0; i < 5; i++) {
		p[i] ^= 1;
		ck_assert_int_eq(seal_parse(p, SEAL_SIZE, &s), E_FORMAT);
		p[i] ^= 1;
	}
}
END_TEST

START_TEST(signature_covers_the_header)
{
	uint8_t p[SEAL_SIZE], pk[PK_SIZE], sk[SK_SIZE];
	size_t i;

	crypto_sign_keypair(pk, sk);
	seal_put(p, &plain);
	crypto_sign_detached(p + SEAL_SIGNED, NULL, p, SEAL_SIGNED, sk);
	ck_assert_int_eq(seal_verify(p, pk), 0);
	for (i = 0; i < SEAL_SIZE; i++) {
		p[i] ^= 0x80;
		ck_assert_int_eq(seal_verify(p, pk), E_SIGNATURE);
		p[i] ^= 0x80;
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		bounds_the_payload, knows_kinds_flags_and_reasons,
		end_alone_has_a_status_and_no_key, is_of_one_size_magic_version,
		signature_covers_the_header,
	};

	if (sodium_init() < 0)
		return 1;
	return suite_run("seal", tests, sizeof(tests) / sizeof(tests[0]));
}
