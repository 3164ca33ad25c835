/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSION_LEDGER_H
#define SHELLAC_SESSION_LEDGER_H

#include "session_record.h"
#include "verify/verify.h"

/*
 * What the store's ledger makes of its sessions, as shellac verify says it.
 */
struct session_ledger {
	struct verify v;
	const struct auditor *a;
	int known; /* it was read; without a key of the host nothing in it is believed */
};

/* A digest of what the ledger's files and the policy's are like: as long as it is the same,
 * so is all that follows.  *newest_ns: when the last of them was written to. */
void session_ledger_state(uint8_t out[HASH_SIZE], int64_t *newest_ns, const struct auditor *a,
    const char *policy_path);

/* 0; or negative, which was said: it cannot be read.  Then it knows nothing.  Release it
 * either way. */
int session_ledger_read(struct session_ledger *l, const struct auditor *a,
    const struct witness_policy *policy);
void session_ledger_release(struct session_ledger *l);

/* How session n is to be judged; *x is what how then points to. */
void session_ledger_how(struct session_ledger *l, uint64_t n, struct expect *x,
    struct judge_how *how);

/* Sets level, status' findings and expected of a session that was judged with x. */
void session_ledger_grade(struct session_ledger *l, struct session_record *r,
    const struct expect *x);

#endif
