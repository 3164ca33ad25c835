/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "bytes.h"
#include "err.h"
#include "spool_header.h"
#include "suite.h"

static const struct spool_header sample = {
	.flags = CERT_F_TERMINAL | CERT_F_LATE, .length = 7, .generation = UINT64_MAX,
	.id = { 1 }, .pk = { 2 }, .boot_id = { 3 }, .wall_ns = -4, .boot_ns = 5, .pid = 6,
	.uid = UINT32_MAX, .gid = 8, .tty_dev = 9, .start_ticks = 10,
};

START_TEST(comes_back)
{
	struct spool_header h;
	uint8_t p[SPOOL_HEADER];

	memset(p, 0xff, sizeof(p));
	spool_header_put(p, &sample);
	ck_assert_int_eq(spool_header_parse(p, &h), 0);
	ck_assert_uint_eq(h.flags, sample.flags);
	ck_assert(h.length == 7 && h.generation == UINT64_MAX && h.wall_ns == -4 && h.boot_ns == 5);
	ck_assert(h.pid == 6 && h.uid == UINT32_MAX && h.gid == 8 && h.tty_dev == 9);
	ck_assert(h.start_ticks == 10);
	ck_assert_mem_eq(h.id, sample.id, ID_SIZE);
	ck_assert_mem_eq(h.pk, sample.pk, PK_SIZE);
	ck_assert_mem_eq(h.boot_id, sample.boot_id, BOOT_ID_SIZE);
}
END_TEST

START_TEST(state_is_where_it_is_in_the_header)
{
	struct spool_header h;
	uint8_t p[SPOOL_HEADER];

	spool_header_put(p, &sample);
	spool_header_put_state(p + SPOOL_STATE_AT, 70, 80);
	ck_assert_int_eq(spool_header_parse(p, &h), 0);
	ck_assert(h.length == 70 && h.generation == 80);
	ck_assert_mem_eq(h.id, sample.id, ID_SIZE);
}
END_TEST

START_TEST(other_headers_are_refused)
{
	struct spool_header h;
	uint8_t p[SPOOL_HEADER];
	size_t i;

	for (i = 0; i < 6; i++) {
		spool_header_put(p, &sample);
		p[i] ^= 1;
		ck_assert_int_eq(spool_header_parse(p, &h), E_FORMAT);
	}
	spool_header_put(p, &sample);
	put_u16(p + 6, CERT_F_LATE | CERT_F_CLAIMED);
	ck_assert_int_eq(spool_header_parse(p, &h), E_FORMAT);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { comes_back, state_is_where_it_is_in_the_header,
		other_headers_are_refused };

	return suite_run("spool_header", tests, sizeof(tests) / sizeof(tests[0]));
}
