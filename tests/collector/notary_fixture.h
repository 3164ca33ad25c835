/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TEST_NOTARY_FIXTURE_H
#define SHELLAC_TEST_NOTARY_FIXTURE_H

#include "cert.h"
#include "ledger_entry.h"

struct notary;

/* A notary in a folder of its own, and the host's public key. */
extern struct notary *n;
extern uint8_t host_pk[PK_SIZE];
extern int store; /* the folder */

void notary_up(void);
void notary_again(void);

/* One of this host; its body signed and checked into p (FRAME_BODY_MAX), or why not. */
struct cert a_cert(uint64_t number);
int sign_cert(const struct cert *c, uint8_t *p);

/* An entry that is right; signed, by the key pk, or why not. */
struct entry an_entry(uint8_t type, uint64_t index);
int sign_entry(const struct entry *e, struct entry *out, const uint8_t *pk);

/* The key that the next EPOCH is to be signed with. */
extern uint8_t epoch_pk[PK_SIZE];

/* Such an entry is signed; the same, and it is on disk. */
int asked_for(uint8_t type, uint64_t index);
int added(uint8_t type, uint64_t index);

/* A checkpoint whose root's bytes are all that one. */
int sign_checkpoint(uint64_t size, uint8_t byte);

#endif
