/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "err.h"
#include "push_message.h"
#include "suite.h"

START_TEST(comes_back)
{
	struct push_witness w = {.index = 31, .state = PUSH_FORK, .size = UINT64_MAX - 1,
		.time_s = 1700000000, .text = "why"}, back;
	uint8_t p[PUSH_WITNESS_MAX];

	ck_assert_uint_eq(push_witness_put(p, &w), 22);
	ck_assert_int_eq(push_witness_parse(&back, p, 22), 0);
	ck_assert_uint_eq(back.index, w.index);
	ck_assert_uint_eq(back.state, w.state);
	ck_assert_uint_eq(back.size, w.size);
	ck_assert_uint_eq(back.time_s, w.time_s);
	ck_assert_str_eq(back.text, "why");
	memset(w.text, 'x', PUSH_TEXT_MAX);
	w.text[PUSH_TEXT_MAX] = '\0';
	ck_assert_uint_eq(push_witness_put(p, &w), PUSH_WITNESS_MAX);
	ck_assert_int_eq(push_witness_parse(&back, p, PUSH_WITNESS_MAX), 0);
	ck_assert_str_eq(back.text, w.text);
}
END_TEST

START_TEST(hostile)
{
	const struct push_witness w = {.text = "why"};
	uint8_t p[PUSH_WITNESS_MAX + 1] = {0};
	struct push_witness back;
	size_t len = push_witness_put(p, &w), i;

	for (i = 0; i < len - 3; i++)
		ck_assert_int_eq(push_witness_parse(&back, p, i), E_FORMAT);
	p[len - 1] = '\0';
	ck_assert_int_eq(push_witness_parse(&back, p, len), E_FORMAT);
	p[len - 1] = 'y';
	p[1] = 32;
	ck_assert_int_eq(push_witness_parse(&back, p, len), E_FORMAT);
	p[1] = 0;
	p[2] = PUSH_STATES;
	ck_assert_int_eq(push_witness_parse(&back, p, len), E_FORMAT);
	memset(p + len, 'x', sizeof(p) - len);
	p[2] = 0;
	ck_assert_int_eq(push_witness_parse(&back, p, sizeof(p)), E_FORMAT);
}
END_TEST

START_TEST(words)
{
	ck_assert_str_eq(push_state_word(PUSH_FINE), "fine");
	ck_assert_str_eq(push_state_word(PUSH_FORK), "FORK");
	ck_assert_str_eq(push_state_word(PUSH_STATES), "?");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {comes_back, hostile, words};

	return suite_run("push_message", tests, 3);
}
