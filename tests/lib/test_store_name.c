/* SPDX-License-Identifier: ISC */
#include "err.h"
#include "store_name.h"
#include "suite.h"

#define NS INT64_C(1000000000)
#define ID "00112233445566778899aabbccddeeff"

START_TEST(names_come_back)
{
	static const char *const good[] = { "1-" ID ".shlc", "10-" ID ".shlc.live",
		"18446744073709551615-" ID ".shlc.cut" };
	char out[STORE_NAME_MAX];
	struct session_name s;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_int_eq(store_name_parse(&s, good[i]), 0);
		ck_assert_int_eq(s.state, i);
		store_name_format(out, &s);
		ck_assert_str_eq(out, good[i]);
	}
	ck_assert(s.n == UINT64_MAX && s.id[1] == 0x11);
}
END_TEST

START_TEST(other_names_are_refused)
{
	static const char *const bad[] = { "", "-", "0-" ID ".shlc", "01-" ID ".shlc", "-" ID ".shlc",
		"18446744073709551616-" ID ".shlc", "1-" ID, "1-" ID ".shl", "1-" ID ".shlc.new",
		"1-" ID ".shlcx", "+1-" ID ".shlc", " 1-" ID ".shlc", "1_" ID ".shlc",
		"1-00112233445566778899AABBCCDDEEFF.shlc", "1-00112233.shlc", "1", "x" };
	struct session_name s;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(store_name_parse(&s, bad[i]) == E_FORMAT, "%s", bad[i]);
}
END_TEST

START_TEST(days)
{
	char day[STORE_DAY_MAX];

	store_day(day, 1709251199 * NS + 999999999);
	ck_assert_str_eq(day, "2024/02/29");
	store_day(day, 1709251200 * NS);
	ck_assert_str_eq(day, "2024/03/01");
	store_day(day, -1);
	ck_assert_str_eq(day, "1969/12/31");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { names_come_back, other_names_are_refused, days };

	return suite_run("store_name", tests, sizeof(tests) / sizeof(tests[0]));
}
