/* SPDX-License-Identifier: ISC */
/* Bodies of SEAL; what is read is written the same. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[SEAL_SIGNED];
	struct seal s;

	if (sodium_init() < 0)
		abort();
	if (seal_parse(data, size, &s) != 0)
		return 0;
	seal_put(again, &s);
	if (memcmp(again, data, sizeof(again)) != 0)
		abort();
	seal_verify(data, s.next_pk);
	return 0;
}
