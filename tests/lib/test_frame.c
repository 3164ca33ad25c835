/* SPDX-License-Identifier: ISC */
#include "frame.h"

#include <string.h>

#include "err.h"
#include "suite.h"

static uint8_t buf[FRAME_MAX + 1];

START_TEST(header_is_as_the_page_says)
{
	static const uint8_t is[FRAME_HEADER] = { 0xf5, 0x11, 3, 1, 8, 7, 6, 5, 4, 3, 2, 1 };

	frame_put_header(buf, FRAME_OUTPUT, 0x103, UINT64_C(0x0102030405060708));
	ck_assert_mem_eq(buf, is, sizeof(is));
}
END_TEST

START_TEST(reads_what_was_written)
{
	struct frame f;

	frame_put_header(buf, FRAME_META, FRAME_BODY_MAX, UINT64_MAX);
	ck_assert_int_eq(frame_parse(buf, sizeof(buf), &f), FRAME_MAX);
	ck_assert_uint_eq(f.type, FRAME_META);
	ck_assert_uint_eq(f.len, FRAME_BODY_MAX);
	ck_assert_uint_eq(f.number, UINT64_MAX);
	ck_assert_ptr_eq(f.body, buf + FRAME_HEADER);
}
END_TEST

START_TEST(every_start_of_a_frame_is_short)
{
	struct frame f;
	size_t len;

	frame_put_header(buf, FRAME_CERT, 9, 0);
	for (len = 0; len < FRAME_HEADER + 9; len++)
		ck_assert_int_eq(frame_parse(buf, len, &f), E_SHORT);
	ck_assert_int_eq(frame_parse(buf, len, &f), FRAME_HEADER + 9);
}
END_TEST

START_TEST(takes_the_named_types_only)
{
	struct frame f;
	unsigned type;
	int known;

	for (type = 0; type < 256; type++) {
		known = type == 1 || type == 2 || (type >= 0x10 && type <= 0x17);
		frame_put_header(buf, (uint8_t)type, 1, 0);
		ck_assert_int_eq(frame_parse(buf, 13, &f), known ? 13 : E_FORMAT);
		ck_assert_int_eq(frame_parse(buf, 2, &f), known ? E_SHORT : E_FORMAT);
	}
	buf[0] = 0xf4;
	ck_assert_int_eq(frame_parse(buf, 1, &f), E_FORMAT);
}
END_TEST

START_TEST(bounds_the_length)
{
	struct frame f;

	frame_put_header(buf, FRAME_OUTPUT, 0, 0);
	ck_assert_int_eq(frame_parse(buf, sizeof(buf), &f), E_RANGE);
	frame_put_header(buf, FRAME_OUTPUT, FRAME_BODY_MAX + 1, 0);
	ck_assert_int_eq(frame_parse(buf, sizeof(buf), &f), E_RANGE);
	ck_assert_int_eq(frame_parse(buf, 4, &f), E_RANGE);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		header_is_as_the_page_says, reads_what_was_written, every_start_of_a_frame_is_short,
		takes_the_named_types_only, bounds_the_length,
	};

	return suite_run("frame", tests, sizeof(tests) / sizeof(tests[0]));
}
