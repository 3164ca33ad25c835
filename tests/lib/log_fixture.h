/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TEST_LOG_FIXTURE_H
#define SHELLAC_TEST_LOG_FIXTURE_H

#include "checkpoint.h"
#include "merkle.h"
#include "note.h"

/* A log of up to 200 leaves: leaf i is the byte i, or another one from twist on. */
#define FIXTURE_LEAVES 200

struct log_fixture {
	struct note_key key;
	uint8_t sk[SK_SIZE];
	uint8_t hashes[2 * FIXTURE_LEAVES][MERKLE_HASH];
	uint8_t root[FIXTURE_LEAVES + 1][MERKLE_HASH];
};

/* The key is of this name and seed. */
void log_fixture_init(struct log_fixture *f, const char *name, uint8_t seed, unsigned twist);

/* The signed note of the first size leaves; its length. */
size_t log_fixture_note(const struct log_fixture *f, uint64_t size, char out[NOTE_MAX]);

/* Number of hashes of the consistency proof. */
int log_fixture_proof(struct log_fixture *f, uint64_t old, uint64_t size,
    uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH]);

/* The body of add-checkpoint with a proof from old; its length. */
size_t log_fixture_request(struct log_fixture *f, uint64_t old, uint64_t size, char *out,
    size_t room);

/* A witness' key of this seed. */
void log_fixture_witness(struct note_key *key, uint8_t sk[SK_SIZE], const char *name,
    uint8_t seed);

#endif
