/* SPDX-License-Identifier: ISC */
#include "../../recorder/evidence.h"
#include "../lib/suite.h"

#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define PATIENCE 20

static struct evidence e;
static uint64_t now, acked, frame;
static size_t held;

static void begin(void)
{
	now = 5000 * MS;
	acked = frame = 100;
	held = 0;
	evidence_init(&e, PATIENCE);
}

static void type(const char *s)
{
	evidence_typed(&e, now, (const uint8_t *)s, strlen(s));
}

static enum evidence_step next(void)
{
	return evidence_next(&e, now, acked, 1, held);
}

/* A seal of everything; its frame. */
static uint64_t seal(void)
{
	ck_assert_int_eq(next(), EVIDENCE_SEAL);
	frame += 3;
	evidence_sealed(&e, frame);
	return frame;
}

static void expect_go(enum evidence_step step, size_t len)
{
	ck_assert_int_eq(next(), step);
	ck_assert_uint_eq(evidence_take(&e), len);
}

START_TEST(keys_go_at_once)
{
	begin();
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
	type("ab\x03");
	expect_go(EVIDENCE_GO, 3);
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
	ck_assert_uint_eq(evidence_deadline(&e), 0);
}
END_TEST

START_TEST(a_line_waits_for_its_ack)
{
	static const char *const lines[] = { "ls\r", "ls\n", "a\nb", "\r" };
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		begin();
		type(lines[i]);
		acked = seal() - 1;
		now += (PATIENCE - 1) * MS;
		ck_assert_int_eq(next(), EVIDENCE_WAIT);
		ck_assert_uint_eq(evidence_deadline(&e), 5000 * MS + PATIENCE * MS);
		acked = frame;
		expect_go(EVIDENCE_GO, strlen(lines[i]));
		ck_assert_int_eq(next(), EVIDENCE_WAIT);
	}
}
END_TEST

START_TEST(nothing_overtakes)
{
	begin();
	type("one\r");
	seal();
	type("key");
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
	acked = frame;
	expect_go(EVIDENCE_GO, 4);
	expect_go(EVIDENCE_GO, 3);
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
}
END_TEST

START_TEST(what_comes_meanwhile_waits_together)
{
	begin();
	type("one\r");
	seal();
	now += 5 * MS;
	type("two\r");
	now += 5 * MS;
	type("three\rfo");
	acked = frame;
	expect_go(EVIDENCE_GO, 4);
	seal();
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
	ck_assert_uint_eq(evidence_deadline(&e), 5005 * MS + PATIENCE * MS);
	acked = frame;
	expect_go(EVIDENCE_GO, 12);
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
}
END_TEST

START_TEST(patience_ends_once)
{
	uint64_t late;

	begin();
	type("one\r");
	late = seal();
	type("two\r");
	now += PATIENCE * MS;
	expect_go(EVIDENCE_LATE, 4);
	seal();
	expect_go(EVIDENCE_LATE, 4);
	type("three\r");
	seal();
	expect_go(EVIDENCE_LATE, 6);
	acked = late;
	type("four\r");
	seal();
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
}
END_TEST

START_TEST(no_collector_is_not_waited_for)
{
	begin();
	type("one\r");
	seal();
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
	ck_assert_int_eq(evidence_next(&e, now, acked, 0, held), EVIDENCE_LATE);
	ck_assert_uint_eq(evidence_take(&e), 4);
	type("two\r");
	seal();
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
}
END_TEST

START_TEST(no_patience_still_seals)
{
	begin();
	evidence_init(&e, 0);
	type("one\r");
	seal();
	expect_go(EVIDENCE_GO, 4);
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
}
END_TEST

START_TEST(an_answer_is_waited_for)
{
	begin();
	held = 6;
	type("a");
	expect_go(EVIDENCE_GO, 1);
	type("bc");
	type("de\rf\r");
	ck_assert_int_eq(next(), EVIDENCE_ASK);
	ck_assert_uint_eq(evidence_ahead(&e), 4);
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
	ck_assert_uint_eq(evidence_deadline(&e), now + PATIENCE * MS / 2);
	held = 0; /* shown */
	seal();
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
	acked = frame;
	expect_go(EVIDENCE_GO, 3);
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
}
END_TEST

START_TEST(no_answer_takes_half_of_the_patience)
{
	begin();
	held = 7;
	type("secret\r");
	ck_assert_int_eq(next(), EVIDENCE_ASK);
	ck_assert_uint_eq(evidence_ahead(&e), 6);
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
	now += PATIENCE * MS / 2;
	seal();
	ck_assert_uint_eq(evidence_deadline(&e), now + PATIENCE * MS / 2);
	acked = frame;
	expect_go(EVIDENCE_GO, 1);
	held = 0;
	type("x\r");
	seal();
	type("y");
	held = 1;
	type("z\r");
	acked = frame;
	expect_go(EVIDENCE_GO, 2);
	ck_assert_int_eq(next(), EVIDENCE_ASK);
	ck_assert_uint_eq(evidence_ahead(&e), 2);
	ck_assert_int_eq(evidence_next(&e, now, acked, 0, held), EVIDENCE_SEAL);
}
END_TEST

START_TEST(dropped_bytes_are_forgotten)
{
	begin();
	type("one\r");
	seal();
	type("two\r");
	evidence_drop(&e);
	ck_assert_int_eq(next(), EVIDENCE_WAIT);
	ck_assert_uint_eq(evidence_deadline(&e), 0);
	type("x");
	expect_go(EVIDENCE_GO, 1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("evidence");

	tcase_add_test(t, keys_go_at_once);
	tcase_add_test(t, a_line_waits_for_its_ack);
	tcase_add_test(t, nothing_overtakes);
	tcase_add_test(t, what_comes_meanwhile_waits_together);
	tcase_add_test(t, patience_ends_once);
	tcase_add_test(t, no_collector_is_not_waited_for);
	tcase_add_test(t, no_patience_still_seals);
	tcase_add_test(t, an_answer_is_waited_for);
	tcase_add_test(t, no_answer_takes_half_of_the_patience);
	tcase_add_test(t, dropped_bytes_are_forgotten);
	return suite_run_case("evidence", t);
}
