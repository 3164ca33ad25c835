/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "auditor.h"
#include "bytes.h"
#include "clock.h"
#include "err.h"
#include "escape.h"
#include "output/json.h"
#include "output/outcome.h"
#include "output/progress.h"
#include "procs/procs.h"
#include "review/rules_session.h"
#include "sessions/sessions.h"
#include "store/select.h"

enum { OPT_CHECK = OPT_LONG, OPT_JSON, OPT_RULE, OPT_RULES, OPT_SESSION };

const struct opt rules_opts[] = {
	{ OPT_CHECK, "check", NULL, "look for errors in the rules, and nothing else" },
	{ OPT_JSON, "json", NULL, "one event a line" },
	{ OPT_RULE, "rule", "NAME", "this rule alone" },
	{ OPT_RULES, "rules", "FILE", "shellac-rules(5) (default: rules beside shellac.conf)" },
	{ OPT_SESSION, "session", "ID", "this session alone" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

struct looking {
	struct auditor *a;
	struct rules *rules;
	struct sessions *sessions;
	struct expression *only; /* NULL: all */
	const char *rule;        /* NULL: all */
	int json;
	int status;
};

#define REPLAY_SIZE 80

static void put_replay(char out[REPLAY_SIZE], const struct rule_hit *h, uint64_t n)
{
	snprintf(out, REPLAY_SIZE, "shellac replay --at +%llu.%03u %llu",
	    (unsigned long long)(h->at_ns / 1000000000), (unsigned)(h->at_ns / 1000000 % 1000),
	    (unsigned long long)n);
}

static void print_json(const struct rule_hit *h, const struct session_row *row)
{
	char replay[REPLAY_SIZE];
	json_t *o;

	put_replay(replay, h, row->entry->name.n);
	o = json_pack("{s:o, s:{s:s}, s:{s:s, s:s, s:s, s:[s], s:[s], s:s, s:i}, s:{s:s}, "
	    "s:{s:o}, s:{s:o, s:o}}",
	    "@timestamp", json_time(h->wall_ns), "ecs", "version", "9.4.0",
	    "event", "kind", "alert", "module", "shellac", "dataset", "shellac.rule",
	    "category", "intrusion_detection", "type", "info", "action", "rule-hit",
	    "severity", (int)h->rule->severity, "rule", "name", h->rule->name,
	    "host", "name", json_bytes(row->host),
	    "user", "name", json_bytes(row->user), "id", json_bytes(""));
	if (o == NULL)
		json_line(NULL);
	if (row->have_cert) {
		char uid[16];

		snprintf(uid, sizeof uid, "%u", row->uid);
		json_object_set_new(json_object_get(o, "user"), "id", json_string(uid));
	}
	json_object_set_new(o, "shellac", json_pack("{s:{s:o, s:o, s:o}, s:s, s:o, s:o, s:s}",
	    "session", "n", json_u64(row->entry->name.n), "id",
	    json_hex(row->entry->name.id, ID_SIZE), "offset_ms", json_u64(h->at_ns / 1000000),
	    "on", rule_on_word(h->on), "chunk", h->chunk >= 0 ? json_u64((uint64_t)h->chunk) :
	    json_null(), "text", json_bytes(h->text), "replay", replay));
	json_line(o);
}

static void print_text(const struct rule_hit *h, const struct session_row *row)
{
	char at[CLOCK_RFC3339_SIZE], user[4 * CERT_USER_MAX], text[4096], replay[REPLAY_SIZE];

	if (clock_rfc3339(at, h->wall_ns)[0] != '\0')
		memcpy(at + 19, "Z", 2);
	put_replay(replay, h, row->entry->name.n);
	printf("%s  session %llu  %s  %s (%u)  %s: %s\n    %s\n", at,
	    (unsigned long long)row->entry->name.n, escape_str(user, sizeof user, row->user),
	    h->rule->name, h->rule->severity, rule_on_word(h->on),
	    escape_shown(text, sizeof text, h->text, strlen(h->text)), replay);
}

static void finding(struct looking *g, int status)
{
	if (g->status != AUDIT_FINDING)
		g->status = status;
}

static int print_hits(struct looking *g, const struct session_row *row)
{
	unsigned long long n = row->entry->name.n;
	struct rule_hits hits;
	static struct verdict v;
	size_t i;
	int r = rules_session(&hits, g->rules, g->a, row->entry, &v);

	if (r != 0) {
		complain("session %llu: %s", n, err_text(r));
		finding(g, AUDIT_CANNOT);
		return r == -ENOMEM ? r : 0;
	}
	for (i = 0; i < hits.hits; i++) {
		if (g->rule != NULL && strcmp(hits.hit[i].rule->name, g->rule) != 0)
			continue;
		if (g->json)
			print_json(&hits.hit[i], row);
		else
			print_text(&hits.hit[i], row);
	}
	if (hits.more > 0)
		complain("session %llu: %llu more hits of rules with %d of them", n, hits.more,
		    RULE_HITS_MAX);
	if (hits.undecided > 0)
		complain("session %llu: %llu lines take too much work to hold them against the rules",
		    n, hits.undecided);
	rule_hits_release(&hits);
	if (outcome_stop(row->entry, &v) != AUDIT_OK)
		finding(g, AUDIT_FINDING);
	return ferror(stdout) ? -EPIPE : 0;
}

static int print_all(struct looking *g)
{
	size_t i, count = sessions_count(g->sessions);
	struct progress progress;
	int r = 0;

	progress_begin(&progress, "holding sessions against the rules");
	for (i = 0; i < count && r == 0; i++) {
		const struct session_row *row = sessions_row(g->sessions, i);

		progress_at(&progress, i, count);
		if (row->status != STATUS_PURGED &&
		    (g->only == NULL || expression_test(g->only, row)))
			r = print_hits(g, row);
	}
	progress_end(&progress);
	return r == -EPIPE || r == 0 ? g->status : AUDIT_CANNOT;
}

/* The session alone, without what is known of all others. */
static int run_session(struct looking *g, const char *text)
{
	struct session_row row = { .user = "", .host = "" };
	static struct cert cert;
	int status = auditor_open_for(g->a, text);

	if (status != AUDIT_OK)
		return status;
	row.entry = select_or_complain(g->a, text, &status);
	if (row.entry == NULL)
		return status;
	if (procs_session(&g->a->store, row.entry, &cert) == 0) {
		row.have_cert = 1;
		row.user = cert.user;
		row.host = cert.host;
		row.uid = cert.uid;
	}
	print_hits(g, &row);
	return g->status;
}

static int run(struct looking *g, int argc, char **argv)
{
	char why[EXPRESSION_WHY];
	int status = auditor_open(g->a, 1), r = 0;

	if (status == AUDIT_OK)
		status = auditor_want_all(g->a);
	if (status == AUDIT_OK && sessions_open(&g->sessions, g->a) != 0)
		status = AUDIT_CANNOT;
	if (status == AUDIT_OK && argc > 0)
		r = sessions_expression(&g->only, g->sessions, argc, argv, why);
	if (r != 0) {
		complain("%s", r == E_FORMAT ? why : err_text(r));
		status = r == E_FORMAT ? AUDIT_USAGE : AUDIT_CANNOT;
	}
	if (status == AUDIT_OK)
		status = print_all(g);
	expression_free(g->only);
	sessions_free(g->sessions);
	return status;
}

int cmd_rules(struct auditor *a, int argc, char **argv)
{
	struct looking g = { .a = a, .status = AUDIT_OK };
	const char *path = NULL, *session = NULL;
	int c, done, check = 0, status;

	while ((c = command_next(command_find("rules"), argc, argv, &done)) != OPT_END) {
		switch (c) {
		case OPT_CHECK: check = 1; break;
		case OPT_JSON: g.json = 1; break;
		case OPT_RULE: g.rule = optarg; break;
		case OPT_RULES: path = optarg; break;
		case OPT_SESSION: session = optarg; break;
		default: return AUDIT_USAGE;
		}
	}
	if (done)
		return AUDIT_OK;
	if (session != NULL && optind < argc) {
		complain("--session, or words");
		return AUDIT_USAGE;
	}
	status = rules_open(&g.rules, a, path);
	if (status != AUDIT_OK)
		return status;
	if (g.rule != NULL && rules_find(g.rules, g.rule) == NULL) {
		complain("%s: there is no such rule", g.rule);
		status = AUDIT_USAGE;
	} else if (check) {
		printf("%zu rules, no errors\n", rules_count(g.rules));
	} else if (rules_count(g.rules) == 0) {
		complain("there are no rules: --rules FILE, or a file \"rules\" beside shellac.conf; see "
		    "shellac-rules(5)");
		status = AUDIT_CANNOT;
	} else {
		status = session != NULL ? run_session(&g, session) :
		    run(&g, argc - optind, argv + optind);
	}
	rules_free(g.rules);
	return status;
}
