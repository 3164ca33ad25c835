/* SPDX-License-Identifier: ISC */
#include "../../auditor/text_filter.h"

#include <string.h>

#include "../lib/suite.h"

/* Every way of cutting the input in two must give the same text. */
static void gives(const char *in, size_t len, const char *want)
{
	static struct text_filter t;
	struct sink out;
	size_t cut;

	for (cut = 0; cut <= len; cut++) {
		ck_assert_int_eq(sink_init(&out, -1), 0);
		text_filter_init(&t, &out);
		text_filter_put(&t, (const uint8_t *)in, cut);
		text_filter_put(&t, (const uint8_t *)in + cut, len - cut);
		text_filter_end(&t);
		sink_put(&out, "", 1);
		ck_assert_str_eq((const char *)out.buf, want);
		sink_release(&out);
	}
}

#define GIVES(in, want) gives(in, sizeof(in) - 1, want)

START_TEST(keeps_text)
{
	GIVES("hello\r\nworld\r\n", "hello\nworld\n");
	GIVES("a\\b\tc\n", "a\\b\tc\n");
	GIVES("no end", "no end");
	GIVES("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\r\n", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\n");
}
END_TEST

START_TEST(carries_out_what_edits_a_line)
{
	GIVES("10%\r20%\r\n", "20%\n");
	GIVES("100%\r5%\r\n", "5%0%\n");
	GIVES("lss\b \b\r\n", "ls \n");
	GIVES("lss\b\033[K\r\n", "ls\n");
	GIVES("abc\033[2D\033[PX\r\n", "aX\n");
	GIVES("ac\b\033[@b\r\n", "abc\n");
	GIVES("ab\033[3Cc\r\n", "ab   c\n");
	GIVES("abcdef\033[3Gx\r\n", "abxdef\n");
	GIVES("abc\033[2K\rd\r\n", "d\n");
	GIVES("a\tb\r\033[1CX\r\n", "aX      b\n");
	GIVES("one\033[5;1Htwo\r\n", "one\ntwo\n");
	GIVES("x\033[?1049hy\033[?1049lz", "x\ny\nz");
}
END_TEST

START_TEST(drops_sequences)
{
	GIVES("\033[1;31mred\033[0m\r\n", "red\n");
	GIVES("\033[?2004h$ \033[?2004l", "$ ");
	GIVES("\033]0;title\ax\033]0;title\033\\y\n", "xy\n");
	GIVES("\033Pq#0\033\\a\033_G\033\\b\033^p\033\\c\033Xs\033\\d\n", "abcd\n");
	GIVES("\033(0lqk\033(B\n", "lqk\n");
	GIVES("a\ab\0c\n", "abc\n");
}
END_TEST

START_TEST(hides_nothing_behind_an_open_string)
{
	GIVES("\033]0;open\r\nrm -rf /\r\n", "\nrm -rf /\n");
	GIVES("\033_open\nshown\n", "\nshown\n");
	GIVES("\033Popen\033[31mshown\n", "shown\n");
}
END_TEST

START_TEST(escapes_what_must_not_be_shown)
{
	GIVES("a\xff" "b\n", "a\xef\xbf\xbd" "b\n");
	GIVES("a\xe2\x82", "a\xef\xbf\xbd");
	GIVES("\xe2\x82X\n", "\xef\xbf\xbdX\n");
	GIVES("\xc2\x9b" "31m\n", "\\xc2\\x9b31m\n");
	GIVES("\x9b" "31m\n", "\xef\xbf\xbd" "31m\n");
	GIVES("\xe2\x80\xae" "x\n", "\\xe2\\x80\\xaex\n");
	GIVES("\x01\x05\n", "\\x01\\x05\n");
}
END_TEST

START_TEST(bounds_its_lines)
{
	static const char far[] = "\033[9999C\033[9999@y\n";
	static struct text_filter t;
	struct sink out;
	size_t i;

	ck_assert_int_eq(sink_init(&out, -1), 0);
	text_filter_init(&t, &out);
	for (i = 0; i < 3 * TEXT_LINE_MAX; i++)
		text_filter_put(&t, (const uint8_t *)"x", 1);
	text_filter_put(&t, (const uint8_t *)far, sizeof far - 1);
	text_filter_end(&t);
	ck_assert_uint_le(out.len, 3 * TEXT_LINE_MAX + 1100);
	ck_assert_uint_ge(out.len, 3 * TEXT_LINE_MAX + 2);
	sink_release(&out);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		keeps_text, carries_out_what_edits_a_line, drops_sequences,
		hides_nothing_behind_an_open_string, escapes_what_must_not_be_shown,
		bounds_its_lines,
	};

	return suite_run("text_filter", tests, sizeof tests / sizeof tests[0]);
}
