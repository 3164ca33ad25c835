/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "clock.h"
#include "err.h"
#include "fleet/fleet_verbs.h"
#include "fleet/fleet_state.h"
#include "fleet/hosts.h"
#include "output/json.h"
#include "output/table.h"

#define TIME_SIZE 32

/* Where findings of a host go. */
struct showing {
	struct table *table; /* or */
	json_t *findings;
	const char *cells[4]; /* of the host, for its first row */
};

/* "2026-11-21 08:00:00Z" */
static const char *put_time(char out[TIME_SIZE], int64_t ns)
{
	char text[CLOCK_RFC3339_SIZE];

	if (ns == FLEET_NEVER || ns == 0)
		return "never";
	clock_rfc3339(text, ns);
	snprintf(out, TIME_SIZE, "%.10s %.8sZ", text, text[0] != '\0' ? text + 11 : text);
	return out;
}

static void put_row(struct showing *s, const char *text)
{
	const char *cells[5];
	int i;

	for (i = 0; i < 4; i++) {
		cells[i] = s->cells[i];
		s->cells[i] = "";
	}
	cells[4] = text;
	table_row(s->table, cells);
}

static void take(void *arg, const char *kind, const char *text)
{
	struct showing *s = arg;

	if (s->table != NULL)
		put_row(s, text);
	else
		json_array_append_new(s->findings, json_pack("{s:s, s:s}", "kind", kind, "text", text));
}

static json_t *time_or_null(int64_t ns)
{
	return ns == FLEET_NEVER || ns == 0 ? json_null() : json_time(ns);
}

static size_t show_json(const struct fleet_state *state, const struct fleet_host *h)
{
	struct showing s = { .findings = json_array() };
	json_t *o = json_object();
	size_t n = fleet_state_findings(state, h, take, &s);

	json_object_set_new(o, "host", json_bytes(h->name));
	json_object_set_new(o, "seen", time_or_null(h->seen_ns));
	json_object_set_new(o, "heartbeat_s", json_u64(h->heartbeat_s));
	json_object_set_new(o, "behind", json_integer(state->behind));
	json_object_set_new(o, "lost", json_integer(state->lost));
	json_object_set_new(o, "tampers", json_u64(state->tampers));
	json_object_set_new(o, "ledger", time_or_null(state->ledger_ns));
	json_object_set_new(o, "closed", json_u64(state->closed));
	json_object_set_new(o, "incomplete", json_u64(state->unfit));
	json_object_set_new(o, "findings", s.findings);
	json_line(o);
	return n;
}

static size_t show(struct table *t, const struct fleet_state *state, const struct fleet_host *h)
{
	char seen[TIME_SIZE], ledger[TIME_SIZE], behind[24];
	struct showing s = { .table = t, .cells = { h->name, put_time(seen, h->seen_ns),
		put_time(ledger, state->ledger_ns), behind } };
	size_t n;

	snprintf(behind, sizeof behind, "%lld", (long long)state->behind);
	n = fleet_state_findings(state, h, take, &s);
	if (n == 0)
		put_row(&s, "ok");
	return n;
}

int fleet_verb_status(struct auditor *a, const struct fleet_args *args)
{
	static const char *const heads[] = { "HOST", "SEEN", "LEDGER", "BEHIND", "STATE" };
	struct table *t = NULL;
	struct fleet_state state;
	size_t i, n = 0;
	int r = 0, status;

	a->conninfo = args->conninfo;
	status = hosts_connect(a);
	if (status != AUDIT_OK)
		return status;
	if (!args->json)
		t = table_new(heads, 5, 1u << 3);
	for (i = 0; i < fleet_hosts(a->fleet) && r == 0; i++) {
		const struct fleet_host *h = fleet_host(a->fleet, i);

		r = fleet_state_read(&state, a->fleet, h);
		if (r == 0)
			n += t != NULL ? show(t, &state, h) : show_json(&state, h);
	}
	if (t != NULL)
		table_print(t);
	if (r != 0) {
		complain("%s: %s", a->store_path, err_text(r));
		return AUDIT_CANNOT;
	}
	return n > 0 ? AUDIT_FINDING : AUDIT_OK;
}
