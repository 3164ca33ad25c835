/* SPDX-License-Identifier: ISC */
/* shellac review list: what was signed off, and by whom. */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "output/json.h"
#include "review/entries.h"
#include "review/review.h"
#include "review/verbs.h"
#include "output/table.h"

static void print_json(const struct review *v)
{
	json_t *o = json_object();

	json_object_set_new(o, "n", v->n != 0 ? json_u64(v->n) : json_null());
	json_object_set_new(o, "id", v->n != 0 ? json_hex(v->id, ID_SIZE) : json_null());
	json_object_set_new(o, "entry", v->n == 0 && v->fits ? json_u64(v->entry) : json_null());
	json_object_set_new(o, "leaf", json_u64(v->leaf));
	json_object_set_new(o, "time", json_time(v->wall_ns));
	json_object_set_new(o, "verdict", review_verdict_word(v->verdict) != NULL ?
	    json_string(review_verdict_word(v->verdict)) : json_null());
	json_object_set_new(o, "who", json_bytes(v->who));
	json_object_set_new(o, "text", json_bytes(v->text != NULL ? v->text : ""));
	json_object_set_new(o, "chunks", v->fits ? json_u64(v->chunks) : json_null());
	json_object_set_new(o, "proven", json_boolean(v->fits && !v->other));
	json_object_set_new(o, "whole", v->fits ? json_boolean(!v->partial) : json_null());
	json_line(o);
}

static void add_row(struct table *t, const struct review *v)
{
	char n[32] = "?", leaf[24], at[CLOCK_RFC3339_SIZE];
	const char *word = review_verdict_word(v->verdict);
	const char *cells[] = { n, at, word != NULL ? word : "?", v->fits ? v->who : "?", leaf,
		!v->fits ? "the note is not there, or is not the one that was taken" :
		v->other ? "the ledger's entry is not the one that was signed about" : v->text };

	if (v->n != 0 || v->fits)
		snprintf(n, sizeof n, "%s%llu", v->n != 0 ? "" : ENTRIES_NAME,
		    (unsigned long long)(v->n != 0 ? v->n : v->entry));
	snprintf(leaf, sizeof leaf, "%llu", (unsigned long long)v->leaf);
	clock_rfc3339(at, v->wall_ns);
	if (at[0] != '\0')
		memcpy(at + 19, "Z", 2);
	table_row(t, cells);
}

static int show(const struct reviews *r, int json)
{
	static const char *const heads[] = { "SESSION", "TIME", "VERDICT", "BY", "ENTRY", "TEXT" };
	struct table *t = json || r->reviews == 0 ? NULL : table_new(heads, 6, 1u << 0 | 1u << 4);
	int status = AUDIT_OK;
	size_t i;

	for (i = 0; i < r->reviews; i++) {
		if (t != NULL)
			add_row(t, &r->review[i]);
		else
			print_json(&r->review[i]);
		if (!r->review[i].fits || r->review[i].other)
			status = AUDIT_FINDING;
	}
	if (t != NULL)
		table_print(t);
	for (i = 0; i < r->looses; i++)
		complain(REVIEW_DIR "/%s: no entry of the ledger is about this", r->loose[i]);
	if (r->wrong != 0)
		complain("the ledger: %s; what is behind that is not shown", err_text(r->wrong));
	return r->looses > 0 || r->wrong != 0 ? AUDIT_FINDING : status;
}

int review_list(struct auditor *a, const struct review_args *args)
{
	struct reviews r;
	int status, e;

	if (args->argc != 0) {
		complain("review list takes no arguments");
		return AUDIT_USAGE;
	}
	status = auditor_open(a, 0);
	if (status == AUDIT_OK)
		status = auditor_want_all(a);
	if (status != AUDIT_OK)
		return status;
	e = reviews_read(&r, a);
	if (e != 0) {
		complain("%s/" REVIEW_DIR ": %s", a->store_path, err_text(e));
		return AUDIT_CANNOT;
	}
	status = show(&r, args->json);
	reviews_release(&r);
	return status;
}
