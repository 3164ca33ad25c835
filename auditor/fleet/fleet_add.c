/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "../../fleet/db.h"
#include "bytes.h"
#include "cert.h"
#include "err.h"
#include "fleet/fleet_verbs.h"
#include "verify/known_host.h"

/* What is added. */
struct added {
	char id[2 * ID_SIZE + 3], name[64], role[64 + 8], heartbeat[24];
	const char *note; /* or NULL */
};

/* Letters, digits, dot, dash, underscore: it is part of HOST/ID and of a role. */
static int is_name(const char *s)
{
	static const char fine[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return strlen(s) <= 55 && s[0] != '\0' && s[0] != '.' && s[0] != '-' && s[0] != '_' &&
	    s[strspn(s, fine)] == '\0';
}

static int describe(struct added *h, const struct known_host *k, const struct fleet_args *args)
{
	uint8_t id[ID_SIZE];
	const char *name = args->name, *slash;

	if (name == NULL && k->enrolment.host[0] != '\0')
		name = k->enrolment.host;
	if (name == NULL)
		name = (slash = strrchr(k->key.name, '/')) != NULL ? slash + 1 : k->key.name;
	if (!is_name(name)) {
		complain("%s: no name for a host here: letters, digits, '.', '-' and '_', at most 55; "
		    "give --name", name);
		return AUDIT_USAGE;
	}
	if (k->host_id != NULL)
		memcpy(id, k->host_id, ID_SIZE);
	else
		cert_host_id(id, k->key.pk);
	memcpy(h->id, "\\x", 2);
	hex_put(h->id + 2, id, ID_SIZE);
	snprintf(h->name, sizeof h->name, "%s", name);
	snprintf(h->role, sizeof h->role, "shellac-%s", name);
	snprintf(h->heartbeat, sizeof h->heartbeat, "%llu", args->heartbeat_s);
	h->note = k->enrolment.host[0] != '\0' ? (const char *)k->text : NULL;
	return AUDIT_OK;
}

/* The role may log in and call what hosts may; how it proves who it is, pg_hba.conf says. */
static int make_role(PGconn *c, const struct added *h)
{
	char *quoted = PQescapeIdentifier(c, h->role, strlen(h->role)), sql[512];
	const char *value[] = { h->role };
	PGresult *found;
	int r;

	if (quoted == NULL || fleet_query(c, &found, "select from pg_catalog.pg_roles "
	    "where rolname = $1", 1, value) != 0) {
		PQfreemem(quoted);
		return E_REFUSED;
	}
	snprintf(sql, sizeof sql, PQntuples(found) > 0 ? "grant shellac_host to %s" :
	    "create role %s login nosuperuser nocreatedb nocreaterole noreplication "
	    "connection limit 8 in role shellac_host", quoted);
	PQclear(found);
	r = fleet_run(c, sql);
	PQfreemem(quoted);
	return r;
}

static int add(PGconn *c, const struct added *h)
{
	const char *value[] = { h->id, h->name, h->role, h->heartbeat, h->note };
	PGresult *r = NULL;

	if (fleet_run(c, "begin") == 0 && make_role(c, h) == 0 &&
	    fleet_query(c, &r, "insert into shellac.host (id, name, role, heartbeat_s, enrolment) "
	    "values ($1, $2, $3, $4, $5) on conflict (id) do update set heartbeat_s = "
	    "excluded.heartbeat_s, enrolment = coalesce(excluded.enrolment, host.enrolment) "
	    "where host.name = excluded.name returning id", 5, value) == 0) {
		if (PQntuples(r) == 1 && fleet_run(c, "commit") == 0) {
			PQclear(r);
			printf("%s\trole %s\thost id %s\n", h->name, h->role, h->id + 2);
			return AUDIT_OK;
		}
		if (PQntuples(r) == 0)
			complain("%s: this host is here under another name", h->name);
		else
			fleet_refused(c, h->name);
	} else
		fleet_refused(c, h->name);
	PQclear(r);
	fleet_run(c, "rollback");
	return AUDIT_CANNOT;
}

static int add_file(PGconn *c, const char *path, const struct fleet_args *args)
{
	struct known_host k;
	struct added h;
	int r = known_host_load(&k, path);

	if (r != 0) {
		complain("%s: %s; an enrolment, as shellac key enrol makes one, or a host.pub is "
		    "wanted", path, err_text(r));
		r = AUDIT_CANNOT;
	} else if ((r = describe(&h, &k, args)) == AUDIT_OK)
		r = add(c, &h);
	known_host_release(&k);
	return r;
}

int fleet_verb_add(struct auditor *a, const struct fleet_args *args)
{
	PGconn *c;
	int i, r;

	(void)a;
	if (args->name != NULL && args->count > 1) {
		complain("fleet add --name wants one file");
		return AUDIT_USAGE;
	}
	r = fleet_dial(&c, args->conninfo, 1);
	if (r != AUDIT_OK)
		return r;
	for (i = 0; i < args->count; i++) {
		int one = add_file(c, args->arg[i], args);

		r = one != AUDIT_OK ? one : r;
	}
	PQfinish(c);
	return r;
}
