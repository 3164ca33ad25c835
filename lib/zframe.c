/* SPDX-License-Identifier: ISC */
#include "zframe.h"

#include <string.h>

#include "bytes.h"
#include "err.h"

/* RFC 8878, 3.1.1 */
#define DESCRIPTOR_SINGLE 0x20 /* single segment; checksum, dictionary, reserved: 0 */
#define BLOCK_HEAD 3
#define TWO_BYTE_BASE 256
#define FOUR_BYTE_LEAST (65536 + TWO_BYTE_BASE)

enum { BLOCK_RAW, BLOCK_RLE, BLOCK_COMPRESSED };

static const uint8_t magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };

static uint32_t get_u24(const uint8_t *p)
{
	return get_u16(p) | (uint32_t)p[2] << 16;
}

/* Bytes of the content size's field, 0 for one that is never the shortest. */
static size_t size_field(uint8_t descriptor)
{
	switch (descriptor) {
	case DESCRIPTOR_SINGLE:
		return 1;
	case DESCRIPTOR_SINGLE | 1 << 6:
		return 2;
	case DESCRIPTOR_SINGLE | 2 << 6:
		return 4;
	default:
		return 0;
	}
}

static uint32_t content_size(const uint8_t *p, size_t field)
{
	if (field == 1)
		return p[0];
	return field == 2 ? (uint32_t)get_u16(p) + TWO_BYTE_BASE : get_u32(p);
}

/* Bytes of a block's content, 0 when it is not one that holds `plain` bytes. */
static uint32_t block_size(uint32_t head, uint32_t plain)
{
	uint32_t size = head >> 3;

	if ((head & 1) == 0) /* not the last */
		return 0;
	switch (head >> 1 & 3) {
	case BLOCK_RAW:
		return size == plain ? size : 0;
	case BLOCK_RLE:
		return size == plain && size > 0 ? 1 : 0;
	case BLOCK_COMPRESSED:
		return size <= plain ? size : 0;
	default:
		return 0;
	}
}

int zframe_parse(const uint8_t *p, size_t len, struct zframe *z)
{
	size_t known = len < sizeof(magic) ? len : sizeof(magic);
	size_t field, head;
	uint32_t plain, block;

	if (memcmp(p, magic, known) != 0)
		return E_FORMAT;
	if (len < sizeof(magic) + 1)
		return E_SHORT;
	field = size_field(p[sizeof(magic)]);
	if (field == 0)
		return E_FORMAT;
	head = sizeof(magic) + 1 + field + BLOCK_HEAD;
	if (len < head)
		return E_SHORT;
	plain = content_size(p + sizeof(magic) + 1, field);
	if (field == 4 && plain < FOUR_BYTE_LEAST)
		return E_FORMAT;
	block = block_size(get_u24(p + head - BLOCK_HEAD), plain);
	if (block == 0)
		return E_FORMAT;
	z->size = (uint32_t)head + block;
	z->plain = plain;
	return 0;
}
