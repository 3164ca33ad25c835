/* SPDX-License-Identifier: ISC */
#include "segment.h"

#include <sodium.h>
#include <string.h>

#include "bytes.h"
#include "err.h"
#include "frame.h"

void segment_put(uint8_t *p, const struct segment *s)
{
	put_u32(p, s->packed);
	put_u32(p + 4, s->plain);
	memcpy(p + 8, s->digest, SEGMENT_DIGEST);
}

void segment_get(const uint8_t *p, struct segment *s)
{
	s->packed = get_u32(p);
	s->plain = get_u32(p + 4);
	memcpy(s->digest, p + 8, SEGMENT_DIGEST);
}

int segment_lengths(struct segment *s, const uint8_t *p, size_t len)
{
	struct zframe z;
	int r = zframe_parse(p, len, &z);

	if (r != 0)
		return r;
	if (z.size != len)
		return E_FORMAT;
	if (z.plain < 1 || z.plain > CONTAINER_SEGMENT_MAX)
		return E_RANGE;
	s->packed = z.size;
	s->plain = z.plain;
	return 0;
}

int segment_describe(struct segment *s, const uint8_t *p, size_t len)
{
	int r = segment_lengths(s, p, len);

	if (r == 0)
		crypto_generichash(s->digest, SEGMENT_DIGEST, p, len, NULL, 0);
	return r;
}

size_t segment_frames(const uint8_t *p, size_t len, int to_seal, int *sealed)
{
	struct frame f;
	size_t off = 0;
	int n;

	*sealed = 0;
	while (off < len && (n = frame_parse(p + off, len - off, &f)) > 0) {
		off += (size_t)n;
		*sealed = f.type == FRAME_SEAL;
		if (to_seal && *sealed)
			break;
	}
	return off;
}
