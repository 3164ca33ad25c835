/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "err.h"
#include "ledger/ledger_text.h"
#include "report/gather.h"

static const struct report_column fail_columns[] = {
	{ "leaf", "LEAF", REPORT_NUMBER },
	{ "time", "FAILED", REPORT_WALL },
	{ "answered", "WORKED AGAIN", REPORT_WALL },
	{ "what", "WHAT", REPORT_TEXT },
	{ "session", "SESSION", REPORT_NUMBER },
	{ "text", "WHY", REPORT_TEXT },
	{ "command", "TO CHECK IT", REPORT_COMMAND },
};
#define ANSWERED 2 /* its column */

static const struct report_column start_columns[] = {
	{ "leaf", "LEAF", REPORT_NUMBER },
	{ "time", "TIME", REPORT_WALL },
	{ "what", "ENTRY", REPORT_TEXT },
	{ "text", "WHAT IT SAYS", REPORT_TEXT },
	{ "command", "TO CHECK IT", REPORT_COMMAND },
};

static const struct report_column loss_columns[] = {
	{ "leaf", "LEAF", REPORT_NUMBER },
	{ "time", "TIME", REPORT_WALL },
	{ "session", "SESSION", REPORT_NUMBER },
	{ "chunk", "CHUNK", REPORT_NUMBER },
	{ "bytes", "BYTES LOST", REPORT_BYTES },
	{ "command", "TO SEE IT", REPORT_COMMAND },
};

static const struct report_column outage_columns[] = {
	{ "start", "BEGIN", REPORT_WALL },
	{ "end", "END", REPORT_WALL },
	{ "length_s", "LENGTH", REPORT_LENGTH },
	{ "text", "WHY", REPORT_TEXT },
	{ "command", "TO CHECK IT", REPORT_COMMAND },
};

#define TABLE(g, key, title, columns) report_table((g)->r, REPORT_FAILURES, key, title, columns, \
	sizeof columns / sizeof columns[0])

void gather_failures_begin(struct gather *g)
{
	g->fail_table = TABLE(g, "failures", "Failures", fail_columns);
	g->outage_table = TABLE(g, "outages", "Times that nobody can vouch for", outage_columns);
	g->loss_table = TABLE(g, "losses", "Bytes that sessions lost", loss_columns);
	g->start_table = TABLE(g, "starts", "Starts and stops of the collector", start_columns);
}

static void put_leaf(struct report_table *t, const struct entry *e)
{
	report_textf(t, "shellac ledger --since %llu", (unsigned long long)e->index);
}

/* The row of what failed before and works again. */
static void answer(struct gather *g, const struct entry *e)
{
	struct report_table *t = g->fail_table;
	size_t i, kept = 0;

	for (i = 0; i < g->fails; i++) {
		const struct gather_fail *f = &g->fail[i];

		if (f->what != e->u.fail.what || f->n != e->u.fail.n)
			g->fail[kept++] = *f;
		else if (f->row < t->rows && g->r->error == 0)
			t->cell[f->row * t->columns + ANSWERED].number = e->wall_ns;
	}
	g->fails = kept;
}

static void put_failure(struct gather *g, const struct entry *e)
{
	struct report_table *t = g->fail_table;
	int len = (int)strnlen(e->u.fail.text, ENTRY_TEXT_MAX);
	struct gather_fail *f;

	if (array_room(&g->fail, g->fails, &g->fail_room, sizeof *f) == 0) {
		f = &g->fail[g->fails++];
		f->what = e->u.fail.what;
		f->n = e->u.fail.n;
		f->row = t->rows;
	}
	report_row(t, TOPIC_FAILURE | (e->u.fail.what == FAIL_SPACE ? TOPIC_CAPACITY : 0) |
	    (e->u.fail.what == FAIL_WITNESS ? TOPIC_WITNESS : 0));
	report_number(t, (int64_t)e->index);
	report_number(t, e->wall_ns);
	report_number(t, REPORT_UNKNOWN);
	report_text(t, ledger_fail_word(e->u.fail.what));
	report_number(t, e->u.fail.n != 0 ? (int64_t)e->u.fail.n : REPORT_UNKNOWN);
	report_textf(t, "%s%s%.*s", err_text(e->u.fail.error), len > 0 ? ": " : "", len,
	    e->u.fail.text);
	put_leaf(t, e);
}

static void put_loss(struct gather *g, const struct entry *e)
{
	struct report_table *t = g->loss_table;

	g->lost_bytes += e->u.gap.lost;
	report_row(t, TOPIC_LOSS);
	report_number(t, (int64_t)e->index);
	report_number(t, e->wall_ns);
	report_number(t, (int64_t)e->u.gap.n);
	report_number(t, (int64_t)e->u.gap.chunk);
	report_number(t, e->u.gap.lost <= INT64_MAX ? (int64_t)e->u.gap.lost : REPORT_UNKNOWN);
	report_textf(t, "shellac replay --at chunk:%llu %llu", (unsigned long long)e->u.gap.chunk,
	    (unsigned long long)e->u.gap.n);
}

static void put_start(struct gather *g, const struct entry *e)
{
	struct report_table *t = g->start_table;
	char text[LEDGER_TEXT_MAX];

	ledger_text(text, e);
	report_row(t, TOPIC_START);
	report_number(t, (int64_t)e->index);
	report_number(t, e->wall_ns);
	report_text(t, entry_word(e->type));
	report_text(t, text);
	put_leaf(t, e);
}

void gather_failures_entry(struct gather *g, const struct entry *e)
{
	if (!gather_wants(g, e->wall_ns))
		return;
	switch (e->type) {
	case ENTRY_GENESIS:
	case ENTRY_BOOT:
	case ENTRY_RECOVER: put_start(g, e); break;
	case ENTRY_GAP: put_loss(g, e); break;
	case ENTRY_FAIL:
		if (e->u.fail.error == 0)
			answer(g, e);
		else
			put_failure(g, e);
		break;
	default: break;
	}
}

/* What coverage found: the collector was not there, or a source of process records lost. */
static void put_outage(struct report_table *t, const struct cover_row *c)
{
	char from[GATHER_DATE], to[GATHER_DATE];
	int64_t length;

	report_row(t, TOPIC_OUTAGE | TOPIC_FINDING);
	report_number(t, c->from_ns);
	report_number(t, c->ended ? c->to_ns : REPORT_UNKNOWN);
	report_number(t, c->ended && !__builtin_sub_overflow(c->to_ns, c->from_ns, &length) ?
	    length : REPORT_UNKNOWN);
	report_text(t, c->what);
	gather_date(from, c->from_ns);
	if (c->ended)
		report_textf(t, "shellac coverage --since %s --until %s", from,
		    gather_date(to, c->to_ns));
	else
		report_textf(t, "shellac coverage --since %s", from);
}

static void put_facts(struct gather *g)
{
	report_fact_number(g->r, REPORT_FAILURES, TOPIC_FAILURE, "failures", REPORT_COUNT,
	    (int64_t)g->fail_table->rows);
	report_fact_number(g->r, REPORT_FAILURES, TOPIC_FAILURE, "of these not ended",
	    REPORT_COUNT, (int64_t)g->fails);
	report_fact_number(g->r, REPORT_FAILURES, TOPIC_LOSS, "bytes that sessions lost",
	    REPORT_BYTES, g->lost_bytes <= INT64_MAX ? (int64_t)g->lost_bytes : REPORT_UNKNOWN);
	report_fact_number(g->r, REPORT_FAILURES, TOPIC_START, "starts and stops", REPORT_COUNT,
	    (int64_t)g->start_table->rows);
}

void gather_failures_end(struct gather *g)
{
	size_t i;

	for (i = 0; i < g->cover.rows; i++)
		if (g->cover.row[i].kind == COVER_GAP)
			put_outage(g->outage_table, &g->cover.row[i]);
	g->r->findings += g->outage_table->rows + g->fails;
	put_facts(g);
	if (g->fails > 0)
		report_gap(g->r, REPORT_FAILURES, TOPIC_FAILURE, "shellac check",
		    "the end of %zu failure%s", g->fails, g->fails == 1 ? "" : "s");
	if (g->outage_table->rows > 0)
		report_gap(g->r, REPORT_FAILURES, TOPIC_OUTAGE, "shellac coverage",
		    "an account of %zu time%s that nobody can vouch for", g->outage_table->rows,
		    g->outage_table->rows == 1 ? "" : "s");
	if (g->loss_table->rows > 0)
		report_gap(g->r, REPORT_FAILURES, TOPIC_LOSS, NULL,
		    "%llu bytes of sessions, which the user saw or typed",
		    (unsigned long long)g->lost_bytes);
}
