/* SPDX-License-Identifier: ISC */
/* Processes that end. */
#include <string.h>
#include <sys/wait.h>

#include "events_internal.h"

#define SECOND_NS INT64_C(1000000000)

static const struct event_head head = {.action = "process-end", .kind = "event",
	.dataset = "shellac.process", .category = "process", .type = "end"};

/* When it began and ended, as far as that is known. */
struct span {
	int64_t start_ns, end_ns, elapsed_ns;
};

/* A length that the kernel cannot have written is none. */
static int64_t in_ns(double seconds)
{
	return seconds > 0 && seconds < 9e9 ? (int64_t)(seconds * 1e9) : 0;
}

static void measure(struct span *s, const struct process_record *r, const struct acct_record *a,
    const struct process_boot *boot)
{
	int exact = r->start_ticks != 0 && boot != NULL;

	s->elapsed_ns = in_ns(a->elapsed_s);
	s->start_ns = exact ? process_boot_date(boot, r->start_ticks) :
	    (int64_t)a->btime * SECOND_NS;
	s->end_ns = s->start_ns + s->elapsed_ns;
	/* a record is read within some ms, or much later; btime is of a second, or the next */
	if (!exact && r->read_wall_ns - s->end_ns < 2 * SECOND_NS) {
		s->end_ns = r->read_wall_ns;
		s->start_ns = s->end_ns - s->elapsed_ns;
	}
	if (s->end_ns > r->read_wall_ns || s->end_ns < s->start_ns)
		s->end_ns = r->read_wall_ns;
}

static void put_program(struct events_text *t, const struct event_program *p)
{
	const char *arg, *end = p->args + p->args_len;
	uint64_t count = 0;

	if (p->exe != NULL)
		events_text_string(t, "executable", p->exe);
	if (p->cwd != NULL)
		events_text_string(t, "working_directory", p->cwd);
	t->cut |= p->cut;
	if (p->args == NULL)
		return;
	events_text_begin(t, "args", '[');
	for (arg = p->args; arg < end; arg += strlen(arg) + 1, count++)
		events_text_bytes(t, NULL, arg, strlen(arg));
	events_text_end(t, ']');
	if (!p->cut)
		events_text_number(t, "args_count", count);
}

static void put_process(struct events *e, struct events_text *t, const struct process_record *r,
    const struct acct_record *a, const struct span *s, int this_boot)
{
	struct event_program p;

	events_text_begin(t, "process", '{');
	events_text_number(t, "pid", a->pid);
	events_text_bytes(t, "name", a->comm, strnlen(a->comm, ACCT_COMM));
	if (r->start_ticks != 0 && this_boot) {
		events_put_life(t, e->c->boot_id, a->pid, r->start_ticks, r->ordinal);
		if ((a->flags & ACCT_F_FORK) == 0 &&
		    events_args_get(e->args, a->pid, r->start_ticks, &p))
			put_program(t, &p);
	}
	events_text_date(t, "start", s->start_ns);
	events_text_date(t, "end", s->end_ns);
	if (WIFEXITED((int)a->status))
		events_text_number(t, "exit_code", (uint64_t)WEXITSTATUS((int)a->status));
	events_text_begin(t, "parent", '{');
	events_text_number(t, "pid", r->parent_pid != 0 ? r->parent_pid : a->ppid);
	events_text_end(t, '}');
	events_put_tty(t, acct_tty_device(a->tty));
	events_text_end(t, '}');
}

static void put_record(struct events_text *t, const struct process_record *r,
    const struct acct_record *a)
{
	int st = (int)a->status;

	events_text_begin(t, "process", '{');
	events_text_number(t, "record", events_mark_place(r)); /* first: events_past.c looks there */
	events_text_word(t, "reason", process_reason_name(r->reason));
	events_text_word(t, "certainty", process_certainty_name(r->certainty));
	if (r->origin != ORIGIN_NOT_SAID)
		events_text_word(t, "origin", process_origin_name(r->origin));
	if (WIFSIGNALED(st)) {
		events_text_number(t, "signal", (uint64_t)WTERMSIG(st));
		events_text_bool(t, "core_dumped", WCOREDUMP(st) != 0);
	}
	events_text_bool(t, "forked_only", (a->flags & ACCT_F_FORK) != 0);
	events_text_bool(t, "used_privilege", (a->flags & ACCT_F_SU) != 0);
	events_text_number(t, "cpu_user_ns", (uint64_t)in_ns(a->user_s));
	events_text_number(t, "cpu_system_ns", (uint64_t)in_ns(a->system_s));
	events_text_number(t, "exit_parent_pid", a->ppid);
	events_text_end(t, '}');
	if (r->session != 0) {
		events_put_session(t, r->session, NULL);
		if (r->outer != 0)
			events_text_number(t, "outer", r->outer);
		events_text_end(t, '}');
	}
}

void events_process_end(struct events *e, const struct process_record *r,
    const struct acct_record *a, const struct process_boot *boot)
{
	struct event_made m;
	struct span s;

	if (!events_active(e) || !events_mark_end(e, r) || !events_begin(e, &m, &head))
		return;
	measure(&s, r, a, boot);
	events_text_word(&m.t, "outcome", a->status == 0 ? "success" : "failure");
	events_text_number(&m.t, "duration", (uint64_t)s.elapsed_ns);
	events_head_end(e, &m, s.end_ns);
	events_put_user(&m.t, a->uid, uid_names_get(&e->users, a->uid));
	put_process(e, &m.t, r, a, &s, boot != NULL);
	events_shellac(&m);
	put_record(&m.t, r, a);
	events_end(e, &m);
	events_args_drop(e->args, a->pid);
}

void events_exec(struct events *e, const struct process_exec *x, uint64_t start_ticks,
    const char *text)
{
	if (events_active(e))
		events_args_add(e->args, x, start_ticks, text);
}
