/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "auditor.h"
#include "clock.h"
#include "procs/procs.h"

#define GAPS_MAX 4096
#define SAID_MAX 16
#define MIXED_MAX 100 /* rows that events followed, in a row, end a time without */

/* kind: LOSS_ACCT, LOSS_EVENTS, or records that no event goes with */
#define ALONE 0

struct gap {
	int kind;
	int64_t from, to; /* INT64_MAX: not over */
	uint64_t count;   /* messages lost; rows without an event */
	uint64_t among;   /* rows with one between these */
	char text[33];
};

struct procs_gaps {
	struct gap *gap;
	size_t count, room;
	long open[LOSS_EVENTS + 1]; /* index of the one that is not over, by kind; -1 */
	uint64_t followed; /* rows with an event since the last without */
};

struct procs_gaps *procs_gaps_new(void)
{
	struct procs_gaps *g = calloc(1, sizeof *g);

	if (g != NULL)
		g->open[ALONE] = g->open[LOSS_ACCT] = g->open[LOSS_EVENTS] = -1;
	return g;
}

void procs_gaps_free(struct procs_gaps *g)
{
	if (g != NULL)
		free(g->gap);
	free(g);
}

/* The gap of this kind that is not over, begun now where there is none; NULL without
 * room. */
static struct gap *begin(struct procs_gaps *g, int kind, int64_t from)
{
	if (g->open[kind] >= 0)
		return &g->gap[g->open[kind]];
	if (g->count == GAPS_MAX || array_room(&g->gap, g->count, &g->room, sizeof *g->gap) != 0)
		return NULL;
	g->gap[g->count] = (struct gap){ .kind = kind, .from = from, .to = INT64_MAX };
	g->open[kind] = (long)g->count;
	return &g->gap[g->count++];
}

static void end(struct procs_gaps *g, int kind, int64_t to)
{
	if (g->open[kind] >= 0)
		g->gap[g->open[kind]].to = to;
	g->open[kind] = -1;
}

void procs_gaps_loss(struct procs_gaps *g, const struct process_record *p,
    const struct process_boot *boot)
{
	int64_t from = p->read_wall_ns;
	struct process_loss l;
	struct gap *gap;

	if (process_loss_parse(p->body, &l) != 0)
		return;
	if (boot->boot_wall_ns != 0 && l.from_boot_ns <= INT64_MAX / 2)
		from = boot->boot_wall_ns + (int64_t)l.from_boot_ns;
	gap = begin(g, l.source, from);
	if (gap == NULL)
		return;
	gap->count += l.count;
	if (gap->text[0] == '\0')
		memcpy(gap->text, l.text, sizeof l.text);
	if (l.state == 2)
		end(g, l.source, p->read_wall_ns);
}

void procs_gaps_row(struct procs_gaps *g, const struct process_record *p)
{
	struct gap *gap;

	if (p->start_ticks != 0 || g->open[LOSS_EVENTS] >= 0) {
		if (++g->followed == MIXED_MAX)
			g->open[ALONE] = -1;
		return;
	}
	if (g->open[ALONE] < 0)
		g->followed = 0;
	gap = begin(g, ALONE, p->read_wall_ns);
	if (gap == NULL)
		return;
	gap->to = p->read_wall_ns;
	gap->count++;
	gap->among += g->followed;
	g->followed = 0;
}

/* "2026-11-21 08:00:00Z" */
#define DATE_TEXT 24
static const char *date(char out[DATE_TEXT], int64_t ns)
{
	char text[CLOCK_RFC3339_SIZE];

	if (ns == INT64_MAX)
		return "now";
	clock_rfc3339(text, ns);
	snprintf(out, DATE_TEXT, "%.10s %.8sZ", text, text[0] != '\0' ? text + 11 : text);
	return out;
}

/* In lines that fit a narrow terminal. */
static void say(const struct gap *g)
{
	char from[DATE_TEXT], to[DATE_TEXT];

	if (g->kind == ALONE && g->among == 0)
		complain("process events: off, accounting alone");
	else if (g->kind == ALONE)
		complain("process events: none for %llu of %llu",
		    (unsigned long long)g->count, (unsigned long long)(g->count + g->among));
	else if (g->kind == LOSS_ACCT)
		complain("accounting: lost, what ended may be missing");
	else
		complain("process events: lost, %llu messages", (unsigned long long)g->count);
	complain("from %s to %s", date(from, g->from), date(to, g->to));
	if (g->text[0] != '\0')
		complain("because: %s", g->text);
}

void procs_gaps_say(const struct procs_gaps *g, const char *host, int64_t from_ns,
    int64_t to_ns)
{
	size_t i, said = 0, more = 0;

	for (i = 0; i < g->count; i++) {
		if (g->gap[i].from > to_ns || g->gap[i].to < from_ns)
			continue;
		if (said == 0 && host != NULL)
			complain("on %s:", host);
		if (said < SAID_MAX)
			say(&g->gap[i]);
		else
			more++;
		said++;
	}
	if (more > 0)
		complain("and %zu more such times", more);
}
