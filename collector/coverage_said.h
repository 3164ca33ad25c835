/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_COVERAGE_SAID_H
#define SHELLAC_COVERAGE_SAID_H

#include "process_record.h"

struct ledger;

/* A row of coverage.h begins: UNRECORDED and a line of the log.  Is over: a line.  l NULL:
 * no entry. */
void coverage_said(struct ledger *l, const struct process_record *r,
    const struct process_terminal *t);

#endif
