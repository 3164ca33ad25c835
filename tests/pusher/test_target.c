/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "../../pusher/target.h"
#include "../lib/log_fixture.h"
#include "../lib/suite.h"
#include "err.h"

#define S UINT64_C(1000000000)

static struct log_fixture f;
static struct policy_witness known;
static uint8_t sk[SK_SIZE];
static struct candidate k;
static struct target t;

static void set_candidate(uint64_t size)
{
	char note[NOTE_MAX];
	size_t len = log_fixture_note(&f, size, note);

	ck_assert_int_eq(candidate_set(&k, note, len), 0);
}

static void setup(void)
{
	log_fixture_init(&f, "log.test/one", 1, FIXTURE_LEAVES);
	log_fixture_witness(&known.key, sk, "witness.test/w", 9);
	t = (struct target){.witness = &known, .status = {.index = 2}};
	set_candidate(7);
}

static void take_len(long status, const char *body, size_t len)
{
	const struct target_answer a = {.status = status, .body = body, .len = len,
		.error = "no route"};

	target_take(&t, &k, k.c.size, &a, 100 * S);
}

static void take(long status, const char *body)
{
	take_len(status, body, strlen(body));
}

static void cosign(char line[NOTE_LINE_MAX])
{
	note_sign(line, k.note, k.text_len, &known.key, sk, 1234567);
}

START_TEST(first_request)
{
	char body[TARGET_BODY_MAX], wanted[2 * NOTE_MAX];
	int n = target_request(&t, NULL, &k, body);

	ck_assert_int_eq(n, snprintf(wanted, sizeof(wanted), "old 0\n\n%.*s", (int)k.len, k.note));
	ck_assert_int_eq(memcmp(body, wanted, (size_t)n), 0);
}
END_TEST

START_TEST(cosigned)
{
	char line[NOTE_LINE_MAX], note[NOTE_MAX];
	struct note n;
	uint64_t at;
	int len;

	cosign(line);
	take(200, line);
	ck_assert_int_eq(t.status.state, PUSH_FINE);
	ck_assert_uint_eq(t.known, 7);
	ck_assert_uint_eq(t.status.size, 7);
	ck_assert_uint_eq(t.status.time_s, 1234567);
	ck_assert_int_eq(k.seen[2], 1);
	len = candidate_note(&k, note);
	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(note_parse(&n, note, (size_t)len), 0);
	ck_assert_uint_eq(n.sigs, 2);
	ck_assert_int_eq(note_verify(&n, &f.key, NULL), 0);
	ck_assert_int_eq(note_verify(&n, &known.key, &at), 0);
	ck_assert_uint_eq(at, 1234567);
}
END_TEST

/* Lines of others beside it are no harm and go nowhere. */
START_TEST(among_others)
{
	char lines[3 * NOTE_LINE_MAX], line[NOTE_LINE_MAX], note[NOTE_MAX];
	struct note_key key;
	uint8_t other[SK_SIZE];
	int n;

	log_fixture_witness(&key, other, "witness.test/other", 8);
	note_sign(lines, k.note, k.text_len, &key, other, 5);
	cosign(line);
	strcat(lines, line);
	take(200, lines);
	ck_assert_int_eq(t.status.state, PUSH_FINE);
	n = candidate_note(&k, note);
	note[n] = '\0';
	ck_assert_ptr_null(strstr(note, "witness.test/other"));
}
END_TEST

START_TEST(no_cosignature)
{
	char line[NOTE_LINE_MAX];

	take(200, "");
	ck_assert_int_eq(t.status.state, PUSH_AWAY);
	take(200, "hello\n");
	ck_assert_int_eq(t.status.state, PUSH_AWAY);
	take_len(200, "\0\x1b[31m", 6);
	ck_assert_int_eq(t.status.state, PUSH_AWAY);
	cosign(line);
	line[40] = line[40] == 'A' ? 'B' : 'A';
	take(200, line);
	ck_assert_int_eq(t.status.state, PUSH_AWAY);
	note_sign(line, "other text\n", 11, &known.key, sk, 5);
	take(200, line);
	ck_assert_int_eq(t.status.state, PUSH_AWAY);
	ck_assert_int_eq(k.seen[2], 0);
	ck_assert_uint_eq(t.known, 0);
	ck_assert_uint_gt(t.due_ns, 100 * S);
}
END_TEST

START_TEST(catches_up)
{
	take(409, "5\n");
	ck_assert_uint_eq(t.known, 5);
	ck_assert_uint_eq(t.due_ns, 0);
	ck_assert_int_eq(t.status.state, PUSH_NEW);
	take(409, "6\n");
	take(409, "5\n");
	ck_assert_uint_eq(t.due_ns, 0);
	take(409, "6\n"); /* not for ever */
	ck_assert_uint_gt(t.due_ns, 100 * S);
}
END_TEST

START_TEST(rollback)
{
	take(409, "8\n");
	ck_assert_int_eq(t.status.state, PUSH_ROLLBACK);
	ck_assert_ptr_nonnull(strstr(t.status.text, "cosigned size 8, this ledger has 7"));
	ck_assert_uint_eq(t.known, 0);
}
END_TEST

START_TEST(forked)
{
	take(422, "not consistent\n");
	ck_assert_int_eq(t.status.state, PUSH_FORK);
}
END_TEST

START_TEST(bad_sizes)
{
	static const char *const bad[] = {"", "\n", "x\n", "5", "-5\n", "5 \n", "123456789012345678901\n"};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		t.status.state = PUSH_NEW;
		take(409, bad[i]);
		ck_assert_int_eq(t.status.state, PUSH_AWAY);
	}
}
END_TEST

START_TEST(refused)
{
	take(404, "no such log\n");
	ck_assert_int_eq(t.status.state, PUSH_REFUSED);
	ck_assert_str_eq(t.status.text, "404: no such log");
	take(403, "");
	ck_assert_int_eq(t.status.state, PUSH_REFUSED);
	take(500, "sorry\n");
	ck_assert_int_eq(t.status.state, PUSH_AWAY);
	take(302, "elsewhere\n");
	ck_assert_int_eq(t.status.state, PUSH_AWAY);
}
END_TEST

/* Ever later, up to a minute; at once again when it has answered. */
START_TEST(delays)
{
	static const unsigned s[] = {1, 2, 4, 8, 16, 32, 60, 60};
	char line[NOTE_LINE_MAX];
	size_t i;

	for (i = 0; i < sizeof(s) / sizeof(s[0]); i++) {
		take(0, "");
		ck_assert_uint_eq(t.due_ns, (100 + s[i]) * S);
	}
	ck_assert_str_eq(t.status.text, "no route");
	cosign(line);
	take(200, line);
	ck_assert_uint_eq(t.due_ns, 0);
	take(0, "");
	ck_assert_uint_eq(t.due_ns, 101 * S);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {first_request, cosigned, among_others, no_cosignature,
		catches_up, rollback, forked, bad_sizes, refused, delays};
	TCase *tc = tcase_create("target");
	size_t i;

	tcase_add_checked_fixture(tc, setup, NULL);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	return suite_run_case("target", tc);
}
