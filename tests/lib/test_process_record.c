/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "bytes.h"
#include "err.h"
#include "process_record.h"
#include "suite.h"

static const struct process_record sample = {
	.kind = PROCESS_ACCT, .body = { 1, 3, 3 }, .kernel_file = 5, .place = 6, .session = 7,
	.outer = 8, .read_wall_ns = -9, .reason = REASON_ANCESTRY, .flags = PROCESS_F_OTHER_TTY,
	.keeper_pid = 10, .start_ticks = 11, .parent_pid = 12, .sid = 13, .ordinal = 14,
	.certainty = CERTAIN_LIKELY, .origin = ORIGIN_CRON,
};

START_TEST(header)
{
	uint8_t p[PROCESS_HEADER], id[BOOT_ID_SIZE], want[BOOT_ID_SIZE], version;
	uint64_t k;
	size_t i;

	memset(want, 0xb0, sizeof(want));
	process_header_put(p, want, 12);
	ck_assert_int_eq(process_header_parse(p, id, &k, &version), 0);
	ck_assert_mem_eq(id, want, sizeof(want));
	ck_assert(k == 12 && version == 3);
	ck_assert_mem_eq(p, "SHLP\3\0\0\0", 8);
	for (i = 0; i < 8; i++) {
		p[i] ^= 0x10;
		ck_assert_int_eq(process_header_parse(p, id, &k, &version), E_FORMAT);
		p[i] ^= 0x10;
	}
	for (i = 0; i < 256; i++) {
		p[4] = (uint8_t)i;
		ck_assert_int_eq(process_header_parse(p, id, &k, &version),
		    i >= 1 && i <= 3 ? 0 : E_FORMAT);
	}
	p[4] = 3;
	put_u64(p + 24, 0);
	ck_assert_int_eq(process_header_parse(p, id, &k, &version), E_FORMAT);
}
END_TEST

START_TEST(places_of_the_page)
{
	uint8_t p[PROCESS_SIZE], again[PROCESS_SIZE];
	struct process_record r;

	process_record_put(p, &sample);
	ck_assert_mem_eq(p, sample.body, ACCT_SIZE);
	ck_assert_uint_eq(get_u32(p + 64), 5);
	ck_assert_uint_eq(get_u32(p + 68), 6);
	ck_assert_uint_eq(get_u64(p + 72), 7);
	ck_assert_uint_eq(get_u64(p + 80), 8);
	ck_assert(get_u64(p + 88) == (uint64_t)-9);
	ck_assert_uint_eq(p[96], 2);
	ck_assert_uint_eq(p[97], 0);
	ck_assert_uint_eq(get_u16(p + 98), 1);
	ck_assert_uint_eq(get_u32(p + 100), 10);
	ck_assert_uint_eq(get_u64(p + 104), 11);
	ck_assert_uint_eq(get_u32(p + 112), 12);
	ck_assert_uint_eq(get_u32(p + 116), 13);
	ck_assert_uint_eq(get_u16(p + 120), 14);
	ck_assert_uint_eq(p[122], 2);
	ck_assert_uint_eq(p[123], 3);
	ck_assert_uint_eq(get_u32(p + 124), 0);
	ck_assert_int_eq(process_record_parse(p, &r), 0);
	process_record_put(again, &r);
	ck_assert_mem_eq(again, p, sizeof(p));
	ck_assert(r.read_wall_ns == -9 && r.outer == 8 && r.keeper_pid == 10);
	ck_assert(r.start_ticks == 11 && r.ordinal == 14 && r.sid == 13);
}
END_TEST

static int parses(const uint8_t p[PROCESS_SIZE], uint8_t version)
{
	struct process_record r;
	int e = process_record_parse_in(version, p, &r);

	ck_assert(e == 0 || e == E_FORMAT);
	return e == 0;
}

/* Which values of the byte at i parse: from to to. */
static void byte_in(uint8_t *p, uint8_t version, size_t i, unsigned from, unsigned to)
{
	uint8_t was = p[i];

	for (unsigned v = 0; v < 256; v++) {
		p[i] = (uint8_t)v;
		ck_assert_msg(parses(p, version) == (v >= from && v <= to), "byte %zu, %u", i, v);
	}
	p[i] = was;
}

START_TEST(nothing_else_is_taken)
{
	uint8_t p[PROCESS_SIZE];
	size_t i;

	process_record_put(p, &sample);
	byte_in(p, 2, 1, 3, 3);
	byte_in(p, 2, 96, 1, 8);
	byte_in(p, 2, 98, 0, 15);
	byte_in(p, 2, 99, 0, 0);
	byte_in(p, 2, 122, 0, 3);
	byte_in(p, 2, 123, 0, 12);
	for (i = 124; i < PROCESS_SIZE; i++)
		byte_in(p, 2, i, 0, 0);
}
END_TEST

START_TEST(version_1_has_less)
{
	uint8_t p[PROCESS_SIZE];
	size_t i;

	process_record_put(p, &sample);
	ck_assert(!parses(p, 1));
	memset(p + 104, 0, PROCESS_SIZE - 104);
	byte_in(p, 1, 96, 1, 6);
	byte_in(p, 1, 97, 0, 0);
	byte_in(p, 1, 98, 0, 1);
	byte_in(p, 1, 99, 0, 0);
	for (i = 104; i < PROCESS_SIZE; i++)
		byte_in(p, 1, i, 0, 0);
}
END_TEST

/* A body with every field told from the others; each kind's is read as it was written. */
START_TEST(bodies)
{
	const struct process_exec exec = { .pid = 1, .uid = 2, .euid = 3, .tty_dev = 4,
		.audit_session = 5, .text_len = 4096, .boot_ns = 7, .have = 31, .comm = "hostile\33[0m" };
	const struct process_loss loss = { LOSS_EVENTS, 2, 105, 8, 9, "ENOBUFS" };
	const struct process_terminal terminal = { 1, 2, 3, 4, 5, 6, 7, "sh" };
	const struct process_watch watch = { 3, 2, "backup" };
	const struct process_boot boot = { -5, 100 };
	const struct process_input input = { 1, 2, "shellac-input" };
	struct process_exec e;
	struct process_loss l;
	struct process_terminal t;
	struct process_watch w;
	struct process_boot b;
	struct process_input i;
	uint8_t body[PROCESS_BODY];

	process_exec_put(body, &exec);
	ck_assert_uint_eq(get_u32(body + 20), 4096);
	ck_assert_uint_eq(get_u64(body + 24), 7);
	ck_assert_int_eq(process_exec_parse(body, &e), 0);
	ck_assert(e.pid == 1 && e.uid == 2 && e.euid == 3 && e.tty_dev == 4 && e.audit_session == 5 &&
	    e.text_len == 4096 && e.boot_ns == 7 && e.have == 31);
	ck_assert_mem_eq(e.comm, exec.comm, ACCT_COMM);
	process_loss_put(body, &loss);
	ck_assert_int_eq(process_loss_parse(body, &l), 0);
	ck_assert(l.source == 2 && l.state == 2 && l.error == 105 && l.count == 8 && l.from_boot_ns == 9);
	ck_assert_str_eq(l.text, "ENOBUFS");
	process_terminal_put(body, &terminal);
	ck_assert_int_eq(process_terminal_parse(body, &t), 0);
	ck_assert(t.state == 1 && t.pid == 2 && t.uid == 3 && t.tty_dev == 4 && t.from_boot_ns == 5 &&
	    t.to_boot_ns == 6 && t.processes == 7);
	ck_assert_mem_eq(t.comm, terminal.comm, ACCT_COMM);
	process_watch_put(body, &watch);
	ck_assert_int_eq(process_watch_parse(body, &w), 0);
	ck_assert(w.state == 3 && w.pid == 2);
	ck_assert_str_eq(w.rule, "backup");
	process_boot_put(body, &boot);
	ck_assert_int_eq(process_boot_parse(body, &b), 0);
	ck_assert(b.boot_wall_ns == -5 && b.ticks_per_s == 100);
	process_input_put(body, &input);
	ck_assert_int_eq(process_input_parse(body, &i), 0);
	ck_assert(i.boot_ns == 1 && i.text_len == 2);
	ck_assert_str_eq(i.source, "shellac-input");
}
END_TEST

static void slot(uint8_t p[PROCESS_SIZE], uint8_t kind, const uint8_t body[PROCESS_BODY])
{
	struct process_record r = sample;

	r.kind = kind;
	memcpy(r.body, body, PROCESS_BODY);
	process_record_put(p, &r);
}

/* Bytes from..to - 1 of a slot are zero, or it does not parse. */
static void zero_in(uint8_t *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		byte_in(p, 2, i, 0, 0);
}

START_TEST(bodies_are_strict)
{
	uint8_t p[PROCESS_SIZE], body[PROCESS_BODY];

	process_exec_put(body, &(struct process_exec){ .text_len = 10 });
	slot(p, PROCESS_EXEC, body);
	byte_in(p, 2, 96, 0, 8);
	byte_in(p, 2, 21, 0, 15);
	byte_in(p, 2, 32, 0, 31);
	zero_in(p, 22, 24);
	zero_in(p, 33, 40);
	zero_in(p, 56, 64);
	process_terminal_put(body, &(struct process_terminal){ .state = 1 });
	slot(p, PROCESS_TERMINAL, body);
	byte_in(p, 2, 0, 1, 2);
	zero_in(p, 1, 4);
	zero_in(p, 36, 40);
	zero_in(p, 56, 64);
	process_watch_put(body, &(struct process_watch){ .state = 1, .rule = "r" });
	slot(p, PROCESS_WATCH, body);
	byte_in(p, 2, 0, 1, 3);
	zero_in(p, 1, 4);
	zero_in(p, 10, 64);
	memset(body, 0xff, sizeof(body));
	slot(p, PROCESS_TEXT, body);
	ck_assert(parses(p, 2));
	slot(p, 7, body);
	ck_assert(!parses(p, 2));
}
END_TEST

START_TEST(nobodys_are_strict)
{
	uint8_t p[PROCESS_SIZE];
	struct process_record r = { .kind = PROCESS_LOSS, .kernel_file = 3, .place = 4,
		.read_wall_ns = 5 };

	process_loss_put(r.body, &(struct process_loss){ .source = 1, .state = 1, .text = "xy" });
	process_record_put(p, &r);
	byte_in(p, 2, 0, 1, 2);
	byte_in(p, 2, 1, 1, 2);
	zero_in(p, 2, 4);
	byte_in(p, 2, 24, ' ', '~');
	zero_in(p, 27, 64);
	zero_in(p, 72, 88);
	zero_in(p, 96, 97);
	zero_in(p, 98, 128);
	r.kind = PROCESS_BOOT;
	process_boot_put(r.body, &(struct process_boot){ .ticks_per_s = 100 });
	process_record_put(p, &r);
	zero_in(p, 12, 64);
	zero_in(p, 72, 88);
	zero_in(p, 98, 128);
	byte_in(p, 2, 8, 1, 255);
}
END_TEST

START_TEST(inputs_are_strict)
{
	uint8_t p[PROCESS_SIZE];
	struct process_record r = { .kind = PROCESS_INPUT, .read_wall_ns = 5 };

	process_input_put(r.body, &(struct process_input){ .text_len = 2,
		.source = "12345678901234567890123456789012" });
	process_record_put(p, &r);
	ck_assert(parses(p, 3));
	process_input_put(r.body, &(struct process_input){ .text_len = 2, .source = "ab" });
	process_record_put(p, &r);
	ck_assert(!parses(p, 1) && !parses(p, 2));
	byte_in(p, 3, 9, 0, 127);
	byte_in(p, 3, 8, 1, 255);
	byte_in(p, 3, 16, ' ', '~');
	for (size_t i = 10; i < 128; i++)
		if (i == 10 || i == 11 || (i >= 12 && i < 16) || (i >= 19 && i < 64) ||
		    (i >= 72 && i < 88) || i == 96 || i >= 98)
			byte_in(p, 3, i, 0, 0);
	put_u32(p + 8, INPUT_TEXT_MAX);
	ck_assert(parses(p, 3));
	put_u32(p + 8, INPUT_TEXT_MAX + 1);
	ck_assert(!parses(p, 3));
}
END_TEST

START_TEST(dates)
{
	struct process_boot b = { 1000000000000000000, 100 };

	ck_assert(process_boot_date(&b, 0) == b.boot_wall_ns);
	ck_assert(process_boot_date(&b, 1) == b.boot_wall_ns + 10000000);
	ck_assert(process_boot_date(&b, 12345) == b.boot_wall_ns + 123450000000);
	ck_assert(process_boot_date(&b, UINT64_MAX) == INT64_MAX);
	b.ticks_per_s = 1000000000;
	ck_assert(process_boot_date(&b, INT64_MAX) == INT64_MAX);
	ck_assert(process_boot_date(&b, UINT64_MAX) == INT64_MAX);
	b.ticks_per_s = 1024;
	ck_assert(process_boot_date(&b, 1025) == b.boot_wall_ns + 1000976562);
	b.boot_wall_ns = 0;
	ck_assert(process_boot_date(&b, 100) == 0);
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
	ck_assert_str_eq(process_reason_name(REASON_FORK), "fork");
	ck_assert_str_eq(process_reason_name(REASON_LEAD_IN), "lead-in");
	ck_assert_str_eq(process_origin_name(ORIGIN_SSHD), "sshd");
	ck_assert_str_eq(process_origin_name(ORIGIN_KERNEL), "kernel");
	ck_assert_str_eq(process_certainty_name(CERTAIN_EXACT), "exact");
	ck_assert_str_eq(process_certainty_name(CERTAIN_DOUBTFUL), "doubtful");
	for (unsigned i = 0; i < 256; i++) {
		ck_assert_int_eq(strcmp(process_reason_name((uint8_t)i), "?") == 0, i < 1 || i > 8);
		ck_assert_int_eq(strcmp(process_origin_name((uint8_t)i), "?") == 0, i < 1 || i > 12);
		ck_assert_int_eq(strcmp(process_certainty_name((uint8_t)i), "?") == 0, i < 1 || i > 3);
	}
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
		header, places_of_the_page, nothing_else_is_taken, version_1_has_less, bodies,
		bodies_are_strict, nobodys_are_strict, inputs_are_strict, dates, names, file_names,
	};

	return suite_run("process_record", tests, sizeof(tests) / sizeof(tests[0]));
}
