/* SPDX-License-Identifier: ISC */
/* What is said of a use, and when. */
#include <string.h>

#include "coverage_internal.h"
#include "process_record.h"

static void say(const struct coverage *c, const struct use *u, uint8_t state, uint64_t lead_in)
{
	struct process_record r = {.kind = PROCESS_TERMINAL};
	struct process_terminal t = {.state = state, .pid = u->pid, .uid = u->uid,
		.tty_dev = u->tty_dev, .from_boot_ns = u->from_ns};

	if (state == 2) {
		t.to_boot_ns = u->to_ns;
		t.processes = u->processes;
	}
	memcpy(t.comm, u->comm, sizeof(t.comm));
	r.session = lead_in;
	r.reason = lead_in != 0 ? REASON_LEAD_IN :
	    u->tty_dev != 0 ? REASON_NO_RECORDER_TERMINAL : REASON_NO_RECORDER;
	r.certainty = u->sid != 0 ? CERTAIN_EXACT : CERTAIN_LIKELY;
	r.origin = u->origin;
	r.start_ticks = u->start_ticks;
	r.sid = u->sid;
	process_terminal_put(r.body, &t);
	c->ops.row(c->ops.ctx, &r, &t);
}

void row_drop(struct use *u, uint64_t boot_ns)
{
	while (!LIST_EMPTY(&u->members))
		member_free(LIST_FIRST(&u->members));
	u->state = USE_OVER;
	u->to_ns = boot_ns;
	u->due_ns = DUE_TURN;
}

void row_begins(struct coverage *c, struct use *u)
{
	struct member *m;

	if (u->idle) {
		LIST_FOREACH(m, &u->members, of_use) {
			m->counts = 1;
			u->processes++;
		}
	}
	u->idle = 0;
	u->leaves_only = 0;
	u->state = USE_SAID;
	say(c, u, 1, 0);
}

void row_ends(struct coverage *c, struct use *u, uint64_t boot_ns, uint64_t lead_in)
{
	u->to_ns = boot_ns > u->from_ns ? boot_ns : u->from_ns;
	say(c, u, 2, lead_in);
}

void row_check(struct coverage *c, struct use *u, uint64_t boot_ns)
{
	const struct member *m;

	if (u->state != USE_SAID)
		return;
	LIST_FOREACH(m, &u->members, of_use)
		if (m->counts)
			return;
	row_ends(c, u, boot_ns, 0);
	if (u->n != 0 && !u->ended)
		u->state = USE_COVERED;
	else
		row_drop(u, boot_ns);
}

void row_due(struct coverage *c, struct use *u, uint64_t boot_ns)
{
	if (u->state == USE_OVER) {
		use_free(u);
	} else if ((u->idle && LIST_EMPTY(&u->members)) || (c->ops.session != NULL &&
	    u->start_ticks != 0 && c->ops.session(c->ops.ctx, u->pid, u->start_ticks) != 0)) {
		row_drop(u, boot_ns);
	} else if (u->idle && use_is_front_alone(c, u)) {
		u->due_ns = boot_ns + COVERAGE_HOLD_NS;
	} else {
		row_begins(c, u);
		row_check(c, u, u->to_ns != 0 ? u->to_ns : boot_ns);
	}
}
