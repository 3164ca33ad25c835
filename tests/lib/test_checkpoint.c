/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "base64.h"
#include "bytes.h"
#include "checkpoint.h"
#include "err.h"
#include "suite.h"

/* The example of C2SP tlog-checkpoint. */
#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define TEXT "example.com/behind-the-sofa\n20852163\n" ROOT "\n"

static int parse(struct checkpoint *c, const char *text)
{
	return checkpoint_parse(c, text, strlen(text));
}

START_TEST(example)
{
	char out[CHECKPOINT_TEXT_MAX], root[BASE64_SIZE(MERKLE_HASH)];
	struct checkpoint c;

	ck_assert_int_eq(parse(&c, TEXT), 0);
	ck_assert_str_eq(c.origin, "example.com/behind-the-sofa");
	ck_assert_uint_eq(c.size, 20852163);
	base64_put(root, c.root, MERKLE_HASH);
	ck_assert_str_eq(root, ROOT);
	ck_assert_int_eq(checkpoint_format(out, &c), (int)strlen(TEXT));
	ck_assert_str_eq(out, TEXT);
}
END_TEST

START_TEST(sizes)
{
	static const struct {
		const char *text;
		int result;
		uint64_t size;
	} rows[] = {
		{ "a\n0\n" ROOT "\n", 0, 0 },
		{ "a\n9\n" ROOT "\n", 0, 9 },
		{ "a\n9223372036854775807\n" ROOT "\n", 0, INT64_MAX },
		{ "a\n9223372036854775808\n" ROOT "\n", E_RANGE, 0 },
		{ "a\n9999999999999999999\n" ROOT "\n", E_RANGE, 0 },
		{ "a\n18446744073709551617\n" ROOT "\n", E_RANGE, 0 },
		{ "a\n00\n" ROOT "\n", E_FORMAT, 0 },
		{ "a\n01\n" ROOT "\n", E_FORMAT, 0 },
		{ "a\n+1\n" ROOT "\n", E_FORMAT, 0 },
		{ "a\n-1\n" ROOT "\n", E_FORMAT, 0 },
		{ "a\n 1\n" ROOT "\n", E_FORMAT, 0 },
		{ "a\n1 \n" ROOT "\n", E_FORMAT, 0 },
		{ "a\n0x1\n" ROOT "\n", E_FORMAT, 0 },
		{ "a\n\n" ROOT "\n", E_FORMAT, 0 },
	};
	struct checkpoint c;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(parse(&c, rows[i].text) == rows[i].result, "%s", rows[i].text);
		if (rows[i].result == 0)
			ck_assert_uint_eq(c.size, rows[i].size);
	}
}
END_TEST

START_TEST(form)
{
	static const char *const good[] = { TEXT "extension\n", TEXT "a b\nc\n",
		"go.sum database tree\n1\n" ROOT "\n", "\xc3\xbc\n1\n" ROOT "\n" };
	static const char *const bad[] = { "", "\n", "a", "a\n", "a\n1", "a\n1\n", "a\n1\n" ROOT,
		"\n1\n" ROOT "\n", TEXT "\n", TEXT "a\n\n", TEXT "a", "a\r\n1\n" ROOT "\n",
		"\xff\n1\n" ROOT "\n", "a\n1\n" ROOT " \n", "a\n1\n" ROOT "=\n",
		"a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
		"a\n1\nCsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=\n",
		"a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2==\n" };
	char text[NOTE_NAME_MAX + sizeof(TEXT) + 1];
	struct checkpoint c;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(parse(&c, good[i]) == 0, "%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(&c, bad[i]) == E_FORMAT, "%s", bad[i]);
	ck_assert_int_eq(checkpoint_parse(&c, "a\0\n1\n" ROOT "\n", 50), E_FORMAT);
	memset(text, 'o', NOTE_NAME_MAX + 1);
	memcpy(text + NOTE_NAME_MAX, "\n1\n" ROOT "\n", sizeof("\n1\n" ROOT "\n"));
	ck_assert_int_eq(parse(&c, text), 0);
	memcpy(text + NOTE_NAME_MAX, "o\n1\n" ROOT "\n", sizeof("o\n1\n" ROOT "\n"));
	ck_assert_int_eq(parse(&c, text), E_RANGE);
}
END_TEST

/* The longest that we write fits its room, and comes back. */
START_TEST(longest)
{
	char out[CHECKPOINT_TEXT_MAX];
	struct checkpoint c = { .size = INT64_MAX }, got;
	int n;

	memset(c.origin, 'o', NOTE_NAME_MAX);
	memset(c.root, 0xff, MERKLE_HASH);
	n = checkpoint_format(out, &c);
	ck_assert_int_lt(n, CHECKPOINT_TEXT_MAX);
	ck_assert_int_eq(checkpoint_parse(&got, out, (size_t)n), 0);
	ck_assert_str_eq(got.origin, c.origin);
	ck_assert_uint_eq(got.size, c.size);
	ck_assert_mem_eq(got.root, c.root, MERKLE_HASH);
}
END_TEST

/* b2sum -l 256 of 32 bytes 07, its first 16 bytes */
START_TEST(origin)
{
	char out[NOTE_NAME_MAX + 1];
	uint8_t pk[PK_SIZE];
	struct note_key k;

	memset(pk, 7, sizeof(pk));
	checkpoint_origin(out, pk);
	ck_assert_str_eq(out, "shellac/17cdc7bca3f2a0bda60c6de5b96f82a3");
	ck_assert_int_eq(note_key_make(&k, out, NOTE_ED25519, pk), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { example, sizes, form, longest, origin };

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return suite_run("checkpoint", tests, sizeof(tests) / sizeof(tests[0]));
}
