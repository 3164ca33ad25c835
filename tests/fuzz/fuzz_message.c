/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "message.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* What is taken is what would be written: one encoding for each message. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	uint8_t again[MESSAGE_MAX];
	struct message m;

	if (message_parse(p, len, &m) != 0)
		return 0;
	assert(len <= MESSAGE_MAX);
	if (m.version > MESSAGE_VERSION)
		return 0;
	/* a zero byte would be refused, so the text is whole */
	assert(message_put(again, &m) == len);
	assert(memcmp(again, p, len) == 0);
	return 0;
}
