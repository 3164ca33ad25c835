/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../collector/process_store.h"
#include "../lib/suite.h"
#include "acct_fake.h"

static const uint8_t boot_a[BOOT_ID_SIZE] = { 0xa }, boot_b[BOOT_ID_SIZE] = { 0xb };

static char dir[64];
static int dir_fd;
static struct process_store *s;

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/process_store.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY);
	s = NULL;
}

static void teardown(void)
{
	char name[32];

	process_store_close(s);
	for (unsigned k = 1; k < 10; k++) {
		snprintf(name, sizeof(name), "%08u.shlp", k);
		unlinkat(dir_fd, name, 0);
	}
	close(dir_fd);
	rmdir(dir);
}

static void reopen(void)
{
	process_store_close(s);
	s = NULL;
	ck_assert_int_eq(process_store_open(&s, dir_fd), 0);
}

static void append(uint32_t place)
{
	struct process_record r = { .kernel_file = 3, .place = place,
		.reason = REASON_NO_RECORDER };

	fake_record(r.raw, 1000 + place, 1, 0, 0, 1);
	ck_assert_int_eq(process_store_append(s, &r), 0);
}

static off_t size_of(unsigned k)
{
	char name[32];
	struct stat st;

	snprintf(name, sizeof(name), "%08u.shlp", k);
	return fstatat(dir_fd, name, &st, 0) == 0 ? st.st_size : -1;
}

static void cut(unsigned k, off_t size)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%08u.shlp", dir, k);
	ck_assert_int_eq(truncate(path, size), 0);
}

static void last_place(int have, uint32_t place)
{
	struct process_record r = { 0 };

	ck_assert_int_eq(process_store_last(s, &r), have);
	ck_assert_uint_eq(r.place, place);
}

START_TEST(empty)
{
	reopen();
	last_place(0, 0);
	ck_assert_int_eq(process_store_other_boot(s, boot_a), 0);
	ck_assert_uint_eq(process_store_segment(s), 0);
	append(0);
	ck_assert_int_eq(process_store_flush(s), -EBADF);
}
END_TEST

START_TEST(appends)
{
	reopen();
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	ck_assert_int_eq(size_of(1), PROCESS_HEADER);
	append(0);
	append(1);
	ck_assert_int_eq(size_of(1), PROCESS_HEADER);
	ck_assert_int_eq(process_store_sync(s), 0);
	ck_assert_int_eq(size_of(1), PROCESS_HEADER + 2 * PROCESS_SIZE);
	last_place(1, 1);
	reopen();
	last_place(1, 1);
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	ck_assert_uint_eq(process_store_segment(s), 1);
	append(2);
	reopen();
	last_place(1, 2);
}
END_TEST

START_TEST(torn_tail)
{
	reopen();
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	append(0);
	append(1);
	reopen();
	cut(1, PROCESS_HEADER + PROCESS_SIZE + _i);
	reopen();
	ck_assert_uint_eq(process_store_torn(s), _i > 0);
	ck_assert_int_eq(size_of(1), PROCESS_HEADER + PROCESS_SIZE);
	last_place(1, 0);
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	append(1);
	reopen();
	last_place(1, 1);
	ck_assert_int_eq(size_of(1), PROCESS_HEADER + 2 * PROCESS_SIZE);
}
END_TEST

/* A crash while a segment was made: the next one takes its place in the order. */
START_TEST(torn_header)
{
	reopen();
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	append(5);
	ck_assert_int_eq(process_store_sync(s), 0);
	ck_assert_int_eq(process_store_begin(s, boot_b), 0);
	reopen();
	cut(2, _i);
	reopen();
	last_place(1, 5);
	ck_assert_int_eq(process_store_other_boot(s, boot_a), 0);
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	ck_assert_uint_eq(process_store_segment(s), 3);
	append(6);
	reopen();
	last_place(1, 6);
}
END_TEST

START_TEST(other_boot)
{
	reopen();
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	append(5);
	reopen();
	ck_assert_int_eq(process_store_other_boot(s, boot_a), 0);
	ck_assert_int_eq(process_store_other_boot(s, boot_b), 1);
	append(6); /* what the earlier boot left goes to its segment */
	ck_assert_int_eq(process_store_begin(s, boot_b), 0);
	ck_assert_int_eq(size_of(1), PROCESS_HEADER + 2 * PROCESS_SIZE);
	ck_assert_uint_eq(process_store_segment(s), 2);
	reopen();
	last_place(1, 6); /* the newest segment has none */
	ck_assert_int_eq(process_store_other_boot(s, boot_b), 0);
}
END_TEST

START_TEST(new_segment)
{
	uint32_t n = (PROCESS_STORE_SEGMENT - PROCESS_HEADER) / PROCESS_SIZE + 20000;

	reopen();
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	for (uint32_t i = 0; i < n; i++)
		append(i);
	ck_assert_int_eq(process_store_sync(s), 0);
	ck_assert_uint_eq(process_store_segment(s), 2);
	ck_assert_int_ge(size_of(1), PROCESS_STORE_SEGMENT);
	ck_assert_int_eq(size_of(1) + size_of(2), 2 * PROCESS_HEADER + (off_t)n * PROCESS_SIZE);
	last_place(1, n - 1);
}
END_TEST

/* A write that fails half-way leaves whole records, and nothing is lost. */
START_TEST(full_disk)
{
	struct rlimit limit = { PROCESS_HEADER + PROCESS_SIZE + 50, RLIM_INFINITY };

	reopen();
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	append(0);
	ck_assert_int_eq(process_store_sync(s), 0);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	append(1);
	append(2);
	ck_assert_int_eq(process_store_flush(s), -EFBIG);
	ck_assert_int_eq(size_of(1), PROCESS_HEADER + PROCESS_SIZE);
	last_place(1, 0);
	limit.rlim_cur = RLIM_INFINITY;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(process_store_flush(s), 0);
	last_place(1, 2);
	ck_assert_int_eq(size_of(1), PROCESS_HEADER + 3 * PROCESS_SIZE);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("process_store");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, empty);
	tcase_add_test(t, appends);
	tcase_add_loop_test(t, torn_tail, 0, PROCESS_SIZE);
	tcase_add_loop_test(t, torn_header, 0, PROCESS_HEADER);
	tcase_add_test(t, other_boot);
	tcase_add_test(t, new_segment);
	tcase_add_test(t, full_disk);
	return suite_run_case("process_store", t);
}
