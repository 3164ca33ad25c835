/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "auditor.h"
#include "bytes.h"
#include "clock.h"
#include "words/date.h"
#include "err.h"
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
	if (optind != argc)
		return usage("it takes no arguments");
	if (g->since_ns > g->until_ns)
		return usage("--since is later than --until");
	if (o->write.secret != NULL && o->write.path == NULL)
		return usage("--sign wants -o FILE: the note is written beside it");
	return AUDIT_OK;
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
	a->key = known->key;
	g->key_text = known->host_id != NULL ? "the host's enrolment" : "a key that was given";
	g->verify.host_id = known->host_id;
	g->verify.epoch_pk = known->epoch_pk;
	if (g->verify.policy == NULL)
		g->verify.policy = known->policy;
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

int cmd_report(struct auditor *a, int argc, char **argv)
{
	static struct gather g = { .since_ns = INT64_MIN, .until_ns = INT64_MAX };
	static struct report r;
	struct options o = { .write = { .print = report_print_text } };
	struct witness_policy *policy = NULL;
	struct known_host known = { .text = NULL };
	int status = parse(&g, &o, argc, argv);

	if (status != AUDIT_OK || o.done)
		return status;
	report_init(&r);
	g.r = &r;
	status = load_policy(&policy, o.policy);
	g.verify.policy = policy;
	if (status == AUDIT_OK)
		status = auditor_open(a, 1);
	if (status == AUDIT_OK)
		status = auditor_want_all(a);
	if (status == AUDIT_OK)
		status = load_key(a, &g, &known, o.key);
	if (status == AUDIT_OK)
		status = make(a, &g, &o);
	gather_release(&g);
	report_release(&r);
	policy_free(policy);
	known_host_release(&known);
	return status;
}
