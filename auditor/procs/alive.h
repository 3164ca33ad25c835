/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ALIVE_H
#define SHELLAC_ALIVE_H

#include "acct_record.h"
#include "life_name.h"
#include "process_record.h"
#include "store/store.h"

/* Whether a life goes on.  That it has ended is said only where there is its record. */
enum alive_state { ALIVE_YES, ALIVE_ENDED, ALIVE_UNKNOWN };

struct alive {
	enum alive_state state;
	const char *reason;    /* ALIVE_UNKNOWN: why, one clause */
	struct life_name life; /* in full */
	int64_t start_wall_ns; /* 0 not known */
	char comm[ACCT_COMM + 1]; /* hostile; "" not known */
	struct process_record record; /* ALIVE_ENDED */
	struct acct_record end;       /* ALIVE_ENDED */
};

/* What /proc says of the life, read before the store: it may end meanwhile, and then its
 * record is there.  Fills life, comm and state: ALIVE_YES where a life of that pid and
 * start goes on in the boot that runs. */
void alive_look(struct alive *a, const struct life_name *n);

/* And what the store says of it: the verdict.  0, or -errno of the store. */
int alive_judge(struct alive *a, const struct store *s);

#endif
