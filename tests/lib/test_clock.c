/* SPDX-License-Identifier: ISC */
#include "clock.h"
#include "suite.h"

#define NS INT64_C(1000000000)

START_TEST(rfc3339)
{
	char t[CLOCK_RFC3339_SIZE];

	ck_assert_str_eq(clock_rfc3339(t, 0), "1970-01-01T00:00:00.000000000Z");
	ck_assert_str_eq(clock_rfc3339(t, -1), "1969-12-31T23:59:59.999999999Z");
	ck_assert_str_eq(clock_rfc3339(t, 1709208000 * NS + 123), "2024-02-29T12:00:00.000000123Z");
	ck_assert_str_eq(clock_rfc3339(t, INT64_MAX), "2262-04-11T23:47:16.854775807Z");
	ck_assert_str_eq(clock_rfc3339(t, INT64_MIN), "1677-09-21T00:12:43.145224192Z");
}
END_TEST

START_TEST(clocks_go_forward)
{
	uint64_t mono = clock_mono(), boot = clock_boot();

	ck_assert(clock_mono() >= mono && clock_boot() >= boot && boot >= mono);
	ck_assert(clock_wall() > 1700000000 * NS);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { rfc3339, clocks_go_forward };

	return suite_run("clock", tests, sizeof(tests) / sizeof(tests[0]));
}
