/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "plugin_cursor.h"
#include "scratch.h"
#include "suite.h"

static struct cursor c;

static void begin(uint64_t acked)
{
	memset(&c, 0, sizeof(c));
	c.acked = acked;
}

START_TEST(acks)
{
	begin(10);
	ck_assert_uint_eq(cursor_behind(&c, 15), 5);
	ck_assert_int_eq(cursor_ack(&c, 10, 15), E_RANGE);
	ck_assert_int_eq(cursor_ack(&c, 16, 15), E_RANGE);
	ck_assert_int_eq(cursor_ack(&c, UINT64_MAX, 15), E_RANGE);
	ck_assert_int_eq(cursor_ack(&c, 12, 15), 0);
	ck_assert_int_eq(cursor_ack(&c, 12, 15), E_RANGE);
	ck_assert_uint_eq(cursor_behind(&c, 15), 3);
	ck_assert_uint_eq(cursor_needs(&c), 13);
}
END_TEST

START_TEST(drops)
{
	begin(0);
	ck_assert_uint_eq(cursor_drop(&c, 5, 10, 100), 10); /* 5..14 */
	ck_assert_uint_eq(c.lost, 10);
	ck_assert_uint_eq(cursor_behind(&c, 100), 90);
	ck_assert_uint_eq(cursor_drop(&c, 5, 2, 100), 2); /* 5..16: the same range, longer */
	ck_assert_uint_eq(c.ranges, 1);
	ck_assert_uint_eq(cursor_range_at(&c, 5)->to, 16);
	ck_assert_uint_eq(cursor_drop(&c, 30, 5, 100), 5); /* 30..34 */
	ck_assert_uint_eq(cursor_dropped(&c, 1, 100), 17);
	ck_assert_uint_eq(cursor_dropped(&c, 16, 31), 3);
	/* a life begins anew at 1, and all before 40 is too old */
	ck_assert_uint_eq(cursor_drop(&c, 1, 22, 100), 22);
	ck_assert_uint_eq(c.ranges, 1);
	ck_assert_uint_eq(cursor_range_at(&c, 1)->to, 39);
	ck_assert_uint_eq(c.lost, 39);
	ck_assert_uint_eq(cursor_needs(&c), 40);
	ck_assert_int_eq(cursor_ack(&c, 20, 50), E_RANGE);
	ck_assert_int_eq(cursor_ack(&c, 39, 50), 0);
	ck_assert_uint_eq(c.ranges, 0);
}
END_TEST

START_TEST(drops_within_the_journal)
{
	begin(0);
	ck_assert_uint_eq(cursor_drop(&c, 1, 50, 20), 20);
	ck_assert_uint_eq(cursor_range_at(&c, 1)->to, 20);
	ck_assert_uint_eq(cursor_behind(&c, 20), 0);
	ck_assert_uint_eq(cursor_drop(&c, 1, 50, 20), 0);
	ck_assert_uint_eq(c.lost, 20);
}
END_TEST

START_TEST(ranges_are_limited)
{
	uint64_t i;

	begin(0);
	for (i = 0; i < CURSOR_RANGES; i++)
		ck_assert_uint_eq(cursor_drop(&c, 10 + 10 * i, 2, 10000), 2);
	ck_assert_uint_eq(cursor_drop(&c, 5000, 2, 10000), 0);
	ck_assert_uint_eq(c.lost, 2 * CURSOR_RANGES);
	/* as many as there are can still be made one */
	ck_assert_uint_eq(cursor_drop(&c, 10, 5000, 10000), 5000);
	ck_assert_uint_eq(c.ranges, 1);
}
END_TEST

static int here;

static void enter(void)
{
	scratch_enter();
	here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(here, 0);
}

START_TEST(on_disk)
{
	struct cursor_file f;
	struct cursor read;
	int i;

	enter();
	ck_assert_int_eq(cursor_open(&f, here, "x", &read), -ENOENT);
	begin(7);
	cursor_drop(&c, 20, 5, 100);
	for (i = 0; i < 3; i++) {
		c.acked++;
		ck_assert_int_eq(cursor_save(&f, &c), 0);
	}
	ck_assert_int_eq(cursor_sync(&f), 0);
	cursor_close(&f);
	ck_assert_int_eq(cursor_open(&f, here, "x", &read), 0);
	ck_assert_uint_eq(read.acked, 10);
	ck_assert_uint_eq(read.lost, 5);
	ck_assert_uint_eq(read.ranges, 1);
	ck_assert_uint_eq(read.range[0].to, 24);
	ck_assert_uint_eq(cursor_newest(here), 24);
	cursor_close(&f);
}
END_TEST

/* Whatever is written over one place, the other is still there; over both, it is said. */
START_TEST(torn)
{
	struct cursor_file f;
	struct cursor read;
	char junk[40];
	int place, r, whole = 0;

	memset(junk, 0x5a, sizeof(junk));
	enter();
	for (place = 0; place < 2; place++) {
		unlinkat(here, "x", 0);
		ck_assert_int_eq(cursor_open(&f, here, "x", &read), -ENOENT);
		begin(1);
		ck_assert_int_eq(cursor_save(&f, &c), 0);
		c.acked = 2;
		ck_assert_int_eq(cursor_save(&f, &c), 0);
		ck_assert_int_eq(pwrite(f.fd, junk, sizeof(junk), place * 2048 + 20), sizeof(junk));
		cursor_close(&f);
		r = cursor_open(&f, here, "x", &read);
		ck_assert_int_eq(r, 0);
		ck_assert(read.acked == 1 || read.acked == 2);
		whole += read.acked == 2;
		cursor_close(&f);
	}
	ck_assert_int_eq(whole, 1);
	f.fd = openat(here, "x", O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(pwrite(f.fd, junk, sizeof(junk), 0), sizeof(junk));
	cursor_close(&f);
	ck_assert_int_eq(cursor_open(&f, here, "x", &read), E_FORMAT);
	cursor_close(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { acks, drops, drops_within_the_journal, ranges_are_limited,
		on_disk, torn };

	return suite_run("plugin_cursor", tests, sizeof(tests) / sizeof(tests[0]));
}
