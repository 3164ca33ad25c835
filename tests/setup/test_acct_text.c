/* SPDX-License-Identifier: ISC */
#include "../../setup/acct_text.h"

#include <string.h>

#include "../../setup/shell_name.h"
#include "../lib/suite.h"

static void conf_becomes(const char *text, const char *value, const char *wanted)
{
	struct tree_file f;

	ck_assert_int_eq(tree_text(&f, TREE_FILE, text, strlen(text)), 0);
	ck_assert_int_eq(acct_text_conf(&f, value), 0);
	ck_assert_uint_eq(f.len, strlen(wanted));
	ck_assert_str_eq((char *)f.data, wanted);
	tree_release(&f);
}

START_TEST(conf_keeps_other_lines)
{
	conf_becomes("", "own", "acct = own\n");
	conf_becomes("linger = no", "off", "linger = no\nacct = off\n");
	conf_becomes("acct = off\n", "own", "acct = own\n");
	conf_becomes("a = b\n\t acct\t=off  \nacct_size = 1M", "own",
	    "a = b\nacct = own\nacct_size = 1M");
	conf_becomes("# acct = off\nacct=off", "own", "# acct = off\nacct = own");
	conf_becomes("acct = off\nx = y\nacct = off\n", "own", "acct = own\nx = y\nacct = own\n");
}
END_TEST

START_TEST(conf_that_is_not_there)
{
	struct tree_file f = { 0 };

	ck_assert_int_eq(acct_text_conf(&f, "off"), 0);
	ck_assert_int_eq(f.type, TREE_FILE);
	ck_assert_str_eq((char *)f.data, "acct = off\n");
	tree_release(&f);
}
END_TEST

static int enabled(const char *text)
{
	struct tree_file f;
	int on;

	ck_assert_int_eq(tree_text(&f, TREE_FILE, text, strlen(text)), 0);
	on = acct_text_is_enabled(&f);
	tree_release(&f);
	return on;
}

START_TEST(default_by_its_last_line)
{
	ck_assert_int_eq(enabled(""), 0);
	ck_assert_int_eq(enabled("ACCT_ENABLE="), 0);
	ck_assert_int_eq(enabled("ACCT_ENABLE=\"1\"\n"), 1);
	ck_assert_int_eq(enabled("ACCT_ENABLE=1"), 1);
	ck_assert_int_eq(enabled("#ACCT_ENABLE=\"1\"\n"), 0);
	ck_assert_int_eq(enabled("ACCT_ENABLE=\"1\"\nACCT_ENABLE=\"0\"\n"), 0);
}
END_TEST

START_TEST(default_ends_who_reads_it)
{
	const char *text = "ACCT_ENABLE=\"1\"";
	struct tree_file f;

	ck_assert_int_eq(tree_text(&f, TREE_FILE, text, strlen(text)), 0);
	ck_assert_int_eq(acct_text_default(&f), 0);
	ck_assert_int_eq(strncmp((char *)f.data, "ACCT_ENABLE=\"1\"\n#", 17), 0);
	ck_assert_ptr_nonnull(strstr((char *)f.data, "\nexit 0\n"));
	ck_assert_int_eq(acct_text_is_enabled(&f), 0);
	tree_release(&f);
}
END_TEST

START_TEST(names_of_shells)
{
	ck_assert_str_eq(shell_name("/bin/bash"), "bash");
	ck_assert_str_eq(shell_name("/usr/local/bin/zsh"), "zsh");
	ck_assert_str_eq(shell_name("/bin/sh"), "dash");
	ck_assert_ptr_null(shell_name("/bin/rbash"));
	ck_assert_ptr_null(shell_name("/usr/sbin/nologin"));
	ck_assert_ptr_null(shell_name("bash"));
	ck_assert_ptr_null(shell_name(""));
	ck_assert_int_eq(shell_is_restricted("/bin/rbash"), 1);
	ck_assert_int_eq(shell_is_restricted("/bin/bash"), 0);
	ck_assert_int_eq(shell_is_restricted("/bin/rc"), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		conf_keeps_other_lines, conf_that_is_not_there, default_by_its_last_line,
		default_ends_who_reads_it, names_of_shells,
	};

	return suite_run("acct_text", tests, sizeof(tests) / sizeof(*tests));
}
