/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TEST_SUITE_H
#define SHELLAC_TEST_SUITE_H

#include <check.h>
#include <stdlib.h>

/* Runs one test case of these functions; each tells its own failures. */
static inline int suite_run(const char *name, const TTest *const *tests, size_t count)
{
	Suite *s = suite_create(name);
	TCase *tc = tcase_create(name);
	SRunner *sr;
	size_t i;
	int failed;

	for (i = 0; i < count; i++)
		tcase_add_test(tc, tests[i]);
	tcase_set_timeout(tc, 600);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
