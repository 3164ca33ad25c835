/* SPDX-License-Identifier: ISC */
#include "join_internal.h"

/* For each record the next later one of its parent's pid. */
static int find_later(struct join *j)
{
	int r;

	join_map_clear(&j->later);
	for (size_t i = j->entries; i-- > 0;) {
		struct join_entry *e = &j->entry[i];
		uint32_t at;

		e->mark = e->known.is_known == 1 ? MARK_DONE : MARK_NONE;
		e->which = JOIN_LATER;
		e->parent = join_map_get(&j->later, e->ppid, &at) ? at + 1 : 0;
		if (e->pid != 0 && (r = join_map_set(&j->later, e->pid, (uint32_t)i)) != 0)
			return r;
	}
	return 0;
}

/* The earlier life of e's parent's pid, or NULL; e remembers it. */
static const struct join_when *find_before(const struct join *j, struct join_entry *e)
{
	uint32_t at;

	if (join_map_get(&j->before, e->ppid, &at)) {
		e->other = at + 1;
		return &j->entry[at].when;
	}
	e->other = 0;
	if (!join_map_get(&j->ended_by_pid, e->ppid, &at))
		return NULL;
	e->other_label = j->ended[at].label;
	return &j->ended[at].when;
}

/* See join.h, "One exception".  up: what lives under the parent's pid, NULL where it is
 * not looked at because a record of it comes later. */
static void choose(struct join *j, struct join_entry *e, const struct join_live *up)
{
	const struct join_when *before = find_before(j, e);

	if (before == NULL)
		return;
	if (up == NULL)
		e->which = (uint8_t)join_when_parent(before, &e->when,
		    &j->entry[e->parent - 1].when);
	else if (up->gone)
		e->which = JOIN_BEFORE;
	else
		e->which = (uint8_t)join_when_parent_lives(before, &e->when, up->start_ticks);
	if (e->which == JOIN_BEFORE)
		e->parent = e->other;
}

int join_look(struct join *j)
{
	int looked = 0;
	int r;

	join_ask(j);
	if ((r = find_later(j)) != 0)
		return r;
	join_map_clear(&j->before);
	for (size_t i = 0; i < j->entries; i++) {
		struct join_entry *e = &j->entry[i];

		join_orphan_look(j, e);
		if (e->parent == 0 && e->mark != MARK_DONE) {
			if ((r = join_live_walk(j, e->ppid)) < 0)
				return r;
			looked += r;
		}
		if (e->ppid != 0 && e->mark != MARK_DONE)
			choose(j, e, e->parent == 0 ? join_live_get(j, e->ppid) : NULL);
		if (e->pid != 0 && (r = join_map_set(&j->before, e->pid, (uint32_t)i)) != 0)
			return r;
	}
	return looked;
}
