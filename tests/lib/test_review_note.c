/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "review_note.h"
#include "suite.h"

#define HEX32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static struct note_key key[2];
static uint8_t sk[2][SK_SIZE];
static char vkey[2][NOTE_VKEY_MAX];

static void make_keys(void)
{
	uint8_t seed[32], pk[PK_SIZE];
	int i;

	ck_assert_int_ge(sodium_init(), 0);
	for (i = 0; i < 2; i++) {
		memset(seed, 0x30 + i, sizeof(seed));
		crypto_sign_seed_keypair(pk, sk[i], seed);
		ck_assert_int_eq(note_key_make(&key[i], i == 0 ? "ann" : "ben", NOTE_ED25519, pk), 0);
		note_key_format(vkey[i], &key[i]);
	}
}

/* A text with one line of its own in the place of the one that begins so. */
static char *text_with(const char *line)
{
	static char out[REVIEW_NOTE_MAX + REVIEW_TEXT_MAX];
	char good[REVIEW_NOTE_MAX];
	size_t word = strcspn(line, " "), n = 0;
	char *p, *end;

	snprintf(good, sizeof good, "shellac review v1\n"
	    "session 7 0102030405060708090a0b0c0d0e0f10\nchunks 12\nhead " HEX32 "\n"
	    "verdict concern\ndate 2026-11-21T08:00:00Z\nkey %s\ntext looked at it, twice\n", vkey[0]);
	for (p = good; *p != '\0'; p = end + 1) {
		end = strchr(p, '\n');
		*end = '\0';
		n += (size_t)snprintf(out + n, sizeof out - n, "%s\n",
		    strncmp(p, line, word) == 0 && p[word] == ' ' ? line : p);
	}
	return out;
}

static size_t sign_by(char *out, const char *text, int i)
{
	size_t len = strlen(text), n = len + 1;

	memcpy(out, text, len);
	out[len] = '\n';
	return n + (size_t)note_sign(out + n, text, len, &key[i], sk[i], 0);
}

START_TEST(says_what_it_read)
{
	char out[REVIEW_NOTE_MAX], *text;
	struct review_note r;
	size_t i;
	int n;

	make_keys();
	text = text_with("none");
	ck_assert_int_eq(review_note_parse(&r, text, strlen(text)), 0);
	ck_assert_uint_eq(r.n, 7);
	ck_assert_uint_eq(r.id[15], 0x10);
	ck_assert_uint_eq(r.chunks, 12);
	ck_assert_uint_eq(r.head[31], 0x1f);
	ck_assert_int_eq(r.verdict, REVIEW_CONCERN);
	ck_assert_str_eq(r.key.name, "ann");
	ck_assert_str_eq(r.text, "looked at it, twice");
	n = review_note_format(out, &r);
	ck_assert_int_eq(n, strlen(text));
	ck_assert_str_eq(out, text);
	for (i = 0; i < strlen(text); i++)
		ck_assert_int_eq(review_note_parse(&r, text, i), E_FORMAT);
}
END_TEST

START_TEST(refuses_what_it_would_not_write)
{
	static const char *const lines[] = { "shellac review v2",
		"session 0 0102030405060708090a0b0c0d0e0f10", "session 07 0102030405060708090a0b0c0d0e0f10",
		"session 7  0102030405060708090a0b0c0d0e0f10", "session 7 0102030405060708090a0b0c0d0e0f",
		"session 7", "session 9223372036854775808 0102030405060708090a0b0c0d0e0f10",
		"chunks -1", "chunks 012", "head 00", "verdict fine", "verdict OK", "verdict ",
		"date 2026-11-21 08:00:00", "key ann+00000000+xyz", "key ann", "text \033[2J",
		"text \xc2\x9b", "text \xff", "text \x7f", "text two\nlines" };
	struct review_note r = { .n = 77 };
	char long_text[REVIEW_TEXT_MAX + 16], out[REVIEW_NOTE_MAX], *text;
	size_t i;

	make_keys();
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		text = text_with(lines[i]);
		ck_assert_msg(review_note_parse(&r, text, strlen(text)) < 0, "%s", lines[i]);
	}
	ck_assert_uint_eq(r.n, 77);
	memcpy(long_text, "text ", 6);
	memset(long_text + 5, 'x', REVIEW_TEXT_MAX);
	long_text[5 + REVIEW_TEXT_MAX] = '\0';
	text = text_with(long_text);
	ck_assert_int_eq(review_note_parse(&r, text, strlen(text)), 0);
	ck_assert_int_eq(review_note_format(out, &r), strlen(text));
	strcat(long_text, "x");
	text = text_with(long_text);
	ck_assert_int_eq(review_note_parse(&r, text, strlen(text)), E_FORMAT);
	text = text_with("text "); /* a verdict may say it all */
	ck_assert_int_eq(review_note_parse(&r, text, strlen(text)), 0);
	ck_assert_str_eq(r.text, "");
	r.verdict = (enum review_verdict)5;
	ck_assert_int_eq(review_note_format(out, &r), E_FORMAT);
}
END_TEST

START_TEST(may_be_about_an_entry)
{
	static const char *const bad[] = { "entry 12", "entry 12 " HEX32 "00", "entry -1 " HEX32,
		"entry 012 " HEX32, "entry 12  " HEX32, "entry 12 " HEX32 "\nchunks 1" };
	char text[REVIEW_NOTE_MAX], out[REVIEW_NOTE_MAX], what[REVIEW_WHAT];
	struct entry e = { .index = 20 };
	struct review_note r;
	size_t i;

	make_keys();
	snprintf(text, sizeof text, "shellac review v1\nentry 12 " HEX32 "\n"
	    "verdict ok\ndate 2026-11-21T08:00:00Z\nkey %s\ntext a test\n", vkey[0]);
	ck_assert_int_eq(review_note_parse(&r, text, strlen(text)), 0);
	ck_assert_uint_eq(r.n, 0);
	ck_assert_uint_eq(r.entry, 12);
	ck_assert_uint_eq(r.head[31], 0x1f);
	ck_assert_str_eq(review_note_what(what, &r), "entry 12");
	ck_assert_int_eq(review_note_format(out, &r), strlen(text));
	ck_assert_str_eq(out, text);
	review_note_entry(&e, &r, text, strlen(text));
	ck_assert_uint_eq(e.u.review.n, 0);
	ck_assert_int_eq(memcmp(e.u.review.id, r.head, ID_SIZE), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof text, "shellac review v1\n%s\n"
		    "verdict ok\ndate 2026-11-21T08:00:00Z\nkey %s\ntext a test\n", bad[i], vkey[0]);
		ck_assert_msg(review_note_parse(&r, text, strlen(text)) < 0, "%s", bad[i]);
	}
}
END_TEST

START_TEST(counts_who_is_named)
{
	char note[2 * REVIEW_NOTE_MAX];
	struct review_note r;
	size_t n, i;

	make_keys();
	n = sign_by(note, text_with("none"), 0);
	ck_assert_int_eq(review_note_open(&r, note, n), 0);
	for (i = 0; i < n; i++) { /* nothing in it can be changed */
		note[i] ^= 1;
		ck_assert_int_lt(review_note_open(&r, note, n), 0);
		note[i] ^= 1;
	}
	n = sign_by(note, text_with("none"), 1);
	ck_assert_int_eq(review_note_open(&r, note, n), E_KEY);
	n = sign_by(note, "shellac approval v1\n", 0);
	ck_assert_int_eq(review_note_open(&r, note, n), E_FORMAT);
	ck_assert_int_eq(review_note_open(&r, note, REVIEW_NOTE_MAX + 1), E_RANGE);
}
END_TEST

START_TEST(makes_an_entry)
{
	struct entry a = { .type = ENTRY_REVIEW }, b = a;
	struct review_note r;
	char note[2 * REVIEW_NOTE_MAX];
	size_t n;

	make_keys();
	n = sign_by(note, text_with("none"), 0);
	ck_assert_int_eq(review_note_open(&r, note, n), 0);
	memset(a.u.review.salt, 1, ENTRY_SALT);
	memset(b.u.review.salt, 1, ENTRY_SALT);
	review_note_entry(&a, &r, note, n);
	review_note_entry(&b, &r, note, n);
	ck_assert_mem_eq(&a.u.review, &b.u.review, sizeof a.u.review);
	ck_assert_uint_eq(a.u.review.n, 7);
	ck_assert_uint_eq(a.u.review.verdict, REVIEW_CONCERN);
	review_note_entry(&b, &r, note, n - 1);
	ck_assert_mem_eq(a.u.review.who, b.u.review.who, HASH_SIZE);
	ck_assert_mem_ne(a.u.review.text, b.u.review.text, HASH_SIZE);
	b.u.review.salt[0] = 2; /* a guess needs the salt */
	review_note_entry(&b, &r, note, n);
	ck_assert_mem_ne(a.u.review.who, b.u.review.who, HASH_SIZE);
}
END_TEST

START_TEST(has_a_name)
{
	static const char *const bad[] = { "", "7", "7-" HEX32, "07-" HEX32 ".note",
		"7-" HEX32 ".new", "7-" HEX32 ".note2", "-" HEX32 ".note", "7-" HEX32 "note",
		"7-x" HEX32 ".note", "../" HEX32 ".note" };
	uint8_t digest[HASH_SIZE], got[HASH_SIZE];
	char name[REVIEW_NAME_MAX];
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < HASH_SIZE; i++)
		digest[i] = (uint8_t)i;
	review_note_name(name, INT64_MAX, digest, "note");
	ck_assert_str_eq(name, "9223372036854775807-" HEX32 ".note");
	ck_assert_int_eq(review_note_name_parse(name, "note", &n, got), 0);
	ck_assert_uint_eq(n, INT64_MAX);
	ck_assert_mem_eq(got, digest, HASH_SIZE);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(review_note_name_parse(bad[i], "note", &n, got) == E_FORMAT, "%s", bad[i]);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { says_what_it_read, refuses_what_it_would_not_write,
		may_be_about_an_entry, counts_who_is_named, makes_an_entry, has_a_name };

	return suite_run("review_note", tests, sizeof(tests) / sizeof(tests[0]));
}
