/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "../../witness/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* What is taken has its checkpoint at the end, and the proof before it. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const char *text = (const char *)p;
	struct request q;

	if (request_parse(&q, text, len) != 0)
		return 0;
	assert(q.proofs <= REQUEST_PROOF_MAX);
	assert(q.checkpoint + q.len == text + len);
	assert(q.checkpoint[-1] == '\n' && q.checkpoint[-2] == '\n');
	assert((size_t)(q.checkpoint - text) > 45 * q.proofs);
	return 0;
}
