/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "../../witness/request.h"
#include "../lib/suite.h"
#include "err.h"

/* The example of the specification. */
static const char example[] =
    "old 20852014\n"
    "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
    "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
    "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
    "\n"
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"
    "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

#define HASH "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw="

static int parse(struct request *q, const char *text)
{
	return request_parse(q, text, strlen(text));
}

START_TEST(specification)
{
	struct request q;

	ck_assert_int_eq(parse(&q, example), 0);
	ck_assert_uint_eq(q.old, 20852014);
	ck_assert_uint_eq(q.proofs, 4);
	ck_assert_int_eq(q.proof[0][0], 0x3e);
	ck_assert_int_eq(q.proof[3][31], 0xfd);
	ck_assert_int_eq(strncmp(q.checkpoint, "example.com/", 12), 0);
	ck_assert_uint_eq(q.len, strlen(example) - (size_t)(q.checkpoint - example));
}
END_TEST

START_TEST(no_proof)
{
	struct request q;

	ck_assert_int_eq(parse(&q, "old 0\n\nx"), 0);
	ck_assert_uint_eq(q.old, 0);
	ck_assert_uint_eq(q.proofs, 0);
	ck_assert_uint_eq(q.len, 1);
	ck_assert_int_eq(parse(&q, "old 9223372036854775807\n\n"), 0);
}
END_TEST

static const char *const wrong[] = {
	"", "\n", "old", "old \n\n", "old 0", "old 0\n", "old 01\n\n", "old 00\n\n", "old +1\n\n",
	"old -1\n\n", "old  1\n\n", "old 1 \n\n", "old 1\r\n\r\n", "Old 1\n\n", "new 1\n\n", " old 1\n\n",
	"old 18446744073709551616\n\n", "old 99999999999999999999\n\n", "old 9223372036854775808\n\n", "old 0x1\n\n",
	"old 1\n" HASH "\n", "old 1\n" HASH, "old 1\n" HASH " \n\n", "old 1\n" HASH "=\n\n",
	"old 1\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpka==\n\n",
	"old 1\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkax=\n\n", /* bits that are dropped */
	"old 1\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpka-=\n\n",
	"old 1\nPlRN\n\n", "old 1\nold 1\n\n",
};

START_TEST(malformed)
{
	struct request q;

	ck_assert_int_eq(parse(&q, wrong[_i]), E_FORMAT);
}
END_TEST

START_TEST(sixty_three)
{
	char text[4096] = "old 7\n";
	struct request q;
	unsigned i;

	for (i = 0; i < REQUEST_PROOF_MAX; i++)
		strcat(text, HASH "\n");
	strcat(text, "\n");
	ck_assert_int_eq(parse(&q, text), 0);
	ck_assert_uint_eq(q.proofs, REQUEST_PROOF_MAX);
	text[strlen(text) - 1] = '\0';
	strcat(text, HASH "\n\n");
	ck_assert_int_eq(parse(&q, text), E_FORMAT);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("request");

	tcase_add_test(tc, specification);
	tcase_add_test(tc, no_proof);
	tcase_add_loop_test(tc, malformed, 0, sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tc, sixty_three);
	return suite_run_case("request", tc);
}
