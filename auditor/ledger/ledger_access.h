/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LEDGER_ACCESS_H
#define SHELLAC_LEDGER_ACCESS_H

#include "ledger_entry.h"
#include "store/store.h"

#define LEDGER_ACCESS_FILE_MAX 4096

/* What the digests of an ACCESS are of, as the store has it beside the ledger; bytes
 * from outside. */
struct ledger_access {
	char who[LEDGER_ACCESS_FILE_MAX];
	char what[LEDGER_ACCESS_FILE_MAX];
	char reason[LEDGER_ACCESS_FILE_MAX];
};

/* Reads it and holds it against e.  0; -ENOENT where it has gone; E_FORMAT, E_RANGE,
 * E_DIGEST where it is not what the entry was made of; -errno or E_REFUSED. */
int ledger_access_read(struct ledger_access *a, const struct store *s, const struct entry *e);

#endif
