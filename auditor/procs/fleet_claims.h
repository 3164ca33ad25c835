/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_CLAIMS_H
#define SHELLAC_FLEET_CLAIMS_H

#include <stddef.h>
#include <stdint.h>

#include "store/fleet.h"

/* What the index of a fleet claims of processes: where their records are, which prove it. */
struct fleet_claim {
	size_t host;             /* which of those asked for */
	uint64_t segment, slot;
	uint64_t exec_segment;   /* of its last EXEC; 0 none */
	uint64_t exec_slot;
	int64_t started_us;      /* since 1970; INT64_MIN not said */
	int64_t pid, uid, session;
	/* its record, its EXEC was read; and the record says something else */
	unsigned seen : 1, exec_seen : 1, wrong : 1;
};

struct fleet_claims_ask {
	const struct fleet_host *const *host;
	size_t hosts;
	const char *user;        /* a name, NULL: of all */
	int has_uid;             /* or this number */
	uint32_t uid;
	int64_t from_ns, to_ns;  /* began in this time; INT64_MIN, INT64_MAX: whenever */
	int64_t session;         /* 0: whichever */
};

/* Begins the question: the hosts in their order, of each its records in theirs.  One at a
 * time; an index of a time that is over is not seen.  0, -EIO or -ENOMEM. */
int fleet_claims_open(struct fleet *f, const struct fleet_claims_ask *ask);
/* The next ones, at most max: how many, 0 at the end, or as above. */
long fleet_claims_next(struct fleet *f, struct fleet_claim *out, size_t max);
void fleet_claims_close(struct fleet *f);

#endif
