/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SEARCH_READ_H
#define SHELLAC_SEARCH_READ_H

#include "verify/judge.h"
#include "search/search_line.h"

/* Reads a session's file, checked on the way, as lines: those of its screens in their order,
 * then those that were typed unseen.  fd stays the caller's, entry and how are as in
 * judge_open().  0 with the verdict in *v; E_RANGE: more was typed unseen than is kept; what
 * line returned; -ENOMEM, or -errno of a failed read. */
int search_read(int fd, const struct store_session *entry, const struct judge_how *how,
    search_line_fn *line, void *arg, struct verdict *v);

#endif
