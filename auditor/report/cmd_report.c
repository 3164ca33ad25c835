/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "auditor.h"
#include "bytes.h"
#include "clock.h"
#include "words/date.h"
#include "err.h"
#include "fleet/host_words.h"
#include "fleet/hosts.h"
#include "output/json.h"
#include "output/table.h"
#include "store/fleet_store.h"
#include "verify/known_host.h"
#include "report/gather.h"
#include "report/report_write.h"

enum { OPT_SINCE = OPT_LONG, OPT_UNTIL, OPT_FRAMEWORK, OPT_FORMAT, OPT_SIGN, OPT_KEY, OPT_POLICY };

const struct opt report_opts[] = {
	{ OPT_SINCE, "since", "DATE", "what was, or began, at that time or later" },
	{ OPT_UNTIL, "until", "DATE", "what began at that time or before (default: the ledger's "
	    "last entry)" },
	{ OPT_FRAMEWORK, "framework", "pci|nist|iso", "for its requirements" },
	{ OPT_FORMAT, "format", "text|json|html", "how it is written (default: text)" },
	{ OPT_KEY, "key", "FILE", "the host's public key or its enrolment (default: host.pub of "
	    "the store)" },
	{ OPT_POLICY, "policy", "FILE", "whose cosignatures count" },
	{ 'o', "output", "FILE", "write it there; a file that is there stays" },
	{ OPT_SIGN, "sign", "FILE", "sign it with this auditor's key, into FILE.note beside -o "
	    "FILE" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

struct options {
	const char *key, *policy;
	struct report_print print;
	struct report_write write;
	int done;
};

static const struct format {
	const char *name;
	void (*print)(const struct report_print *p);
} formats[] = {
	{ "text", report_print_text },
	{ "json", report_print_json },
	{ "html", report_print_html },
};

static int usage(const char *text)
{
	complain("report: %s", text);
	return AUDIT_USAGE;
}

static int take_format(struct options *o, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		if (strcmp(formats[i].name, name) != 0)
			continue;
		o->write.print = formats[i].print;
		return AUDIT_OK;
	}
	return usage("--format wants text, json or html");
}

static int take_option(struct gather *g, struct options *o, int c)
{
	int64_t now = clock_wall();

	switch (c) {
	case OPT_SINCE:
		return date_parse(optarg, now, &g->since_ns) == 0 ? AUDIT_OK :
		    usage("--since wants " DATE_WORDS);
	case OPT_UNTIL:
		return date_parse(optarg, now, &g->until_ns) == 0 ? AUDIT_OK :
		    usage("--until wants " DATE_WORDS);
	case OPT_FRAMEWORK:
		o->print.framework = report_framework_find(optarg);
		return o->print.framework != NULL ? AUDIT_OK :
		    usage("--framework wants pci, nist or iso");
	case OPT_FORMAT: return take_format(o, optarg);
	case OPT_KEY: o->key = optarg; return AUDIT_OK;
	case OPT_POLICY: o->policy = optarg; return AUDIT_OK;
	case OPT_SIGN: o->write.secret = optarg; return AUDIT_OK;
	case 'o': o->write.path = strcmp(optarg, "-") != 0 ? optarg : NULL; return AUDIT_OK;
	default: return AUDIT_USAGE;
	}
}

static int parse(struct gather *g, struct options *o, int argc, char **argv)
{
	int c, status;

	while ((c = command_next(command_find("report"), argc, argv, &o->done)) != OPT_END) {
		status = take_option(g, o, c);
		if (status != AUDIT_OK)
			return status;
	}
	if (o->done)
		return AUDIT_OK;
	if (g->since_ns > g->until_ns)
		return usage("--since is later than --until");
	if (o->write.secret != NULL && o->write.path == NULL)
		return usage("--sign wants -o FILE: the note is written beside it");
	return AUDIT_OK;
}

static void take_known(struct auditor *a, struct gather *g, const struct known_host *known)
{
	a->key = known->key;
	g->key_text = known->host_id != NULL ? "the host's enrolment" : "a key that was given";
	g->verify.host_id = known->host_id;
	g->verify.epoch_pk = known->epoch_pk;
	if (g->verify.policy == NULL)
		g->verify.policy = known->policy;
}

/* By whose word: --key, or the store's own host.pub. */
static int load_key(struct auditor *a, struct gather *g, struct known_host *known,
    const char *path)
{
	int r;

	if (path == NULL) {
		g->key_text = "host.pub of the store";
		if (a->have_key)
			return AUDIT_OK;
		complain("no key to verify with: %s/host.pub is not there; give --key FILE",
		    a->store_path);
		return AUDIT_CANNOT;
	}
	r = known_host_load(known, path);
	if (r != 0) {
		complain("%s: %s; --key wants the host.pub or the enrolment of the host that "
		    "recorded", path, err_text(r));
		return AUDIT_CANNOT;
	}
	take_known(a, g, known);
	return AUDIT_OK;
}

static int load_policy(struct witness_policy **out, const char *path)
{
	unsigned line = 0;
	int r = path != NULL ? policy_load(out, path, &line) : 0;

	if (r == 0)
		return AUDIT_OK;
	complain_policy(path, line, r);
	return AUDIT_CANNOT;
}

#define SUBJECT_MAX (CERT_HOST_MAX + 2 * ID_SIZE + 16)

/* For titles: which host, by its name and by the id that its first key gives it. */
static void name_subject(const struct gather *g, char out[SUBJECT_MAX])
{
	char hex[2 * ID_SIZE + 1];

	hex_put(hex, g->made.host_id, ID_SIZE);
	snprintf(out, SUBJECT_MAX, "%s%s%s%s", g->host != NULL ? g->host : "host ",
	    g->host != NULL ? " (" : "", hex, g->host != NULL ? ")" : "");
}

/* What the command was, but for its times: the same words give the same report. */
static const char *name_arguments(const struct options *o, char out[64])
{
	size_t i = 0;

	while (formats[i].print != o->write.print)
		i++;
	snprintf(out, 64, "%s%s%s%s", o->print.framework != NULL ? " --framework " : "",
	    o->print.framework != NULL ? o->print.framework->key : "",
	    i > 0 ? " --format " : "", i > 0 ? formats[i].name : "");
	return out;
}

static int make(struct auditor *a, struct gather *g, struct options *o)
{
	char subject[SUBJECT_MAX], arguments[64];
	int r, status;

	g->a = a;
	g->verify.host_pk = a->key.pk;
	g->has_policy = g->verify.policy != NULL;
	g->arguments = name_arguments(o, arguments);
	r = gather(g);
	if (r != 0) {
		complain("%s: %s", a->store_path, err_text(r));
		return AUDIT_CANNOT;
	}
	name_subject(g, subject);
	o->write.note = g->made;
	o->print.report = g->r;
	o->print.subject = subject;
	status = report_write(&o->write, &o->print);
	if (status != AUDIT_OK)
		return status;
	return g->r->findings > 0 ? AUDIT_FINDING : g->cannot ? AUDIT_CANNOT : AUDIT_OK;
}

/* What was asked for, of whichever host. */
struct asked {
	struct gather ask;      /* its times */
	struct options o;
	struct witness_policy *policy;
	struct expression *hosts; /* of a fleet */
};

/* The sums of several hosts. */
struct total {
	unsigned long long hosts, sessions, findings;
	struct table *table;      /* a row for each, or */
	json_t *list;
};

static void add_total(struct total *t, const char *name, const struct gather *g, int status)
{
	char sessions[24], findings[24];
	const char *state = status == AUDIT_OK ? "ok" : status == AUDIT_FINDING ? "findings" :
	    "cannot be reported";
	const char *cells[] = { name, sessions, findings, state };

	t->hosts++;
	t->sessions += g->wanted;
	t->findings += g->r->findings;
	snprintf(sessions, sizeof sessions, "%llu", (unsigned long long)g->wanted);
	snprintf(findings, sizeof findings, "%llu", g->r->findings);
	if (t->table != NULL)
		table_row(t->table, cells);
	else if (t->list != NULL)
		json_array_append_new(t->list, json_pack("{s:o, s:o, s:o, s:s}", "host",
		    json_bytes(name), "sessions", json_u64(g->wanted), "findings",
		    json_u64(g->r->findings), "state", state));
}

/* One store that is open; known: the key that it is verified with. */
static int report(struct auditor *a, const struct asked *q, struct known_host *known,
    struct total *t)
{
	static struct gather g;
	static struct report r;
	struct options o = q->o;
	int status = AUDIT_OK;

	g = q->ask;
	g.verify.policy = q->policy;
	report_init(&r);
	g.r = &r;
	if (a->host == NULL)
		status = load_key(a, &g, known, o.key);
	else if (a->host->have_key)
		take_known(a, &g, known);
	else
		status = AUDIT_CANNOT; /* said when it was opened */
	if (status == AUDIT_OK)
		status = make(a, &g, &o);
	if (t != NULL)
		add_total(t, a->host->name, &g, status);
	gather_release(&g);
	report_release(&r);
	return status;
}

static int of_store(struct auditor *a, const struct asked *q)
{
	struct known_host known = { .text = NULL };
	int status = auditor_open(a, 1);

	if (status == AUDIT_OK)
		status = auditor_want_all(a);
	if (status == AUDIT_OK)
		status = report(a, q, &known, NULL);
	known_host_release(&known);
	return status;
}

static int of_host(struct auditor *a, struct fleet_host *h, const struct asked *q,
    struct total *t)
{
	struct auditor one;
	int status = hosts_open_child(&one, a, h);

	if (status == AUDIT_OK) {
		fleet_store_by_pieces(&one.store, 1);
		if (store_walk(&one.store) != 0) {
			complain("%s: its sessions cannot be read", one.store_path);
			status = AUDIT_CANNOT;
		}
	}
	if (status == AUDIT_OK)
		status = report(&one, q, &h->known, t);
	hosts_close_child(&one);
	return status;
}

static size_t count_hosts(const struct auditor *a, const struct asked *q)
{
	size_t i, n = 0;

	for (i = 0; i < fleet_hosts(a->fleet); i++)
		n += host_words_takes(q->hosts, fleet_host(a->fleet, i)->name) != 0;
	return n;
}

static void end_total(struct total *t)
{
	if (t->table != NULL) {
		printf("\nALL HOSTS\n\n");
		table_print(t->table);
		printf("%llu hosts, %llu sessions, %llu findings\n", t->hosts, t->sessions, t->findings);
	} else if (t->list != NULL) {
		json_line(json_pack("{s:s, s:o, s:o, s:o}", "section", "all hosts", "hosts", t->list,
		    "sessions", json_u64(t->sessions), "findings", json_u64(t->findings)));
	}
}

static int of_fleet(struct auditor *a, struct asked *q)
{
	static const char *const heads[] = { "HOST", "SESSIONS", "FINDINGS", "STATE" };
	struct total t = { .hosts = 0 };
	int status = hosts_connect(a), all = AUDIT_OK;
	size_t i, n = status == AUDIT_OK ? count_hosts(a, q) : 0;

	if (status != AUDIT_OK)
		return status;
	if (q->o.key != NULL && fleet_know(a->fleet, q->o.key) != 1)
		return usage("--key: it is of no host in this fleet");
	if (n != 1 && (q->o.write.path != NULL || q->o.write.print == report_print_html))
		return usage("-o and --format html are for one host; say which, as host NAME");
	if (n != 1 && q->o.write.print == report_print_json)
		t.list = json_array();
	else if (n != 1)
		t.table = table_new(heads, 4, 6);
	for (i = 0; i < fleet_hosts(a->fleet); i++) {
		struct fleet_host *h = fleet_host(a->fleet, i);

		if (!host_words_takes(q->hosts, h->name))
			continue;
		status = of_host(a, h, q, n != 1 ? &t : NULL);
		all = all == AUDIT_FINDING || status == AUDIT_FINDING ? AUDIT_FINDING :
		    all > status ? all : status;
	}
	end_total(&t);
	return all;
}

int cmd_report(struct auditor *a, int argc, char **argv)
{
	static struct asked q = { .ask = { .since_ns = INT64_MIN, .until_ns = INT64_MAX } };
	int status;

	q.o.write.print = report_print_text;
	status = parse(&q.ask, &q.o, argc, argv);
	if (status != AUDIT_OK || q.o.done)
		return status;
	if (a->conninfo == NULL && optind != argc)
		return usage("it takes no arguments, but of a fleet: which hosts");
	status = host_words_read(&q.hosts, "report", argc - optind, argv + optind);
	if (status == AUDIT_OK)
		status = load_policy(&q.policy, q.o.policy);
	if (status == AUDIT_OK)
		status = a->conninfo != NULL ? of_fleet(a, &q) : of_store(a, &q);
	expression_free(q.hosts);
	policy_free(q.policy);
	return status;
}
