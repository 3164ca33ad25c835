/* SPDX-License-Identifier: ISC */
#include "../../auditor/verify/hidden_runs.h"

#include <string.h>

#include "../lib/suite.h"
#include "frame.h"

static struct hidden_runs runs;
static uint64_t offset;

static void say(struct event e, const char *data)
{
	e.data = (const uint8_t *)data;
	e.len = strlen(data);
	hidden_runs_event(&runs, &e, 3, offset++);
}

static void begin(void)
{
	memset(&runs, 0, sizeof runs);
	offset = 0;
}

static void hidden(uint64_t n)
{
	say((struct event){ .type = FRAME_HIDDEN, .value = n }, "");
}

static void input(const char *text)
{
	say((struct event){ .type = FRAME_INPUT }, text);
}

START_TEST(passwords_are_not_found)
{
	int i;

	begin();
	for (i = 0; i < 100; i++) {
		input("sudo ls\r");
		hidden(20);
	}
	ck_assert_uint_eq(runs.found, 0);
}
END_TEST

START_TEST(one_long_event_is_found)
{
	begin();
	hidden(HIDDEN_RUN_BYTES);
	ck_assert_uint_eq(runs.found, 0);
	begin();
	hidden(HIDDEN_RUN_BYTES + 1);
	ck_assert_uint_eq(runs.found, 1);
	ck_assert_int_eq(runs.at[0].chunk, 3);
}
END_TEST

START_TEST(lines_add_up)
{
	int i;

	begin();
	for (i = 0; i < 30; i++) {
		hidden(10);
		say((struct event){ .type = FRAME_OUTPUT }, "what it did\r\n");
		input("\r");
	}
	ck_assert_uint_eq(runs.found, 1);
	ck_assert_uint_eq(runs.at[0].offset, 3 * 25);
	input("x");
	hidden(HIDDEN_RUN_BYTES);
	ck_assert_uint_eq(runs.found, 1);
	hidden(1);
	ck_assert_uint_eq(runs.found, 2);
}
END_TEST

START_TEST(what_the_policy_hides_is_not_found)
{
	begin();
	say((struct event){ .type = FRAME_META, .kind = META_INPUT }, "none");
	hidden(10000);
	ck_assert_uint_eq(runs.found, 0);
	begin();
	say((struct event){ .type = FRAME_META, .kind = META_INPUT }, "all");
	hidden(10000);
	ck_assert_uint_eq(runs.found, 1);
	begin();
	say((struct event){ .type = FRAME_META, .kind = META_TERM }, "none");
	hidden(10000);
	ck_assert_uint_eq(runs.found, 1);
}
END_TEST

START_TEST(there_is_a_bound)
{
	int i;

	begin();
	for (i = 0; i < 2 * HIDDEN_RUNS_MAX; i++) {
		input("x");
		hidden(UINT32_MAX);
	}
	ck_assert_uint_eq(runs.found, HIDDEN_RUNS_MAX);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		passwords_are_not_found, one_long_event_is_found, lines_add_up,
		what_the_policy_hides_is_not_found, there_is_a_bound,
	};

	return suite_run("hidden_runs", tests, sizeof tests / sizeof tests[0]);
}
