/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "approval.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A text that is taken has one spelling. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const struct approvers nobody = {.keys = 0};
	struct approval a;
	char out[NOTE_MAX];
	int n;

	if (approval_parse(&a, (const char *)p, len) == 0) {
		n = approval_format(out, &a);
		assert(n >= 0 && (size_t)n == len && memcmp(out, p, len) == 0);
	}
	assert(approval_open(&a, (const char *)p, len, &nobody) != 0);
	return 0;
}
