/* SPDX-License-Identifier: ISC */
#include "../../auditor/replay/replay_filter.h"

#include <string.h>

#include "../lib/suite.h"

/* Every way of cutting the input in two must give the same; what is put back at
 * the end is not part of it. */
static void gives(const char *in, size_t len, const char *want)
{
	struct replay_filter f;
	struct sink out;
	size_t cut;

	for (cut = 0; cut <= len; cut++) {
		ck_assert_int_eq(sink_init(&out, -1), 0);
		replay_filter_init(&f, &out);
		replay_filter_put(&f, (const uint8_t *)in, cut);
		replay_filter_put(&f, (const uint8_t *)in + cut, len - cut);
		sink_put(&out, "", 1);
		ck_assert_str_eq((const char *)out.buf, want);
		sink_release(&out);
	}
}

#define GIVES(in, want) gives(in, sizeof(in) - 1, want)
#define SAME(in) GIVES(in, in)

START_TEST(passes_what_draws)
{
	SAME("text \xc3\xa4\r\n\tx\b");
	SAME("\033[1;38;5;196mred\033[0m\033[m");
	SAME("\033[38:2:0:1:2:3m\033[4:3m");
	SAME("\033[H\033[2J\033[10;20H\033[K\033[3A\033[2P\033[4@\033[5X\033[2L\033[M");
	SAME("\033[2;20r\033[3S\033[3T\033D\033M\033E\0337\0338\033[s\033[u");
	SAME("\033[?1049h\033[?25l\033[?7l\033[?1049l\033[?25h");
	SAME("\033(0lqk\033(B\033)0\x0ex\x0f");
	SAME("\033[4h\033[4l\033[3b");
}
END_TEST

START_TEST(drops_what_makes_a_terminal_answer)
{
	GIVES("a\033[cb\033[>cc\033[6nd\033[?6ne\033[>qf\033[0xg\033Zh\005i", "abcdefghi");
	GIVES("\033P$qm\033\\x\033[?2026$py", "xy");
	GIVES("\033]10;?\a\033]52;c;?\033\\x", "x");
	GIVES("\033[14t\033[21tx", "x");
}
END_TEST

START_TEST(drops_what_changes_a_terminal)
{
	GIVES("\033]0;title\ax\033]52;c;Y2F0\033\\y\033ktitle\033\\z", "xyz");
	GIVES("\033]8;;http://x\033\\link\033]8;;\033\\", "link");
	GIVES("\033[?1000h\033[?2004h\033[?1h\033=\033>\033[>4;2m\033[=1u\033[20hx", "x");
	GIVES("\033[?1049;2004;25h", "\033[?1049h\033[?25h");
	GIVES("\033[5i\033[?5i\033[8;50;50t\033[3Jx\033[!px\033[\"px\033[2 qx", "xxxx");
	GIVES("\033[1;2;3;4;5Tx\033[1;80sx\033%Gx\033nx\033#8x\033Hx\033[gx", "xxxxxxx");
	GIVES("\033[1 Ax\033[1;2;3;4;7$rx\033[1;1;9;9$zx\033[1'}x", "xxxx");
	GIVES("\033c", "\033[0m\033[r\033[H\033[2J");
	GIVES("\a\0\x7f\x11\x13x", "x");
}
END_TEST

START_TEST(drops_hidden_ways_to_write_controls)
{
	GIVES("\xc2\x9b" "5ix\xc2\x9d" "0;t\xc2\x9cy", "5ix0;ty");
	GIVES("\x9b" "5i", "\xef\xbf\xbd" "5i");
	GIVES("\033\033[5ix\033[5\033[5iy", "xy");
	GIVES("\033[5\030ix\033[5\032iy", "ixiy");
	GIVES("\033[5\r\n5iz", "\r\nz");
	GIVES("\033[5\xc3\xa4i", "\xc3\xa4i");
	GIVES("\033[99999999999999999999C", "\033[9999C");
	GIVES("\033[9999bx\033[1;1bx", "xx");
	GIVES("\033[1:2Hx\033[?1:2hx\033[1?25hx", "xxx");
	GIVES("\033Ptmux;\033\033]52;c;x\a\033\\y", "y");
}
END_TEST

START_TEST(puts_back_what_was_changed)
{
	static const char changes[] = "\033[?1049h\033[3;4r\033[?25l\033[31";
	struct replay_filter f;
	struct sink out;

	ck_assert_int_eq(sink_init(&out, -1), 0);
	replay_filter_init(&f, &out);
	replay_filter_put(&f, (const uint8_t *)"x", 1);
	replay_filter_end(&f);
	ck_assert_uint_eq(out.len, 1);
	replay_filter_put(&f, (const uint8_t *)changes, sizeof changes - 1);
	out.len = 0;
	replay_filter_end(&f);
	sink_put(&out, "", 1);
	ck_assert_ptr_nonnull(strstr((char *)out.buf, "\033[?1049l"));
	ck_assert_ptr_nonnull(strstr((char *)out.buf, "\033[r"));
	ck_assert_ptr_nonnull(strstr((char *)out.buf, "\033[?25h"));
	ck_assert_ptr_nonnull(strstr((char *)out.buf, "\033[0m"));
	sink_release(&out);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		passes_what_draws, drops_what_makes_a_terminal_answer,
		drops_what_changes_a_terminal, drops_hidden_ways_to_write_controls,
		puts_back_what_was_changed,
	};

	return suite_run("replay_filter", tests, sizeof tests / sizeof tests[0]);
}
