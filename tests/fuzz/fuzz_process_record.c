/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "process_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A header, then records: what is taken is what would be written. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	uint8_t header[PROCESS_HEADER], again[PROCESS_SIZE], boot_id[BOOT_ID_SIZE];
	struct process_record r;
	uint64_t k;

	if (len < PROCESS_HEADER || process_header_parse(p, boot_id, &k) != 0)
		return 0;
	process_header_put(header, boot_id, k);
	assert(memcmp(header, p, sizeof(header)) == 0);
	p += PROCESS_HEADER;
	len -= PROCESS_HEADER;
	for (; len >= PROCESS_SIZE; p += PROCESS_SIZE, len -= PROCESS_SIZE) {
		if (process_record_parse(p, &r) != 0)
			return 0;
		process_record_put(again, &r);
		assert(memcmp(again, p, sizeof(again)) == 0);
		assert(strcmp(process_reason_name(r.reason), "?") != 0);
	}
	return 0;
}
