/* SPDX-License-Identifier: ISC */
/* When a wall clock has left its course. */
#include "../../collector/ledger_clock.h"
#include "../lib/suite.h"

START_TEST(a_clock_that_was_set)
{
	struct clock_reading r = {.wall_ns = 1000000000000, .boot_ns = 1000, .mono_ns = 900,
		.raw_ns = 800};
	struct clock_course c = {.from = r};

	r.wall_ns += 60000000000;
	r.boot_ns += 60000000000;
	r.mono_ns += 50000000000; /* it was asleep */
	r.raw_ns += 49990000000;  /* and is slewed */
	ck_assert_int_eq(clock_course_step(&c, &r), 0);
	r.wall_ns += 400000000;
	ck_assert_int_eq(clock_course_step(&c, &r), 0);
	r.wall_ns += 200000000; /* a bit at a time */
	ck_assert_int_eq(clock_course_step(&c, &r), 600000000);
	ck_assert_int_eq(clock_course_step(&c, &r), 0);
	r.wall_ns -= 3600000000000;
	ck_assert_int_eq(clock_course_step(&c, &r), -3600000000000);
	/* ten per cent too fast: no slewing */
	r.wall_ns += 60000000000;
	r.boot_ns += 60000000000;
	r.mono_ns += 60000000000;
	r.raw_ns += 54000000000;
	ck_assert_int_eq(clock_course_step(&c, &r), 6000000000);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {a_clock_that_was_set};

	return suite_run("ledger_clock", tests, sizeof(tests) / sizeof(tests[0]));
}
