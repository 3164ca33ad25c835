/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "err.h"
#include "host_chain.h"
#include "ledger_file.h"
#include "ledger_fixture.h"
#include "recording.h"
#include "suite.h"

static struct fixture f;

/* GENESIS, two KEYs: entries 1 and 3.  The bytes of the KEYs alone are at p. */
static size_t make(uint8_t *p, struct host_chain *c)
{
	size_t at, len = 0, i;

	ck_assert_int_ge(sodium_init(), 0);
	fixture_begin(&f);
	for (i = 0; i < 2; i++) {
		at = f.len;
		fixture_key(&f, (uint8_t)(0x60 + i));
		memcpy(p + len, f.p + at, f.len - at);
		len += f.len - at;
		fixture_open(&f, i + 1);
	}
	ck_assert_int_eq(host_chain_add(c, 0, f.first_pk), 0);
	return len;
}

START_TEST(reads_what_is_signed)
{
	struct host_chain c = {.keys = 0}, again = {.keys = 0};
	uint8_t p[2 * (LEDGER_SIZE + ENTRY_MAX)];
	size_t len = make(p, &c), i;

	ck_assert_int_eq(host_chain_read(&c, p, len), 0);
	ck_assert_uint_eq(c.keys, 3);
	ck_assert_uint_eq(c.key[1].index, 1);
	ck_assert_uint_eq(c.key[2].index, 3);
	ck_assert_mem_eq(host_chain_newest(&c), f.host_pk, PK_SIZE);
	ck_assert_ptr_null(host_chain_at(&c, 0));
	ck_assert_ptr_eq(host_chain_at(&c, 1), &c.key[0]);
	ck_assert_ptr_eq(host_chain_at(&c, 2), &c.key[1]);
	ck_assert_ptr_eq(host_chain_at(&c, 3), &c.key[1]);
	ck_assert_ptr_eq(host_chain_at(&c, 4), &c.key[2]);
	for (i = 0; i < len; i++) { /* whatever is changed: fewer keys, and none of another */
		p[i] ^= 4;
		host_chain_free(&again);
		ck_assert_int_eq(host_chain_add(&again, 0, f.first_pk), 0);
		ck_assert_int_lt(host_chain_read(&again, p, len), 0);
		ck_assert_uint_eq(again.keys, i < len / 2 ? 1 : 2);
		p[i] ^= 4;
	}
	for (i = 1; i < len; i++)
		if (i != len / 2) {
			host_chain_free(&again);
			ck_assert_int_eq(host_chain_add(&again, 0, f.first_pk), 0);
			ck_assert_int_eq(host_chain_read(&again, p, i), E_SHORT);
		}
	host_chain_free(&again);
	ck_assert_int_eq(host_chain_add(&again, 0, f.host_pk), 0);
	ck_assert_int_eq(host_chain_read(&again, p, len), E_SIGNATURE); /* another host's */
	host_chain_free(&again);
	host_chain_free(&c);
	ck_assert_ptr_null(host_chain_newest(&c));
	fixture_end(&f);
}
END_TEST

START_TEST(finds_who_signed)
{
	struct host_chain c = {.keys = 0};
	static struct recording rec;
	uint8_t other[PK_SIZE] = {9};
	struct frame cert;

	recording_make(&rec);
	ck_assert_int_gt(frame_parse(rec.bytes, rec.len, &cert), 0);
	ck_assert_int_eq(host_chain_add(&c, 0, other), 0);
	ck_assert_ptr_null(host_chain_signer(&c, cert.body, cert.len));
	ck_assert_int_eq(host_chain_add(&c, 7, rec.host_pk), 0);
	ck_assert_ptr_eq(host_chain_signer(&c, cert.body, cert.len), c.key[1].pk);
	host_chain_free(&c);
}
END_TEST

/* A checkpoint of so many entries, by this key, under that name. */
static int by(const struct host_chain *c, uint64_t size, uint8_t number, const char *origin)
{
	char text[CHECKPOINT_TEXT_MAX + NOTE_LINE_MAX], name[NOTE_NAME_MAX + 1];
	struct checkpoint cp = {.size = size};
	uint8_t pk[PK_SIZE], sk[SK_SIZE];
	struct note_key key, found;
	struct note n;
	int len;

	fixture_keys(pk, sk, number);
	snprintf(cp.origin, sizeof(cp.origin), "%s", origin);
	len = checkpoint_format(text, &cp);
	ck_assert_int_eq(note_key_make(&key, origin, NOTE_ED25519, pk), 0);
	text[len] = '\n';
	len += 1 + note_sign(text + len + 1, text, (size_t)len, &key, sk, 0);
	ck_assert_int_eq(note_parse(&n, text, (size_t)len), 0);
	checkpoint_origin(name, f.first_pk);
	len = host_chain_verify(c, name, &n, &cp, &found);
	if (len == 0)
		ck_assert_mem_eq(found.pk, pk, PK_SIZE);
	return len;
}

/* Entry 1 and 3 name keys 0x60 and 0x61; the first is 1. */
START_TEST(an_old_key_signs_no_more)
{
	uint8_t p[2 * (LEDGER_SIZE + ENTRY_MAX)];
	struct host_chain c = {.keys = 0};
	size_t len = make(p, &c);
	char origin[NOTE_NAME_MAX + 1];
	static const struct { uint64_t size; uint8_t number; int r; } cases[] = {
		{1, 1, 0}, {1, 0x60, 0}, {2, 1, E_KEY}, {2, 0x60, 0}, {2, 0x61, 0}, {3, 0x60, 0},
		{4, 0x60, E_KEY}, {4, 0x61, 0}, {9, 1, E_KEY}, {9, 0x61, 0}, {9, 0x62, E_KEY},
		{0, 1, 0},
	};
	size_t i;

	ck_assert_int_eq(host_chain_read(&c, p, len), 0);
	checkpoint_origin(origin, f.first_pk);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_int_eq(by(&c, cases[i].size, cases[i].number, origin), cases[i].r);
	checkpoint_origin(origin, f.host_pk); /* the name stays that of the first key */
	ck_assert_int_eq(by(&c, 9, 0x61, origin), E_FORMAT);
	host_chain_free(&c);
	ck_assert_int_eq(by(&c, 9, 1, origin), E_FORMAT);
	fixture_end(&f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { reads_what_is_signed, finds_who_signed,
		an_old_key_signs_no_more };

	return suite_run("host_chain", tests, sizeof(tests) / sizeof(tests[0]));
}
