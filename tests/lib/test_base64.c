/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "base64.h"
#include "err.h"
#include "suite.h"

/* RFC 4648, 10 */
START_TEST(vectors)
{
	static const char *const plain[] = { "", "f", "fo", "foo", "foob", "fooba", "foobar" };
	static const char *const coded[] = { "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=",
		"Zm9vYmFy" };
	char text[BASE64_SIZE(6)];
	uint8_t p[6];
	size_t i, n, len;

	for (i = 0; i < 7; i++) {
		len = strlen(coded[i]);
		ck_assert_uint_eq(BASE64_SIZE(i), len + 1);
		base64_put(text, (const uint8_t *)plain[i], i);
		ck_assert_str_eq(text, coded[i]);
		ck_assert_int_eq(base64_get(p, sizeof(p), text, len, &n), 0);
		ck_assert_uint_eq(n, i);
		ck_assert_mem_eq(p, plain[i], i);
		ck_assert_int_eq(base64_get_all(p, i, text, len), 0);
		ck_assert_int_eq(base64_get_all(p, i + 1, text, len), E_FORMAT);
		if (i > 0)
			ck_assert_int_eq(base64_get(p, i - 1, text, len, &n), E_FORMAT);
	}
}
END_TEST

/* Of the texts of four bytes that are tried, exactly those are taken that come back. */
START_TEST(one_encoding)
{
	static const char bytes[] = "AZaz09+/=-_ \n\r\t.\x7f\x80\xaf\xff";
	char text[5] = "", again[BASE64_SIZE(3)];
	size_t i, n, j, count = sizeof(bytes); /* its zero is one of them */
	uint8_t p[3];

	for (i = 0; i < count * count * count * count; i++) {
		for (j = 0, n = i; j < 4; j++, n /= count)
			text[j] = bytes[n % count];
		if (base64_get(p, sizeof(p), text, 4, &n) != 0)
			continue;
		ck_assert_uint_ge(n, 1);
		base64_put(again, p, n);
		ck_assert_mem_eq(again, text, 4);
	}
	for (i = 1; i < 4; i++)
		ck_assert_int_eq(base64_get(p, sizeof(p), "Zm9v", i, &n), E_FORMAT);
	ck_assert_int_eq(base64_get(p, sizeof(p), "Zg==Zg==", 8, &n), E_FORMAT);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { vectors, one_encoding };

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return suite_run("base64", tests, sizeof(tests) / sizeof(tests[0]));
}
