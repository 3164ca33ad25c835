/* SPDX-License-Identifier: ISC */
#include "join_internal.h"

#include <errno.h>

#include "array.h"

#define DEPTH_MAX 256 /* processes looked at in one walk; the tree above is deeper: broken */
#define TRIES 3       /* parents end while one walks */

struct join_live *join_live_get(struct join *j, uint32_t pid)
{
	uint32_t at;

	return join_map_get(&j->live_by_pid, pid, &at) ? &j->live[at] : NULL;
}

static int put(struct join *j, const struct join_live *l)
{
	struct join_live *have = join_live_get(j, l->pid);
	int r;

	if (have != NULL) {
		*have = *l;
		return 0;
	}
	if ((r = array_room(&j->live, j->lives, &j->live_room, sizeof(*j->live))) != 0 ||
	    (r = join_map_set(&j->live_by_pid, l->pid, (uint32_t)j->lives)) != 0)
		return r;
	j->live[j->lives++] = *l;
	return 0;
}

void join_live_drop(struct join *j, uint32_t pid)
{
	struct join_live *l = join_live_get(j, pid);
	struct join_live *last;

	if (l == NULL)
		return;
	join_map_del(&j->live_by_pid, pid);
	last = &j->live[--j->lives];
	if (l == last)
		return;
	*l = *last;
	/* the key is there already: no memory is needed */
	join_map_set(&j->live_by_pid, l->pid, (uint32_t)(l - j->live));
}

void join_live_drop_once(struct join *j)
{
	for (size_t i = j->lives; i-- > 0;)
		if (j->live[i].once)
			join_live_drop(j, j->live[i].pid);
	if (j->lives > JOIN_LIVE_MAX)
		join_live_clear(j);
}

void join_live_clear(struct join *j)
{
	join_map_clear(&j->live_by_pid);
	j->lives = 0;
}

struct walk {
	struct join_live seen[DEPTH_MAX];
	size_t count;
	int looked;
	uint64_t start_ticks; /* of the last one, 0 for process 1 */
	struct join_label top;
};

/* May the record of this life have been read before?  Then the next record of the
 * pid, which would end the cached answer, is another life's. */
static int may_have_ended(const struct join *j, uint32_t pid, const struct proc_stat *s)
{
	uint32_t at;

	return s->state == 'Z' || s->state == 'X' || join_map_get(&j->ended_by_pid, pid, &at) ||
	    join_map_get(&j->later, pid, &at);
}

/* One step up from pid: 1 go on with *up, 0 w->top is known, -ESRCH pid is gone. */
static int step(struct join *j, struct walk *w, uint32_t pid, uint32_t *up)
{
	struct join_live *known = join_live_get(j, pid);
	struct proc_stat s;
	uint32_t keeper, at;

	w->start_ticks = 0;
	w->top = (struct join_label){ .reason = REASON_NO_RECORDER };
	if (pid == 0 || (pid == 1 && !join_map_get(&j->keeper_by_pid, 1, &at))) {
		if (w->count > 0 && join_orphan_may_live(j, w->seen[w->count - 1].start_ticks))
			w->top.reason = REASON_BROKEN;
		return 0;
	}
	if (known != NULL && known->gone)
		return -ESRCH;
	if (known != NULL) {
		w->top = known->label;
		return 0;
	}
	w->looked++;
	if (j->other_boot || j->ops.stat(j->ops.ctx, (pid_t)pid, &s) != 0)
		return -ESRCH;
	keeper = join_keeper_find(j, pid, s.start_ticks);
	if (keeper != 0) {
		join_keeper_label(&j->keeper[keeper - 1], &w->top);
		w->start_ticks = s.start_ticks;
		return 0;
	}
	if (w->count == DEPTH_MAX) {
		w->top.reason = REASON_BROKEN;
		return 0;
	}
	w->seen[w->count++] = (struct join_live){ .pid = pid,
		.once = may_have_ended(j, pid, &s) ? 1 : 0, .start_ticks = s.start_ticks };
	*up = s.ppid > 0 ? (uint32_t)s.ppid : 0;
	return 1;
}

/* Goes up until the answer is known.  0, or -ESRCH: pid itself is gone. */
static int climb(struct join *j, struct walk *w, uint32_t pid)
{
	int r = 0;

	for (int tries = 0; tries < TRIES; tries++) {
		uint32_t at = pid;

		w->count = 0;
		while ((r = step(j, w, at, &at)) > 0)
			;
		if (r == 0 || w->count == 0)
			return r;
	}
	w->top.reason = REASON_BROKEN;
	return 0;
}

int join_live_walk(struct join *j, uint32_t pid)
{
	struct walk w;
	struct join_live self = { .pid = pid };
	int r;

	if (pid == 0 || join_live_get(j, pid) != NULL)
		return 0;
	w.count = 0;
	w.looked = 0;
	if (climb(j, &w, pid) != 0)
		self.gone = self.once = 1;
	/* pid itself is the keeper, process 1 or gone */
	self.label = w.top;
	self.start_ticks = w.start_ticks;
	if (w.count == 0 && (r = put(j, &self)) != 0)
		return r;
	if (w.top.reason == REASON_ANCESTRY)
		w.top.reason = REASON_ANCESTRY_LIVE;
	for (size_t i = 0; i < w.count; i++) {
		w.seen[i].label = w.top;
		if (w.top.reason == REASON_BROKEN)
			w.seen[i].once = 1;
		if ((r = put(j, &w.seen[i])) != 0)
			return r;
	}
	return w.looked;
}
