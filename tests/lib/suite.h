/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TEST_SUITE_H
#define SHELLAC_TEST_SUITE_H

#include <check.h>
#include <stdlib.h>

/* Runs a test case; each test tells its own failures.  main()'s status. */
static inline int suite_run_case(const char *name, TCase *tc)
{
	Suite *s = suite_create(name);
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 600);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The same with a case of these functions, without fixtures. */
static inline int suite_run(const char *name, const TTest *const *tests, size_t count)
{
	TCase *tc = tcase_create(name);
	size_t i;

	for (i = 0; i < count; i++)
		tcase_add_test(tc, tests[i]);
	return suite_run_case(name, tc);
}

#endif
