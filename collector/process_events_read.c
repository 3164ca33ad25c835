/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "clock.h"
#include "process_events_internal.h"
#include "procfs.h"

/* So far behind, what /proc says of a new program is mostly gone, and each look at it
 * makes the rest wait longer. */
#define LATE_NS UINT64_C(200000000)
#define LATE_TICKS 5 /* so much later than the start a fork event is at most */
#define FORK_NS UINT64_C(150) /* from a life's start to its fork event, half of the times */

static struct pevent *add(struct process_events *pe, uint8_t what, const struct proc_connector *m)
{
	struct pevent *e = &pe->batch[pe->n++];

	memset(e, 0, sizeof(*e));
	e->what = what;
	e->pid = m->tgid;
	e->boot_ns = boot_offset_apply(&pe->offset, m->mono_ns);
	pe->fresh.events++;
	return e;
}

static void add_loss(struct process_events *pe, uint64_t mono_ns, uint64_t count)
{
	const struct proc_connector m = {.mono_ns = mono_ns};

	add(pe, PEVENT_LOSS, &m)->count = count;
	pe->fresh.events--;
	pe->fresh.losses++;
	pe->fresh.lost += count;
}

/* The start that /proc will show, or did.  What has the pid now may be a later life, and
 * began after the event then. */
static uint64_t start_tick(const struct process_events *pe, const struct proc_connector *m)
{
	uint64_t boot_ns = boot_offset_apply(&pe->offset, m->mono_ns), tick = boot_ns / TICK_NS;
	struct proc_stat s;

	if (boot_offset_doubts(&pe->offset, m->mono_ns) && procfs_stat((pid_t)m->tgid, &s) == 0 &&
	    ((s.start_ticks <= tick && s.start_ticks + LATE_TICKS >= tick) ||
	    m->mono_ns < pe->offset.doubt_to_ns))
		return s.start_ticks;
	return (boot_ns - FORK_NS) / TICK_NS;
}

static void add_fork(struct process_events *pe, const struct proc_connector *m)
{
	struct pevent *e = add(pe, PEVENT_FORK, m);

	e->ppid = m->parent_tgid;
	e->start_ticks = start_tick(pe, m);
	pe->fresh.forks++;
}

/* What /proc gave for an exec when the next one of that pid was over belongs to that. */
static void take_text_back(struct process_events *pe, const struct proc_connector *next)
{
	struct pevent *e;
	unsigned i;

	for (i = 0; i < pe->n; i++) {
		e = &pe->batch[i];
		if (e->what != PEVENT_EXEC || e->pid != next->tgid || e->exec.have == 0 ||
		    pe->read_ns[i] < next->mono_ns)
			continue;
		e->exec.have &= EXEC_TTY;
		e->exec.text_len = 0;
		memset(e->comm, 0, sizeof(e->comm));
		memset(e->exec.comm, 0, sizeof(e->exec.comm));
		pe->fresh.texts_missing++;
	}
}

static void add_exec(struct process_events *pe, const struct proc_connector *m)
{
	unsigned i = pe->n;
	struct pevent *e;

	take_text_back(pe, m);
	e = add(pe, PEVENT_EXEC, m);
	events_read_exec(e, pe->text[i], pe->read_args && clock_mono() < m->mono_ns + LATE_NS);
	pe->read_ns[i] = clock_mono();
	pe->fresh.execs++;
	if (pe->read_args && (e->exec.have & EXEC_ARGS) == 0)
		pe->fresh.texts_missing++;
}

void events_message(struct process_events *pe, const struct proc_connector *m)
{
	uint32_t gap = proc_sequence_gap(&pe->sequence, m);
	struct pevent *e;

	pe->fresh.messages++;
	if (gap > 0) {
		add_loss(pe, m->mono_ns, gap);
		pe->overrun = 0;
	}
	if (m->mono_ns > pe->newest_ns)
		pe->newest_ns = m->mono_ns;
	if (m->what == PROC_CONNECTOR_EXEC)
		add_exec(pe, m);
	else if (m->what == PROC_CONNECTOR_SID)
		add(pe, PEVENT_SID, m)->sid = m->tgid;
	if (m->pid != m->tgid) /* a thread's: credentials and names are each thread's own */
		return;
	switch (m->what) {
	case PROC_CONNECTOR_FORK: add_fork(pe, m); break;
	case PROC_CONNECTOR_EXIT: add(pe, PEVENT_EXIT, m); break;
	case PROC_CONNECTOR_COMM:
		e = add(pe, PEVENT_COMM, m);
		memcpy(e->comm, m->comm, sizeof(e->comm));
		break;
	case PROC_CONNECTOR_UID:
		e = add(pe, PEVENT_UID, m);
		e->uid = m->uid;
		e->euid = m->euid;
		break;
	default: break;
	}
}

/* The last messages of a cpu may be among those lost, and it may send no other soon. */
void events_drained(struct process_events *pe)
{
	if (pe->overrun)
		add_loss(pe, clock_mono(), 0);
	pe->overrun = 0;
}
