/* SPDX-License-Identifier: ISC */
/* The hard limits of another process: lifted, and never lowered. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../collector/lift.h"
#include "../lib/suite.h"

static const __rlimit_resource_t low[] = {
	RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK,
};

static pid_t child;

/* A child with these hard limits, or ours where n is 0. */
static void start(rlim_t n, rlim_t files)
{
	const struct rlimit l = { n, n }, f = { files, files };
	size_t i;
	int ready[2];

	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		for (i = 0; n != 0 && i < sizeof(low) / sizeof(*low); i++)
			setrlimit(low[i], &l);
		setrlimit(RLIMIT_NOFILE, &f);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(0);
	}
	ck_assert_int_eq(read(ready[0], &i, 1), 1);
	close(ready[0]);
	close(ready[1]);
}

static void end(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static rlim_t hard(__rlimit_resource_t which)
{
	struct rlimit l;

	ck_assert_int_eq(prlimit(child, which, NULL, &l), 0);
	return l.rlim_max;
}

/* CAP_SYS_RESOURCE, as prlimit(2) itself has it */
static int may_lift(void)
{
	const struct rlimit more = { RLIM_INFINITY, RLIM_INFINITY };
	int r;

	start(1 << 20, 64);
	r = prlimit(child, RLIMIT_CPU, &more, NULL);
	end();
	return r == 0;
}

START_TEST(low_ones_are_lifted_or_stay)
{
	int may = may_lift();
	size_t i;

	start(1 << 20, 64);
	ck_assert_int_eq(lift_limits(child), may ? 0 : -EPERM);
	for (i = 0; i < sizeof(low) / sizeof(*low); i++)
		ck_assert_int_eq(hard(low[i]) == (may ? RLIM_INFINITY : 1 << 20), 1);
	ck_assert_int_eq(hard(RLIMIT_NOFILE), may ? 1024 : 64);
	end();
}
END_TEST

START_TEST(high_ones_stay)
{
	start(0, 2048);
	lift_limits(child);
	ck_assert_int_eq(hard(RLIMIT_NOFILE), 2048);
	end();
}
END_TEST

START_TEST(nobody_there)
{
	start(0, 2048);
	end();
	ck_assert_int_eq(lift_limits(child), -ESRCH);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lift");

	tcase_add_test(t, low_ones_are_lifted_or_stay);
	tcase_add_test(t, high_ones_stay);
	tcase_add_test(t, nobody_there);
	return suite_run_case("lift", t);
}
