/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "bytes.h"
#include "clock.h"
#include "output/columns.h"
#include "coverage/coverage.h"
#include "escape.h"
#include "output/json.h"
#include "process_record.h"
#include "output/table.h"

#define NAMED 3 /* unrecorded ones that the summary names */
#define TIME_SIZE 32

static const char *how(const struct cover *c)
{
	return c->seen & COVER_SEEN_EVENTS ? "process events" :
	    c->seen & COVER_SEEN_ACCT ? "accounting alone" : "nothing";
}

/* "2026-11-21 08:00:00Z" */
static const char *put_time(char out[TIME_SIZE], int64_t wall_ns)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_rfc3339(text, wall_ns);
	if (text[0] == '\0')
		snprintf(out, TIME_SIZE, "?");
	else
		snprintf(out, TIME_SIZE, "%.10s %.8sZ", text, text + 11);
	return out;
}

static const char *or_dash(const char *s)
{
	return s[0] != '\0' ? s : "-";
}

static const char *end_of(char out[TIME_SIZE], const struct cover_row *r)
{
	return r->ended ? put_time(out, r->to_ns) : r->live ? "live" : "?";
}

static void put_row(struct table *t, const struct cover_row *r, int fleet)
{
	char n[24] = "NONE", start[TIME_SIZE], end[TIME_SIZE], processes[24] = "-";
	const char *cells[] = { r->host, n, or_dash(r->user), or_dash(r->tty), or_dash(r->from),
		put_time(start, r->from_ns), end_of(end, r), processes, or_dash(r->what) };

	if (r->kind == COVER_SESSION)
		snprintf(n, sizeof n, "%llu", (unsigned long long)r->n);
	else if (r->kind == COVER_GAP)
		snprintf(n, sizeof n, "GAP");
	if (r->processes != 0)
		snprintf(processes, sizeof processes, "%lu", (unsigned long)r->processes);
	table_row(t, fleet ? cells : cells + 1);
}

static void put_unrecorded(const struct cover_row *r, int first)
{
	char user[4 * 32], start[TIME_SIZE], host[256];

	escape_str(user, sizeof user, r->user);
	put_time(start, r->from_ns);
	printf("%s", first ? ": " : "; ");
	if (r->host != NULL)
		printf("on %s ", escape_str(host, sizeof host, r->host));
	printf("%s %s%s from %s %s %.16sZ", user,
	    r->tty[0] != '\0' ? "on " : "without a terminal", r->tty, r->from,
	    r->live ? "since" : "at", start);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* Names the first of them, those that go on before the others. */
static void put_names(const struct cover *c, size_t count)
{
	size_t i, named = 0;
	int live;

	for (live = 1; live >= 0; live--)
		for (i = 0; i < c->rows && named < NAMED; i++)
			if (c->row[i].kind == COVER_UNRECORDED && c->row[i].live == live)
				put_unrecorded(&c->row[i], named++ == 0);
	if (count > named)
		printf("; and %zu more", count - named);
}

static void summary(const struct cover *c)
{
	struct cover_count n = cover_count(c);

	printf("%zu session%s recorded, ", n.sessions, plural(n.sessions));
	if (n.unrecorded == 0)
		fputs("nothing unrecorded", stdout);
	else
		printf("%zu terminal%s or login%s NOT RECORDED", n.unrecorded, plural(n.unrecorded),
		    plural(n.unrecorded));
	put_names(c, n.unrecorded);
	putchar('\n');
	if (n.gaps > 0)
		printf("%zu gap%s: what ran then may be missing here\n", n.gaps, plural(n.gaps));
	printf("seen by: %s\n", how(c));
}

void cover_print(const struct cover *c, int fleet)
{
	static const char *const heads[] = { "HOST", "SESSION", "USER", "TTY", "FROM", "START", "END",
		"PROCS", "PROGRAM" };
	static const unsigned char drop[] = { 6, 3, 7, COLUMNS_END };
	static const unsigned char fleet_drop[] = { 7, 4, 8, COLUMNS_END };
	struct table *t = fleet ? table_new(heads, 9, 0x80) : table_new(heads + 1, 8, 0x40);
	size_t i;

	table_drop(t, fleet ? fleet_drop : drop);
	for (i = 0; i < c->rows; i++)
		if (c->row[i].kind != COVER_LEAD_IN)
			put_row(t, &c->row[i], fleet);
	table_print(t);
	summary(c);
}

static json_t *life(const struct cover_row *r)
{
	char text[2 * BOOT_ID_SIZE + 48];

	hex_put(text, r->boot_id, BOOT_ID_SIZE);
	snprintf(text + 2 * BOOT_ID_SIZE, sizeof text - 2 * BOOT_ID_SIZE, ":%lu:%llu",
	    (unsigned long)r->pid, (unsigned long long)r->start_ticks);
	return json_string(text);
}

static void row_json(const struct cover_row *r)
{
	static const char *const kinds[] = { "session", "unrecorded", "lead-in", "gap" };
	int use = r->kind == COVER_UNRECORDED || r->kind == COVER_LEAD_IN;
	json_t *o = json_object();

	json_object_set_new(o, "kind", json_string(kinds[r->kind]));
	if (r->host != NULL)
		json_object_set_new(o, "host", json_bytes(r->host));
	json_object_set_new(o, "session", r->n != 0 ? json_u64(r->n) : json_null());
	json_object_set_new(o, "user", json_bytes(r->user));
	json_object_set_new(o, "uid", r->kind != COVER_GAP ? json_u64(r->uid) : json_null());
	json_object_set_new(o, "tty", json_bytes(r->tty));
	json_object_set_new(o, "from", use ? json_null() : json_bytes(r->from));
	json_object_set_new(o, "origin", use ? json_bytes(r->from) : json_null());
	json_object_set_new(o, "start", json_time(r->from_ns));
	json_object_set_new(o, "end", r->ended ? json_time(r->to_ns) : json_null());
	json_object_set_new(o, "live", json_boolean(r->live));
	json_object_set_new(o, "processes", r->processes != 0 ? json_u64(r->processes) : json_null());
	json_object_set_new(o, "command", use ? json_bytes(r->what) : json_null());
	json_object_set_new(o, "life", use ? life(r) : json_null());
	json_object_set_new(o, "ledger", r->has_leaf ? json_u64(r->leaf) : json_null());
	json_object_set_new(o, "text", use ? json_null() : json_bytes(r->what));
	json_line(o);
}

void cover_json(const struct cover *c)
{
	struct cover_count n = cover_count(c);
	size_t i;

	for (i = 0; i < c->rows; i++)
		row_json(&c->row[i]);
	json_line(json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:s}", "kind", "summary",
	    "sessions", (json_int_t)n.sessions, "unrecorded", (json_int_t)n.unrecorded,
	    "live", (json_int_t)n.live, "lead_ins", (json_int_t)n.lead_ins,
	    "gaps", (json_int_t)n.gaps, "seen_by", how(c)));
}
