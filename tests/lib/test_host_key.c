/* SPDX-License-Identifier: ISC */
/* host.key: what any write that did not come to its end leaves. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base64.h"
#include "err.h"
#include "host_key.h"
#include "io.h"
#include "keys.h"
#include "scratch.h"
#include "suite.h"

#define SHORT_LEN 59
#define FULL_LEN 149
#define PLACE_AT(i) (14 + 45 * (i))

static int fd = -1;
static uint8_t first_pk[PK_SIZE];

static void make(void)
{
	uint8_t sk[SK_SIZE];

	ck_assert_int_ge(sodium_init(), 0);
	scratch_enter();
	ck_assert_int_eq(key_secret_create(sk, first_pk, "host.key"), 0);
	fd = open("host.key", O_RDWR);
	ck_assert_int_ge(fd, 0);
}

static size_t contents(char text[FULL_LEN + 1])
{
	ssize_t n = io_pread_all(fd, text, FULL_LEN + 1, 0);

	ck_assert_int_ge(n, SHORT_LEN);
	return (size_t)n;
}

static void put(const char *text, size_t len)
{
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(pwrite(fd, text, len, 0), (ssize_t)len);
}

START_TEST(a_host_with_one_key)
{
	struct host_key k;

	make();
	ck_assert_int_eq(host_key_load(&k, "host.key"), 0);
	ck_assert(k.place[0].there && !k.place[1].there && !k.has_first);
	ck_assert_mem_eq(k.place[0].pk, first_pk, PK_SIZE);
	ck_assert_mem_eq(k.first_pk, first_pk, PK_SIZE);
	ck_assert_int_eq(host_key_load(&k, "nothing"), -ENOENT);
	ck_assert_int_eq(chmod("host.key", 0640), 0);
	ck_assert_int_eq(host_key_load(&k, "host.key"), E_KEY);
}
END_TEST

START_TEST(keys_follow_each_other)
{
	char text[FULL_LEN + 1], old[45];
	struct host_key k, again;
	unsigned i;

	make();
	ck_assert_int_eq(host_key_read(&k, fd), 0);
	for (i = 0; i < 5; i++) {
		unsigned used = i % 2, next = 1 - used;

		ck_assert_int_eq(host_key_make(&k, fd, next), 0);
		ck_assert_uint_eq(contents(text), FULL_LEN);
		memcpy(old, text + PLACE_AT(used), 44);
		old[44] = '\0';
		ck_assert_int_eq(host_key_read(&again, fd), 0);
		ck_assert_mem_eq(&again, &k, sizeof(k));
		ck_assert_int_eq(host_key_wipe(&k, fd, used), 0);
		contents(text);
		text[FULL_LEN] = '\0';
		ck_assert_ptr_null(strstr(text, old));
		ck_assert_int_eq(host_key_read(&again, fd), 0);
		ck_assert(!again.place[used].there && again.place[next].there);
		ck_assert_mem_eq(again.place[next].pk, k.place[next].pk, PK_SIZE);
		ck_assert_mem_eq(again.first_pk, first_pk, PK_SIZE);
	}
}
END_TEST

/* So much of the bytes is there, and of what stood there before the rest. */
static void torn(const char *before, size_t len, const char *after, size_t after_len, size_t at)
{
	char text[FULL_LEN];

	memset(text, 0, sizeof(text));
	memcpy(text, before, len);
	memcpy(text, after, at);
	put(text, at > len ? at : len);
	ck_assert_uint_le(at, after_len);
}

START_TEST(a_write_that_is_cut)
{
	char one[FULL_LEN + 1], two[FULL_LEN + 1], wiped[FULL_LEN + 1];
	struct host_key k, got;
	size_t at;

	make();
	contents(one);
	ck_assert_int_eq(host_key_read(&k, fd), 0);
	ck_assert_int_eq(host_key_make(&k, fd, 1), 0);
	contents(two);
	ck_assert_int_eq(host_key_wipe(&k, fd, 0), 0);
	contents(wiped);
	for (at = SHORT_LEN; at <= FULL_LEN; at++) { /* the next one comes into being */
		torn(one, SHORT_LEN, two, FULL_LEN, at);
		ck_assert_int_eq(host_key_read(&got, fd), 0);
		ck_assert_mem_eq(got.place[0].pk, first_pk, PK_SIZE);
		ck_assert_mem_eq(got.first_pk, first_pk, PK_SIZE);
		ck_assert_int_eq(got.place[1].there, at == FULL_LEN);
	}
	for (at = PLACE_AT(0) + 1; at <= PLACE_AT(1); at++) { /* the first one goes */
		torn(two, FULL_LEN, wiped, FULL_LEN, at);
		ck_assert_int_eq(host_key_read(&got, fd), 0);
		ck_assert_int_eq(got.place[0].there, 0);
		ck_assert_mem_eq(got.place[1].pk, k.place[1].pk, PK_SIZE);
		ck_assert_mem_eq(got.first_pk, first_pk, PK_SIZE);
	}
	for (at = 0; at <= FULL_LEN - SHORT_LEN; at++) { /* its length came, its bytes did not */
		torn(one, SHORT_LEN, one, SHORT_LEN, SHORT_LEN);
		ck_assert_int_eq(ftruncate(fd, (off_t)(SHORT_LEN + at)), 0);
		ck_assert_int_eq(host_key_read(&got, fd), 0);
		ck_assert(got.place[0].there && !got.place[1].there && !got.has_first);
	}
}
END_TEST

START_TEST(what_has_no_key_is_none)
{
	char text[FULL_LEN + 2];
	struct host_key k;
	size_t len;

	make();
	ck_assert_int_eq(host_key_read(&k, fd), 0);
	ck_assert_int_eq(host_key_make(&k, fd, 1), 0);
	contents(text);
	for (len = 0; len < SHORT_LEN; len++) {
		put(text, len);
		ck_assert_int_eq(host_key_read(&k, fd), E_KEY);
	}
	text[FULL_LEN] = '\n';
	put(text, FULL_LEN + 1);
	ck_assert_int_eq(host_key_read(&k, fd), E_KEY);
	text[0] ^= 1;
	put(text, FULL_LEN);
	ck_assert_int_eq(host_key_read(&k, fd), E_KEY);
	text[0] ^= 1;
	memset(text + PLACE_AT(0), '-', 44);
	text[PLACE_AT(2)] = '-'; /* without the first public key there is no second place */
	put(text, FULL_LEN);
	ck_assert_int_eq(host_key_read(&k, fd), E_KEY);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { a_host_with_one_key, keys_follow_each_other,
		a_write_that_is_cut, what_has_no_key_is_none };

	return suite_run("host_key", tests, sizeof(tests) / sizeof(tests[0]));
}
