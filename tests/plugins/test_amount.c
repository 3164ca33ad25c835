/* SPDX-License-Identifier: ISC */
#include "../../plugins/amount.h"
#include "../lib/suite.h"
#include "err.h"

START_TEST(amounts)
{
	uint64_t v = 77;

	ck_assert_int_eq(amount_bytes(&v, "64M", 1, UINT64_C(1) << 40), 0);
	ck_assert_uint_eq(v, 64 << 20);
	ck_assert_int_eq(amount_bytes(&v, "4096", 4096, 4096), 0);
	ck_assert_uint_eq(v, 4096);
	ck_assert_int_eq(amount_seconds(&v, "2d", 0, 1000000), 0);
	ck_assert_uint_eq(v, 172800);
	ck_assert_int_eq(amount_seconds(&v, "90", 0, 100), 0);
	ck_assert_uint_eq(v, 90);
	ck_assert_int_eq(amount_number(&v, "0", 0, 5), 0);
	ck_assert_uint_eq(v, 0);
}
END_TEST

START_TEST(what_is_none)
{
	static const char *const bad[] = {"", "M", "-1", "1KK", "1 K", "0x1", "1k", "01", " 1", "1s"};
	uint64_t v = 77;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(amount_bytes(&v, bad[i], 0, 100000) == E_FORMAT, "%s", bad[i]);
	ck_assert_int_eq(amount_number(&v, "1K", 0, 5000), E_FORMAT);
	ck_assert_int_eq(amount_bytes(&v, "1K", 0, 1023), E_RANGE);
	ck_assert_int_eq(amount_bytes(&v, "1K", 1025, 5000), E_RANGE);
	ck_assert_int_eq(amount_bytes(&v, "9223372036854775807G", 0, UINT64_MAX), E_RANGE);
	ck_assert_int_eq(amount_seconds(&v, "99999999999999999999", 0, UINT64_MAX), E_RANGE);
	ck_assert_uint_eq(v, 77);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {amounts, what_is_none};

	return suite_run("amount", tests, sizeof(tests) / sizeof(tests[0]));
}
