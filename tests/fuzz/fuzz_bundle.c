/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "../../auditor/verify/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A host's key (32 bytes) and a bundle: header and proofs, the session is not looked
 * at. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	uint8_t again[BUNDLE_HEADER], *proofs;
	struct bundle_claim claim;
	struct bundle_head head;
	size_t size;

	if (sodium_init() < 0)
		abort();
	if (len < PK_SIZE + BUNDLE_HEADER || bundle_head_parse(&head, p + PK_SIZE) != 0)
		return 0;
	bundle_head_put(again, &head);
	assert(memcmp(again, p + PK_SIZE, sizeof again) == 0);
	size = (size_t)bundle_session_at(&head) - BUNDLE_HEADER;
	if (len - PK_SIZE - BUNDLE_HEADER < size)
		return 0;
	proofs = malloc(size); /* so that a read past their end is seen */
	assert(proofs != NULL);
	memcpy(proofs, p + PK_SIZE + BUNDLE_HEADER, size);
	if (bundle_check(&claim, &head, proofs, p, NULL) == 0) {
		assert(claim.expect.open < claim.expect.close);
		assert(claim.expect.close < claim.checkpoint.size);
		assert(!claim.have_epoch || claim.epoch > claim.expect.close);
	}
	free(proofs);
	return 0;
}
