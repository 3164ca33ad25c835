/* SPDX-License-Identifier: ISC */
#include "sessions/sessions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "process_world.h"
#include "sessions/duration.h"
#include "sessions/list.h"
#include "sessions/session_processes.h"
#include "sessions/session_record.h"

#include "../lib/suite.h"

#define SECOND UINT64_C(1000000000)
#define LATER INT64_MAX /* when whatever was written is long ago */

START_TEST(durations)
{
	static const struct {
		const char *text;
		uint64_t s;
	} good[] = {
		{ "0", 0 }, { "90", 90 }, { "90s", 90 }, { "90sec", 90 }, { "10m", 600 },
		{ "10min", 600 }, { "2h", 7200 }, { "1d", 86400 }, { "1h30min", 5400 }, { "1d1s", 86401 },
	};
	static const char *const bad[] = { "", "s", "-1", "1 h", "1hour", "1h30", "1.5h", "90S", "h1" };
	uint64_t ns;
	size_t i;

	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		ck_assert_int_eq(duration_parse(good[i].text, &ns), 0);
		ck_assert_uint_eq(ns, good[i].s * SECOND);
	}
	ns = 7;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_int_eq(duration_parse(bad[i], &ns), E_FORMAT);
	ck_assert_int_eq(duration_parse("99999999999999999999", &ns), E_RANGE);
	ck_assert_int_eq(duration_parse("9999999999999999d", &ns), E_RANGE);
	ck_assert_int_eq(duration_parse("18446744073s1d", &ns), E_RANGE);
	ck_assert_uint_eq(ns, 7);
}
END_TEST

static struct session_record sample(void)
{
	struct session_record r = { .name = { .n = 77, .state = SESSION_CUT }, .day = "2026/11/22",
		.state = { 1, 2, 3, -4, 5 }, .base = 0, .own = 2,
		.row = { .have_cert = 1, .user = "ann", .tty = "pts/3", .host = "h", .from = "",
			.cwd = "/", .program = "/bin/sh", .args = "sh -c 'a b'", .uid = 1000, .gid = 100,
			.as = "", .start_ns = -5, .end_ns = 6, .length_ns = UINT64_MAX, .active_ns = 8,
			.bytes_in = 9, .bytes_out = 10, .lost = 11, .hidden = 12, .status = STATUS_CUT,
			.level = LEVEL_NONE, .exited = 1, .wait_status = 256, .findings = 3,
			.finding_chunk = -1, .finding = "it stops" } };

	memset(r.name.id, 0xab, ID_SIZE);
	memset(r.expected, 0xcd, SESSION_EXPECTED);
	return r;
}

START_TEST(records_come_back)
{
	const struct session_record r = sample();
	struct session_record got;
	uint8_t *p;
	struct rest b;

	ck_assert_int_eq(session_record_pack(&p, &b.len, &r), 0);
	b.p = p;
	ck_assert_int_eq(session_record_unpack(&got, &b), 0);
	ck_assert_uint_eq(b.len, 0);
	ck_assert_mem_eq(&got.name, &r.name, sizeof r.name);
	ck_assert_str_eq(got.day, r.day);
	ck_assert_int_eq(store_state_same(&got.state, &r.state), 1);
	ck_assert_mem_eq(got.expected, r.expected, SESSION_EXPECTED);
	ck_assert_int_eq(got.base, r.base);
	ck_assert_uint_eq(got.own, r.own);
	ck_assert_str_eq(got.row.user, "ann");
	ck_assert_str_eq(got.row.from, "");
	ck_assert_str_eq(got.row.args, r.row.args);
	ck_assert_str_eq(got.row.finding, "it stops");
	ck_assert_int_eq(got.row.start_ns, -5);
	ck_assert_uint_eq(got.row.length_ns, UINT64_MAX);
	ck_assert_int_eq(got.row.level, LEVEL_NONE);
	ck_assert_int_eq(got.row.finding_chunk, -1);
	ck_assert_int_eq(got.row.wait_status, 256);
	ck_assert_uint_eq(got.row.gid, 100);
	free(p);
}
END_TEST

START_TEST(cut_records_are_none)
{
	const struct session_record r = sample();
	struct session_record got;
	uint8_t *p;
	size_t len, cut;

	ck_assert_int_eq(session_record_pack(&p, &len, &r), 0);
	for (cut = 0; cut < len; cut++) {
		uint8_t *own = malloc(cut + 1);
		struct rest b = { own, cut };

		memcpy(own, p, cut);
		ck_assert_int_lt(session_record_unpack(&got, &b), 0);
		free(own);
	}
	free(p);
}
END_TEST

START_TEST(a_state_is_of_one_file)
{
	const struct store_state a = { 1, 2, 3, 4, 5 };
	struct store_state b = a, none = { 0 };

	ck_assert_int_eq(store_state_same(&a, &b), 1);
	ck_assert_int_eq(store_state_same(&none, &none), 0);
	b.ctime_ns++;
	ck_assert_int_eq(store_state_same(&a, &b), 0);
	b = a;
	b.ino++;
	ck_assert_int_eq(store_state_same(&a, &b), 0);
	b = a;
	b.mtime_ns--;
	ck_assert_int_eq(store_state_same(&a, &b), 0);
	b = a;
	b.size = 0;
	ck_assert_int_eq(store_state_same(&a, &b), 0);
}
END_TEST

START_TEST(columns_are_named)
{
	const struct list_column *c[LIST_COLUMNS];
	const char *wrong;

	ck_assert_uint_eq(list_columns(c, NULL, &wrong), 12);
	ck_assert_uint_eq(list_columns(c, "status,n", &wrong), 2);
	ck_assert_str_eq(c[0]->head, "STATUS");
	ck_assert_uint_eq(list_columns(c, list_column_names(), &wrong), 22);
	ck_assert_uint_eq(list_columns(c, "n,user,n", &wrong), 0);
	ck_assert_str_eq(wrong, "n");
	ck_assert_uint_eq(list_columns(c, "n,", &wrong), 0);
	ck_assert_uint_eq(list_columns(c, "", &wrong), 0);
	ck_assert_uint_eq(list_columns(c, "nn", &wrong), 0);
}
END_TEST

static void check_cell(const char *column, const struct session_row *w, const char *wanted)
{
	const struct list_column *c = list_column(column, strlen(column));
	char cell[LIST_CELL];
	size_t len = c->put(cell, w);

	ck_assert_uint_lt(len, LIST_CELL);
	ck_assert_uint_eq(len, strlen(wanted));
	ck_assert_mem_eq(cell, wanted, len);
}

START_TEST(cells_are_short_and_harmless)
{
	struct store_session e = { .name = { .n = UINT64_MAX } };
	struct session_record r = sample();
	char many[2000];

	setenv("TZ", "UTC", 1);
	r.row.entry = &e;
	check_cell("n", &r.row, "18446744073709551615");
	check_cell("user", &r.row, "ann");
	r.row.as = "root,bob";
	check_cell("user", &r.row, "ann\xe2\x86\x92root,bob");
	r.row.user = "a\033[2Jb\\";
	r.row.as = "";
	check_cell("user", &r.row, "a\\x1b[2Jb\\\\");
	memset(many, 'x', sizeof many - 1);
	many[sizeof many - 1] = '\0';
	r.row.user = r.row.as = many;
	ck_assert_uint_lt(list_column("user", 4)->put((char[LIST_CELL]){ 0 }, &r.row), LIST_CELL);
	check_cell("from", &r.row, "-");
	check_cell("start", &r.row, "-");
	r.row.start_ns = INT64_C(1795320005) * INT64_C(1000000000);
	check_cell("start", &r.row, "Sun 2026-11-22 04:00");
	r.row.start_ns += 59 * 60 * INT64_C(1000000000);
	check_cell("start", &r.row, "Sun 2026-11-22 04:59");
	r.row.length_ns = 59900000000;
	check_cell("length", &r.row, "59.9s");
	r.row.length_ns = 61000000000;
	check_cell("length", &r.row, "1:01");
	r.row.length_ns = 36061000000000;
	check_cell("length", &r.row, "10:01:01");
	check_cell("level", &r.row, "-");
	check_cell("exit", &r.row, "1");
	r.row.wait_status = 9;
	check_cell("exit", &r.row, "signal 9");
	r.row.exited = 0;
	check_cell("exit", &r.row, "-");
	check_cell("commands", &r.row, "-");
}
END_TEST

START_TEST(rows_are_sorted_by_keys)
{
	struct store_session e[3] = { { .name.n = 1 }, { .name.n = 2 }, { .name.n = 3 } };
	struct session_row w[3] = { { .entry = &e[0], .user = "b", .length_ns = 1 },
		{ .entry = &e[1], .user = "a", .length_ns = 2 },
		{ .entry = &e[2], .user = "a", .length_ns = 3 } };
	const struct session_row *row[3] = { &w[0], &w[1], &w[2] };
	const char *wrong;

	ck_assert_int_eq(list_sort(row, 3, "user,-length", &wrong), 0);
	ck_assert(row[0] == &w[2] && row[1] == &w[1] && row[2] == &w[0]);
	ck_assert_int_eq(list_sort(row, 3, "user", &wrong), 0);
	ck_assert(row[0] == &w[1] && row[1] == &w[2]);
	ck_assert_int_eq(list_sort(row, 3, "user,-x", &wrong), -EINVAL);
	ck_assert_str_eq(wrong, "-x");
	ck_assert_int_eq(list_sort(row, 3, "", &wrong), -EINVAL);
}
END_TEST

static void count(struct world *w, struct session_cache *c, uint64_t n, uint64_t wanted)
{
	struct session_sums x;
	const struct session_sum *s;

	ck_assert_int_eq(session_processes_read(&x, &w->store, c, LATER), 0);
	s = session_sums_of(&x, n, 0);
	ck_assert_uint_eq(s != NULL ? s->commands : 0, wanted);
	session_sums_release(&x);
}

START_TEST(programs_are_counted_once)
{
	char folder[] = "/tmp/shellac-cache-XXXXXX", cmd[64];
	struct session_cache *c = NULL;
	struct world w;
	int i;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	setenv("XDG_CACHE_HOME", folder, 1);
	world_make(&w);
	ck_assert_int_eq(session_cache_open(&c, w.dir), 0);
	count(&w, c, 7, 0);
	world_segment(&w, 1, 2, 0);
	for (i = 1; i <= 5; i++)
		world_acct(&w, (uint32_t)i, i <= 3 ? 7 : 9);
	for (i = 0; i < 3; i++)
		count(&w, c, 7, 3);
	count(&w, NULL, 7, 3);
	world_segment(&w, 2, 2, 0);
	world_acct(&w, 6, 7);
	for (i = 0; i < 2; i++) {
		count(&w, c, 7, 4);
		count(&w, c, 9, 2);
		count(&w, c, 8, 0);
	}
	world_acct(&w, 8, 9);
	count(&w, c, 9, 3);
	count(&w, NULL, 9, 3);
	world_cut(&w, 1, PROCESS_HEADER + 2 * PROCESS_SIZE); /* BOOT and one */
	count(&w, c, 7, 2);
	session_cache_free(c);
	world_remove(&w);
	snprintf(cmd, sizeof cmd, "rm -r %s", folder);
	ck_assert_int_eq(system(cmd), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { durations, records_come_back, cut_records_are_none,
		a_state_is_of_one_file, columns_are_named, cells_are_short_and_harmless,
		rows_are_sorted_by_keys, programs_are_counted_once };

	return suite_run("sessions", tests, sizeof tests / sizeof tests[0]);
}
