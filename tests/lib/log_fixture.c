/* SPDX-License-Identifier: ISC */
#include "log_fixture.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"

static void make_key(struct note_key *key, uint8_t sk[SK_SIZE], const char *name, uint8_t alg,
    uint8_t seed)
{
	uint8_t pk[PK_SIZE], seeds[crypto_sign_SEEDBYTES];

	memset(seeds, seed, sizeof(seeds));
	if (sodium_init() < 0)
		abort();
	crypto_sign_seed_keypair(pk, sk, seeds);
	if (note_key_make(key, name, alg, pk) != 0)
		abort();
}

void log_fixture_init(struct log_fixture *f, const char *name, uint8_t seed, unsigned twist)
{
	uint8_t leaf[MERKLE_HASH], done[MERKLE_LEVELS][MERKLE_HASH], byte;
	struct merkle tree;
	uint64_t places = 0;
	unsigned i, n;

	make_key(&f->key, f->sk, name, NOTE_ED25519, seed);
	merkle_init(&tree);
	merkle_root(&tree, f->root[0]);
	for (i = 0; i < FIXTURE_LEAVES; i++) {
		byte = (uint8_t)(i + (i >= twist));
		merkle_leaf(leaf, &byte, 1);
		n = merkle_add(&tree, leaf, done);
		memcpy(f->hashes[places], done, n * sizeof(done[0]));
		places += n;
		merkle_root(&tree, f->root[i + 1]);
	}
}

size_t log_fixture_note(const struct log_fixture *f, uint64_t size, char out[NOTE_MAX])
{
	char text[CHECKPOINT_TEXT_MAX], line[NOTE_LINE_MAX];
	struct checkpoint c = {.size = size};
	int len;

	snprintf(c.origin, sizeof(c.origin), "%s", f->key.name);
	memcpy(c.root, f->root[size], MERKLE_HASH);
	len = checkpoint_format(text, &c);
	note_sign(line, text, (size_t)len, &f->key, f->sk, 0);
	return (size_t)snprintf(out, NOTE_MAX, "%.*s\n%s", len, text, line);
}

static int read_hash(void *ctx, unsigned level, uint64_t index, uint8_t hash[MERKLE_HASH])
{
	struct log_fixture *f = ctx;

	memcpy(hash, f->hashes[merkle_place(level, index)], MERKLE_HASH);
	return 0;
}

int log_fixture_proof(struct log_fixture *f, uint64_t old, uint64_t size,
    uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH])
{
	return old == 0 ? 0 : merkle_consistency(old, size, read_hash, f, proof);
}

size_t log_fixture_request(struct log_fixture *f, uint64_t old, uint64_t size, char *out,
    size_t room)
{
	uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH];
	char note[NOTE_MAX], base64[BASE64_SIZE(MERKLE_HASH)];
	int n = log_fixture_proof(f, old, size, proof), i;
	size_t len = (size_t)snprintf(out, room, "old %" PRIu64 "\n", old);

	for (i = 0; i < n; i++) {
		base64_put(base64, proof[i], MERKLE_HASH);
		len += (size_t)snprintf(out + len, room - len, "%s\n", base64);
	}
	n = (int)log_fixture_note(f, size, note);
	return len + (size_t)snprintf(out + len, room - len, "\n%.*s", n, note);
}

void log_fixture_witness(struct note_key *key, uint8_t sk[SK_SIZE], const char *name,
    uint8_t seed)
{
	make_key(key, sk, name, NOTE_COSIGNATURE, seed);
}
