/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "approval.h"
#include "err.h"
#include "io.h"
#include "scratch.h"
#include "suite.h"

#define TEXT "shellac approval v1\npurge\ndate 2026-11-21T08:00:00Z\nreason case 17, over\n" \
    "session 0102030405060708090a0b0c0d0e0f10\n" \
    "session ffffffffffffffffffffffffffffffff\n"

static struct note_key key[3];
static uint8_t sk[3][SK_SIZE];

static void make_keys(void)
{
	uint8_t seed[32], pk[PK_SIZE];
	char name[16];
	int i;

	ck_assert_int_ge(sodium_init(), 0);
	for (i = 0; i < 3; i++) {
		memset(seed, 0x30 + i, sizeof(seed));
		crypto_sign_seed_keypair(pk, sk[i], seed);
		snprintf(name, sizeof(name), "key%d", i);
		ck_assert_int_eq(note_key_make(&key[i], name, NOTE_ED25519, pk), 0);
	}
}

/* The text, signed by keys i and j (-1: none). */
static size_t note_by(char *out, const char *text, int i, int j)
{
	size_t len = strlen(text), n = len + 1;

	memcpy(out, text, len);
	out[len] = '\n';
	n += (size_t)note_sign(out + n, text, len, &key[i], sk[i], 0);
	if (j >= 0)
		n += (size_t)note_sign(out + n, text, len, &key[j], sk[j], 0);
	return n;
}

START_TEST(says_what_it_read)
{
	struct approval a;
	char out[NOTE_MAX];
	size_t i;
	int n;

	ck_assert_int_eq(approval_parse(&a, TEXT, strlen(TEXT)), 0);
	ck_assert_uint_eq(a.sessions, 2);
	ck_assert_str_eq(a.reason, "case 17, over");
	ck_assert_str_eq(a.date, "2026-11-21T08:00:00Z");
	n = approval_format(out, &a);
	ck_assert_int_eq(n, sizeof(TEXT) - 1);
	ck_assert_mem_eq(out, TEXT, sizeof(TEXT) - 1);
	ck_assert_int_eq(approval_names(&a, a.id[1]), 1);
	a.id[1][15] ^= 1;
	ck_assert_int_eq(approval_names(&a, a.id[0]), 1);
	memset(out, 0xff, ID_SIZE);
	ck_assert_int_eq(approval_names(&a, (uint8_t *)out), 0);
	for (i = 0; i < sizeof(TEXT) - 1; i++) /* a text that is cut is none, or has fewer */
		if (approval_parse(&a, TEXT, i) == 0)
			ck_assert_uint_eq(a.sessions, 1);
}
END_TEST

START_TEST(refuses_what_it_would_not_write)
{
	static const char *const texts[] = { "", "shellac approval v2\n", "shellac approval v1\n",
		"shellac approval v1\npurge\ndate 2026-11-21T08:00:00Z\nreason x\n",
		"shellac approval v1\npurge\ndate 2026-11-21 08:00:00Z\nreason x\n"
		"session 0102030405060708090a0b0c0d0e0f10\n",
		"shellac approval v1\npurge\ndate 2026-11-21T08:00:00Z\nreason \n"
		"session 0102030405060708090a0b0c0d0e0f10\n",
		"shellac approval v1\npurge\ndate 2026-11-21T08:00:00Z\nreason x\033\n"
		"session 0102030405060708090a0b0c0d0e0f10\n",
		"shellac approval v1\npurge\ndate 2026-11-21T08:00:00Z\nreason x\n"
		"session 0102030405060708090A0B0C0D0E0F10\n",
		"shellac approval v1\npurge\ndate 2026-11-21T08:00:00Z\nreason x\n"
		"session 0102030405060708090a0b0c0d0e0f\n",
		"shellac approval v1\npurge\ndate 2026-11-21T08:00:00Z\nreason x\n"
		"session 0102030405060708090a0b0c0d0e0f10",
		"shellac approval v1\npurge\ndate 2026-11-21T08:00:00Z\nreason x\n"
		"session 0102030405060708090a0b0c0d0e0f10\nmore\n" };
	struct approval a = { .sessions = 77 };
	char out[NOTE_MAX];
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(approval_parse(&a, texts[i], strlen(texts[i])) < 0, "%s", texts[i]);
	ck_assert_uint_eq(a.sessions, 77);
	ck_assert_int_eq(approval_parse(&a, TEXT, strlen(TEXT)), 0);
	a.sessions = APPROVAL_SESSIONS_MAX + 1;
	ck_assert_int_eq(approval_format(out, &a), E_RANGE);
	a.sessions = APPROVAL_SESSIONS_MAX;
	memset(a.reason, 'r', APPROVAL_REASON_MAX);
	a.reason[APPROVAL_REASON_MAX] = '\0';
	ck_assert_int_gt(approval_format(out, &a), 0);
	ck_assert_int_eq(approval_parse(&a, out, strlen(out)), 0);
	snprintf(out + strlen(out), 100, "session 0102030405060708090a0b0c0d0e0f10\n");
	ck_assert_int_eq(approval_parse(&a, out, strlen(out)), E_RANGE);
	a.date[4] = '/';
	ck_assert_int_eq(approval_format(out, &a), E_FORMAT);
}
END_TEST

START_TEST(counts_only_who_may_approve)
{
	struct approvers two;
	struct approval a;
	char note[NOTE_MAX];
	size_t n, i;

	make_keys();
	two.keys = 2;
	two.key[0] = key[0];
	two.key[1] = key[1];
	n = note_by(note, TEXT, 0, -1);
	ck_assert_int_eq(approval_open(&a, note, n, &two), 0);
	n = note_by(note, TEXT, 2, 1);
	ck_assert_int_eq(approval_open(&a, note, n, &two), 0);
	n = note_by(note, TEXT, 2, -1);
	ck_assert_int_eq(approval_open(&a, note, n, &two), E_KEY);
	n = note_by(note, "shellac enrolment v1\n", 0, -1); /* signed, and something else */
	ck_assert_int_eq(approval_open(&a, note, n, &two), E_FORMAT);
	n = note_by(note, TEXT, 0, -1);
	for (i = 0; i < n; i++) {
		note[i] ^= 1;
		ck_assert_int_lt(approval_open(&a, note, n, &two), 0);
		note[i] ^= 1;
	}
}
END_TEST

static int load(struct approvers *k, const char *text)
{
	int fd = open("approvers", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write_all(fd, text, strlen(text)), 0);
	close(fd);
	return approvers_load(k, "approvers");
}

START_TEST(reads_who_may_approve)
{
	char text[APPROVERS_MAX * NOTE_VKEY_MAX + 2 * NOTE_VKEY_MAX], vkey[NOTE_VKEY_MAX];
	struct approvers k;
	int i;

	make_keys();
	scratch_enter();
	note_key_format(vkey, &key[1]);
	snprintf(text, sizeof(text), "# who\n\n%s\n", vkey);
	ck_assert_int_eq(load(&k, text), 0);
	ck_assert_uint_eq(k.keys, 1);
	ck_assert_mem_eq(k.key[0].pk, key[1].pk, PK_SIZE);
	text[strlen(text) - 1] = '\0';
	ck_assert_int_eq(load(&k, text), 0);
	ck_assert_int_eq(load(&k, ""), E_RANGE);
	ck_assert_int_eq(load(&k, "# nobody\n"), E_RANGE);
	ck_assert_int_eq(load(&k, "alice\n"), E_KEY);
	for (i = 0, text[0] = '\0'; i <= APPROVERS_MAX; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s\n", vkey);
	ck_assert_int_eq(load(&k, text), E_RANGE);
	ck_assert_int_eq(approvers_load(&k, "nobody"), -ENOENT);
	ck_assert_int_eq(chmod("approvers", 0620), 0);
	ck_assert_int_eq(approvers_load(&k, "approvers"), -EPERM);
	ck_assert_int_eq(symlink("approvers", "link"), 0);
	ck_assert_int_eq(approvers_load(&k, "link"), -ELOOP);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { says_what_it_read, refuses_what_it_would_not_write,
		counts_only_who_may_approve, reads_who_may_approve };

	return suite_run("approval", tests, sizeof(tests) / sizeof(tests[0]));
}
