/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "bytes.h"
#include "err.h"
#include "process_record.h"
#include "suite.h"

static const struct process_record sample = {
	.raw = { 1, 2, 3 }, .kernel_file = 5, .place = 6, .session = 7, .outer = 8,
	.read_wall_ns = -9, .reason = REASON_ANCESTRY, .flags = PROCESS_F_OTHER_TTY,
	.keeper_pid = 10,
};

START_TEST(header)
{
	uint8_t p[PROCESS_HEADER], id[BOOT_ID_SIZE], want[BOOT_ID_SIZE];
	uint64_t k;
	size_t i;

	memset(want, 0xb0, sizeof(want));
	process_header_put(p, want, 12);
	ck_assert_int_eq(process_header_parse(p, id, &k), 0);
	ck_assert_mem_eq(id, want, sizeof(want));
	ck_assert(k == 12);
	ck_assert_mem_eq(p, "SHLP\1\0\0\0", 8);
	for (i = 0; i < 8; i++) {
		p[i] ^= 0x10;
		ck_assert_int_eq(process_header_parse(p, id, &k), E_FORMAT);
		p[i] ^= 0x10;
	}
	put_u64(p + 24, 0);
	ck_assert_int_eq(process_header_parse(p, id, &k), E_FORMAT);
}
END_TEST

START_TEST(places_of_the_page)
{
	uint8_t p[PROCESS_SIZE];
	struct process_record r;

	process_record_put(p, &sample);
	ck_assert_mem_eq(p, sample.raw, ACCT_SIZE);
	ck_assert_uint_eq(get_u32(p + 64), 5);
	ck_assert_uint_eq(get_u32(p + 68), 6);
	ck_assert_uint_eq(get_u64(p + 72), 7);
	ck_assert_uint_eq(get_u64(p + 80), 8);
	ck_assert(get_u64(p + 88) == (uint64_t)-9);
	ck_assert_uint_eq(p[96], 2);
	ck_assert_uint_eq(get_u16(p + 98), 1);
	ck_assert_uint_eq(get_u32(p + 100), 10);
	ck_assert_int_eq(process_record_parse(p, &r), 0);
	ck_assert_mem_eq(r.raw, sample.raw, ACCT_SIZE);
	ck_assert(r.read_wall_ns == -9 && r.outer == 8 && r.keeper_pid == 10);
}
END_TEST

START_TEST(nothing_else_is_taken)
{
	uint8_t p[PROCESS_SIZE];
	struct process_record r;
	size_t i;

	process_record_put(p, &sample);
	for (i = 0; i < PROCESS_SIZE; i++) {
		if (i != 97 && i < 104)
			continue;
		p[i] = 1;
		ck_assert_int_eq(process_record_parse(p, &r), E_FORMAT);
		p[i] = 0;
	}
	for (i = 0; i < 256; i++) {
		p[96] = (uint8_t)i;
		ck_assert_int_eq(process_record_parse(p, &r), i >= 1 && i <= 6 ? 0 : E_FORMAT);
		ck_assert_int_eq(strcmp(process_reason_name((uint8_t)i), "?") == 0, i < 1 || i > 6);
	}
	p[96] = 1;
	for (i = 1; i < 16; i++) {
		put_u16(p + 98, (uint16_t)(1U << i));
		ck_assert_int_eq(process_record_parse(p, &r), E_FORMAT);
	}
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(process_reason_name(REASON_RECORDER), "recorder");
	ck_assert_str_eq(process_reason_name(REASON_ANCESTRY), "ancestry");
	ck_assert_str_eq(process_reason_name(REASON_ANCESTRY_LIVE), "ancestry-live");
	ck_assert_str_eq(process_reason_name(REASON_NO_RECORDER), "no-recorder");
	ck_assert_str_eq(process_reason_name(REASON_NO_RECORDER_TERMINAL), "no-recorder-terminal");
	ck_assert_str_eq(process_reason_name(REASON_BROKEN), "broken");
}
END_TEST

START_TEST(file_names)
{
	static const char *const others[] = {
		"", "1.shlp", "000000001.shlp", "00000000.shlp", "00000001.shlp.new", "00000001",
		"+0000001.shlp", " 0000001.shlp", "-0000001.shlp", "0000000a.shlp", "00000001.SHLP",
		"99999999999999999999.shlp",
	};
	char name[PROCESS_NAME_MAX];
	size_t i;

	ck_assert_str_eq(process_file_name(name, 1), "00000001.shlp");
	ck_assert_uint_eq(process_file_number(name), 1);
	ck_assert_uint_eq(process_file_number("12345678.shlp"), 12345678);
	ck_assert_str_eq(process_file_name(name, 100000000), "100000000.shlp");
	ck_assert_uint_eq(process_file_number(name), 100000000);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_msg(process_file_number(others[i]) == 0, "%s", others[i]);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		header, places_of_the_page, nothing_else_is_taken, names, file_names,
	};

	return suite_run("process_record", tests, sizeof(tests) / sizeof(tests[0]));
}
