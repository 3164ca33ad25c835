/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include "cert.h"
#include "lives_internal.h"
#include "process_events.h"

/* A look at /proc found it before its fork was read here. */
static int is_same(const struct life_node *f, const struct pevent *e)
{
	return f != NULL && f->from_proc && e->start_ticks >= f->life.start_ticks &&
	    e->start_ticks <= f->life.start_ticks + LIVES_LATE_TICKS;
}

static void inherit(struct life_node *f, const struct life_node *parent)
{
	f->life.uid = parent->life.uid;
	f->life.euid = parent->life.euid;
	f->life.sid = parent->life.sid;
	f->life.tty_dev = parent->life.tty_dev;
	f->life.audit_session = parent->life.audit_session;
	memcpy(f->life.comm, parent->life.comm, ACCT_COMM);
}

static int forked(struct lives *l, const struct pevent *e)
{
	struct life_node *parent = lives_find(l, e->ppid), *f = lives_find(l, e->pid);
	int same = is_same(f, e);

	l->count.forks++;
	if (f != NULL && !same)
		lives_set_exited(l, f, 1);
	if (!same && (f = lives_add(l, e->pid, e->start_ticks)) == NULL) {
		lives_lost(l);
		return -ENOMEM;
	}
	l->count.orphans += parent == NULL ? 1 : 0;
	lives_set_exited(l, f, 0);
	f->from_proc = f->likely = f->gone = f->has_own = 0;
	f->life.flags &= (uint16_t)~PROCESS_F_SINCE_BEFORE;
	f->life.ppid = e->ppid;
	f->unsure = l->lost || parent == NULL;
	f->life.parent_start = f->unsure ? 0 : parent->life.start_ticks;
	lives_put_below(f, f->unsure ? NULL : parent);
	if (!same && parent != NULL)
		inherit(f, parent);
	else if (!same)
		f->life.uid = f->life.euid = f->life.audit_session = CERT_UNSET;
	lives_origin_from(f);
	lives_label_tree(f);
	return 0;
}

static void began(struct lives *l, struct life_node *f, const struct pevent *e)
{
	lives_set_exited(l, f, 0); /* a thread did, whose leader is over */
	f->life.has_exec = 1;
	if (e->start_ticks != 0)
		lives_is(f, e->start_ticks);
	memcpy(f->life.comm, e->comm, ACCT_COMM);
	if (e->exec.have & EXEC_TTY) {
		f->life.tty_dev = e->tty_dev;
		f->life.sid = e->sid;
	}
	if (e->exec.audit_session != CERT_UNSET) {
		f->life.audit_session = e->exec.audit_session;
		f->life.has_audit = 1;
	}
	lives_origin(l, f);
}

static void changed(struct lives *l, struct life_node *f, const struct pevent *e)
{
	switch (e->what) {
	case PEVENT_EXEC:
		began(l, f, e);
		break;
	case PEVENT_UID:
		f->life.uid = e->uid;
		f->life.euid = e->euid;
		break;
	case PEVENT_SID:
		f->life.sid = e->pid;
		f->life.tty_dev = 0;
		break;
	case PEVENT_COMM:
		memcpy(f->life.comm, e->comm, ACCT_COMM);
		break;
	}
}

int lives_event(struct lives *l, const struct pevent *e)
{
	struct life_node *f;

	if (e->what == PEVENT_FORK)
		return forked(l, e);
	if (e->what == PEVENT_EXIT)
		lives_exited(l, e->pid);
	else if (e->what == PEVENT_LOSS)
		lives_lost(l);
	else if ((f = lives_find(l, e->pid)) != NULL)
		changed(l, f, e);
	return 0;
}
