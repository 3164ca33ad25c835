/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../auditor/sessions/session_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A cache may hold anything: what is taken for a record is one, with strings that end inside
 * of it, and packs to the same bytes where its numbers are in their ranges. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct rest b = { p, len };
	struct session_record r;
	uint8_t *again;
	size_t size;

	while (b.len > 0 && session_record_unpack(&r, &b) == 0) {
		assert(b.p <= p + len && (const uint8_t *)r.row.finding < b.p);
		if (session_record_pack(&again, &size, &r) != 0)
			abort();
		assert(size <= len);
		free(again);
	}
	return 0;
}
