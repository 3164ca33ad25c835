/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "bytes.h"
#include "report/gather.h"

static void text(struct gather *g, const char *name, const char *value)
{
	report_fact_text(g->r, REPORT_SOURCE, 0, name, value);
}

static void number(struct gather *g, const char *name, enum report_type type, int64_t value)
{
	report_fact_number(g->r, REPORT_SOURCE, 0, name, type, value);
}

static int64_t seconds(uint64_t s)
{
	return s <= INT64_MAX / 1000000000 ? (int64_t)s * 1000000000 : INT64_MAX;
}

static void put_key(struct gather *g)
{
	char hex[2 * PK_SIZE + 1];

	hex_put(hex, g->verify.evidence.host_id, ID_SIZE);
	text(g, "host id", hex);
	hex_put(hex, g->verify.host_pk, PK_SIZE);
	text(g, "verified with the host key", hex);
	text(g, "which is from", g->key_text);
	if (strncmp(g->key_text, "host.pub", 8) == 0)
		report_gap(g->r, REPORT_SOURCE, TOPIC_PROOF | TOPIC_KEY, "shellac report --key ENROLMENT",
		    "the key is the store's own: whoever could change the store could change it as "
		    "well; with the host's enrolment that would show");
}

static void put_checkpoint(struct gather *g)
{
	const struct evidence *v = &g->verify.evidence;
	const struct evidence_epoch *until = evidence_until(v);
	const struct pin *p = evidence_pin(v, 0);

	number(g, "entries under the host's signature", REPORT_COUNT, (int64_t)v->signed_leaves);
	if (p != NULL)
		number(g, "checkpoint of so many entries", REPORT_COUNT, (int64_t)p->at.size);
	number(g, "last epoch that is sealed", REPORT_COUNT,
	    until != NULL ? (int64_t)until->number : REPORT_UNKNOWN);
	number(g, "which ended", REPORT_WALL, until != NULL ? until->wall_ns : REPORT_UNKNOWN);
	number(g, "entries that witnesses saw", REPORT_COUNT, (int64_t)v->witnessed_leaves);
	number(g, "which they saw by", REPORT_WALL,
	    v->witnessed_leaves > 0 ? seconds(v->witnessed_s) : REPORT_UNKNOWN);
}

static void put_ledger(struct gather *g)
{
	const struct evidence *v = &g->verify.evidence;
	char root64[BASE64_SIZE(MERKLE_HASH)];

	text(g, "ledger", ledger_status_word(v->status));
	if (v->file.tree.size == 0) {
		report_gap(g->r, REPORT_SOURCE, TOPIC_PROOF | TOPIC_START | TOPIC_ACCESS |
		    TOPIC_REVIEW, NULL, "there is no ledger to be read: nothing tells what was "
		    "deleted with its number, when the collector ran, who looked and who reviewed");
		return;
	}
	base64_put(root64, g->made.root, MERKLE_HASH);
	number(g, "ledger begins", REPORT_WALL, g->first_ns);
	number(g, "ledger's last entry", REPORT_WALL, g->last_ns);
	number(g, "ledger's entries", REPORT_COUNT, (int64_t)v->file.tree.size);
	text(g, "their Merkle root", root64);
	put_checkpoint(g);
}

static void put_command(struct gather *g)
{
	char since[GATHER_DATE] = "", until[GATHER_DATE] = "", line[256];

	if (g->since_ns != INT64_MIN)
		gather_date(since, g->since_ns);
	if (g->until_ns != INT64_MAX)
		gather_date(until, g->until_ns);
	snprintf(line, sizeof line, "shellac report%s%s%s%s%s", since[0] != '\0' ? " --since " : "",
	    since, until[0] != '\0' ? " --until " : "", until,
	    g->arguments);
	text(g, "made by", line);
	text(g, "commands in this report", "are for the host itself; for a copy of its store, -S "
	    "STORE comes before the command's name");
}

void gather_source_begin(struct gather *g)
{
	memcpy(g->made.host_id, g->verify.evidence.host_id, ID_SIZE);
	g->made.entries = g->verify.evidence.file.tree.size;
	merkle_root(&g->verify.evidence.file.tree, g->made.root);
	number(g, "from", REPORT_WALL, g->since_ns != INT64_MIN ? g->since_ns :
	    g->first_ns != 0 ? g->first_ns : REPORT_UNKNOWN);
	number(g, "until", REPORT_WALL, g->end_ns != INT64_MAX ? g->end_ns : REPORT_UNKNOWN);
	put_key(g);
	put_ledger(g);
	put_command(g);
}
