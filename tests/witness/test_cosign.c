/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../witness/cosign.h"
#include "../../witness/request.h"
#include "../lib/log_fixture.h"
#include "../lib/scratch.h"
#include "../lib/suite.h"
#include "err.h"
#include "log.h"

static struct log_fixture f, other;
static struct witness w;
static struct answer a;
static int dir;

static void open_witness(void)
{
	const struct log_state *bad;

	log_fixture_witness(&w.identity.key, w.identity.sk, "witness.test/w", 9);
	dir = open(".", O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(dir, 0);
	logs_init(&w.logs, dir);
	ck_assert_int_eq(logs_add(&w.logs, &f.key), 0);
	ck_assert_int_eq(logs_load(&w.logs, &w.identity.key, &bad), 0);
}

static void setup(void)
{
	scratch_enter();
	log_open("test", 0, LOG_L_ERROR);
	log_fixture_init(&f, "log.test/one", 1, FIXTURE_LEAVES);
	log_fixture_init(&other, "log.test/one", 1, 50);
	open_witness();
}

static void reopen(void)
{
	logs_free(&w.logs);
	close(dir);
	open_witness();
}

static unsigned add_text(const char *body, size_t len)
{
	cosign_add(&w, body, len, &a);
	return a.status;
}

/* The request with a right proof. */
static unsigned add(struct log_fixture *from, uint64_t old, uint64_t size)
{
	char body[REQUEST_MAX];

	return add_text(body, log_fixture_request(from, old, size, body, sizeof(body)));
}

/* The answer is a cosignature of this checkpoint, and of now. */
static void check_cosigned(const struct log_fixture *from, uint64_t size)
{
	char note[2 * NOTE_MAX];
	size_t len = log_fixture_note(from, size, note);
	uint64_t time_s;
	struct note n;

	memcpy(note + len, a.body, a.len);
	ck_assert_int_eq(note_parse(&n, note, len + a.len), 0);
	ck_assert_int_eq(note_verify(&n, &w.identity.key, &time_s), 0);
	ck_assert_uint_le((uint64_t)time(NULL) - time_s, 600);
}

static void check_text(const char *wanted)
{
	ck_assert_uint_eq(a.len, strlen(wanted));
	ck_assert_int_eq(memcmp(a.body, wanted, a.len), 0);
}

START_TEST(grows)
{
	ck_assert_uint_eq(add(&f, 0, 5), 200);
	check_cosigned(&f, 5);
	ck_assert_uint_eq(add(&f, 5, 5), 200);
	ck_assert_uint_eq(add(&f, 5, 6), 200);
	ck_assert_uint_eq(add(&f, 6, 200), 200);
	check_cosigned(&f, 200);
}
END_TEST

START_TEST(other_size)
{
	ck_assert_uint_eq(add(&f, 3, 5), 409);
	check_text("0\n");
	ck_assert_str_eq(a.type, "text/x.tlog.size");
	ck_assert_uint_eq(add(&f, 0, 60), 200);
	ck_assert_uint_eq(add(&f, 0, 61), 409);
	check_text("60\n");
	ck_assert_uint_eq(add(&f, 59, 61), 409);
	ck_assert_uint_eq(add(&f, 0, 40), 409); /* a store from an earlier copy */
	check_text("60\n");
	ck_assert_uint_eq(add(&f, 60, 61), 200);
}
END_TEST

START_TEST(larger_old)
{
	char body[REQUEST_MAX], note[NOTE_MAX];
	size_t len = log_fixture_note(&f, 4, note);

	ck_assert_uint_eq(add_text(body, (size_t)snprintf(body, sizeof(body), "old 5\n\n%.*s",
	    (int)len, note)), 400);
}
END_TEST

START_TEST(another_history)
{
	struct stat st;
	char name[128];

	ck_assert_uint_eq(add(&f, 0, 60), 200);
	ck_assert_uint_eq(add(&other, 60, 60), 422); /* same size, other root */
	ck_assert_uint_eq(add(&other, 60, 61), 422); /* no proof leads there */
	ck_assert_uint_eq(add(&f, 60, 61), 200);
	snprintf(name, sizeof(name), "%s.conflict", SLIST_FIRST(&w.logs.all)->file);
	ck_assert_int_eq(stat(name, &st), 0);
	reopen();
	ck_assert_uint_eq(add(&other, 61, 62), 422);
}
END_TEST

START_TEST(proofs)
{
	char body[REQUEST_MAX], *line;
	size_t len;

	ck_assert_uint_eq(add(&f, 0, 60), 200);
	len = log_fixture_request(&f, 60, 199, body, sizeof(body));
	line = strchr(body, '\n') + 1;
	line[0] = line[0] == 'A' ? 'B' : 'A';
	ck_assert_uint_eq(add_text(body, len), 422);
	memmove(line, line + 45, len - (size_t)(line + 45 - body)); /* one hash less */
	ck_assert_uint_eq(add_text(body, len - 45), 422);
	ck_assert_uint_eq(add(&f, 60, 199), 200);
}
END_TEST

/* Where no proof is due there must be none. */
START_TEST(needless_proof)
{
	static const char hash[] = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n";
	char body[REQUEST_MAX], note[NOTE_MAX];
	int len = (int)log_fixture_note(&f, 5, note);

	len = snprintf(body, sizeof(body), "old 0\n%s\n%.*s", hash, len, note);
	ck_assert_uint_eq(add_text(body, (size_t)len), 422);
	ck_assert_uint_eq(add(&f, 0, 5), 200);
	body[4] = '5';
	ck_assert_uint_eq(add_text(body, (size_t)len), 422);
}
END_TEST

START_TEST(empty_tree)
{
	ck_assert_uint_eq(add(&f, 0, 0), 200);
	memset(f.root[0], 7, MERKLE_HASH);
	ck_assert_uint_eq(add(&f, 0, 0), 422);
	ck_assert_uint_eq(add(&f, 0, 9), 200);
}
END_TEST

START_TEST(strangers)
{
	static struct log_fixture stranger, imposter;

	log_fixture_init(&stranger, "log.test/two", 1, FIXTURE_LEAVES);
	ck_assert_uint_eq(add(&stranger, 0, 5), 404);
	log_fixture_init(&imposter, "log.test/one", 2, FIXTURE_LEAVES);
	ck_assert_uint_eq(add(&imposter, 0, 5), 403);
	ck_assert_uint_eq(add_text("old 0\n\nlog.test/one\n", 20), 400);
}
END_TEST

/* A signature under the right name and key id that is wrong, alone or behind a right
 * one; signatures of strangers do not matter. */
START_TEST(signatures)
{
	static struct log_fixture stranger;
	char body[REQUEST_MAX], note[NOTE_MAX], line[NOTE_LINE_MAX];
	size_t len = log_fixture_request(&f, 0, 5, body, sizeof(body));
	const char *text = strstr(body, "log.test");
	size_t text_len = (size_t)(strstr(text, "\n\n") + 1 - text);
	int n;

	log_fixture_init(&stranger, "stranger.test", 3, FIXTURE_LEAVES);
	note_sign(line, text, text_len, &stranger.key, stranger.sk, 0);
	n = snprintf(note, sizeof(note), "%.*s%s", (int)len, body, line);
	note_sign(line, "something else\n", 15, &f.key, f.sk, 0);
	len += (size_t)snprintf(body + len, sizeof(body) - len, "%s", line);
	ck_assert_uint_eq(add_text(body, len), 403);
	ck_assert_uint_eq(add_text(note, (size_t)n), 200);
	check_cosigned(&f, 5);
	cosign_show(&w, SLIST_FIRST(&w.logs.all)->file, &a);
	a.body[a.len] = '\0';
	ck_assert_ptr_null(strstr(a.body, "stranger"));
}
END_TEST

START_TEST(two_keys)
{
	static struct log_fixture next;

	log_fixture_init(&next, "log.test/one", 4, FIXTURE_LEAVES);
	ck_assert_uint_eq(add(&f, 0, 5), 200);
	ck_assert_uint_eq(add(&next, 5, 6), 403);
	ck_assert_int_eq(logs_add(&w.logs, &next.key), 0);
	ck_assert_uint_eq(add(&next, 5, 6), 200);
	ck_assert_uint_eq(add(&f, 6, 7), 200);
}
END_TEST

START_TEST(remembers)
{
	char note[NOTE_MAX];
	size_t len = log_fixture_note(&f, 60, note);
	const char *file = SLIST_FIRST(&w.logs.all)->file;

	cosign_show(&w, file, &a);
	ck_assert_uint_eq(a.status, 404);
	ck_assert_uint_eq(add(&f, 0, 60), 200);
	reopen();
	file = SLIST_FIRST(&w.logs.all)->file;
	cosign_show(&w, file, &a);
	ck_assert_uint_eq(a.status, 200);
	ck_assert_uint_gt(a.len, len);
	ck_assert_int_eq(memcmp(a.body, note, len), 0);
	ck_assert_uint_eq(add(&f, 0, 61), 409);
	ck_assert_uint_eq(add(&f, 60, 61), 200);
	cosign_show(&w, "..", &a);
	ck_assert_uint_eq(a.status, 404);
}
END_TEST

/* State that is not as we left it is not served from. */
START_TEST(foreign_state)
{
	const struct log_state *bad = NULL;
	char note[NOTE_MAX];
	size_t len = log_fixture_note(&f, 3, note);
	FILE *file;

	ck_assert_uint_eq(add(&f, 0, 60), 200);
	file = fopen(SLIST_FIRST(&w.logs.all)->file, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(note, 1, len, file), len);
	fclose(file);
	ck_assert_int_eq(logs_load(&w.logs, &w.identity.key, &bad), E_KEY);
	ck_assert_ptr_eq(bad, SLIST_FIRST(&w.logs.all));
}
END_TEST

/* What cannot be stored is not cosigned. */
START_TEST(no_room)
{
	ck_assert_uint_eq(add(&f, 0, 5), 200);
	close(dir);
	ck_assert_uint_eq(add(&f, 5, 6), 500);
	dir = open(".", O_RDONLY | O_DIRECTORY);
	w.logs.dir = dir;
	ck_assert_uint_eq(add(&f, 5, 6), 200);
}
END_TEST

#define RACERS 6

struct racer {
	pthread_t thread;
	char body[REQUEST_MAX];
	size_t len;
	struct answer answer;
};

static pthread_barrier_t start_line;

static void *race(void *arg)
{
	struct racer *r = arg;

	pthread_barrier_wait(&start_line);
	cosign_add(&w, r->body, r->len, &r->answer);
	return NULL;
}

/* Of several that continue the same state one is cosigned, and that is what is known. */
START_TEST(at_once)
{
	static struct racer r[RACERS];
	unsigned i, good, won = 0, round_no;
	uint64_t size = 0;

	pthread_barrier_init(&start_line, NULL, RACERS);
	for (round_no = 0; round_no < 20; round_no++) {
		for (i = 0; i < RACERS; i++) {
			r[i].len = log_fixture_request(&f, size, size + 1 + i, r[i].body, sizeof(r[i].body));
			ck_assert_int_eq(pthread_create(&r[i].thread, NULL, race, &r[i]), 0);
		}
		for (i = good = 0; i < RACERS; i++) {
			pthread_join(r[i].thread, NULL);
			if (r[i].answer.status == 200) {
				good++;
				won = i;
			} else {
				ck_assert_uint_eq(r[i].answer.status, 409);
			}
		}
		ck_assert_uint_eq(good, 1);
		size += 1 + won;
		ck_assert_uint_eq(SLIST_FIRST(&w.logs.all)->size, size);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {grows, other_size, larger_old, another_history, proofs,
		needless_proof, empty_tree, strangers, signatures, two_keys, remembers, foreign_state,
		no_room, at_once};
	TCase *tc = tcase_create("cosign");
	size_t i;

	tcase_add_checked_fixture(tc, setup, NULL);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	return suite_run_case("cosign", tc);
}
