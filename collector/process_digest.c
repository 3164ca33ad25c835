/* SPDX-License-Identifier: ISC */
#include "process_digest.h"

void process_digests_init(struct process_digests *d, uint64_t from)
{
	*d = (struct process_digests){.from = from, .to = from};
	hash_begin(&d->since);
}

void process_digests_add(struct process_digests *d, const void *p, size_t len)
{
	hash_add(&d->since, p, len, NULL, 0);
	if (d->step != DIGEST_NONE)
		hash_add(&d->behind, p, len, NULL, 0);
	d->to += len;
}

void process_digests_take(struct process_digests *d)
{
	if (d->step == DIGEST_ON_DISK)
		return;
	d->piece.from = d->from;
	d->piece.to = d->to;
	hash_get(&d->since, d->piece.hash);
	hash_begin(&d->behind);
	d->step = DIGEST_TAKEN;
}

void process_digests_synced(struct process_digests *d, int is_on_disk)
{
	if (d->step == DIGEST_TAKEN)
		d->step = is_on_disk ? DIGEST_ON_DISK : DIGEST_NONE;
}

int process_digests_get(const struct process_digests *d, struct process_digest *piece)
{
	if (d->step != DIGEST_ON_DISK)
		return 0;
	*piece = d->piece;
	return 1;
}

void process_digests_vouched(struct process_digests *d)
{
	if (d->step != DIGEST_ON_DISK)
		return;
	d->since = d->behind;
	d->from = d->piece.to;
	d->step = DIGEST_NONE;
}
