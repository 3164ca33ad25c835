/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A checkpoint that is taken begins with what we would write, in one spelling. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char out[CHECKPOINT_TEXT_MAX];
	struct checkpoint c;
	size_t n;

	if (checkpoint_parse(&c, (const char *)p, len) != 0)
		return 0;
	n = (size_t)checkpoint_format(out, &c);
	assert(n < sizeof(out) && n <= len);
	assert(memcmp(out, p, n) == 0);
	return 0;
}
