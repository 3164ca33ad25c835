/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_VERBS_H
#define SHELLAC_FLEET_VERBS_H

#include <libpq-fe.h>

#include "auditor.h"

/* shellac fleet VERB: what was given with it, NULL or 0 where it was not. */
struct fleet_args {
	const char *conninfo;   /* of the fleet store */
	const char *name, *reason;
	unsigned long long heartbeat_s, days;
	int forever, release, plain, json;
	char **arg;             /* behind the verb, */
	int count;
};

/* Each returns an exit status. */
int fleet_verb_init(struct auditor *a, const struct fleet_args *args);
int fleet_verb_add(struct auditor *a, const struct fleet_args *args);
int fleet_verb_list(struct auditor *a, const struct fleet_args *args);
int fleet_verb_status(struct auditor *a, const struct fleet_args *args);
int fleet_verb_maintain(struct auditor *a, const struct fleet_args *args);
int fleet_verb_retention(struct auditor *a, const struct fleet_args *args);
int fleet_verb_restore(struct auditor *a, const struct fleet_args *args);
int fleet_verb_hold(struct auditor *a, const struct fleet_args *args);

/* Connects to a store that has our tables.  AUDIT_OK and *out, or AUDIT_CANNOT and said
 * why; write: to change something. */
int fleet_dial(PGconn **out, const char *conninfo, int write);

/* Says what the server said of the last statement.  AUDIT_CANNOT. */
int fleet_refused(const PGconn *c, const char *what);

#endif
