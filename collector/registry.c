/* SPDX-License-Identifier: ISC */
#include "registry.h"

#include <string.h>

#include "bytes.h"
#include "session.h"

void registry_init(struct registry *r)
{
	memset(r, 0, sizeof(*r)); /* of lists, too, that is the empty one */
	LIST_INIT(&r->sessions);
}

static unsigned bucket(const uint8_t id[ID_SIZE])
{
	return get_u16(id) % REGISTRY_BUCKETS;
}

void registry_add(struct registry *r, struct session *s)
{
	LIST_INSERT_HEAD(&r->sessions, s, link);
	LIST_INSERT_HEAD(&r->by_id[bucket(s->name.id)], s, id_link);
	r->live++;
}

void registry_remove(struct registry *r, struct session *s)
{
	LIST_REMOVE(s, link);
	LIST_REMOVE(s, id_link);
	r->live--;
}

struct session *registry_find(const struct registry *r, const uint8_t id[ID_SIZE])
{
	struct session *s;

	LIST_FOREACH(s, &r->by_id[bucket(id)], id_link)
		if (memcmp(s->name.id, id, ID_SIZE) == 0)
			return s;
	return NULL;
}

void registry_remember(struct registry *r, const struct cert *c, uint64_t frame)
{
	struct closed_session *e = &r->closed[r->closed_at];

	memcpy(e->id, c->id, ID_SIZE);
	e->pid = c->pid;
	e->start_ticks = c->start_ticks;
	e->frame = frame;
	r->closed_at = (r->closed_at + 1) % REGISTRY_CLOSED;
	if (r->closed_used < REGISTRY_CLOSED)
		r->closed_used++;
}

const struct closed_session *registry_closed(const struct registry *r, const uint8_t id[ID_SIZE])
{
	unsigned i;

	for (i = 0; i < r->closed_used; i++)
		if (memcmp(r->closed[i].id, id, ID_SIZE) == 0)
			return &r->closed[i];
	return NULL;
}
