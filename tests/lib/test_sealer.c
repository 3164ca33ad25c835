/* SPDX-License-Identifier: ISC */
#include "sealer.h"

#include <string.h>

#include "bytes.h"
#include "recording.h"
#include "suite.h"

static struct sealer s;
static uint8_t p[FRAME_MAX], data[EVENT_DATA_MAX];
static const struct window window = { 24, 80, 0, 0 };

static void seal(uint8_t kind)
{
	struct sealer_end end = { .kind = kind, .reason = kind == SEAL_END ? END_EXIT : 0 };

	ck_assert_uint_eq(sealer_seal(&s, p, &end), FRAME_HEADER + SEAL_SIZE);
}

static void start(void)
{
	sealer_init(&s);
	sealer_cert(&s, p, data, 100);
	sealer_begin(&s, p, 5, &window);
}

START_TEST(the_first_event_is_at_zero)
{
	start();
	ck_assert_uint_eq(p[FRAME_HEADER], 0);
	ck_assert_uint_eq(s.elapsed_ns, 0);
	seal(SEAL_START);
	sealer_begin(&s, p, 5, &window);
	ck_assert_uint_eq(p[FRAME_HEADER], 5);
	ck_assert_uint_eq(s.elapsed_ns, 5);
}
END_TEST

START_TEST(keys_move_on_and_are_wiped)
{
	uint8_t old[SK_SIZE], old_pk[PK_SIZE];

	start();
	memcpy(old, s.sk, SK_SIZE);
	memcpy(old_pk, s.pk, PK_SIZE);
	seal(SEAL_START);
	ck_assert_int_eq(seal_verify(p + FRAME_HEADER, old_pk), 0);
	ck_assert_mem_eq(p + FRAME_HEADER + 112, s.pk, PK_SIZE);
	ck_assert_mem_ne(old, s.sk, SK_SIZE);
	ck_assert_ptr_null(memmem(&s, sizeof(s), old, 32));
	sealer_begin(&s, p, 0, &window);
	seal(SEAL_END);
	ck_assert_int_eq(all_zero(s.sk, SK_SIZE), 1);
	ck_assert_int_eq(all_zero(p + FRAME_HEADER + 112, PK_SIZE), 1);
	sealer_wipe(&s);
	ck_assert_int_eq(all_zero((const uint8_t *)&s, sizeof(s)), 1);
}
END_TEST

START_TEST(a_pair_made_ahead_is_the_next_and_is_wiped)
{
	uint8_t next[SK_SIZE];

	start();
	sealer_prepare(&s);
	memcpy(next, s.next_sk, SK_SIZE);
	sealer_prepare(&s);
	ck_assert_mem_eq(next, s.next_sk, SK_SIZE);
	seal(SEAL_START);
	ck_assert_mem_eq(next, s.sk, SK_SIZE);
	ck_assert_mem_eq(p + FRAME_HEADER + 112, next + 32, PK_SIZE);
	ck_assert_int_eq(all_zero(s.next_sk, SK_SIZE), 1);
	sealer_begin(&s, p, 0, &window);
	sealer_prepare(&s);
	ck_assert_mem_ne(next, s.next_sk, SK_SIZE);
	seal(SEAL_END);
	ck_assert_int_eq(all_zero(p + FRAME_HEADER + 112, PK_SIZE), 1);
	ck_assert_ptr_null(memmem(&s, sizeof(s), next, 32));
	sealer_prepare(&s);
	ck_assert_int_eq(all_zero(s.sk, SK_SIZE) && all_zero(s.next_sk, SK_SIZE), 1);
}
END_TEST

START_TEST(salts_differ)
{
	uint8_t salt[EVENT_SALT];

	start();
	memcpy(salt, p + FRAME_HEADER + 1, sizeof(salt));
	seal(SEAL_START);
	sealer_begin(&s, p, 0, &window);
	ck_assert_mem_ne(salt, p + FRAME_HEADER + 1, sizeof(salt));
}
END_TEST

/* More than can be owed, SEALs between them: as if hashed at once. */
START_TEST(what_is_owed_is_hashed_in_order)
{
	static uint8_t frame[FRAME_MAX * 2];
	struct event e = { .type = FRAME_OUTPUT, .data = data, .len = 3 };
	static uint8_t heads[2 * SEALER_OWED][FRAME_MAX];
	struct hash want;
	uint8_t hash[HASH_SIZE], got[HASH_SIZE];
	int i;

	sealer_init(&s);
	sealer_cert(&s, p, data, 100);
	hash_begin(&want);
	hash_add(&want, frame, sealer_begin(&s, frame, 0, &window), NULL, 0);
	for (i = 0; i < 2 * SEALER_OWED; i++)
		hash_add(&want, heads[i], sealer_event_owed(&s, heads[i], &e), data, 3);
	hash_get(&want, hash);
	hash_get(&s.hash, got);
	ck_assert_mem_ne(hash, got, HASH_SIZE);
	seal(SEAL_START);
	ck_assert_mem_eq(p + FRAME_HEADER + 80, hash, HASH_SIZE);
}
END_TEST

START_TEST(says_what_fits)
{
	struct event e = { .type = FRAME_INPUT, .data = data, .len = sizeof(data) };
	unsigned count = 0;

	sealer_init(&s);
	sealer_cert(&s, p, data, 100);
	ck_assert_int_eq(sealer_fits(&s, 1), 0); /* no chunk is open */
	sealer_begin(&s, p, 0, &window);
	ck_assert_int_eq(sealer_fits(&s, EVENT_DATA_MAX + 1), 0);
	while (sealer_fits(&s, e.len)) {
		sealer_event(&s, p, &e);
		count++;
	}
	ck_assert_uint_eq(count, 30);
	e.dt = e.age = INT64_MAX;
	while (!sealer_fits(&s, e.len))
		e.len--;
	sealer_event(&s, p, &e);
	ck_assert_uint_eq(s.payload_len, 30 * (FRAME_HEADER + 2 + sizeof(data)) + 37 +
	    FRAME_HEADER + 18 + e.len);
	ck_assert_uint_eq(s.payload_len, CHUNK_PAYLOAD_MAX);
	ck_assert_int_eq(sealer_fits(&s, 1), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		the_first_event_is_at_zero, keys_move_on_and_are_wiped,
		a_pair_made_ahead_is_the_next_and_is_wiped, salts_differ, what_is_owed_is_hashed_in_order,
		says_what_fits,
	};

	recording_fix_random();
	return suite_run("sealer", tests, sizeof(tests) / sizeof(tests[0]));
}
