/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "err.h"
#include "suite.h"
#include "tlog_proof.h"

/* The shape of the example in C2SP tlog-proof. */
#define HEAD "c2sp.org/tlog-proof@v1\n"
#define EXTRA "extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6\n"
#define PATH "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n" \
	"B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n"
#define NOTE "example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n" \
	"— example.com/fancylog AAAAAAA=\n"

static int parse(struct tlog_proof *p, const char *text)
{
	return tlog_proof_parse(p, text, strlen(text));
}

START_TEST(form)
{
	static const char *const good[] = { HEAD EXTRA "index 73894\n" PATH "\n" NOTE,
		HEAD "index 73894\n" PATH "\n" NOTE, HEAD "index 0\n\n" NOTE };
	static const char *const bad[] = { "", "\n", HEAD, HEAD "\n", HEAD "index 0\n",
		HEAD "index 0\n\n", HEAD "index 0\n" NOTE, HEAD "index 00\n\n" NOTE,
		HEAD "index\n\n" NOTE, HEAD "index \n\n" NOTE, HEAD "index -1\n\n" NOTE,
		HEAD " index 0\n\n" NOTE, HEAD "\nindex 0\n\n" NOTE, HEAD "index 0 \n\n" NOTE,
		HEAD "extra \nindex 0\n\n" NOTE, HEAD "extra YQ\nindex 0\n\n" NOTE,
		HEAD "extra YR==\nindex 0\n\n" NOTE, HEAD EXTRA EXTRA "index 0\n\n" NOTE,
		HEAD "index 0\n" EXTRA "\n" NOTE, HEAD "index 0\nYQ==\n\n" NOTE,
		HEAD "index 0\n" PATH "YQ==\n\n" NOTE, "c2sp.org/tlog-proof@v2\nindex 0\n\n" NOTE,
		"c2sp.org/tlog-proof@v1\r\nindex 0\r\n\r\n" NOTE,
		"x" HEAD "index 0\n\n" NOTE };
	char out[TLOG_PROOF_MAX];
	struct tlog_proof p;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_msg(parse(&p, good[i]) == 0, "%s", good[i]);
		ck_assert_uint_eq(p.note_len, strlen(NOTE));
		ck_assert_mem_eq(p.note, NOTE, p.note_len);
		ck_assert_int_eq(tlog_proof_format(out, &p), (int)strlen(good[i]));
		ck_assert_str_eq(out, good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(&p, bad[i]) == E_FORMAT, "%s", bad[i]);
	ck_assert_int_eq(parse(&p, good[0]), 0);
	ck_assert_uint_eq(p.index, 73894);
	ck_assert_uint_eq(p.hashes, 2);
	ck_assert_uint_eq(p.path[1][0], 0x07);
	ck_assert_mem_eq(p.extra, "age-v1.2.1-darwin-arm64.tar.gz", p.extra_len);
	for (i = 0; i < strlen(HEAD EXTRA "index 73894\n" PATH "\n"); i++)
		ck_assert_int_eq(tlog_proof_parse(&p, good[0], i), E_FORMAT);
}
END_TEST

/* The largest of everything fits its room; more is refused on both ways. */
START_TEST(limits)
{
	static char out[TLOG_PROOF_MAX], note[NOTE_MAX + 1];
	static struct tlog_proof p, got;
	char *more;
	int n;

	memset(note, 'n', sizeof(note));
	memset(p.extra, 0xff, sizeof(p.extra));
	memset(p.path, 0xff, sizeof(p.path));
	p.index = INT64_MAX;
	p.extra_len = TLOG_EXTRA_MAX;
	p.hashes = TLOG_PATH_MAX;
	p.note = note;
	p.note_len = NOTE_MAX;
	n = tlog_proof_format(out, &p);
	ck_assert_int_gt(n, NOTE_MAX);
	ck_assert_int_lt(n, TLOG_PROOF_MAX);
	ck_assert_int_eq(tlog_proof_parse(&got, out, (size_t)n), 0);
	ck_assert_uint_eq(got.index, p.index);
	ck_assert_uint_eq(got.extra_len, p.extra_len);
	ck_assert_mem_eq(got.path, p.path, sizeof(p.path));
	out[n] = 'n';
	ck_assert_int_eq(tlog_proof_parse(&got, out, (size_t)n + 1), E_RANGE);
	more = strstr(out, "\n\n") + 1;
	memcpy(more, PATH, 45);
	more[45] = '\n';
	ck_assert_int_eq(tlog_proof_parse(&got, out, (size_t)n), E_RANGE);
	p.index++;
	ck_assert_int_eq(tlog_proof_format(out, &p), E_RANGE);
	p.index = 0;
	p.extra_len++;
	ck_assert_int_eq(tlog_proof_format(out, &p), E_RANGE);
	p.extra_len = 0;
	p.hashes++;
	ck_assert_int_eq(tlog_proof_format(out, &p), E_RANGE);
	p.hashes = 0;
	p.note_len++;
	ck_assert_int_eq(tlog_proof_format(out, &p), E_RANGE);
	snprintf(out, sizeof(out), HEAD "extra %05464d%s", 0, "AAAA\nindex 0\n\n" NOTE);
	ck_assert_int_eq(parse(&got, out), E_RANGE);
	ck_assert_int_eq(parse(&got, HEAD "index 9223372036854775808\n\n" NOTE), E_RANGE);
}
END_TEST

static uint8_t sk[SK_SIZE];
static struct note_key key;

/* A tree of leaves 0 to 4 (one byte each), a proof of leaf 3, signed. */
static void make(char text[TLOG_PROOF_MAX], uint8_t leaf[MERKLE_HASH], const char *name)
{
	uint8_t hash[5][MERKLE_HASH], pk[PK_SIZE], seed[crypto_sign_SEEDBYTES] = { 5 };
	char note[NOTE_MAX];
	struct checkpoint c = { .origin = "log.example/5", .size = 5 };
	struct merkle t;
	static struct tlog_proof p;
	uint8_t i;
	int n;

	crypto_sign_seed_keypair(pk, sk, seed);
	ck_assert_int_eq(note_key_make(&key, name, NOTE_ED25519, pk), 0);
	merkle_init(&t);
	for (i = 0; i < 5; i++) {
		merkle_leaf(hash[i], &i, 1);
		merkle_add(&t, hash[i], NULL);
	}
	merkle_root(&t, c.root);
	n = checkpoint_format(note, &c);
	note[n] = '\n';
	n += 1 + note_sign(note + n + 1, note, (size_t)n, &key, sk, 0);
	p.index = 3;
	p.hashes = 3;
	memcpy(p.path[0], hash[2], MERKLE_HASH);
	merkle_node(p.path[1], hash[0], hash[1]);
	memcpy(p.path[2], hash[4], MERKLE_HASH);
	p.note = note;
	p.note_len = (size_t)n;
	ck_assert_int_gt(tlog_proof_format(text, &p), 0);
	memcpy(leaf, hash[3], MERKLE_HASH);
}

START_TEST(proves)
{
	static char text[TLOG_PROOF_MAX];
	static struct tlog_proof p;
	uint8_t leaf[MERKLE_HASH];
	struct checkpoint c;
	struct note n;

	make(text, leaf, "log.example/5");
	ck_assert_int_eq(parse(&p, text), 0);
	ck_assert_int_eq(tlog_proof_check(&p, leaf, &key, &n, &c), 0);
	ck_assert_uint_eq(c.size, 5);
	ck_assert_uint_eq(n.sigs, 1);
	leaf[0] ^= 1;
	ck_assert_int_eq(tlog_proof_check(&p, leaf, &key, &n, &c), E_DIGEST);
	leaf[0] ^= 1;
	key.id++;
	ck_assert_int_eq(tlog_proof_check(&p, leaf, &key, &n, &c), E_KEY);
	make(text, leaf, "another.example");
	ck_assert_int_eq(parse(&p, text), 0);
	ck_assert_int_eq(tlog_proof_check(&p, leaf, &key, &n, &c), E_KEY);
}
END_TEST

/* No bit of it can be changed. */
START_TEST(every_bit_counts)
{
	static char text[TLOG_PROOF_MAX];
	static struct tlog_proof p;
	uint8_t leaf[MERKLE_HASH];
	struct checkpoint c;
	struct note n;
	size_t i, len;
	int b, r;

	make(text, leaf, "log.example/5");
	len = strlen(text);
	for (i = 0; i < len; i++)
		for (b = 0; b < 8; b++) {
			text[i] = (char)(text[i] ^ 1 << b);
			r = tlog_proof_parse(&p, text, len);
			if (r == 0)
				r = tlog_proof_check(&p, leaf, &key, &n, &c);
			ck_assert_int_lt(r, 0);
			text[i] = (char)(text[i] ^ 1 << b);
		}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { form, limits, proves, every_bit_counts };

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return suite_run("tlog_proof", tests, sizeof(tests) / sizeof(tests[0]));
}
