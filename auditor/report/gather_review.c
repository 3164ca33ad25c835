/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>

#include "array.h"
#include "report/gather.h"
#include "review_note.h"

static const struct report_column review_columns[] = {
	{ "leaf", "LEAF", REPORT_NUMBER },
	{ "time", "TIME", REPORT_WALL },
	{ "session", "SESSION", REPORT_NUMBER },
	{ "verdict", "VERDICT", REPORT_TEXT },
	{ "who", "BY THE KEY OF", REPORT_TEXT },
	{ "text", "WHAT THEY WROTE", REPORT_TEXT },
	{ "state", "AGAINST THE LEDGER", REPORT_TEXT },
	{ "command", "TO CHECK IT", REPORT_COMMAND },
};

static const struct report_column day_columns[] = {
	{ "start", "FROM", REPORT_WALL },
	{ "end", "TO", REPORT_WALL },
	{ "days", "DAYS", REPORT_COUNT },
	{ "sessions", "SESSIONS BEGUN", REPORT_COUNT },
	{ "command", "TO SEE THEM", REPORT_COMMAND },
};

/* UTC, since 1970, also before it */
static int64_t day_of(int64_t wall_ns)
{
	return wall_ns / DAY_NS - (wall_ns % DAY_NS < 0);
}

/* Its first nanosecond, as far as there is a number for it. */
static int64_t start_of(int64_t day)
{
	int64_t ns;

	return __builtin_mul_overflow(day, DAY_NS, &ns) ? day < 0 ? INT64_MIN + 1 : INT64_MAX : ns;
}

static struct gather_day *add_day(struct gather *g, int64_t wall_ns)
{
	int64_t day = day_of(wall_ns);
	struct gather_day *d;

	/* nearly always the one of the last */
	if (g->days > 0 && g->day[g->days - 1].day == day)
		return &g->day[g->days - 1];
	if (array_room(&g->day, g->days, &g->day_room, sizeof *d) != 0) {
		g->r->error = -ENOMEM;
		return NULL;
	}
	d = &g->day[g->days++];
	*d = (struct gather_day){ .day = day };
	return d;
}

void gather_review_begin(struct gather *g)
{
	g->review_table = report_table(g->r, REPORT_REVIEW, "reviews", "Reviews", review_columns,
	    sizeof review_columns / sizeof review_columns[0]);
	g->cannot |= reviews_read_store(&g->known, &g->a->store) < 0;
}

/* Its signed note; NULL where nobody knows of one.  Entries come in the ledger's order. */
static const struct review *note_of(struct gather *g, const struct entry *e)
{
	while (g->next_known < g->known.reviews &&
	    g->known.review[g->next_known].leaf < e->index)
		g->next_known++;
	return g->next_known < g->known.reviews &&
	    g->known.review[g->next_known].leaf == e->index ? &g->known.review[g->next_known] : NULL;
}

static void put_review(struct gather *g, const struct entry *e)
{
	const struct review *known = note_of(g, e);
	const char *verdict = review_verdict_word(e->u.review.verdict);
	int fits = known != NULL && known->fits;
	struct report_table *t = g->review_table;

	report_row(t, TOPIC_REVIEW);
	report_number(t, (int64_t)e->index);
	report_number(t, e->wall_ns);
	report_number(t, e->u.review.n != 0 ? (int64_t)e->u.review.n : REPORT_UNKNOWN);
	if (verdict != NULL)
		report_text(t, verdict);
	else
		report_textf(t, "%lu", (unsigned long)e->u.review.verdict);
	report_text(t, fits ? known->who : NULL);
	report_text(t, fits ? known->text : NULL);
	report_text(t, fits ? "as it says" : "NO NOTE THAT FITS IT");
	report_textf(t, "shellac ledger --since %llu", (unsigned long long)e->index);
	g->reviews_alone += !fits;
}

void gather_review_entry(struct gather *g, const struct entry *e)
{
	struct gather_session *s;
	struct gather_day *d;

	if (e->type != ENTRY_REVIEW)
		return;
	s = gather_session(g, e->u.review.n);
	if (s != NULL)
		s->reviewed = 1;
	if (!gather_wants(g, e->wall_ns))
		return;
	d = add_day(g, e->wall_ns);
	if (d != NULL)
		d->reviews++;
	g->reviews++;
	put_review(g, e);
}

static int compare(const void *a, const void *b)
{
	const struct gather_day *x = a, *y = b;

	return x->day < y->day ? -1 : x->day > y->day;
}

/* One of each day, in order. */
static void merge_days(struct gather *g)
{
	size_t i, kept = 0;

	if (g->days == 0)
		return;
	qsort(g->day, g->days, sizeof *g->day, compare);
	for (i = 1; i < g->days; i++) {
		if (g->day[i].day != g->day[kept].day) {
			g->day[++kept] = g->day[i];
			continue;
		}
		g->day[kept].sessions += g->day[i].sessions;
		g->day[kept].reviews += g->day[i].reviews;
	}
	g->days = kept + 1;
}

static void put_run(struct report_table *t, int64_t from, int64_t to, uint64_t sessions)
{
	char since[GATHER_DATE], until[GATHER_DATE];
	int64_t end = start_of(to + 1) - 1000000000;

	report_row(t, TOPIC_REVIEW);
	report_number(t, start_of(from));
	report_number(t, end);
	report_number(t, to - from + 1);
	report_number(t, (int64_t)sessions);
	report_textf(t, "shellac list fromdate %s todate %s", gather_date(since, start_of(from)),
	    gather_date(until, end));
}

/* Days of the time asked for on which no review was written.  Returns how many. */
static int64_t put_days(struct gather *g, int64_t first, int64_t last)
{
	struct report_table *t = report_table(g->r, REPORT_REVIEW, "days",
	    "Days on which nobody reviewed", day_columns,
	    sizeof day_columns / sizeof day_columns[0]);
	uint64_t sessions = 0;
	int64_t from = first, without = 0;
	size_t i;

	for (i = 0; i < g->days; i++) {
		const struct gather_day *d = &g->day[i];

		if (d->day < first || d->day > last)
			continue;
		if (d->reviews == 0) {
			sessions += d->sessions;
			continue;
		}
		if (d->day > from) {
			put_run(t, from, d->day - 1, sessions);
			without += d->day - from;
		}
		from = d->day + 1;
		sessions = 0;
	}
	if (from > last)
		return without;
	put_run(t, from, last, sessions);
	return without + last - from + 1;
}

static void count_sessions(struct gather *g, uint64_t *reviewed, uint64_t *bad)
{
	size_t i;

	for (i = 0; i < g->sessions; i++) {
		const struct gather_session *s = &g->session[i];
		struct gather_day *d;

		if (!s->wanted)
			continue;
		*reviewed += s->reviewed;
		*bad += !s->reviewed && (s->findings > 0 || s->privileged);
		d = s->start_ns != REPORT_UNKNOWN ? add_day(g, s->start_ns) : NULL;
		if (d != NULL)
			d->sessions++;
	}
}

/* From the begin of the time asked for, or else of what there is. */
static int64_t first_day(const struct gather *g)
{
	if (g->since_ns != INT64_MIN)
		return day_of(g->since_ns);
	if (g->first_ns != 0)
		return day_of(g->first_ns);
	return g->days > 0 ? g->day[0].day : 0;
}

void gather_review_end(struct gather *g)
{
	uint64_t reviewed = 0, bad = 0;
	int64_t without = 0, last;

	count_sessions(g, &reviewed, &bad);
	merge_days(g);
	last = g->end_ns != INT64_MAX ? day_of(g->end_ns) : g->days > 0 ?
	    g->day[g->days - 1].day : -1;
	if (last >= first_day(g))
		without = put_days(g, first_day(g), last);
	report_fact_number(g->r, REPORT_REVIEW, TOPIC_REVIEW, "reviews", REPORT_COUNT,
	    (int64_t)g->reviews);
	report_fact_number(g->r, REPORT_REVIEW, TOPIC_REVIEW, "sessions that were reviewed",
	    REPORT_COUNT, (int64_t)reviewed);
	report_fact_number(g->r, REPORT_REVIEW, TOPIC_REVIEW, "sessions that were not",
	    REPORT_COUNT, (int64_t)(g->wanted - reviewed));
	report_fact_number(g->r, REPORT_REVIEW, TOPIC_REVIEW, "days without a review",
	    REPORT_COUNT, without);
	if (without > 0)
		report_gap(g->r, REPORT_REVIEW, TOPIC_REVIEW, "shellac review",
		    "a review on %lld day%s", (long long)without, without == 1 ? "" : "s");
	if (g->reviews_alone > 0)
		report_gap(g->r, REPORT_REVIEW, TOPIC_REVIEW | TOPIC_PROOF, "shellac review",
		    "the signed note of %llu review%s: who it was and what they wrote is not known",
		    (unsigned long long)g->reviews_alone, g->reviews_alone == 1 ? "" : "s");
	if (bad > 0)
		report_gap(g->r, REPORT_REVIEW, TOPIC_REVIEW, "shellac review",
		    "a review of %llu session%s with a finding or with privileges",
		    (unsigned long long)bad, bad == 1 ? "" : "s");
}
