/* SPDX-License-Identifier: ISC */
#include "../../auditor/procs/alive.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../collector/acct_fake.h"
#include "../lib/suite.h"
#include "process_world.h"
#include "procfs.h"

#define BOOT_AT 8 /* of the boot id in a segment's header */

static struct world w;
static struct proc_stat child;

/* Segment k of the boot that runs. */
static void segment_of_now(uint64_t k, int64_t boot_wall_ns)
{
	uint8_t boot[BOOT_ID_SIZE];
	unsigned i;

	ck_assert_int_eq(procfs_boot_id(boot), 0);
	world_segment(&w, k, 2, boot_wall_ns);
	for (i = 0; i < BOOT_ID_SIZE; i++)
		world_flip(&w, k, BOOT_AT + i, boot[i] ^ (i == 0 ? 0xb0 : 0));
}

static void fork_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (;;)
			pause();
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(procfs_stat(pid, &child), 0);
}

static void end_child(void)
{
	kill(child.pid, SIGKILL);
	waitpid(child.pid, NULL, 0);
}

static void begin(void)
{
	world_make(&w);
	fork_child();
}

static void end(void)
{
	end_child();
	world_remove(&w);
}

/* The record of the child's pid with this start, btime and ordinal. */
static void record(uint64_t start_ticks, uint16_t ordinal, uint32_t btime)
{
	struct process_record r = {.kernel_file = 1, .place = 1, .reason = REASON_NO_RECORDER,
		.start_ticks = start_ticks, .ordinal = ordinal};

	fake_record(r.body, (uint32_t)child.pid, 1, 0, btime, 1);
	world_slot(&w, &r);
}

static struct alive ask(uint64_t start_ticks, uint16_t ordinal)
{
	const struct life_name n = {.pid = (uint32_t)child.pid, .start_ticks = start_ticks,
		.ordinal = ordinal};
	struct alive a;

	alive_look(&a, &n);
	ck_assert_int_eq(alive_judge(&a, &w.store), 0);
	return a;
}

static int state(uint64_t start_ticks, uint16_t ordinal)
{
	return (int)ask(start_ticks, ordinal).state;
}

START_TEST(lives)
{
	ck_assert_int_eq(state(child.start_ticks, 0), ALIVE_YES);
	ck_assert_int_eq(ask(child.start_ticks, 0).life.has_boot, 1);
	ck_assert_str_eq(ask(child.start_ticks, 0).comm, "test_alive");
	/* another life of that pid: nothing is known of it */
	ck_assert_int_eq(state(child.start_ticks - 1, 0), ALIVE_UNKNOWN);
	ck_assert_int_eq(state(child.start_ticks + 1, 0), ALIVE_UNKNOWN);
	ck_assert_int_eq(state(child.start_ticks, 1), ALIVE_UNKNOWN);
}
END_TEST

START_TEST(ended_only_with_a_record)
{
	end_child();
	ck_assert_int_eq(state(child.start_ticks, 0), ALIVE_UNKNOWN);
	segment_of_now(1, 0);
	record(child.start_ticks - 1, 0, 5);
	ck_assert_int_eq(state(child.start_ticks, 0), ALIVE_UNKNOWN);
	record(child.start_ticks, 0, 5);
	ck_assert_int_eq(state(child.start_ticks, 0), ALIVE_ENDED);
	ck_assert_str_eq(ask(child.start_ticks, 0).comm, "fake");
	ck_assert_int_eq(state(child.start_ticks, 1), ALIVE_UNKNOWN);
}
END_TEST

/* Somebody else has the pid: the record decides, not that a process is there. */
START_TEST(same_pid_again)
{
	segment_of_now(1, 0);
	record(child.start_ticks - 30, 0, 5);
	ck_assert_int_eq(state(child.start_ticks - 30, 0), ALIVE_ENDED);
	ck_assert_int_eq(state(child.start_ticks, 0), ALIVE_YES);
}
END_TEST

START_TEST(same_pid_and_tick)
{
	segment_of_now(1, 0);
	record(child.start_ticks, 0, 5);
	ck_assert_int_eq(state(child.start_ticks, 0), ALIVE_ENDED);
	ck_assert_int_eq(state(child.start_ticks, 1), ALIVE_YES);
	ck_assert_int_eq(state(child.start_ticks, 2), ALIVE_UNKNOWN);
	record(child.start_ticks, 2, 5); /* that of ordinal 1 was lost */
	ck_assert_int_eq(state(child.start_ticks, 1), ALIVE_UNKNOWN);
	ck_assert_ptr_nonnull(ask(child.start_ticks, 1).reason);
}
END_TEST

START_TEST(other_boots)
{
	struct life_name n = {.pid = (uint32_t)child.pid, .start_ticks = child.start_ticks,
		.has_boot = 1, .boot_id = {0xb0}};
	struct alive a;

	world_segment(&w, 1, 2, 0);
	record(child.start_ticks, 0, 5);
	ck_assert_int_eq(state(child.start_ticks, 0), ALIVE_YES);
	alive_look(&a, &n);
	ck_assert_int_eq(alive_judge(&a, &w.store), 0);
	ck_assert_int_eq(a.state, ALIVE_ENDED);
	n.boot_id[1] = 1;
	alive_look(&a, &n);
	ck_assert_int_eq(alive_judge(&a, &w.store), 0);
	ck_assert_int_eq(a.state, ALIVE_UNKNOWN);
}
END_TEST

/* Accounting alone does not say the tick: its records never make a life ended. */
START_TEST(without_a_tick)
{
	const int64_t boot_s = 1000000000;
	uint32_t start = (uint32_t)(boot_s + (int64_t)child.start_ticks / 100);
	const char *reason, *other;

	end_child();
	segment_of_now(1, boot_s * 1000000000);
	record(0, 0, start + 60);
	ck_assert_int_eq(state(child.start_ticks, 0), ALIVE_UNKNOWN);
	reason = ask(child.start_ticks, 0).reason;
	record(0, 0, start + 1);
	ck_assert_int_eq(state(child.start_ticks, 0), ALIVE_UNKNOWN);
	other = ask(child.start_ticks, 0).reason;
	ck_assert_str_ne(reason, other);
	ck_assert(ask(child.start_ticks, 0).start_wall_ns == boot_s * 1000000000 +
	    (int64_t)child.start_ticks * 10000000);
}
END_TEST

static void *go_on(void *arg)
{
	pause();
	return arg;
}

/* Not reaped is not alive; a leader that left other threads behind is. */
START_TEST(zombies)
{
	pthread_t t;
	pid_t pid;

	kill(child.pid, SIGKILL);
	ck_assert_int_eq(waitid(P_PID, (id_t)child.pid, NULL, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq(state(child.start_ticks, 0), ALIVE_UNKNOWN);
	end_child();
	pid = fork();
	if (pid == 0) {
		pthread_create(&t, NULL, go_on, NULL);
		syscall(SYS_exit, 0);
	}
	do {
		usleep(10000);
		ck_assert_int_eq(procfs_stat(pid, &child), 0);
	} while (child.state != 'Z');
	ck_assert_int_eq(state(child.start_ticks, 0), ALIVE_YES);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {lives, ended_only_with_a_record, same_pid_again,
		same_pid_and_tick, other_boots, without_a_tick, zombies};
	TCase *tc = tcase_create("alive");
	size_t i;

	tcase_add_checked_fixture(tc, begin, end);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	return suite_run_case("alive", tc);
}
