/* SPDX-License-Identifier: ISC */
/* Lines that are echoed only when they are whole. */
#include "hidden_play.h"

START_TEST(pin_in_later_output_is_no_echo)
{
	keys(RAW, "1234\r");
	wrote("\r\nseen at 1234 hours\r\n");
	passes(S);
	SAW("<5>");
}
END_TEST

START_TEST(paste_into_line_editor_is_kept)
{
	typed(RAW, "ls -l\r");
	SAW("");
	ck_assert_uint_eq(hidden_deadline(&h), now + HIDDEN_PATIENCE_NS);
	now += MS;
	wrote("ls -l\r\n\033[?2004l\r");
	SAW("ls -l\r");
	ck_assert_uint_eq(last_age, MS);
	ck_assert_uint_eq(hidden_deadline(&h), 0);
}
END_TEST

START_TEST(paste_echoed_with_colour_and_wrap_is_kept)
{
	typed(RAW, "echo abcdef\r");
	wrote("\033[1mec\033[0mho abc \rdef");
	SAW("echo abcdef\r");
}
END_TEST

START_TEST(paste_of_lines_is_decided_line_by_line)
{
	typed(RAW, "ls\rpwd\rmute\r");
	wrote("ls\r\na  b\r\n$ pwd\r\n/tmp\r\n$ ");
	SAW("ls\rpwd\r");
	passes(S);
	SAW("ls\rpwd\r<5>");
}
END_TEST

START_TEST(split_echo_of_paste_is_kept)
{
	typed(RAW, "ls -l\r");
	wrote("ls");
	SAW("");
	wrote(" -l");
	SAW("ls -l\r");
}
END_TEST

START_TEST(long_paste_of_lines_is_kept)
{
	static char paste[20000], echo[40000];
	size_t i, n = 0, m = 0;

	for (i = 0; i < 1000; i++) {
		n += (size_t)sprintf(paste + n, "line %zu of it\r", i);
		m += (size_t)sprintf(echo + m, "line %zu of it\r\n> ", i);
	}
	typed(RAW, paste);
	SAW("");
	wrote(echo);
	SAW(paste);
}
END_TEST

/* As vi shows it: further lines are drawn, what follows is elsewhere. */
START_TEST(lines_drawn_on_a_screen_are_kept)
{
	typed(RAW, "first one\rsecond one\r");
	wrote("\033[?25l\033[2;1Hfirst one\r\nsecond one\033[3;11H\033[K\033[4;1H\033[?25h");
	SAW("first one\rsecond one\r");
}
END_TEST

START_TEST(text_in_a_drawn_line_is_no_echo)
{
	typed(RAW, "1234\r");
	wrote("\r\n\033[5;1Hseen 1234\033[6;1H\033[7;1H1234 times\033[8;1H");
	passes(S);
	SAW("<5>");
}
END_TEST

/* So far behind that its line's start is forgotten. */
START_TEST(echo_may_not_be_far_behind)
{
	char much[5000];

	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	typed(RAW, "1234\r");
	wrote(much);
	wrote("1234 and more");
	passes(S);
	SAW("<5>");
}
END_TEST

START_TEST(older_output_is_no_echo)
{
	typed(RAW, "first\r");
	wrote("\r\nsecret\r\n");
	typed(RAW, "secret\r");
	wrote("\r\n");
	passes(S);
	SAW("<6><7>");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("hidden_echo");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, pin_in_later_output_is_no_echo);
	tcase_add_test(t, paste_into_line_editor_is_kept);
	tcase_add_test(t, paste_echoed_with_colour_and_wrap_is_kept);
	tcase_add_test(t, paste_of_lines_is_decided_line_by_line);
	tcase_add_test(t, split_echo_of_paste_is_kept);
	tcase_add_test(t, long_paste_of_lines_is_kept);
	tcase_add_test(t, lines_drawn_on_a_screen_are_kept);
	tcase_add_test(t, text_in_a_drawn_line_is_no_echo);
	tcase_add_test(t, echo_may_not_be_far_behind);
	tcase_add_test(t, older_output_is_no_echo);
	return suite_run_case("hidden_echo", t);
}
