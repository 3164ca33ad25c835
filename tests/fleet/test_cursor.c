/* SPDX-License-Identifier: ISC */
#include "../../plugins/forward/cursor.h"

#include <stdio.h>
#include <string.h>

#include "../lib/suite.h"
#include "err.h"

static struct cursor make(void)
{
	const uint8_t host[ID_SIZE] = {0xab};
	struct cursor c;

	cursor_init(&c, host, "store-1");
	return c;
}

static void apply(struct cursor *c, uint64_t n, uint64_t seq, uint64_t off, int done)
{
	const struct cursor_mark m = {.what = CURSOR_SESSION, .n = n, .seq = seq, .off = off,
		.done = done};

	ck_assert_int_eq(cursor_apply(c, &m), 0);
}

static int is_done(const struct cursor *c, uint64_t n)
{
	struct cursor_mark m;

	return cursor_session(c, n, &m) && m.done;
}

static char *text_of(const struct cursor *c)
{
	static char out[4096];
	size_t len;
	char *text;

	ck_assert_int_eq(cursor_format(c, &text, &len), 0);
	ck_assert_uint_lt(len, sizeof(out));
	memcpy(out, text, len + 1);
	free(text);
	return out;
}

START_TEST(sessions_end_in_any_order)
{
	struct cursor c = make();
	struct cursor_mark m;

	apply(&c, 3, 0, 0, 1);
	apply(&c, 2, 5, 700, 0);
	ck_assert(is_done(&c, 3) && !is_done(&c, 1) && !is_done(&c, 2));
	ck_assert_int_eq(cursor_session(&c, 1, &m), 0);
	ck_assert_int_eq(cursor_session(&c, 2, &m), 1);
	ck_assert(m.seq == 5 && m.off == 700);
	apply(&c, 1, 0, 0, 1);
	ck_assert_uint_eq(c.below, 2);
	apply(&c, 2, 6, 800, 1);
	ck_assert_uint_eq(c.below, 4);
	ck_assert_uint_eq(c.used, 0);
	apply(&c, 2, 0, 0, 0); /* what is done stays so */
	ck_assert(is_done(&c, 2));
	cursor_free(&c);
}
END_TEST

START_TEST(text_says_all_of_it)
{
	const struct cursor_mark ledger = {.what = CURSOR_LEDGER, .off = 1234};
	const struct cursor_mark process = {.what = CURSOR_PROCESS, .n = 3, .off = 160};
	struct cursor c = make(), d;
	char text[4096];

	apply(&c, 1, 0, 0, 1);
	apply(&c, 3, 7, 9000, 0);
	apply(&c, 5, 0, 0, 1);
	apply(&c, 6, 0, 0, 1);
	apply(&c, 8, 0, 0, 1);
	cursor_apply(&c, &ledger);
	cursor_apply(&c, &process);
	strcpy(text, text_of(&c));
	ck_assert_str_eq(text, "shellac-forward 1\nhost ab000000000000000000000000000000\n"
	    "store store-1\nledger 1234\nprocess 3 160\nbelow 2\nat 3 7 9000\ndone 5-6\ndone 8-8\n"
	    "end\n");
	ck_assert_int_eq(cursor_parse(&d, text, strlen(text)), 0);
	ck_assert_str_eq(text_of(&d), text);
	cursor_free(&c);
	cursor_free(&d);
}
END_TEST

START_TEST(nothing_else_is_read)
{
	static const char head[] = "shellac-forward 1\nhost ab000000000000000000000000000000\n"
	    "store s\nledger 0\nprocess 1 0\nbelow 4\n";
	static const char *const bad[] = {"", "end", "done 5-6\n", "done 6-5\nend\n",
		"done 3-5\nend\n", "at 3 0 0\nend\n", "at 5 0\nend\n", "at 5 0 0 \nend\n", "at -5 0 0\nend\n",
		"done 5-99999999999\nend\n", "end\nend\n", "at 5 0 99999999999999999999\nend\n", "x\nend\n"};
	struct cursor c;
	char text[512];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "%s%s", head, bad[i]);
		ck_assert_msg(cursor_parse(&c, text, strlen(text)) < 0, "%s", bad[i]);
	}
	snprintf(text, sizeof(text), "%send\n", head);
	ck_assert_int_eq(cursor_parse(&c, text, strlen(text)), 0);
	cursor_free(&c);
	for (i = 0; i + 1 < strlen(text); i++)
		ck_assert_int_lt(cursor_parse(&c, text, i), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {sessions_end_in_any_order, text_says_all_of_it,
		nothing_else_is_read};

	return suite_run("cursor", tests, sizeof(tests) / sizeof(tests[0]));
}
