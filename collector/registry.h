/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REGISTRY_H
#define SHELLAC_REGISTRY_H

#include <stdint.h>
#include <sys/queue.h>

#include "cert.h"

struct session;

/* What a recorder may still ask about after its session was closed: it sends
 * RESUME when the collector died between the sync of END and the ack. */
struct closed_session {
	uint8_t id[ID_SIZE];
	uint32_t pid;
	uint64_t start_ticks;
	uint64_t frame; /* the last on disk */
};

#define REGISTRY_CLOSED 256 /* the newest so many are remembered */
#define REGISTRY_BUCKETS 4096 /* by the id's first bytes, which are random */

struct registry {
	LIST_HEAD(, session) sessions;
	LIST_HEAD(registry_bucket, session) by_id[REGISTRY_BUCKETS];
	unsigned live;
	struct closed_session closed[REGISTRY_CLOSED];
	unsigned closed_at, closed_used;
};

void registry_init(struct registry *r);
void registry_add(struct registry *r, struct session *s);
void registry_remove(struct registry *r, struct session *s);

/* NULL when there is none. */
struct session *registry_find(const struct registry *r, const uint8_t id[ID_SIZE]);

void registry_remember(struct registry *r, const struct cert *c, uint64_t frame);
const struct closed_session *registry_closed(const struct registry *r, const uint8_t id[ID_SIZE]);

#endif
