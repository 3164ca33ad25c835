/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "dispatch_message.h"
#include "err.h"
#include "suite.h"

static uint8_t buf[DISPATCH_MAX + 1];

START_TEST(there_and_back)
{
	struct dispatch_message m = {.type = DISPATCH_BEGIN, .number = 77, .flag = 1,
		.text = {"{}"}, .len = {2}}, r;
	size_t len = dispatch_put(buf, &m);

	ck_assert_uint_eq(len, 1 + 8 + 1 + 2);
	ck_assert_int_eq(dispatch_parse(&r, buf, len), 0);
	ck_assert_uint_eq(r.number, 77);
	ck_assert_uint_eq(r.flag, 1);
	ck_assert_str_eq(r.text[0], "{}");
	m = (struct dispatch_message){.type = DISPATCH_ACTION, .text = {"a", "freeze", ""},
		.len = {1, 6, 0}};
	len = dispatch_put(buf, &m);
	ck_assert_int_eq(dispatch_parse(&r, buf, len), 0);
	ck_assert_str_eq(r.text[1], "freeze");
	ck_assert_str_eq(r.text[2], "");
	m = (struct dispatch_message){.type = DISPATCH_APPLY};
	len = dispatch_put(buf, &m);
	ck_assert_uint_eq(len, 1);
	ck_assert_int_eq(dispatch_parse(&r, buf, len), 0);
}
END_TEST

START_TEST(wrong_ones)
{
	struct dispatch_message r;
	static const struct {
		const char *bytes;
		size_t len;
	} wrong[] = { {"", 0}, {"\0", 1}, {"\x09", 1}, {"\x0f", 1}, {"\xff", 1}, {"\x04\1\2\3", 4},
		{"\x04\1\2\3\4\5\6\7\x08\x09", 10}, {"\x05", 1}, {"\x03x", 2}, {"\x02name", 5},
		{"\x12one\0two", 8}, {"\x06one\0two", 8} };
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memcpy(buf, wrong[i].bytes, wrong[i].len);
		ck_assert_msg(dispatch_parse(&r, buf, wrong[i].len) == E_FORMAT, "%zu is taken", i);
	}
}
END_TEST

START_TEST(limits)
{
	static char text[DISPATCH_BODY_MAX + 1];
	struct dispatch_message m = {.type = DISPATCH_PLUGIN, .text = {"x", text},
		.len = {1, PLUGIN_FILE_MAX}}, r;
	size_t len = dispatch_put(buf, &m);

	memset(text, 'y', sizeof(text));
	len = dispatch_put(buf, &m);
	ck_assert_uint_eq(len, 1 + 2 + PLUGIN_FILE_MAX);
	ck_assert_int_eq(dispatch_parse(&r, buf, len), 0);
	ck_assert_uint_eq(r.len[1], PLUGIN_FILE_MAX);
	m.len[1] = DISPATCH_BODY_MAX;
	ck_assert_uint_eq(dispatch_put(buf, &m), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { there_and_back, wrong_ones, limits };

	return suite_run("dispatch_message", tests, sizeof(tests) / sizeof(tests[0]));
}
