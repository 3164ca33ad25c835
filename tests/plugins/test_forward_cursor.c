/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "../../plugins/forward/cursor.h"
#include "../lib/suite.h"
#include "err.h"

static const uint8_t host[ID_SIZE] = {1};

static void done(struct cursor *c, uint64_t n)
{
	const struct cursor_mark m = {.what = CURSOR_SESSION, .done = 1, .n = n};

	ck_assert_int_eq(cursor_apply(c, &m), 0);
}

/* Sessions 1 to 9 and 12 are done, 10 is under way. */
static void make(struct cursor *c)
{
	const struct cursor_mark at = {.what = CURSOR_SESSION, .n = 10, .seq = 3, .off = 700};
	uint64_t n;

	cursor_init(c, host, "store");
	for (n = 1; n < 10; n++)
		done(c, n);
	ck_assert_int_eq(cursor_apply(c, &at), 0);
	done(c, 12);
	ck_assert_uint_eq(c->below, 10);
}

static int is_done(const struct cursor *c, uint64_t n)
{
	struct cursor_mark m;

	return cursor_session(c, n, &m) && m.done;
}

START_TEST(what_is_lacking_is_sent_anew)
{
	static const uint64_t lost[] = {4, 7, 12};
	struct cursor_mark m;
	struct cursor c;
	uint64_t n;

	make(&c);
	ck_assert_int_eq(cursor_lacks(&c, lost, 3), 0);
	ck_assert_uint_eq(c.below, 4);
	for (n = 1; n < 10; n++)
		ck_assert_int_eq(is_done(&c, n), n != 4 && n != 7);
	ck_assert_int_eq(cursor_session(&c, 4, &m), 0);
	ck_assert_int_eq(cursor_session(&c, 12, &m), 0);
	ck_assert_int_eq(cursor_session(&c, 10, &m), 1);
	ck_assert(!m.done && m.seq == 3 && m.off == 700);
	done(&c, 4);
	ck_assert_uint_eq(c.below, 7);
	done(&c, 7);
	ck_assert_uint_eq(c.below, 10);
	cursor_free(&c);
}
END_TEST

START_TEST(nothing_is_lacking)
{
	struct cursor c;

	make(&c);
	ck_assert_int_eq(cursor_lacks(&c, NULL, 0), 0);
	ck_assert_uint_eq(c.below, 10);
	ck_assert_uint_eq(c.used, 2);
	cursor_free(&c);
}
END_TEST

START_TEST(too_much_is_lacking)
{
	static const uint64_t first = 1;
	struct cursor c;

	make(&c);
	c.below = 5000000; /* as of a host that has run for long */
	ck_assert_int_eq(cursor_lacks(&c, &first, 1), E_RANGE);
	ck_assert_uint_eq(c.below, 5000000);
	cursor_free(&c);
}
END_TEST

START_TEST(files_that_are_shorter)
{
	struct cursor c;

	make(&c);
	ck_assert_int_eq(cursor_shorten(&c, 0, 0, 0), 0);
	c.ledger = 900;
	c.segment = 5;
	c.slot = 4096;
	ck_assert_int_eq(cursor_shorten(&c, 900, 5, 4096), 0);
	ck_assert_int_eq(cursor_shorten(&c, 1000, 6, 64), 0);
	ck_assert_uint_eq(c.ledger, 900);
	ck_assert_uint_eq(c.segment, 5);
	ck_assert_int_eq(cursor_shorten(&c, 899, 6, 64), 1);
	ck_assert_uint_eq(c.ledger, 899);
	ck_assert_int_eq(cursor_shorten(&c, 899, 4, 8192), 1);
	ck_assert(c.segment == 4 && c.slot == 8192);
	ck_assert_int_eq(cursor_shorten(&c, 899, 4, 8000), 1);
	ck_assert(c.segment == 4 && c.slot == 8000);
	ck_assert_int_eq(cursor_shorten(&c, 899, 0, 0), 1);
	ck_assert(c.segment == 1 && c.slot == 0);
	cursor_free(&c);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {what_is_lacking_is_sent_anew, nothing_is_lacking,
		too_much_is_lacking, files_that_are_shorter};

	return suite_run("forward_cursor", tests, sizeof(tests) / sizeof(tests[0]));
}
