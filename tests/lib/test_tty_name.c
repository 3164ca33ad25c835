/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "err.h"
#include "suite.h"
#include "tty_name.h"

START_TEST(terminals_have_names)
{
	static const struct {
		uint32_t major, minor;
		const char *name;
	} t[] = {
		{ 136, 0, "pts/0" }, { 137, 44, "pts/300" }, { 143, 255, "pts/2047" },
		{ 136, 2048, "pts/2048" }, { 4, 1, "tty1" }, { 4, 63, "tty63" },
		{ 4, 64, "ttyS0" }, { 4, 65, "ttyS1" },
	};
	char out[TTY_NAME_SIZE];
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		ck_assert_int_eq(tty_name(out, t[i].major, t[i].minor), 0);
		ck_assert_str_eq(out, t[i].name);
	}
}
END_TEST

START_TEST(others_have_none)
{
	char out[TTY_NAME_SIZE] = "as it was";

	ck_assert_int_eq(tty_name(out, 0, 0), E_RANGE);
	ck_assert_int_eq(tty_name(out, 5, 0), E_RANGE);
	ck_assert_int_eq(tty_name(out, 135, 255), E_RANGE);
	ck_assert_int_eq(tty_name(out, 144, 0), E_RANGE);
	ck_assert_str_eq(out, "as it was");
}
END_TEST

START_TEST(consoles_are_at_the_machine)
{
	ck_assert(tty_is_console(4, 1) && tty_is_console(4, 64) && tty_is_console(5, 1));
	ck_assert(tty_is_console(204, 64) && tty_is_console(229, 0));
	ck_assert(!tty_is_console(5, 0) && !tty_is_console(5, 2) && !tty_is_console(136, 1));
	ck_assert(!tty_is_console(0, 0));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { terminals_have_names, others_have_none,
		consoles_are_at_the_machine };

	return suite_run("tty_name", tests, sizeof(tests) / sizeof(tests[0]));
}
