/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event_journal.h"
#include "io.h"
#include "scratch.h"
#include "suite.h"

#define SMALL 1000

static struct event_journal j;
static char line[2 * EVENT_JOURNAL_LINE];

static void begin(void)
{
	ck_assert_int_eq(event_journal_open(&j, AT_FDCWD), 0);
}

static void again(void)
{
	event_journal_close(&j);
	begin();
}

static size_t put_line(uint64_t n, size_t size)
{
	size_t len = (size_t)sprintf(line, EVENT_JOURNAL_START "%" PRIu64 ",\"x\":\"", n);

	memset(line + len, 'a', size - len);
	memcpy(line + size - 5, "\"}}\n", 5);
	return size - 1;
}

static void add(size_t size)
{
	size_t len = put_line(j.next, size);

	ck_assert_int_eq(event_journal_append(&j, line, len, j.next + 1), 0);
}

/* Reads on from this number: the numbers that come, as "1-3 7 9-10". */
static const char *numbers(uint64_t from)
{
	static char text[512];
	struct event_reader *r = NULL;
	uint64_t n, first = 0, last = 0;
	const char *p;
	size_t len, at = 0;
	int e;

	text[0] = '\0';
	ck_assert_int_eq(event_reader_open(&r, j.dir, from), 0);
	do {
		e = event_reader_next(r, &n, &p, &len);
		if (e == 1) {
			ck_assert_uint_gt(n, last);
			ck_assert_int_eq(p[len - 1], '\n');
			ck_assert_uint_le(len, EVENT_JOURNAL_LINE);
		}
		if (first != 0 && (e != 1 || n != last + 1)) {
			at += (size_t)sprintf(text + at, "%s%" PRIu64, at > 0 ? " " : "", first);
			if (last != first)
				at += (size_t)sprintf(text + at, "-%" PRIu64, last);
			first = 0;
		}
		if (first == 0)
			first = n;
		last = n;
	} while (e == 1);
	ck_assert_int_eq(e, -EAGAIN);
	event_reader_close(r);
	return text;
}

static void put_file(const char *name, const char *text, int flags)
{
	int fd = open(name, O_WRONLY | O_CREAT | flags, 0600);

	ck_assert_int_eq(io_write_all(fd, text, strlen(text)), 0);
	close(fd);
}

static const char *segment(uint64_t first)
{
	static char path[64];
	char name[EVENT_SEGMENT_NAME];

	snprintf(path, sizeof(path), "event/%s", event_segment_name(name, first));
	return path;
}

START_TEST(counts_on)
{
	struct stat st;

	scratch_enter();
	begin();
	ck_assert_uint_eq(j.next, 1);
	ck_assert_str_eq(numbers(1), "");
	add(SMALL);
	add(SMALL);
	again();
	ck_assert_uint_eq(j.next, 3);
	add(SMALL);
	ck_assert_str_eq(numbers(1), "1-3");
	ck_assert_str_eq(numbers(0), "1-3");
	ck_assert_str_eq(numbers(3), "3");
	ck_assert_str_eq(numbers(4), "");
	ck_assert_int_eq(stat("event", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0700);
}
END_TEST

START_TEST(reader_waits)
{
	struct event_reader *r = NULL;
	const char *p;
	uint64_t n;
	size_t len;
	int i;

	scratch_enter();
	begin();
	ck_assert_int_eq(event_reader_open(&r, j.dir, 1), 0);
	ck_assert_int_eq(event_reader_next(r, &n, &p, &len), -EAGAIN);
	for (i = 1; i <= 200; i++) {
		add(EVENT_JOURNAL_LINE + 1); /* with the zero that put_line() adds */
		ck_assert_int_eq(event_reader_next(r, &n, &p, &len), 1);
		ck_assert_uint_eq(n, (uint64_t)i);
		ck_assert_uint_eq(len, EVENT_JOURNAL_LINE);
		ck_assert_int_eq(event_reader_next(r, &n, &p, &len), -EAGAIN);
	}
	event_reader_close(r);
	ck_assert_uint_gt(j.first, 100);
}
END_TEST

/* A line that is not whole yet is not given, and may become another. */
START_TEST(torn)
{
	struct event_reader *r = NULL;
	const char *p;
	uint64_t n;
	size_t len;

	scratch_enter();
	begin();
	add(SMALL);
	put_file(segment(1), EVENT_JOURNAL_START "2,\"to", O_APPEND);
	ck_assert_int_eq(event_reader_open(&r, j.dir, 1), 0);
	ck_assert_int_eq(event_reader_next(r, &n, &p, &len), 1);
	ck_assert_int_eq(event_reader_next(r, &n, &p, &len), -EAGAIN);
	again();
	ck_assert_uint_eq(j.next, 2);
	add(SMALL + 7);
	ck_assert_int_eq(event_reader_next(r, &n, &p, &len), 1);
	ck_assert_uint_eq(n, 2);
	ck_assert_uint_eq(len, SMALL + 6);
	event_reader_close(r);
	ck_assert_str_eq(numbers(1), "1-2");
}
END_TEST

START_TEST(foreign_bytes)
{
	scratch_enter();
	begin();
	add(SMALL);
	put_file(segment(1), "\n{\"event\":{\"sequence\":9999999999,\"far\":1}}\nfoo\n", O_APPEND);
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	put_file(segment(1), line, O_APPEND);
	put_file(segment(1), "\n", O_APPEND);
	again();
	/* whatever those were, their numbers are not given again */
	ck_assert_uint_eq(j.next, 5);
	add(SMALL);
	ck_assert_str_eq(numbers(1), "1 5");
	put_file("event/00000000000000000000.jsonl", "no", 0);
	put_file("event/00000000000000000007.json", "no", 0);
	put_file("event/x0000000000000000007.jsonl", "no", 0);
	ck_assert_int_eq(mkdir("event/00000000000000000003.jsonl", 0700), 0);
	ck_assert_int_eq(symlink("/etc/passwd", "event/00000000000000000004.jsonl"), 0);
	ck_assert_str_eq(numbers(1), "1 5");
	again();
	ck_assert_uint_eq(j.next, 6);
}
END_TEST

START_TEST(segments_go)
{
	uint64_t oldest, newest;

	scratch_enter();
	begin();
	while (j.first < 250)
		add(EVENT_JOURNAL_LINE);
	ck_assert_int_eq(event_journal_ends(j.dir, &oldest, &newest), 0);
	ck_assert_uint_eq(oldest, 1);
	ck_assert_uint_eq(newest, j.first);
	ck_assert_int_eq(event_journal_sync(j.dir, 1), 0);
	/* 64 lines of 65,535 bytes fit a segment */
	ck_assert_uint_eq(event_journal_before(j.dir, newest), newest - 64);
	ck_assert_uint_eq(event_journal_before(j.dir, 65), 1);
	ck_assert_uint_eq(event_journal_before(j.dir, 1), 0);
	ck_assert_uint_eq(event_journal_before(j.dir, 0), 0);
	ck_assert_int_eq(event_journal_trim(j.dir, 64), 0);
	ck_assert_int_eq(event_journal_trim(j.dir, 65), 1);
	ck_assert_str_eq(numbers(1), "65-257");
	ck_assert_str_eq(numbers(70), "70-257");
	ck_assert_int_eq(event_journal_trim(j.dir, UINT64_MAX), 3);
	ck_assert_str_eq(numbers(1), "257");
	again();
	ck_assert_uint_eq(j.next, 258);
	ck_assert_int_eq(ftruncate(j.fd, 0), 0);
	again();
	ck_assert_uint_eq(j.next, 257);
}
END_TEST

START_TEST(gone_while_read)
{
	struct event_reader *r = NULL;
	const char *p;
	uint64_t n;
	size_t len;

	scratch_enter();
	begin();
	while (j.first < 180)
		add(EVENT_JOURNAL_LINE);
	ck_assert_int_eq(event_reader_open(&r, j.dir, 63), 0);
	ck_assert_int_eq(event_reader_next(r, &n, &p, &len), 1);
	ck_assert_int_eq(event_journal_trim(j.dir, 140), 2);
	ck_assert_int_eq(event_reader_next(r, &n, &p, &len), 1);
	ck_assert_uint_eq(n, 64);
	ck_assert_int_eq(event_reader_next(r, &n, &p, &len), 1);
	ck_assert_uint_eq(n, 129);
	event_reader_close(r);
}
END_TEST

/* A write that fails leaves a hole, and nothing else. */
START_TEST(full_disk)
{
	size_t len;
	int good;

	scratch_enter();
	begin();
	add(SMALL);
	good = j.fd;
	j.fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	len = put_line(2, SMALL);
	ck_assert_int_eq(event_journal_append(&j, line, len, 3), -ENOSPC);
	close(j.fd);
	j.fd = good;
	ck_assert_int_eq(event_journal_append(&j, line, put_line(3, SMALL), 4), 0);
	event_journal_skip(&j, 2);
	event_journal_skip(&j, 5000000000);
	add(SMALL);
	ck_assert_str_eq(numbers(1), "1 3 5000000000");
	again();
	ck_assert_uint_eq(j.next, 5000000001);
	ck_assert_str_eq(numbers(4), "5000000000");
}
END_TEST

/* A segment that got nothing because of it is used when there is room. */
START_TEST(full_disk_at_a_new_segment)
{
	struct stat st;
	int good;

	scratch_enter();
	begin();
	add(SMALL);
	event_journal_skip(&j, 10);
	add(SMALL);
	ck_assert_int_eq(ftruncate(j.fd, 0), 0);
	j.size = 0;
	good = j.fd;
	j.fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(event_journal_append(&j, line, put_line(11, SMALL), 12), -ENOSPC);
	close(j.fd);
	j.fd = good;
	add(SMALL);
	ck_assert_str_eq(numbers(1), "1 12");
	ck_assert_int_eq(stat(segment(10), &st), -1);
	ck_assert_int_eq(stat(segment(12), &st), 0);
}
END_TEST

START_TEST(names)
{
	char name[EVENT_SEGMENT_NAME];

	ck_assert_str_eq(event_segment_name(name, 42), "00000000000000000042.jsonl");
	ck_assert_uint_eq(event_segment_number(name), 42);
	ck_assert_uint_eq(event_segment_number(event_segment_name(name, INT64_MAX)), INT64_MAX);
	ck_assert_uint_eq(event_segment_number("99999999999999999999.jsonl"), 0);
	ck_assert_uint_eq(event_segment_number("0000000000000000004 .jsonl"), 0);
	ck_assert_uint_eq(event_segment_number(".jsonl"), 0);
	ck_assert_uint_eq(event_line_number("{\"event\":{\"sequence\":7,", 23, 1), 7);
	ck_assert_uint_eq(event_line_number("{\"event\":{\"sequence\":7,", 22, 1), 0);
	ck_assert_uint_eq(event_line_number("{\"event\":{\"sequence\":07,", 24, 1), 0);
	ck_assert_uint_eq(event_line_number("{\"event\":{\"sequence\":7,", 23, 8), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {counts_on, reader_waits, torn, foreign_bytes,
		segments_go, gone_while_read, full_disk, full_disk_at_a_new_segment, names};

	return suite_run("event_journal", tests, sizeof(tests) / sizeof(tests[0]));
}
