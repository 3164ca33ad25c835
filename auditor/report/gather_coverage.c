/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "report/gather.h"

static const struct report_column columns[] = {
	{ "start", "BEGIN", REPORT_WALL },
	{ "end", "END", REPORT_WALL },
	{ "live", "STATE", REPORT_TEXT },
	{ "user", "USER", REPORT_TEXT },
	{ "tty", "TERMINAL", REPORT_TEXT },
	{ "origin", "CAME BY", REPORT_TEXT },
	{ "program", "PROGRAM", REPORT_TEXT },
	{ "processes", "PROCESSES", REPORT_COUNT },
	{ "ledger", "LEAF", REPORT_NUMBER },
	{ "command", "TO SEE IT", REPORT_COMMAND },
};

static int64_t or_unknown(int known, int64_t v)
{
	return known ? v : REPORT_UNKNOWN;
}

static void put_row(struct report_table *t, const struct cover_row *c)
{
	char date[GATHER_DATE];

	report_row(t, TOPIC_UNRECORDED | TOPIC_FINDING);
	report_number(t, c->from_ns);
	report_number(t, or_unknown(c->ended, c->to_ns));
	report_text(t, c->live ? "goes on" : c->ended ? "over" : "");
	report_text(t, c->user);
	report_text(t, c->tty[0] != '\0' ? c->tty : "none");
	report_text(t, c->from);
	report_text(t, c->what);
	report_number(t, or_unknown(c->processes != 0, c->processes));
	report_number(t, or_unknown(c->has_leaf, (int64_t)c->leaf));
	if (c->has_leaf)
		report_textf(t, "shellac ledger --since %llu", (unsigned long long)c->leaf);
	else
		report_textf(t, "shellac coverage --since %s", gather_date(date, c->from_ns));
}

/* Ledger and process records; what is wrong with them is said, and a finding of theirs. */
void gather_coverage_begin(struct gather *g)
{
	int wrong = 0;
	long r;

	g->cover.since_ns = g->since_ns;
	g->cover.until_ns = g->until_ns;
	r = cover_ledger(&g->cover, &g->a->store);
	if (r >= 0)
		r = g->process_files = cover_processes(&g->cover, &g->a->store, &wrong);
	g->cannot |= r < 0;
	cover_finish(&g->cover, g->users);
}

void gather_coverage_end(struct gather *g)
{
	const struct cover_count n = cover_count(&g->cover);
	struct report_table *t = report_table(g->r, REPORT_COVERAGE, "unrecorded",
	    "Terminals and logins that nobody recorded", columns,
	    sizeof columns / sizeof columns[0]);
	size_t i;

	for (i = 0; i < g->cover.rows; i++)
		if (g->cover.row[i].kind == COVER_UNRECORDED)
			put_row(t, &g->cover.row[i]);
	report_fact_number(g->r, REPORT_COVERAGE, TOPIC_SESSION, "sessions", REPORT_COUNT,
	    (int64_t)g->wanted);
	report_fact_number(g->r, REPORT_COVERAGE, TOPIC_UNRECORDED,
	    "terminals and logins not recorded", REPORT_COUNT, (int64_t)n.unrecorded);
	report_fact_number(g->r, REPORT_COVERAGE, TOPIC_UNRECORDED,
	    "called so and taken back, their recorder came late", REPORT_COUNT,
	    (int64_t)n.lead_ins);
	report_fact_number(g->r, REPORT_COVERAGE, TOPIC_OUTAGE, "times that nobody can vouch for",
	    REPORT_COUNT, (int64_t)n.gaps);
	report_fact_text(g->r, REPORT_COVERAGE, TOPIC_UNRECORDED, "seen by",
	    g->cover.seen & COVER_SEEN_EVENTS ? "process events" :
	    g->cover.seen & COVER_SEEN_ACCT ? "accounting alone" : "nothing");
	g->r->findings += n.unrecorded;
	if (n.unrecorded > 0)
		report_gap(g->r, REPORT_COVERAGE, TOPIC_UNRECORDED, "shellac coverage",
		    "recordings of %zu terminal%s or login%s", n.unrecorded,
		    n.unrecorded == 1 ? "" : "s", n.unrecorded == 1 ? "" : "s");
	if (g->cover.seen == 0)
		report_gap(g->r, REPORT_COVERAGE, TOPIC_UNRECORDED | TOPIC_OUTAGE, NULL,
		    "process records of this time: whoever was here without a recorder is not known");
	else if ((g->cover.seen & COVER_SEEN_EVENTS) == 0)
		report_gap(g->r, REPORT_COVERAGE, TOPIC_UNRECORDED, NULL,
		    "process events: accounting alone sees who was not recorded when a process ends, "
		    "or in a look each 30 seconds");
}
