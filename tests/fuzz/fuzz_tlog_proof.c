/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "tlog_proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A proof that is taken has one spelling; what it is checked against here, nobody
 * signed. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static char out[TLOG_PROOF_MAX];
	static struct tlog_proof proof;
	struct note_key k = { .name = "log.example/5", .alg = NOTE_ED25519, .id = 1 };
	uint8_t leaf[MERKLE_HASH] = { 0 };
	struct checkpoint c;
	struct note n;
	int r;

	if (tlog_proof_parse(&proof, (const char *)p, len) != 0)
		return 0;
	r = tlog_proof_format(out, &proof);
	assert(r >= 0 && (size_t)r == len);
	assert(memcmp(out, p, len) == 0);
	assert(tlog_proof_check(&proof, leaf, &k, &n, &c) < 0);
	return 0;
}
