/* SPDX-License-Identifier: ISC */
#include "db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"

int fleet_is_conninfo(const char *text)
{
	static const char *const sure[] = { "host", "hostaddr", "service", "dbname" };
	PQconninfoOption *o, *options;
	size_t i;
	int yes = 0;

	if (strncmp(text, "postgresql://", 13) == 0 || strncmp(text, "postgres://", 11) == 0)
		return 1;
	if (strchr(text, '=') == NULL)
		return 0;
	options = PQconninfoParse(text, NULL);
	for (o = options; o != NULL && o->keyword != NULL; o++)
		for (i = 0; i < sizeof sure / sizeof sure[0]; i++)
			if (o->val != NULL && strcmp(o->keyword, sure[i]) == 0)
				yes = 1;
	PQconninfoFree(options);
	return yes;
}

static void drop_notice(void *arg, const PGresult *r)
{
	(void)arg;
	(void)r;
}

char *fleet_why(char *out, size_t size, const PGconn *c, const PGresult *result)
{
	const char *s = result != NULL ? PQresultErrorMessage(result) : PQerrorMessage(c);

	snprintf(out, size, "%.*s", (int)strcspn(s, "\n"), s);
	if (out[0] == '\0')
		snprintf(out, size, "no reason was given");
	return out;
}

int fleet_run(PGconn *c, const char *sql)
{
	PGresult *r = PQexec(c, sql);
	ExecStatusType s = PQresultStatus(r);

	PQclear(r);
	return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK ? 0 : E_REFUSED;
}

int fleet_query(PGconn *c, PGresult **out, const char *sql, int n, const char *const *value)
{
	PGresult *r = PQexecParams(c, sql, n, NULL, value, NULL, NULL, 0);
	ExecStatusType s = PQresultStatus(r);

	if (s != PGRES_TUPLES_OK && s != PGRES_COMMAND_OK) {
		PQclear(r);
		return E_REFUSED;
	}
	*out = r;
	return 0;
}

static int settle(PGconn *c)
{
	PQsetNoticeReceiver(c, drop_notice, NULL);
	return fleet_run(c, "set search_path = ''; set timezone = 'UTC'; set datestyle = 'ISO, YMD'; "
	    "set bytea_output = 'hex'; set standard_conforming_strings = on; "
	    "set client_min_messages = 'warning'");
}

int fleet_connect(PGconn **out, const char *conninfo, const char *program, int write, char *why,
    size_t why_size)
{
	/* of a word that stands twice the last one counts */
	const char *const words[] = { "connect_timeout", "tcp_user_timeout", "keepalives_idle",
		"keepalives_interval", "keepalives_count", "target_session_attrs", "dbname",
		"client_encoding", "fallback_application_name", NULL };
	const char *const values[] = { "10", "30000", "10", "5", "4",
		write ? "read-write" : "any", conninfo, "UTF8", program, NULL };
	PGconn *c = PQconnectdbParams(words, values, 1);

	if (c == NULL)
		return -ENOMEM;
	if (PQstatus(c) == CONNECTION_OK && settle(c) == 0) {
		*out = c;
		return 0;
	}
	fleet_why(why, why_size, c, NULL);
	PQfinish(c);
	return E_REFUSED;
}

int fleet_version(PGconn *c, int *version)
{
	PGresult *r;
	int missing = 1;

	if (fleet_query(c, &r, "select pg_catalog.to_regclass('shellac.version')", 0, NULL) != 0)
		return E_REFUSED;
	missing = PQntuples(r) != 1 || PQgetisnull(r, 0, 0);
	PQclear(r);
	if (missing)
		return 1;
	if (fleet_query(c, &r, "select version from shellac.version", 0, NULL) != 0)
		return E_REFUSED;
	*version = PQntuples(r) == 1 ? (int)strtol(PQgetvalue(r, 0, 0), NULL, 10) : 0;
	PQclear(r);
	return 0;
}
