/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_STORE_INTERNAL_H
#define SHELLAC_FLEET_STORE_INTERNAL_H

#include <pthread.h>

#include "store/fleet_pieces.h"

#define FLEET_KEPT 16  /* files that are kept open */
#define FLEET_PATH 256

struct fleet_kept {
	char path[FLEET_PATH];
	int fd;        /* -1: none */
	uint64_t used;
};

struct fleet_store {
	struct fleet *fleet;
	const struct fleet_host *host;
	int by_pieces, walked;
	pthread_mutex_t lock; /* of what follows */
	struct fleet_kept kept[FLEET_KEPT];
	uint64_t clock;
	struct fleet_fault *fault;
	size_t faults, fault_room;
};

/* Another look is taken at all of it. */
void fleet_store_forget(struct fleet_store *fs);

/* arg: the struct fleet_store */
void fleet_store_fault(void *arg, const struct fleet_fault *x);

#endif
