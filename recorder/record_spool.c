/* SPDX-License-Identifier: ISC */
/* A record's way from the FIFO into the spool and back. */
#include "record.h"

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
