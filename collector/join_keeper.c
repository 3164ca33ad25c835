/* SPDX-License-Identifier: ISC */
#include "join_internal.h"

#include "array.h"

#define START_TOLERANCE_S 2 /* btime is rounded either way, clocks are slewed */

/* A keeper that lives: its label must not be the one it had as a mere process. */
static void outer_of(struct join *j, struct join_keeper *k, const struct proc_stat *s)
{
	struct join_live *up;

	k->outer = 0;
	k->outer_known = 1;
	if (s->ppid <= 0 || join_live_walk(j, (uint32_t)s->ppid) < 0)
		return;
	up = join_live_get(j, (uint32_t)s->ppid);
	if (up != NULL && !up->gone)
		k->outer = up->label.session;
}

#define LEAD_IN_MAX 16 /* shells in shells */

/* The keeper's parent, and those above it in its terminal session, were there before it,
 * and all records of before have been read: the next of their pids is their own. */
static void lead_in_of(struct join *j, const struct join_keeper *k, pid_t pid)
{
	pid_t sid = 0;
	struct proc_stat s;

	for (int i = 0; i < LEAD_IN_MAX && pid > 1; i++) {
		if (j->ops.stat(j->ops.ctx, pid, &s) != 0 || s.tty_dev == 0 ||
		    s.state == 'Z' || s.state == 'X' || (sid != 0 && s.session != sid))
			return;
		sid = s.session;
		/* without memory it is on a terminal without a recorder */
		join_map_set(&j->lead_in, (uint64_t)pid, (uint32_t)(k - j->keeper));
		pid = s.ppid;
	}
}

uint64_t join_lead_in_ended(struct join *j, uint32_t pid)
{
	uint32_t at;

	if (j->other_boot || !join_map_get(&j->lead_in, pid, &at))
		return 0;
	join_map_del(&j->lead_in, pid);
	return j->keeper[at].n;
}

static int lives(struct join *j, const struct join_keeper *k, struct proc_stat *s)
{
	return j->ops.stat(j->ops.ctx, (pid_t)k->pid, s) == 0 && s->start_ticks == k->start_ticks;
}

/* The number of a session that was JOIN_UNKNOWN. */
static int rename_keeper(struct join *j, uint32_t index, uint64_t n, uint32_t tty_dev)
{
	struct join_keeper *k = &j->keeper[index];
	int r;

	if (n == JOIN_UNKNOWN)
		return 0;
	if ((r = join_map_set(&j->keeper_by_n, n, index)) != 0)
		return r;
	k->n = n;
	k->tty_dev = tty_dev;
	/* those within may have this one around them */
	for (size_t i = 0; i < j->keepers; i++)
		if (j->keeper[i].outer == 0)
			j->keeper[i].outer_known = 0;
	join_live_clear(j);
	join_keepers_outer(j);
	return 0;
}

int join_add_keeper(struct join *j, uint64_t n, pid_t pid, uint64_t start_ticks, uint32_t tty_dev,
    int exact)
{
	struct join_keeper *k;
	struct proc_stat s;
	uint32_t at = join_keeper_find(j, (uint32_t)pid, start_ticks);
	uint32_t older = 0;
	int r;

	if (at != 0 && (n == JOIN_UNKNOWN || j->keeper[at - 1].n == JOIN_UNKNOWN))
		return rename_keeper(j, at - 1, n, tty_dev);
	at = (uint32_t)j->keepers;
	if ((r = array_room(&j->keeper, j->keepers, &j->keeper_room, sizeof(*j->keeper))) != 0)
		return r;
	if (join_map_get(&j->keeper_by_pid, (uint64_t)pid, &older))
		older++;
	if ((n != JOIN_UNKNOWN && (r = join_map_set(&j->keeper_by_n, n, at)) != 0) ||
	    (r = join_map_set(&j->keeper_by_pid, (uint64_t)pid, at)) != 0)
		return r;
	k = &j->keeper[j->keepers++];
	*k = (struct join_keeper){ .n = n, .start_ticks = start_ticks, .pid = (uint32_t)pid,
		.tty_dev = tty_dev, .older = older };
	join_live_clear(j);
	if (exact && lives(j, k, &s)) {
		k->exact = 1;
		outer_of(j, k, &s);
		join_live_clear(j);
		if (k->outer == 0)
			lead_in_of(j, k, s.ppid);
	}
	return 0;
}

void join_keepers_exact(struct join *j)
{
	struct proc_stat s;

	for (size_t i = 0; i < j->keepers; i++)
		if (!j->keeper[i].retired && lives(j, &j->keeper[i], &s))
			j->keeper[i].exact = 1;
}

void join_keepers_outer(struct join *j)
{
	struct proc_stat s;

	for (size_t i = 0; i < j->keepers; i++)
		if (!j->keeper[i].outer_known && lives(j, &j->keeper[i], &s))
			outer_of(j, &j->keeper[i], &s);
	join_live_clear(j);
}

uint32_t join_keeper_find(const struct join *j, uint32_t pid, uint64_t start_ticks)
{
	uint32_t at;

	if (!join_map_get(&j->keeper_by_pid, pid, &at))
		return 0;
	for (at++; at != 0; at = j->keeper[at - 1].older)
		if (j->keeper[at - 1].start_ticks == start_ticks)
			return at;
	return 0;
}

uint64_t join_keeper_of(const struct join *j, uint32_t pid, uint64_t start_ticks)
{
	uint32_t at = join_keeper_find(j, pid, start_ticks);

	return at != 0 ? j->keeper[at - 1].n : 0;
}

static int is_record_of(const struct join *j, const struct join_keeper *k,
    const struct acct_record *r)
{
	int64_t apart;

	if (k->exact)
		return 1;
	apart = (int64_t)r->btime - j->ops.start_wall(j->ops.ctx, k->start_ticks);
	return apart >= -START_TOLERANCE_S && apart <= START_TOLERANCE_S;
}

uint32_t join_keeper_ended(struct join *j, const struct acct_record *r)
{
	uint32_t at;

	if (j->other_boot || !join_map_get(&j->keeper_by_pid, r->pid, &at))
		return 0;
	for (at++; at != 0; at = j->keeper[at - 1].older) {
		struct join_keeper *k = &j->keeper[at - 1];

		if (k->retired || !is_record_of(j, k, r))
			continue;
		k->retired = 1;
		return at;
	}
	return 0;
}

void join_keeper_label(const struct join_keeper *k, struct join_label *label)
{
	if (k->n == JOIN_UNKNOWN)
		*label = (struct join_label){ .reason = REASON_BROKEN };
	else
		*label = (struct join_label){ .session = k->n, .outer = k->outer,
			.keeper_pid = k->pid, .reason = REASON_ANCESTRY };
}

uint64_t join_commands(const struct join *j, uint64_t n)
{
	uint32_t at;

	return join_map_get(&j->keeper_by_n, n, &at) ? j->keeper[at].commands : 0;
}
