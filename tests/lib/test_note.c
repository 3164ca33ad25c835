/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "err.h"
#include "note.h"
#include "suite.h"

/* The example of C2SP signed-note. */
#define SPEC_VKEY "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define SPEC_TEXT "This is an example message.\n"
#define SPEC_LINE "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYN" \
	"ZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
/* The key and the note of the documentation of Go's golang.org/x/mod/sumdb/note. */
#define GO_VKEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define GO_NOTE "If you think cryptography is the answer to your problem,\n"                \
	"then you don't know what your problem is.\n\n"                                    \
	"— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR" \
	"Zb6KE6RyyBwJnAM=\n"
/* The example of C2SP tlog-cosignature. */
#define COSIGNED "example.com/behind-the-sofa\n20852163\n"                                  \
	"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"                                 \
	"— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhc" \
	"yv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"                                               \
	"— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJs" \
	"X3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"

static uint8_t sk[SK_SIZE], pk[PK_SIZE];

static void make_key(struct note_key *k, const char *name, uint8_t alg, uint8_t seed)
{
	uint8_t bytes[crypto_sign_SEEDBYTES];

	memset(bytes, seed, sizeof(bytes));
	crypto_sign_seed_keypair(pk, sk, bytes);
	ck_assert_int_eq(note_key_make(k, name, alg, pk), 0);
}

static int parse(struct note *n, const char *text)
{
	return note_parse(n, text, strlen(text));
}

static int verify(const char *text, const struct note_key *k, uint64_t *time_s)
{
	struct note n;
	int r = parse(&n, text);

	return r != 0 ? r : note_verify(&n, k, time_s);
}

START_TEST(known_notes)
{
	char vkey[NOTE_VKEY_MAX];
	struct note_key k;
	uint64_t t = 1;

	ck_assert_int_eq(note_key_parse(&k, SPEC_VKEY), 0);
	ck_assert_str_eq(k.name, "example.com/foo");
	ck_assert_uint_eq(k.id, 0x530d903a);
	note_key_format(vkey, &k);
	ck_assert_str_eq(vkey, SPEC_VKEY);
	ck_assert_int_eq(verify(SPEC_TEXT "\n" SPEC_LINE, &k, &t), 0);
	ck_assert_uint_eq(t, 0);
	ck_assert_int_eq(verify(GO_NOTE, &k, &t), E_KEY);
	ck_assert_int_eq(note_key_parse(&k, GO_VKEY), 0);
	ck_assert_int_eq(verify(GO_NOTE, &k, NULL), 0);
}
END_TEST

START_TEST(cosigned_example)
{
	struct note n;

	ck_assert_int_eq(parse(&n, COSIGNED), 0);
	ck_assert_uint_eq(n.sigs, 2);
	ck_assert_uint_eq(n.text_len, strlen(COSIGNED) - strlen(strstr(COSIGNED, "\n\n")) + 1);
	ck_assert_uint_eq(n.sig[0].len, 64);
	ck_assert_uint_eq(n.sig[1].len, 72);
	ck_assert_uint_eq(n.sig[1].id, 0x8d66cf3f);
	ck_assert_mem_eq(n.sig[1].name, "witness.example.com/w1 ", n.sig[1].name_len + 1);
	ck_assert_mem_eq(n.sig[1].sig, "\0\0\0\0\x64\x18\x50\xcb", 8); /* 1679315147 */
}
END_TEST

START_TEST(every_bit_counts)
{
	char text[] = SPEC_TEXT "\n" SPEC_LINE;
	struct note_key k;
	size_t i;
	int b;

	ck_assert_int_eq(note_key_parse(&k, SPEC_VKEY), 0);
	for (i = 0; i < sizeof(text) - 1; i++)
		for (b = 0; b < 8; b++) {
			text[i] = (char)(text[i] ^ 1 << b);
			ck_assert_int_ne(verify(text, &k, NULL), 0);
			text[i] = (char)(text[i] ^ 1 << b);
		}
	for (i = 0; i < sizeof(text) - 1; i++) {
		struct note n;

		ck_assert_int_eq(note_parse(&n, text, i), E_FORMAT);
	}
}
END_TEST

START_TEST(every_bit_of_a_key_counts)
{
	char vkey[] = SPEC_VKEY;
	struct note_key k;
	size_t i;
	int b;

	for (i = 0; i < sizeof(vkey) - 1; i++)
		for (b = 0; b < 8; b++) {
			vkey[i] = (char)(vkey[i] ^ 1 << b);
			ck_assert_msg(note_key_parse(&k, vkey) == E_KEY, "%s", vkey);
			vkey[i] = (char)(vkey[i] ^ 1 << b);
		}
	ck_assert_int_eq(note_key_parse(&k, ""), E_KEY);
	ck_assert_int_eq(note_key_parse(&k, SPEC_VKEY "\n"), E_KEY);
	ck_assert_int_eq(note_key_parse(&k, SPEC_VKEY "="), E_KEY);
	/* ML-DSA-44's type, its id right for what is there */
	ck_assert_int_eq(note_key_parse(&k,
	    "example.com/foo+37293e33+BukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"), E_KEY);
}
END_TEST

START_TEST(names)
{
	static const char *const good[] = { "a", "go.example/log~1", "Ünï", "\xf0\x9f\x90\x9a", "-" };
	static const char *const bad[] = { "", "a b", "a+b", "a\n", "a\tb", "\x1b[m", "\xff", "a\xc3",
		"\xc2\xa0", "\xc2\x85", "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x8a",
		"\xe2\x80\xa8", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80", "\xed\xa0\x80" };
	char name[NOTE_NAME_MAX + 2], vkey[NOTE_VKEY_MAX];
	struct note_key k, got;
	size_t i;

	memset(pk, 7, sizeof(pk));
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_int_eq(note_key_make(&k, good[i], NOTE_ED25519, pk), 0);
		note_key_format(vkey, &k);
		ck_assert_int_eq(note_key_parse(&got, vkey), 0);
		ck_assert_str_eq(got.name, good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(note_key_make(&k, bad[i], NOTE_ED25519, pk), E_FORMAT);
	memset(name, 'n', sizeof(name));
	name[NOTE_NAME_MAX + 1] = '\0';
	ck_assert_int_eq(note_key_make(&k, name, NOTE_ED25519, pk), E_FORMAT);
	name[NOTE_NAME_MAX] = '\0';
	ck_assert_int_eq(note_key_make(&k, name, NOTE_COSIGNATURE, pk), 0);
	note_key_format(vkey, &k);
	ck_assert_int_eq(note_key_parse(&got, vkey), 0);
	ck_assert_int_eq(note_key_make(&k, "a", 2, pk), E_FORMAT);
}
END_TEST

/* What we sign, we take; the two algorithms' ids and messages are not the same. */
START_TEST(signatures_come_back)
{
	static const char text[] = "a.example/log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWVG3hSuFU=\n";
	char note[1000], line[NOTE_LINE_MAX], cosig[NOTE_LINE_MAX];
	struct note_key log, witness;
	uint64_t t;
	int n;

	make_key(&witness, "w.example/1", NOTE_COSIGNATURE, 2);
	n = note_sign(cosig, text, strlen(text), &witness, sk, 1679315147);
	ck_assert_int_eq(n, (int)strlen(cosig));
	make_key(&log, "a.example/log", NOTE_ED25519, 1);
	n = note_sign(line, text, strlen(text), &log, sk, 0);
	ck_assert_int_eq(n, (int)strlen(line));
	snprintf(note, sizeof(note), "%s\n%s%s", text, line, cosig);
	ck_assert_int_eq(verify(note, &log, &t), 0);
	ck_assert_uint_eq(t, 0);
	ck_assert_int_eq(verify(note, &witness, &t), 0);
	ck_assert_uint_eq(t, 1679315147);
	make_key(&log, "a.example/log", NOTE_COSIGNATURE, 1);
	ck_assert_int_eq(verify(note, &log, &t), E_KEY);
	make_key(&log, "b.example/log", NOTE_ED25519, 1);
	ck_assert_int_eq(verify(note, &log, &t), E_KEY);
}
END_TEST

static void put_be64(uint8_t *p, uint64_t v)
{
	int i;

	for (i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
}

/* A witness may have signed more than once: the earliest time counts, and every one
 * must be right. */
START_TEST(two_cosignatures)
{
	static const char text[] = "x\n1\ny\n";
	char note[1000], a[NOTE_LINE_MAX], b[NOTE_LINE_MAX], *p;
	struct note_key w;
	uint64_t t;

	make_key(&w, "w", NOTE_COSIGNATURE, 2);
	note_sign(a, text, strlen(text), &w, sk, 2000);
	note_sign(b, text, strlen(text), &w, sk, 1000);
	snprintf(note, sizeof(note), "%s\n%s%s", text, a, b);
	ck_assert_int_eq(verify(note, &w, &t), 0);
	ck_assert_uint_eq(t, 1000);
	p = strstr(note, b) + strlen(b) - 10;
	*p = *p == 'A' ? 'B' : 'A';
	ck_assert_int_eq(verify(note, &w, &t), E_SIGNATURE);
}
END_TEST

/* The time is signed, and one beyond 2^63-1 is none. */
START_TEST(time_of_a_cosignature)
{
	static const char text[] = "x\n1\ny\n";
	char note[1000], line[NOTE_LINE_MAX], message[100], b64[BASE64_SIZE(76)];
	static const uint64_t times[] = { 0, 1, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX };
	uint8_t bytes[76] = { 0 };
	struct note_key w;
	uint64_t t;
	size_t i;

	make_key(&w, "w", NOTE_COSIGNATURE, 2);
	for (i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(w.id >> (24 - 8 * i));
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		put_be64(bytes + 4, times[i]);
		snprintf(message, sizeof(message), "cosignature/v1\ntime %llu\n%s",
		    (unsigned long long)times[i], text);
		crypto_sign_detached(bytes + 12, NULL, (uint8_t *)message, strlen(message), sk);
		base64_put(b64, bytes, sizeof(bytes));
		snprintf(note, sizeof(note), "%s\n— w %s\n", text, b64);
		ck_assert_int_eq(verify(note, &w, &t), times[i] > INT64_MAX ? E_SIGNATURE : 0);
		put_be64(bytes + 4, times[i] + 1);
		base64_put(b64, bytes, sizeof(bytes));
		snprintf(note, sizeof(note), "%s\n— w %s\n", text, b64);
		ck_assert_int_eq(verify(note, &w, &t), E_SIGNATURE);
	}
	ck_assert_int_eq(note_sign(line, text, strlen(text), &w, sk, UINT64_MAX), E_RANGE);
	ck_assert_int_eq(note_sign(line, text, NOTE_MAX + 1, &w, sk, 1), E_RANGE);
}
END_TEST

START_TEST(form)
{
	static const char *const good[] = { "\n\n— a AAAAAAA=\n", "t\n\n— a AAAAAAA=\n",
		"a\n\nb\n\n\n— a AAAAAAA=\n", "— a AAAAAAA=\n\n— b AAAAAAA=\n",
		"t\n\n— \x7f AAAAAAA=\n" };
	static const char *const bad[] = { "", "\n", "\n\n", "t", "t\n", "t\n\n", "t\n— a AAAAAAA=\n",
		"t\n\n— a AAAAAAA=", "t\n\n— a AAAAAAA=\n\n", "t\n\n- a AAAAAAA=\n", "t\n\n—a AAAAAAA=\n",
		"t\n\n— a\n", "t\n\n—  AAAAAAA=\n", "t\n\n— a AAAAAA==\n", "t\n\n— a AAAAAAA\n",
		"t\n\n— a AAAAAAB=\n", "t\n\n— a  AAAAAAA=\n", "t\n\n— a AAAAAAA= \n",
		"t\n\n— a AAA AAAA=\n", "t\n\n— a AAA\377AAA=\n", "t\n\n— a+b AAAAAAA=\n",
		"t\r\n\n— a AAAAAAA=\n", "t\xff\n\n— a AAAAAAA=\n", "\x1b[2J\n\n— a AAAAAAA=\n",
		"t\tu\n\n— a AAAAAAA=\n", "t\n\n— a AAAAAAA=\nx\n", "t\n\n— a AAAA_AA=\n" };
	struct note n;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(parse(&n, good[i]) == 0, "%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(&n, bad[i]) == E_FORMAT, "%s", bad[i]);
	ck_assert_int_eq(note_parse(&n, "t\0\n\n— a AAAAAAA=\n", 20), E_FORMAT);
}
END_TEST

/* As many as the specification wants and more; others' long signatures; a limit. */
START_TEST(many_and_long)
{
	static const char line[] = "— a AAAAAAA=\n";
	char text[NOTE_MAX + 10] = "t\n\n", *end = text + 3;
	struct note_key k;
	struct note n;
	int i;

	for (i = 1; i <= NOTE_SIGS_MAX + 1; i++) {
		end = stpcpy(end, line);
		ck_assert_int_eq(parse(&n, text), i <= NOTE_SIGS_MAX ? 0 : E_RANGE);
	}
	memset(text, 0, sizeof(text));
	end = stpcpy(text, "t\n\n— ml-dsa ");
	memset(end, 'A', 3232);
	strcat(text, "\n" SPEC_LINE);
	ck_assert_int_eq(parse(&n, text), 0);
	ck_assert_uint_eq(n.sig[0].len, 2420);
	ck_assert_int_eq(note_key_parse(&k, SPEC_VKEY), 0);
	ck_assert_int_eq(note_verify(&n, &k, NULL), E_SIGNATURE);
	memset(text, 'A', sizeof(text));
	memcpy(text, "t\n\n— a ", 9);
	text[NOTE_MAX - 1] = '\n';
	ck_assert_int_eq(note_parse(&n, text, NOTE_MAX), E_FORMAT);
	text[NOTE_MAX - 1] = 'A';
	text[NOTE_MAX] = '\n';
	ck_assert_int_eq(note_parse(&n, text, NOTE_MAX + 1), E_RANGE);
}
END_TEST

/* A signature that bears the key's name and id and has another length is wrong. */
START_TEST(short_signature)
{
	struct note_key k;

	ck_assert_int_eq(note_key_parse(&k, SPEC_VKEY), 0);
	ck_assert_int_eq(verify(SPEC_TEXT "\n— example.com/foo Uw2QOkk=\n", &k, NULL), E_SIGNATURE);
	ck_assert_int_eq(verify(SPEC_TEXT "\n" SPEC_LINE "— example.com/foo Uw2QOkk=\n", &k, NULL),
	    E_SIGNATURE);
	ck_assert_int_eq(verify(SPEC_TEXT "\n— example.com/foo AAAAAAA=\n" SPEC_LINE
	    "— example.com/fo Uw2QOkk=\n", &k, NULL), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { known_notes, cosigned_example, every_bit_counts,
		every_bit_of_a_key_counts, names, signatures_come_back, two_cosignatures,
		time_of_a_cosignature, form, many_and_long, short_signature };

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return suite_run("note", tests, sizeof(tests) / sizeof(tests[0]));
}
