/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "enrolment.h"
#include "err.h"
#include "suite.h"

#define POLICY "# whom we believe\n\nlog a+b+c\nquorum none\n"

static uint8_t sk[SK_SIZE], pk[PK_SIZE], auditor_sk[SK_SIZE];
static struct note_key auditor;

static void make_keys(void)
{
	uint8_t seed[32], auditor_pk[PK_SIZE];

	ck_assert_int_ge(sodium_init(), 0);
	memset(seed, 1, sizeof(seed));
	crypto_sign_seed_keypair(pk, sk, seed);
	memset(seed, 2, sizeof(seed));
	crypto_sign_seed_keypair(auditor_pk, auditor_sk, seed);
	ck_assert_int_eq(note_key_make(&auditor, "auditor", NOTE_ED25519, auditor_pk), 0);
}

static struct enrolment a_host(void)
{
	struct enrolment e;

	make_keys();
	enrolment_init(&e, "web-1", pk, pk);
	e.has_epoch = 1;
	memset(e.epoch_pk, 0xab, PK_SIZE);
	e.policy = POLICY;
	e.policy_len = strlen(POLICY);
	return e;
}

/* The note; by both, or by the host alone. */
static size_t make_note(char out[NOTE_MAX], const struct enrolment *e, int both)
{
	int text = enrolment_format(out, e), n;

	ck_assert_int_gt(text, 0);
	out[text] = '\n';
	n = text + 1;
	n += note_sign(out + n, out, (size_t)text, &e->key, sk, 0);
	if (both)
		n += note_sign(out + n, out, (size_t)text, &auditor, auditor_sk, 0);
	return (size_t)n;
}

START_TEST(says_what_it_was_told)
{
	struct enrolment e = a_host(), got;
	char note[NOTE_MAX];
	size_t len = make_note(note, &e, 1);

	ck_assert_int_eq(enrolment_open(&got, note, len, &auditor), 0);
	ck_assert_str_eq(got.host, "web-1");
	ck_assert_mem_eq(got.key.pk, pk, PK_SIZE);
	ck_assert_int_eq(got.has_epoch, 1);
	ck_assert_mem_eq(got.epoch_pk, e.epoch_pk, PK_SIZE);
	ck_assert_uint_eq(got.policy_len, strlen(POLICY));
	ck_assert_mem_eq(got.policy, POLICY, got.policy_len);
	e.has_epoch = 0;
	e.policy = NULL;
	e.policy_len = 0;
	len = make_note(note, &e, 1);
	ck_assert_int_eq(enrolment_open(&got, note, len, &auditor), 0);
	ck_assert_int_eq(got.has_epoch, 0);
	ck_assert_ptr_null(got.policy);
}
END_TEST

START_TEST(byte_for_byte)
{
	struct enrolment e = a_host();
	char text[NOTE_MAX];
	int len;

	e.policy = "quorum none\n";
	e.policy_len = 12;
	len = enrolment_format(text, &e);
	ck_assert_int_gt(len, 0);
	text[len] = '\0';
	/* made with Python's hashlib and base64, and a key from libsodium */
	ck_assert_str_eq(text, "shellac enrolment v1\n"
	    "host web-1\n"
	    "key shellac/c5e21ab1c9f6022d81c3b25e3436cb7f+199b8a97+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\n"
	    "epoch abababababababababababababababababababababababababababababababab\n"
	    "policy 79d410f021fea2b4c1934681a1592ebfff6d222aea1711b771f64fea02d2df1a\n"
	    "quorum none\n");
}
END_TEST

START_TEST(both_must_have_signed)
{
	struct enrolment e = a_host(), got;
	struct note_key other;
	char note[NOTE_MAX];
	size_t len = make_note(note, &e, 0);

	ck_assert_int_eq(enrolment_open(&got, note, len, NULL), 0);
	ck_assert_int_eq(enrolment_open(&got, note, len, &auditor), E_KEY);
	len = make_note(note, &e, 1);
	ck_assert_int_eq(note_key_make(&other, "auditor", NOTE_ED25519, pk), 0);
	ck_assert_int_eq(enrolment_open(&got, note, len, &other), E_KEY);
	/* the auditor alone: somebody else's host */
	e.key.pk[0] ^= 1;
	ck_assert_int_eq(note_key_make(&e.key, e.key.name, NOTE_ED25519, e.key.pk), 0);
	len = make_note(note, &e, 1);
	ck_assert_int_lt(enrolment_open(&got, note, len, &auditor), 0);
}
END_TEST

START_TEST(every_change_shows)
{
	struct enrolment e = a_host(), got;
	char note[NOTE_MAX];
	size_t len = make_note(note, &e, 1), i;
	int bit;

	for (i = 0; i < len; i++)
		for (bit = 0; bit < 8; bit += 3) {
			note[i] = (char)(note[i] ^ 1 << bit);
			ck_assert_msg(enrolment_open(&got, note, len, &auditor) != 0, "byte %zu", i);
			note[i] = (char)(note[i] ^ 1 << bit);
		}
	for (i = 0; i < len; i++)
		ck_assert_int_ne(enrolment_open(&got, note, i, &auditor), 0);
	ck_assert_int_eq(enrolment_open(&got, note, len, &auditor), 0);
}
END_TEST

/* e's text with all of from in it replaced. */
static int parse_with(const char *from, const char *to)
{
	struct enrolment e = a_host(), got;
	char text[NOTE_MAX], other[NOTE_MAX + 100];
	int len = enrolment_format(text, &e);
	char *at;

	text[len] = '\0';
	at = strstr(text, from);
	ck_assert_ptr_nonnull(at);
	snprintf(other, sizeof(other), "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	return enrolment_parse(&got, other, strlen(other));
}

START_TEST(one_spelling)
{
	ck_assert_int_eq(parse_with("web-1", "web-2"), 0);
	ck_assert_int_eq(parse_with("web-1", "web 1"), E_FORMAT);
	ck_assert_int_eq(parse_with("web-1", ""), E_FORMAT);
	ck_assert_int_eq(parse_with("web-1", "w\x1b[2J"), E_FORMAT);
	ck_assert_int_eq(parse_with("v1", "v2"), E_FORMAT);
	ck_assert_int_eq(parse_with("host ", "host  "), E_FORMAT);
	ck_assert_int_eq(parse_with("key shellac/", "key other/"), E_FORMAT);
	ck_assert_int_eq(parse_with("epoch ab", "epoch AB"), E_FORMAT);
	ck_assert_int_eq(parse_with("epoch ab", "epoch "), E_FORMAT);
	ck_assert_int_eq(parse_with("epoch ab", "epoch none\nepoch ab"), E_FORMAT);
	ck_assert_int_eq(parse_with("quorum", "quor"), E_DIGEST);
	ck_assert_int_eq(parse_with("none\n", "none"), E_FORMAT);
}
END_TEST

START_TEST(a_key_has_one_name)
{
	struct enrolment e = a_host(), got;
	char note[NOTE_MAX];
	size_t len;

	ck_assert_int_eq(note_key_make(&e.key, "shellac/another", NOTE_ED25519, pk), 0);
	len = make_note(note, &e, 1);
	ck_assert_int_eq(enrolment_open(&got, note, len, &auditor), E_FORMAT);
}
END_TEST

START_TEST(what_no_note_can_hold)
{
	static char big[NOTE_MAX + 1];
	struct enrolment e = a_host();
	char text[NOTE_MAX];

	e.policy = "quorum\tnone\n";
	e.policy_len = 12;
	ck_assert_int_eq(enrolment_format(text, &e), E_FORMAT);
	e.policy = "quorum none";
	e.policy_len = 11;
	ck_assert_int_eq(enrolment_format(text, &e), E_FORMAT);
	e.policy = "# \xff\n";
	e.policy_len = 4;
	ck_assert_int_eq(enrolment_format(text, &e), E_FORMAT);
	memset(big, '\n', sizeof(big));
	e.policy = big;
	e.policy_len = sizeof(big);
	ck_assert_int_eq(enrolment_format(text, &e), E_RANGE);
	e.policy_len = NOTE_MAX - 1000;
	ck_assert_int_eq(enrolment_format(text, &e), E_RANGE);
	e.policy_len = NOTE_MAX - 1500;
	ck_assert_int_gt(enrolment_format(text, &e), 0);
	enrolment_init(&e, "b\xc3\xa4r +", pk, pk);
	ck_assert_str_eq(e.host, "b__r_+");
	enrolment_init(&e, "", pk, pk);
	ck_assert_str_eq(e.host, "localhost");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { says_what_it_was_told, byte_for_byte, both_must_have_signed,
		every_change_shows, one_spelling, a_key_has_one_name, what_no_note_can_hold };

	return suite_run("enrolment", tests, sizeof(tests) / sizeof(tests[0]));
}
