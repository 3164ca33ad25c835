/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../collector/kernel_file.h"
#include "../lib/suite.h"
#include "acct_fake.h"

static char dir[64];
static int dir_fd, out_fd;
static struct kernel_file f;
static uint32_t pids[100], places[100];
static size_t count;
static size_t refuse_at;

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/kernel_file.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(kernel_file_create(&f, dir_fd, 7), 0);
	out_fd = openat(dir_fd, "kernel-00000007.acct", O_WRONLY | O_APPEND);
	ck_assert_int_ge(out_fd, 0);
	count = 0;
	refuse_at = SIZE_MAX;
}

static void teardown(void)
{
	unlinkat(dir_fd, "kernel-00000007.acct", 0);
	unlinkat(dir_fd, "elsewhere", 0);
	kernel_file_close(&f);
	close(out_fd);
	close(dir_fd);
	rmdir(dir);
}

static void add(const void *p, size_t len)
{
	ck_assert_int_eq(write(out_fd, p, len), (ssize_t)len);
}

static void add_record(uint32_t pid)
{
	uint8_t raw[ACCT_SIZE];

	fake_record(raw, pid, 1, 0, 1700000000, 10);
	add(raw, sizeof(raw));
}

static int got(void *ctx, uint32_t place, const uint8_t raw[ACCT_SIZE])
{
	(void)ctx;
	if (count == refuse_at)
		return -ENOMEM;
	ck_assert_uint_lt(count, 100);
	places[count] = place;
	pids[count++] = get_u32(raw + 16);
	return 0;
}

static ssize_t read_on(size_t max)
{
	return kernel_file_read(&f, max, got, NULL);
}

/* all records read so far: pids 1, 2, 3, ... at places 0, 1, 2, ... */
static void in_order(size_t want)
{
	ck_assert_uint_eq(count, want);
	for (size_t i = 0; i < want; i++) {
		ck_assert_uint_eq(pids[i], i + 1);
		ck_assert_uint_eq(places[i], i);
	}
}

START_TEST(reads_on)
{
	ck_assert_int_eq(read_on(SIZE_MAX), 0);
	add_record(1);
	add_record(2);
	ck_assert_int_eq(read_on(SIZE_MAX), 2);
	ck_assert_int_eq(read_on(SIZE_MAX), 0);
	for (uint32_t i = 3; i <= 10; i++)
		add_record(i);
	ck_assert_int_eq(read_on(3), 3);
	ck_assert_int_eq(read_on(SIZE_MAX), 5);
	in_order(10);
	ck_assert_uint_eq(f.off, 640);
	ck_assert_uint_eq(f.resyncs, 0);
}
END_TEST

START_TEST(waits_for_a_whole_record)
{
	uint8_t raw[ACCT_SIZE];

	fake_record(raw, 1, 1, 0, 1700000000, 10);
	add(raw, 40);
	ck_assert_int_eq(read_on(SIZE_MAX), 0);
	add(raw + 40, 24);
	ck_assert_int_eq(read_on(SIZE_MAX), 1);
	in_order(1);
}
END_TEST

START_TEST(refused_record_comes_again)
{
	add_record(1);
	add_record(2);
	refuse_at = 1;
	ck_assert_int_eq(read_on(SIZE_MAX), -ENOMEM);
	refuse_at = SIZE_MAX;
	ck_assert_int_eq(read_on(SIZE_MAX), 1);
	in_order(2);
}
END_TEST

/* Foreign bytes of any length up to 200 between records. */
START_TEST(resyncs)
{
	uint8_t foreign[200];

	memset(foreign, 'x', sizeof(foreign));
	add_record(1);
	add(foreign, (size_t)_i);
	ck_assert_int_ge(read_on(SIZE_MAX), 1);
	for (uint32_t i = 2; i <= 5; i++)
		add_record(i);
	ck_assert_int_ge(read_on(SIZE_MAX), 0);
	in_order(5);
	ck_assert_uint_eq(f.resyncs, 1);
	ck_assert_uint_eq(f.skipped, _i);
	ck_assert_uint_eq(f.off, 5 * ACCT_SIZE + (uint64_t)_i);
}
END_TEST

/* Foreign bytes that hold what looks like a record: one alone is not believed. */
START_TEST(one_is_not_enough)
{
	add_record(1);
	add("xxxxx", 5);
	add_record(77);
	add("xxxxxxx", 7);
	for (uint32_t i = 2; i <= 4; i++)
		add_record(i);
	ck_assert_int_eq(read_on(SIZE_MAX), 4);
	in_order(4);
}
END_TEST

/* A record of which only the start was written, as on a full disk. */
START_TEST(cut_record)
{
	uint8_t raw[ACCT_SIZE];

	add_record(1);
	fake_record(raw, 999, 1, 0, 1700000000, 10);
	add(raw, 40);
	for (uint32_t i = 2; i <= 5; i++)
		add_record(i);
	read_on(SIZE_MAX);
	ck_assert_uint_ge(count, 4);
	ck_assert_uint_eq(pids[count - 1], 5);
	ck_assert_uint_eq(pids[count - 2], 4);
	ck_assert_uint_eq(f.resyncs, 1);
}
END_TEST

START_TEST(nothing_but_garbage)
{
	uint8_t noise[5000];

	memset(noise, 3, sizeof(noise));
	add(noise, sizeof(noise));
	ck_assert_int_eq(read_on(SIZE_MAX), 0);
	ck_assert_uint_gt(f.skipped, sizeof(noise) - ACCT_SIZE);
}
END_TEST

START_TEST(checks)
{
	char path[128];
	int other;

	add_record(1);
	add_record(2);
	read_on(SIZE_MAX);
	ck_assert_int_eq(kernel_file_check(&f, dir_fd), KERNEL_FILE_FINE);
	ck_assert_int_eq(ftruncate(out_fd, 0), 0);
	ck_assert_int_eq(kernel_file_check(&f, dir_fd), KERNEL_FILE_SHORT);
	add_record(3);
	kernel_file_restart(&f);
	ck_assert_int_eq(read_on(SIZE_MAX), 1);
	in_order(3);
	ck_assert_int_eq(renameat(dir_fd, "kernel-00000007.acct", dir_fd, "elsewhere"), 0);
	ck_assert_int_eq(kernel_file_check(&f, dir_fd), KERNEL_FILE_REMOVED);
	snprintf(path, sizeof(path), "%s/kernel-00000007.acct", dir);
	other = open(path, O_WRONLY | O_CREAT, 0600);
	ck_assert_int_eq(kernel_file_check(&f, dir_fd), KERNEL_FILE_REPLACED);
	close(other);
	unlinkat(dir_fd, "elsewhere", 0);
	ck_assert_int_eq(kernel_file_check(&f, dir_fd), KERNEL_FILE_REMOVED);
}
END_TEST

/* Cut somewhere behind the first record: what stands before it is not read again. */
START_TEST(cut_in_the_middle)
{
	add_record(1);
	add_record(2);
	add_record(99);
	read_on(SIZE_MAX);
	count = 2;
	f.place = 2;
	ck_assert_int_eq(ftruncate(out_fd, ACCT_SIZE), 0);
	kernel_file_restart(&f);
	add_record(3);
	ck_assert_int_eq(read_on(SIZE_MAX), 1);
	in_order(3);
}
END_TEST

/* Cut, and longer again than what was read: other bytes stand there. */
START_TEST(cut_and_grown)
{
	add_record(1);
	add_record(2);
	read_on(SIZE_MAX);
	ck_assert_int_eq(ftruncate(out_fd, 0), 0);
	for (uint32_t i = 3; i <= 6; i++)
		add_record(i);
	ck_assert_int_eq(kernel_file_check(&f, dir_fd), KERNEL_FILE_SHORT);
	kernel_file_restart(&f);
	ck_assert_int_eq(read_on(SIZE_MAX), 4);
	in_order(6);
	ck_assert_int_eq(kernel_file_check(&f, dir_fd), KERNEL_FILE_FINE);
}
END_TEST

START_TEST(lists)
{
	static const char *const others[] = { "kernel-7.acct", "kernel-00000000.acct",
		"kernel-00000003.acct.x", "kernel--0000001.acct", "00000001.shlp" };
	struct kernel_file g;
	uint32_t *ks;
	size_t n;

	for (size_t i = 0; i < 5; i++)
		close(openat(dir_fd, others[i], O_WRONLY | O_CREAT, 0600));
	ck_assert_int_eq(kernel_file_create(&g, dir_fd, 7), -EEXIST);
	ck_assert_int_eq(kernel_file_create(&g, dir_fd, 123456789), 0);
	kernel_file_close(&g);
	ck_assert_int_eq(kernel_file_create(&g, dir_fd, 2), 0);
	kernel_file_close(&g);
	ck_assert_int_eq(kernel_file_list(dir_fd, &ks, &n), 0);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(ks[0], 2);
	ck_assert_uint_eq(ks[1], 7);
	ck_assert_uint_eq(ks[2], 123456789);
	free(ks);
	unlinkat(dir_fd, "kernel-00000002.acct", 0);
	unlinkat(dir_fd, "kernel-123456789.acct", 0);
	for (size_t i = 0; i < 5; i++)
		unlinkat(dir_fd, others[i], 0);
}
END_TEST

START_TEST(not_a_file)
{
	struct kernel_file g;

	ck_assert_int_eq(mkfifoat(dir_fd, "kernel-00000008.acct", 0600), 0);
	ck_assert_int_eq(kernel_file_open(&g, dir_fd, 8), -EINVAL);
	unlinkat(dir_fd, "kernel-00000008.acct", 0);
	ck_assert_int_eq(symlinkat("kernel-00000007.acct", dir_fd, "kernel-00000008.acct"), 0);
	ck_assert_int_eq(kernel_file_open(&g, dir_fd, 8), -ELOOP);
	unlinkat(dir_fd, "kernel-00000008.acct", 0);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("kernel_file");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, reads_on);
	tcase_add_test(t, waits_for_a_whole_record);
	tcase_add_test(t, refused_record_comes_again);
	tcase_add_loop_test(t, resyncs, 1, 200);
	tcase_add_test(t, one_is_not_enough);
	tcase_add_test(t, cut_record);
	tcase_add_test(t, nothing_but_garbage);
	tcase_add_test(t, checks);
	tcase_add_test(t, cut_in_the_middle);
	tcase_add_test(t, cut_and_grown);
	tcase_add_test(t, lists);
	tcase_add_test(t, not_a_file);
	return suite_run_case("kernel_file", t);
}
