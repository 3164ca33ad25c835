/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"
#include "../lib/suite.h"
#include "lives_fixture.h"

/* A recorder's keeper 100, of session 7, and its shell 101. */
static void session_7(void)
{
	fork_of(95, 100);
	event(PEVENT_SID, 100);
	ck_assert_int_eq(lives_add_keeper(l, 7, 100, lives_get(l, 100)->start_ticks), 0);
	fork_of(100, 101);
}

START_TEST(test_fork_keeps_its_label)
{
	struct life f;
	uint64_t start;

	session_7();
	is(100, 7, REASON_RECORDER, CERTAIN_EXACT);
	is(101, 7, REASON_FORK, CERTAIN_EXACT);
	fork_of(101, 110); /* a double fork: 111 is orphaned at once */
	event(PEVENT_SID, 110);
	fork_of(110, 111);
	start = lives_get(l, 110)->start_ticks;
	ck_assert_int_eq(record(110, start, &f), 1);
	ck_assert_uint_eq(f.session, 7);
	ck_assert_uint_eq(f.sid, 110);
	is(111, 7, REASON_FORK, CERTAIN_EXACT);
	/* the session ends, keeper and all */
	ck_assert_int_eq(record(101, lives_get(l, 101)->start_ticks, &f), 1);
	ck_assert_int_eq(record(100, lives_get(l, 100)->start_ticks, &f), 1);
	ck_assert_uint_eq(f.reason, REASON_RECORDER);
	fork_of(111, 112);
	is(112, 7, REASON_FORK, CERTAIN_EXACT);
	ck_assert_uint_eq(lives_get(l, 112)->keeper_pid, 100);
	ck_assert_uint_eq(lives_get(l, 112)->parent_start, lives_get(l, 111)->start_ticks);
}
END_TEST

START_TEST(test_number_to_come)
{
	fork_of(95, 100);
	fork_of(100, 101);
	ck_assert_int_eq(lives_add_keeper(l, LIVES_UNKNOWN, 100, lives_get(l, 100)->start_ticks), 0);
	is(101, 0, REASON_BROKEN, CERTAIN_NOT_SAID);
	is(95, 0, REASON_NO_RECORDER, CERTAIN_EXACT);
	ck_assert_int_eq(lives_add_keeper(l, 7, 100, lives_get(l, 100)->start_ticks), 0);
	is(101, 7, REASON_FORK, CERTAIN_EXACT);
	is(95, 7, REASON_LEAD_IN, CERTAIN_EXACT);
}
END_TEST

START_TEST(test_outside_and_lead_in)
{
	session_7();
	is(90, 7, REASON_LEAD_IN, CERTAIN_EXACT);
	is(95, 7, REASON_LEAD_IN, CERTAIN_EXACT);
	is(80, 0, REASON_NO_RECORDER, CERTAIN_EXACT);
	/* what goes past the recorder is nobody's */
	fork_of(90, 96);
	is(96, 0, REASON_NO_RECORDER, CERTAIN_EXACT);
	fork_of(80, 97);
	is(97, 0, REASON_NO_RECORDER, CERTAIN_EXACT);
}
END_TEST

START_TEST(test_late_keeper)
{
	fork_of(95, 100);
	fork_of(100, 101);
	fork_of(101, 102);
	fork_of(95, 103);
	is(102, 0, REASON_NO_RECORDER, CERTAIN_EXACT);
	ck_assert_int_eq(lives_add_keeper(l, 7, 100, 1), -ESRCH); /* another life */
	ck_assert_int_eq(lives_add_keeper(l, 7, 100, lives_get(l, 100)->start_ticks), 0);
	is(101, 7, REASON_FORK, CERTAIN_EXACT);
	is(102, 7, REASON_FORK, CERTAIN_EXACT);
	ck_assert_uint_eq(lives_get(l, 103)->session, 7);
	is(103, 7, REASON_LEAD_IN, CERTAIN_EXACT);
}
END_TEST

/* The innermost owns, whichever of the two is known first. */
START_TEST(test_nested)
{
	struct life f;

	for (int outer_first = 0; outer_first < 2; outer_first++) {
		uint32_t base = 200 + 100 * (uint32_t)outer_first;

		fork_of(95, base);
		fork_of(base, base + 1);
		fork_of(base + 1, base + 2);
		fork_of(base + 2, base + 3);
		if (outer_first)
			lives_add_keeper(l, base, base, lives_get(l, base)->start_ticks);
		lives_add_keeper(l, base + 2, base + 2, lives_get(l, base + 2)->start_ticks);
		if (!outer_first)
			lives_add_keeper(l, base, base, lives_get(l, base)->start_ticks);
		is(base + 1, base, REASON_FORK, CERTAIN_EXACT);
		is(base + 2, base + 2, REASON_RECORDER, CERTAIN_EXACT);
		is(base + 3, base + 2, REASON_FORK, CERTAIN_EXACT);
		ck_assert_uint_eq(lives_get(l, base + 2)->outer, base);
		ck_assert_uint_eq(lives_get(l, base + 3)->outer, base);
		ck_assert(lives_may_adopt(l, lives_get(l, base + 1), lives_get(l, base + 3)));
		ck_assert(!lives_may_adopt(l, lives_get(l, base + 3), lives_get(l, base + 1)));
	}
	/* a keeper that is killed leaves its session to its children */
	ck_assert_int_eq(record(302, lives_get(l, 302)->start_ticks, &f), 1);
	fork_of(303, 304);
	is(304, 302, REASON_FORK, CERTAIN_EXACT);
	ck_assert_int_eq(lives_add_keeper(l, 9, 95, 30), 0);
	is(303, 302, REASON_FORK, CERTAIN_EXACT);
	is(301, 300, REASON_FORK, CERTAIN_EXACT);
	ck_assert_uint_eq(lives_get(l, 301)->outer, 9);
}
END_TEST

/* Another session's life is no parent of this one's. */
START_TEST(test_adoption)
{
	session_7();
	fork_of(95, 300);
	lives_add_keeper(l, 8, 300, lives_get(l, 300)->start_ticks);
	fork_of(300, 301);
	ck_assert(!lives_may_adopt(l, lives_get(l, 301), lives_get(l, 101)));
	ck_assert(!lives_may_adopt(l, lives_get(l, 300), lives_get(l, 101)));
	ck_assert(lives_may_adopt(l, lives_get(l, 100), lives_get(l, 101)));
	ck_assert(lives_may_adopt(l, lives_get(l, 1), lives_get(l, 101)));
	ck_assert(lives_may_adopt(l, lives_get(l, 90), lives_get(l, 101)));
}
END_TEST

START_TEST(test_kth_record_is_kth_life)
{
	struct life f;
	uint64_t first, second;

	session_7();
	fork_of(101, 200);
	first = lives_get(l, 200)->start_ticks;
	event(PEVENT_EXIT, 200);
	is_over(200);
	tick--; /* in the same tick, outside of the session */
	fork_of(90, 200);
	second = lives_get(l, 200)->start_ticks;
	ck_assert_uint_eq(first, second);
	is(200, 0, REASON_NO_RECORDER, CERTAIN_EXACT);
	ck_assert_uint_eq(lives_get(l, 200)->ordinal, 1);
	ck_assert(lives_get(l, 200)->flags & PROCESS_F_REUSED);
	ck_assert_int_eq(record(200, first, &f), 1);
	ck_assert_uint_eq(f.session, 7);
	ck_assert_uint_eq(f.ordinal, 0);
	ck_assert_int_eq(record(200, second, &f), 1);
	ck_assert_uint_eq(f.session, 0);
	ck_assert_uint_eq(f.ordinal, 1);
	ck_assert_int_eq(record(200, second, &f), 0);
	/* the third, when both are forgotten */
	tick = second;
	fork_of(101, 200);
	ck_assert_uint_eq(lives_get(l, 200)->ordinal, 2);
}
END_TEST

/* A record that never came does not shift those behind it. */
START_TEST(test_missing_record)
{
	struct life f;
	struct lives_counts n;

	session_7();
	fork_of(101, 200);
	event(PEVENT_EXIT, 200);
	is_over(200);
	tick += 1000;
	fork_of(90, 200);
	ck_assert_int_eq(record(200, lives_get(l, 200)->start_ticks, &f), 1);
	ck_assert_uint_eq(f.session, 0);
	lives_count(l, &n);
	ck_assert_uint_eq(n.missing, 1);
	/* a clock that was set: it is that life, but somebody else has to say so */
	fork_of(101, 201);
	is_over(201);
	ck_assert_int_eq(lives_ended(l, 201, LIVES_BOOT + 90000, LIVES_BOOT, &f), 2);
	ck_assert_uint_eq(f.certainty, CERTAIN_DOUBTFUL);
}
END_TEST

START_TEST(test_thread_that_goes_on)
{
	struct life f;

	session_7();
	fork_of(101, 200);
	event(PEVENT_EXIT, 200); /* the leader; another thread calls exec and takes its pid */
	exec_of(200, "other", 1000);
	ck_assert_uint_eq(lives_get(l, 200)->exited, 0);
	fork_of(200, 201);
	is(201, 7, REASON_FORK, CERTAIN_EXACT);
	ck_assert_int_eq(record(200, lives_get(l, 200)->start_ticks, &f), 1);
	ck_assert(f.has_exec);
	ck_assert_mem_eq(f.comm, "other", 6);
}
END_TEST

/* /proc knows the start better than an event that was late. */
START_TEST(test_late_event)
{
	struct pevent e = { .what = PEVENT_EXEC, .exec.audit_session = CERT_UNSET };

	session_7();
	fork_of(101, 200);
	e.pid = 200;
	e.start_ticks = lives_get(l, 200)->start_ticks - 1;
	ck_assert_int_eq(lives_event(l, &e), 0);
	ck_assert_uint_eq(lives_get(l, 200)->start_ticks, e.start_ticks);
	e.start_ticks -= 100; /* another life's */
	ck_assert_int_eq(lives_event(l, &e), 0);
	ck_assert_uint_eq(lives_get(l, 200)->start_ticks, e.start_ticks + 100);
	/* so do registration, and a look at all */
	tick += 20;
	fork_of(95, 210);
	ck_assert_int_eq(lives_add_keeper(l, 8, 210, lives_get(l, 210)->start_ticks - 2), 0);
	fork_of(210, 211);
	e.start_ticks = lives_get(l, 211)->start_ticks - 1;
	is_there(211, 210, e.start_ticks, 90, 0, "sh", 0);
	ck_assert_int_eq(lives_rebuild(l), 0);
	is(211, 8, REASON_FORK, CERTAIN_EXACT);
	ck_assert_uint_eq(lives_get(l, 211)->start_ticks, e.start_ticks);
}
END_TEST

START_TEST(test_no_records)
{
	struct lives_counts before, n;

	session_7();
	lives_count(l, &before);
	lives_records(l, 0);
	for (uint32_t pid = 1000; pid < 9000; pid++) {
		fork_of(101, pid);
		event(PEVENT_EXIT, pid);
		is_over(pid);
	}
	lives_count(l, &n);
	ck_assert_uint_lt(n.lives, before.lives + 512);
	/* a leader whose threads go on: it forks still */
	fork_of(101, 200);
	event(PEVENT_EXIT, 200);
	for (uint32_t pid = 1000; pid < 3000; pid++) {
		fork_of(101, pid);
		event(PEVENT_EXIT, pid);
		is_over(pid);
	}
	fork_of(200, 201);
	is(201, 7, REASON_FORK, CERTAIN_EXACT);
}
END_TEST

/* Forks were missed: the tree is looked up in /proc, and nobody gets a wrong label. */
START_TEST(test_loss)
{
	struct life f;

	session_7();
	fork_of(101, 102);
	fork_of(80, 200);
	fork_of(200, 201); /* a pid that gets another life unheard */
	event(PEVENT_LOSS, 0);
	is_over(201);
	unheard(101, 201);
	fork_of(201, 202); /* by the new 201, not by the one that is known */
	unheard(80, 203);
	fork_of(203, 204);
	is(202, 0, REASON_BROKEN, CERTAIN_NOT_SAID);
	is(204, 0, REASON_BROKEN, CERTAIN_NOT_SAID);
	ck_assert_int_eq(lives_rebuild(l), 0);
	ck_assert(lives_in_doubt(l));
	is(102, 7, REASON_FORK, CERTAIN_EXACT);
	is(201, 7, REASON_FORK, CERTAIN_LIKELY);
	is(202, 7, REASON_FORK, CERTAIN_LIKELY);
	is(203, 0, REASON_NO_RECORDER, CERTAIN_LIKELY);
	is(200, 0, REASON_NO_RECORDER, CERTAIN_EXACT);
	ck_assert(lives_get(l, 201)->flags & PROCESS_F_SINCE_BEFORE);
	/* the record of the 201 that was known is still to come, and perhaps another's */
	ck_assert_int_eq(lives_ended(l, 201, LIVES_BOOT + 10, LIVES_BOOT, &f), 2);
	ck_assert_uint_eq(f.session, 0);
	ck_assert_int_eq(lives_ended(l, 300, LIVES_BOOT + 10, LIVES_BOOT, &f), 0);
	lives_settled(l);
	ck_assert(!lives_in_doubt(l));
	ck_assert_int_eq(record(201, lives_get(l, 201)->start_ticks, &f), 1);
	ck_assert_uint_eq(f.session, 7);
	fork_of(101, 205);
	is(205, 7, REASON_FORK, CERTAIN_EXACT);
}
END_TEST

/* A fork that /proc showed before its event was read. */
START_TEST(test_event_behind_proc)
{
	struct lives_counts before, n;
	struct pevent e = { .what = PEVENT_FORK, .pid = 200, .ppid = 101 };

	session_7();
	event(PEVENT_LOSS, 0);
	e.start_ticks = tick;
	unheard(101, 200);
	ck_assert_int_eq(lives_rebuild(l), 0);
	lives_settled(l);
	is(200, 7, REASON_FORK, CERTAIN_LIKELY);
	lives_count(l, &before);
	ck_assert_int_eq(lives_event(l, &e), 0);
	lives_count(l, &n);
	ck_assert_uint_eq(n.lives, before.lives);
	is(200, 7, REASON_FORK, CERTAIN_EXACT);
	ck_assert_uint_eq(lives_get(l, 200)->flags, 0);
}
END_TEST

/* A look at /proc that changes meanwhile gives no circle. */
START_TEST(test_circle_in_proc)
{
	is_there(500, 501, 50, 500, 0, "a", 0);
	is_there(501, 500, 50, 500, 0, "b", 0);
	is_there(502, 502, 50, 500, 0, "c", 0);
	ck_assert_int_eq(lives_rebuild(l), 0);
	lives_settled(l);
	ck_assert_ptr_nonnull(lives_get(l, 500));
	is(502, 0, REASON_BROKEN, CERTAIN_NOT_SAID);
}
END_TEST

START_TEST(test_origin)
{
	fork_of(80, 200);
	ck_assert_uint_eq(lives_get(l, 200)->origin, ORIGIN_SSHD);
	exec_of(200, "bash", 1000);
	ck_assert_uint_eq(lives_get(l, 200)->origin, ORIGIN_SSHD);
	fork_of(200, 202);
	exec_of(202, "cron", 1000); /* a user's own program of this name */
	fork_of(202, 203);
	ck_assert_uint_eq(lives_get(l, 203)->origin, ORIGIN_SSHD);
	fork_of(200, 205);
	exec_of(205, "tmux", 1000); /* root's program, run by a user */
	ck_assert_uint_eq(lives_get(l, 205)->origin, ORIGIN_SSHD);
	fork_of(205, 206);
	ck_assert_uint_eq(lives_get(l, 206)->origin, ORIGIN_MULTIPLEXER);
	fork_of(200, 208);
	exec_of(208, "su", 0);
	exec_of(208, "sh", 0); /* in the same life */
	ck_assert_uint_eq(lives_get(l, 208)->origin, ORIGIN_SU);
	fork_of(1, 210);
	ck_assert_uint_eq(lives_get(l, 210)->origin, ORIGIN_UNKNOWN);
	exec_of(210, "agetty", 0);
	exec_of(210, "login", 0);
	fork_of(210, 211);
	ck_assert_uint_eq(lives_get(l, 211)->origin, ORIGIN_LOGIN);
}
END_TEST

/* A long chain of generations, each of which ends, takes no room. */
START_TEST(test_generations)
{
	struct lives_counts before, n;
	struct life f;

	session_7();
	lives_count(l, &before);
	fork_of(101, 1000);
	for (uint32_t pid = 1000; pid < 5000; pid++) {
		uint64_t start = lives_get(l, pid)->start_ticks;

		fork_of(pid, pid + 1);
		ck_assert_int_eq(record(pid, start, &f), 1);
	}
	is(5000, 7, REASON_FORK, CERTAIN_EXACT);
	lives_count(l, &n);
	ck_assert_uint_eq(n.lives, before.lives + 1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("lives");

	tcase_add_checked_fixture(t, lives_setup, lives_teardown);
	tcase_add_test(t, test_fork_keeps_its_label);
	tcase_add_test(t, test_number_to_come);
	tcase_add_test(t, test_outside_and_lead_in);
	tcase_add_test(t, test_late_keeper);
	tcase_add_test(t, test_nested);
	tcase_add_test(t, test_adoption);
	tcase_add_test(t, test_kth_record_is_kth_life);
	tcase_add_test(t, test_missing_record);
	tcase_add_test(t, test_thread_that_goes_on);
	tcase_add_test(t, test_late_event);
	tcase_add_test(t, test_no_records);
	tcase_add_test(t, test_loss);
	tcase_add_test(t, test_event_behind_proc);
	tcase_add_test(t, test_circle_in_proc);
	tcase_add_test(t, test_origin);
	tcase_add_test(t, test_generations);
	return suite_run_case("lives", t);
}
