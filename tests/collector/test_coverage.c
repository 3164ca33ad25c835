/* SPDX-License-Identifier: ISC */
/* Which uses of terminals become rows, when, and which do not. */
#include "coverage_fixture.h"

START_TEST(a_shell)
{
	runs(100, 100, 10000, PTS(4), "bash");
	pass(500);
	runs(101, 100, 10500, PTS(4), "ls");
	ends(101, 100, 10500, PTS(4), "ls");
	pass(900);
	is_said("");
	pass(200);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n");
	runs(102, 100, 11600, PTS(4), "vi");
	pass(60000);
	ends(103, 100, 11700, PTS(4), "bash"); /* a subshell, which ran no program */
	ends(100, 100, 10000, PTS(4), "bash");
	is_said("");
	ends(102, 100, 11600, 0, "vi");
	is_said("-100:1000 4 processes 10000-71600\n");
	pass(5000);
	ck_assert_int_eq(coverage_turn(c, now * MS), -1);
	is_said("");
}
END_TEST

START_TEST(a_short_one)
{
	runs(100, 100, 10000, PTS(4), "bash");
	ends(100, 100, 10000, PTS(4), "bash");
	pass(1000);
	is_said("");
	pass(1000);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n-100:1000 1 processes 10000-10000\n");
}
END_TEST

START_TEST(lead_in)
{
	runs(100, 100, 10000, PTS(4), "bash");
	runs(101, 100, 10200, PTS(4), "id");
	ends(101, 100, 10200, PTS(4), "id");
	pass(400);
	runs(100, 100, 10000, PTS(4), "shellac-rec");
	coverage_recorder(c, 7, PTS(4), 100, 1000, now * MS);
	recorded(103, 103, PTS(5), 7);
	recorded(104, 103, PTS(5), 7);
	pass(60000);
	ends(105, 100, 10100, PTS(4), "bash"); /* from before it */
	coverage_looked(c, now * MS);
	runs(100, 100, 10000, PTS(4), "shellac-rec");
	coverage_looked(c, now * MS);
	coverage_recorder_ended(c, 7, now * MS);
	ends(100, 100, 10000, PTS(4), "shellac-rec");
	pass(60000);
	is_said("");
	runs(200, 200, 131000, PTS(4), "bash"); /* the next on that terminal, unrecorded */
	pass(2000);
	is_said("+200:13100 tty 4 uid 1000 bash sshd\n");
}
END_TEST

START_TEST(slow_lead_in)
{
	runs(100, 100, 10000, PTS(4), "bash");
	pass(3000);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n");
	coverage_recorder(c, 7, PTS(4), 100, 1000, now * MS);
	is_said("-100:1000 1 processes lead-in 10000-13000\n");
	coverage_recorder_ended(c, 7, now * MS);
	ends(100, 100, 10000, PTS(4), "shellac-rec");
	pass(9000);
	is_said("");
}
END_TEST

/* Whoever stops it, it runs nothing; what comes to its terminal does. */
START_TEST(slow_front)
{
	const struct coverage_front f = {.pid = 100, .start_ticks = 1000};

	front = 100;
	runs(100, 100, 10000, PTS(4), "shellac-rec");
	coverage_recorder(c, 7, PTS(4), 100, 1000, now * MS);
	coverage_front(c, 7, &f);
	pass(1000);
	coverage_recorder_ended(c, 7, now * MS);
	pass(60000);
	is_said("");
	coverage_looked(c, now * MS);
	runs(100, 100, 10000, PTS(4), "shellac-rec");
	coverage_looked(c, now * MS);
	pass(60000);
	is_said("");
	runs(101, 100, now, PTS(4), "vi");
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 vi sshd\n");
	ends(101, 100, 131000, PTS(4), "vi");
	ends(100, 100, 10000, PTS(4), "shellac-rec");
	is_said("-100:1000 1 processes 131000-133000\n");
}
END_TEST

START_TEST(front_no_more)
{
	const struct coverage_front f = {.pid = 100, .start_ticks = 1000};

	front = 100;
	runs(100, 100, 10000, PTS(4), "shellac-rec");
	coverage_recorder(c, 7, PTS(4), 100, 1000, now * MS);
	coverage_front(c, 7, &f);
	coverage_recorder_ended(c, 7, now * MS);
	pass(5000);
	is_said("");
	front = 0;
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 shellac-rec sshd\n");
}
END_TEST

/* Nobody could be heard for a while: then the end comes, and then its record. */
START_TEST(late_record)
{
	runs(100, 100, 9000, PTS(4), "shellac-rec");
	coverage_recorder(c, 7, PTS(4), 100, 900, now * MS);
	ends(100, 100, 9000, PTS(4), "shellac-rec");
	now += 6000;
	pass(100);
	record(100, 9000, PTS(4), "shellac-rec");
	coverage_looked(c, now * MS);
	pass(9000);
	coverage_looked(c, now * MS);
	is_said("");
}
END_TEST

/* An hour of work is no lead-in because a recorder follows; and who goes on after it did
 * not gain a second one. */
START_TEST(recorder_by_hand)
{
	runs(100, 100, 10000, PTS(4), "bash");
	pass(60000);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n");
	runs(101, 100, 69990, PTS(4), "shellac-rec");
	coverage_recorder(c, 7, PTS(4), 100, 1000, now * MS);
	is_said("-100:1000 2 processes 10000-70000\n");
	pass(1000);
	coverage_recorder_ended(c, 7, now * MS);
	ends(101, 100, 69990, PTS(4), "shellac-rec");
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n");
	coverage_recorder(c, 8, PTS(4), 100, 1000, now * MS);
	is_said("-100:1000 1 processes 71000-73000\n");
	coverage_recorder_ended(c, 8, now * MS);
	ends(100, 100, 10000, PTS(4), "bash");
	pass(2000);
	is_said("");
}
END_TEST

START_TEST(beside_a_recorder)
{
	runs(100, 100, 10000, PTS(4), "bash");
	coverage_recorder(c, 7, PTS(4), 100, 1000, now * MS);
	pass(5000);
	runs(101, 100, 14990, PTS(4), "sh");
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 sh sshd\n");
	ends(101, 100, 14990, PTS(4), "sh");
	is_said("-100:1000 1 processes 14990-17000\n");
	runs(100, 100, 10000, PTS(4), "bash"); /* in a look: the lead-in it was */
	pass(2000);
	is_said("");
	runs(102, 100, 18900, PTS(4), "vi");
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 vi sshd\n");
	coverage_recorder_ended(c, 7, now * MS);
	ends(102, 100, 18900, PTS(4), "vi");
	is_said("");                           /* bash, which was there before, goes on */
	ends(100, 100, 10000, PTS(4), "bash");
	is_said("-100:1000 1 processes 18900-21000\n");
	pass(5000);
	ck_assert_int_eq(coverage_turn(c, now * MS), -1);
}
END_TEST

START_TEST(without_terminal)
{
	struct sight s = one(100, 100, 10000, 0, "bash");

	s.login = 1;
	coverage_seen(c, &s);
	runs(101, 100, 10010, 0, "make");
	runs(102, 102, 10020, 0, "daemon"); /* setsid: not a login, it lives in no use */
	runs(900, 900, 10020, 0, "crond");
	pass(2000);
	is_said("+100:1000 tty 0 uid 1000 bash sshd\n");
	ends(100, 100, 10000, 0, "bash");
	is_said("");
	ends(101, 100, 10010, 0, "make");
	is_said("-100:1000 2 processes 10000-12000\n");
	pass(3000);
	is_said("");
}
END_TEST

/* sshd makes the session before it opens the terminal. */
START_TEST(terminal_comes_later)
{
	struct sight s = one(100, 100, 10000, 0, "sshd");

	s.login = 1;
	coverage_seen(c, &s);
	pass(5);
	runs(100, 100, 10000, PTS(4), "bash");
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n");
}
END_TEST

/* It was gone from /proc again when its exec was heard. */
START_TEST(name_comes_later)
{
	runs(100, 100, 10000, PTS(4), "");
	runs(100, 100, 10000, PTS(4), "bash");
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n");
}
END_TEST

START_TEST(commands_that_are_recorded)
{
	struct sight s = one(100, 100, 10000, 0, "shellac-bash");

	s.login = 1;
	coverage_seen(c, &s);
	coverage_recorder(c, 7, 0, 100, 1000, now * MS);
	recorded(101, 100, 0, 7);
	pass(2000);
	s.sid = 0;
	s.ended = 1;
	s.boot_ns = now * MS;
	coverage_seen(c, &s); /* as accounting alone has it */
	pass(4000);
	coverage_looked(c, now * MS);
	is_said("");
}
END_TEST

START_TEST(getty)
{
	struct sight s = one(100, 100, 10000, 4U << 20 | 1, "agetty");

	s.uid = 0;
	s.origin = ORIGIN_GETTY;
	coverage_seen(c, &s);
	pass(9000);
	strcpy(s.comm, "login");
	coverage_seen(c, &s);
	pass(9000);
	is_said("");
	runs(101, 101, 28000, 4U << 20 | 1, "bash");
	pass(2000);
	is_said("+101:2800 tty 1 uid 1000 bash sshd\n");
	s = one(200, 200, 30000, PTS(1), "agetty"); /* so named by a user */
	coverage_seen(c, &s);
	pass(2000);
	is_said("+200:3000 tty 1 uid 1000 agetty sshd\n");
}
END_TEST

START_TEST(after_a_restart)
{
	struct process_record r = {.start_ticks = 1000, .sid = 100, .origin = ORIGIN_SSHD};
	struct process_terminal t = {.state = 1, .pid = 100, .uid = ALICE, .tty_dev = PTS(4),
		.from_boot_ns = 5000 * MS, .comm = "bash"};

	coverage_known(c, &r, &t);
	t.pid = r.sid = 200;
	coverage_known(c, &r, &t);
	runs(100, 100, 10000, PTS(4), "bash");
	runs(101, 100, 10100, PTS(4), "vi");
	coverage_looked(c, now * MS);
	is_said("-200:1000 0 processes 5000-10000\n");
	pass(5000);
	is_said("");
	ends(100, 100, 10000, PTS(4), "bash");
	ends(101, 100, 10100, PTS(4), "vi");
	is_said("-100:1000 2 processes 5000-15000\n");
}
END_TEST

START_TEST(looks)
{
	now = 500000;
	runs(101, 100, 10100, PTS(4), "vi"); /* /proc is in no order */
	runs(100, 100, 10000, PTS(4), "tmux-shell");
	coverage_looked(c, now * MS);
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 tmux-shell sshd\n");
	runs(100, 100, 10000, PTS(4), "tmux-shell");
	coverage_looked(c, now * MS);
	is_said("");
	coverage_looked(c, now * MS);
	is_said("-100:1000 2 processes 10000-502000\n");
}
END_TEST

START_TEST(labels_that_come_late)
{
	struct sight s;

	runs(100, 100, 10000, PTS(4), "sh");
	runs(101, 100, 10000, PTS(4), "vi");
	labelled = 100;
	pass(2000);
	is_said("");
	labelled = 0;
	runs(200, 200, 12000, PTS(5), "sh");
	pass(2000);
	is_said("+200:1200 tty 5 uid 1000 sh sshd\n");
	s = one(200, 200, 12000, PTS(5), "sh");
	s.session = 7;
	coverage_seen(c, &s);
	is_said("-200:1200 1 processes lead-in 12000-14000\n");
}
END_TEST

/* Nobody knows whose it is: perhaps a recorded session's. */
START_TEST(broken_chain)
{
	struct sight s = one(100, 100, 10000, PTS(4), "sh");

	s.reason = REASON_BROKEN;
	coverage_seen(c, &s);
	pass(2000);
	is_said("");
	runs(100, 100, 10000, PTS(4), "sh");
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 sh sshd\n");
}
END_TEST

START_TEST(live_rows)
{
	json_t *rows;

	runs(100, 100, 10000, PTS(4), "a\xff\x1b[31m");
	rows = coverage_json(c);
	ck_assert_uint_eq(json_array_size(rows), 0);
	json_decref(rows);
	pass(2000);
	rows = coverage_json(c);
	ck_assert_uint_eq(json_array_size(rows), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(rows, 0), "pid")), 100);
	ck_assert_ptr_nonnull(json_string_value(json_object_get(json_array_get(rows, 0), "comm")));
	json_decref(rows);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {a_shell, a_short_one, lead_in, slow_lead_in, slow_front,
		front_no_more, late_record, recorder_by_hand, beside_a_recorder, without_terminal,
		terminal_comes_later, name_comes_later, commands_that_are_recorded, getty,
		after_a_restart, looks, labels_that_come_late, broken_chain, live_rows};

	return suite_coverage("coverage", tests, sizeof(tests) / sizeof(*tests));
}
