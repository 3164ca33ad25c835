/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TEST_LEDGER_FIXTURE_H
#define SHELLAC_TEST_LEDGER_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger_entry.h"

/* A ledger in memory, always the same bytes: fixed keys and times. */
struct fixture {
	uint8_t *p;
	size_t len, room;
	struct merkle tree;
	uint8_t first_pk[PK_SIZE]; /* the host's of GENESIS */
	uint8_t host_pk[PK_SIZE], host_sk[SK_SIZE]; /* move on with KEY */
	uint8_t epoch_sk[SK_SIZE]; /* of the epoch that goes on */
	uint64_t epoch, next_n, records_to;
};

/* Begins it with GENESIS.  Free with fixture_end(). */
void fixture_begin(struct fixture *f);
void fixture_end(struct fixture *f);

/* A pair of keys made from a number. */
void fixture_keys(uint8_t pk[PK_SIZE], uint8_t sk[SK_SIZE], uint8_t number);

/* e of that type with everything zero, to be filled in. */
struct entry *fixture_new(struct entry *e, uint8_t type);

/* Appends e: fills in index and times, and signs with sk where it is not NULL. */
void fixture_add(struct fixture *f, struct entry *e, const uint8_t *sk);

/* Session n with an id made from it. */
void fixture_id(uint8_t id[ID_SIZE], uint64_t n);
void fixture_open(struct fixture *f, uint64_t n);
void fixture_close(struct fixture *f, uint64_t n);

/* An EPOCH that is right, not yet added; and as it should be. */
struct entry *fixture_next_epoch(const struct fixture *f, struct entry *e);
void fixture_epoch(struct fixture *f);

/* KEY: from here on the host has the pair made from that number. */
void fixture_key(struct fixture *f, uint8_t number);

/* One entry of each type, and an EPOCH as the last. */
void fixture_all(struct fixture *f);

#endif
