/* SPDX-License-Identifier: ISC */
#include "notary_fixture.h"

#include <fcntl.h>
#include <sodium.h>
#include <string.h>

#include "../../collector/notary.h"
#include "../lib/scratch.h"
#include "../lib/suite.h"
#include "cert.h"

struct notary *n;
uint8_t host_pk[PK_SIZE], epoch_pk[PK_SIZE];
int store = -1;

void notary_up(void)
{
	if (store < 0) {
		ck_assert_int_ge(sodium_init(), 0);
		scratch_enter();
		store = open(".", O_RDONLY | O_DIRECTORY);
	}
	ck_assert_int_eq(notary_start(&n, store, "host.key", host_pk), 0);
}

void notary_again(void)
{
	notary_end(n);
	notary_up();
}

struct cert a_cert(uint64_t number)
{
	struct cert c = {.n = number, .pid = 7, .host = "here"};

	cert_host_id(c.host_id, host_pk);
	return c;
}

int sign_cert(const struct cert *c, uint8_t *p)
{
	int len = cert_put_body(p, c), r;

	ck_assert_int_gt(len, 0);
	r = notary_cert(n, p, (size_t)len);
	if (r == 0)
		ck_assert_int_eq(cert_verify(p, (size_t)len + SIG_SIZE, host_pk), 0);
	return r;
}

int sign_entry(const struct entry *e, struct entry *out, const uint8_t *pk)
{
	uint8_t p[ENTRY_MAX];
	size_t len = entry_put(p, e);
	int r = notary_entry(n, p, len);

	if (r != 0)
		return r;
	ck_assert_int_eq(entry_verify(p, len, pk), 0);
	ck_assert_int_eq(entry_parse(p, len, out), 0);
	return 0;
}

struct entry an_entry(uint8_t type, uint64_t index)
{
	struct entry e = {.type = type, .index = index};

	if (type == ENTRY_EPOCH) {
		e.u.epoch.epoch = index;
		e.u.epoch.next_n = 1;
		e.u.epoch.size = index;
	} else if (type == ENTRY_OPEN) {
		e.u.open.n = 1;
	}
	return e;
}

int asked_for(uint8_t type, uint64_t index)
{
	struct entry e = an_entry(type, index), got;
	int r = sign_entry(&e, &got, type == ENTRY_EPOCH ? epoch_pk : host_pk);

	if (r == 0)
		memcpy(epoch_pk, type == ENTRY_EPOCH ? got.u.epoch.next_pk :
		    type == ENTRY_GENESIS ? got.u.genesis.epoch_pk : got.u.recover.epoch_pk, PK_SIZE);
	return r;
}

int added(uint8_t type, uint64_t index)
{
	int r = asked_for(type, index);

	return r != 0 ? r : notary_epoch_key(n, epoch_pk);
}

int sign_checkpoint(uint64_t size, uint8_t byte)
{
	uint8_t root[MERKLE_HASH];
	struct checkpoint c;
	struct note_key key;
	struct note note;
	char text[NOTE_MAX], origin[NOTE_NAME_MAX + 1];
	int r;

	memset(root, byte, sizeof(root));
	r = notary_checkpoint(n, size, root, text);
	if (r < 0)
		return r;
	checkpoint_origin(origin, host_pk);
	ck_assert_int_eq(note_key_make(&key, origin, NOTE_ED25519, host_pk), 0);
	ck_assert_int_eq(note_parse(&note, text, (size_t)r), 0);
	ck_assert_int_eq(note_verify(&note, &key, NULL), 0);
	ck_assert_int_eq(checkpoint_parse(&c, note.text, note.text_len), 0);
	ck_assert_str_eq(c.origin, origin);
	ck_assert_uint_eq(c.size, size);
	ck_assert_mem_eq(c.root, root, MERKLE_HASH);
	return 0;
}
