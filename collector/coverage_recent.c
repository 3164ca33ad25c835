/* SPDX-License-Identifier: ISC */
/* Accounting names a parent by its pid: which life that was, its own record says, the next
 * of that pid. */
#include <stdlib.h>

#include "coverage_internal.h"
#include "process_record.h"

static unsigned bucket(uint32_t pid)
{
	return pid % COVERAGE_BUCKETS;
}

static void forget(struct recent *e)
{
	if (e->sight.pid != 0)
		LIST_REMOVE(e, by_parent);
	e->sight.pid = 0;
}

/* The oldest goes: who forks so many between a login's end and its sshd's is seen by
 * process events, or not at all. */
void recent_keep(struct coverage *c, const struct sight *s)
{
	struct recent *e;

	if (c->recent == NULL)
		c->recent = calloc(COVERAGE_RECENT, sizeof(*c->recent));
	if (c->recent == NULL)
		return;
	e = &c->recent[c->next++ % COVERAGE_RECENT];
	forget(e);
	e->sight = *s;
	LIST_INSERT_HEAD(&c->parents[bucket(s->ppid)], e, by_parent);
}

/* A child of sshd's that is called so too is one that serves (internal-sftp) where both
 * are of the user; else it is between the listener and that. */
static int is_login(const struct sight *s, const struct sight *parent)
{
	return coverage_is_sshd(parent->comm) && (!coverage_is_sshd(s->comm) ||
	    (parent->uid != 0 && parent->uid == s->uid));
}

void recent_parent(struct coverage *c, const struct sight *s)
{
	struct recent *e, *next;
	struct sight login;

	for (e = LIST_FIRST(&c->parents[bucket(s->pid)]); e != NULL; e = next) {
		next = LIST_NEXT(e, by_parent);
		if (e->sight.ppid != s->pid)
			continue;
		login = e->sight;
		forget(e);
		if (!is_login(&login, s))
			continue;
		login.login = 1;
		login.origin = ORIGIN_SSHD;
		coverage_seen(c, &login);
	}
}
