/* SPDX-License-Identifier: ISC */
#include "verify/notice_seen.h"

#include <string.h>

static void add_byte(struct notice_seen *n, uint8_t b)
{
	if (n->cr && b != '\n')
		hash_add(&n->hash, "\r", 1, NULL, 0);
	n->cr = b == '\r';
	if (!n->cr)
		hash_add(&n->hash, &b, 1, NULL, 0);
}

void notice_seen_event(struct notice_seen *n, const struct event *e, uint64_t chunk,
    uint64_t offset)
{
	size_t i;

	if (chunk != 0)
		return;
	if (!n->begun) {
		hash_begin(&n->hash);
		n->begun = 1;
		n->offset = offset;
	}
	for (i = 0; e->type == FRAME_OUTPUT && i < e->len; i++)
		add_byte(n, e->data[i]);
}

int notice_seen_differs(const struct notice_seen *n, const struct cert *c)
{
	uint8_t hash[HASH_SIZE];

	if ((c->flags & CERT_F_NOTICE) == 0 || !n->begun)
		return 0;
	hash_get(&n->hash, hash);
	return n->cr || memcmp(hash, c->notice, HASH_SIZE) != 0;
}
