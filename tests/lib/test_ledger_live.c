/* SPDX-License-Identifier: ISC */
#include "ledger_live.h"

#include <string.h>

#include "suite.h"

#define NUMBERS 2000

/* Closes in an order of no order: each of the numbers once, 7 and NUMBERS have no
 * common factor. */
START_TEST(finds_what_is_open)
{
	struct ledger_live l = { 0 };
	uint8_t id[ID_SIZE] = { 0 }, open[NUMBERS] = { 0 };
	struct ledger_session *s;
	size_t i, n, left = NUMBERS;

	for (n = 0; n < NUMBERS; n++) {
		id[0] = (uint8_t)n;
		ck_assert_int_eq(ledger_live_add(&l, 10 * n, id), 0);
		open[n] = 1;
	}
	for (i = 0; i < NUMBERS; i++) {
		n = i * 7 % NUMBERS;
		s = ledger_live_find(&l, 10 * n);
		ck_assert_ptr_nonnull(s);
		ck_assert_uint_eq(s->n, 10 * n);
		ck_assert_uint_eq(s->id[0], (uint8_t)n);
		ledger_live_close(&l, s);
		open[n] = 0;
		ck_assert_ptr_null(ledger_live_find(&l, 10 * n));
		ck_assert_ptr_null(ledger_live_find(&l, 10 * n + 1));
		ck_assert_uint_eq(l.open, --left);
		n = (i * 13 + 5) % NUMBERS;
		ck_assert_int_eq(ledger_live_find(&l, 10 * n) != NULL, open[n]);
	}
	ledger_live_free(&l);
	ck_assert_ptr_null(l.row);
}
END_TEST

/* However many come and go, memory is for those that are there. */
START_TEST(forgets_what_is_closed)
{
	struct ledger_live l = { 0 };
	uint8_t id[ID_SIZE] = { 0 };
	size_t n;

	for (n = 0; n < 100000; n++) {
		ck_assert_int_eq(ledger_live_add(&l, n, id), 0);
		if (n > 0)
			ledger_live_close(&l, ledger_live_find(&l, n));
	}
	ck_assert_uint_eq(l.open, 1);
	ck_assert_uint_le(l.room, 256);
	ck_assert_ptr_nonnull(ledger_live_find(&l, 0));
	ledger_live_free(&l);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { finds_what_is_open, forgets_what_is_closed };

	return suite_run("ledger_live", tests, sizeof(tests) / sizeof(tests[0]));
}
