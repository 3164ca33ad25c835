/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "report/gather.h"

static const struct report_column columns[] = {
	{ "session", "SESSION", REPORT_NUMBER },
	{ "chunk", "CHUNK", REPORT_NUMBER },
	{ "offset", "OFFSET", REPORT_NUMBER },
	{ "kind", "KIND", REPORT_TEXT },
	{ "text", "WHAT IS WRONG", REPORT_TEXT },
	{ "command", "TO CHECK IT", REPORT_COMMAND },
};

void gather_findings_begin(struct gather *g)
{
	g->finding_table = report_table(g->r, REPORT_FINDINGS, "findings",
	    "What verify finds wrong", columns, sizeof columns / sizeof columns[0]);
}

/* Some are of other sections as well. */
static unsigned topics_of(const char *kind)
{
	if (strcmp(kind, "clock") == 0)
		return TOPIC_FINDING | TOPIC_CLOCK;
	if (strcmp(kind, "epoch") == 0)
		return TOPIC_FINDING | TOPIC_CLOCK | TOPIC_FAILURE;
	if (strcmp(kind, "gap") == 0)
		return TOPIC_FINDING | TOPIC_LOSS;
	if (strcmp(kind, "notice") == 0)
		return TOPIC_FINDING | TOPIC_NOTICE;
	if (strcmp(kind, "purged") == 0)
		return TOPIC_FINDING | TOPIC_PURGE | TOPIC_PROOF;
	return TOPIC_FINDING | TOPIC_PROOF;
}

/* What is no damage can be looked at. */
static int can_be_seen(const struct finding *f)
{
	return f->chunk >= 0 && (strcmp(f->kind, "gap") == 0 || strcmp(f->kind, "hidden") == 0 ||
	    strcmp(f->kind, "notice") == 0);
}

static void put_command(struct report_table *t, const struct gather_session *s,
    const struct finding *f)
{
	if (s == NULL || s->missing)
		report_text(t, "shellac verify");
	else if (can_be_seen(f))
		report_textf(t, "shellac replay --at chunk:%lld %llu", (long long)f->chunk,
		    (unsigned long long)s->n);
	else
		report_textf(t, "shellac verify %llu", (unsigned long long)s->n);
}

void gather_findings_add(struct gather *g, uint64_t n, const struct finding *f)
{
	struct gather_session *s = n != 0 ? gather_session(g, n) : NULL;
	struct report_table *t = g->finding_table;

	if (s != NULL && !s->wanted)
		return;
	if (s != NULL)
		s->findings++;
	g->r->findings++;
	report_row(t, topics_of(f->kind));
	report_number(t, n != 0 ? (int64_t)n : REPORT_UNKNOWN);
	report_number(t, f->chunk >= 0 ? f->chunk : REPORT_UNKNOWN);
	report_number(t, f->chunk >= 0 || f->offset != 0 ? (int64_t)f->offset : REPORT_UNKNOWN);
	report_text(t, f->kind);
	report_text(t, f->text);
	put_command(t, s, f);
}

static uint64_t broken_sessions(const struct gather *g)
{
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < g->sessions; i++)
		count += g->session[i].findings > 0;
	return count;
}

void gather_findings_end(struct gather *g)
{
	report_fact_number(g->r, REPORT_FINDINGS, TOPIC_FINDING, "findings", REPORT_COUNT,
	    (int64_t)g->finding_table->rows);
	report_fact_number(g->r, REPORT_FINDINGS, TOPIC_FINDING, "sessions with one", REPORT_COUNT,
	    (int64_t)broken_sessions(g));
	report_fact_text(g->r, REPORT_FINDINGS, TOPIC_FINDING, "those without a session",
	    "are of the whole store, whatever time was asked for");
	if (g->verify.cannot)
		report_gap(g->r, REPORT_FINDINGS, TOPIC_FINDING | TOPIC_PROOF, "shellac verify",
		    "something could not be read when this was made");
}
