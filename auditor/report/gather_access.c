/* SPDX-License-Identifier: ISC */
#include <errno.h>

#include "err.h"
#include "ledger/ledger_access.h"
#include "report/gather.h"

static const struct report_column columns[] = {
	{ "leaf", "LEAF", REPORT_NUMBER },
	{ "time", "TIME", REPORT_WALL },
	{ "who", "WHO", REPORT_TEXT },
	{ "what", "WHAT", REPORT_TEXT },
	{ "reason", "REASON", REPORT_TEXT },
	{ "state", "AGAINST THE LEDGER", REPORT_TEXT },
	{ "command", "TO CHECK IT", REPORT_COMMAND },
};

static struct ledger_access text;

void gather_access_begin(struct gather *g)
{
	g->access_table = report_table(g->r, REPORT_ACCESS, "access",
	    "Who was let look at recordings", columns, sizeof columns / sizeof columns[0]);
}

/* What the entry's digests are of, where the store still has it and lets us read it. */
static const char *read_text(struct gather *g, const struct entry *e)
{
	int r = g->a->store.access != NULL ? -EACCES : ledger_access_read(&text, &g->a->store, e);

	if (r == 0)
		return "as it says";
	text.who[0] = text.what[0] = text.reason[0] = '\0';
	if (r == E_DIGEST || r == E_FORMAT || r == E_RANGE) {
		g->access_wrong++;
		return "NOT WHAT IT WAS MADE OF";
	}
	g->access_unknown++;
	return r == -ENOENT ? "the text has gone" : "root alone may read the text";
}

void gather_access_entry(struct gather *g, const struct entry *e)
{
	struct report_table *t = g->access_table;
	const char *state;

	if (e->type != ENTRY_ACCESS || !gather_wants(g, e->wall_ns))
		return;
	g->accesses++;
	state = read_text(g, e);
	report_row(t, TOPIC_ACCESS);
	report_number(t, (int64_t)e->index);
	report_number(t, e->wall_ns);
	report_text(t, text.who);
	report_text(t, text.what);
	report_text(t, text.reason);
	report_text(t, state);
	report_textf(t, "shellac ledger --since %llu", (unsigned long long)e->index);
}

void gather_access_end(struct gather *g)
{
	report_fact_number(g->r, REPORT_ACCESS, TOPIC_ACCESS, "times that somebody was let look",
	    REPORT_COUNT, (int64_t)g->accesses);
	g->r->findings += g->access_wrong;
	if (g->access_unknown > 0)
		report_gap(g->r, REPORT_ACCESS, TOPIC_ACCESS, NULL,
		    "who it was and why, %llu time%s: the ledger has only digests, and the text "
		    "beside it is not here", (unsigned long long)g->access_unknown,
		    g->access_unknown == 1 ? "" : "s");
	if (g->access_wrong > 0)
		report_gap(g->r, REPORT_ACCESS, TOPIC_ACCESS | TOPIC_PROOF, "shellac ledger",
		    "%llu text%s that the ledger's entry was made of: another one is in its place",
		    (unsigned long long)g->access_wrong, g->access_wrong == 1 ? "" : "s");
	report_gap(g->r, REPORT_ACCESS, TOPIC_ACCESS, NULL,
	    "what root, or who has a copy of the store, read: nothing can log that");
}
