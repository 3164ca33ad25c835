/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <sys/wait.h>

#include "procs/alive.h"
#include "auditor.h"
#include "clock.h"
#include "err.h"
#include "escape.h"
#include "output/json.h"

enum { OPT_JSON = OPT_LONG };

const struct opt alive_opts[] = {
	{ OPT_JSON, "json", NULL, "one JSON object" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

#define SECOND 1000000000

static const char *const words[] = { [ALIVE_YES] = "alive", [ALIVE_ENDED] = "ended",
	[ALIVE_UNKNOWN] = "unknown" };
static const int statuses[] = { [ALIVE_YES] = AUDIT_OK, [ALIVE_ENDED] = AUDIT_FINDING,
	[ALIVE_UNKNOWN] = AUDIT_CANNOT };

/* Wall clock of the end, to 1/100 s; of the record's start where the life's is not known. */
static int64_t end_wall_ns(const struct alive *a)
{
	int64_t start = a->start_wall_ns != 0 ? a->start_wall_ns : (int64_t)a->end.btime * SECOND;

	return start + (int64_t)(a->end.elapsed_s * SECOND);
}

static void print_json(const struct alive *a)
{
	int ended = a->state == ALIVE_ENDED, st = (int)a->end.status;
	char life[LIFE_NAME_SIZE];
	json_t *o = json_object();

	json_object_set_new(o, "life", json_string(life_name_format(life, &a->life)));
	json_object_set_new(o, "state", json_string(words[a->state]));
	json_object_set_new(o, "reason", a->reason != NULL ? json_string(a->reason) : json_null());
	json_object_set_new(o, "comm", json_bytes(a->comm));
	json_object_set_new(o, "start",
	    a->start_wall_ns != 0 ? json_time(a->start_wall_ns) : json_null());
	json_object_set_new(o, "end", ended ? json_time(end_wall_ns(a)) : json_null());
	json_object_set_new(o, "session",
	    ended && a->record.session != 0 ? json_u64(a->record.session) : json_null());
	json_object_set_new(o, "exit",
	    ended && WIFEXITED(st) ? json_integer(WEXITSTATUS(st)) : json_null());
	json_object_set_new(o, "signal",
	    ended && WIFSIGNALED(st) ? json_integer(WTERMSIG(st)) : json_null());
	json_line(o);
}

static void print_text(const struct alive *a)
{
	char life[LIFE_NAME_SIZE], date[CLOCK_RFC3339_SIZE], safe[4 * ACCT_COMM + 8];
	int st = (int)a->end.status;

	printf("%s: %s", life_name_format(life, &a->life), words[a->state]);
	if (a->comm[0] != '\0')
		printf(", %s", escape_str(safe, sizeof safe, a->comm));
	if (a->start_wall_ns != 0)
		printf(", since %s", clock_rfc3339(date, a->start_wall_ns));
	if (a->state == ALIVE_ENDED)
		printf(", until %s, %s %d", clock_rfc3339(date, end_wall_ns(a)),
		    WIFSIGNALED(st) ? "ended by signal" : "exit status",
		    WIFSIGNALED(st) ? WTERMSIG(st) : WEXITSTATUS(st));
	if (a->reason != NULL)
		printf(": %s", a->reason);
	putchar('\n');
}

static int show(struct auditor *a, const struct life_name *n, int json)
{
	struct alive found;
	int r;

	alive_look(&found, n);
	r = auditor_open(a, 1);
	if (r == AUDIT_OK)
		r = auditor_want_all(a);
	if (r != AUDIT_OK)
		return r;
	r = alive_judge(&found, &a->store);
	if (r < 0) {
		complain("%s/process: %s", a->store_path, err_text(r));
		return AUDIT_CANNOT;
	}
	if (json)
		print_json(&found);
	else
		print_text(&found);
	return statuses[found.state];
}

int cmd_alive(struct auditor *a, int argc, char **argv)
{
	struct life_name n;
	int c, done, json = 0;

	while ((c = command_next(command_find("alive"), argc, argv, &done)) != OPT_END) {
		if (c != OPT_JSON)
			return AUDIT_USAGE;
		json = 1;
	}
	if (done)
		return AUDIT_OK;
	if (optind + 1 != argc || life_name_parse(argv[optind], &n) != 0) {
		complain("alive takes one LIFE, [BOOT:]PID:START[:ORDINAL], as of procs --json");
		return AUDIT_USAGE;
	}
	return show(a, &n, json);
}
