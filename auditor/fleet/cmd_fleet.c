/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "../../fleet/db.h"
#include "err.h"
#include "fleet/fleet_verbs.h"

enum { OPT_NAME = OPT_LONG, OPT_HEARTBEAT, OPT_DAYS, OPT_FOREVER, OPT_RELEASE, OPT_PLAIN,
	OPT_JSON };

const struct opt fleet_opts[] = {
	{ 'S', "store", "CONNINFO", "the database, as postgresql://... or host=... dbname=..." },
	{ OPT_NAME, "name", "NAME", "add: the host's name (default: as it enrolled)" },
	{ OPT_HEARTBEAT, "heartbeat", "SECONDS", "add: silent for longer is a finding (90)" },
	{ OPT_DAYS, "days", "NUMBER", "retention: keep so many days from now on" },
	{ OPT_FOREVER, "forever", NULL, "retention: keep all from now on" },
	{ OPT_RELEASE, "release", NULL, "hold: the sessions need not be kept any more" },
	{ OPT_JSON, "json", NULL, "status: one JSON object a line" },
	{ OPT_PLAIN, "plain", NULL, "restore: leave sessions uncompressed" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

static const struct verb {
	const char *name;
	int (*run)(struct auditor *a, const struct fleet_args *args);
	int least, most; /* arguments behind it; most -1: any number */
	const char *wants;
} verbs[] = {
	{ "init", fleet_verb_init, 0, 0, "no arguments" },
	{ "add", fleet_verb_add, 1, -1, "files of enrolments or public keys" },
	{ "list", fleet_verb_list, 0, 0, "no arguments" },
	{ "status", fleet_verb_status, 0, 0, "no arguments" },
	{ "maintain", fleet_verb_maintain, 0, 0, "no arguments" },
	{ "retention", fleet_verb_retention, 0, 0, "no arguments" },
	{ "restore", fleet_verb_restore, 2, 2, "a host and a new folder" },
	{ "hold", fleet_verb_hold, 0, -1, "sessions, as HOST/NUMBER" },
};

int fleet_refused(const PGconn *c, const char *what)
{
	char why[512];

	complain("%s: %s", what, fleet_why(why, sizeof why, c, NULL));
	return AUDIT_CANNOT;
}

int fleet_dial(PGconn **out, const char *conninfo, int write)
{
	char why[512];
	PGconn *c;
	int version = 0, r = fleet_connect(&c, conninfo, "shellac", write, why, sizeof why);

	if (r != 0) {
		complain("the fleet store: %s", r == E_REFUSED ? why : err_text(r));
		return AUDIT_CANNOT;
	}
	r = fleet_version(c, &version);
	if (r == 0 && version == FLEET_VERSION) {
		*out = c;
		return AUDIT_OK;
	}
	if (r < 0)
		fleet_refused(c, "the fleet store");
	else if (r == 1)
		complain("this database has no fleet store; shellac fleet init makes one");
	else
		complain("the fleet store is of version %d, and this program knows %d", version,
		    FLEET_VERSION);
	PQfinish(c);
	return AUDIT_CANNOT;
}

static int run(struct auditor *a, const char *name, const struct fleet_args *args)
{
	const struct verb *v;
	size_t i;

	for (i = 0, v = NULL; name != NULL && i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(verbs[i].name, name) == 0)
			v = &verbs[i];
	if (v == NULL) {
		complain("fleet wants one of: init, add FILE..., list, status, maintain, retention, "
		    "restore HOST DIR, hold HOST/NUMBER...");
		return AUDIT_USAGE;
	}
	if (args->count < v->least || (v->most >= 0 && args->count > v->most)) {
		complain("fleet %s wants %s", v->name, v->wants);
		return AUDIT_USAGE;
	}
	if (args->conninfo == NULL || !fleet_is_conninfo(args->conninfo)) {
		complain("fleet %s wants -S with a database, such as "
		    "-S postgresql://db1,db2/shellac", v->name);
		return AUDIT_USAGE;
	}
	return v->run(a, args);
}

static int take_number(const char *name, unsigned long long *out)
{
	if (opt_number(optarg, 36500, out) == 0 && *out > 0)
		return 0;
	complain("--%s %s: a number from 1 to 36500", name, optarg);
	return -1;
}

int cmd_fleet(struct auditor *a, int argc, char **argv)
{
	struct fleet_args args = { .heartbeat_s = 90, .reason = a->reason };
	int c, done;

	args.conninfo = a->conninfo;
	while ((c = command_next(command_find("fleet"), argc, argv, &done)) != OPT_END) {
		switch (c) {
		case 'S': args.conninfo = optarg; break;
		case OPT_NAME: args.name = optarg; break;
		case OPT_HEARTBEAT:
			if (take_number("heartbeat", &args.heartbeat_s) != 0)
				return AUDIT_USAGE;
			break;
		case OPT_DAYS:
			if (take_number("days", &args.days) != 0)
				return AUDIT_USAGE;
			break;
		case OPT_FOREVER: args.forever = 1; break;
		case OPT_JSON: args.json = 1; break;
		case OPT_RELEASE: args.release = 1; break;
		case OPT_PLAIN: args.plain = 1; break;
		default: return AUDIT_USAGE;
		}
	}
	if (done)
		return AUDIT_OK;
	if (optind < argc) {
		args.arg = argv + optind + 1;
		args.count = argc - optind - 1;
	}
	return run(a, optind < argc ? argv[optind] : NULL, &args);
}
