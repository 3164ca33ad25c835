/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_INTERNAL_H
#define SHELLAC_FLEET_INTERNAL_H

#include "store/fleet.h"
#include "store/fleet_query.h"

struct fleet {
	PGconn *pg;
	char name[512];
	char why[FLEET_WHY]; /* the first failure's, "" none */
	char state[8];       /* its SQLSTATE */
	struct fleet_host *host;
	size_t hosts;
};

/* Notes why a question failed: r's reason, or where that is NULL the connection's.  -EIO. */
int fleet_failed(struct fleet *f, const PGresult *r);

/* One line of text. */
void fleet_say(char why[FLEET_WHY], const char *text);

#endif
