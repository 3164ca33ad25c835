/* SPDX-License-Identifier: ISC */
#include "../../setup/run.h"

#include <errno.h>
#include <string.h>

#include "../lib/suite.h"

#define LONG_MS 60000

static char said[RUN_SAID_MAX];

static int sh(const char *command, int limit_ms)
{
	const char *argv[] = { "/bin/sh", "-c", command, NULL };

	return run_program(argv, NULL, limit_ms, said);
}

START_TEST(status_and_words)
{
	ck_assert_int_eq(sh("echo out; echo err >&2; exit 3", LONG_MS), 3);
	ck_assert_str_eq(said, "out\nerr\n");
	ck_assert_int_eq(sh("kill -TERM $$", LONG_MS), 128 + 15);
	ck_assert_int_eq(sh("read x; echo $?; tty", LONG_MS), 1);
	ck_assert_str_eq(said, "1\nnot a tty\n");
}
END_TEST

START_TEST(environment_is_its_own)
{
	static const char *const more[] = { "MORE=here", NULL };
	const char *argv[] = { "/bin/sh", "-c", "echo $MORE $HOME", NULL };

	ck_assert_int_eq(run_program(argv, &(struct run_as){ .env = more }, LONG_MS, said), 0);
	ck_assert_str_eq(said, "here\n");
}
END_TEST

START_TEST(much_is_cut)
{
	ck_assert_int_eq(sh("head -c 200000 /dev/zero | tr '\\0' x; exit 4", LONG_MS), 4);
	ck_assert_uint_eq(strlen(said), RUN_SAID_MAX - 1);
}
END_TEST

START_TEST(one_that_stays_is_killed)
{
	ck_assert_int_eq(sh("echo here; sleep 600", 2000), -ETIME);
	ck_assert_str_eq(said, "here\n");
}
END_TEST

/* A daemon that keeps what it was given is not waited for. */
START_TEST(one_that_leaves_a_child)
{
	ck_assert_int_eq(sh("sleep 20 & exit 5", LONG_MS), 5);
}
END_TEST

START_TEST(one_that_is_not_there)
{
	const char *argv[] = { "/nowhere/program", NULL };

	ck_assert_int_eq(run_program(argv, NULL, LONG_MS, said), 127);
}
END_TEST

static int terminal(const char *command, int limit_ms)
{
	const char *argv[] = { "/bin/sh", "-c", command, NULL };

	return run_on_terminal(argv, "echo fo''und\r", "found", "exit\r", limit_ms, said);
}

START_TEST(terminal_is_answered)
{
	ck_assert_int_eq(terminal("exec sh -i", LONG_MS), 0);
	ck_assert_int_eq(terminal("sleep 1; exec sh -i", LONG_MS), 0);
	ck_assert_int_eq(terminal("exit 1", LONG_MS), -EPROTO);
	ck_assert_int_eq(terminal("sleep 600", 3000), -ETIME); /* the echo alone is no answer */
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		status_and_words, environment_is_its_own, much_is_cut, one_that_stays_is_killed,
		one_that_leaves_a_child, one_that_is_not_there, terminal_is_answered,
	};

	return suite_run("run", tests, sizeof(tests) / sizeof(*tests));
}
