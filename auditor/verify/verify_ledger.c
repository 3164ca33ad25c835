/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "auditor.h"
#include "clock.h"
#include "err.h"
#include "output/json.h"
#include "verify/verify.h"
#include "verify/verify_print.h"

int verify_begin(struct verify *v, const struct store *s, int again)
{
	const struct evidence_ask ask = { .host_pk = v->host_pk, .host_id = v->host_id,
		.epoch_pk = v->epoch_pk, .policy = v->policy, .seen = v->seen };
	int r;

	if (v->have_evidence && !again)
		return 0;
	if (v->have_evidence)
		evidence_release(&v->evidence);
	v->have_evidence = 1;
	r = evidence_read(&v->evidence, s, &ask);
	if (r == 0)
		return 0;
	complain("the ledger: %s", err_text(r));
	v->cannot = 1;
	return -1;
}

void verify_grade(struct verify *v, const struct store_session *e, const struct expect *x,
    struct verdict *verdict, struct grade *g)
{
	const char **why = &g->why;

	g->unopened = x == NULL && evidence_must_know(&v->evidence, e->name.n);
	g->purged = verdict->status == STATUS_PURGED ?
	    evidence_purged(&v->evidence, &e->name) : NULL;
	*why = "a check failed";
	if (verdict->level < 0)
		return;
	*why = "it needs a ledger, which this store does not have";
	if (v->evidence.status == LEDGER_NONE)
		return;
	*why = "the ledger has no OPEN of it";
	if (x == NULL)
		return;
	*why = "the ledger has no CLOSE of it";
	if (verdict->status != STATUS_LIVE && x->close == NO_LEAF)
		return;
	verdict->level = evidence_level(&v->evidence, x, why);
}

static void find_all(struct verify *v, int all)
{
	const struct evidence *e = &v->evidence;
	struct finding more = { .chunk = -1, .kind = "log" };
	unsigned i;

	for (i = 0; i < e->findings; i++) {
		if (e->remark[i] && !all)
			continue;
		v->loose++;
		verify_print_finding(v, 0, NULL, &e->finding[i]);
	}
	if (e->more == 0)
		return;
	v->loose++;
	snprintf(more.text, sizeof more.text, "%llu more findings are not shown", e->more);
	verify_print_finding(v, 0, NULL, &more);
}

static json_t *time_or_null(int known, int64_t wall_ns)
{
	return known ? json_time(wall_ns) : json_null();
}

static int64_t witnessed_ns(const struct evidence *e)
{
	return e->witnessed_s <= INT64_MAX / 1000000000 ?
	    (int64_t)e->witnessed_s * 1000000000 : INT64_MAX;
}

static void print_json(const struct verify *v, const struct evidence_epoch *until)
{
	const struct evidence *e = &v->evidence;
	json_t *o = json_object(), *l = json_object();

	if (v->host != NULL)
		json_object_set_new(o, "host", json_bytes(v->host));

	json_object_set_new(l, "status", json_string(ledger_status_word(e->status)));
	json_object_set_new(l, "entries", json_u64(e->file.tree.size));
	json_object_set_new(l, "signed", json_u64(e->signed_leaves));
	json_object_set_new(l, "until", time_or_null(until != NULL, until ? until->wall_ns : 0));
	json_object_set_new(l, "witnessed", json_u64(e->witnessed_leaves));
	json_object_set_new(l, "witnessed_at",
	    time_or_null(e->witnessed_leaves > 0, witnessed_ns(e)));
	json_object_set_new(o, "ledger", l);
	json_line(o);
}

static void print_line(const struct evidence *e, const struct evidence_epoch *until)
{
	char at[CLOCK_RFC3339_SIZE];

	if (e->status == LEDGER_NONE) {
		printf("no ledger: what was deleted with its number cannot be told\n");
		return;
	}
	printf("ledger %s, %llu entries", ledger_status_word(e->status),
	    (unsigned long long)e->file.tree.size);
	if (until != NULL)
		printf(", sealed until %s", clock_rfc3339(at, until->wall_ns));
	if (e->witnessed_leaves > 0)
		printf(", witnessed at %s up to entry %llu", clock_rfc3339(at, witnessed_ns(e)),
		    (unsigned long long)e->witnessed_leaves - 1);
	else
		printf(", NOT WITNESSED");
	putchar('\n');
}

void verify_ledger(struct verify *v, int all)
{
	const struct evidence *e = &v->evidence;
	const struct evidence_epoch *until;

	if (!v->have_evidence)
		return;
	until = evidence_until(e);
	find_all(v, all);
	if (v->taker == NULL && v->json && all && e->status != LEDGER_NONE)
		print_json(v, until);
	else if (v->taker == NULL && !v->json)
		print_line(e, until);
	evidence_release(&v->evidence);
	v->have_evidence = 0;
}
