/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../auditor/coverage/coverage.h"
#include "../../auditor/review/queue.h"
#include "../lib/suite.h"
#include "hash.h"

#define SECOND INT64_C(1000000000)
#define NOON (INT64_C(1795262400) * SECOND)
#define HOUR (3600 * SECOND)
#define ROWS 64

static struct store_session entry[ROWS];
static struct session_row row[ROWS];
static const uint8_t seed[HASH_SIZE] = { 1 };
static struct queue q;
static const struct rule_hits none;

static struct queue_how how(unsigned sample)
{
	struct queue_how h = { .sample = sample, .night_from = 22, .night_to = 6, .seed = seed };

	return h;
}

static void setup(void)
{
	int i;

	setenv("TZ", "UTC", 1);
	tzset();
	for (i = 0; i < ROWS; i++) {
		memset(&row[i], 0, sizeof row[i]);
		entry[i].name.n = (uint64_t)i + 1;
		entry[i].name.id[3] = (uint8_t)(7 * i);
		row[i].entry = &entry[i];
		row[i].have_cert = 1;
		row[i].user = "ann";
		row[i].uid = 1000;
		row[i].tty = "pts/1";
		row[i].host = row[i].from = row[i].cwd = row[i].program = row[i].args = row[i].as = "";
		row[i].finding = "";
		row[i].finding_chunk = -1;
		row[i].start_ns = NOON + i;
		row[i].end_ns = NOON + i + SECOND;
		row[i].status = STATUS_COMPLETE;
	}
}

static void teardown(void)
{
	queue_release(&q);
}

static void add(int i, const struct queue_how *h, const struct rule_hits *hits)
{
	ck_assert_int_eq(queue_session(&q, h, &row[i], hits), 0);
}

/* Is this alone in the queue, for this reason? */
static int is_for(int i, enum queue_class class)
{
	struct queue_how h = how(0);
	int yes;

	add(i, &h, &none);
	yes = q.items == 1 && q.item[0].class == class && q.item[0].reason[class] != NULL;
	queue_release(&q);
	return yes;
}

START_TEST(has_its_reasons)
{
	static const enum verdict_status bad[] = { STATUS_UNCERTIFIED, STATUS_TORN, STATUS_TAMPERED };
	struct queue_how h = how(0);
	size_t i;

	add(0, &h, &none);
	ck_assert_uint_eq(q.items, 0);
	for (i = 0; i < 3; i++) {
		row[0].status = bad[i];
		ck_assert(is_for(0, QUEUE_FINDING));
	}
	row[0].status = STATUS_UNSEALED;
	ck_assert(is_for(0, QUEUE_CUT));
	row[0].status = STATUS_CUT;
	row[0].findings = 1;
	ck_assert(is_for(0, QUEUE_CUT));
	row[0].status = STATUS_COMPLETE; /* typing that hides */
	ck_assert(is_for(0, QUEUE_FINDING));
	row[0].findings = 0;
	row[0].lost = 5;
	ck_assert(is_for(0, QUEUE_FINDING));
	row[0].lost = 0;
	row[0].status = STATUS_PURGED;
	h = how(10000);
	add(0, &h, &none);
	row[0].status = STATUS_LIVE;
	add(0, &h, &none);
	ck_assert_uint_eq(q.items, 0);
}
END_TEST

START_TEST(knows_the_night)
{
	static const struct {
		int start, end; /* hours from noon */
		int night;
	} at[] = { { 0, 0, 0 }, { 9, 9, 0 }, { 10, 10, 1 }, { 12, 12, 1 }, { 17, 17, 1 }, { 18, 18, 0 },
		{ 8, 10, 1 }, { 8, 9, 0 }, { 8, 19, 1 }, { 0, 24, 1 }, { 0, 400000, 1 }, { 18, 33, 0 } };
	size_t i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		row[1].start_ns = NOON + at[i].start * HOUR;
		row[1].end_ns = NOON + at[i].end * HOUR + 1;
		row[1].uid = 1000;
		row[1].as = "";
		ck_assert_msg(!is_for(1, QUEUE_NIGHT), "%zu", i);
		row[1].as = "www,root";
		ck_assert_msg(is_for(1, QUEUE_NIGHT) == at[i].night, "%zu", i);
		row[1].as = "rooty,boot";
		ck_assert_msg(!is_for(1, QUEUE_NIGHT), "%zu", i);
		row[1].uid = 0;
		ck_assert_msg(is_for(1, QUEUE_NIGHT) == at[i].night, "%zu", i);
	}
}
END_TEST

START_TEST(the_most_urgent_first)
{
	static const struct rule low = { .name = "low", .severity = 10 }, high = { .name = "high",
		.severity = 90 };
	static char text[] = "rm";
	struct rule_hit one[] = { { .rule = &low, .text = text, .at_ns = 5 } };
	struct rule_hit two[] = { { .rule = &low, .text = text, .at_ns = 5 },
		{ .rule = &high, .text = text, .at_ns = 7 } };
	struct rule_hits few = { .hit = one, .hits = 1 }, more = { .hit = two, .hits = 2 };
	struct cover_row terminal = { .kind = COVER_UNRECORDED, .pid = 77, .from_ns = NOON };
	struct queue_how h = how(10000);
	static const uint64_t want[] = { 30, 9, 0, 8, 7, 6, 5, 4, 3 };
	size_t i;

	row[2].lost = 0;
	add(2, &h, &none);            /* 3: by lot */
	add(3, &h, &few);             /* 4: a rule */
	row[4].start_ns = NOON - HOUR;
	add(4, &h, &few);             /* 5: the same, earlier */
	add(5, &h, &more);            /* 6: one that weighs more */
	row[6].uid = 0;
	row[6].start_ns = NOON - 12 * HOUR;
	add(6, &h, &none);            /* 7: root at night */
	row[7].status = STATUS_CUT;
	add(7, &h, &more);            /* 8: cut, and rules fit, too */
	ck_assert_int_eq(queue_terminal(&q, &terminal), 0);
	row[8].status = STATUS_TAMPERED;
	add(8, &h, &none);            /* 9 */
	ck_assert_int_eq(queue_missing(&q, 30), 0);
	queue_order(&q);
	ck_assert_uint_eq(q.items, sizeof(want) / sizeof(want[0]));
	for (i = 0; i < 9; i++)
		ck_assert_msg(q.item[i].n == (i == 6 ? 5 : i == 5 ? 6 : want[i]), "%zu: %u", i,
		    (unsigned)q.item[i].n);
	ck_assert_str_eq(queue_word(q.item[2].class), "unrecorded");
	ck_assert(q.item[3].reason[QUEUE_CUT] != NULL && q.item[3].reason[QUEUE_RULE] != NULL);
	ck_assert(q.item[5].has_at && q.item[5].at_ns == 7);
	ck_assert_str_eq(q.item[5].reason[QUEUE_RULE], "high: rm (and more)");
}
END_TEST

/* Numbers of the sample, as a set. */
static uint64_t sample(unsigned part, const uint8_t *s)
{
	struct queue_how h = how(part);
	uint64_t set = 0;
	size_t i;

	h.seed = s;
	for (i = 0; i < ROWS; i++)
		add((int)i, &h, &none);
	queue_order(&q);
	for (i = 0; i < q.items; i++)
		set |= UINT64_C(1) << (q.item[i].n - 1);
	queue_release(&q);
	return set;
}

START_TEST(draws_the_same_lots)
{
	static const uint8_t other[HASH_SIZE] = { 2 };
	uint64_t half = sample(5000, seed);

	ck_assert_uint_eq(sample(0, seed), 0);
	ck_assert_uint_eq(sample(10000, seed), UINT64_MAX);
	ck_assert_uint_eq(sample(5000, seed), half);
	ck_assert_uint_ne(sample(5000, other), half);
	ck_assert_int_gt(__builtin_popcountll(half), 16);
	ck_assert_int_lt(__builtin_popcountll(half), 48);
	ck_assert_uint_eq(sample(2500, seed) & ~half, 0); /* who asks for more gets those too */
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("queue");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, has_its_reasons);
	tcase_add_test(tc, knows_the_night);
	tcase_add_test(tc, the_most_urgent_first);
	tcase_add_test(tc, draws_the_same_lots);
	return suite_run_case("queue", tc);
}
