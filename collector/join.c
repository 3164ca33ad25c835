/* SPDX-License-Identifier: ISC */
#include "join.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "join_internal.h"

#define KEEP_ROOM 8192 /* records for which room stays */
#define DEPTH_MAX 16 /* on the way up: keepers that have ended, parents that may be either */

int join_new(struct join **out, const struct join_ops *ops)
{
	struct join *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return -ENOMEM;
	j->ops = *ops;
	*out = j;
	return 0;
}

void join_free(struct join *j)
{
	if (j == NULL)
		return;
	free(j->entry);
	free(j->keeper);
	free(j->live);
	join_map_release(&j->keeper_by_pid);
	join_map_release(&j->keeper_by_n);
	join_map_release(&j->live_by_pid);
	join_map_release(&j->ended_by_pid);
	join_map_release(&j->lead_in);
	join_map_release(&j->later);
	join_map_release(&j->before);
	free(j);
}

void join_other_boot(struct join *j, int other)
{
	j->other_boot = other;
	join_live_clear(j);
}

size_t join_pending(const struct join *j)
{
	return j->entries;
}

int join_push(struct join *j, const struct acct_record *r, const uint8_t raw[ACCT_SIZE],
    uint32_t kernel_file, uint32_t place)
{
	struct join_entry *e;
	int err = array_room(&j->entry, j->entries, &j->entry_room, sizeof(*j->entry));

	if (err != 0)
		return err;
	e = &j->entry[j->entries++];
	*e = (struct join_entry){ .kernel_file = kernel_file, .place = place, .pid = r->pid,
		.ppid = r->ppid, .tty = r->tty };
	memcpy(e->raw, raw, ACCT_SIZE);
	join_when_init(&e->when, r);
	e->keeper = join_keeper_ended(j, r);
	e->lead_in = join_lead_in_ended(j, r->pid);
	join_live_drop(j, r->pid);
	return 0;
}

/* The label that a parent without a pending record gives. */
static void label_of_living(struct join *j, uint32_t pid, struct join_label *label)
{
	struct join_live *up = join_live_get(j, pid);
	uint32_t at;

	*label = (struct join_label){ .reason = REASON_BROKEN };
	if (pid == 0)
		label->reason = REASON_NO_RECORDER;
	else if (up != NULL && !up->gone)
		*label = up->label;
	else if (join_map_get(&j->ended_by_pid, pid, &at))
		*label = j->ended[at].label;
}

static void resolve(struct join *j, size_t i, int depth);

static void label_of_entry(struct join *j, uint32_t index, int depth, struct join_label *label)
{
	resolve(j, index, depth);
	*label = j->entry[index].label;
}

/* What its parent gives to e; of two that may have been it: what both give. */
static void label_above(struct join *j, const struct join_entry *e, int depth,
    struct join_label *label)
{
	struct join_label other = e->other_label;

	*label = (struct join_label){ .reason = REASON_BROKEN };
	if (depth >= DEPTH_MAX)
		return;
	if (e->parent != 0)
		label_of_entry(j, e->parent - 1, depth + 1, label);
	else if (e->which == JOIN_BEFORE)
		*label = e->other_label;
	else
		label_of_living(j, e->ppid, label);
	if (e->ppid == 1 && label->reason == REASON_NO_RECORDER && join_orphan_may_be(j, &e->when))
		label->reason = REASON_BROKEN;
	if (e->which != JOIN_EITHER)
		return;
	if (e->other != 0)
		label_of_entry(j, e->other - 1, depth + 1, &other);
	if (other.session != label->session || other.outer != label->outer)
		*label = (struct join_label){ .reason = REASON_BROKEN };
}

/* The label that the children of keeper k have, whose own record is e. */
static void label_of_keeper(struct join *j, struct join_entry *e, struct join_keeper *k, int depth)
{
	struct join_label up = { 0 };

	if (!k->outer_known && depth < DEPTH_MAX) {
		label_above(j, e, depth, &up);
		k->outer = up.session;
		k->outer_known = 1;
	}
	join_keeper_label(k, &e->label);
}

/* Labels entry i and all on its way up.  Going round in a circle, which only made
 * up records do, is broken. */
static void resolve(struct join *j, size_t i, int depth)
{
	struct join_label label = { .reason = REASON_BROKEN };
	size_t at = i;

	for (;;) {
		struct join_entry *e = &j->entry[at];

		if (e->mark == MARK_PATH)
			break;
		if (e->mark == MARK_NONE && e->keeper != 0) {
			e->mark = MARK_PATH;
			label_of_keeper(j, e, &j->keeper[e->keeper - 1], depth);
			e->mark = MARK_DONE;
		} else if (e->mark == MARK_NONE && e->which == JOIN_EITHER) {
			e->mark = MARK_PATH;
			label_above(j, e, depth, &e->label);
			e->mark = MARK_DONE;
		}
		if (e->mark == MARK_DONE) {
			label = e->label;
			break;
		}
		e->mark = MARK_PATH;
		if (e->parent == 0) {
			label_above(j, e, depth, &label);
			break;
		}
		at = e->parent - 1;
	}
	for (at = i; j->entry[at].mark == MARK_PATH; at = j->entry[at].parent - 1) {
		j->entry[at].mark = MARK_DONE;
		j->entry[at].label = label;
		if (j->entry[at].parent == 0)
			break;
	}
}

/* Remembers a life whose record was settled, and what its children get. */
static void remember(struct join *j, const struct join_entry *e)
{
	size_t slot = j->ended_next;
	uint32_t at;

	if (e->pid == 0)
		return;
	if (join_map_get(&j->ended_by_pid, j->ended[slot].pid, &at) && at == slot)
		join_map_del(&j->ended_by_pid, j->ended[slot].pid);
	j->ended[slot].pid = e->pid;
	j->ended[slot].label = e->label;
	j->ended[slot].when = e->when;
	j->ended_next = (slot + 1) % JOIN_ENDED;
	if (join_map_set(&j->ended_by_pid, e->pid, (uint32_t)slot) != 0)
		j->ended[slot].pid = 0;
}

static void count(struct join *j, const struct process_record *r)
{
	uint32_t at;

	if (r->session != 0 && r->reason != REASON_RECORDER && r->reason != REASON_LEAD_IN &&
	    join_map_get(&j->keeper_by_n, r->session, &at))
		j->keeper[at].commands++;
}

/* After a large backlog. */
static void give_room_back(struct join *j)
{
	free(j->entry);
	j->entry = NULL;
	j->entry_room = 0;
	join_map_release(&j->later);
	join_map_release(&j->before);
}

int join_settle(struct join *j, size_t count_max, int64_t read_wall_ns)
{
	size_t n = count_max < j->entries ? count_max : j->entries;
	size_t done;
	int r = 0;

	for (size_t i = 0; i < n; i++)
		resolve(j, i, 0);
	for (done = 0; done < n; done++) {
		struct process_record rec;

		join_fill(j, &j->entry[done], &rec);
		rec.read_wall_ns = read_wall_ns;
		if ((r = j->ops.emit(j->ops.ctx, &rec)) != 0)
			break;
		count(j, &rec);
		remember(j, &j->entry[done]);
	}
	j->entries -= done;
	j->asked -= done < j->asked ? done : j->asked;
	j->timed -= done < j->timed ? done : j->timed;
	if (done > 0)
		memmove(j->entry, j->entry + done, j->entries * sizeof(*j->entry));
	join_live_drop_once(j);
	if (j->entries == 0 && j->entry_room > KEEP_ROOM)
		give_room_back(j);
	return r;
}
