/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_INTERNAL_H
#define SHELLAC_FLEET_INTERNAL_H

#include <limits.h>
#include <pthread.h>

#include "store/fleet.h"
#include "store/fleet_query.h"

struct fleet {
	PGconn *pg;
	pthread_mutex_t lock; /* one question at a time, whichever thread asks */
	char name[512];
	char why[FLEET_WHY]; /* the first failure's, "" none */
	char state[8];       /* its SQLSTATE */
	char folder[PATH_MAX]; /* of enrolments */
	struct fleet_host *host;
	size_t hosts;
	pthread_mutex_t together;         /* of what follows; taken before lock */
	const struct fleet_host **group;  /* hosts that are read together, NULL none */
	size_t grouped;
	struct fleet_answer *answer;      /* fleet_together.c */
	struct fleet_known_days *days;
};

/* One line of text. */
void fleet_say(char why[FLEET_WHY], const char *text);

#endif
