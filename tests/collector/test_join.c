/* SPDX-License-Identifier: ISC */
#include <errno.h>

#include "../lib/suite.h"
#include "join_fixture.h"

START_TEST(chain_of_ended)
{
	keeper();
	push(103, 102); /* grandchild, child, shell, and one of nobody */
	push(102, 101);
	push(101, 100);
	push(200, 1);
	push_full(201, 0, 0x8801, 0);
	settle();
	is(0, 1, REASON_ANCESTRY);
	is(1, 1, REASON_ANCESTRY);
	is(2, 1, REASON_ANCESTRY);
	ck_assert_uint_eq(out[0].keeper_pid, 100);
	ck_assert_uint_eq(out[0].outer, 0);
	ck_assert_int_eq(out[0].read_wall_ns, 5);
	is(3, 0, REASON_NO_RECORDER);
	is(4, 0, REASON_NO_RECORDER_TERMINAL);
	ck_assert_uint_eq(join_commands(j, 1), 3);
	ck_assert_uint_eq(join_commands(j, 2), 0);
}
END_TEST

START_TEST(living_parents)
{
	keeper();
	lives(101, 100, 40);
	lives(102, 101, 50);
	push(103, 102);
	push(104, 80); /* beside the recorder */
	settle();
	is(0, 1, REASON_ANCESTRY_LIVE);
	is(1, 0, REASON_NO_RECORDER);
	unsigned before = stats;
	for (uint32_t i = 0; i < 1000; i++)
		push(1000 + i, 102);
	settle();
	is(1001, 1, REASON_ANCESTRY_LIVE);
	ck_assert_uint_eq(stats, before); /* remembered */
}
END_TEST

/* The answer for a living process ends with its record. */
START_TEST(pid_given_out_again)
{
	keeper();
	lives(101, 100, 40);
	push(300, 101);
	settle();
	is(0, 1, REASON_ANCESTRY_LIVE);
	dies(101);
	lives(101, 1, 500);
	push(301, 101); /* a child of the life in the session */
	push(101, 100); /* which ends here */
	push(302, 101); /* a child of the next one, which lives */
	settle();
	is(1, 1, REASON_ANCESTRY);
	is(2, 1, REASON_ANCESTRY);
	is(3, 0, REASON_NO_RECORDER);
}
END_TEST

/* Three lives of one pid in a row: each child goes to the one that ended next. */
START_TEST(kth_life)
{
	keeper();
	push(400, 150);
	push(150, 1);
	push(401, 150);
	push(150, 100);
	push(402, 150);
	push(150, 1);
	settle();
	is(0, 0, REASON_NO_RECORDER);
	is(2, 1, REASON_ANCESTRY);
	is(3, 1, REASON_ANCESTRY);
	is(4, 0, REASON_NO_RECORDER);
}
END_TEST

/* setsid, double fork: the parent ended first, the keeper is the subreaper. */
START_TEST(orphans)
{
	keeper();
	push(101, 100);
	push(110, 100); /* the daemon, reparented to the keeper */
	settle();
	dies(90); /* the front has left: the keeper lingers below 1 */
	alive[alive_count - 1].ppid = 1;
	push(112, 111);
	push(111, 100);
	settle();
	is(1, 1, REASON_ANCESTRY);
	is(2, 1, REASON_ANCESTRY);
	is(3, 1, REASON_ANCESTRY);
}
END_TEST

START_TEST(keeper_ends)
{
	keeper();
	push(101, 100);
	push_full(100, 90, 0, BOOT + 0); /* its own record */
	push(90, 80);
	push(120, 100); /* another life of the pid */
	push(100, 1);
	settle();
	is(0, 1, REASON_ANCESTRY);
	is(1, 1, REASON_RECORDER);
	ck_assert_uint_eq(out[1].keeper_pid, 100);
	is(2, 0, REASON_NO_RECORDER);
	is(3, 0, REASON_NO_RECORDER);
	is(4, 0, REASON_NO_RECORDER);
	ck_assert_uint_eq(join_commands(j, 1), 1);
}
END_TEST

/* Same pid, other start: not the keeper. */
/* A session that began without a collector has no number at first. */
START_TEST(number_to_come)
{
	lives(100, 1, 30);
	ck_assert_int_eq(join_add_keeper(j, JOIN_UNKNOWN, 100, 30, 0, 0), 0);
	lives(110, 100, 40);
	lives(120, 110, 50);
	ck_assert_int_eq(join_add_keeper(j, 2, 120, 50, 0, 1), 0); /* one within */
	push(101, 100);
	settle();
	is(0, 0, REASON_BROKEN);
	ck_assert_int_eq(join_add_keeper(j, 1, 100, 30, 0, 1), 0);
	ck_assert_int_eq(join_add_keeper(j, JOIN_UNKNOWN, 100, 30, 0, 0), 0); /* not again */
	push(102, 100);
	push(121, 120);
	settle();
	is(1, 1, REASON_ANCESTRY);
	is(2, 2, REASON_ANCESTRY);
	ck_assert_uint_eq(out[2].outer, 1);
}
END_TEST

START_TEST(keeper_start)
{
	lives(100, 1, 31);
	ck_assert_int_eq(join_add_keeper(j, 1, 100, 30, 0, 0), 0);
	push(101, 100);
	settle();
	is(0, 0, REASON_NO_RECORDER);
}
END_TEST

/* A keeper that ended while no collector was there: told by its start, to 2 s. */
START_TEST(keeper_of_before)
{
	ck_assert_int_eq(join_add_keeper(j, 1, 100, 50000, 0, 0), 0);
	push_full(101, 100, 0, 0);
	push_full(100, 1, 0, BOOT + 490); /* an earlier life */
	push_full(102, 100, 0, 0);
	push_full(100, 1, 0, BOOT + 501);
	push_full(103, 100, 0, 0);
	push_full(100, 1, 0, BOOT + 501); /* only one life is the keeper's */
	settle();
	is(0, 0, REASON_NO_RECORDER);
	is(1, 0, REASON_NO_RECORDER);
	is(2, 1, REASON_ANCESTRY);
	is(3, 1, REASON_RECORDER);
	is(4, 0, REASON_NO_RECORDER);
	is(5, 0, REASON_NO_RECORDER);
}
END_TEST

START_TEST(nested)
{
	keeper();
	lives(101, 100, 40);  /* shell of session 1 */
	lives(140, 101, 50);  /* front of session 2 */
	lives(141, 140, 60);  /* its keeper */
	ck_assert_int_eq(join_add_keeper(j, 2, 141, 60, 0x08800006, 1), 0);
	push(143, 142);
	push(142, 141);
	settle();
	is(0, 2, REASON_ANCESTRY);
	ck_assert_uint_eq(out[0].outer, 1);
	ck_assert_uint_eq(out[0].keeper_pid, 141);
	dies(141);
	push(141, 140);
	push(140, 101);
	settle();
	is(2, 2, REASON_RECORDER);
	ck_assert_uint_eq(out[2].outer, 1);
	is(3, 1, REASON_ANCESTRY_LIVE);
	ck_assert_uint_eq(out[3].outer, 0);
	ck_assert_uint_eq(join_commands(j, 1), 1);
	ck_assert_uint_eq(join_commands(j, 2), 2);
}
END_TEST

/* Both keepers ended while no collector was there: the outer one is found through
 * the inner one's own record. */
START_TEST(nested_of_before)
{
	ck_assert_int_eq(join_add_keeper(j, 2, 141, 60, 0, 0), 0);
	ck_assert_int_eq(join_add_keeper(j, 1, 100, 30, 0, 0), 0);
	join_keepers_outer(j);
	push(142, 141);
	push_full(141, 140, 0, BOOT);
	push(140, 101);
	push(101, 100);
	push_full(100, 1, 0, BOOT);
	settle();
	is(0, 2, REASON_ANCESTRY);
	ck_assert_uint_eq(out[0].outer, 1);
	is(1, 2, REASON_RECORDER);
	ck_assert_uint_eq(out[1].outer, 1);
	is(2, 1, REASON_ANCESTRY);
	is(4, 1, REASON_RECORDER);
}
END_TEST

/* Neither later in the file nor alive. */
START_TEST(broken)
{
	keeper();
	push(501, 500);
	settle();
	is(0, 0, REASON_BROKEN);
}
END_TEST

/* A child that ends between its parent's record and being given away. */
START_TEST(parent_recorded_first)
{
	keeper();
	push(101, 100);
	push(102, 101);
	settle();
	is(1, 1, REASON_ANCESTRY);
	push(103, 101); /* the parent's record was settled before */
	settle();
	is(2, 1, REASON_ANCESTRY);
}
END_TEST

/* A zombie parent: its answer is not kept for the pid's next life. */
START_TEST(zombie_parent)
{
	keeper();
	lives(101, 100, 40);
	alive[alive_count - 1].state = 'Z';
	push(101, 100);
	push(102, 101);
	settle();
	is(1, 1, REASON_ANCESTRY_LIVE);
	dies(101);
	lives(101, 1, 90);
	push(103, 101);
	settle();
	is(2, 0, REASON_NO_RECORDER);
}
END_TEST

/* Looking at the living says when to read on: what ended meanwhile is in the file. */
START_TEST(look_again)
{
	keeper();
	push(103, 101); /* 101 is neither in the file yet nor alive */
	ck_assert_int_gt(join_look(j), 0);
	push(101, 100);
	ck_assert_int_eq(join_look(j), 1); /* the keeper */
	ck_assert_int_eq(join_look(j), 0);
	ck_assert_int_eq(join_settle(j, SIZE_MAX, 0), 0);
	is(0, 1, REASON_ANCESTRY);
	is(1, 1, REASON_ANCESTRY);
}
END_TEST

START_TEST(circle)
{
	push(11, 10);
	push(10, 11);
	push(20, 20);
	settle();
	is(0, 0, REASON_BROKEN);
	is(1, 0, REASON_BROKEN);
	is(2, 0, REASON_BROKEN);
}
END_TEST

START_TEST(outer_terminal)
{
	keeper(); /* its outer terminal is pts/5 */
	push_full(101, 100, 0x8805, 0);
	push_full(102, 100, 0x8806, 0);
	push_full(103, 100, 0, 0);
	push_full(104, 1, 0x8805, 0);
	settle();
	ck_assert_uint_eq(out[0].flags, PROCESS_F_OTHER_TTY);
	ck_assert_uint_eq(out[1].flags, 0);
	ck_assert_uint_eq(out[2].flags, 0);
	ck_assert_uint_eq(out[3].flags, 0);
}
END_TEST

START_TEST(other_boot)
{
	keeper();
	join_other_boot(j, 1);
	push(101, 100);
	push_full(100, 1, 0, BOOT);
	push(102, 100);
	settle();
	is(0, 0, REASON_NO_RECORDER);
	is(1, 0, REASON_NO_RECORDER);
	is(2, 0, REASON_NO_RECORDER);
	join_other_boot(j, 0);
	push(103, 100);
	settle();
	is(3, 1, REASON_ANCESTRY);
}
END_TEST

/* What could not be written stays, and is settled later in the same way. */
START_TEST(emit_fails)
{
	keeper();
	push(102, 101);
	push(101, 100);
	ck_assert_int_ge(join_look(j), 0);
	emit_result = -ENOSPC;
	ck_assert_int_eq(join_settle(j, SIZE_MAX, 0), -ENOSPC);
	ck_assert_uint_eq(join_pending(j), 2);
	ck_assert_uint_eq(join_commands(j, 1), 0);
	emit_result = 0;
	settle();
	is(0, 1, REASON_ANCESTRY);
	is(1, 1, REASON_ANCESTRY);
	ck_assert_uint_eq(join_commands(j, 1), 2);
}
END_TEST

START_TEST(in_parts)
{
	keeper();
	push(103, 102);
	push(102, 101);
	push(101, 100);
	ck_assert_int_ge(join_look(j), 0);
	ck_assert_int_eq(join_settle(j, 1, 0), 0);
	ck_assert_uint_eq(out_count, 1);
	is(0, 1, REASON_ANCESTRY);
	ck_assert_uint_eq(join_pending(j), 2);
	settle();
	is(2, 1, REASON_ANCESTRY);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("join");

	tcase_add_checked_fixture(t, join_setup, join_teardown);
	tcase_add_test(t, chain_of_ended);
	tcase_add_test(t, living_parents);
	tcase_add_test(t, pid_given_out_again);
	tcase_add_test(t, kth_life);
	tcase_add_test(t, orphans);
	tcase_add_test(t, keeper_ends);
	tcase_add_test(t, keeper_start);
	tcase_add_test(t, number_to_come);
	tcase_add_test(t, keeper_of_before);
	tcase_add_test(t, nested);
	tcase_add_test(t, nested_of_before);
	tcase_add_test(t, broken);
	tcase_add_test(t, parent_recorded_first);
	tcase_add_test(t, zombie_parent);
	tcase_add_test(t, look_again);
	tcase_add_test(t, circle);
	tcase_add_test(t, outer_terminal);
	tcase_add_test(t, other_boot);
	tcase_add_test(t, emit_fails);
	tcase_add_test(t, in_parts);
	return suite_run_case("join", t);
}
