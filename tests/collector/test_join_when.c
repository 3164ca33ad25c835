/* SPDX-License-Identifier: ISC */
#include "../lib/suite.h"
#include "join_fixture.h"

/*
 * A parent that is slow to leave: its record is written, children that end now still
 * name it as theirs, and then its pid is given out again.  Session 1 has keeper 100,
 * session 2 keeper 200.
 */
static void two_keepers(void)
{
	keeper();
	lives(190, 80, 25);
	lives(200, 190, 35);
	ck_assert_int_eq(join_add_keeper(j, 2, 200, 35, 0, 1), 0);
}

START_TEST(earlier_life)
{
	two_keepers();
	push_lived(500, 100, 1000, 5, 1);
	push_lived(501, 500, 1000.1, 5, 1); /* lived when 500 ended */
	push_lived(500, 200, 1003, 0.5, 1); /* began behind it */
	settle();
	is(1, 1, REASON_ANCESTRY);
	is(2, 2, REASON_ANCESTRY);
}
END_TEST

START_TEST(earlier_life_settled)
{
	two_keepers();
	push_lived(500, 100, 1000, 5, 1);
	settle();
	push_lived(501, 500, 1000.1, 5, 1);
	push_lived(500, 200, 1003, 0.5, 1);
	settle();
	is(1, 1, REASON_ANCESTRY);
}
END_TEST

START_TEST(later_life)
{
	two_keepers();
	push_lived(500, 100, 1000, 5, 1);
	push_lived(501, 500, 1003, 0.5, 1); /* began when 500 had ended */
	push_lived(500, 200, 1004, 2, 1);
	push_lived(500, 100, 1010, 5, 1);
	push_lived(502, 500, 1014, 9, 1); /* moved to a parent that began before it ended */
	push_lived(500, 200, 1015, 3, 1);
	settle();
	is(1, 2, REASON_ANCESTRY);
	is(4, 2, REASON_ANCESTRY);
}
END_TEST

START_TEST(neither_sure)
{
	two_keepers();
	push_lived(500, 100, 1000.1, 5, 0); /* as an absent collector finds them */
	push_lived(501, 500, 1000.2, 5, 0);
	push_lived(500, 200, 1000.6, 0.3, 0);
	push_lived(502, 501, 1003.6, 0.3, 0); /* a child of a later one, not of the doubtful */
	push_lived(501, 200, 1003.7, 0.9, 0);
	push_lived(600, 100, 1004.1, 5, 0);
	push_lived(601, 600, 1004.2, 5, 0);
	push_lived(600, 100, 1004.6, 0.3, 0); /* it is session 1 either way */
	settle();
	is(1, 0, REASON_BROKEN);
	is(3, 2, REASON_ANCESTRY);
	is(6, 1, REASON_ANCESTRY);
}
END_TEST

/* By the seconds alone, where they are far enough apart. */
START_TEST(by_seconds)
{
	two_keepers();
	push_lived(500, 100, 1000.1, 5, 0);
	push_lived(501, 500, 1000.2, 5, 0);
	push_lived(500, 200, 1003.6, 0.3, 0);
	push_lived(502, 500, 1008.2, 1, 0);
	push_lived(500, 100, 1009.2, 5, 0);
	settle();
	is(1, 1, REASON_ANCESTRY);
	is(3, 1, REASON_ANCESTRY);
}
END_TEST

START_TEST(later_life_lives)
{
	two_keepers();
	push_lived(500, 100, 1000, 5, 1);
	push_lived(600, 100, 1000, 5, 1);
	push_lived(700, 100, 1000, 5, 1);
	lives(500, 200, 100300);
	lives(600, 200, 100300);
	lives(700, 200, 100078);
	push_lived(501, 500, 1000.1, 5, 1); /* 500 began behind it */
	push_lived(601, 600, 1004, 5, 1);   /* 600 lived for long */
	push_lived(701, 700, 1000.8, 5, 1); /* 700 began about then */
	settle();
	is(3, 1, REASON_ANCESTRY);
	is(4, 2, REASON_ANCESTRY_LIVE);
	is(5, 0, REASON_BROKEN);
}
END_TEST

/* A keeper is killed: what it had below is process 1's, and nobody's for sure. */
START_TEST(keeper_killed)
{
	two_keepers();
	lives(600, 1, 101200); /* since after it */
	lives(700, 1, 100600);
	push_lived(500, 1, 1000, 2, 1); /* before it all */
	push_killed(200, 190, 1010, 1009.6);
	push_lived(501, 1, 1011, 5, 1);
	push_lived(502, 1, 1012, 1, 1); /* began behind its end */
	push_lived(601, 600, 1013, 1, 1);
	push_lived(701, 700, 1014, 1, 1);
	push_lived(101, 100, 1015, 9, 1);
	settle();
	is(0, 0, REASON_NO_RECORDER);
	is(1, 2, REASON_RECORDER);
	is(2, 0, REASON_BROKEN);
	is(3, 0, REASON_NO_RECORDER);
	is(4, 0, REASON_NO_RECORDER);
	is(5, 0, REASON_BROKEN);
	is(6, 1, REASON_ANCESTRY);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("join when");

	tcase_add_checked_fixture(t, join_setup, join_teardown);
	tcase_add_test(t, earlier_life);
	tcase_add_test(t, earlier_life_settled);
	tcase_add_test(t, later_life);
	tcase_add_test(t, neither_sure);
	tcase_add_test(t, by_seconds);
	tcase_add_test(t, later_life_lives);
	tcase_add_test(t, keeper_killed);
	return suite_run_case("join when", t);
}
