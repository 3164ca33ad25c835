/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_STATE_H
#define SHELLAC_FLEET_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "store/fleet.h"

/* How a host's store comes into its fleet, by the database's clock, and what is wrong with
 * that: it is silent, or its store is behind its own ledger. */
struct fleet_state {
	int64_t now_ns;
	int64_t behind, lost;   /* bytes that are not here yet, sessions that never will be, as
	                         * the host said last */
	uint64_t tampers;       /* what came once more with other bytes */
	int64_t ledger_ns;      /* the last entry of its ledger; 0: none is here */
	int ledger_error;       /* the ledger cannot be read up to its end */
	uint64_t closed, unfit; /* sessions that it says ended a heartbeat ago or longer; and those
	                         * of them whose end is not here, */
	uint64_t first;         /* the first of which is this */
};

/* 0, -EIO, -ENOMEM, or -errno. */
int fleet_state_read(struct fleet_state *out, struct fleet *f, const struct fleet_host *h);

/* Tells each finding: a word for programs, "silent", "behind", "tamper" or "lost", and a text
 * for eyes.  How many. */
size_t fleet_state_findings(const struct fleet_state *s, const struct fleet_host *h,
    void (*got)(void *arg, const char *kind, const char *text), void *arg);

#endif
