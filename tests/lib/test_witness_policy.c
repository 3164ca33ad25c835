/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "io.h"
#include "scratch.h"
#include "suite.h"
#include "witness_policy.h"

#define KEYS 70
#define TEXT_MAX 70000

static char vkey[KEYS][NOTE_VKEY_MAX];
static struct note_key key[KEYS];
static uint8_t sk[KEYS][SK_SIZE];

static void make_keys(uint8_t alg)
{
	uint8_t pk[PK_SIZE], seed[crypto_sign_SEEDBYTES];
	char name[20];
	int i;

	for (i = 0; i < KEYS; i++) {
		memset(seed, i, sizeof(seed));
		crypto_sign_seed_keypair(pk, sk[i], seed);
		snprintf(name, sizeof(name), "w.example/%d", i);
		ck_assert_int_eq(note_key_make(&key[i], name, alg, pk), 0);
		note_key_format(vkey[i], &key[i]);
	}
}

static unsigned line;

/* Parses a text in which $0 to $9 stand for keys. */
static int parse(struct witness_policy **p, const char *text)
{
	char buf[TEXT_MAX], *b = buf;

	for (; *text != '\0'; text++)
		if (*text == '$')
			b = stpcpy(b, vkey[*++text - '0']);
		else
			*b++ = *text;
	*b = '\0';
	return policy_parse(p, buf, (size_t)(b - buf), &line);
}

/* The shape of the example in C2SP tlog-policy. */
#define TWO_LEVELS                                                                          \
	"witness X1 $1\nwitness X2 $2\nwitness X3 $3\ngroup X-witnesses 2 X1 X2 X3\n\n"     \
	"witness Y1 $4\nwitness Y2 $5\nwitness Y3 $6 https://y3.example/\n"                 \
	"group Y-witnesses any Y1 Y2 Y3\n\n"                                                \
	"group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"

static int satisfied(const struct witness_policy *p, unsigned mask)
{
	uint8_t seen[POLICY_WITNESSES_MAX];
	unsigned i;

	for (i = 0; i < POLICY_WITNESSES_MAX; i++)
		seen[i] = (uint8_t)(mask >> i & 1);
	return policy_satisfied(p, seen);
}

START_TEST(two_levels)
{
	struct witness_policy *p;
	unsigned m, x;

	make_keys(NOTE_COSIGNATURE);
	ck_assert_int_eq(parse(&p, TWO_LEVELS), 0);
	ck_assert_uint_eq(policy_witnesses(p), 6);
	ck_assert_str_eq(policy_witness(p, 5)->name, "Y3");
	ck_assert_str_eq(policy_witness(p, 5)->url, "https://y3.example/");
	ck_assert_str_eq(policy_witness(p, 4)->url, "");
	ck_assert_str_eq(policy_witness(p, 4)->key.name, "w.example/5");
	ck_assert_ptr_null(policy_witness(p, 6));
	ck_assert_ptr_null(policy_log(p, 0));
	for (m = 0; m < 1 << 6; m++) {
		x = (m & 1) + (m >> 1 & 1) + (m >> 2 & 1);
		ck_assert_int_eq(satisfied(p, m), x >= 2 && m >> 3 != 0);
	}
	/* who is not in the policy adds nothing */
	ck_assert_int_eq(satisfied(p, ~0x3fU), 0);
	policy_free(p);
}
END_TEST

START_TEST(quorums)
{
	struct witness_policy *p;

	make_keys(NOTE_COSIGNATURE);
	ck_assert_int_eq(parse(&p, "quorum none"), 0);
	ck_assert_int_eq(satisfied(p, 0), 1);
	policy_free(p);
	ck_assert_int_eq(parse(&p, " \t# c\n\n \twitness\tall  $1 \nwitness b $2\nquorum all\n"
	    "#quorum b\n"), 0);
	ck_assert_int_eq(satisfied(p, 1), 1);
	ck_assert_int_eq(satisfied(p, 2), 0);
	policy_free(p);
	ck_assert_int_eq(parse(&p, "witness all $1\ngroup any all all\nquorum any\n"), 0);
	ck_assert_int_eq(satisfied(p, 1), 1);
	ck_assert_int_eq(satisfied(p, 0), 0);
	policy_free(p);
	ck_assert_int_eq(parse(&p, "witness \xff\xfe $1\nquorum \xff\xfe\n"), 0);
	policy_free(p);
	policy_free(NULL);
}
END_TEST

START_TEST(logs)
{
	struct witness_policy *p;

	make_keys(NOTE_ED25519);
	ck_assert_int_eq(parse(&p, "log $0\nlog $1 https://log.example/\nquorum none\n"), 0);
	ck_assert_uint_eq(policy_logs(p), 2);
	ck_assert_str_eq(policy_log(p, 1)->name, "w.example/1");
	policy_free(p);
	ck_assert_int_eq(parse(&p, "witness a $0\nquorum a\n"), E_KEY);
}
END_TEST

START_TEST(wrong_lines)
{
	static const struct {
		const char *text;
		int error;
		unsigned line;
	} rows[] = {
		{ "", E_FORMAT, 1 },
		{ "\n# nothing\n", E_FORMAT, 3 },
		{ "witness a $1\n", E_FORMAT, 2 },
		{ "quorum\n", E_FORMAT, 1 },
		{ "quorum a b\n", E_FORMAT, 1 },
		{ "quorum none # comment\n", E_FORMAT, 1 },
		{ "quorum a\nwitness a $1\n", E_FORMAT, 1 },
		{ "quorum none\nquorum none\n", E_FORMAT, 2 },
		{ "Quorum none\n", E_FORMAT, 1 },
		{ "quorum none\r\n", E_FORMAT, 1 },
		{ "# \x1b[2J\nquorum none\n", E_FORMAT, 1 },
		{ "# \x7f\nquorum none\n", E_FORMAT, 1 },
		{ "witness a\nquorum none\n", E_FORMAT, 1 },
		{ "witness a $1 u v\nquorum none\n", E_FORMAT, 1 },
		{ "witness a $1\nwitness a $2\nquorum a\n", E_FORMAT, 2 },
		{ "witness a $1\nwitness b $1\nquorum a\n", E_FORMAT, 2 },
		{ "witness none $1\nquorum none\n", E_FORMAT, 1 },
		{ "witness a x\nquorum a\n", E_KEY, 1 },
		{ "witness a $1x\nquorum a\n", E_KEY, 1 },
		{ "log\nquorum none\n", E_FORMAT, 1 },
		{ "log $1 u v\nquorum none\n", E_FORMAT, 1 },
		{ "log $1\nlog $1\nquorum none\n", E_FORMAT, 2 },
		{ "log x\nquorum none\n", E_KEY, 1 },
		{ "witness a $1\ngroup a 1 a\nquorum a\n", E_FORMAT, 2 },
		{ "witness a $1\ngroup g a\nquorum g\n", E_FORMAT, 2 },
		{ "witness a $1\ngroup g 1\nquorum g\n", E_FORMAT, 2 },
		{ "witness a $1\ngroup g 0 a\nquorum g\n", E_FORMAT, 2 },
		{ "witness a $1\ngroup g 2 a\nquorum g\n", E_FORMAT, 2 },
		{ "witness a $1\ngroup g 01 a\nquorum g\n", E_FORMAT, 2 },
		{ "witness a $1\ngroup g -1 a\nquorum g\n", E_FORMAT, 2 },
		{ "witness a $1\ngroup g 4294967297 a\nquorum g\n", E_FORMAT, 2 },
		{ "witness a $1\ngroup g 1 g\nquorum g\n", E_FORMAT, 2 },
		{ "witness a $1\ngroup g 1 none\nquorum g\n", E_FORMAT, 2 },
		{ "witness a $1\ngroup g 1 a a\nquorum g\n", E_FORMAT, 2 },
		{ "witness a $1\ngroup g 1 a b\nwitness b $2\nquorum g\n", E_FORMAT, 2 },
		{ "witness a $1\ngroup g 1 a\ngroup h 1 a\nquorum h\n", E_FORMAT, 3 },
		{ "witness a $1\ngroup none 1 a\nquorum none\n", E_FORMAT, 2 },
	};
	struct witness_policy *p = NULL;
	size_t i;

	make_keys(NOTE_COSIGNATURE);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(parse(&p, rows[i].text) == rows[i].error, "%s", rows[i].text);
		ck_assert_msg(line == rows[i].line, "%s: line %u", rows[i].text, line);
	}
	ck_assert_ptr_null(p);
	ck_assert_int_eq(policy_parse(&p, "quorum none\0", 12, &line), E_FORMAT);
}
END_TEST

/* As many as there may be, and one more. */
START_TEST(limits)
{
	static char text[TEXT_MAX];
	struct witness_policy *p;
	char *end = text, *last;
	unsigned i;

	make_keys(NOTE_COSIGNATURE);
	for (i = 0; i < POLICY_WITNESSES_MAX; i++)
		end += sprintf(end, "witness w%u %s\n", i, vkey[i]);
	for (i = 0; i < POLICY_GROUPS_MAX - 1; i++)
		end += sprintf(end, "group g%u 1 w%u\n", i, i);
	end += sprintf(end, "group all all w31");
	for (i = 0; i < POLICY_GROUPS_MAX - 1; i++)
		end += sprintf(end, " g%u", i);
	end += sprintf(end, "\nquorum all\n");
	ck_assert_int_eq(policy_parse(&p, text, strlen(text), &line), 0);
	ck_assert_int_eq(satisfied(p, UINT32_MAX), 1);
	for (i = 0; i < 32; i++)
		ck_assert_int_eq(satisfied(p, UINT32_MAX ^ 1U << i), 0);
	policy_free(p);
	last = end;
	sprintf(last, "witness w32 %s\n", vkey[32]);
	ck_assert_int_eq(policy_parse(&p, text, strlen(text), &line), E_RANGE);
	sprintf(last, "group g32 1 all\n");
	ck_assert_int_eq(policy_parse(&p, text, strlen(text), &line), E_RANGE);
	for (i = 0, end = last; i < POLICY_LOGS_MAX; i++)
		end += sprintf(end, "log %s\n", vkey[i]);
	ck_assert_int_eq(policy_parse(&p, text, strlen(text), &line), 0);
	policy_free(p);
	sprintf(end, "log %s\n", vkey[POLICY_LOGS_MAX]);
	ck_assert_int_eq(policy_parse(&p, text, strlen(text), &line), E_RANGE);
	memset(text, 'x', sizeof(text));
	ck_assert_int_eq(policy_parse(&p, text, sizeof(text), &line), E_FORMAT);
	for (i = 1; i < sizeof(text); i += 2)
		text[i] = ' ';
	ck_assert_int_eq(policy_parse(&p, text, sizeof(text), &line), E_RANGE);
	i = (unsigned)sprintf(text, "quorum none\nwitness %0*d $", NOTE_NAME_MAX + 1, 0);
	ck_assert_int_eq(policy_parse(&p, text, i, &line), E_RANGE);
	i = (unsigned)sprintf(text, "quorum none\nwitness a %s %0*d", vkey[0], POLICY_URL_MAX, 0);
	ck_assert_int_eq(policy_parse(&p, text, i, &line), E_RANGE);
	ck_assert_int_eq(policy_parse(&p, text, i - 1, &line), 0);
	policy_free(p);
}
END_TEST

#define CHECKPOINT "log.example\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

/* A note that keys 1 to 9 cosigned at the time at[0] to at[8]; 0: not. */
static void cosign(struct note *n, const unsigned at[9])
{
	static char text[10000];
	char *end = stpcpy(text, CHECKPOINT "\n— x AAAAAAA=\n");
	int i;

	for (i = 0; i < 9; i++)
		if (at[i] != 0)
			end += note_sign(end, CHECKPOINT, strlen(CHECKPOINT), &key[i + 1],
			    sk[i + 1], at[i]);
	ck_assert_int_eq(note_parse(n, text, (size_t)(end - text)), 0);
}

START_TEST(time_of_the_quorum)
{
	static const struct {
		unsigned at[9];
		int reached;
		uint64_t time_s;
	} rows[] = {
		{ { 0 }, 0, 0 },
		{ { 10, 20, 30, 0 }, 0, 0 },
		{ { 10, 0, 0, 5, 6, 7 }, 0, 0 },
		{ { 10, 20, 0, 5 }, 1, 20 },
		{ { 10, 20, 30, 5 }, 1, 20 },
		{ { 30, 20, 10, 5 }, 1, 20 },
		{ { 30, 20, 10, 50, 40, 60 }, 1, 40 },
		{ { 30, 0, 10, 5, 0, 0, 99 }, 1, 30 },
		{ { 0, 0, 0, 0, 0, 0, 1, 2, 3 }, 0, 0 },
	};
	struct witness_policy *p;
	struct note n;
	uint64_t t;
	size_t i;

	make_keys(NOTE_COSIGNATURE);
	ck_assert_int_eq(parse(&p, TWO_LEVELS), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cosign(&n, rows[i].at);
		t = 0;
		ck_assert_int_eq(policy_check(p, &n, &t), rows[i].reached);
		ck_assert_uint_eq(t, rows[i].time_s);
	}
	cosign(&n, (unsigned[9]){ 10, 20, 30, 40 });
	n.sig[4].sig[20] ^= 1;
	ck_assert_int_eq(policy_check(p, &n, &t), E_SIGNATURE);
	policy_free(p);
	cosign(&n, (unsigned[9]){ 20, 10, 30 });
	ck_assert_int_eq(parse(&p, "quorum none\n"), 0);
	ck_assert_int_eq(policy_check(p, &n, &t), 0);
	policy_free(p);
	ck_assert_int_eq(parse(&p, "witness a $1\nwitness b $2\nquorum none\n"), 0);
	ck_assert_int_eq(policy_check(p, &n, &t), 1);
	ck_assert_uint_eq(t, 10);
	policy_free(p);
}
END_TEST

START_TEST(files)
{
	static const char text[] = "# no witness\nquorum none\n", wrong[] = "\nx\n";
	static uint8_t large[POLICY_FILE_MAX + 1];
	struct witness_policy *p;

	scratch_enter();
	ck_assert_int_eq(io_replace_file(AT_FDCWD, "p", 0644, text, strlen(text)), 0);
	ck_assert_int_eq(policy_load(&p, "p", &line), 0);
	policy_free(p);
	ck_assert_int_eq(io_replace_file(AT_FDCWD, "w", 0644, wrong, strlen(wrong)), 0);
	ck_assert_int_eq(policy_load(&p, "w", &line), E_FORMAT);
	ck_assert_uint_eq(line, 2);
	ck_assert_int_eq(policy_load(&p, "none", &line), -ENOENT);
	ck_assert_uint_eq(line, 0);
	memset(large, '\n', sizeof(large));
	ck_assert_int_eq(io_replace_file(AT_FDCWD, "l", 0644, large, sizeof(large)), 0);
	ck_assert_int_eq(policy_load(&p, "l", &line), E_RANGE);
	ck_assert_int_ne(policy_load(&p, ".", &line), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { two_levels, quorums, logs, wrong_lines, limits,
		time_of_the_quorum, files };

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return suite_run("witness_policy", tests, sizeof(tests) / sizeof(tests[0]));
}
