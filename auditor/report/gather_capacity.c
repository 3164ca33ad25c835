/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "ledger_file.h"
#include "procs/process_walk.h"
#include "report/gather.h"

static const struct report_column size_columns[] = {
	{ "what", "WHAT", REPORT_TEXT },
	{ "files", "FILES", REPORT_COUNT },
	{ "bytes", "BYTES STORED", REPORT_BYTES },
};

static const struct report_column month_columns[] = {
	{ "month", "MONTH", REPORT_TEXT },
	{ "opened", "SESSIONS BEGUN", REPORT_COUNT },
	{ "closed", "ENDED", REPORT_COUNT },
	{ "bytes", "BYTES OF THESE", REPORT_BYTES },
	{ "records", "BYTES OF PROCESS RECORDS", REPORT_BYTES },
};

struct sizes {
	int64_t files, bytes;
};

static struct gather_month *month_of(struct gather *g, int64_t wall_ns)
{
	char date[GATHER_DATE];
	size_t i;

	gather_date(date, wall_ns);
	date[sizeof g->month->month - 1] = '\0';
	for (i = g->months; i-- > 0;)
		if (strcmp(g->month[i].month, date) == 0)
			return &g->month[i];
	if (array_room(&g->month, g->months, &g->month_room, sizeof *g->month) != 0) {
		g->r->error = -ENOMEM;
		return NULL;
	}
	memset(&g->month[g->months], 0, sizeof *g->month);
	memcpy(g->month[g->months].month, date, sizeof g->month->month);
	return &g->month[g->months++];
}

void gather_capacity_entry(struct gather *g, const struct entry *e)
{
	struct gather_month *m;

	if ((e->type != ENTRY_OPEN && e->type != ENTRY_CLOSE && e->type != ENTRY_EPOCH) ||
	    !gather_wants(g, e->wall_ns) || (m = month_of(g, e->wall_ns)) == NULL)
		return;
	if (e->type == ENTRY_OPEN) {
		m->opened++;
	} else if (e->type == ENTRY_CLOSE) {
		m->closed++;
		m->bytes += e->u.close.size;
	} else {
		m->records += e->u.epoch.records_to - e->u.epoch.records_from;
	}
}

static void add_fd(struct sizes *s, int fd)
{
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0) {
		s->files++;
		s->bytes += st.st_size;
	}
	close(fd);
}

static struct sizes session_sizes(struct gather *g)
{
	struct sizes s = { 0 };
	size_t i;

	for (i = 0; i < g->a->store.sessions; i++)
		add_fd(&s, store_open_session(&g->a->store, &g->a->store.session[i]));
	return s;
}

static struct sizes process_sizes(struct gather *g)
{
	char name[PROCESS_NAME_MAX], path[sizeof "process/" + sizeof name];
	struct sizes s = { 0 };
	uint64_t *k = NULL;
	size_t count = 0, i;

	if (process_walk_list(&g->a->store, &k, &count) != 0)
		return s;
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof path, "process/%s", process_file_name(name, k[i]));
		add_fd(&s, store_open_file(&g->a->store, path));
	}
	free(k);
	return s;
}

static void put_sizes(struct report_table *t, const char *what, struct sizes s)
{
	report_row(t, TOPIC_CAPACITY);
	report_text(t, what);
	report_number(t, s.files);
	report_number(t, s.bytes);
}

static int compare(const void *a, const void *b)
{
	const struct gather_month *x = a, *y = b;

	return strcmp(x->month, y->month);
}

static int64_t or_unknown(uint64_t v)
{
	return v <= INT64_MAX ? (int64_t)v : REPORT_UNKNOWN;
}

static void put_months(struct gather *g)
{
	struct report_table *t = report_table(g->r, REPORT_CAPACITY, "months", "Growth by month",
	    month_columns, sizeof month_columns / sizeof month_columns[0]);
	size_t i;

	if (g->months > 0)
		qsort(g->month, g->months, sizeof *g->month, compare);
	for (i = 0; i < g->months; i++) {
		report_row(t, TOPIC_CAPACITY);
		report_text(t, g->month[i].month);
		report_number(t, (int64_t)g->month[i].opened);
		report_number(t, (int64_t)g->month[i].closed);
		report_number(t, or_unknown(g->month[i].bytes));
		report_number(t, or_unknown(g->month[i].records));
	}
}

void gather_capacity_end(struct gather *g)
{
	struct report_table *t = report_table(g->r, REPORT_CAPACITY, "sizes", "What is stored",
	    size_columns, sizeof size_columns / sizeof size_columns[0]);
	struct sizes ledger = { 0 };

	put_sizes(t, "recordings", session_sizes(g));
	put_sizes(t, "process records", process_sizes(g));
	add_fd(&ledger, store_open_file(&g->a->store, LEDGER_DIR "/" LEDGER_LOG));
	put_sizes(t, "ledger", ledger);
	put_months(g);
	report_gap(g->r, REPORT_CAPACITY, TOPIC_CAPACITY, "shellac check",
	    "how much room there is left: that is the host's to say, not the store's");
}
