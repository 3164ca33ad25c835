/* SPDX-License-Identifier: ISC */
#include "event.h"

#include <string.h>

#include "err.h"
#include "suite.h"

static int parse(uint8_t type, const char *body, size_t len, struct event *e)
{
	struct frame f = { .type = type, .len = (uint16_t)len, .body = (const uint8_t *)body };

	return event_parse(&f, e);
}

#define PARSE(type, body, e) parse(type, body, sizeof(body) - 1, e)

static const char begin[] = "\x07" "0123456789abcdef" "\x18\0\x50\0\x80\x02\x80\x01";

START_TEST(reads_each_type)
{
	struct event e;

	ck_assert_int_eq(PARSE(FRAME_BEGIN, begin, &e), 0);
	ck_assert_uint_eq(e.dt, 7);
	ck_assert_mem_eq(e.salt, "0123456789abcdef", EVENT_SALT);
	ck_assert_uint_eq(e.window.rows, 24);
	ck_assert_uint_eq(e.window.cols, 80);
	ck_assert_uint_eq(e.window.xpixel, 640);
	ck_assert_uint_eq(e.window.ypixel, 384);
	ck_assert_int_eq(PARSE(FRAME_OUTPUT, "\x80\x01hi", &e), 0);
	ck_assert_uint_eq(e.dt, 128);
	ck_assert_uint_eq(e.len, 2);
	ck_assert_mem_eq(e.data, "hi", 2);
	ck_assert_int_eq(PARSE(FRAME_INPUT, "\0\x05q", &e), 0);
	ck_assert_uint_eq(e.age, 5);
	ck_assert_uint_eq(e.len, 1);
	ck_assert_int_eq(PARSE(FRAME_HIDDEN, "\0\x05\x09", &e), 0);
	ck_assert_uint_eq(e.value, 9);
	ck_assert_int_eq(PARSE(FRAME_WINDOW, "\0\x01\x02\x03\x04\x05\x06\x07\x08", &e), 0);
	ck_assert_uint_eq(e.window.cols, 0x403);
	ck_assert_int_eq(PARSE(FRAME_SIGNAL, "\0\x40", &e), 0);
	ck_assert_uint_eq(e.kind, 64);
	ck_assert_int_eq(PARSE(FRAME_MARK, "\0\x01\x7f", &e), 0);
	ck_assert_uint_eq(e.value, 127);
	ck_assert_int_eq(PARSE(FRAME_MARK, "\0\x02\x03", &e), 0);
	ck_assert_uint_eq(e.kind, MARK_HELD);
	ck_assert_int_eq(PARSE(FRAME_MARK, "\0\x03\x80\x01", &e), 0);
	ck_assert_uint_eq(e.kind, MARK_LATE);
	ck_assert_int_eq(PARSE(FRAME_META, "\0\x06", &e), 0);
	ck_assert_uint_eq(e.kind, META_INPUT);
	ck_assert_uint_eq(e.len, 0);
}
END_TEST

START_TEST(refuses_what_is_missing_or_too_much)
{
	static const char window[] = "\0" "12345678";
	struct event e;
	size_t len;

	for (len = 0; len < sizeof(begin) - 1; len++)
		ck_assert_int_eq(parse(FRAME_BEGIN, begin, len, &e), E_SHORT);
	ck_assert_int_eq(parse(FRAME_BEGIN, begin, sizeof(begin), &e), E_FORMAT);
	for (len = 0; len < sizeof(window) - 1; len++)
		ck_assert_int_eq(parse(FRAME_WINDOW, window, len, &e), E_SHORT);
	ck_assert_int_eq(parse(FRAME_WINDOW, window, sizeof(window), &e), E_FORMAT);
	ck_assert_int_eq(PARSE(FRAME_OUTPUT, "\0", &e), E_SHORT);
	ck_assert_int_eq(PARSE(FRAME_INPUT, "\0\0", &e), E_SHORT);
	ck_assert_int_eq(PARSE(FRAME_HIDDEN, "\0\0", &e), E_SHORT);
	ck_assert_int_eq(PARSE(FRAME_HIDDEN, "\0\0\1\1", &e), E_FORMAT);
	ck_assert_int_eq(PARSE(FRAME_SIGNAL, "\0", &e), E_SHORT);
	ck_assert_int_eq(PARSE(FRAME_SIGNAL, "\0\1\1", &e), E_FORMAT);
	ck_assert_int_eq(PARSE(FRAME_MARK, "\0\1", &e), E_SHORT);
	ck_assert_int_eq(PARSE(FRAME_META, "\0", &e), E_SHORT);
}
END_TEST

START_TEST(refuses_values_out_of_their_limits)
{
	struct event e;

	ck_assert_int_eq(PARSE(FRAME_OUTPUT, "\x80\0x", &e), E_FORMAT);
	ck_assert_int_eq(PARSE(FRAME_HIDDEN, "\0\0\0", &e), E_RANGE);
	ck_assert_int_eq(PARSE(FRAME_SIGNAL, "\0\0", &e), E_RANGE);
	ck_assert_int_eq(PARSE(FRAME_SIGNAL, "\0\x41", &e), E_RANGE);
	ck_assert_int_eq(PARSE(FRAME_MARK, "\0\0\0", &e), E_FORMAT);
	ck_assert_int_eq(PARSE(FRAME_MARK, "\0\x04\0", &e), E_FORMAT);
	ck_assert_int_eq(PARSE(FRAME_META, "\0\0", &e), E_FORMAT);
	ck_assert_int_eq(PARSE(FRAME_META, "\0\x07", &e), E_FORMAT);
	ck_assert_int_eq(PARSE(FRAME_SEAL, "\0\1", &e), E_FORMAT);
}
END_TEST

START_TEST(largest_data_fits_a_frame)
{
	struct event e = { .type = FRAME_INPUT, .dt = INT64_MAX, .age = INT64_MAX };
	uint8_t p[FRAME_BODY_MAX];

	ck_assert_uint_eq(event_put(p, &e) + EVENT_DATA_MAX, FRAME_BODY_MAX);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		reads_each_type, refuses_what_is_missing_or_too_much,
		refuses_values_out_of_their_limits, largest_data_fits_a_frame,
	};

	return suite_run("event", tests, sizeof(tests) / sizeof(tests[0]));
}
