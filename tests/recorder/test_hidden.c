/* SPDX-License-Identifier: ISC */
#include "hidden_play.h"

START_TEST(echo_is_kept_at_once)
{
	typed(COOKED, "ls\n");
	SAW("ls\n");
	ck_assert_uint_eq(hidden_deadline(&h), 0);
}
END_TEST

START_TEST(canonical_silence_is_hidden)
{
	keys(NOECHO, "secret");
	SAW("");
	wrote("background noise\r\n");
	SAW("");
	keys(NOECHO, "\r");
	SAW("<7>");
	typed(COOKED, "ls\n");
	SAW("<7>ls\n");
}
END_TEST

START_TEST(canonical_lines_are_counted_one_by_one)
{
	typed(NOECHO, "old\nnew\nnew\n");
	SAW("<4><4><4>");
}
END_TEST

START_TEST(canonical_rest_is_hidden_when_echo_returns)
{
	keys(NOECHO, "sec");
	typed(COOKED, "x");
	SAW("<3>x");
}
END_TEST

START_TEST(line_editor_is_kept)
{
	echoed("ls -l");
	SAW("ls -l");
	typed(RAW, "\r");
	SAW("ls -l\r");
	ck_assert_uint_eq(hidden_deadline(&h), 0);
}
END_TEST

START_TEST(star_typed_into_a_line_editor_is_kept)
{
	echoed("* and ls *");
	typed(RAW, "\r");
	SAW("* and ls *\r");
}
END_TEST

START_TEST(late_echo_keeps_with_its_age)
{
	keys(RAW, "ab");
	wrote("ab");
	SAW("ab");
	ck_assert_uint_eq(last_age, 100 * MS);
}
END_TEST

START_TEST(remote_password_is_hidden)
{
	wrote("user@far's password: ");
	keys(RAW, "secret");
	keys(RAW, "\r");
	wrote("\r\n");
	wrote("Last login: Fri Nov 20\r\nfar$ ");
	SAW("");
	passes(S);
	SAW("<7>");
	echoed("ls");
	typed(RAW, "\r");
	SAW("<7>ls\r");
}
END_TEST

START_TEST(remote_password_pasted_is_hidden)
{
	wrote("Password: ");
	typed(RAW, "secret\r");
	wrote("\r\nwelcome\r\n$ ");
	passes(S);
	SAW("<7>");
}
END_TEST

START_TEST(prompt_in_two_writes_changes_nothing)
{
	wrote("Pass");
	wrote("word: ");
	keys(RAW, "secret\r");
	passes(S);
	SAW("<7>");
}
END_TEST

START_TEST(masks_hide)
{
	static const char *const mask[] = { "*", "\xe2\x80\xa2", "\xe2\x97\x8f", "\033[1;1H*", "\a*" };
	size_t i, n;

	for (i = 0; i < sizeof(mask) / sizeof(*mask); i++) {
		setup();
		for (n = 0; n < 6; n++) {
			keys(RAW, "s");
			wrote(mask[i]);
		}
		keys(RAW, "\r");
		SAW("<7>");
		wrote("\r\nwelcome\r\n");
		SAW("<7>");
	}
}
END_TEST

START_TEST(split_mask_hides)
{
	keys(RAW, "s");
	wrote("\xe2\x80");
	wrote("\xa2");
	keys(RAW, "\r");
	SAW("<2>");
}
END_TEST

START_TEST(masks_with_erasing_hide)
{
	keys(RAW, "x");
	wrote("*");
	keys(RAW, "\x7f");
	wrote("\b \b");
	keys(RAW, "y");
	wrote("*");
	keys(RAW, "\r");
	wrote("\b \b\r\n");
	SAW("<4>");
}
END_TEST

START_TEST(hint_that_is_erased_is_no_answer)
{
	wrote("Password: (press TAB for no echo)");
	keys(RAW, "s");
	wrote("\b\b\b   \b\b\b*");
	keys(RAW, "t");
	wrote("*");
	keys(RAW, "\r");
	SAW("<3>");
}
END_TEST

START_TEST(menu_key_then_masked_secret)
{
	echoed("3");
	wrote("PIN: ");
	keys(RAW, "1");
	wrote("*");
	keys(RAW, "2");
	wrote("*");
	keys(RAW, "\r");
	SAW("3<3>");
}
END_TEST

START_TEST(menu_key_then_silent_secret)
{
	echoed("3");
	wrote("PIN: ");
	keys(RAW, "1234\r");
	wrote("\r\nok\r\n");
	passes(S);
	SAW("3<4>\r");
}
END_TEST

START_TEST(pin_without_line_end_is_hidden)
{
	wrote("PIN: ");
	keys(RAW, "1298");
	wrote("\r\nthank you\r\n");
	SAW("<4>");
}
END_TEST

START_TEST(empty_line_is_kept)
{
	typed(RAW, "\r");
	SAW("\r");
	typed(RAW, "\r\n");
	SAW("\r\r\n");
}
END_TEST

START_TEST(control_keys_alone_are_kept)
{
	typed(RAW, "\x03");
	SAW("\x03");
	typed(RAW, "\033[A\r");
	SAW("\x03\033[A\r");
}
END_TEST

START_TEST(interrupted_secret_is_hidden)
{
	keys(RAW, "sec\x03");
	wrote("^C\r\n$ ");
	passes(S);
	SAW("<4>");
}
END_TEST

START_TEST(cursor_moves_answer_an_editor)
{
	keys(RAW, "j");
	wrote("\033[5;1H");
	SAW("j");
}
END_TEST

START_TEST(bell_is_no_answer)
{
	keys(RAW, "q");
	wrote("\a");
	SAW("");
	passes(5 * S);
	SAW("");
	hidden_end(&h);
	SAW("<1>");
}
END_TEST

START_TEST(mode_change_ends_a_run)
{
	keys(RAW, "ab");
	typed(COOKED, "x");
	SAW("x");
	passes(S);
	SAW("x<2>");
}
END_TEST

/* Room for one and no more. */
START_TEST(too_much_is_hidden)
{
	static char big[HIDDEN_HELD_MAX];

	memset(big, 'a', sizeof(big) - 1);
	typed(RAW, big);
	typed(RAW, "bb");
	SAW("<2>");
	hidden_end(&h);
	SAW("<2><65535>");
}
END_TEST

START_TEST(many_lines_do_not_overflow)
{
	char big[4001];
	size_t i;

	for (i = 0; i < sizeof(big) - 1; i++)
		big[i] = i % 2 ? '\r' : 'a';
	big[i] = '\0';
	typed(RAW, big);
	passes(2 * S);
	hidden_end(&h);
	ck_assert_uint_eq(h.pieces, 0);
	ck_assert_uint_eq(h.held_len, 0);
}
END_TEST

START_TEST(policies)
{
	begin(CONF_INPUT_ALL);
	typed(NOECHO, "secret\r");
	SAW("secret\r");
	begin(CONF_INPUT_NONE);
	typed(COOKED, "ls\r");
	SAW("<3>");
}
END_TEST

START_TEST(held_bytes_are_wiped)
{
	size_t i;

	keys(RAW, "secret\r");
	passes(S);
	for (i = 0; i < sizeof(h.held); i++)
		ck_assert_uint_eq(h.held[i], 0);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("hidden");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, echo_is_kept_at_once);
	tcase_add_test(t, canonical_silence_is_hidden);
	tcase_add_test(t, canonical_lines_are_counted_one_by_one);
	tcase_add_test(t, canonical_rest_is_hidden_when_echo_returns);
	tcase_add_test(t, line_editor_is_kept);
	tcase_add_test(t, star_typed_into_a_line_editor_is_kept);
	tcase_add_test(t, late_echo_keeps_with_its_age);
	tcase_add_test(t, remote_password_is_hidden);
	tcase_add_test(t, remote_password_pasted_is_hidden);
	tcase_add_test(t, prompt_in_two_writes_changes_nothing);
	tcase_add_test(t, masks_hide);
	tcase_add_test(t, split_mask_hides);
	tcase_add_test(t, masks_with_erasing_hide);
	tcase_add_test(t, hint_that_is_erased_is_no_answer);
	tcase_add_test(t, menu_key_then_masked_secret);
	tcase_add_test(t, menu_key_then_silent_secret);
	tcase_add_test(t, pin_without_line_end_is_hidden);
	tcase_add_test(t, empty_line_is_kept);
	tcase_add_test(t, control_keys_alone_are_kept);
	tcase_add_test(t, interrupted_secret_is_hidden);
	tcase_add_test(t, cursor_moves_answer_an_editor);
	tcase_add_test(t, bell_is_no_answer);
	tcase_add_test(t, mode_change_ends_a_run);
	tcase_add_test(t, too_much_is_hidden);
	tcase_add_test(t, many_lines_do_not_overflow);
	tcase_add_test(t, policies);
	tcase_add_test(t, held_bytes_are_wiped);
	return suite_run_case("hidden", t);
}
