/* SPDX-License-Identifier: ISC */
#include <stdint.h>

#include "err.h"
#include "fleet/hosts.h"
#include "timeline/timeline.h"

enum { OPT_JSON = OPT_LONG, OPT_SINCE, OPT_UNTIL, OPT_ALL };

const struct opt timeline_opts[] = {
	{ OPT_SINCE, "since", "DATE", "what was at that time or later" },
	{ OPT_UNTIL, "until", "DATE", "what was at that time or before" },
	{ OPT_ALL, "all", NULL, "also processes of no session" },
	{ OPT_JSON, "json", NULL, "one JSON object a line" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

static int gather(struct timeline *t, struct auditor *a)
{
	int r = timeline_sessions(t, a);

	if (r == 0)
		r = timeline_coverage(t, a);
	if (r == 0)
		r = timeline_processes(t, a);
	if (r == 0)
		r = timeline_ledger(t, a);
	return r != 0 ? r : t->error;
}

/* The store, or of a fleet that of the host which the words name. */
static int open_it(struct timeline *t, struct auditor *a)
{
	int some, status;
	const char *name = timeline_wanted_host(t, &some);
	const struct fleet_host *h;

	if (a->conninfo == NULL && some) {
		complain("the word host is for a fleet; this is the store of one");
		return AUDIT_USAGE;
	}
	if (a->conninfo == NULL || (status = hosts_connect(a)) != AUDIT_OK)
		return a->conninfo == NULL ? auditor_open(a, 1) : status;
	if (name == NULL && fleet_hosts(a->fleet) > 1) {
		complain("%s has %zu hosts, and timeline reads one: shellac timeline host NAME ...",
		    a->store_path, fleet_hosts(a->fleet));
		return AUDIT_USAGE;
	}
	if (name == NULL) {
		status = hosts_open_only(a);
	} else {
		h = hosts_find(a, name, 1, &status);
		status = h != NULL ? hosts_open(a, h) : status;
	}
	t->host = a->host != NULL ? a->host->name : NULL;
	return status;
}

static int show(struct timeline *t, struct auditor *a, int json)
{
	int status = open_it(t, a), r;

	if (status == AUDIT_OK)
		status = auditor_want_all(a);
	if (status != AUDIT_OK)
		return status;
	r = gather(t, a);
	if (r != 0) {
		complain("%s: %s", a->store_path, err_text(r));
		return AUDIT_CANNOT;
	}
	timeline_sort(t);
	timeline_print(t, json);
	return t->wrong ? AUDIT_FINDING : AUDIT_OK;
}

int cmd_timeline(struct auditor *a, int argc, char **argv)
{
	struct timeline t = { .since_ns = INT64_MIN, .until_ns = INT64_MAX };
	char why[EXPRESSION_WHY];
	int o, done, json = 0, r = 0, status;

	while ((o = command_next(command_find("timeline"), argc, argv, &done)) != OPT_END) {
		if (o == OPT_USAGE || (o == OPT_SINCE && auditor_date("since", &t.since_ns) != 0) ||
		    (o == OPT_UNTIL && auditor_date("until", &t.until_ns) != 0))
			return AUDIT_USAGE;
		t.all |= o == OPT_ALL;
		json |= o == OPT_JSON;
	}
	if (done)
		return AUDIT_OK;
	if (t.since_ns > t.until_ns) {
		complain("--since is later than --until");
		return AUDIT_USAGE;
	}
	if (optind < argc)
		r = timeline_words(&t, argc - optind, argv + optind, why);
	if (r != 0)
		complain("%s", r == E_FORMAT ? why : err_text(r));
	status = r == 0 ? show(&t, a, json) : r == E_FORMAT ? AUDIT_USAGE : AUDIT_CANNOT;
	timeline_release(&t);
	return status;
}
