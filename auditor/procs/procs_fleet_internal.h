/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCS_FLEET_INTERNAL_H
#define SHELLAC_PROCS_FLEET_INTERNAL_H

#include "procs/fleet_claims.h"
#include "procs/procs_fleet.h"
#include "store/fleet.h"

struct procs_fleet_host {
	struct procs_host host;  /* what rows say */
	uint32_t *asked;         /* users whose names were looked for */
	size_t users, user_room;
};

struct procs_fleet {
	struct auditor *a;
	const struct procs_fleet_ask *ask;
	const struct fleet_host **chosen;
	struct procs_fleet_host *host;   /* of chosen */
	size_t hosts;
	struct procs_source source;
	size_t at;                       /* the host whose rows come; hosts: none yet */
	unsigned long long findings;
};

/* procs_fleet_index.c: what the index claims, as far as it is true.  An exit status. */
int procs_fleet_by_index(struct procs_fleet *x);

/* procs_fleet.c: rows that come are of this host now.  0 or -ENOMEM. */
int procs_fleet_at(struct procs_fleet *x, size_t host);
/* The question of the database failed. */
int procs_fleet_cannot(const struct procs_fleet *x, int r);

#endif
