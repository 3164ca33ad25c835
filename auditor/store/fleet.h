/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_H
#define SHELLAC_FLEET_H

#include <stddef.h>
#include <stdint.h>

#include "seal.h"
#include "verify/known_host.h"

/*
 * The stores of many hosts in one PostgreSQL database, shellac-fleet(7), read like any copy
 * that a stranger made: what it says is shown as proven where signatures prove it, and keys
 * of hosts come from the auditor's own folder, never from the database.
 *
 * All that one struct fleet reads is of one time: a transaction that sees no later write,
 * until fleet_refresh().
 */
struct fleet;

#define FLEET_NAME_MAX 255  /* of a host; no slash in it */
#define FLEET_WHY 512       /* of what the database said */
#define FLEET_NEVER INT64_MIN

struct fleet_host {
	char name[FLEET_NAME_MAX + 1]; /* as the fleet calls it: hostile, but no slash in it */
	uint8_t id[ID_SIZE];
	uint64_t heartbeat_s;
	int64_t added_ns, seen_ns;     /* by the database's clock; FLEET_NEVER */
	struct known_host known;       /* from the auditor's side, if have_key: */
	int have_key;
};

/* Connects, looks for the tables and reads which hosts there are.  0, or -errno (-EPERM: no
 * right to read them; -ENOENT: no tables of a fleet; -EPROTONOSUPPORT: of a later version;
 * -ENOTCONN: no connection), then why is a line of text for it, to be escaped. */
int fleet_open(struct fleet **out, const char *conninfo, char why[FLEET_WHY]);
void fleet_free(struct fleet *f); /* NULL is fine */

/* "postgresql://db1:5432/shellac", without user and password. */
const char *fleet_name(const struct fleet *f);

/* What the database said with the last failure, or NULL. */
const char *fleet_trouble(const struct fleet *f);

/* Goes its traffic over a network in clear text? */
int fleet_is_exposed(const struct fleet *f);

/* By name.  They stay until fleet_free(). */
size_t fleet_hosts(const struct fleet *f);
struct fleet_host *fleet_host(const struct fleet *f, size_t i);
/* The one of that name, len bytes; NULL. */
struct fleet_host *fleet_host_named(const struct fleet *f, const char *name, size_t len);

/* Takes a host.pub or an enrolment for the host of the fleet that it is of: 1; 0 where the
 * fleet has no such host; or as known_host_load(). */
int fleet_know(struct fleet *f, const char *path);
/* All enrolments (*.enrolment and *.pub) of $XDG_CONFIG_HOME/shellac/hosts, else
 * ~/.config/shellac/hosts, which fleet_folder() then tells; a host that is known already
 * keeps its key.  bad is told of each that cannot be taken. */
void fleet_know_all(struct fleet *f, void (*bad)(const char *path, int r));
const char *fleet_folder(const struct fleet *f);

/* From here on what is there now is seen.  0 or -EIO. */
int fleet_refresh(struct fleet *f);

/* Which host has the session that text names, a number, the start of an id, or "last", by
 * the rows of the fleet's index: how many have one; the first of them by name, at most max,
 * in host. */
long fleet_who_has(struct fleet *f, const char *text, struct fleet_host **host, size_t max);

#endif
