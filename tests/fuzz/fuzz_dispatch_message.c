/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "dispatch_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* What is taken is what would be written, and every text ends within it. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static uint8_t in[DISPATCH_MAX + 1], again[DISPATCH_MAX];
	struct dispatch_message m;
	unsigned i;

	if (len > DISPATCH_MAX)
		return 0;
	memcpy(in, p, len);
	if (dispatch_parse(&m, in, len) != 0)
		return 0;
	for (i = 0; i < m.texts; i++)
		assert(strlen(m.text[i]) == m.len[i]);
	if (dispatch_put(again, &m) != 0)
		assert(dispatch_put(again, &m) == len && memcmp(again, p, len) == 0);
	return 0;
}
