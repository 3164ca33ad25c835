/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <string.h>

#include "acct_record.h"
#include "bytes.h"
#include "err.h"
#include "suite.h"

#define DEV(major, minor) ((uint32_t)(major) << 20 | (uint32_t)(minor))

static void put_float(uint8_t *p, float f)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	put_u32(p, bits);
}

static void make(uint8_t p[ACCT_SIZE])
{
	memset(p, 0, ACCT_SIZE);
	p[0] = ACCT_F_FORK;
	p[1] = 3;
	put_u16(p + 2, 0x8803);
	put_u32(p + 4, 0x0100);
	put_u32(p + 8, 4000000000U);
	put_u32(p + 12, 100);
	put_u32(p + 16, 4242);
	put_u32(p + 20, 4000);
	put_u32(p + 24, 1795000000);
	put_float(p + 28, 150);
	put_u16(p + 32, 25);
	put_u16(p + 34, 0x2000 | 50); /* 50 * 8 */
	put_u16(p + 36, 0xe000 | 1);  /* 1 * 8^7 */
	put_u16(p + 42, 0x1fff);
	put_u16(p + 44, 2);
	memcpy(p + 48, "sixteen letters!", 16);
}

START_TEST(fields)
{
	uint8_t p[ACCT_SIZE];
	struct acct_record r;

	make(p);
	ck_assert_int_eq(acct_record_parse(p, &r), 0);
	ck_assert_uint_eq(r.flags, ACCT_F_FORK);
	ck_assert_uint_eq(r.tty, 0x8803);
	ck_assert_uint_eq(r.status, 0x100);
	ck_assert_uint_eq(r.uid, 4000000000U);
	ck_assert_uint_eq(r.gid, 100);
	ck_assert_uint_eq(r.pid, 4242);
	ck_assert_uint_eq(r.ppid, 4000);
	ck_assert_uint_eq(r.btime, 1795000000);
	ck_assert_double_eq(r.elapsed_s, 1.5);
	ck_assert_double_eq(r.user_s, 0.25);
	ck_assert_double_eq(r.system_s, 4.0);
	ck_assert_uint_eq(r.memory, 2097152);
	ck_assert_uint_eq(r.minor_faults, 8191);
	ck_assert_uint_eq(r.major_faults, 2);
	ck_assert_str_eq(r.comm, "sixteen letters!");
}
END_TEST

START_TEST(only_version_3_little_endian)
{
	uint8_t p[ACCT_SIZE];
	struct acct_record r;
	unsigned v;

	make(p);
	for (v = 0; v < 256; v++) {
		p[1] = (uint8_t)v;
		ck_assert_int_eq(acct_record_parse(p, &r), v == 3 ? 0 : E_FORMAT);
	}
}
END_TEST

/* struct acct of <linux/acct.h>, by hand */
static void make_old(uint8_t p[ACCT_SIZE], uint8_t version)
{
	memset(p, 0, ACCT_SIZE);
	p[0] = ACCT_F_SU;
	p[1] = version;
	put_u16(p + 2, 1001);  /* uid */
	put_u16(p + 4, 1002);
	put_u16(p + 6, 0x8803);
	put_u32(p + 8, 1095000000);
	put_u16(p + 12, 30);
	put_u16(p + 14, 0x2000 | 5); /* 5 * 8 */
	put_u16(p + 16, 0x4000 | 10); /* 10 * 64 */
	put_u16(p + 18, 7);
	put_u16(p + 24, 8);
	put_u16(p + 26, 9);
	put_u32(p + 32, 0x0300);
	memcpy(p + 36, "sixteen letters!", 17);
	if (version == 0)
		return;
	put_u16(p + 30, version == 2 ? 1000 : 0);
	p[53] = 0x10;          /* exponent 2: 0x80001 << 1 */
	put_u16(p + 54, 1);
	put_u32(p + 56, 4000000000U);
	put_u32(p + 60, 70000);
}

START_TEST(old_versions)
{
	uint8_t p[ACCT_SIZE];
	struct acct_record r;
	double hz = _i == 2 ? 1000 : 100;

	make_old(p, (uint8_t)_i);
	ck_assert_int_eq(acct_record_parse_any(p, sizeof(p), &r), ACCT_SIZE);
	ck_assert_int_eq(acct_record_parse(p, &r), E_FORMAT); /* the kernel of today's only */
	ck_assert_uint_eq(r.flags, ACCT_F_SU);
	ck_assert_uint_eq(r.tty, 0x8803);
	ck_assert_uint_eq(r.status, 0x300);
	ck_assert_uint_eq(r.btime, 1095000000);
	ck_assert_uint_eq(r.uid, _i == 0 ? 1001 : 4000000000U);
	ck_assert_uint_eq(r.gid, _i == 0 ? 1002 : 70000);
	ck_assert(r.pid == 0 && r.ppid == 0);
	ck_assert_double_eq(r.user_s, 30 / hz);
	ck_assert_double_eq(r.system_s, 40 / hz);
	ck_assert_double_eq(r.elapsed_s, (_i == 0 ? 640 : 0x80001 << 1) / hz);
	ck_assert(r.memory == 7 && r.minor_faults == 8 && r.major_faults == 9);
	ck_assert_str_eq(r.comm, "sixteen letters!");
}
END_TEST

/* From the small numbers, which are as they are, over the first with an exponent. */
START_TEST(long_times_of_old)
{
	static const struct {
		uint32_t c;
		uint64_t ticks;
	} t[] = { { 0, 0 }, { 0x7ffff, 0x7ffff }, { 0x80000, 0x80000 }, { 0xfffff, 0xfffff },
		{ 0x100000, 0x100000 }, { 0xf80000, UINT64_C(0x80000) << 30 } };
	uint8_t p[ACCT_SIZE];
	struct acct_record r;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		make_old(p, 1);
		p[53] = (uint8_t)(t[i].c >> 16);
		put_u16(p + 54, (uint16_t)t[i].c);
		ck_assert_int_eq(acct_record_parse_any(p, sizeof(p), &r), ACCT_SIZE);
		ck_assert_double_eq(r.elapsed_s, (double)t[i].ticks / 100);
	}
	make_old(p, 2);
	put_u16(p + 30, 0); /* no rate: the usual one */
	ck_assert_int_eq(acct_record_parse_any(p, sizeof(p), &r), ACCT_SIZE);
	ck_assert_double_eq(r.user_s, 0.3);
}
END_TEST

START_TEST(any_version)
{
	uint8_t p[ACCT_SIZE];
	struct acct_record r, same;
	unsigned v;

	make(p);
	for (v = 0; v < 256; v++) {
		p[1] = (uint8_t)v;
		ck_assert_int_eq(acct_record_parse_any(p, sizeof(p), &r),
		    v <= 3 ? ACCT_SIZE : v >= 0x80 ? E_BYTE_ORDER : E_FORMAT);
	}
	make(p);
	ck_assert_int_eq(acct_record_parse_any(p, sizeof(p), &r), ACCT_SIZE);
	ck_assert_int_eq(acct_record_parse(p, &same), 0);
	ck_assert(r.pid == same.pid && r.uid == same.uid && r.btime == same.btime);
	for (size_t len = 0; len < ACCT_SIZE; len++)
		ck_assert_int_eq(acct_record_parse_any(p, len, &r), E_SHORT);
}
END_TEST

START_TEST(no_impossible_time)
{
	static const float bad[] = { -1.0f, -INFINITY, INFINITY, NAN };
	uint8_t p[ACCT_SIZE];
	struct acct_record r;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		make(p);
		put_float(p + 28, bad[i]);
		ck_assert_int_eq(acct_record_parse(p, &r), 0);
		ck_assert(r.elapsed_s >= 0 && r.elapsed_s <= 0);
	}
}
END_TEST

START_TEST(marker)
{
	static const size_t cpu_and_memory[] = { 32, 34, 36, 42, 44 };
	uint8_t p[ACCT_SIZE];
	struct acct_record r;
	size_t i;

	make(p);
	memset(p + 32, 0, 16);
	acct_record_parse(p, &r);
	ck_assert(acct_record_is_marker(&r));
	for (i = 0; i < sizeof(cpu_and_memory) / sizeof(cpu_and_memory[0]); i++) {
		p[cpu_and_memory[i]] = 1;
		acct_record_parse(p, &r);
		ck_assert(!acct_record_is_marker(&r));
		p[cpu_and_memory[i]] = 0;
	}
	put_u32(p + 20, 2);
	acct_record_parse(p, &r);
	ck_assert(!acct_record_is_marker(&r));
}
END_TEST

START_TEST(terminals)
{
	static const struct {
		unsigned n;
		uint16_t tty;
	} t[] = { { 0, 0x8800 }, { 255, 0x88ff }, { 256, 0x8900 }, { 300, 0x892c },
		{ 2047, 0x8fff }, { 2048, 0x8800 } };
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		ck_assert(acct_tty_is(t[i].tty, DEV(136, t[i].n)));
		ck_assert(!acct_tty_is(t[i].tty, DEV(136, t[i].n + 1)));
	}
	ck_assert(acct_tty_is(0x0401, DEV(4, 1)));
	ck_assert(!acct_tty_is(0, 0));
	ck_assert(!acct_tty_is(0x8800, 0));
	ck_assert(!acct_tty_is(0, DEV(136, 0)));
}
END_TEST

START_TEST(terminal_names)
{
	char out[TTY_NAME_SIZE];

	ck_assert_str_eq(acct_tty_name(out, 0x8800), "pts/0");
	ck_assert_str_eq(acct_tty_name(out, 0x892c), "pts/300");
	ck_assert_str_eq(acct_tty_name(out, 0x8fff), "pts/2047");
	ck_assert_str_eq(acct_tty_name(out, 0x0401), "tty1");
	ck_assert_str_eq(acct_tty_name(out, 0x0441), "ttyS1");
	ck_assert_str_eq(acct_tty_name(out, 0), "?");
	ck_assert_str_eq(acct_tty_name(out, 0x9000), "?");
	ck_assert_str_eq(acct_tty_name(out, 0x87ff), "?");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("acct_record");

	tcase_add_test(t, fields);
	tcase_add_test(t, only_version_3_little_endian);
	tcase_add_loop_test(t, old_versions, 0, 3);
	tcase_add_test(t, long_times_of_old);
	tcase_add_test(t, any_version);
	tcase_add_test(t, no_impossible_time);
	tcase_add_test(t, marker);
	tcase_add_test(t, terminals);
	tcase_add_test(t, terminal_names);
	return suite_run_case("acct_record", t);
}
