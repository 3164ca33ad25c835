/* SPDX-License-Identifier: ISC */
/* A record's way from the FIFO into the spool and back. */
#include "record.h"

#include "bytes.h"

/* Bytes of the whole frames among the len at p that fit into room. */
static size_t whole_frames(const uint8_t *p, size_t len, uint64_t room)
{
	size_t pos = 0, size;

	while (pos < len) {
		size = (size_t)FRAME_HEADER + get_u16(p + pos + 2);
		if (pos + size > room)
			break;
		pos += size;
	}
	return pos;
}

/* What cannot be written waits, whyever: it is nowhere else yet. */
int record_flush_spool(struct record *r)
{
	const uint64_t room = spool_room(r->spool), kept = r->last ? 0 : RECORD_RESERVE;
	const uint8_t *p = r->queue + r->queue_pos;
	size_t n;

	n = room <= kept ? 0 : whole_frames(p, r->queue_len - r->queue_pos, room - kept);
	if (n > 0 && spool_write(r->spool, p, n) == 0)
		r->queue_pos += n;
	return record_pending(r);
}

int record_to_spool(struct record *r, struct spool *s)
{
	int e;

	if ((e = spool_begin(s)) == 0 && (e = spool_snapshot(s, r->fifo)) == 0 && record_pending(r))
		e = spool_write(s, r->queue + r->queue_pos, r->queue_len - r->queue_pos);
	if (e != 0) {
		spool_begin(s);
		return e;
	}
	r->queue_pos = r->queue_len;
	r->spool = s;
	return 0;
}

int record_to_fifo(struct record *r, uint64_t now_ns)
{
	int e = spool_begin(r->spool);

	if (e != 0)
		return e;
	r->spool = NULL;
	record_seal(r, now_ns, SEAL_GAP, 0, 0, 0);
	return record_flush(r);
}
