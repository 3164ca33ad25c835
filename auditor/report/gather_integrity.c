/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "report/gather.h"

static const struct report_column level_columns[] = {
	{ "level", "LEVEL", REPORT_TEXT },
	{ "meaning", "WHAT IS PROVEN", REPORT_TEXT },
	{ "sessions", "SESSIONS", REPORT_COUNT },
	{ "command", "TO CHECK IT", REPORT_COMMAND },
};

static const struct report_column status_columns[] = {
	{ "status", "STATUS", REPORT_TEXT },
	{ "meaning", "MEANING", REPORT_TEXT },
	{ "sessions", "SESSIONS", REPORT_COUNT },
};

static const char *const levels[VERIFY_LEVELS] = {
	"the file is what its recorder signed, chunk by chunk",
	"and the host's ledger has it, under a checkpoint that the host signed",
	"and the key of that time is gone: not even root can change it unseen",
	"and witnesses elsewhere had seen the ledger with it",
};

static const char *const statuses[VERIFY_MISSING + 1] = {
	[STATUS_COMPLETE] = "from its begin to its end, all sealed and certified",
	[STATUS_LIVE] = "goes on, right so far",
	[STATUS_CUT] = "has no end: its recorder was stopped",
	[STATUS_UNSEALED] = "has neither an end nor a seal",
	[STATUS_PURGED] = "what it held was deleted; its proofs stay",
	[STATUS_UNCERTIFIED] = "the host's key did not sign who it was",
	[STATUS_TORN] = "ends inside a frame, or is empty",
	[STATUS_TAMPERED] = "a check failed",
	[VERIFY_MISSING] = "a number without a file, or a file that the ledger does not know",
};

static const char *status_word(int i)
{
	return i == VERIFY_MISSING ? "MISSING" : verdict_word((enum verdict_status)i);
}

void gather_integrity_session(struct gather *g, const char *status, int level,
    const struct verdict *v)
{
	int i = 0;

	while (i < VERIFY_MISSING && strcmp(status, status_word(i)) != 0)
		i++;
	g->status_count[i]++;
	if (level >= 0 && level < VERIFY_LEVELS && (v == NULL || v->findings == 0))
		g->at_level[level]++;
	else
		g->no_level++;
	g->with_notice += v != NULL && (v->chain.cert.flags & CERT_F_NOTICE) != 0 &&
	    v->chain.have_cert;
}

static void put_levels(struct gather *g)
{
	struct report_table *t = report_table(g->r, REPORT_INTEGRITY, "levels",
	    "How far sessions are proven", level_columns,
	    sizeof level_columns / sizeof level_columns[0]);
	int i;

	for (i = VERIFY_LEVELS - 1; i >= 0; i--) {
		if (g->at_level[i] == 0)
			continue;
		report_row(t, TOPIC_PROOF | (i == VERIFY_LEVELS - 1 ? TOPIC_WITNESS : 0));
		report_textf(t, "%d", i);
		report_text(t, levels[i]);
		report_number(t, (int64_t)g->at_level[i]);
		report_textf(t, "shellac verify --level %d", i);
	}
	if (g->no_level == 0)
		return;
	report_row(t, TOPIC_PROOF);
	report_text(t, "none");
	report_text(t, "there is a finding");
	report_number(t, (int64_t)g->no_level);
	report_text(t, "shellac verify");
}

static void put_statuses(struct gather *g)
{
	struct report_table *t = report_table(g->r, REPORT_INTEGRITY, "statuses",
	    "What became of sessions", status_columns,
	    sizeof status_columns / sizeof status_columns[0]);
	int i;

	for (i = 0; i <= VERIFY_MISSING; i++) {
		if (g->status_count[i] == 0)
			continue;
		report_row(t, TOPIC_PROOF);
		report_text(t, status_word(i));
		report_text(t, statuses[i]);
		report_number(t, (int64_t)g->status_count[i]);
	}
}

static void put_gaps(struct gather *g)
{
	const struct evidence *e = &g->verify.evidence;

	if (g->at_level[0] > 0)
		report_gap(g->r, REPORT_INTEGRITY, TOPIC_PROOF, "shellac verify --level 1",
		    "the ledger's word for %llu session%s", (unsigned long long)g->at_level[0],
		    g->at_level[0] == 1 ? "" : "s");
	if (g->at_level[1] > 0)
		report_gap(g->r, REPORT_INTEGRITY, TOPIC_PROOF, "shellac rotate",
		    "an ended epoch behind %llu session%s", (unsigned long long)g->at_level[1],
		    g->at_level[1] == 1 ? "" : "s");
	if (e->witnessed_leaves == 0)
		report_gap(g->r, REPORT_INTEGRITY, TOPIC_WITNESS, g->has_policy ? NULL :
		    "shellac report --policy FILE", g->has_policy ?
		    "the cosignatures that the policy wants: whether the host was put back to an "
		    "earlier state is not known" :
		    "a policy that says whose cosignatures count: whether the host was put back to an "
		    "earlier state is not known");
	else if (e->witnessed_leaves < e->file.tree.size)
		report_gap(g->r, REPORT_INTEGRITY, TOPIC_WITNESS, NULL,
		    "cosignatures for the last %llu entries of the ledger",
		    (unsigned long long)(e->file.tree.size - e->witnessed_leaves));
	if (e->renewals > 0)
		report_gap(g->r, REPORT_INTEGRITY, TOPIC_PROOF | TOPIC_KEY, NULL,
		    "an unbroken chain of epoch keys: it began anew %zu time%s, and for what was "
		    "before the host's key alone stands", e->renewals, e->renewals == 1 ? "" : "s");
}

void gather_integrity_end(struct gather *g)
{
	report_fact_text(g->r, REPORT_INTEGRITY, TOPIC_PROOF, "ledger",
	    ledger_status_word(g->verify.evidence.status));
	report_fact_number(g->r, REPORT_INTEGRITY, TOPIC_PROOF, "sessions looked at", REPORT_COUNT,
	    (int64_t)g->wanted);
	report_fact_number(g->r, REPORT_INTEGRITY, TOPIC_PROOF,
	    "process records held against the ledger", REPORT_COUNT,
	    (int64_t)g->verify.processes);
	put_gaps(g);
	put_levels(g);
	put_statuses(g);
}
