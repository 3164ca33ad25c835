/* SPDX-License-Identifier: ISC */
#include "replay/terminal.h"

#include <string.h>

#include "../lib/suite.h"
#include "replay/prompt.h"
#include "replay/status.h"

static void gives(const char *bytes, int key, size_t len)
{
	int k;

	ck_assert_uint_eq(terminal_key((const uint8_t *)bytes, strlen(bytes), &k), len);
	if (len > 0)
		ck_assert_int_eq(k, key);
}

START_TEST(keys)
{
	gives("q", 'q', 1);
	gives("\033[A", KEY_UP, 3);
	gives("\033OBx", KEY_DOWN, 3);
	gives("\033[C", KEY_RIGHT, 3);
	gives("\033[D", KEY_LEFT, 3);
	gives("\033[1;2D", KEY_SHIFT_LEFT, 6);
	gives("\033[1;5A", KEY_UP, 6);
	gives("\033[H", KEY_HOME, 3);
	gives("\033[4~", KEY_END, 4);
	gives("\033[5~", KEY_PAGE_UP, 4);
	gives("\033[6~", KEY_PAGE_DOWN, 4);
	gives("\033[200~", KEY_OTHER, 6);
	gives("\033[99999999999;1;1;1;1Z", KEY_OTHER, 22);
	gives("\033x", 0x1b, 1);
	gives("\033\033[A", 0x1b, 1);
	gives("\033", 0, 0); /* more may come */
	gives("\033[", 0, 0);
	gives("\033[1;", 0, 0);
}
END_TEST

static enum prompt_end type(struct prompt *p, const char *keys)
{
	enum prompt_end end = PROMPT_GOES_ON;

	for (; *keys != '\0' && end == PROMPT_GOES_ON; keys++)
		end = prompt_key(p, (unsigned char)*keys);
	return end;
}

START_TEST(a_prompt)
{
	struct prompt p;
	int i;

	prompt_ask(&p, '/');
	ck_assert_int_eq(type(&p, "abc\x7f\xc3\xa4\x7f\xc3\xb6z\r"), PROMPT_TAKEN);
	ck_assert_str_eq(p.text, "ab\xc3\xb6z");
	prompt_ask(&p, '/');
	ck_assert_int_eq(type(&p, "abc\x15xy\n"), PROMPT_TAKEN);
	ck_assert_str_eq(p.text, "xy");
	prompt_ask(&p, '/');
	ck_assert_int_eq(type(&p, "abc\033"), PROMPT_LEFT);
	prompt_ask(&p, '/');
	ck_assert_int_eq(type(&p, "a\b\b"), PROMPT_LEFT);
	prompt_ask(&p, '/');
	for (i = 0; i < 2 * PROMPT_MAX; i++)
		ck_assert_int_eq(prompt_key(&p, 'x'), PROMPT_GOES_ON);
	ck_assert_uint_lt(strlen(p.text), PROMPT_MAX);
	ck_assert_int_eq(prompt_key(&p, KEY_UP), PROMPT_GOES_ON);
}
END_TEST

/* What matters most stays where there is least room; nothing is longer than that. */
START_TEST(the_last_row)
{
	struct verdict v = { .status = STATUS_TAMPERED, .findings = 2, .finding = {
	    { .chunk = 7, .kind = "gap" }, { .chunk = 30, .kind = "digest" } } };
	struct status s = { .wall_ns = INT64_C(1795000000000000000), .pos_ns = UINT64_C(62000000000),
		.length_ns = UINT64_C(7200000000000), .length_known = 1, .state = "PAUSED",
		.speed = 0.5, .chunk = 7, .sealed = 1, .v = &v, .damaged = 30, .level = LEVEL_NONE,
		.hits = "1/2 word", .command = "$ ls", .message = "" };
	char line[STATUS_MAX];
	int cols;

	status_line(line, sizeof line, 300, &s);
	ck_assert_ptr_nonnull(strstr(line, " 0:01:02/2:00:00 PAUSED 1/2x verified 0-7 TAMPERED "
	    "from 30 on here: gap 1/2 word $ ls"));
	for (cols = 8; cols < 200; cols++) {
		status_line(line, sizeof line, cols, &s);
		ck_assert_int_le((int)strlen(line), cols);
	}
	status_line(line, sizeof line, 60, &s);
	ck_assert_ptr_nonnull(strstr(line, "verified 0-7 TAMPERED from 30 on"));
	s.sealed = 0;
	s.v = NULL;
	s.length_known = 0;
	s.message = "said";
	status_line(line, sizeof line, 80, &s);
	ck_assert_ptr_nonnull(strstr(line, "0:01:02/2:00:00+"));
	ck_assert_ptr_nonnull(strstr(line, "UNSEALED since 7 TAMPERED from 30 on"));
	ck_assert_ptr_nonnull(strstr(line, " said"));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { keys, a_prompt, the_last_row };

	return suite_run("terminal", tests, sizeof tests / sizeof tests[0]);
}
