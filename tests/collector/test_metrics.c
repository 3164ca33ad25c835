/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../collector/histogram.h"
#include "../../collector/metrics.h"
#include "../../collector/metrics_table.h"
#include "../../collector/metrics_write.h"
#include "../lib/suite.h"
#include "err.h"

static char *text_of(const char *json)
{
	json_t *o = json_loads(json, 0, NULL);
	char *text;

	ck_assert_ptr_nonnull(o);
	text = metrics_text(o, INT64_C(1700000000500000000));
	ck_assert_ptr_nonnull(text);
	json_decref(o);
	return text;
}

/* The text has this line. */
static void has(const char *text, const char *line)
{
	size_t len = strlen(line);
	const char *p;

	for (p = text; p != NULL && *p != '\0'; p = strchr(p, '\n') + 1)
		if (strncmp(p, line, len) == 0 && p[len] == '\n')
			return;
	ck_abort_msg("no line '%s' in\n%s", line, text);
}

static void has_not(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) == NULL, "'%s' is in\n%s", part, text);
}

START_TEST(counts_by_bound)
{
	struct histogram h = {0};
	unsigned i, n = 0;

	histogram_add(&h, 0);
	histogram_add(&h, histogram_bound_ns(0));
	histogram_add(&h, histogram_bound_ns(0) + 1);
	histogram_add(&h, UINT64_MAX / 2);
	ck_assert_uint_eq(h.count[0], 2);
	ck_assert_uint_eq(h.count[1], 1);
	ck_assert_uint_eq(h.count[HISTOGRAM_BOUNDS], 1);
	for (i = 0; i <= HISTOGRAM_BOUNDS; i++)
		n += (unsigned)h.count[i];
	ck_assert_uint_eq(n, 4);
	for (i = 1; i < HISTOGRAM_BOUNDS; i++)
		ck_assert_uint_gt(histogram_bound_ns(i), histogram_bound_ns(i - 1));
}
END_TEST

START_TEST(values)
{
	char *t = text_of("{\"version\":\"1.2\",\"sessions\":3,\"cut\":2,\"rss\":null,"
	    "\"key_process\":null,\"ledger\":{\"failed\":true,\"size\":9},"
	    "\"space\":{\"state\":\"low\"},\"journal\":{\"error\":\"full\"}}");

	has(t, "shellac_build_info{version=\"1.2\"} 1");
	has(t, "shellac_metrics_timestamp_seconds 1700000000.500000000");
	has(t, "# TYPE shellac_sessions_live gauge");
	has(t, "shellac_sessions_live 3");
	has(t, "# TYPE shellac_sessions_cut counter");
	has(t, "shellac_sessions_cut_total 2");
	has(t, "# UNIT shellac_resident_memory_bytes bytes");
	has_not(t, "\nshellac_resident_memory_bytes ");
	has(t, "shellac_key_process_up 0");
	has(t, "shellac_ledger_failed 1");
	has(t, "shellac_store_state{state=\"fine\"} 0");
	has(t, "shellac_store_state{state=\"low\"} 1");
	has(t, "shellac_journal_failed 1");
	ck_assert_str_eq(t + strlen(t) - 6, "# EOF\n");
	free(t);
}
END_TEST

START_TEST(lists)
{
	char *t = text_of("{\"witnesses\":[{\"name\":\"a\\\"b\\\\c\\n\\u00e9\",\"state\":\"away\","
	    "\"behind\":4,\"time\":0},{\"name\":\"w2\",\"state\":\"fine\",\"time\":17}],"
	    "\"plugins\":[{\"state\":\"runs\",\"lost\":1}],\"watch\":7}");

	has(t, "shellac_witness_behind_entries{witness=\"a\\\"b\\\\c???\"} 4");
	has(t, "shellac_witness_state{witness=\"w2\",state=\"fine\"} 1");
	has(t, "shellac_witness_state{witness=\"w2\",state=\"away\"} 0");
	has(t, "shellac_witness_cosigned_timestamp_seconds{witness=\"w2\"} 17");
	has_not(t, "timestamp_seconds{witness=\"a");
	has(t, "shellac_plugin_lost_total{plugin=\"\"} 1");
	has_not(t, "\nshellac_watch_state{");
	free(t);
}
END_TEST

START_TEST(long_names)
{
	char json[2048], name[501], *t;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(json, sizeof(json), "{\"plugins\":[{\"name\":\"%s\",\"state\":\"runs\"}]}", name);
	t = text_of(json);
	ck_assert_ptr_nonnull(strstr(t, "x\",state=\"runs\"} 1\n"));
	free(t);
}
END_TEST

START_TEST(times)
{
	char *t = text_of("{\"ack_latency\":{\"count\":3,\"sum_s\":1.5,\"up_to_s\":[[0.0001,0],[1.0,2],"
	    "[5.0,2]]}}");

	has(t, "shellac_ack_latency_seconds_bucket{le=\"0.0001\"} 0");
	has(t, "shellac_ack_latency_seconds_bucket{le=\"1.0\"} 2");
	has(t, "shellac_ack_latency_seconds_bucket{le=\"+Inf\"} 3");
	has(t, "shellac_ack_latency_seconds_count 3");
	has(t, "shellac_ack_latency_seconds_sum 1.500000000");
	free(t);
}
END_TEST

/* As OpenMetrics has names, types and units, and once each. */
START_TEST(table)
{
	const struct metric *m, *o;
	size_t len, unit;

	for (m = metrics_table; m->name != NULL; m++) {
		len = strlen(m->name);
		unit = m->unit != NULL ? strlen(m->unit) : 0;
		ck_assert_uint_eq(strspn(m->name, "abcdefghijklmnopqrstuvwxyz_"), len);
		ck_assert_int_eq(strncmp(m->name, "shellac_", 8), 0);
		ck_assert(unit == 0 || (m->name[len - unit - 1] == '_' &&
		    strcmp(m->name + len - unit, m->unit) == 0));
		ck_assert(len < 6 || strcmp(m->name + len - 6, "_total") != 0);
		ck_assert_ptr_null(strpbrk(m->help, "\\\n\""));
		ck_assert((m->how == METRIC_STATE) == (m->words != NULL));
		ck_assert((m->how == METRIC_TIMES) == (m->type == METRIC_HISTOGRAM));
		for (o = metrics_table; o < m; o++)
			ck_assert_str_ne(o->name, m->name);
	}
}
END_TEST

static char folder[64], path[256];

static void begin(void)
{
	char found[64] = "/tmp/shlm.XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(found));
	snprintf(folder, sizeof(folder), "%s", found);
	snprintf(path, sizeof(path), "%s/m.prom", folder);
}

static void end(void)
{
	char command[256];

	snprintf(command, sizeof(command), "chmod 700 %s; rm -rf %s", folder, folder);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(replaces)
{
	struct stat st;
	char got[16];
	int fd;

	ck_assert_int_eq(metrics_write(path, "longer\n", 7), 0);
	ck_assert_int_eq(metrics_write(path, "two\n", 4), 0);
	fd = open(path, O_RDONLY);
	ck_assert_int_eq(read(fd, got, sizeof(got)), 4);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0644);
	close(fd);
	snprintf(path, sizeof(path), "%s/.m.prom.new", folder);
	ck_assert_int_lt(access(path, F_OK), 0);
}
END_TEST

/* What somebody put there to have another file written. */
START_TEST(follows_no_link)
{
	char other[128], link[128], through[256];

	snprintf(other, sizeof(other), "%s/other", folder);
	snprintf(link, sizeof(link), "%s/.m.prom.new", folder);
	ck_assert_int_eq(symlink(other, link), 0);
	ck_assert_int_eq(symlink(other, path), 0);
	ck_assert_int_eq(metrics_write(path, "x\n", 2), 0);
	ck_assert_int_lt(access(other, F_OK), 0);
	snprintf(link, sizeof(link), "%s/link", folder);
	ck_assert_int_eq(symlink(folder, link), 0);
	snprintf(through, sizeof(through), "%s/m.prom", link);
	ck_assert_int_eq(metrics_write(through, "x\n", 2), E_KEY);
}
END_TEST

START_TEST(only_safe_folders)
{
	ck_assert_int_eq(chmod(folder, 0770), 0);
	ck_assert_int_eq(metrics_write(path, "x\n", 2), E_KEY);
	ck_assert_int_eq(chmod(folder, 0702), 0);
	ck_assert_int_eq(metrics_write(path, "x\n", 2), E_KEY);
	ck_assert_int_eq(chmod(folder, 0755), 0);
	ck_assert_int_eq(metrics_write(path, "x\n", 2), 0);
	snprintf(path, sizeof(path), "%s/nothing/m.prom", folder);
	ck_assert_int_eq(metrics_write(path, "x\n", 2), -ENOENT);
	ck_assert_int_eq(metrics_write("m.prom", "x\n", 2), -EINVAL);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("metrics");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, counts_by_bound);
	tcase_add_test(tc, values);
	tcase_add_test(tc, lists);
	tcase_add_test(tc, long_names);
	tcase_add_test(tc, times);
	tcase_add_test(tc, table);
	tcase_add_test(tc, replaces);
	tcase_add_test(tc, follows_no_link);
	tcase_add_test(tc, only_safe_folders);
	return suite_run_case("metrics", tc);
}
