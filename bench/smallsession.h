/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SMALL_SESSION_H
#define SHELLAC_SMALL_SESSION_H

#include "cert.h"
#include "frame.h"
#include "keys.h"

/* Sessions for stores of very many: three chunks each, every hundredth cut, each with the
 * certificate of its host. */
struct small_host {
	uint8_t pk[PK_SIZE], sk[SK_SIZE];
	const char *name;
};

#define SMALL_CHUNKS 3

struct small_session {
	uint64_t n;
	unsigned user;              /* "user7", uid 1007 */
	int64_t wall_ns;
	uint8_t id[ID_SIZE];        /* from here on: what was made */
	uint8_t file[8 * FRAME_MAX];
	size_t len, end[SMALL_CHUNKS]; /* where each chunk ends */
	unsigned chunks;
};

/* 1 where session n is one of those that are cut */
int small_session_is_cut(uint64_t n);

/* Fills in what is made.  Exits where that fails. */
void small_session_make(struct small_session *x, const struct small_host *h);

#endif
