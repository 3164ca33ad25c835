/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../collector/sync.h"
#include "../lib/suite.h"

#define JOBS 40
#define WAIT_MS 10000
#define ALL 1000

/* The disk of this test, instead of the C library's: a call waits until it is let
 * go. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change = PTHREAD_COND_INITIALIZER;
static int let_go, begun, files, folders, file_systems, touched, newest;

static int call(int *count, int fd)
{
	pthread_mutex_lock(&lock);
	begun++;
	newest = fd;
	++*count;
	pthread_cond_broadcast(&change);
	while (let_go == 0)
		pthread_cond_wait(&change, &lock);
	let_go--;
	pthread_mutex_unlock(&lock);
	if (fd < 100)
		return 0;
	errno = EIO;
	return -1;
}

int fdatasync(int fd)
{
	return call(&files, fd);
}

int fsync(int fd)
{
	return call(&folders, fd);
}

int syncfs(int fd)
{
	return call(&file_systems, fd);
}

int futimens(int fd, const struct timespec times[2])
{
	ck_assert_ptr_null(times);
	ck_assert_int_ne(fd, newest); /* it is synced behind that */
	touched++;
	return 0;
}

static void let(int calls)
{
	pthread_mutex_lock(&lock);
	let_go = calls;
	pthread_cond_broadcast(&change);
	pthread_mutex_unlock(&lock);
}

static void await_begun(int n)
{
	pthread_mutex_lock(&lock);
	while (begun < n)
		pthread_cond_wait(&change, &lock);
	pthread_mutex_unlock(&lock);
}

static struct syncer *s;
static struct sync_job job[JOBS];

static void begin(void)
{
	memset(job, 0, sizeof(job));
	let_go = begun = files = folders = file_systems = touched = 0;
	newest = -1;
	ck_assert_int_eq(sync_new(&s), 0);
}

static void end(void)
{
	let(ALL);
	sync_free(s);
}

static struct sync_job *next_done(void)
{
	struct pollfd p = {.fd = sync_fd(s), .events = POLLIN};
	struct sync_job *j;

	while ((j = sync_done(s)) == NULL) {
		ck_assert_int_eq(poll(&p, 1, WAIT_MS), 1);
		sync_ack(s);
	}
	return j;
}

static void add(int i, int fd, ino_t folder, int urgent)
{
	job[i].fd = fd;
	job[i].folder = folder;
	sync_add(s, &job[i], (uint64_t)i, urgent);
}

/* Every thread is in a call, each of a file of its own. */
static void occupy(void)
{
	int i;

	for (i = 0; i < SYNC_THREADS; i++)
		add(i, i, 0, 1); /* calm ones share a thread */
	await_begun(SYNC_THREADS);
}

START_TEST(each_file_is_synced)
{
	int i;

	let(ALL);
	for (i = 0; i < JOBS; i++)
		add(i, i, 0, i % 2);
	for (i = 0; i < JOBS; i++)
		ck_assert_int_eq(next_done()->error, 0);
	ck_assert_int_eq(files, JOBS);
	ck_assert_ptr_null(sync_done(s));
}
END_TEST

START_TEST(the_urgent_are_first)
{
	occupy();
	add(20, 20, 0, 0);
	add(21, 21, 0, 1);
	add(22, 22, 0, 1);
	let(1);
	await_begun(SYNC_THREADS + 1);
	ck_assert_int_eq(newest, 21);
	ck_assert_int_eq(sync_join(s, &job[20], 0, 1), 1);
	let(1);
	await_begun(SYNC_THREADS + 2);
	ck_assert_int_eq(newest, 22);
}
END_TEST

/* Those that wait share a call; one that came after the call began needs another. */
START_TEST(a_folder_is_synced_once_for_all_that_wait)
{
	int i;

	add(30, 30, 7, 1);
	await_begun(1);
	for (i = 1; i < SYNC_THREADS; i++)
		add(i, i, 0, 1);
	await_begun(SYNC_THREADS);
	for (i = 10; i < 20; i++)
		add(i, i, i % 2 ? 7 : 8, i % 3 == 0);
	let(ALL);
	for (i = 0; i < SYNC_THREADS + 10; i++)
		ck_assert_int_eq(next_done()->error, 0);
	ck_assert_int_eq(folders, 3);
	ck_assert_int_eq(files, SYNC_THREADS - 1);
}
END_TEST

START_TEST(an_error_is_everybodys)
{
	const struct sync_job *j;
	int i;

	occupy();
	add(20, 100, 9, 0);
	add(21, 101, 9, 0);
	add(22, 102, 0, 0);
	let(ALL);
	for (i = 0; i < SYNC_THREADS + 3; i++) {
		j = next_done();
		ck_assert_int_eq(j->error, j->fd < 100 ? 0 : -EIO);
	}
}
END_TEST

START_TEST(a_job_that_waits_takes_more_in)
{
	int i;

	occupy();
	add(20, 20, 0, 0);
	ck_assert_int_eq(sync_join(s, &job[0], 99, 1), 0);
	ck_assert_int_eq(sync_join(s, &job[20], 99, 1), 1);
	let(ALL);
	for (i = 0; i < SYNC_THREADS + 1; i++)
		next_done();
	ck_assert_uint_eq(job[0].frame, 0);
	ck_assert_uint_eq(job[20].frame, 99);
}
END_TEST

/* The disk is told a second time, for its inodes; how long that takes says nothing of one
 * file. */
START_TEST(a_file_system_is_synced)
{
	struct histogram h;

	let(ALL);
	job[1].what = SYNC_FILE_SYSTEM;
	add(1, 1, 0, 0);
	ck_assert_int_eq(next_done()->error, 0);
	ck_assert_int_eq(file_systems, 1);
	ck_assert_int_eq(files, 1);
	ck_assert_uint_gt(job[1].took_ns, 0);
	sync_times(s, &h);
	ck_assert_uint_eq(h.sum_ns, 0);
	job[2].what = SYNC_FILE_SYSTEM;
	add(2, 100, 0, 0);
	ck_assert_int_eq(next_done()->error, -EIO);
}
END_TEST

START_TEST(an_inode_is_written_anew)
{
	let(ALL);
	job[1].what = SYNC_ANEW;
	add(1, 1, 0, 0);
	ck_assert_int_eq(next_done()->error, 0);
	ck_assert_int_eq(touched, 1);
	ck_assert_int_eq(folders, 1); /* fsync(2), too */
	ck_assert_int_eq(files, 0);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("sync");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, each_file_is_synced);
	tcase_add_test(t, the_urgent_are_first);
	tcase_add_test(t, a_folder_is_synced_once_for_all_that_wait);
	tcase_add_test(t, an_error_is_everybodys);
	tcase_add_test(t, a_job_that_waits_takes_more_in);
	tcase_add_test(t, a_file_system_is_synced);
	tcase_add_test(t, an_inode_is_written_anew);
	return suite_run_case("sync", t);
}
