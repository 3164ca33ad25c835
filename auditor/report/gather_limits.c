/* SPDX-License-Identifier: ISC */
#include "report/gather.h"

static const struct report_column columns[] = {
	{ "limit", "WHAT", REPORT_TEXT },
	{ "shows", "WHAT SHOWS IT", REPORT_TEXT },
};

/* What the README says that nobody can see, and where else to look. */
static const struct {
	const char *limit, *shows;
} limits[] = {
	{ "what somebody who is root from then on makes up or leaves out",
	    "nothing here; what was before stays proven" },
	{ "the last minute before that", "a witness, where it had seen it" },
	{ "a disk or a machine that was put back to an earlier state",
	    "a witness, or a checkpoint that was kept (verify --seen)" },
	{ "a second ledger for a second auditor", "a witness" },
	{ "a ledger that whoever has the host's key began anew", "the host's enrolment (--key)" },
	{ "the rest of a session whose keeper was taken over", "nothing here; its past is safe" },
	{ "what was typed while echo was off", "how many bytes it was; process records say what ran" },
	{ "files, copies and commands without a terminal", "that they took place" },
	{ "work by at, cron, systemd-run, or a container's daemon",
	    "process records, without a session" },
	{ "port forwarding without a shell", "nothing here" },
	{ "who read the store as root, or a copy of it", "nothing here" },
	{ "what purged recordings held", "nothing: it is deleted; proofs stay" },
	{ "other hosts", "their own reports" },
};

void gather_limits(struct gather *g)
{
	struct report_table *t = report_table(g->r, REPORT_LIMITS, "limits", "Not to be seen here",
	    columns, sizeof columns / sizeof columns[0]);
	size_t i;

	for (i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		report_row(t, TOPIC_LIMIT);
		report_text(t, limits[i].limit);
		report_text(t, limits[i].shows);
	}
}
