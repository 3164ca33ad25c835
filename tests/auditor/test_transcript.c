/* SPDX-License-Identifier: ISC */
#include "../../auditor/screen/transcript.h"

#include <stdio.h>

#include "../lib/suite.h"
#include "terminal_world.h"

/* What came, a line each: "> " typed from there on between brackets, "| " of a full screen,
 * "# " a note. */
static char got[262144];
static size_t got_len;
static uint64_t times[512];
static size_t lines;

static int take(void *arg, const struct transcript_line *l)
{
	const char *front = l->kind == TRANSCRIPT_NOTE ? "# " : l->kind == TRANSCRIPT_SCREEN ? "| " :
	    "";
	size_t typed = l->typed != TRANSCRIPT_NOT_TYPED ? l->typed : l->len;

	(void)arg;
	ck_assert_uint_le(typed, l->len);
	if (lines < 512)
		times[lines++] = l->at_ns;
	got_len += (size_t)snprintf(got + got_len, sizeof got - got_len, "%s%.*s%s%.*s%s\n", front,
	    (int)typed, l->text, typed < l->len ? "[" : "", (int)(l->len - typed),
	    l->text + typed, typed < l->len ? "]" : "");
	ck_assert_uint_lt(got_len, sizeof got);
	return 0;
}

static struct transcript *begin(struct feed *f, int screens, uint16_t rows, uint16_t cols)
{
	struct transcript *t;

	got_len = lines = 0;
	got[0] = '\0';
	ck_assert_int_eq(transcript_new(&t, screens, take, NULL), 0);
	*f = (struct feed){ transcript_event, t, { .at_ns = 0 } };
	ck_assert_int_eq(feed_window(f, FRAME_BEGIN, rows, cols), 0);
	return t;
}

static void end(struct transcript *t, const char *want)
{
	ck_assert_int_eq(transcript_end(t), 0);
	transcript_free(t);
	ck_assert_str_eq(got, want);
}

/* Every way of cutting the output in two must give the same lines. */
static void gives(const char *in, size_t len, const char *want)
{
	size_t cut;

	for (cut = 0; cut <= len; cut++) {
		struct feed f;
		struct transcript *t = begin(&f, 0, 5, 20);

		feed_bytes(&f, FRAME_OUTPUT, in, cut);
		feed_bytes(&f, FRAME_OUTPUT, in + cut, len - cut);
		end(t, want);
	}
}

#define GIVES(in, want) gives(in, sizeof(in) - 1, want)

START_TEST(keeps_text)
{
	GIVES("hello\r\nworld\r\n", "hello\nworld\n");
	GIVES("a\\b\tc\r\n", "a\\b     c\n");
	GIVES("no end", "no end\n");
	GIVES("a\r\n\r\nb", "a\n\nb\n");
	GIVES("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\r\n", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\n");
	GIVES("1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n", "1\n2\n3\n4\n5\n6\n7\n8\n");
}
END_TEST

START_TEST(carries_out_what_redraws_a_line)
{
	GIVES("10%\r20%\r\n", "20%\n");
	GIVES("100%\r5%\r\n", "5%0%\n");
	GIVES("lss\b \b\r\n", "ls\n");
	GIVES("abc\033[2D\033[PX\r\n", "aX\n");
	GIVES("ac\b\033[@b\r\n", "abc\n");
	GIVES("ab\033[3Cc\r\n", "ab   c\n");
	GIVES("abc\033[2K\rd\r\n", "d\n");
	GIVES("one\r\ntwo\033[A\rONE\r\n\n", "ONE\ntwo\n");
	GIVES("\033[1;31mred\033[0m\r\n", "red\n");
	GIVES("\033]0;title\ax\033]0;title\033\\y\r\n", "xy\n");
	GIVES("\033(0lqk\033(B\r\n", "\xe2\x94\x8c\xe2\x94\x80\xe2\x94\x90\n");
	GIVES("a\ab\x01" "c\r\n", "abc\n");
}
END_TEST

START_TEST(shows_nothing_that_could_act)
{
	GIVES("\033]0;open\r\nrm -rf /\r\n", "\nrm -rf /\n");
	GIVES("\033Popen\033[31mshown\r\n", "shown\n");
	GIVES("a\xff" "b\r\n", "a\xef\xbf\xbd" "b\n");
	GIVES("\x9b" "31m\r\n", "\xef\xbf\xbd" "31m\n");
	GIVES("x\xe2\x80\xae" "y\r\n", "x\\xe2\\x80\\xaey\n");
}
END_TEST

START_TEST(joins_what_the_terminal_wrapped)
{
	GIVES("abcdefghijklmnopqrstuvwxyz\r\nx", "abcdefghijklmnopqrstuvwxyz\nx\n");
	GIVES("abcdefghijklmnopqrst\r\nuv\r\n", "abcdefghijklmnopqrst\nuv\n");
	GIVES("abcdefghijklmnopqrs uvwxyz\r\n", "abcdefghijklmnopqrs uvwxyz\n");
	GIVES("1\r\n2\r\n3\r\nabcdefghijklmnopqrstuvwxyz\r\n5\r\n6\r\n7\r\n",
	    "1\n2\n3\nabcdefghijklmnopqrstuvwxyz\n5\n6\n7\n");
	GIVES("abcdefghijklmnopqrs\xe4\xb8\xad" "b\r\n", "abcdefghijklmnopqrs\xe4\xb8\xad" "b\n");
}
END_TEST

START_TEST(keeps_what_stood_on_a_cleared_screen)
{
	GIVES("one\r\ntwo\033[H\033[2J\033[3Jthree", "one\ntwo\nthree\n");
	GIVES("one\r\ntwo\033[H\033[Jthree", "one\ntwo\nthree\n");
	GIVES("\033[H\033[2J\033[H\033[2Jx", "x\n");
	GIVES("a\r\nb\r\nc\033[2;1H\033[Jx", "a\nx\n"); /* part of it: redrawn */
}
END_TEST

START_TEST(bounds_its_lines)
{
	struct feed f;
	struct transcript *t = begin(&f, 0, 5, 20);
	size_t i;

	for (i = 0; i < 3000; i++)
		feed_out(&f, "0123456789012345678901234567890123456789");
	ck_assert_int_eq(transcript_end(t), 0);
	transcript_free(t);
	ck_assert_uint_eq(lines, 2);
	ck_assert_uint_eq(got_len, 3000 * 40 + 2);
}
END_TEST

START_TEST(says_when)
{
	struct feed f;
	struct transcript *t = begin(&f, 0, 5, 20);

	f.x.at_ns = 1000;
	feed_out(&f, "one\r\n");
	f.x.at_ns = 2000;
	feed_out(&f, "two");
	f.x.at_ns = 3000;
	feed_out(&f, "\r\n");
	f.x.at_ns = 4000;
	feed_out(&f, "\033[HOne\033[3;1H");
	f.x.at_ns = 5000;
	feed_out(&f, "3\r\n4\r\n5\r\n6\r\n7");
	end(t, "One\ntwo\n3\n4\n5\n6\n7\n");
	ck_assert_uint_eq(times[0], 4000);
	ck_assert_uint_eq(times[1], 2000);
	ck_assert_uint_eq(times[6], 5000);
}
END_TEST

START_TEST(tells_of_full_screens)
{
	struct feed f;
	struct transcript *t = begin(&f, 0, 5, 40);

	feed_out(&f, "$ ");
	feed_in(&f, "sudo EDITOR=x /usr/bin/vim a");
	feed_out(&f, "sudo EDITOR=x /usr/bin/vim a");
	feed_in(&f, "\r");
	feed_out(&f, "\r\n");
	f.x.at_ns = 0;
	feed_out(&f, "\033[?1049h\033[2Jhello");
	feed_in(&f, ":q\r");
	f.x.at_ns = UINT64_C(192000000000);
	feed_out(&f, "\033[?1049l");
	feed_out(&f, "$ ");
	end(t, "$ [sudo EDITOR=x /usr/bin/vim a]\n# full screen for 3 min 12 s: vim\n$\n");
}
END_TEST

START_TEST(gives_rows_of_full_screens_once)
{
	struct feed f;
	struct transcript *t = begin(&f, 1, 4, 20);

	feed_out(&f, "top\r\n\033[?1049h\033[Hone\r\ntwo\r\nthree");
	f.x.at_ns += UINT64_C(2000000000);
	feed_out(&f, "\033[H\033[M\033[3;1Hfour"); /* scrolls */
	f.x.at_ns += UINT64_C(2000000000);
	feed_out(&f, "\033[Hgone at once\033[Hstays here  ");
	feed_out(&f, "\033[2J\033[Hfresh");
	feed_out(&f, "\033[?1049lbottom");
	end(t, "top\n| one\n| two\n| three\n| four\n| stays here\n| fresh\n"
	    "# full screen for 4 s\nbottom\n");
}
END_TEST

START_TEST(ends_in_a_full_screen)
{
	struct feed f;
	struct transcript *t = begin(&f, 0, 4, 20);

	feed_out(&f, "one\r\ntwo\033[?1049hfull\033[");
	end(t, "one\n# full screen for 0 s\ntwo\n");
}
END_TEST

START_TEST(marks_what_was_typed)
{
	struct feed f;
	struct transcript *t = begin(&f, 0, 4, 20);

	feed_out(&f, "$ ");
	feed_in(&f, "\033[A");
	feed_out(&f, "echo a long line that is wrapped");
	feed_in(&f, "\r");
	feed_out(&f, "\r\na long line that is wrapped\r\n$ ");
	feed_in(&f, "lsx\x7f");
	feed_out(&f, "lsx\b\033[K");
	feed_in(&f, "\r");
	feed_out(&f, "\r\nfile\r\n$ ");
	feed_in(&f, "\r"); /* nothing */
	feed_out(&f, "\r\n$ ");
	feed_in(&f, "rm\x03");
	feed_out(&f, "rm^C\r\n$ ");
	end(t, "$ [echo a long line that is wrapped]\na long line that is wrapped\n$ [ls]\nfile\n"
	    "$\n$ rm^C\n$\n");
}
END_TEST

START_TEST(finds_what_was_typed_behind_its_echo)
{
	struct feed f;
	struct transcript *t = begin(&f, 0, 5, 30);

	feed_out(&f, "$ ");
	f.x.at_ns = 5000000;
	feed_out(&f, "ec");
	f.x.e.age = 2000000; /* typed before that */
	feed_in(&f, "echo");
	feed_in(&f, "\r");
	feed_out(&f, "ho\r\n");
	feed_out(&f, "$ ");
	feed_in(&f, "a\rb\r"); /* both before their echo */
	feed_out(&f, "a\r\nA\r\n");
	feed_out(&f, "$ b\r\nB\r\n");
	end(t, "$ [echo]\n$ [a]\nA\n$ [b]\nB\n");
}
END_TEST

START_TEST(tells_what_a_reader_needs)
{
	struct feed f;
	struct transcript *t = begin(&f, 0, 4, 30);

	feed_out(&f, "Password: ");
	f.x.e.value = 7;
	feed(&f, FRAME_HIDDEN);
	feed_out(&f, "\r\nok\r\n");
	feed_window(&f, FRAME_WINDOW, 6, 40);
	feed_window(&f, FRAME_BEGIN, 6, 40);
	f.x.e.kind = MARK_FROZEN;
	f.x.e.value = UINT64_C(1500000000);
	feed(&f, FRAME_MARK);
	feed_out(&f, "end");
	end(t, "Password:\n# 7 typed bytes were not kept\nok\nend\n# the window is 40 x 6 now\n"
	    "# stood still for 1.500 s: nobody collected it\n");
}
END_TEST

START_TEST(keeps_lines_when_the_window_changes)
{
	struct feed f;
	struct transcript *t = begin(&f, 0, 6, 20);

	feed_out(&f, "1\r\n2\r\n3\r\n4\r\n5\r\n6");
	feed_window(&f, FRAME_BEGIN, 3, 10);
	feed_out(&f, "\r\n7");
	feed_window(&f, FRAME_BEGIN, 8, 30);
	feed_out(&f, "\r\n8");
	end(t, "1\n2\n3\n4\n5\n6\n7\n8\n");
}
END_TEST

START_TEST(keeps_what_a_narrower_window_cuts)
{
	struct feed f;
	struct transcript *t = begin(&f, 0, 6, 20);

	feed_out(&f, "short\r\n\r\nbehind column ten\r\nabcdefghijklmnopqrstuvwxyz\r\n$ ");
	feed_window(&f, FRAME_WINDOW, 6, 10);
	feed_window(&f, FRAME_WINDOW, 6, 8); /* once */
	feed_out(&f, "ls\r\n");
	feed_window(&f, FRAME_WINDOW, 6, 20);
	end(t, "short\n\nbehind column ten\nabcdefghijklmnopqrstuvwxyz\n$ ls\n"
	    "# the window is 10 x 6 now\n# the window is 8 x 6 now\n# the window is 20 x 6 now\n");
	t = begin(&f, 0, 6, 20);
	feed_out(&f, "$ vim a-long-name.c\033[?1049hfull");
	feed_window(&f, FRAME_BEGIN, 6, 10);
	feed_out(&f, "\033[?1049l\r\n$ ");
	end(t, "$ vim a-long-name.c\n# full screen for 0 s\n$\n");
}
END_TEST

static int stop(void *arg, const struct transcript_line *l)
{
	(void)l;
	return ++*(int *)arg == 2 ? -7 : 0;
}

START_TEST(ends_when_it_is_told_to)
{
	struct transcript *t;
	struct feed f = { transcript_event, NULL, { .at_ns = 0 } };
	int count = 0;

	ck_assert_int_eq(transcript_new(&t, 0, stop, &count), 0);
	f.arg = t;
	feed_window(&f, FRAME_BEGIN, 2, 20);
	ck_assert_int_eq(feed_out(&f, "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n"), -7);
	ck_assert_int_eq(count, 2);
	transcript_free(t);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		keeps_text, carries_out_what_redraws_a_line, shows_nothing_that_could_act,
		joins_what_the_terminal_wrapped, keeps_what_stood_on_a_cleared_screen,
		bounds_its_lines, says_when, tells_of_full_screens, gives_rows_of_full_screens_once,
		ends_in_a_full_screen, marks_what_was_typed, finds_what_was_typed_behind_its_echo,
		tells_what_a_reader_needs, keeps_lines_when_the_window_changes,
		keeps_what_a_narrower_window_cuts, ends_when_it_is_told_to,
	};

	return suite_run("transcript", tests, sizeof tests / sizeof tests[0]);
}
