/* SPDX-License-Identifier: ISC */
/* A stream of frames through the chain; after the first error nothing moves. */
#include <sodium.h>
#include <stdlib.h>

#include "chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t off = 0;
	struct chain c;
	struct frame f;
	struct event e;
	int n;

	if (sodium_init() < 0)
		abort();
	chain_init(&c);
	while ((n = frame_parse(data + off, size - off, &f)) > 0) {
		if (chain_frame(&c, &f, data + off, NULL, &e) != 0)
			break;
		off += (size_t)n;
	}
	if (c.offset != off || c.sealed_offset > off || c.payload_len > CHUNK_PAYLOAD_MAX)
		abort();
	if (c.error != 0 && chain_frame(&c, &f, data + off, NULL, &e) != c.error)
		abort();
	return 0;
}
