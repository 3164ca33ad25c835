/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSION_PROCESSES_H
#define SHELLAC_SESSION_PROCESSES_H

#include <stddef.h>
#include <stdint.h>

#include "session_cache.h"
#include "store/store.h"

/* What the process records say of each session. */
#define SESSION_UIDS 8 /* further ones are not kept */

struct session_sum {
	uint64_t n;        /* the session */
	uint64_t commands; /* processes that exec'd, the recorder not counted */
	uint32_t uids;
	uint32_t uid[SESSION_UIDS]; /* real ones, that they had at their end */
};

struct session_sums {
	struct session_sum *sum; /* by n */
	size_t count, room;
	size_t last;       /* that was added to; see session_sums_of() */
	int error;
	int known;         /* there are process records */
};

/* The sum of session n, a new one where there is none and add is set, or NULL. */
struct session_sum *session_sums_of(struct session_sums *x, uint64_t n, int add);

/* Of all records; those of a segment that is still the same come from the cache, where there
 * is one.  now_ns: wall clock.  0 or a negative code; release it either way. */
int session_processes_read(struct session_sums *x, const struct store *s,
    struct session_cache *cache, int64_t now_ns);
void session_sums_release(struct session_sums *x);

#endif
