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
#include "clock.h"

#define BEGIN (PROCESS_HEADER + PROCESS_SIZE) /* header and BOOT */

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

	fake_record(r.body, 1000 + place, 1, 0, 0, 1);
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
	ck_assert_int_eq(size_of(1), BEGIN);
	append(0);
	append(1);
	ck_assert_int_eq(size_of(1), BEGIN);
	ck_assert_int_eq(process_store_sync(s), 0);
	ck_assert_int_eq(size_of(1), BEGIN + 2 * PROCESS_SIZE);
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
	cut(1, BEGIN + PROCESS_SIZE + _i);
	reopen();
	ck_assert_uint_eq(process_store_torn(s), _i > 0);
	ck_assert_int_eq(size_of(1), BEGIN + PROCESS_SIZE);
	last_place(1, 0);
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	append(1);
	reopen();
	last_place(1, 1);
	ck_assert_int_eq(size_of(1), BEGIN + 2 * PROCESS_SIZE);
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
	ck_assert_int_eq(size_of(1), BEGIN + 2 * PROCESS_SIZE);
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
	ck_assert_int_eq(size_of(1) + size_of(2), 2 * BEGIN + (off_t)n * PROCESS_SIZE);
	last_place(1, n - 1);
}
END_TEST

/* A segment can be closed early, but not an empty one. */
START_TEST(next_segment)
{
	reopen();
	ck_assert_int_eq(process_store_next(s), 0);
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	ck_assert_int_eq(process_store_next(s), 0);
	ck_assert_uint_eq(process_store_segment(s), 1);
	append(0);
	ck_assert_int_eq(process_store_next(s), 0);
	ck_assert_uint_eq(process_store_segment(s), 2);
	ck_assert_int_eq(size_of(1), BEGIN + PROCESS_SIZE);
	append(1);
	ck_assert_int_eq(process_store_sync(s), 0);
	ck_assert_int_eq(size_of(2), BEGIN + PROCESS_SIZE);
	last_place(1, 1);
}
END_TEST

static void read_slot(unsigned k, off_t i, struct process_record *r)
{
	uint8_t p[PROCESS_SIZE];
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "%08u.shlp", k);
	fd = openat(dir_fd, name, O_RDONLY);
	ck_assert_int_eq(pread(fd, p, sizeof(p), PROCESS_HEADER + i * PROCESS_SIZE), sizeof(p));
	close(fd);
	ck_assert_int_eq(process_record_parse(p, r), 0);
}

static int64_t boot_of(unsigned k)
{
	struct process_record r;
	struct process_boot b;

	read_slot(k, 0, &r);
	ck_assert_uint_eq(r.kind, PROCESS_BOOT);
	ck_assert_int_eq(process_boot_parse(r.body, &b), 0);
	ck_assert_uint_eq(b.ticks_per_s, 100);
	return b.boot_wall_ns;
}

/* The boot's date is read once, and all segments of it say the same. */
START_TEST(one_date_a_boot)
{
	int64_t now = clock_wall() - (int64_t)clock_boot();
	uint32_t n = (PROCESS_STORE_SEGMENT - PROCESS_HEADER) / PROCESS_SIZE + 20000;
	struct process_boot b;
	unsigned k;
	int same = 1;

	reopen();
	ck_assert_int_eq(process_store_boot(s, &b), 0);
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	ck_assert(boot_of(1) > now - 1000000000 && boot_of(1) < now + 1000000000);
	ck_assert_int_eq(process_store_boot(s, &b), 1);
	ck_assert(b.boot_wall_ns == boot_of(1));
	reopen();
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	for (uint32_t i = 0; i < n; i++)
		append(i);
	ck_assert_int_eq(process_store_sync(s), 0);
	ck_assert(boot_of(2) == boot_of(1));
	/* both clocks read twice may give the same nanosecond, but not each time */
	for (k = 3; k < 20 && same; k++) {
		ck_assert_int_eq(process_store_begin(s, k % 2 != 0 ? boot_b : boot_a), 0);
		same = boot_of(k) == boot_of(1);
	}
	ck_assert(!same);
}
END_TEST

/* As version 1 wrote it: a header of its own and no BOOT. */
static void old_segment(const uint8_t boot_id[BOOT_ID_SIZE], uint32_t place)
{
	struct process_record r = { .kernel_file = 3, .place = place, .reason = REASON_ANCESTRY };
	uint8_t p[PROCESS_HEADER + PROCESS_SIZE];
	int fd = openat(dir_fd, "00000001.shlp", O_WRONLY | O_CREAT | O_EXCL, 0600);

	process_header_put(p, boot_id, 1);
	p[4] = 1;
	fake_record(r.body, 1, 1, 0, 0, 1);
	process_record_put(p + PROCESS_HEADER, &r);
	ck_assert_int_eq(write(fd, p, sizeof(p)), sizeof(p));
	close(fd);
}

START_TEST(after_version_1)
{
	old_segment(boot_a, 9);
	reopen();
	last_place(1, 9);
	ck_assert_int_eq(process_store_other_boot(s, boot_a), 0);
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	ck_assert_uint_eq(process_store_segment(s), 2);
	ck_assert(boot_of(2) != 0);
	append(10);
	reopen();
	last_place(1, 10);
	ck_assert_int_eq(size_of(1), PROCESS_HEADER + PROCESS_SIZE);
}
END_TEST

/* What an earlier boot left goes to a segment of that boot, whose date nobody knows. */
START_TEST(other_boot_of_version_1)
{
	old_segment(boot_a, 9);
	reopen();
	append(10);
	ck_assert_int_eq(process_store_begin(s, boot_b), 0);
	ck_assert_uint_eq(process_store_segment(s), 3);
	ck_assert(boot_of(2) == 0);
	ck_assert(boot_of(3) != 0);
	ck_assert_int_eq(size_of(2), BEGIN + PROCESS_SIZE);
}
END_TEST

static int append_exec(uint32_t text_len)
{
	struct process_record r = { .reason = REASON_FORK, .session = 4 };
	struct process_exec e = { .pid = 12, .text_len = text_len, .have = EXEC_EXE };
	char text[EXEC_TEXT_MAX] = "/bin/true";

	return process_store_append_exec(s, &r, &e, text);
}

START_TEST(kinds)
{
	struct process_record r = { .kind = PROCESS_WATCH };

	reopen();
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	process_watch_put(r.body, &(struct process_watch){ .state = 1, .pid = 7, .rule = "r" });
	ck_assert_int_eq(process_store_append(s, &r), 0);
	append(8);
	ck_assert_int_eq(append_exec(100), 0);
	ck_assert_int_eq(process_store_append(s, &r), 0);
	ck_assert_int_eq(process_store_flush(s), 0);
	ck_assert_int_eq(size_of(1), BEGIN + 6 * PROCESS_SIZE);
	read_slot(1, 1, &r);
	ck_assert(r.kind == PROCESS_WATCH && r.kernel_file == 0 && r.place == 0);
	read_slot(1, 3, &r);
	ck_assert(r.kind == PROCESS_EXEC && r.kernel_file == 3 && r.place == 8 && r.session == 4);
	read_slot(1, 5, &r);
	ck_assert(r.kind == PROCESS_TEXT && r.kernel_file == 3 && r.place == 8 && r.session == 4);
	reopen();
	last_place(1, 8);
	ck_assert_int_eq(process_store_last(s, &r), 1);
	ck_assert_uint_eq(r.kind, PROCESS_ACCT);
	/* what no reader would take is not written */
	r.reason = 0;
	ck_assert_int_eq(process_store_append(s, &r), -EINVAL);
	r.kind = PROCESS_TEXT;
	ck_assert_int_eq(process_store_append(s, &r), -EINVAL);
	ck_assert_int_eq(append_exec(EXEC_TEXT_MAX + 1), -EINVAL);
}
END_TEST

/* An EXEC stands with all its TEXTs or not at all, wherever a crash cuts. */
START_TEST(torn_exec)
{
	reopen();
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	append(8);
	ck_assert_int_eq(append_exec(100), 0);
	ck_assert_int_eq(append_exec(200), 0);
	reopen();
	ck_assert_int_eq(size_of(1), BEGIN + 9 * PROCESS_SIZE);
	cut(1, BEGIN + 4 * PROCESS_SIZE + _i * PROCESS_SIZE / 2);
	reopen();
	ck_assert_uint_eq(process_store_torn(s), _i > 0 && _i < 10);
	ck_assert_int_eq(size_of(1), BEGIN + (_i < 10 ? 4 : 9) * PROCESS_SIZE);
	last_place(1, 8);
}
END_TEST

/* And an INPUT. */
START_TEST(torn_input)
{
	static const struct process_record r;
	static const char text[INPUT_TEXT_MAX] = "{";
	const struct process_input in = { .text_len = 200, .source = "firewall" };
	struct process_input bad = in;
	struct process_record got;

	reopen();
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	append(8);
	ck_assert_int_eq(process_store_append_input(s, &r, &in, text), 0);
	bad.text_len = INPUT_TEXT_MAX + 1;
	ck_assert_int_eq(process_store_append_input(s, &r, &bad, text), -EINVAL);
	bad = (struct process_input){ .text_len = 1 };
	ck_assert_int_eq(process_store_append_input(s, &r, &bad, text), -EINVAL);
	reopen();
	ck_assert_int_eq(size_of(1), BEGIN + 6 * PROCESS_SIZE);
	read_slot(1, 2, &got);
	ck_assert(got.kind == PROCESS_INPUT && got.kernel_file == 3 && got.place == 8);
	cut(1, BEGIN + PROCESS_SIZE + _i * PROCESS_SIZE / 2);
	reopen();
	ck_assert_uint_eq(process_store_torn(s), _i > 0 && _i < 10);
	ck_assert_int_eq(size_of(1), BEGIN + (_i < 10 ? 1 : 6) * PROCESS_SIZE);
	last_place(1, 8);
}
END_TEST

/* The buffer is written before an EXEC that has no room in it. */
START_TEST(exec_at_the_end_of_the_buffer)
{
	struct process_digests *d;

	reopen();
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	d = process_store_digests(s);
	for (uint32_t i = 0; i < 8190; i++)
		append(i);
	ck_assert_uint_eq(d->to, BEGIN);
	ck_assert_int_eq(append_exec(130), 0);
	ck_assert_uint_eq(d->to, BEGIN + 8190 * PROCESS_SIZE);
	ck_assert_int_eq(process_store_flush(s), 0);
	ck_assert_uint_eq(d->to, BEGIN + 8194 * PROCESS_SIZE);
}
END_TEST

/* A write that fails half-way leaves whole records, and nothing is lost. */
START_TEST(full_disk)
{
	struct rlimit limit = { BEGIN + PROCESS_SIZE + 50, RLIM_INFINITY };
	int r, flushed;

	reopen();
	ck_assert_int_eq(process_store_begin(s, boot_a), 0);
	append(0);
	ck_assert_int_eq(process_store_sync(s), 0);
	signal(SIGXFSZ, SIG_IGN);
	append(1);
	append(2);
	/* nothing is asserted meanwhile: check writes to a file, too */
	r = setrlimit(RLIMIT_FSIZE, &limit);
	flushed = process_store_flush(s);
	limit.rlim_cur = RLIM_INFINITY;
	r |= setrlimit(RLIMIT_FSIZE, &limit);
	ck_assert_int_eq(r, 0);
	ck_assert_int_eq(flushed, -EFBIG);
	ck_assert_int_eq(size_of(1), BEGIN + PROCESS_SIZE);
	last_place(1, 0);
	ck_assert_int_eq(process_store_flush(s), 0);
	last_place(1, 2);
	ck_assert_int_eq(size_of(1), BEGIN + 3 * PROCESS_SIZE);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("process_store");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, empty);
	tcase_add_test(t, appends);
	tcase_add_loop_test(t, torn_tail, 0, PROCESS_SIZE);
	tcase_add_loop_test(t, torn_header, 0, BEGIN);
	tcase_add_test(t, other_boot);
	tcase_add_test(t, new_segment);
	tcase_add_test(t, next_segment);
	tcase_add_test(t, full_disk);
	tcase_add_test(t, one_date_a_boot);
	tcase_add_test(t, after_version_1);
	tcase_add_test(t, other_boot_of_version_1);
	tcase_add_test(t, kinds);
	tcase_add_loop_test(t, torn_exec, 0, 11);
	tcase_add_loop_test(t, torn_input, 0, 11);
	tcase_add_test(t, exec_at_the_end_of_the_buffer);
	return suite_run_case("process_store", t);
}
