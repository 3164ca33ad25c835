/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SHOWN_H
#define SHELLAC_SHOWN_H

#include <stdint.h>

#include "verify/judge.h"

/*
 * The events of a session that may be shown, in order.  Each is handed over when the seal
 * of its chunk has verified, those behind the last seal when nothing is wrong there, so
 * that nobody is shown what a check then refuses.
 */
struct shown_event {
	struct event e;    /* pointers are good until the callback returns */
	uint64_t at_ns;    /* since the session's begin, its own dt included */
	uint64_t frame;    /* its number */
	int64_t chunk;     /* number of the one it is in, */
	int sealed;        /* and whether that one was sealed */
};

/* Returns 0 to go on; anything else ends the reading and is returned. */
typedef int shown_fn(void *arg, const struct shown_event *x);

/* All of a session's file; fd stays the caller's, entry and how are as in judge_open().
 * 0 with the verdict in *v; what take returned; or -errno of a failed read.  After anything
 * but 0 *v holds nothing. */
int shown_file(int fd, const struct store_session *entry, const struct judge_how *how,
    shown_fn *take, void *arg, struct verdict *v);

/* The same for a session of a store. */
int shown_session(const struct store *s, struct store_session *e, const struct judge_how *how,
    shown_fn *take, void *arg, struct verdict *v);

#endif
