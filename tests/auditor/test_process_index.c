/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/suite.h"
#include "index_world.h"

START_TEST(any_data)
{
	int64_t now = 0;
	struct process_index *x;

	for (uint64_t k = 1; k < 6; k++) {
		world_segment(&index_world, k, k == 1 ? 1 : 2, BOOT_S * SECOND);
		if (k > 1)
			index_some(index_below(3000), &now);
		if (index_below(2) == 0) {
			x = index_open();
			index_questions(x, now);
			process_index_free(x);
			if (k > 1)
				index_some(index_below(3000), &now);
		}
	}
	x = index_open();
	index_questions(x, now);
	process_index_free(x);
}
END_TEST

/* What is asked for stands in few blocks: few are read. */
START_TEST(reads_little)
{
	struct process_index *x;
	struct ask q = index_all();

	world_segment(&index_world, 1, 2, BOOT_S * SECOND);
	for (uint32_t i = 0; i < 20480; i++)
		index_ended(5, 1000, i == 6000 ? "rare" : "sh", i / 1000, i, 1);
	index_ended(5, 1001, "sh", 0, 30000, 1);
	for (uint32_t i = 0; i < 1022; i++)
		index_ended(5, 1000, "sh", 0, 30000 + i, 1);
	x = index_open();
	ck_assert_uint_eq(index_same(x, &q), 20480 + 1023 + 1);
	q.uid = 1001;
	ck_assert_uint_le(index_same(x, &q), 1024);
	q = index_all();
	q.comm = "rare";
	ck_assert_uint_le(index_same(x, &q), 1024);
	q = index_all();
	q.session = 3;
	ck_assert_uint_le(index_same(x, &q), 2048);
	q = index_all();
	q.from_ns = (BOOT_S + 15000) * SECOND;
	q.to_ns = q.from_ns + 100 * SECOND;
	ck_assert_uint_le(index_same(x, &q), 1536);
	process_index_free(x);
}
END_TEST

/* The program of a long life stands far before its end. */
START_TEST(finds_the_exec)
{
	struct process_index *x;
	struct ask q = index_all();
	int64_t now = 0;

	world_segment(&index_world, 1, 2, BOOT_S * SECOND);
	index_begins(4000, 0, "/bin/long", 10);
	index_begins(4001, 0, "/bin/longer", 12);
	index_some(5000, &now);
	index_ended(4000, 77, "long", 0, 1, 100);
	index_some(3000, &now);
	x = index_open();
	index_ended(4001, 77, "longer", 0, 1, 100); /* behind the index */
	q.uid = 77;
	index_ask(&index_rows, x, &q);
	ck_assert_uint_ge(index_rows.lines, 2);
	ck_assert(strstr(index_rows.line[index_rows.lines - 1], "exec 13") != NULL);
	index_release(&index_rows);
	index_same(x, &q);
	process_index_free(x);
}
END_TEST

/* What is wrong with the records is said with an index too. */
START_TEST(says_trouble)
{
	struct process_index *x;
	struct ask q = index_all();
	int64_t now = 0;

	world_segment(&index_world, 1, 2, BOOT_S * SECOND);
	index_some(4000, &now);
	world_segment(&index_world, 3, 2, BOOT_S * SECOND);
	index_some(4000, &now);
	world_flip(&index_world, 1, PROCESS_HEADER + 2000 * PROCESS_SIZE + 124, 1);
	world_flip(&index_world, 3, PROCESS_HEADER + 700 * PROCESS_SIZE + 97, 0x80);
	world_bytes(&index_world, "torn", 4);
	x = index_open();
	q.uid = 12;
	index_ask(&index_rows, x, &q);
	ck_assert_uint_ge(index_rows.lines, 4);
	index_release(&index_rows);
	index_same(x, &q);
	process_index_free(x);
}
END_TEST

static void index_file(char *out, size_t size)
{
	char folder[128];
	struct dirent *e;
	DIR *d;

	snprintf(folder, sizeof folder, "%s/cache/shellac", index_world.dir);
	d = opendir(folder);
	ck_assert_ptr_nonnull(d);
	out[0] = '\0';
	while ((e = readdir(d)) != NULL)
		if (strstr(e->d_name, ".db") != NULL && strstr(e->d_name, "journal") == NULL)
			snprintf(out, size, "%s/%s", folder, e->d_name);
	closedir(d);
	ck_assert(out[0] != '\0');
}

/* Another store where the one was: told by its records. */
START_TEST(another_store)
{
	struct process_index *x;
	struct ask q = index_all();
	int64_t now = 0;

	world_segment(&index_world, 1, 2, BOOT_S * SECOND);
	index_some(4000, &now);
	process_index_free(index_open());
	ck_assert_int_eq(unlinkat(index_world.fd, "00000001.shlp", 0), 0);
	world_segment(&index_world, 1, 2, BOOT_S * SECOND);
	index_some(_i == 0 ? 6000 : 2000, &now);
	x = index_open();
	q.uid = 1001;
	index_same(x, &q);
	index_questions(x, now);
	process_index_free(x);
}
END_TEST

/* A record is changed where it was indexed. */
START_TEST(changed_record)
{
	struct process_index *x;
	struct ask q = index_all();
	int64_t now = 0;

	world_segment(&index_world, 1, 2, BOOT_S * SECOND);
	index_some(4000, &now);
	process_index_free(index_open());
	world_flip(&index_world, 1, PROCESS_HEADER + 600 * PROCESS_SIZE + 9, 0x7f);
	x = index_open();
	q.not_uid = 1000;
	index_same(x, &q);
	index_questions(x, now);
	process_index_free(x);
}
END_TEST

/* Whatever a file of that name holds, the rows are right, or there is no index. */
START_TEST(damaged_index)
{
	struct process_index *x = NULL;
	char path[512], junk[4096];
	int64_t now = 0;
	int fd;

	world_segment(&index_world, 1, 2, BOOT_S * SECOND);
	index_some(6000, &now);
	process_index_free(index_open());
	index_file(path, sizeof path);
	fd = open(path, O_RDWR);
	memset(junk, 0xa5, sizeof junk);
	if (_i < 7)
		ck_assert_int_gt(pwrite(fd, junk, sizeof junk, _i * 8192), 0);
	else if (_i == 7)
		ck_assert_int_eq(ftruncate(fd, 5000), 0);
	else if (_i == 8)
		ck_assert_int_eq(ftruncate(fd, 0), 0);
	else
		ck_assert_int_eq(unlink(path), 0);
	close(fd);
	if (process_index_open(&x, &index_world.store, index_world.dir) == 0)
		index_questions(x, now);
	process_index_free(x);
	x = NULL;
	ck_assert_int_eq(process_index_open(&x, &index_world.store, index_world.dir), 0);
	index_questions(x, now);
	process_index_free(x);
}
END_TEST

/* A schema that somebody else made is not used. */
START_TEST(foreign_tables)
{
	char path[512], cmd[1024];
	struct process_index *x;
	int64_t now = 0;

	if (system("command -v sqlite3 >/dev/null") != 0)
		return;
	world_segment(&index_world, 1, 2, BOOT_S * SECOND);
	index_some(3000, &now);
	process_index_free(index_open());
	index_file(path, sizeof path);
	snprintf(cmd, sizeof cmd, "sqlite3 %s 'DROP TABLE block_uid; CREATE VIEW block_uid AS "
	    "SELECT 1 AS uid, 1 AS block'", path);
	ck_assert_int_eq(system(cmd), 0);
	x = index_open();
	index_questions(x, now);
	process_index_free(x);
}
END_TEST

START_TEST(no_place)
{
	struct process_index *x = NULL;

	world_segment(&index_world, 1, 2, BOOT_S * SECOND);
	ck_assert_int_eq(setenv("XDG_CACHE_HOME", "/proc/none", 1), 0);
	ck_assert_int_lt(process_index_open(&x, &index_world.store, index_world.dir), 0);
	ck_assert_ptr_null(x);
}
END_TEST

/* Several at once, while the store grows: each has the right rows. */
START_TEST(at_once)
{
	struct process_index *x = NULL;
	int64_t now = 0;
	int status;
	pid_t pid[3];

	world_segment(&index_world, 1, 2, BOOT_S * SECOND);
	index_some(20000, &now);
	for (int i = 0; i < 3; i++) {
		if ((pid[i] = fork()) != 0)
			continue;
		for (int round = 0; round < 3; round++) {
			if (process_index_open(&x, &index_world.store, index_world.dir) != 0)
				x = NULL;
			index_questions(x, now);
			process_index_free(x);
		}
		_exit(0);
	}
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(waitpid(pid[i], &status, 0), pid[i]);
		ck_assert_int_eq(status, 0);
	}
	x = index_open();
	index_questions(x, now);
	process_index_free(x);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("process_index");

	tcase_add_checked_fixture(t, index_setup, index_teardown);
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, any_data, 0, 2);
	tcase_add_test(t, reads_little);
	tcase_add_test(t, finds_the_exec);
	tcase_add_test(t, says_trouble);
	tcase_add_loop_test(t, another_store, 0, 2);
	tcase_add_test(t, changed_record);
	tcase_add_loop_test(t, damaged_index, 0, 10);
	tcase_add_test(t, foreign_tables);
	tcase_add_test(t, no_place);
	tcase_add_test(t, at_once);
	return suite_run_case("process_index", t);
}
