/* SPDX-License-Identifier: ISC */
#include "../../auditor/words/options.h"

#include <getopt.h>

#include "../lib/suite.h"

static const struct opt outer[] = {
	{ 'd', "dir", "DIR", "" },
	{ 0 },
};
static const struct opt inner[] = {
	{ OPT_LONG, "raw", NULL, "" },
	{ 's', "speed", "N", "" },
	{ 0 },
};

START_TEST(options_stand_before_and_behind_arguments)
{
	char words[8][8] = { "shellac", "-d", "x", "cat", "7", "--raw", "-s", "2" };
	char *argv[9] = { NULL }, **in;
	int i;

	for (i = 0; i < 8; i++)
		argv[i] = words[i];
	optind = 0;
	ck_assert_int_eq(opt_next(outer, 8, argv, 1), 'd');
	ck_assert_str_eq(optarg, "x");
	ck_assert_int_eq(opt_next(outer, 8, argv, 1), OPT_END);
	ck_assert_int_eq(optind, 3);
	in = argv + optind;

	optind = 0;
	ck_assert_int_eq(opt_next(inner, 5, in, 0), OPT_LONG);
	ck_assert_int_eq(opt_next(inner, 5, in, 0), 's');
	ck_assert_str_eq(optarg, "2");
	ck_assert_int_eq(opt_next(inner, 5, in, 0), OPT_END);
	ck_assert_int_eq(optind, 4);
	ck_assert_str_eq(in[optind], "7");
}
END_TEST

START_TEST(numbers_are_the_whole_text)
{
	unsigned long long n = 5;
	double f = 5;

	ck_assert_int_eq(opt_number("42", 42, &n), 0);
	ck_assert_uint_eq(n, 42);
	ck_assert_int_ne(opt_number("43", 42, &n), 0);
	ck_assert_int_ne(opt_number("-1", 42, &n), 0);
	ck_assert_int_ne(opt_number("4x", 42, &n), 0);
	ck_assert_int_ne(opt_number("", 42, &n), 0);
	ck_assert_int_eq(opt_fraction("0.5", 8, &f), 0);
	ck_assert(f == 0.5);
	ck_assert_int_ne(opt_fraction("0", 8, &f), 0);
	ck_assert_int_ne(opt_fraction("9", 8, &f), 0);
	ck_assert_int_ne(opt_fraction("inf", 8, &f), 0);
	ck_assert_int_ne(opt_fraction(".", 8, &f), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		options_stand_before_and_behind_arguments, numbers_are_the_whole_text,
	};

	return suite_run("options", tests, sizeof tests / sizeof tests[0]);
}
