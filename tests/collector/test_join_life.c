/* SPDX-License-Identifier: ISC */
#include "../lib/suite.h"
#include "join_fixture.h"

/* Somebody has followed this one's fork. */
static void knows(uint32_t pid, uint64_t session, uint8_t reason)
{
	ck_assert_uint_lt(known_count, ALIVE_MAX);
	known[known_count++] = (struct life){ .pid = pid, .ppid = 7, .start_ticks = 77,
		.ordinal = 2, .sid = 9, .origin = ORIGIN_SSHD, .session = session, .outer = 5,
		.keeper_pid = session != 0 ? 100 : 0, .reason = reason,
		.certainty = CERTAIN_EXACT };
}

/* What is known holds, whatever the chain would say, and /proc is not read. */
START_TEST(known_lives)
{
	unsigned before;

	keeper();
	before = stats;
	knows(300, 3, REASON_FORK);
	knows(301, 0, REASON_NO_RECORDER);
	knows(302, 3, REASON_LEAD_IN);
	push(300, 1);
	push_full(301, 100, 0x8801, BOOT + 100);
	push(302, 100);
	settle();
	is(0, 3, REASON_FORK);
	is(1, 0, REASON_NO_RECORDER_TERMINAL);
	is(2, 3, REASON_LEAD_IN);
	ck_assert_uint_eq(stats, before);
	ck_assert_uint_eq(out[0].certainty, CERTAIN_EXACT);
	ck_assert_uint_eq(out[0].start_ticks, 77);
	ck_assert_uint_eq(out[0].ordinal, 2);
	ck_assert_uint_eq(out[0].parent_pid, 7);
	ck_assert_uint_eq(out[0].sid, 9);
	ck_assert_uint_eq(out[0].origin, ORIGIN_SSHD);
	ck_assert_uint_eq(out[0].outer, 5);
}
END_TEST

/* One that nobody knows goes up through those that are. */
START_TEST(unknown_below_known)
{
	keeper();
	knows(300, 3, REASON_FORK);
	knows(302, 3, REASON_LEAD_IN);
	push(301, 300);
	push(303, 302);
	push(300, 1);
	push(302, 1);
	settle();
	is(0, 3, REASON_ANCESTRY);
	ck_assert_uint_eq(out[0].certainty, CERTAIN_LIKELY);
	ck_assert_uint_eq(out[0].start_ticks, 0);
	is(1, 0, REASON_NO_RECORDER); /* what goes past a recorder is nobody's */
}
END_TEST

/* After a loss: the chain decides, and that is doubtful. */
START_TEST(in_doubt)
{
	keeper();
	known_answer = 2;
	known_doubt = 1;
	knows(300, 3, REASON_FORK);
	push(300, 100);
	push(301, 100);
	push(302, 1);
	settle();
	is(0, 1, REASON_ANCESTRY);
	ck_assert_uint_eq(out[0].certainty, CERTAIN_DOUBTFUL);
	ck_assert_uint_eq(out[0].start_ticks, 77);
	is(1, 1, REASON_ANCESTRY);
	ck_assert_uint_eq(out[1].certainty, CERTAIN_DOUBTFUL);
	is(2, 0, REASON_NO_RECORDER);
	known_doubt = 0;
	push(303, 100);
	settle();
	ck_assert_uint_eq(out[3].certainty, CERTAIN_LIKELY);
}
END_TEST

static void on_terminal(pid_t pid, pid_t ppid, uint64_t start_ticks, pid_t sid)
{
	lives(pid, ppid, start_ticks);
	alive[alive_count - 1].session = sid;
	alive[alive_count - 1].tty_dev = 0x08800005;
}

/* By accounting alone: the front, and the shell that began it. */
START_TEST(lead_in)
{
	on_terminal(80, 1, 10, 70); /* another terminal session */
	on_terminal(85, 80, 15, 85);
	on_terminal(90, 85, 20, 85);
	lives(100, 90, 30);
	ck_assert_int_eq(join_add_keeper(j, 1, 100, 30, 0x08800005, 1), 0);
	push_full(95, 85, 0x8805, BOOT + 100); /* past the recorder */
	push(110, 100);
	push_full(90, 85, 0x8805, BOOT + 100);
	push_full(85, 80, 0x8805, BOOT + 100);
	push_full(90, 80, 0x8805, BOOT + 100); /* the pid again */
	push_full(80, 1, 0x8805, BOOT + 100);
	settle();
	is(0, 0, REASON_NO_RECORDER_TERMINAL);
	is(1, 1, REASON_ANCESTRY);
	is(2, 1, REASON_LEAD_IN);
	is(3, 1, REASON_LEAD_IN);
	is(4, 0, REASON_NO_RECORDER_TERMINAL);
	is(5, 0, REASON_NO_RECORDER_TERMINAL);
	ck_assert_uint_eq(join_commands(j, 1), 1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("life");

	tcase_add_checked_fixture(t, join_setup, join_teardown);
	tcase_add_test(t, known_lives);
	tcase_add_test(t, unknown_below_known);
	tcase_add_test(t, in_doubt);
	tcase_add_test(t, lead_in);
	return suite_run_case("join_life", t);
}
