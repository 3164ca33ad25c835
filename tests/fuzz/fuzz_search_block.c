/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "err.h"
#include "search/search_block.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A block of session 0, whose id is zero, as it is before it is packed. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const struct block_name name;
	struct block_reader b = { .plain = NULL };
	size_t room = ZSTD_compressBound(len), packed, seen = 0;
	uint8_t *bytes = malloc(room);
	int r;

	if (bytes == NULL)
		abort();
	packed = ZSTD_compress(bytes, room, p, len, 1);
	assert(!ZSTD_isError(packed));
	r = block_reader_open(&b, bytes, packed, &name);
	assert(r == 0 || r == E_FORMAT);
	while (r == 0 && (r = block_reader_next(&b)) == 1) {
		assert(b.at.text >= b.text && b.at.len < b.text_len);
		assert(b.at.text[b.at.len] == '\n');
		assert(b.at.typed == SEARCH_NOT_TYPED || b.at.typed <= b.at.len);
		assert(++seen <= len);
		r = 0;
	}
	assert(r == 0 || r == E_FORMAT);
	/* and what no packer made */
	r = block_reader_open(&b, p, len, &name);
	assert(r == 0 || r == E_FORMAT);
	block_reader_release(&b);
	free(bytes);
	return 0;
}
