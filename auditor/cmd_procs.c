/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <sys/wait.h>

#include "auditor.h"
#include "clock.h"
#include "columns.h"
#include "err.h"
#include "escape.h"
#include "json.h"
#include "process_walk.h"
#include "select.h"
#include "users.h"

enum { OPT_JSON = OPT_LONG, OPT_SESSION };

const struct opt procs_opts[] = {
	{ OPT_SESSION, "session", "ID", "only what belongs to this session" },
	{ OPT_JSON, "json", NULL, "one JSON object a line" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

#define SECOND 1000000000

enum { COMMAND, FLAGS, USER, TTY, SESSION, PID, EXIT, CPU, ELAPSED, START, REASON, COLUMNS };

static const struct {
	const char *head;
	size_t width;
	int right;
} columns[COLUMNS] = {
	{ "COMMAND", 16, 0 }, { "FL", 3, 0 }, { "USER", 10, 0 }, { "TTY", 8, 0 },
	{ "SESSION", 7, 1 }, { "PID", 7, 1 }, { "EXIT", 6, 0 }, { "CPU", 8, 1 },
	{ "ELAPSED", 10, 1 }, { "START", 20, 0 }, { "REASON", 20, 0 },
};

/* what goes first where a terminal is too narrow */
static const unsigned char drop[] = { REASON, FLAGS, CPU, ELAPSED, EXIT, USER, TTY, START,
	COLUMNS_END };

struct procs {
	struct users *users;
	unsigned kept;    /* columns */
	uint64_t session; /* 0: all */
	int json;
};

/* F never exec'd, S used a capability, T on another terminal than its session's */
static void put_flags(char out[4], const struct process_record *p, const struct acct_record *r)
{
	size_t n = 0;

	if (r->flags & ACCT_F_FORK)
		out[n++] = 'F';
	if (r->flags & ACCT_F_SU)
		out[n++] = 'S';
	if (p->flags & PROCESS_F_OTHER_TTY)
		out[n++] = 'T';
	out[n] = '\0';
}

static json_t *json_number_or_null(uint64_t v)
{
	return v != 0 ? json_u64(v) : json_null();
}

/* Accounting counts hundredths of a second */
static json_t *json_seconds(double s)
{
	return json_real((double)(long long)(s * 100 + 0.5) / 100);
}

static void record_json(const struct procs *ps, const struct process_record *p,
    const struct acct_record *r)
{
	const char *user = users_name(ps->users, r->uid);
	char tty[TTY_NAME_SIZE], flags[4];
	int st = (int)r->status;
	json_t *o = json_object();

	put_flags(flags, p, r);
	acct_tty_name(tty, r->tty);
	json_object_set_new(o, "pid", json_u64(r->pid));
	json_object_set_new(o, "ppid", json_u64(r->ppid));
	json_object_set_new(o, "uid", json_u64(r->uid));
	json_object_set_new(o, "user", user != NULL ? json_bytes(user) : json_null());
	json_object_set_new(o, "tty", tty[0] != '?' ? json_string(tty) : json_null());
	json_object_set_new(o, "session", json_number_or_null(p->session));
	json_object_set_new(o, "comm", json_bytes(r->comm));
	json_object_set_new(o, "start", json_time((int64_t)r->btime * SECOND));
	json_object_set_new(o, "elapsed_s", json_seconds(r->elapsed_s));
	json_object_set_new(o, "cpu_s", json_seconds(r->user_s + r->system_s));
	json_object_set_new(o, "exit",
	    WIFEXITED(st) ? json_integer(WEXITSTATUS(st)) : json_null());
	json_object_set_new(o, "signal",
	    WIFSIGNALED(st) ? json_integer(WTERMSIG(st)) : json_null());
	json_object_set_new(o, "flags", json_string(flags));
	json_object_set_new(o, "reason", json_string(process_reason_name(p->reason)));
	json_object_set_new(o, "outer", json_number_or_null(p->outer));
	json_object_set_new(o, "keeper_pid", json_number_or_null(p->keeper_pid));
	json_line(o);
}

static void put_exit(char *out, size_t size, int st)
{
	if (WIFSIGNALED(st))
		snprintf(out, size, "sig %d", WTERMSIG(st));
	else
		snprintf(out, size, "%d", WEXITSTATUS(st));
}

static void put_row(unsigned kept, const char *const *cell)
{
	unsigned i;
	int first = 1;

	for (i = 0; i < COLUMNS; i++) {
		if (!(kept >> i & 1))
			continue;
		if (!first)
			putchar(' ');
		first = 0;
		printf(columns[i].right ? "%*s" : "%-*s", i == REASON ? 0 : (int)columns[i].width,
		    cell[i]);
	}
	putchar('\n');
}

static void record_text(const struct procs *ps, const struct process_record *p,
    const struct acct_record *r)
{
	const char *user = users_name(ps->users, r->uid);
	char comm[4 * ACCT_COMM + 8], name[64], flags[4], end[16], session[24], pid[24], cpu[32];
	char elapsed[32], when[CLOCK_RFC3339_SIZE], start[CLOCK_RFC3339_SIZE + 4];
	char tty[TTY_NAME_SIZE];
	const char *const cell[COLUMNS] = { comm, flags, name, tty, session, pid, end, cpu, elapsed,
		start, process_reason_name(p->reason) };

	put_flags(flags, p, r);
	put_exit(end, sizeof end, (int)r->status);
	snprintf(session, sizeof session, p->session != 0 ? "%llu" : "-",
	    (unsigned long long)p->session);
	snprintf(cpu, sizeof cpu, "%.2f", r->user_s + r->system_s);
	snprintf(elapsed, sizeof elapsed, "%.2f", r->elapsed_s);
	clock_rfc3339(when, (int64_t)r->btime * SECOND);
	snprintf(start, sizeof start, "%.10s %.8sZ", when, when[0] != '\0' ? when + 11 : when);
	acct_tty_name(tty, r->tty);
	escape_str(comm, sizeof comm, r->comm);
	snprintf(pid, sizeof pid, "%lu", (unsigned long)r->pid);
	if (user != NULL)
		escape_str(name, sizeof name, user);
	else
		snprintf(name, sizeof name, "%lu", (unsigned long)r->uid);
	put_row(ps->kept, cell);
}

static void record(void *arg, const struct process_record *p, const struct acct_record *r)
{
	const struct procs *ps = arg;

	if (ps->session != 0 && p->session != ps->session)
		return;
	if (ps->json)
		record_json(ps, p, r);
	else
		record_text(ps, p, r);
}

static void trouble(void *arg, const char *path, uint64_t offset, const char *text, int tail)
{
	(void)arg;
	complain("%s, offset %llu: %s%s", path, (unsigned long long)offset, text,
	    tail ? ", left out" : "");
}

static void put_head(struct procs *ps)
{
	const char *head[COLUMNS];
	size_t width[COLUMNS];
	unsigned i;

	for (i = 0; i < COLUMNS; i++) {
		head[i] = columns[i].head;
		width[i] = columns[i].width;
	}
	ps->kept = columns_fit(width, COLUMNS, 1, drop);
	put_row(ps->kept, head);
}

static int show(struct auditor *a, struct procs *ps)
{
	struct process_walk w = { .record = record, .trouble = trouble, .arg = ps };
	long files;

	ps->users = users_new(&a->store, a->control[0] != '\0');
	if (ps->users == NULL) {
		complain("no memory");
		return AUDIT_CANNOT;
	}
	if (!ps->json)
		put_head(ps);
	files = process_walk(&a->store, &w);
	users_free(ps->users);
	if (files < 0) {
		complain("%s/process: %s", a->store_path, err_text((int)files));
		return AUDIT_CANNOT;
	}
	if (files == 0)
		complain("no process records: the collector did not have the kernel's accounting");
	return AUDIT_OK;
}

int cmd_procs(struct auditor *a, int argc, char **argv)
{
	struct procs ps = { 0 };
	const char *session = NULL;
	struct store_session *e;
	int c, done, status;

	while ((c = command_next(command_find("procs"), argc, argv, &done)) != OPT_END) {
		if (c == OPT_JSON)
			ps.json = 1;
		else if (c == OPT_SESSION)
			session = optarg;
		else
			return AUDIT_USAGE;
	}
	if (done)
		return AUDIT_OK;
	if (optind != argc) {
		complain("procs takes no arguments; --session ID chooses a session");
		return AUDIT_USAGE;
	}
	status = auditor_open(a, 1);
	if (status == AUDIT_OK)
		status = auditor_want_all(a);
	if (status != AUDIT_OK)
		return status;
	if (session != NULL) {
		e = select_or_complain(a, session, &status);
		if (e == NULL)
			return status;
		ps.session = e->name.n;
	}
	return show(a, &ps);
}
