/* SPDX-License-Identifier: ISC */
#include "life_name.h"

#include <string.h>

#include "err.h"
#include "suite.h"

#define BOOT "000102030405060708090a0b0c0d0eff"

/* What is read is written as it was, and says this. */
static struct life_name both(const char *text)
{
	struct life_name n;
	char out[LIFE_NAME_SIZE];

	ck_assert_int_eq(life_name_parse(text, &n), 0);
	ck_assert_str_eq(life_name_format(out, &n), text);
	return n;
}

START_TEST(good)
{
	struct life_name n = both("1:0");

	ck_assert_int_eq(n.has_boot, 0);
	n = both("4194303:123456789:65535");
	ck_assert_uint_eq(n.pid, 4194303);
	ck_assert_uint_eq(n.start_ticks, 123456789);
	ck_assert_uint_eq(n.ordinal, 65535);
	n = both(BOOT ":77:88");
	ck_assert_int_eq(n.has_boot, 1);
	ck_assert_uint_eq(n.boot_id[15], 0xff);
	ck_assert_uint_eq(n.boot_id[1], 1);
	ck_assert_uint_eq(n.pid, 77);
	ck_assert_uint_eq(n.start_ticks, 88);
	ck_assert_uint_eq(n.ordinal, 0);
	both(BOOT ":2147483647:9223372036854775807:65535");
}
END_TEST

START_TEST(bad)
{
	static const char *const texts[] = {"", ":", "1", "1:", ":1", "0:1", "1:2:", "1:2:0", "1:2:3:",
		"1:2:3:4", "01:2", "1:02", "1:2:03", "1:2:65536", "2147483648:1", "+1:2", "1: 2", "1:2 ",
		"1:2\n", "-1:2", "1:9223372036854775808", "1:99999999999999999999", "a:2",
		BOOT, BOOT ":", BOOT ":1", BOOT ":1:", BOOT "0:1:2",
		"000102030405060708090A0B0C0D0EFF:1:2", "0001020304050607080g0a0b0c0d0eff:1:2",
		"1:" BOOT ":2"};
	struct life_name n = {.pid = 9};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(life_name_parse(texts[i], &n) == E_FORMAT, "%s", texts[i]);
	ck_assert_uint_eq(n.pid, 9);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {good, bad};

	return suite_run("life_name", tests, sizeof(tests) / sizeof(tests[0]));
}
