/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_COVERAGE_LEDGER_H
#define SHELLAC_COVERAGE_LEDGER_H

#include "coverage/coverage.h"

/* An UNRECORDED of the ledger. */
struct cover_leaf {
	uint64_t index, start_ticks;
	uint32_t pid, tty_dev;
	int taken;
};

/* Gives a row the first UNRECORDED that says it and that no other has. */
void cover_take_leaf(struct cover *c, struct cover_row *r);

#endif
