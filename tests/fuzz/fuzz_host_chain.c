/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>

#include "host_chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* The first key, then what the list of the others holds. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct host_chain c = {.keys = 0};
	uint8_t first[PK_SIZE] = {0};
	size_t i;

	if (len < PK_SIZE)
		return 0;
	for (i = 0; i < PK_SIZE; i++)
		first[i] = p[i];
	if (host_chain_add(&c, 0, first) != 0)
		abort();
	(void)host_chain_read(&c, p + PK_SIZE, len - PK_SIZE);
	assert(c.keys >= 1 && host_chain_at(&c, UINT64_MAX) == &c.key[c.keys - 1]);
	for (i = 1; i < c.keys; i++)
		assert(c.key[i].index > c.key[i - 1].index);
	host_chain_free(&c);
	return 0;
}
