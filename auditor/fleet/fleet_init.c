/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "../../fleet/db.h"
#include "../../fleet/schema.h"
#include "err.h"
#include "fleet/fleet_verbs.h"

static void say_notice(void *arg, const PGresult *r)
{
	char line[512];

	(void)arg;
	complain("%s", fleet_why(line, sizeof line, NULL, r));
}

/* All of it or nothing. */
static int make(PGconn *c, int fresh)
{
	PQsetNoticeReceiver(c, say_notice, NULL);
	if (fleet_run(c, "begin") == 0 && (!fresh || fleet_run(c, fleet_schema_sql) == 0) &&
	    fleet_run(c, fleet_functions_sql) == 0 && fleet_run(c, "commit") == 0)
		return AUDIT_OK;
	return fleet_refused(c, "fleet init");
}

/* Yesterday to so many days ahead: a night's maintenance may fail. */
static int make_days(PGconn *c)
{
	return fleet_run(c, "select shellac.prepare(array(select current_date + i "
	    "from pg_catalog.generate_series(-1, 2) i))");
}

int fleet_verb_init(struct auditor *a, const struct fleet_args *args)
{
	char why[512];
	PGconn *c;
	int version = 0, fresh, r;

	(void)a;
	r = fleet_connect(&c, args->conninfo, "shellac", 1, why, sizeof why);
	if (r != 0) {
		complain("the fleet store: %s", r == E_REFUSED ? why : err_text(r));
		return AUDIT_CANNOT;
	}
	fresh = fleet_version(c, &version);
	if (fresh < 0)
		r = fleet_refused(c, "fleet init");
	else if (!fresh && version != FLEET_VERSION) {
		complain("the fleet store is of version %d, and this program knows %d", version,
		    FLEET_VERSION);
		r = AUDIT_CANNOT;
	} else
		r = make(c, fresh);
	if (r == AUDIT_OK && make_days(c) != 0)
		r = fleet_refused(c, "fleet init");
	if (r == AUDIT_OK)
		printf("%s\n", fresh ? "the fleet store is made; add hosts with shellac fleet add" :
		    "the fleet store was there; its functions are renewed");
	PQfinish(c);
	return r;
}

int fleet_verb_maintain(struct auditor *a, const struct fleet_args *args)
{
	PGconn *c;
	int r = fleet_dial(&c, args->conninfo, 1);

	(void)a;
	if (r != AUDIT_OK)
		return r;
	if (make_days(c) != 0)
		r = fleet_refused(c, "fleet maintain");
	PQfinish(c);
	return r;
}
