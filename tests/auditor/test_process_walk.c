/* SPDX-License-Identifier: ISC */
#include "../../auditor/procs/process_walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/suite.h"
#include "process_world.h"

#define SLOT(i) (PROCESS_HEADER + (uint64_t)(i) * PROCESS_SIZE)

static struct world w;
static char said[16384]; /* what was handed over, in order */

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *fmt, ...)
{
	size_t n = strlen(said);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said + n, sizeof said - n, fmt, ap);
	va_end(ap);
}

static void segment(void *arg, const struct process_segment *g)
{
	(void)arg;
	say("[%llu.%u]", (unsigned long long)g->k, g->version);
	ck_assert_uint_eq(g->boot_id[0], 0xb0);
	ck_assert_uint_eq(g->boot.ticks_per_s, g->version == 1 ? 0 : 100);
}

static void slot(void *arg, const struct process_place *at, const struct process_record *p)
{
	(void)arg;
	(void)p;
	say(" %llu", (unsigned long long)at->i);
}

static void record(void *arg, const struct process_record *p, const struct acct_record *r)
{
	(void)arg;
	say("a%lu", (unsigned long)r->pid);
	ck_assert_uint_eq(p->place, r->pid);
}

static void exec(void *arg, const struct process_text *t)
{
	(void)arg;
	say("e%lu:%zu", (unsigned long)t->exec.pid, strlen(process_text_path(t, EXEC_EXE)));
}

static void input(void *arg, const struct process_text *t)
{
	(void)arg;
	say("i%s:%zu", t->input.source, t->want);
}

static void trouble(void *arg, const char *path, uint64_t offset, const char *text, int tail)
{
	(void)arg;
	(void)text;
	say(" !%s:%llu%s", path + strlen("process"), (unsigned long long)offset, tail ? "t" : "");
}

static const struct process_walk walk = { .segment = segment, .slot = slot, .record = record,
	.exec = exec, .input = input, .trouble = trouble };

static void setup(void)
{
	world_make(&w);
	said[0] = '\0';
}

static void teardown(void)
{
	world_remove(&w);
}

static void walks(long files, const char *want)
{
	said[0] = '\0';
	ck_assert_int_eq(process_walk(&w.store, &walk), files);
	ck_assert_str_eq(said, want);
}

/* a, an EXEC with 130 bytes of text, b */
static void fill(void)
{
	static const char text[130] = "/bin/true";

	world_acct(&w, 1, 0);
	world_exec(&w, 2, text, sizeof text);
	world_acct(&w, 3, 7);
}

START_TEST(all_kinds)
{
	struct process_record r = { .kind = PROCESS_WATCH };

	walks(0, "");
	world_segment(&w, 1, 1, 0);
	world_acct(&w, 9, 0);
	world_segment(&w, 2, 2, 5);
	fill();
	process_watch_put(r.body, &(struct process_watch){ .state = 1 });
	world_slot(&w, &r);
	world_exec(&w, 4, NULL, 0);
	walks(2, "[1.1] 0a9[2.2] 0 1a1 2 3 4 5e2:9 6a3 7 8e4:0");
}
END_TEST

static void put_input(uint32_t len)
{
	struct process_record r = { .kind = PROCESS_INPUT };

	process_input_put(r.body, &(struct process_input){ .text_len = len, .source = "fw" });
	world_slot(&w, &r);
	r = (struct process_record){ .kind = PROCESS_TEXT };
	for (uint32_t at = 0; at < len; at += PROCESS_BODY) {
		memset(r.body, 0, PROCESS_BODY);
		memset(r.body, 'x', len - at < PROCESS_BODY ? len - at : PROCESS_BODY);
		world_slot(&w, &r);
	}
}

START_TEST(inputs)
{
	static char want[16384];
	size_t n;

	world_segment(&w, 1, 2, 5);
	put_input(65);
	world_acct(&w, 3, 7);
	walks(1, "[1.2] 0 !/00000001.shlp:160 !/00000001.shlp:288 !/00000001.shlp:416 4a3");
	world_segment(&w, 2, 3, 5);
	put_input(65);
	world_acct(&w, 3, 7);
	world_cut(&w, 1, SLOT(1));
	walks(2, "[1.2] 0[2.3] 0 1 2 3ifw:65 4a3");
	put_input(INPUT_TEXT_MAX);
	n = (size_t)snprintf(want, sizeof want, "[1.2] 0[2.3] 0 1 2 3ifw:65 4a3");
	for (unsigned i = 5; i < 5 + 1 + INPUT_TEXT_MAX / PROCESS_BODY; i++)
		n += (size_t)snprintf(want + n, sizeof want - n, " %u", i);
	snprintf(want + n, sizeof want - n, "ifw:%u", INPUT_TEXT_MAX);
	walks(2, want);
}
END_TEST

START_TEST(what_is_wrong)
{
	struct process_record boot = { .kind = PROCESS_BOOT };

	world_segment(&w, 1, 2, 5);
	fill();
	world_flip(&w, 1, SLOT(1) + 97, 0x40); /* no such kind */
	world_flip(&w, 1, SLOT(4) + 72, 1);    /* a TEXT of another session */
	walks(1, "[1.2] 0 !/00000001.shlp:160 2 3 !/00000001.shlp:544 !/00000001.shlp:672 6a3");
	world_flip(&w, 1, SLOT(1) + 97, 0x40);
	world_flip(&w, 1, SLOT(4) + 72, 1);
	world_flip(&w, 1, SLOT(4) + 97, 2);    /* an ACCT in between */
	world_flip(&w, 1, SLOT(4) + 1, 3);
	world_flip(&w, 1, SLOT(4) + 96, 1);
	walks(1, "[1.2] 0 1a1 2 3 !/00000001.shlp:544 4a0 !/00000001.shlp:672 6a3");
	process_boot_put(boot.body, &(struct process_boot){ 5, 100 });
	world_segment(&w, 2, 2, 5);
	world_slot(&w, &boot);
	world_segment(&w, 4, 2, 6);            /* another date, and 3 is missing */
	world_segment(&w, 5, 1, 5);
	world_flip(&w, 5, 25, 1);
	world_segment(&w, 6, 2, 6);
	world_flip(&w, 6, SLOT(0) + 97, 4);
	walks(5, "[1.2] 0 1a1 2 3 !/00000001.shlp:544 4a0 !/00000001.shlp:672 6a3"
	    "[2.2] 0 !/00000002.shlp:160 !:0[4.2] 0 !/00000004.shlp:32 !/00000005.shlp:0"
	    " !/00000006.shlp:32");
}
END_TEST

/* Cut anywhere: what is whole is read, the rest is a tail. */
START_TEST(torn)
{
	static const char *const want[] = {
		"", "[1.2] 0", "[1.2] 0 1a1", "[1.2] 0 1a1 2", "[1.2] 0 1a1 2 3",
		"[1.2] 0 1a1 2 3 4", "[1.2] 0 1a1 2 3 4 5e2:9", "[1.2] 0 1a1 2 3 4 5e2:9 6a3",
	};
	uint64_t size = SLOT(0) + (uint64_t)_i * PROCESS_SIZE / 2, slots = (uint64_t)_i / 2;
	char all[256];

	world_segment(&w, 1, 2, 5);
	fill();
	world_cut(&w, 1, size);
	snprintf(all, sizeof all, "%s", want[slots]);
	if (slots == 0)
		snprintf(all, sizeof all, " !/00000001.shlp:32t");
	else if (_i % 2 != 0)
		snprintf(all + strlen(all), sizeof all - strlen(all), " !/00000001.shlp:%llut",
		    (unsigned long long)SLOT(slots));
	if (slots >= 3 && slots < 6)
		strcat(all, " !/00000001.shlp:288t");
	walks(1, all);
}
END_TEST

START_TEST(torn_header)
{
	world_segment(&w, 1, 2, 5);
	world_cut(&w, 1, (uint64_t)_i);
	walks(1, _i < PROCESS_HEADER ? " !/00000001.shlp:0t" : " !/00000001.shlp:32t");
}
END_TEST

static void part(uint64_t i, uint64_t count, const char *want)
{
	const struct process_part one = { i, count };

	said[0] = '\0';
	ck_assert_int_eq(process_walk_parts(&w.store, &walk, 1, &one, 1), 0);
	ck_assert_str_eq(said, want);
}

/* An EXEC belongs to the part that it begins in. */
START_TEST(parts)
{
	const struct process_part two[] = { { 0, 1 }, { 6, 3 } };

	world_segment(&w, 1, 2, 5);
	fill();
	part(0, 2, "[1.2] 0 1a1");
	part(0, 3, "[1.2] 0 1a1 2 3 4 5e2:9");
	part(2, 1, "[1.2] 2 3 4 5e2:9");
	part(3, 1, "[1.2]");
	part(4, UINT64_MAX, "[1.2] 6a3");
	part(5, 2, "[1.2] 6a3");
	part(7, 5, "[1.2]");
	said[0] = '\0';
	ck_assert_int_eq(process_walk_parts(&w.store, &walk, 1, two, 2), 0);
	ck_assert_str_eq(said, "[1.2] 0 6a3");
	ck_assert_int_lt(process_walk_parts(&w.store, &walk, 2, two, 2), 0);
}
END_TEST

static struct process_place place;

static void on(const char *want, uint64_t k, uint64_t i)
{
	said[0] = '\0';
	ck_assert_int_eq(process_walk_on(&w.store, &walk, &place), 0);
	ck_assert_str_eq(said, want);
	ck_assert_uint_eq(place.k, k);
	ck_assert_uint_eq(place.i, i);
}

START_TEST(goes_on)
{
	struct process_record r = { .kind = PROCESS_EXEC }, more = { .kind = PROCESS_TEXT };

	place = (struct process_place){ 0, 0 };
	on("", 0, 0);
	world_segment(&w, 1, 2, 5);
	on("[1.2] 0", 1, 1);
	on("[1.2]", 1, 1);
	fill();
	on("[1.2] 1a1 2 3 4 5e2:9 6a3", 1, 7);
	process_exec_put(r.body, &(struct process_exec){ .pid = 8, .text_len = 3, .have = EXEC_EXE });
	world_slot(&w, &r);
	on("[1.2] 7", 1, 7); /* its text is not there yet */
	memcpy(more.body, "abc", 3);
	world_slot(&w, &more);
	world_bytes(&w, "half", 4);
	on("[1.2] 7 8e8:3", 1, 9);
	world_segment(&w, 2, 2, 5);
	world_acct(&w, 3, 0);
	on("[1.2] !/00000001.shlp:1184t[2.2] 0 1a3", 2, 2);
	on("[2.2]", 2, 2);
}
END_TEST

/* More slots than are read at once. */
START_TEST(long_segment)
{
	static const char text[EXEC_TEXT_MAX] = "/bin/true";
	const struct process_walk counts = { .record = record, .exec = exec, .trouble = trouble };

	world_segment(&w, 1, 2, 5);
	for (uint32_t i = 0; i < 480; i++)
		world_exec(&w, i, NULL, 0);
	world_exec(&w, 1000, text, sizeof text);
	said[0] = '\0';
	ck_assert_int_eq(process_walk(&w.store, &counts), 1);
	ck_assert_str_eq(said + strlen(said) - 13, "e479:0e1000:9");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("process_walk");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, all_kinds);
	tcase_add_test(t, inputs);
	tcase_add_test(t, what_is_wrong);
	tcase_add_loop_test(t, torn, 0, 15);
	tcase_add_loop_test(t, torn_header, 0, PROCESS_HEADER + PROCESS_SIZE);
	tcase_add_test(t, parts);
	tcase_add_test(t, goes_on);
	tcase_add_test(t, long_segment);
	return suite_run_case("process_walk", t);
}
