/* SPDX-License-Identifier: ISC */
/* Process records: programs that began, commands that were watched for, and what input
 * plugins brought. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "procs/procs.h"
#include "timeline/timeline.h"

#define TEXT_MAX 1024
#define SECOND_NS INT64_C(1000000000)

struct reading {
	struct timeline *t;
	struct users *users;
	struct procs_lives *lives;
	struct process_segment segment;
};

static void segment(void *arg, const struct process_segment *g)
{
	struct reading *x = arg;

	x->segment = *g;
	procs_lives_boot(x->lives, g->boot_id);
}

static void add_process(struct reading *x, const struct process_record *p, int64_t wall_ns,
    uint32_t uid, const char *text)
{
	struct timeline_row r = { .wall_ns = wall_ns, .kind = "process", .source = "processes",
		.session = p->session, .text = text };
	const char *name = users_name(x->users, uid);
	char number[16];

	if ((p->session == 0 && !x->t->all) || p->reason == REASON_RECORDER)
		return;
	snprintf(number, sizeof number, "%" PRIu32, uid);
	r.user = name != NULL ? name : number;
	if (p->session != 0) {
		timeline_see_replay(&r);
	} else {
		char date[CLOCK_RFC3339_SIZE];

		clock_rfc3339(date, wall_ns);
		snprintf(r.see, sizeof r.see, "shellac procs fromdate %.19sZ", date);
	}
	timeline_add(x->t, &r);
}

static int64_t date_of(const struct reading *x, uint64_t boot_ns, int64_t otherwise)
{
	int64_t boot = x->segment.boot.boot_wall_ns;

	return boot != 0 && boot_ns < INT64_MAX / 2 ? boot + (int64_t)boot_ns : otherwise;
}

static void exec(void *arg, const struct process_text *t)
{
	struct reading *x = arg;
	size_t len = 0;
	const char *args = process_text_args(t, &len);
	char text[TEXT_MAX];

	procs_lives_exec(x->lives, t);
	if (args == NULL || len == 0) {
		args = t->exec.comm;
		len = strnlen(t->exec.comm, sizeof t->exec.comm) + 1;
	}
	len = len - 1 < sizeof text ? len - 1 : sizeof text - 1;
	for (size_t i = 0; i < len; i++)
		text[i] = args[i] != '\0' ? args[i] : ' ';
	text[len] = '\0';
	add_process(x, &t->record, date_of(x, t->exec.boot_ns, t->record.read_wall_ns), t->exec.uid,
	    text);
}

static int by_number(const void *key, const void *element)
{
	uint64_t n = *(const uint64_t *)key, of = ((const struct timeline_begin *)element)->n;

	return n < of ? -1 : n > of;
}

/* Accounting knows a start to the second; nothing of a session began before that. */
static int64_t not_before(const struct timeline *t, uint64_t session, int64_t wall_ns)
{
	const struct timeline_begin *b = t->begins == 0 ? NULL : bsearch(&session, t->begin,
	    t->begins, sizeof *t->begin, by_number);

	return b != NULL && b->wall_ns > wall_ns && b->wall_ns - wall_ns < SECOND_NS ? b->wall_ns :
	    wall_ns;
}

/* Where nobody heard of what it began, accounting has its name. */
static void record(void *arg, const struct process_record *p, const struct acct_record *a)
{
	struct reading *x = arg;

	if (procs_lives_take(x->lives, a->pid, p) == NULL && (a->flags & ACCT_F_FORK) == 0)
		add_process(x, p, not_before(x->t, p->session, procs_start(a, p, &x->segment.boot)),
		    a->uid, a->comm);
}

static void slot(void *arg, const struct process_place *at, const struct process_record *p)
{
	static const char *const states[] = { "", "began", "ended", "is not there" };
	struct reading *x = arg;
	struct timeline_row r = { .wall_ns = p->read_wall_ns, .kind = "watch",
		.source = "processes" };
	struct process_watch w;
	char text[80];

	(void)at;
	if (p->kind != PROCESS_WATCH || process_watch_parse(p->body, &w) != 0)
		return;
	snprintf(text, sizeof text, "%.32s %s", w.rule, states[w.state]);
	snprintf(r.see, sizeof r.see, "shellac procs pid %" PRIu32, w.pid);
	r.text = text;
	timeline_add(x->t, &r);
}

static const char *string_at(const json_t *o, const char *in, const char *key)
{
	return json_string_value(json_object_get(json_object_get(o, in), key));
}

/* What a plugin brought, in a line: its message, what happened, or all of it. */
static void input(void *arg, const struct process_text *t)
{
	struct reading *x = arg;
	struct timeline_row r = { .wall_ns = t->record.read_wall_ns, .kind = "input",
		.source = t->input.source, .json = t->text, .json_len = t->want };
	json_t *o = json_loadb(t->text, t->want, 0, NULL);
	const char *rule = string_at(o, "rule", "name"), *action = string_at(o, "event", "action");
	const json_t *session = json_object_get(json_object_get(o, "shellac"), "session");
	json_int_t n = json_integer_value(json_object_get(session, "n"));
	char date[CLOCK_RFC3339_SIZE];

	r.user = string_at(o, "user", "name");
	r.text = json_string_value(json_object_get(o, "message"));
	if (action != NULL && strcmp(action, "rule-hit") == 0 && rule != NULL) {
		r.kind = "rule-hit";
		if (r.text == NULL)
			r.text = rule;
	}
	if (r.text == NULL)
		r.text = action != NULL ? action : t->text;
	r.session = n > 0 ? (uint64_t)n : 0;
	clock_rfc3339(date, r.wall_ns);
	if (r.session != 0)
		snprintf(r.see, sizeof r.see, "shellac replay %" PRIu64, r.session);
	else
		snprintf(r.see, sizeof r.see, "shellac timeline --json --since %.23sZ source %.32s", date,
		    t->input.source);
	timeline_add(x->t, &r);
	json_decref(o);
}

static void trouble(void *arg, const char *path, uint64_t offset, const char *text, int tail)
{
	struct reading *x = arg;

	complain("%s, offset %" PRIu64 ": %s%s", path, offset, text, tail ? ", left out" : "");
	x->t->wrong |= !tail;
}

int timeline_processes(struct timeline *t, struct auditor *a)
{
	struct reading x = { .t = t, .lives = procs_lives_new(),
		.users = users_new(&a->store, a->control[0] != '\0') };
	const struct process_walk w = { .segment = segment, .slot = slot, .record = record,
		.exec = exec, .input = input, .trouble = trouble, .arg = &x };
	long r = x.lives == NULL || x.users == NULL ? -ENOMEM : process_walk(&a->store, &w);

	procs_lives_free(x.lives);
	users_free(x.users);
	return r < 0 ? (int)r : 0;
}
