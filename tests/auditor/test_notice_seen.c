/* SPDX-License-Identifier: ISC */
#include "../../auditor/verify/notice_seen.h"

#include <string.h>

#include "frame.h"
#include "../lib/suite.h"

static struct notice_seen seen;

static void event(uint8_t type, const char *s, uint64_t chunk)
{
	struct event e = { .type = type, .data = (const uint8_t *)s, .len = strlen(s) };

	notice_seen_event(&seen, &e, chunk, 400);
}

static int differs(const char *text, uint16_t flags)
{
	struct cert c = { .flags = flags };

	hash_of(c.notice, text, strlen(text));
	return notice_seen_differs(&seen, &c);
}

START_TEST(the_same_in_pieces)
{
	event(FRAME_BEGIN, "", 0);
	event(FRAME_META, "sh", 0);
	event(FRAME_OUTPUT, "one\r\ntwo\r", 0);
	event(FRAME_OUTPUT, "\n", 0);
	event(FRAME_OUTPUT, "later\r\n", 1);
	ck_assert_int_eq(differs("one\ntwo\n", CERT_F_NOTICE), 0);
	ck_assert_int_eq(differs("one\ntwo", CERT_F_NOTICE), 1);
	ck_assert_int_eq(differs("one\ntwo", 0), 0);
	ck_assert_uint_eq(seen.offset, 400);
}
END_TEST

START_TEST(other_bytes_are_another_text)
{
	event(FRAME_BEGIN, "", 0);
	ck_assert_int_eq(differs("one\n", CERT_F_NOTICE), 1);
	event(FRAME_OUTPUT, "o\rne\n", 0);
	ck_assert_int_eq(differs("one\n", CERT_F_NOTICE), 1);
	event(FRAME_OUTPUT, "\r", 0);
	ck_assert_int_eq(differs("o\rne\n", CERT_F_NOTICE), 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { the_same_in_pieces, other_bytes_are_another_text };

	return suite_run("notice_seen", tests, sizeof tests / sizeof tests[0]);
}
