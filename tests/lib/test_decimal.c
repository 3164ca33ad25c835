/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "decimal.h"
#include "err.h"
#include "suite.h"

START_TEST(numbers)
{
	static const struct {
		const char *text;
		int result;
		uint64_t v;
	} rows[] = {
		{ "0", 0, 0 },
		{ "9", 0, 9 },
		{ "1234567890", 0, 1234567890 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "9223372036854775808", E_RANGE, 0 },
		{ "9999999999999999999", E_RANGE, 0 },
		{ "18446744073709551616", E_RANGE, 0 },
		{ "100000000000000000000000000000000000000001", E_RANGE, 0 },
		{ "", E_FORMAT, 0 },
		{ "00", E_FORMAT, 0 },
		{ "01", E_FORMAT, 0 },
		{ "+1", E_FORMAT, 0 },
		{ "-1", E_FORMAT, 0 },
		{ " 1", E_FORMAT, 0 },
		{ "1 ", E_FORMAT, 0 },
		{ "1a", E_FORMAT, 0 },
		{ "0x1", E_FORMAT, 0 },
	};
	uint64_t v;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		v = 77;
		ck_assert_msg(decimal_get(&v, rows[i].text, strlen(rows[i].text)) ==
		    rows[i].result, "%s", rows[i].text);
		ck_assert_uint_eq(v, rows[i].result == 0 ? rows[i].v : 77);
	}
	ck_assert_int_eq(decimal_get(&v, "12", 1), 0);
	ck_assert_uint_eq(v, 1);
	ck_assert_int_eq(decimal_get(&v, "1\0", 2), E_FORMAT);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { numbers };

	return suite_run("decimal", tests, sizeof(tests) / sizeof(tests[0]));
}
