/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CHECK_NOTE_H
#define SHELLAC_CHECK_NOTE_H

#include "check/check.h"
#include "checkpoint.h"

/* A checkpoint in the ledger's folder. */
struct check_note {
	uint8_t *text;
	struct note note;
	struct checkpoint checkpoint;
};

/* Reads the file of that name.  0, -errno or a negative code; free text whatever is
 * returned. */
int check_note_read(struct check_note *n, const struct check *k, const char *name);

#endif
