/* SPDX-License-Identifier: ISC */
/* What of the process records the ledger vouches for. */
#include "../../collector/process_digest.h"
#include "../lib/suite.h"

START_TEST(digests_go_on)
{
	struct process_digests d;
	struct process_digest p;
	uint8_t want[HASH_SIZE];

	process_digests_init(&d, 100);
	process_digests_add(&d, "ab", 2);
	ck_assert_int_eq(process_digests_get(&d, &p), 0);
	process_digests_take(&d);
	process_digests_add(&d, "c", 1);
	process_digests_synced(&d, 0);
	ck_assert_int_eq(process_digests_get(&d, &p), 0);
	process_digests_take(&d);
	process_digests_add(&d, "de", 2);
	process_digests_synced(&d, 1);
	process_digests_take(&d); /* the one that is there stays */
	ck_assert_int_eq(process_digests_get(&d, &p), 1);
	hash_of(want, "abc", 3);
	ck_assert_uint_eq(p.from, 100);
	ck_assert_uint_eq(p.to, 103);
	ck_assert_mem_eq(p.hash, want, HASH_SIZE);
	process_digests_vouched(&d);
	ck_assert_int_eq(process_digests_get(&d, &p), 0);
	process_digests_take(&d);
	process_digests_synced(&d, 1);
	ck_assert_int_eq(process_digests_get(&d, &p), 1);
	hash_of(want, "de", 2);
	ck_assert_uint_eq(p.from, 103);
	ck_assert_uint_eq(p.to, 105);
	ck_assert_mem_eq(p.hash, want, HASH_SIZE);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {digests_go_on};

	return suite_run("process_digest", tests, sizeof(tests) / sizeof(tests[0]));
}
