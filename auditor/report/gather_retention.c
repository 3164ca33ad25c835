/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "bytes.h"
#include "io.h"
#include "report/gather.h"

#define HOLD_DIR "hold"
#define HOLD_MAX 512 /* bytes of a reason */

static const struct report_column purge_columns[] = {
	{ "leaf", "LEAF", REPORT_NUMBER },
	{ "time", "TIME", REPORT_WALL },
	{ "session", "SESSION", REPORT_NUMBER },
	{ "chunks", "CHUNKS", REPORT_COUNT },
	{ "bytes", "BYTES", REPORT_BYTES },
	{ "why", "WHY", REPORT_TEXT },
	{ "approval", "APPROVAL'S DIGEST", REPORT_TEXT },
	{ "command", "TO CHECK IT", REPORT_COMMAND },
};

static const struct report_column hold_columns[] = {
	{ "session", "SESSION", REPORT_NUMBER },
	{ "reason", "REASON", REPORT_TEXT },
	{ "command", "TO SEE IT", REPORT_COMMAND },
};

static const struct report_column window_columns[] = {
	{ "window", "THE LAST", REPORT_TEXT },
	{ "start", "SINCE", REPORT_WALL },
	{ "sessions", "SESSIONS BEGUN", REPORT_COUNT },
	{ "at_hand", "AT HAND", REPORT_COUNT },
	{ "purged", "PURGED", REPORT_COUNT },
	{ "missing", "MISSING", REPORT_COUNT },
};

void gather_retention_begin(struct gather *g)
{
	g->purge_table = report_table(g->r, REPORT_RETENTION, "purges", "What was deleted",
	    purge_columns, sizeof purge_columns / sizeof purge_columns[0]);
	g->hold_table = report_table(g->r, REPORT_RETENTION, "holds", "What must not be deleted",
	    hold_columns, sizeof hold_columns / sizeof hold_columns[0]);
}

void gather_retention_entry(struct gather *g, const struct entry *e)
{
	struct report_table *t = g->purge_table;
	char hex[2 * HASH_SIZE + 1] = "";
	int approved = !all_zero(e->u.purge.approval, HASH_SIZE);

	if (e->type != ENTRY_PURGE || !gather_wants(g, e->wall_ns))
		return;
	if (approved)
		hex_put(hex, e->u.purge.approval, HASH_SIZE);
	else
		g->purges_alone++;
	g->purged_bytes += e->u.purge.bytes;
	report_row(t, TOPIC_PURGE);
	report_number(t, (int64_t)e->index);
	report_number(t, e->wall_ns);
	report_number(t, (int64_t)e->u.purge.n);
	report_number(t, (int64_t)e->u.purge.chunks);
	report_number(t, (int64_t)e->u.purge.bytes);
	report_text(t, e->u.purge.why == PURGE_RETENTION ? "its time is over" : "root asked for it");
	report_text(t, hex);
	report_textf(t, "shellac ledger --since %llu", (unsigned long long)e->index);
}

/* A folder's name that is a number, and no other. */
static uint64_t number_of(const char *name)
{
	size_t len = strspn(name, "0123456789");

	return name[0] != '0' && len > 0 && len < 19 && name[len] == '\0' ?
	    strtoull(name, NULL, 10) : 0;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void put_hold(struct gather *g, uint64_t n)
{
	char path[48];
	uint8_t *text = NULL;
	size_t len;

	snprintf(path, sizeof path, HOLD_DIR "/%llu", (unsigned long long)n);
	if (store_read_file(&g->a->store, path, HOLD_MAX, &text, &len) == 0)
		text[strcspn((char *)text, "\n")] = '\0';
	report_row(g->hold_table, TOPIC_RETENTION);
	report_number(g->hold_table, (int64_t)n);
	report_text(g->hold_table, (char *)text);
	report_textf(g->hold_table, "shellac replay %llu", (unsigned long long)n);
	free(text);
}

/* 0, or -errno where nobody but root may see them. */
static int put_holds(struct gather *g)
{
	uint64_t *held = NULL, n;
	size_t count = 0, room = 0, i;
	struct dirent *e;
	DIR *d;

	if (g->a->store.access != NULL)
		return -EACCES;
	d = io_list_dir(g->a->store.fd, HOLD_DIR);
	if (d == NULL)
		return errno == ENOENT ? 0 : -errno;
	while ((e = readdir(d)) != NULL) {
		n = number_of(e->d_name);
		if (n == 0 || array_room(&held, count, &room, sizeof *held) != 0)
			continue;
		held[count++] = n;
	}
	closedir(d);
	if (count > 0)
		qsort(held, count, sizeof *held, compare);
	for (i = 0; i < count; i++)
		put_hold(g, held[i]);
	free(held);
	return 0;
}

static void put_window(struct gather *g, struct report_table *t, const char *name, int64_t days)
{
	int64_t end = g->end_ns != INT64_MAX ? g->end_ns : INT64_MAX, since;
	uint64_t begun = 0, purged = 0, missing = 0;
	size_t i;

	if (end == INT64_MAX || __builtin_sub_overflow(end, days * DAY_NS, &since))
		since = INT64_MIN + 1;
	for (i = 0; i < g->sessions; i++) {
		const struct gather_session *s = &g->session[i];

		if (s->start_ns != REPORT_UNKNOWN && (s->start_ns < since || s->start_ns > end))
			continue;
		begun++;
		purged += s->purged;
		missing += s->missing;
	}
	report_row(t, TOPIC_RETENTION);
	report_text(t, name);
	report_number(t, since);
	report_number(t, (int64_t)begun);
	report_number(t, (int64_t)(begun - purged - missing));
	report_number(t, (int64_t)purged);
	report_number(t, (int64_t)missing);
}

/* Begin of the oldest session whose recording is at hand. */
static int64_t oldest(const struct gather *g)
{
	int64_t first = REPORT_UNKNOWN;
	size_t i;

	for (i = 0; i < g->sessions; i++) {
		const struct gather_session *s = &g->session[i];

		if (s->start_ns != REPORT_UNKNOWN && !s->purged && !s->missing &&
		    (first == REPORT_UNKNOWN || s->start_ns < first))
			first = s->start_ns;
	}
	return first;
}

/* How far back all that is here goes, against what is often asked for. */
static void put_reach(struct gather *g)
{
	int64_t from = g->first_ns != 0 ? g->first_ns : oldest(g), reach, days;

	report_fact_number(g->r, REPORT_RETENTION, TOPIC_RETENTION, "oldest recording at hand",
	    REPORT_WALL, oldest(g));
	report_fact_number(g->r, REPORT_RETENTION, TOPIC_RETENTION, "bytes deleted", REPORT_BYTES,
	    g->purged_bytes <= INT64_MAX ? (int64_t)g->purged_bytes : REPORT_UNKNOWN);
	if (from == REPORT_UNKNOWN || g->end_ns == INT64_MAX ||
	    __builtin_sub_overflow(g->end_ns, from, &reach))
		return;
	days = reach / DAY_NS;
	report_fact_number(g->r, REPORT_RETENTION, TOPIC_RETENTION, "days that the store goes back",
	    REPORT_COUNT, days);
	if (days < 90)
		report_gap(g->r, REPORT_RETENTION, TOPIC_RETENTION, NULL,
		    "three months: the store goes back %lld day%s", (long long)days,
		    days == 1 ? "" : "s");
	if (days < 365)
		report_gap(g->r, REPORT_RETENTION, TOPIC_RETENTION, NULL,
		    "twelve months: the store goes back %lld day%s", (long long)days,
		    days == 1 ? "" : "s");
}

void gather_retention_end(struct gather *g)
{
	struct report_table *t = report_table(g->r, REPORT_RETENTION, "windows",
	    "What is at hand of the last months", window_columns,
	    sizeof window_columns / sizeof window_columns[0]);

	put_window(g, t, "90 days", 90);
	put_window(g, t, "365 days", 365);
	put_reach(g);
	if (put_holds(g) != 0)
		report_gap(g->r, REPORT_RETENTION, TOPIC_RETENTION, NULL,
		    "which sessions must not be deleted: root alone may see that");
	if (g->purges_alone > 0)
		report_gap(g->r, REPORT_RETENTION, TOPIC_PURGE, NULL,
		    "an auditor's approval of %llu deletion%s; see purge_approvers in "
		    "shellac.conf(5)", (unsigned long long)g->purges_alone,
		    g->purges_alone == 1 ? "" : "s");
}
