/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROOF_H
#define SHELLAC_PROOF_H

#include "verify/judge.h"

/* The verdict on a session, reached bit by bit while something else goes on. */
struct proof {
	struct judge judge;
	int done;
	int error;         /* -errno of a failed read, then nothing more comes */
	struct verdict v;  /* once done */
};

/* As judge_open(), whose arguments must outlive it.  Release it either way. */
int proof_open(struct proof *p, int fd, const struct store_session *e,
    const struct judge_how *how);
void proof_release(struct proof *p);

/* Goes on for about so many nanoseconds.  1 while there is more. */
int proof_work(struct proof *p, uint64_t ns);

/* How long the session is, as far as that is known: ns. */
uint64_t proof_length(const struct proof *p);

#endif
