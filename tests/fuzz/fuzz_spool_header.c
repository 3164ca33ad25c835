/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "spool_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* What is taken is what would be written. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	uint8_t again[SPOOL_HEADER];
	struct spool_header h;

	if (len < SPOOL_HEADER || spool_header_parse(p, &h) != 0)
		return 0;
	spool_header_put(again, &h);
	assert(memcmp(again, p, sizeof(again)) == 0);
	return 0;
}
