/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "escape.h"
#include "suite.h"
#include "utf8.h"

static const char *esc(const char *s, size_t len)
{
	static char out[256];

	return escape_bytes(out, sizeof(out), s, len);
}
#define ESC(s) esc(s, sizeof(s) - 1)

START_TEST(printable_stays)
{
	ck_assert_str_eq(ESC("plain ~ text"), "plain ~ text");
	ck_assert_str_eq(ESC("na\xc3\xafve \xe6\x97\xa5 \xf0\x9f\x98\x80"),
	    "na\xc3\xafve \xe6\x97\xa5 \xf0\x9f\x98\x80");
}
END_TEST

START_TEST(control_is_spelled_out)
{
	ck_assert_str_eq(ESC("a\nb\tc\\d"), "a\\nb\\tc\\\\d");
	ck_assert_str_eq(ESC("\x1b]0;x\x07\r\x7f"), "\\x1b]0;x\\x07\\x0d\\x7f");
	ck_assert_str_eq(esc("a\0b", 3), "a\\x00b");
	ck_assert_str_eq(ESC("\xc2\x9b" "31m"), "\\xc2\\x9b31m");
	ck_assert_str_eq(ESC("\x9b\xff"), "\\x9b\\xff");
	ck_assert_str_eq(ESC("\xe2\x80\xae" "exe"), "\\xe2\\x80\\xaeexe");
	ck_assert_str_eq(ESC("\xe2\x82"), "\\xe2\\x82");
}
END_TEST

START_TEST(hidden_code_points)
{
	static const uint32_t no[] = { 0x0, 0x1f, 0x7f, 0x80, 0x9f, 0xad, 0x61c, 0x200b, 0x200f,
		0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069, 0x206f, 0xd800, 0xdfff,
		0xfdd0, 0xfdef, 0xfeff, 0xfff9, 0xfffb, 0xfffe, 0xffff, 0x1fffe, 0x10ffff,
		0xe0000, 0xe007f, 0x110000 };
	static const uint32_t yes[] = { 0x20, 0x7e, 0xa0, 0xac, 0xae, 0x61b, 0x200a, 0x2010,
		0x2027, 0x202f, 0x205f, 0x2070, 0xfdcf, 0xfdf0, 0xfffc, 0xfffd, 0x1f600, 0x10fffd };
	size_t i;

	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		ck_assert_msg(!escape_printable(no[i]), "%x", no[i]);
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		ck_assert_msg(escape_printable(yes[i]), "%x", yes[i]);
}
END_TEST

START_TEST(cuts_between_characters)
{
	char out[16];

	ck_assert_str_eq(escape_str(out, 8, "1234567"), "1234567");
	ck_assert_str_eq(escape_str(out, 8, "12345678"), "1234...");
	ck_assert_str_eq(escape_str(out, 8, "123\x1b" "5"), "123...");
	ck_assert_str_eq(escape_str(out, 8, "123\xe6\x97\xa5" "55"), "123...");
	ck_assert_str_eq(escape_str(out, 9, "12\xe6\x97\xa5" "5555"), "12\xe6\x97\xa5...");
	ck_assert_str_eq(escape_str(out, 8, ""), "");
}
END_TEST

START_TEST(shown_keeps_its_backslash)
{
	static const char text[] = "a\\x1b\\\x1b" "\\";
	char out[32];

	ck_assert_str_eq(escape_shown(out, sizeof(out), text, sizeof(text) - 1),
	    "a\\x1b\\\\x1b\\");
	ck_assert_str_eq(escape_shown(out, 8, "1\\34\\678", 8), "1\\34...");
}
END_TEST

START_TEST(utf8_table_3_7)
{
	static const struct {
		const char *in;
		int n;
		uint32_t cp;
	} t[] = {
		{ "A", 1, 'A' }, { "\xc2\x80", 2, 0x80 }, { "\xdf\xbf", 2, 0x7ff },
		{ "\xe0\xa0\x80", 3, 0x800 }, { "\xed\x9f\xbf", 3, 0xd7ff },
		{ "\xee\x80\x80", 3, 0xe000 }, { "\xf0\x90\x80\x80", 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\x80", -1, 0 }, { "\xc0\xaf", -1, 0 }, { "\xc1\xbf", -1, 0 },
		{ "\xe0\x9f\xbf", -1, 0 }, { "\xed\xa0\x80", -1, 0 }, { "\xf0\x8f\xbf\xbf", -1, 0 },
		{ "\xf4\x90\x80\x80", -1, 0 }, { "\xf5\x80\x80\x80", -1, 0 }, { "\xff", -1, 0 },
		{ "\xe2\x82(", -2, 0 }, { "\xf0\x9f\x98(", -3, 0 }, { "\xc3(", -1, 0 },
		{ "\xc3", 0, 0 }, { "\xe2\x82", 0, 0 }, { "\xf0\x9f\x98", 0, 0 },
	};
	uint32_t cp;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		cp = 0;
		ck_assert_msg(utf8_next((const uint8_t *)t[i].in, strlen(t[i].in), &cp) == t[i].n,
		    "case %zu", i);
		ck_assert_uint_eq(cp, t[i].cp);
	}
}
END_TEST

/* the example of Unicode 15, table 3-11, and NUL */
START_TEST(utf8_maximal_subparts)
{
	static const char in[] = "\xe1\x80\xe2\xf0\x91\x92\xf1\xbf" "A\0\xc3";
	char *s = utf8_from_bytes((const uint8_t *)in, sizeof(in) - 1);

#define R "\xef\xbf\xbd"
	ck_assert_str_eq(s, R R R R "A" R R);
	free(s);
	s = utf8_from_bytes((const uint8_t *)"", 0);
	ck_assert_str_eq(s, "");
	free(s);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { printable_stays, control_is_spelled_out, hidden_code_points,
		cuts_between_characters, shown_keeps_its_backslash, utf8_table_3_7, utf8_maximal_subparts };

	return suite_run("escape", tests, sizeof(tests) / sizeof(tests[0]));
}
