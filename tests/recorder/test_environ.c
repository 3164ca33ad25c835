/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "../../recorder/environ.h"
#include "../lib/suite.h"

static char **initial;  /* as it was before anything could change it */
static int argc_given;
static char **argv_given;

START_TEST(splits_what_is_there)
{
	char text[] = "A=1\0\0B=\0=\0no sign\0C=x\ny\0cut";
	char **env = environ_split(text, text + sizeof(text) - 1);

	ck_assert_str_eq(env[0], "A=1");
	ck_assert_str_eq(env[1], "");
	ck_assert_str_eq(env[2], "B=");
	ck_assert_str_eq(env[3], "=");
	ck_assert_str_eq(env[4], "no sign");
	ck_assert_str_eq(env[5], "C=x\ny");
	ck_assert_ptr_null(env[6]);
	free(env);
	env = environ_split(text, text);
	ck_assert_ptr_null(env[0]);
	free(env);
}
END_TEST

START_TEST(the_initial_stack_has_all)
{
	char **env;
	size_t i;

	/* as ld.so does: the vector loses strings, the stack does not */
	unsetenv("PATH");
	ck_assert_int_eq(setenv("HOME", "/changed", 1), 0);
	env = environ_take(1, argc_given, argv_given);
	ck_assert_ptr_nonnull(env);
	ck_assert_ptr_null(environ);
	for (i = 0; initial[i] != NULL; i++)
		ck_assert_str_eq(env[i], initial[i]);
	ck_assert_ptr_null(env[i]);
	free(env);
}
END_TEST

START_TEST(without_privilege_environ_is_taken)
{
	ck_assert_int_eq(setenv("X", "1", 1), 0);
	ck_assert_ptr_eq(environ_take(0, argc_given, argv_given), environ);
	ck_assert_ptr_nonnull(environ);
}
END_TEST

START_TEST(names_are_whole)
{
	char a[] = "TERMINFO=1", b[] = "TERM", c[] = "TERM=x", d[] = "TERM=y", *env[] = {a, b, c, d, NULL};

	ck_assert_str_eq(environ_find(env, "TERM"), "x");
	ck_assert_ptr_null(environ_find(env, "TER"));
	environ_replace(env, "TERM", "long enough not to fit");
	ck_assert_str_eq(env[2], "TERM=long enough not to fit");
	ck_assert_str_eq(env[3], "TERM=long enough not to fit");
	environ_replace(env, "NONE", "x");
	ck_assert_str_eq(env[0], "TERMINFO=1");
	free(env[2]);
	free(env[3]);
}
END_TEST

int main(int argc, char **argv)
{
	const TTest *const tests[] = { splits_what_is_there, the_initial_stack_has_all,
		without_privilege_environ_is_taken, names_are_whole };
	size_t n = 0;

	while (environ[n] != NULL)
		n++;
	initial = calloc(n + 1, sizeof(*initial));
	if (initial == NULL)
		return EXIT_FAILURE;
	while (n-- > 0)
		initial[n] = environ[n];
	argc_given = argc;
	argv_given = argv;
	return suite_run("environ", tests, sizeof(tests) / sizeof(tests[0]));
}
