/* SPDX-License-Identifier: ISC */
#include "../../auditor/store/select.h"

#include <string.h>

#include "../lib/suite.h"
#include "bytes.h"

static struct store_session sessions[3];
static struct store store = { .fd = -1, .session = sessions, .sessions = 3 };

static void set(size_t i, uint64_t n, const char *id)
{
	sessions[i].name.n = n;
	ck_assert_int_eq(hex_get(sessions[i].name.id, ID_SIZE, id), 0);
}

static long select_one(const char *text)
{
	long other = -1;

	set(0, 1, "abcd0000000000000000000000000001");
	set(1, 2, "abcdef00000000000000000000000002");
	set(2, 1234, "12ff0000000000000000000000000003");
	return select_session(&store, text, &other);
}

START_TEST(digits_are_a_number)
{
	ck_assert_int_eq(select_one("1"), 0);
	ck_assert_int_eq(select_one("1234"), 2);
	ck_assert_int_eq(select_one("3"), SELECT_NONE);
	ck_assert_int_eq(select_one("12"), SELECT_NONE);
	ck_assert_int_eq(select_one("99999999999999999999999999"), SELECT_NONE);
}
END_TEST

START_TEST(others_are_the_start_of_an_id)
{
	ck_assert_int_eq(select_one("abcde"), 1);
	ck_assert_int_eq(select_one("ABCDEF"), 1);
	ck_assert_int_eq(select_one("12ff"), 2);
	ck_assert_int_eq(select_one("12ff0000000000000000000000000003"), 2);
	ck_assert_int_eq(select_one("12ff00000000000000000000000000030"), SELECT_NO_ID);
	ck_assert_int_eq(select_one("abc"), SELECT_NO_ID);
	ck_assert_int_eq(select_one("abcd"), SELECT_AMBIGUOUS);
	ck_assert_int_eq(select_one("beef"), SELECT_NONE);
	ck_assert_int_eq(select_one("x"), SELECT_NO_ID);
	ck_assert_int_eq(select_one(""), SELECT_NO_ID);
}
END_TEST

START_TEST(last_is_the_newest)
{
	struct store empty = { .fd = -1 };
	long other;

	ck_assert_int_eq(select_one("last"), 2);
	ck_assert_int_eq(select_session(&empty, "last", &other), SELECT_NONE);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		digits_are_a_number, others_are_the_start_of_an_id, last_is_the_newest,
	};

	return suite_run("select", tests, sizeof tests / sizeof tests[0]);
}
