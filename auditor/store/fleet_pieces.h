/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_PIECES_H
#define SHELLAC_FLEET_PIECES_H

#include "store/fleet.h"
#include "store/fleet_store.h"

/* The kinds of pieces, fleet/schema.sql. */
enum { PIECE_SESSION = 1, PIECE_PROCESS = 2, PIECE_LEDGER = 3, PIECE_FILE = 4 };

/* Which file of a store. */
struct fleet_place {
	int kind;
	uint64_t n;             /* session, or number of the process records' file */
	char day[STORE_DAY_MAX]; /* of a session, "2026/11/22" */
	const char *path;
};

/* Which pieces a file of a store is made of. */
void fleet_place(struct fleet_place *p, const char *path);

/* Writes the file to fd, which is empty.  Holes are left as zeros, or in a session left
 * out, and told to fault.  0, -ENOENT: there is no piece; or -errno. */
int fleet_pieces(struct fleet *f, const struct fleet_host *h, const struct fleet_place *p, int fd,
    void (*fault)(void *arg, const struct fleet_fault *x), void *arg);

#endif
