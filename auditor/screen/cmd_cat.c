/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auditor.h"
#include "err.h"
#include "output/outcome.h"
#include "procs/procs.h"
#include "screen/cat.h"
#include "store/select.h"

enum { OPT_RAW = OPT_LONG, OPT_TIME, OPT_NO_TIME, OPT_COMMANDS, OPT_PROCESSES, OPT_SCREENS,
	OPT_JSON };

const struct opt cat_opts[] = {
	{ OPT_TIME, "time", NULL, "times in front, notes, typed lines marked (as on a terminal)" },
	{ OPT_NO_TIME, "no-time", NULL, "the lines alone" },
	{ OPT_SCREENS, "screens", NULL, "also what full-screen programs showed" },
	{ OPT_COMMANDS, "commands", NULL, "what was typed, with times and exit statuses" },
	{ OPT_PROCESSES, "processes", NULL, "with --commands: the processes of each" },
	{ OPT_RAW, "raw", NULL, "the exact bytes, control sequences and all" },
	{ OPT_JSON, "json", NULL, "one JSON object a line" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

struct request {
	int raw, time, no_time, commands, processes, screens, json;
};

static int options(struct request *q, int argc, char **argv, int *done)
{
	int c;

	while ((c = command_next(command_find("cat"), argc, argv, done)) != OPT_END) {
		switch (c) {
		case OPT_RAW:
			q->raw = 1;
			break;
		case OPT_TIME:
			q->time = 1;
			break;
		case OPT_NO_TIME:
			q->no_time = 1;
			break;
		case OPT_COMMANDS:
			q->commands = 1;
			break;
		case OPT_PROCESSES:
			q->processes = 1;
			break;
		case OPT_SCREENS:
			q->screens = 1;
			break;
		case OPT_JSON:
			q->json = 1;
			break;
		default:
			return AUDIT_USAGE;
		}
	}
	return AUDIT_OK;
}

static const char *contradiction(const struct request *q)
{
	if (q->raw && (q->time || q->no_time || q->commands || q->processes || q->screens ||
	    q->json))
		return "--raw goes alone";
	if (q->time && q->no_time)
		return "--time and --no-time exclude each other";
	if (q->commands && (q->screens || q->time || q->no_time))
		return "--commands goes with none of --screens, --time and --no-time";
	if (q->processes && !q->commands)
		return "--processes goes with --commands";
	if (q->json && (q->time || q->no_time))
		return "--json has the times: no --time, --no-time";
	return NULL;
}

static int cat_session(struct auditor *a, struct store_session *e, const struct request *q)
{
	int tty = isatty(STDOUT_FILENO), r, status;
	struct cat c = { .auditor = a, .entry = e, .json = q->json, .screens = q->screens,
		.processes = q->processes, .times = q->time || (tty && !q->no_time),
		.colour = tty, .how = { .host_pk = auditor_pk(a), .keys = &a->keys } };
	struct verdict v = { 0 };
	struct cert cert;

	r = sink_init(&c.out, STDOUT_FILENO);
	if (r == 0 && procs_session(&a->store, e, &cert) == 0)
		c.begin_ns = cert.wall_ns;
	if (r == 0)
		r = q->raw ? cat_raw(&c, &v) : q->commands ? cat_commands(&c, &v) : cat_lines(&c, &v);
	if (sink_flush(&c.out) != 0 && r == 0)
		r = c.out.error;
	status = r == 0 ? outcome_stop(e, &v) : AUDIT_CANNOT;
	if (r != 0)
		complain("session %llu: %s", (unsigned long long)e->name.n, err_text(r));
	sink_release(&c.out);
	return status;
}

int cmd_cat(struct auditor *a, int argc, char **argv)
{
	struct request q = { 0 };
	struct store_session *e;
	const char *wrong;
	int done, status = options(&q, argc, argv, &done);

	if (status != AUDIT_OK || done)
		return status;
	wrong = contradiction(&q);
	if (wrong != NULL || optind != argc - 1) {
		complain("%s", wrong != NULL ? wrong :
		    "cat takes one session: its number, the start of its id, or \"last\"");
		return AUDIT_USAGE;
	}
	status = auditor_open_for(a, argv[optind]);
	if (status == AUDIT_OK && q.commands)
		status = auditor_want_all(a);
	if (status != AUDIT_OK)
		return status;
	e = select_or_complain(a, argv[optind], &status);
	return e == NULL ? status : cat_session(a, e, &q);
}
