/* SPDX-License-Identifier: ISC */
#include "bytes.h"
#include "err.h"
#include "suite.h"

START_TEST(integers_are_little_endian)
{
	static const uint8_t want[8] = { 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x81 };
	uint8_t p[9];

	put_u64(p + 1, UINT64_C(0x8123456789abcdef));
	ck_assert_mem_eq(p + 1, want, 8);
	ck_assert(get_u64(p + 1) == UINT64_C(0x8123456789abcdef));
	ck_assert_uint_eq(get_u32(want + 4), 0x81234567U);
	ck_assert_uint_eq(get_u16(want), 0xcdef);
}
END_TEST

START_TEST(varint_comes_back)
{
	uint8_t p[VARINT_MAX];
	uint64_t v, got;
	unsigned bit;

	for (bit = 0; bit < 63; bit++) {
		for (v = (UINT64_C(1) << bit) - 1; v <= UINT64_C(1) << bit; v++) {
			size_t n = varint_put(p, v);

			ck_assert_int_eq(varint_get(p, sizeof(p), &got), (int)n);
			ck_assert(got == v);
			ck_assert_int_eq(varint_get(p, n - 1, &got), E_SHORT);
		}
	}
	ck_assert_uint_eq(varint_put(p, VARINT_LIMIT), VARINT_MAX);
	ck_assert_int_eq(varint_get(p, VARINT_MAX, &got), VARINT_MAX);
	ck_assert(got == VARINT_LIMIT);
}
END_TEST

START_TEST(varint_has_one_form)
{
	static const uint8_t padded[] = { 0x81, 0x00 }, padded0[] = { 0x80, 0x80, 0x00 };
	static const uint8_t ten[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1 };
	uint64_t v = 7;

	ck_assert_int_eq(varint_get(padded, sizeof(padded), &v), E_FORMAT);
	ck_assert_int_eq(varint_get(padded0, sizeof(padded0), &v), E_FORMAT);
	ck_assert_int_eq(varint_get(ten, sizeof(ten), &v), E_FORMAT);
	ck_assert_int_eq(varint_get(ten, 0, &v), E_SHORT);
	ck_assert(v == 7);
}
END_TEST

START_TEST(hex_is_exact)
{
	static const uint8_t bytes[3] = { 0x00, 0xa9, 0xff };
	uint8_t got[3] = { 1, 1, 1 };
	char text[7];

	hex_put(text, bytes, 3);
	ck_assert_str_eq(text, "00a9ff");
	ck_assert_int_eq(hex_get(got, 3, "00A9ff"), E_FORMAT);
	ck_assert_int_eq(hex_get(got, 3, "00a9f"), E_FORMAT);
	ck_assert_int_eq(hex_get(got, 3, "00a9ff0"), E_FORMAT);
	ck_assert_int_eq(hex_get(got, 3, "00a9fg"), E_FORMAT);
	ck_assert_uint_eq(got[0], 1);
	ck_assert_int_eq(hex_get(got, 3, "00a9ff"), 0);
	ck_assert_mem_eq(got, bytes, 3);
}
END_TEST

START_TEST(zeros_are_seen)
{
	uint8_t p[24] = { 0 };
	size_t i;

	ck_assert(all_zero(p, sizeof(p)) && all_zero(p, 0));
	for (i = 0; i < sizeof(p); i++) {
		p[i] = 0x80;
		ck_assert(!all_zero(p, sizeof(p)));
		p[i] = 0;
	}
}
END_TEST

START_TEST(every_code_has_a_text)
{
	int r;

	for (r = E_FORMAT; r >= E_BYTE_ORDER; r--) {
		ck_assert_str_ne(err_text(r), "unknown error");
		ck_assert(r == E_FORMAT || strcmp(err_text(r), err_text(r + 1)) != 0);
	}
	ck_assert_str_eq(err_text(-2), "No such file or directory");
	ck_assert_str_eq(err_text(E_BYTE_ORDER - 1), "unknown error");
	ck_assert_str_eq(err_text(1), "unknown error");
	ck_assert_str_eq(err_text(INT32_MIN), "unknown error");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { integers_are_little_endian, varint_comes_back,
		varint_has_one_form, hex_is_exact, zeros_are_seen, every_code_has_a_text };

	return suite_run("bytes", tests, sizeof(tests) / sizeof(tests[0]));
}
