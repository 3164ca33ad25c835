/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_DB_H
#define SHELLAC_FLEET_DB_H

#include <libpq-fe.h>
#include <stddef.h>

/*
 * The way to a fleet store: libpq, with what all of ours want of a connection.  What a
 * server says is as hostile as any row.
 */

/* Is this what -S takes for a database, and no folder: a URI of PostgreSQL, or words with
 * an equals sign and a value, of which one is host, hostaddr, service or dbname? */
int fleet_is_conninfo(const char *text);

/* Connects, within 10 s for each host where conninfo does not say otherwise, and notices
 * within 30 s that the network is cut; program is
 * what the server's lists name it.  write: only to a server that takes writes, unless
 * conninfo says otherwise.  Times are UTC then, bytea is hexadecimal and no schema is
 * searched: name each table as shellac.NAME.  Notices are dropped.  0 and *out, which the
 * caller ends with PQfinish(); E_REFUSED with a line of what the server or libpq said in
 * why; -ENOMEM. */
int fleet_connect(PGconn **out, const char *conninfo, const char *program, int write, char *why,
    size_t why_size);

/* The first line of what libpq said last of c or, where it is not NULL, of result, without
 * its line feed, into out.  It is hostile and not escaped. */
char *fleet_why(char *out, size_t size, const PGconn *c, const PGresult *result);

/* One statement with n parameters in text (NULL: null): 0 and its rows in *out, which the
 * caller frees with PQclear(), or E_REFUSED, see fleet_why(c, NULL). */
int fleet_query(PGconn *c, PGresult **out, const char *sql, int n, const char *const *value);

/* Any number of statements without parameters and rows.  0 or E_REFUSED. */
int fleet_run(PGconn *c, const char *sql);

/* Of the tables: 0 and the version in *version; 1: there are none; E_REFUSED. */
#define FLEET_VERSION 1
int fleet_version(PGconn *c, int *version);

#endif
