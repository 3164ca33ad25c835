/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../collector/legal_hold.h"
#include "../../collector/purge_internal.h"
#include "../lib/recording.h"
#include "../lib/scratch.h"
#include "../lib/suite.h"

#include "bytes.h"
#include "err.h"
#include "io.h"
#include "session_file.h"

#define DAY "2026/09/21" /* of the recording */
#define DAY_S INT64_C(1790000000)

static struct recording rec;
static struct store store;
static struct purge_job job;

static void begin(const char *name)
{
	ck_assert_int_eq(store_open(&store, name), 0);
	memset(&job, 0, sizeof(job));
	job.n = 7;
	job.ended_by = INT64_MAX;
}

static void end(void)
{
	store_close(&store);
}

static void name_of(char out[STORE_NAME_MAX], uint64_t n, enum session_state state)
{
	struct session_name name = {.n = n, .state = state};

	memcpy(name.id, rec.bytes + FRAME_HEADER + 16, ID_SIZE);
	store_name_format(out, &name);
}

static int day_folder(void)
{
	int fd = store_day_open(&store, DAY, 1);

	ck_assert_int_ge(fd, 0);
	return fd;
}

/* The recording's first len bytes as the file of session n. */
static void put(uint64_t n, enum session_state state, size_t len)
{
	char name[STORE_NAME_MAX];
	int day = day_folder();

	name_of(name, n, state);
	ck_assert_int_eq(io_replace_file(day, name, 0600, rec.bytes, len), 0);
	close(day);
}

static uint64_t size_of(uint64_t n, enum session_state state)
{
	char name[STORE_NAME_MAX];
	struct stat st = {0};
	int day = day_folder();

	name_of(name, n, state);
	ck_assert_int_eq(fstatat(day, name, &st, 0), 0);
	close(day);
	return (uint64_t)st.st_size;
}

/* How many files wait below purge/. */
static unsigned waiting(void)
{
	DIR *d = io_list_dir(store.dir, PURGE_DIR);
	struct dirent *e;
	unsigned n = 0;

	while (d != NULL && (e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	if (d != NULL)
		closedir(d);
	return n;
}

START_TEST(takes_the_place_in_two_steps)
{
	scratch_enter();
	begin("a");
	put(7, SESSION_CLOSED, rec.len);
	ck_assert_int_eq(purge_prepare(&store, &job), 0);
	ck_assert_uint_eq(job.count.chunks, RECORDING_CHUNKS);
	ck_assert_str_eq(job.day, DAY);
	ck_assert_uint_eq(waiting(), 1);
	ck_assert_uint_eq(size_of(7, SESSION_CLOSED), rec.len);
	ck_assert_int_eq(purge_commit(&store, NULL, &job), 0);
	ck_assert_uint_eq(waiting(), 0);
	ck_assert_uint_lt(size_of(7, SESSION_CLOSED), rec.len);
	ck_assert_int_eq(purge_prepare(&store, &job), PURGE_ALREADY);
	ck_assert_uint_eq(waiting(), 0);
	end();
}
END_TEST

START_TEST(or_not_at_all)
{
	scratch_enter();
	begin("a");
	ck_assert_int_eq(purge_prepare(&store, &job), -ENOENT);
	put(7, SESSION_LIVE, rec.len);
	ck_assert_int_eq(purge_prepare(&store, &job), PURGE_LIVE);
	end();
	begin("b");
	put(7, SESSION_CUT, 0);
	ck_assert_int_eq(purge_prepare(&store, &job), E_SHORT);
	put(7, SESSION_CUT, rec.chunk_end[1] + 5);
	ck_assert_int_eq(purge_prepare(&store, &job), E_SHORT);
	put(7, SESSION_CUT, rec.chunk_end[1]);
	job.ended_by = DAY_S * 1000000000;
	ck_assert_int_eq(purge_prepare(&store, &job), PURGE_YOUNG);
	ck_assert_uint_eq(waiting(), 0);
	job.ended_by = INT64_MAX;
	ck_assert_int_eq(purge_prepare(&store, &job), 0);
	ck_assert_uint_eq(waiting(), 1);
	purge_drop(&store, &job);
	ck_assert_uint_eq(waiting(), 0);
	ck_assert_uint_eq(size_of(7, SESSION_CUT), rec.chunk_end[1]);
	end();
}
END_TEST

/* The file of one session under the name of another proves nothing of that one. */
START_TEST(only_of_the_session_itself)
{
	scratch_enter();
	begin("a");
	put(8, SESSION_CLOSED, rec.len);
	job.n = 8;
	ck_assert_int_eq(purge_prepare(&store, &job), E_CHAIN);
	ck_assert_uint_eq(waiting(), 0);
	end();
}
END_TEST

static unsigned scan(int64_t began_by_s, int wanted)
{
	struct purge_list list = TAILQ_HEAD_INITIALIZER(list);
	struct purge_job *j;
	unsigned n = 0;

	ck_assert_int_eq(purge_scan(&store, began_by_s, &list), wanted);
	while ((j = TAILQ_FIRST(&list)) != NULL) {
		TAILQ_REMOVE(&list, j, link);
		free(j);
		n++;
	}
	return n;
}

START_TEST(finds_what_is_due)
{
	scratch_enter();
	begin("a");
	put(7, SESSION_CLOSED, rec.len);
	put(8, SESSION_CUT, rec.len);
	put(9, SESSION_LIVE, rec.len);
	ck_assert_uint_eq(scan(DAY_S, 0), 2);
	ck_assert_uint_eq(scan(DAY_S + 86400, 0), 2);
	ck_assert_uint_eq(scan(DAY_S - 86400, 0), 0);
	ck_assert_int_eq(legal_hold_set(&store, 8, "why"), 0);
	ck_assert_uint_eq(scan(DAY_S, 0), 1);
	ck_assert_int_eq(purge_prepare(&store, &job), 0);
	ck_assert_int_eq(purge_commit(&store, NULL, &job), 0);
	ck_assert_uint_eq(scan(DAY_S, 0), 0);
	ck_assert_int_eq(legal_hold_release(&store, 8), 0);
	ck_assert_int_eq(legal_hold_release(&store, 8), -ENOENT);
	ck_assert_uint_eq(scan(DAY_S, 0), 1);
	end();
}
END_TEST

START_TEST(finds_no_more_than_it_can_hold)
{
	char name[STORE_NAME_MAX];
	uint64_t n;
	int day;

	scratch_enter();
	begin("a");
	day = day_folder();
	for (n = 1; n <= PURGE_SCAN_MAX + 1; n++) {
		name_of(name, n, SESSION_CLOSED);
		ck_assert_int_eq(close(openat(day, name, O_WRONLY | O_CREAT, 0600)), 0);
	}
	close(day);
	ck_assert_uint_eq(scan(DAY_S, 1), PURGE_SCAN_MAX);
	end();
}
END_TEST

START_TEST(leaves_all_where_the_ledger_cannot_be_read)
{
	scratch_enter();
	begin("a");
	put(7, SESSION_CLOSED, rec.len);
	ck_assert_int_eq(purge_resume(&store, NULL), 0);
	ck_assert_int_eq(purge_prepare(&store, &job), 0);
	ck_assert_int_eq(purge_resume(&store, NULL), -ENOENT);
	ck_assert_uint_eq(waiting(), 1);
	ck_assert_uint_eq(size_of(7, SESSION_CLOSED), rec.len);
	end();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {takes_the_place_in_two_steps, or_not_at_all,
		only_of_the_session_itself, finds_what_is_due, finds_no_more_than_it_can_hold,
		leaves_all_where_the_ledger_cannot_be_read};

	recording_fix_random();
	recording_make(&rec);
	return suite_run("purge", tests, sizeof(tests) / sizeof(tests[0]));
}
