/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "../../fleet/db.h"
#include "escape.h"
#include "fleet/fleet_verbs.h"

static void print_row(const PGresult *r, int row)
{
	char safe[256];
	int i;

	for (i = 0; i < PQnfields(r); i++)
		printf("%s%s", i > 0 ? "\t" : "", PQgetisnull(r, row, i) ? "-" :
		    escape_bytes(safe, sizeof safe, PQgetvalue(r, row, i),
		    (size_t)PQgetlength(r, row, i)));
	printf("\n");
}

int fleet_verb_list(struct auditor *a, const struct fleet_args *args)
{
	PGresult *rows;
	PGconn *c;
	int i, r = fleet_dial(&c, args->conninfo, 0);

	(void)a;
	if (r != AUDIT_OK)
		return r;
	if (fleet_query(c, &rows, "select h.name, pg_catalog.encode(h.id, 'hex'), "
	    "pg_catalog.to_char(s.at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), s.behind, "
	    "(select pg_catalog.count(*) from shellac.session x where x.host = h.id), "
	    "(select pg_catalog.count(*) from shellac.tamper t where t.host = h.id), "
	    "(select pg_catalog.count(*) from shellac.lost l where l.host = h.id), s.state "
	    "from shellac.host h left join shellac.seen s on s.host = h.id order by h.name", 0,
	    NULL) != 0) {
		r = fleet_refused(c, "fleet list");
		PQfinish(c);
		return r;
	}
	printf("HOST\tID\tSEEN\tBEHIND\tSESSIONS\tTAMPER\tLOST\tSTATE\n");
	for (i = 0; i < PQntuples(rows); i++)
		print_row(rows, i);
	PQclear(rows);
	PQfinish(c);
	return AUDIT_OK;
}
