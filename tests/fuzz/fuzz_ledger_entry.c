/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "ledger_entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* What is taken is what would be written, and any beginning of it is one. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const uint8_t pk[PK_SIZE];
	uint8_t again[ENTRY_MAX];
	struct entry e;
	size_t i;

	(void)entry_verify(p, len, pk);
	if (entry_parse(p, len, &e) != 0)
		return 0;
	assert(entry_size(e.type) == len);
	assert(entry_put(again, &e) == len);
	assert(memcmp(again, p, len) == 0);
	assert(strcmp(entry_word(e.type), "?") != 0);
	for (i = 0; i <= len; i++)
		assert(entry_check_start(p, i, len) == 0);
	return 0;
}
