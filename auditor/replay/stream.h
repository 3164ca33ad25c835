/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_STREAM_H
#define SHELLAC_STREAM_H

#include "auditor.h"
#include "verify/judge.h"

/* Writes a session's output to stdout at once, through replay_filter.h but without an
 * emulator: for where that is no terminal.  at: where it begins, as where.h has it, or NULL;
 * follow: goes on with a session that does, until it ends.  0 with the verdict in *v, or a
 * negative code. */
int stream_session(struct auditor *a, struct store_session *e, const char *at, int follow,
    struct verdict *v);

#endif
