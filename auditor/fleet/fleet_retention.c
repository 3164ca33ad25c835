/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "../../fleet/db.h"
#include "escape.h"
#include "fleet/fleet_verbs.h"

/* The policy, where it is to change. */
static int set_policy(PGconn *c, const struct fleet_args *args)
{
	char days[24];
	const char *value[] = { days };
	PGresult *r = NULL;

	if (args->days == 0 && !args->forever)
		return 0;
	snprintf(days, sizeof days, "%llu", args->days);
	if (fleet_run(c, "begin") != 0 || fleet_run(c, "delete from shellac.policy") != 0 ||
	    (args->days != 0 && fleet_query(c, &r, "insert into shellac.policy (days) values ($1)", 1,
	    value) != 0))
		return -1;
	PQclear(r);
	return fleet_run(c, "commit");
}

int fleet_verb_retention(struct auditor *a, const struct fleet_args *args)
{
	PGresult *r;
	PGconn *c;
	int status;

	(void)a;
	if (args->days != 0 && args->forever) {
		complain("fleet retention: --days and --forever exclude each other");
		return AUDIT_USAGE;
	}
	status = fleet_dial(&c, args->conninfo, 1);
	if (status != AUDIT_OK)
		return status;
	if (set_policy(c, args) != 0 || fleet_query(c, &r, "select * from shellac.retain()", 0,
	    NULL) != 0) {
		status = fleet_refused(c, "fleet retention");
	} else {
		if (PQgetisnull(r, 0, 0))
			printf("everything is kept\n");
		else
			printf("kept from %s on; %s pieces of before went, %s are held\n",
			    PQgetvalue(r, 0, 0), PQgetvalue(r, 0, 1), PQgetvalue(r, 0, 2));
		PQclear(r);
	}
	PQfinish(c);
	return status;
}

/* HOST/NUMBER */
static int hold(PGconn *c, const char *text, const struct fleet_args *args)
{
	const char *slash = strrchr(text, '/');
	char host[64];
	const char *value[] = { host, slash != NULL ? slash + 1 : "", args->reason };
	unsigned long long n;
	PGresult *r;
	int done;

	if (slash == NULL || slash - text >= (int)sizeof host ||
	    opt_number(slash + 1, INT64_MAX, &n) != 0) {
		complain("%s: not HOST/NUMBER", text);
		return AUDIT_USAGE;
	}
	snprintf(host, sizeof host, "%.*s", (int)(slash - text), text);
	if (fleet_query(c, &r, args->release ?
	    "delete from shellac.hold d using shellac.host h where d.host = h.id and h.name = $1 "
	    "and d.n = $2::text::bigint and $3::text is not null" :
	    "insert into shellac.hold (host, n, reason) select s.host, s.n, $3 from shellac.session s "
	    "join shellac.host h on h.id = s.host where h.name = $1 and s.n = $2::text::bigint "
	    "on conflict (host, n) do update set reason = excluded.reason", 3, value) != 0)
		return fleet_refused(c, text);
	done = strcmp(PQcmdTuples(r), "1") == 0;
	PQclear(r);
	if (!done)
		complain("%s: %s", text, args->release ? "it is not held here" : "no such session here");
	return done ? AUDIT_OK : AUDIT_CANNOT;
}

static int list_holds(PGconn *c)
{
	char safe[512];
	PGresult *r;
	int i;

	if (fleet_query(c, &r, "select h.name || '/' || d.n, coalesce(x.reason, 'held on its host') "
	    "from shellac.held d join shellac.host h on h.id = d.host left join shellac.hold x "
	    "on x.host = d.host and x.n = d.n order by 1", 0, NULL) != 0)
		return fleet_refused(c, "fleet hold");
	for (i = 0; i < PQntuples(r); i++) {
		printf("%s\t", escape_str(safe, sizeof safe, PQgetvalue(r, i, 0)));
		printf("%s\n", escape_str(safe, sizeof safe, PQgetvalue(r, i, 1)));
	}
	PQclear(r);
	return AUDIT_OK;
}

int fleet_verb_hold(struct auditor *a, const struct fleet_args *args)
{
	PGconn *c;
	int i, r;

	(void)a;
	if (args->count > 0 && !args->release && args->reason[0] == '\0') {
		complain("fleet hold wants a reason: shellac --reason TEXT fleet hold ...");
		return AUDIT_USAGE;
	}
	r = fleet_dial(&c, args->conninfo, args->count > 0);
	if (r != AUDIT_OK)
		return r;
	for (i = 0; i < args->count; i++) {
		int one = hold(c, args->arg[i], args);

		r = one != AUDIT_OK ? one : r;
	}
	if (args->count == 0)
		r = list_holds(c);
	PQfinish(c);
	return r;
}
