/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "join_internal.h"

/* Its label is the one that its life was born with. */
static void take_label(struct join_entry *e, const struct life *f)
{
	e->label = (struct join_label){ .outer = f->outer, .keeper_pid = f->keeper_pid,
		.reason = REASON_NO_RECORDER };
	if (f->session != 0 && f->reason != REASON_LEAD_IN) {
		e->label.session = f->session;
		e->label.reason = REASON_ANCESTRY;
	}
}

static void ask(const struct join *j, struct join_entry *e)
{
	struct acct_record r;
	struct life f;
	int in_doubt = 0;
	int known = acct_record_parse(e->raw, &r) == 0 ?
	    j->ops.life(j->ops.ctx, &r, &f, &in_doubt) : 0;

	e->known.in_doubt = in_doubt ? 1 : 0;
	if (known == 0)
		return;
	e->known = (struct join_known){ .session = f.session, .start_ticks = f.start_ticks,
		.parent_pid = f.ppid, .sid = f.sid, .ordinal = f.ordinal, .flags = f.flags,
		.reason = f.reason, .certainty = f.certainty, .origin = f.origin,
		.is_known = (uint8_t)known, .in_doubt = in_doubt ? 1 : 0 };
	if (known == 1)
		take_label(e, &f);
}

void join_ask(struct join *j)
{
	if (j->asked == j->entries || j->ops.life == NULL || j->other_boot)
		return;
	if (j->ops.now != NULL)
		j->ops.now(j->ops.ctx);
	for (; j->asked < j->entries; j->asked++)
		ask(j, &j->entry[j->asked]);
}

/* What the chain says, and how sure that is. */
static void fill_label(const struct join_entry *e, struct process_record *r)
{
	const struct join_label *l = &e->label;

	r->session = l->session;
	r->outer = l->outer;
	r->keeper_pid = l->keeper_pid;
	r->reason = e->keeper != 0 ? REASON_RECORDER : l->reason;
	r->certainty = l->reason == REASON_BROKEN || e->known.in_doubt ? CERTAIN_DOUBTFUL :
	    CERTAIN_LIKELY;
}

static void fill_known(const struct join_entry *e, struct process_record *r)
{
	const struct join_known *f = &e->known;

	r->start_ticks = f->start_ticks;
	r->parent_pid = f->parent_pid;
	r->sid = f->sid;
	r->ordinal = f->ordinal;
	r->flags = f->flags;
	r->origin = f->origin;
	if (f->is_known != 1)
		return;
	r->session = f->session;
	r->reason = f->reason;
	r->certainty = f->certainty;
}

static int is_outer_tty(const struct join *j, const struct join_entry *e, uint64_t session)
{
	uint32_t at;

	return e->tty != 0 && join_map_get(&j->keeper_by_n, session, &at) &&
	    j->keeper[at].tty_dev != 0 && acct_tty_is(e->tty, j->keeper[at].tty_dev);
}

void join_fill(const struct join *j, const struct join_entry *e, struct process_record *r)
{
	*r = (struct process_record){ .kind = PROCESS_ACCT, .kernel_file = e->kernel_file,
		.place = e->place };
	memcpy(r->body, e->raw, ACCT_SIZE);
	fill_label(e, r);
	if (e->known.is_known != 0)
		fill_known(e, r);
	if (e->known.is_known != 1 && e->lead_in != 0 && r->reason == REASON_NO_RECORDER) {
		r->session = e->lead_in;
		r->reason = REASON_LEAD_IN;
	}
	if (r->reason == REASON_NO_RECORDER && e->tty != 0)
		r->reason = REASON_NO_RECORDER_TERMINAL;
	if (r->reason != REASON_RECORDER && r->session != 0 && is_outer_tty(j, e, r->session))
		r->flags |= PROCESS_F_OTHER_TTY;
}
