/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCS_FLEET_H
#define SHELLAC_PROCS_FLEET_H

#include "auditor.h"
#include "procs/procs.h"

/*
 * shellac procs on a fleet.  Its index says where records are that may be asked for; what is
 * shown comes from the records themselves, and passes the same filter as those of a store on
 * its own.  A row of the index that its record does not bear out is a finding.
 */
struct procs_fleet;

struct procs_fleet_ask {
	struct procs_filter *filter; /* with its words read */
	struct procs_sink sink;
	const char *session;         /* --session, or NULL */
	int execs;                   /* programs' texts are wanted */
	int running;                 /* also lives that have not ended */
	int whole;                   /* all records are read, and the index is not asked */
	/* Before the rows of each host, where that is not NULL: sink.ctx, its name. */
	void (*host)(void *ctx, const char *name);
};

/* Connects and chooses the hosts.  AUDIT_OK, or an exit status, said.  ask stays the
 * caller's, and longer than *out. */
int procs_fleet_open(struct procs_fleet **out, struct auditor *a, struct procs_fleet_ask *ask);
/* An exit status: AUDIT_FINDING where the index is not borne out. */
int procs_fleet_run(struct procs_fleet *x);
/* Rows that a sink kept are of it until then.  NULL is fine. */
void procs_fleet_free(struct procs_fleet *x);

#endif
