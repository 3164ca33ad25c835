/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_HOSTS_H
#define SHELLAC_HOSTS_H

#include "auditor.h"
#include "store/fleet.h"

/*
 * Commands on a fleet: which host's store they read.  Each host has a struct auditor of its
 * own, as a local store has; all share the connection, and what they read is of one time.
 */

/* Connects, where that is not done, and takes the keys of hosts that the auditor keeps.
 * AUDIT_OK, or AUDIT_CANNOT, said. */
int hosts_connect(struct auditor *a);

/* Opens the store of this host in a, walked, with its key: as auditor_open(). */
int hosts_open(struct auditor *a, const struct fleet_host *h);

/* The store of the only host there is; AUDIT_USAGE, said, where there are more. */
int hosts_open_only(struct auditor *a);

/* The host that text names a session of, "HOST/ID" or "ID", or the whole of which it is
 * the name, "HOST", if whole.  NULL with *status, and said. */
const struct fleet_host *hosts_find(struct auditor *a, const char *text, int whole, int *status);

/* The host's key by the auditor's own folder: 0 or -ENOENT. */
int host_key(const struct fleet_host *h, struct host_pub *key);

/* Ends the connection. */
void hosts_close(struct auditor *a);

/* The store of this host in an auditor beside a, which has the connection.  As
 * hosts_open(); close it either way. */
int hosts_open_child(struct auditor *child, const struct auditor *a, const struct fleet_host *h);
void hosts_close_child(struct auditor *child);

/* All stores of what was opened: those of a fleet, by name, or the one. */
struct hosts {
	struct auditor **host;
	size_t hosts;
	struct auditor *own; /* of a fleet: where they are */
};

/* Opens all, as auditor_open() with sync; of a fleet only what asked can be about (NULL: all),
 * which stays the caller's and longer than all.  0, or an exit status, said; release it
 * either way. */
struct session_asked;
int hosts_open_asked(struct hosts *all, struct auditor *a, const struct session_asked *asked);
void hosts_release(struct hosts *all);

#endif
