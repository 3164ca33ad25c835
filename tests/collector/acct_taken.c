/* SPDX-License-Identifier: ISC */
/* Others than the collector who call acct(2). */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acct_harness.h"

/* acct(2) as another process: its own file, or NULL. */
static void by_another(const char *path)
{
	pid_t child = fork();
	int status;

	want(child >= 0, "fork");
	if (child == 0)
		_exit(acct(path) == 0 ? 0 : 1);
	waitpid(child, &status, 0);
	want(status == 0, "another's acct");
}

/* Another caller of acct(2) is noticed, and with acct_lost = leave what is his stays his. */
void taken(void)
{
	struct accounting *a = begin_with((struct accounting_config){ .leave = 1 });
	struct stat before, after;
	int fd;
	const char *other = others_file(&fd);

	want(accounting_start(a) == 0 && state_is(a, "on"), "start");
	spawn(0, 10);
	by_another(other);
	want(until(a, "lost") <= 1, "noticed within a second");
	show(a);
	want(counter(a, "foreign_markers") == 1 && counter(a, "gaps") == 1, "one foreign marker");
	for (int i = 0; accounting_timeout_ms(a) != -1; i++) {
		want(i < 100, "nothing is to be done then");
		turn(a, 50);
	}
	accounting_rotate_now(a);
	want(state_is(a, "lost"), "rotation does not take it either");
	want(fstat(fd, &before) == 0, "stat");
	finish(a, 0);
	spawn(100, 5);
	want(fstat(fd, &after) == 0 && after.st_size >= before.st_size + 5 * 64,
	    "the other's accounting goes on");
	acct(NULL);
	want(kernel_files() == 0, "no kernel file is left");
	check_store(10, 0);
	check_gaps(2, 1);
}

/* acct_lost = retake: taken by another file, and turned off. */
void retaken(void)
{
	struct accounting *a = begin_quickly();
	struct stat before, after;
	int fd;
	const char *other = others_file(&fd);

	spawn(0, 10);
	by_another(other);
	want(until(a, "lost") <= 1, "noticed within a second");
	want(troubled(a), "trouble is said");
	until(a, "on");
	until_well(a);
	want(counter(a, "retaken") == 1, "taken back");
	want(fstat(fd, &before) == 0, "stat");
	spawn(10, 10);
	by_another(NULL);
	want(until(a, "lost") <= 1, "turned off: noticed within a second");
	until_well(a);
	want(counter(a, "retaken") == 2 && counter(a, "gaps") == 2, "taken back again");
	spawn(20, 10);
	want(fstat(fd, &after) == 0 && after.st_size == before.st_size,
	    "the other's file gets no more");
	accounting_drain(a);
	finish(a, 1);
	check_store(30, 1);
	check_gaps(3, 3);
}

/* The configuration changes its mind while it is somebody else's. */
void left_then_retaken(void)
{
	struct accounting *a = begin_with((struct accounting_config){ .leave = 1,
		.retake_ms = RETAKE_MS });

	want(accounting_start(a) == 0, "start");
	by_another(NULL);
	until(a, "lost");
	accounting_policy(a, 0);
	until_well(a);
	want(counter(a, "retaken") == 1, "taken back");
	finish(a, 1);
}

/* Someone who takes it each time gets it in the end; a rotation by hand is a new try. */
void fought_for(void)
{
	struct accounting *a = begin_with((struct accounting_config){ .retake_ms = 1 });
	unsigned tries = 0;

	want(accounting_start(a) == 0, "start");
	for (;; tries++) {
		want(tries < 100, "it ends");
		by_another(NULL);
		until(a, "lost");
		for (int i = 0; i < 100 && state_is(a, "lost") && accounting_timeout_ms(a) != -1; i++)
			turn(a, 50);
		if (state_is(a, "lost"))
			break;
	}
	want(tries == 8, "eight times");
	show(a);
	accounting_rotate_now(a);
	until_well(a);
	spawn(0, 10);
	accounting_drain(a);
	finish(a, 1);
	check_store(10, 0);
}

/* Turned off with no marker that says so: the canary at the end sees it. */
void turned_off(void)
{
	struct accounting *a = begin_quickly();

	acct(NULL); /* by our own pid: the marker looks like ours */
	finish(a, 0);
}

/* The same while it runs: canaries find it, and it is taken back. */
void gone(void)
{
	struct accounting *a = begin_quickly();

	acct(NULL);
	until(a, "lost");
	until_well(a);
	want(counter(a, "retaken") == 1 && counter(a, "foreign_markers") == 0, "taken back");
	spawn(0, 10);
	accounting_drain(a);
	finish(a, 1);
	check_store(10, 1);
	check_gaps(2, 2);
}
