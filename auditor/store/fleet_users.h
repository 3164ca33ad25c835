/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_USERS_H
#define SHELLAC_FLEET_USERS_H

#include <stddef.h>
#include <stdint.h>

#include "store/fleet.h"
#include "store/users.h"

/* A user id of a host, whose name is wanted. */
struct fleet_user {
	const struct fleet_host *host;
	uint32_t uid;
	struct users *users; /* learn it */
};

/* Learns names from the certificates of the hosts' first sessions of these users, as
 * users_new() does of a store where every session is read; the fleet's index says which
 * sessions those are, and nothing more.  0, -EIO or -ENOMEM. */
int fleet_users_learn(struct fleet *f, const struct fleet_user *user, size_t count);

/* The users that a host had sessions of. */
int fleet_users_all(struct fleet *f, const struct fleet_host *h, struct users *users);

#endif
