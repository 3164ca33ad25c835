/* SPDX-License-Identifier: ISC */
/* The host's key is replaced: what its process signs before, in between and after. */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../collector/notary.h"
#include "../lib/scratch.h"
#include "../lib/suite.h"
#include "cert.h"
#include "err.h"
#include "frame.h"
#include "host_key.h"

static struct notary *n;
static int store = -1;
static uint8_t first[PK_SIZE];

static void start(void)
{
	if (store < 0) {
		ck_assert_int_ge(sodium_init(), 0);
		scratch_enter();
		store = open(".", O_RDONLY | O_DIRECTORY);
	}
	ck_assert_int_eq(notary_start(&n, store, "host.key", first), 0);
}

static void restart(void)
{
	notary_end(n);
	start();
}

/* Who signs: 0 and it is pk, or why nobody does. */
static int signs(const uint8_t pk[PK_SIZE])
{
	struct cert c = {.n = 1, .pid = 7, .host = "here"};
	uint8_t p[FRAME_BODY_MAX];
	int len, r;

	cert_host_id(c.host_id, first);
	len = cert_put_body(p, &c);
	r = notary_cert(n, p, (size_t)len);
	return r != 0 ? r : cert_verify(p, (size_t)len + SIG_SIZE, pk);
}

/* KEY of that index, which must be right behind the key pk; the new one into next. */
static int asked(uint64_t index, const uint8_t pk[PK_SIZE], uint8_t next[PK_SIZE])
{
	struct entry e = {.type = ENTRY_KEY, .index = index};
	uint8_t p[ENTRY_MAX];
	size_t len = entry_put(p, &e);
	int r = notary_entry(n, p, len);

	if (r != 0)
		return r;
	ck_assert_int_eq(entry_verify(p, len, pk), 0);
	ck_assert_int_eq(entry_parse(p, len, &e), 0);
	memcpy(next, e.u.key.host_pk, PK_SIZE);
	return 0;
}

static int keys(void)
{
	struct host_key k;

	ck_assert_int_eq(host_key_load(&k, "host.key"), 0);
	return k.place[0].there + 2 * k.place[1].there;
}

START_TEST(a_new_key_takes_over)
{
	uint8_t next[PK_SIZE], again[PK_SIZE], third[PK_SIZE];

	start();
	ck_assert_int_eq(asked(5, first, next), 0);
	ck_assert_int_eq(memcmp(first, next, PK_SIZE) != 0, 1);
	ck_assert_int_eq(asked(6, first, again), 0); /* it could not be written: the same one */
	ck_assert_mem_eq(next, again, PK_SIZE);
	ck_assert_int_eq(asked(5, first, again), E_REFUSED);
	ck_assert_int_eq(signs(first), 0);
	ck_assert_int_eq(keys(), 3);
	ck_assert_int_eq(notary_host_key(n, next), 0);
	ck_assert_int_eq(keys(), 2);
	ck_assert_int_eq(signs(next), 0);
	ck_assert_int_eq(notary_host_key(n, first), E_KEY);
	ck_assert_int_eq(notary_host_key(n, next), 0);
	restart();
	ck_assert_int_eq(signs(next), 0);
	ck_assert_int_eq(asked(9, next, third), 0);
	ck_assert_int_eq(notary_host_key(n, third), 0);
	ck_assert_int_eq(keys(), 1);
	ck_assert_int_eq(signs(third), 0);
	notary_end(n);
}
END_TEST

/* The ledger has KEY, or has not. */
START_TEST(a_crash_in_between)
{
	uint8_t next[PK_SIZE], other[PK_SIZE];

	start();
	ck_assert_int_eq(asked(5, first, next), 0);
	restart();
	ck_assert_int_eq(signs(first), E_KEY); /* which of them it is nobody has said */
	ck_assert_int_eq(asked(6, first, other), E_KEY);
	memset(other, 7, PK_SIZE);
	ck_assert_int_eq(notary_host_key(n, other), E_KEY);
	ck_assert_int_eq(keys(), 3);
	ck_assert_int_eq(notary_host_key(n, first), 0);
	ck_assert_int_eq(keys(), 1);
	ck_assert_int_eq(signs(first), 0);
	ck_assert_int_eq(notary_host_key(n, next), E_KEY);
	ck_assert_int_eq(asked(6, first, next), 0);
	restart();
	ck_assert_int_eq(notary_host_key(n, next), 0);
	ck_assert_int_eq(signs(next), 0);
	ck_assert_int_eq(keys(), 2);
	notary_end(n);
}
END_TEST

START_TEST(a_ledger_begins_with_the_first_key_only)
{
	struct entry e = {.type = ENTRY_GENESIS};
	uint8_t next[PK_SIZE], p[ENTRY_MAX];
	size_t len = entry_put(p, &e);

	start();
	ck_assert_int_eq(asked(1, first, next), 0);
	ck_assert_int_eq(notary_host_key(n, next), 0);
	restart();
	ck_assert_int_eq(notary_entry(n, p, len), E_KEY);
	notary_end(n);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { a_new_key_takes_over, a_crash_in_between,
		a_ledger_begins_with_the_first_key_only };

	return suite_run("notary_host_key", tests, sizeof(tests) / sizeof(tests[0]));
}
