/* SPDX-License-Identifier: ISC */
#include "frame.h"

#include "bytes.h"
#include "err.h"

static int known_type(uint8_t type)
{
	return type == FRAME_CERT || type == FRAME_SEAL ||
	    (type >= FRAME_BEGIN && type <= FRAME_META);
}

void frame_put_header(uint8_t *p, uint8_t type, uint16_t len, uint64_t number)
{
	p[0] = FRAME_MAGIC;
	p[1] = type;
	put_u16(p + 2, len);
	put_u64(p + 4, number);
}

/* What is there is judged before more is asked for: garbage is never "short". */
int frame_parse(const uint8_t *p, size_t len, struct frame *f)
{
	uint16_t body;

	if ((len > 0 && p[0] != FRAME_MAGIC) || (len > 1 && !known_type(p[1])))
		return E_FORMAT;
	if (len < 4)
		return E_SHORT;
	body = get_u16(p + 2);
	if (body < 1 || body > FRAME_BODY_MAX)
		return E_RANGE;
	if (len < (size_t)FRAME_HEADER + body)
		return E_SHORT;
	f->type = p[1];
	f->len = body;
	f->number = get_u64(p + 4);
	f->body = p + FRAME_HEADER;
	return FRAME_HEADER + body;
}
