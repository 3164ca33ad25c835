/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "coverage_fixture.h"

struct coverage *c;
static char said[4096];       /* each row as a line */
uint64_t now;
uint32_t front, labelled;

static void row(void *ctx, const struct process_record *r, const struct process_terminal *t)
{
	struct process_terminal again;
	size_t len = strlen(said);

	ck_assert_ptr_eq(ctx, said);
	ck_assert_int_eq(r->kind, PROCESS_TERMINAL);
	ck_assert_int_eq(process_terminal_parse(r->body, &again), 0);
	ck_assert_uint_eq(again.pid, t->pid);
	if (t->state == 1)
		snprintf(said + len, sizeof(said) - len, "+%u:%u tty %u uid %u %.16s %s\n", t->pid,
		    (unsigned)r->start_ticks, t->tty_dev & 0xfffff, t->uid, t->comm,
		    process_origin_name(r->origin));
	else
		snprintf(said + len, sizeof(said) - len, "-%u:%u %u processes%s %u-%u\n", t->pid,
		    (unsigned)r->start_ticks, t->processes,
		    r->reason == REASON_LEAD_IN && r->session != 0 ? " lead-in" : "",
		    (unsigned)(t->from_boot_ns / MS), (unsigned)(t->to_boot_ns / MS));
}

static uint64_t label(void *ctx, uint32_t pid, uint64_t start_ticks)
{
	(void)ctx;
	(void)start_ticks;
	return pid == labelled ? 7 : 0;
}

static int is_front(void *ctx, const struct coverage_front *f)
{
	ck_assert_ptr_eq(ctx, said);
	return f->pid == front;
}

static void begin(void)
{
	const struct coverage_ops ops = {.row = row, .session = label, .is_front = is_front,
		.ctx = said};

	ck_assert_int_eq(coverage_new(&c, &ops), 0);
	said[0] = '\0';
	front = labelled = 0;
	now = 10000;
}

static void end(void)
{
	coverage_free(c);
}

void pass(uint64_t ms)
{
	uint64_t until = now + ms;
	int wait;

	while ((wait = coverage_turn(c, now * MS)) >= 0 && now + (uint64_t)wait <= until)
		now += wait > 0 ? (uint64_t)wait : 1;
	now = until;
	coverage_turn(c, now * MS);
}

void is_said(const char *wanted)
{
	ck_assert_str_eq(said, wanted);
	said[0] = '\0';
}

struct sight one(uint32_t pid, uint32_t sid, uint64_t start, uint32_t tty, const char *comm)
{
	struct sight s = {.pid = pid, .sid = sid, .start_ticks = start / 10, .tty_dev = tty,
		.uid = ALICE, .origin = ORIGIN_SSHD, .reason = REASON_NO_RECORDER_TERMINAL};

	s.sid_start = pid == sid ? s.start_ticks : 0;
	s.boot_ns = now * MS;
	memcpy(s.comm, comm, strnlen(comm, sizeof(s.comm)));
	return s;
}

void runs(uint32_t pid, uint32_t sid, uint64_t start, uint32_t tty, const char *comm)
{
	struct sight s = one(pid, sid, start, tty, comm);

	coverage_seen(c, &s);
}

void ends(uint32_t pid, uint32_t sid, uint64_t start, uint32_t tty, const char *comm)
{
	struct sight s = one(pid, sid, start, tty, comm);

	s.ended = 1;
	coverage_seen(c, &s);
}

void record(uint32_t pid, uint64_t start, uint32_t tty, const char *comm)
{
	ends(pid, 0, start, tty, comm);
}

void recorded(uint32_t pid, uint32_t sid, uint32_t tty, uint64_t n)
{
	struct sight s = one(pid, sid, now, tty, "sh");

	s.session = n;
	s.reason = REASON_FORK;
	coverage_seen(c, &s);
}

int suite_coverage(const char *name, const TTest *const *tests, size_t count)
{
	TCase *tc = tcase_create(name);
	size_t i;

	tcase_add_checked_fixture(tc, begin, end);
	for (i = 0; i < count; i++)
		tcase_add_test(tc, tests[i]);
	return suite_run_case(name, tc);
}
