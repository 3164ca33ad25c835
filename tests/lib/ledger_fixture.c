/* SPDX-License-Identifier: ISC */
#include "ledger_fixture.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

void fixture_keys(uint8_t pk[PK_SIZE], uint8_t sk[SK_SIZE], uint8_t number)
{
	uint8_t seed[crypto_sign_SEEDBYTES];

	memset(seed, number, sizeof(seed));
	crypto_sign_seed_keypair(pk, sk, seed);
}

struct entry *fixture_new(struct entry *e, uint8_t type)
{
	memset(e, 0, sizeof(*e));
	e->type = type;
	return e;
}

static void append(struct fixture *f, const uint8_t *p, size_t len)
{
	if (f->len + len > f->room) {
		f->room = 2 * (f->len + len);
		f->p = realloc(f->p, f->room);
		assert(f->p != NULL);
	}
	memcpy(f->p + f->len, p, len);
	f->len += len;
}

void fixture_add(struct fixture *f, struct entry *e, const uint8_t *sk)
{
	uint8_t p[2 + ENTRY_MAX], leaf[MERKLE_HASH];
	size_t len;

	e->index = f->tree.size;
	e->wall_ns = 1700000000000000000 + (int64_t)e->index;
	e->boot_ns = 1000000000 * e->index;
	len = entry_put(p + 2, e);
	put_u16(p, (uint16_t)len);
	if (sk != NULL)
		entry_sign(p + 2, len, sk);
	merkle_leaf(leaf, p + 2, len);
	merkle_add(&f->tree, leaf, NULL);
	append(f, p, 2 + len);
}

void fixture_begin(struct fixture *f)
{
	struct entry e;

	memset(f, 0, sizeof(*f));
	merkle_init(&f->tree);
	f->next_n = 1;
	fixture_keys(f->host_pk, f->host_sk, 1);
	memcpy(f->first_pk, f->host_pk, PK_SIZE);
	fixture_new(&e, ENTRY_GENESIS);
	memcpy(e.u.genesis.host_pk, f->host_pk, PK_SIZE);
	fixture_keys(e.u.genesis.epoch_pk, f->epoch_sk, 2);
	memset(e.u.genesis.boot_id, 0xb0, BOOT_ID_SIZE);
	fixture_add(f, &e, f->host_sk);
}

void fixture_end(struct fixture *f)
{
	free(f->p);
	f->p = NULL;
}

void fixture_id(uint8_t id[ID_SIZE], uint64_t n)
{
	memset(id, 0xd0, ID_SIZE);
	put_u64(id, n);
}

void fixture_open(struct fixture *f, uint64_t n)
{
	struct entry e;

	fixture_new(&e, ENTRY_OPEN);
	e.u.open.n = n;
	fixture_id(e.u.open.id, n);
	memset(e.u.open.cert, 0xce, HASH_SIZE);
	fixture_add(f, &e, NULL);
	f->next_n = n + 1;
}

void fixture_close(struct fixture *f, uint64_t n)
{
	struct entry e;

	fixture_new(&e, ENTRY_CLOSE);
	e.u.close.n = n;
	fixture_id(e.u.close.id, n);
	e.u.close.end = ENTRY_END_WHOLE;
	e.u.close.chunks = 3;
	e.u.close.sealed = e.u.close.size = 5000;
	hash_of(e.u.close.tail, "", 0);
	fixture_add(f, &e, NULL);
}

struct entry *fixture_next_epoch(const struct fixture *f, struct entry *e)
{
	uint8_t sk[SK_SIZE];
	struct merkle none;

	fixture_new(e, ENTRY_EPOCH);
	merkle_init(&none);
	e->u.epoch.epoch = f->epoch + 1;
	e->u.epoch.next_n = f->next_n;
	merkle_root(&none, e->u.epoch.live_root);
	e->u.epoch.records_from = f->records_to;
	e->u.epoch.records_to = f->records_to + 128;
	e->u.epoch.size = f->tree.size;
	merkle_root(&f->tree, e->u.epoch.root);
	fixture_keys(e->u.epoch.next_pk, sk, (uint8_t)(f->epoch + 3));
	return e;
}

void fixture_epoch(struct fixture *f)
{
	struct entry e;

	fixture_next_epoch(f, &e);
	fixture_add(f, &e, f->epoch_sk);
	fixture_keys(e.u.epoch.next_pk, f->epoch_sk, (uint8_t)(f->epoch + 3));
	f->epoch++;
	f->records_to += 128;
}

static void add_recover(struct fixture *f)
{
	struct entry e;

	fixture_new(&e, ENTRY_RECOVER);
	e.u.recover.torn = 17;
	fixture_add(f, &e, NULL);
	fixture_keys(e.u.recover.epoch_pk, f->epoch_sk, 0xe0);
	fixture_add(f, &e, f->host_sk);
}

void fixture_key(struct fixture *f, uint8_t number)
{
	uint8_t sk[SK_SIZE], p[ENTRY_MAX];
	struct entry e;

	fixture_new(&e, ENTRY_KEY);
	fixture_keys(e.u.key.host_pk, sk, number);
	e.index = f->tree.size;
	e.wall_ns = 1700000000000000000 + (int64_t)e.index;
	e.boot_ns = 1000000000 * e.index;
	entry_put(p, &e);
	entry_sign(p, entry_size(ENTRY_KEY), sk);
	memcpy(e.u.key.new_sig, p + entry_size(ENTRY_KEY) - SIG_SIZE, SIG_SIZE);
	fixture_add(f, &e, f->host_sk);
	memcpy(f->host_sk, sk, SK_SIZE);
	memcpy(f->host_pk, e.u.key.host_pk, PK_SIZE);
}

static void add_session(struct fixture *f)
{
	struct entry e;

	fixture_open(f, 1);
	fixture_new(&e, ENTRY_GAP);
	e.u.gap.n = 1;
	fixture_id(e.u.gap.id, 1);
	e.u.gap.chunk = 2;
	e.u.gap.lost = 900;
	e.u.gap.reason = GAP_NO_ROOM;
	fixture_add(f, &e, NULL);
	fixture_close(f, 1);
	fixture_new(&e, ENTRY_REVIEW);
	e.u.review.n = 1;
	fixture_id(e.u.review.id, 1);
	fixture_add(f, &e, NULL);
	fixture_new(&e, ENTRY_PURGE);
	e.u.purge.n = 1;
	fixture_id(e.u.purge.id, 1);
	e.u.purge.why = PURGE_RETENTION;
	fixture_add(f, &e, NULL);
}

void fixture_all(struct fixture *f)
{
	struct entry e;

	fixture_begin(f);
	fixture_add(f, fixture_new(&e, ENTRY_BOOT), NULL);
	add_session(f);
	fixture_epoch(f);
	fixture_new(&e, ENTRY_FAIL);
	e.u.fail.what = FAIL_SPACE;
	e.u.fail.error = -28;
	memcpy(e.u.fail.text, "no room left", 12);
	fixture_add(f, &e, NULL);
	add_recover(f);
	fixture_add(f, fixture_new(&e, ENTRY_UNRECORDED), NULL);
	fixture_add(f, fixture_new(&e, ENTRY_CLOCK), NULL);
	fixture_new(&e, ENTRY_CONFIG);
	e.u.config.what = CONFIG_FILE;
	fixture_add(f, &e, NULL);
	fixture_add(f, fixture_new(&e, ENTRY_ACCESS), NULL);
	fixture_new(&e, ENTRY_ACTION);
	e.u.action.done = ACTION_DONE;
	fixture_add(f, &e, NULL);
	fixture_epoch(f);
	fixture_key(f, 0xf0);
	fixture_open(f, 2);
	fixture_epoch(f);
}
