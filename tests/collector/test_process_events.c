/* SPDX-License-Identifier: ISC */
#include "../../collector/process_events_clock.h"
#include "../../collector/process_events_queue.h"

#include <stdio.h>
#include <string.h>

#include "../lib/suite.h"

#define SECOND UINT64_C(1000000000)

START_TEST(never_suspended_is_exact)
{
	struct boot_offset o = {0};

	ck_assert_int_eq(boot_offset_take(&o, 1000, 1030, 1070), 1);
	ck_assert_int_eq(o.ns, 0);
	ck_assert_int_eq(boot_offset_take(&o, 2000, 2001, 2001), 0);
	ck_assert_uint_eq(boot_offset_apply(&o, 77), 77);
}
END_TEST

START_TEST(suspended)
{
	struct boot_offset o = {0};

	boot_offset_take(&o, 5 * SECOND, 5 * SECOND, 5 * SECOND);
	ck_assert_int_eq(boot_offset_take(&o, 6 * SECOND, 106 * SECOND, 6 * SECOND + 100), 1);
	ck_assert_int_eq(o.ns, 100 * (int64_t)SECOND - 50);
	/* which of the two held for an event of that second nobody knows */
	ck_assert_int_eq(boot_offset_doubts(&o, 5 * SECOND + SECOND / 3), 1);
	ck_assert_int_eq(boot_offset_doubts(&o, 4 * SECOND + SECOND / 3), 0);
	ck_assert_int_eq(boot_offset_doubts(&o, 7 * SECOND + SECOND / 3), 0);
	ck_assert_int_eq(boot_offset_take(&o, 7 * SECOND, 107 * SECOND, 7 * SECOND + 100), 0);
}
END_TEST

START_TEST(near_a_tick)
{
	struct boot_offset o = {.known = 1};

	ck_assert_int_eq(boot_offset_doubts(&o, 8 * TICK_NS), 1);
	ck_assert_int_eq(boot_offset_doubts(&o, 8 * TICK_NS + 999999), 1);
	ck_assert_int_eq(boot_offset_doubts(&o, 8 * TICK_NS + 1000000), 0);
	ck_assert_int_eq(boot_offset_doubts(&o, 9 * TICK_NS - 1), 0);
}
END_TEST

START_TEST(this_machine)
{
	struct boot_offset o = {0};

	boot_offset_look(&o);
	ck_assert_int_eq(o.known, 1);
	ck_assert_int_ge(o.ns, 0);
}
END_TEST

static struct event_queue q;
static struct event_chunks mine, done;

static void begin(size_t max)
{
	event_queue_init(&q, max);
	TAILQ_INIT(&mine);
	TAILQ_INIT(&done);
}

static void end(uint64_t taken)
{
	event_queue_free(&q, &done, taken);
	event_queue_free(&q, &mine, 0);
	event_queue_release(&q);
}

static void put(uint8_t what, uint32_t pid)
{
	const struct pevent e = {.what = what, .pid = pid, .boot_ns = pid};

	event_queue_put(&q, &e);
}

/* Text of its own, length included, for each. */
static void put_exec(uint32_t pid)
{
	static char text[EXEC_TEXT_MAX];
	struct pevent e = {.what = PEVENT_EXEC, .pid = pid, .text = text};

	memset(text, (int)(pid & 0xff), sizeof(text));
	e.exec.text_len = pid % (EXEC_TEXT_MAX + 1);
	event_queue_put(&q, &e);
}

START_TEST(in_order)
{
	struct pevent e;
	uint32_t i, k;

	begin(64 << 20);
	for (i = 1; i <= 6000; i++) {
		if (i % 3 == 0)
			put_exec(i);
		else
			put(PEVENT_FORK, i);
		if (i % 1000 == 0)
			event_queue_take(&q, &mine);
	}
	for (i = 1; i <= 6000; i++) {
		ck_assert_int_eq(event_chunks_next(&mine, &done, &e), 1);
		ck_assert_uint_eq(e.pid, i);
		ck_assert_uint_eq(e.what, i % 3 == 0 ? PEVENT_EXEC : PEVENT_FORK);
		for (k = 0; e.what == PEVENT_EXEC && k < e.exec.text_len; k++)
			ck_assert(e.text[k] == (char)i);
	}
	ck_assert_int_eq(event_chunks_next(&mine, &done, &e), 0);
	ck_assert_uint_eq(q.waiting, 6000);
	end(6000);
	ck_assert_uint_eq(q.waiting, 0);
	ck_assert_uint_eq(q.bytes, 0);
}
END_TEST

/* What has no room is one loss, at its place, with the count. */
START_TEST(full)
{
	uint32_t sum = 0, kept, i;
	struct pevent e;

	begin(300000);
	for (i = 1; i <= 10000; i++)
		put(PEVENT_EXIT, i);
	kept = (uint32_t)q.waiting;
	ck_assert_uint_gt(kept, 1000);
	ck_assert_uint_lt(kept, 10000);
	ck_assert_uint_le(q.bytes, 300000);
	event_queue_take(&q, &mine);
	put(PEVENT_EXIT, 10001); /* taken is not freed */
	for (i = 1; i <= kept; i++) {
		ck_assert_int_eq(event_chunks_next(&mine, &done, &e), 1);
		ck_assert_uint_eq(e.pid, i);
	}
	ck_assert_int_eq(event_chunks_next(&mine, &done, &e), 0);
	event_queue_free(&q, &done, kept);
	put(PEVENT_EXIT, 10002);
	put(PEVENT_EXIT, 10003);
	event_queue_take(&q, &mine);
	ck_assert_int_eq(event_chunks_next(&mine, &done, &e), 1);
	ck_assert_uint_eq(e.what, PEVENT_LOSS);
	ck_assert_uint_eq(e.count, 10001 - kept);
	while (event_chunks_next(&mine, &done, &e))
		sum += e.pid;
	ck_assert_uint_eq(sum, 10002 + 10003);
	end(3);
	ck_assert_uint_eq(q.waiting, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {never_suspended_is_exact, suspended, near_a_tick,
		this_machine, in_order, full};

	return suite_run("process_events", tests, sizeof(tests) / sizeof(tests[0]));
}
