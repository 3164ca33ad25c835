/* SPDX-License-Identifier: ISC */
/*
 * ledgergen LEAVES EVERY >LOG - a host's ledger: sessions that begin and end, and an
 * EPOCH in place of every EVERY-th leaf
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "ledger_file.h"

struct host {
	struct merkle tree;
	uint8_t host_pk[PK_SIZE], host_sk[SK_SIZE];
	uint8_t epoch_pk[PK_SIZE], epoch_sk[SK_SIZE];
	uint64_t epoch, n;
};

static void put(struct host *h, struct entry *e, const uint8_t *sk)
{
	uint8_t p[LEDGER_SIZE + ENTRY_MAX], leaf[MERKLE_HASH];
	size_t len;

	e->index = h->tree.size;
	e->wall_ns = (int64_t)(1800000000 + h->epoch * 60) * 1000000000;
	e->boot_ns = h->epoch * 60000000000;
	len = entry_put(p + LEDGER_SIZE, e);
	if (sk != NULL)
		entry_sign(p + LEDGER_SIZE, len, sk);
	put_u16(p, (uint16_t)len);
	merkle_leaf(leaf, p + LEDGER_SIZE, len);
	merkle_add(&h->tree, leaf, NULL);
	if (fwrite(p, LEDGER_SIZE + len, 1, stdout) != 1) {
		perror("ledgergen");
		exit(1);
	}
}

static void genesis(struct host *h)
{
	struct entry e = { .type = ENTRY_GENESIS };

	memset(h, 0, sizeof(*h));
	merkle_init(&h->tree);
	crypto_sign_keypair(h->host_pk, h->host_sk);
	crypto_sign_keypair(h->epoch_pk, h->epoch_sk);
	memcpy(e.u.genesis.host_pk, h->host_pk, PK_SIZE);
	memcpy(e.u.genesis.epoch_pk, h->epoch_pk, PK_SIZE);
	memset(e.u.genesis.boot_id, 1, BOOT_ID_SIZE);
	put(h, &e, h->host_sk);
}

static void epoch(struct host *h)
{
	struct entry e = { .type = ENTRY_EPOCH };
	uint8_t sk[SK_SIZE];

	e.u.epoch.epoch = ++h->epoch;
	e.u.epoch.next_n = h->n + 1;
	merkle_root(&(struct merkle){ 0 }, e.u.epoch.live_root);
	hash_of(e.u.epoch.records, "", 0);
	e.u.epoch.size = h->tree.size;
	merkle_root(&h->tree, e.u.epoch.root);
	memcpy(sk, h->epoch_sk, SK_SIZE);
	crypto_sign_keypair(h->epoch_pk, h->epoch_sk);
	memcpy(e.u.epoch.next_pk, h->epoch_pk, PK_SIZE);
	put(h, &e, sk);
}

static void session(struct host *h, int open)
{
	struct entry e = { .type = open ? ENTRY_OPEN : ENTRY_CLOSE };

	if (open) {
		e.u.open.n = ++h->n;
		put_u64(e.u.open.id, h->n);
		hash_of(e.u.open.cert, &h->n, sizeof(h->n));
	} else {
		e.u.close.n = h->n;
		put_u64(e.u.close.id, h->n);
		e.u.close.end = ENTRY_END_WHOLE;
		e.u.close.chunks = 2;
		hash_of(e.u.close.head, &h->n, sizeof(h->n));
		e.u.close.sealed = e.u.close.size = 4096;
		hash_of(e.u.close.tail, "", 0);
	}
	put(h, &e, NULL);
}

static int write_log(unsigned long leaves, unsigned long every)
{
	static struct host h;
	int open = 1;

	genesis(&h);
	while (h.tree.size < leaves) {
		if (h.tree.size % every == 0) {
			epoch(&h);
		} else {
			session(&h, open);
			open = !open;
		}
	}
	return fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	unsigned long every = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

	if (sodium_init() < 0)
		return 1;
	if (every > 0)
		return write_log(strtoul(argv[1], NULL, 10), every);
	fputs("usage: ledgergen LEAVES EVERY >LOG\n", stderr);
	return 2;
}
