/* SPDX-License-Identifier: ISC */
#include "utf8.h"

#include <string.h>

#include "suite.h"

static void is(uint32_t cp, const char *bytes)
{
	char out[4];

	ck_assert_uint_eq(utf8_put(out, cp), strlen(bytes));
	ck_assert_int_eq(memcmp(out, bytes, strlen(bytes)), 0);
}

START_TEST(edges)
{
	is(0x7f, "\x7f");
	is(0x80, "\xc2\x80");
	is(0x7ff, "\xdf\xbf");
	is(0x800, "\xe0\xa0\x80");
	is(0xd800, "\xed\xa0\x80"); /* half of a pair: what shows it escapes it */
	is(0xffff, "\xef\xbf\xbf");
	is(0x10000, "\xf0\x90\x80\x80");
	is(0x10ffff, "\xf4\x8f\xbf\xbf");
}
END_TEST

/* What is written is what is read, of all that is valid. */
START_TEST(there_and_back)
{
	uint32_t cp, got;
	char out[4];
	size_t len;

	for (cp = 0; cp <= 0x10ffff; cp++) {
		len = utf8_put(out, cp);
		if (cp >= 0xd800 && cp <= 0xdfff) {
			ck_assert_int_lt(utf8_next((const uint8_t *)out, len, &got), 0);
			continue;
		}
		if (utf8_next((const uint8_t *)out, len, &got) != (int)len || got != cp)
			ck_abort_msg("U+%04X", cp);
		if (len > 1 && utf8_next((const uint8_t *)out, len - 1, &got) != 0)
			ck_abort_msg("the start of U+%04X", cp);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {edges, there_and_back};

	return suite_run("utf8", tests, sizeof(tests) / sizeof(tests[0]));
}
