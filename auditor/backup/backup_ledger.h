/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_BACKUP_LEDGER_H
#define SHELLAC_BACKUP_LEDGER_H

#include "backup/backup.h"
#include "ledger_file.h"

#define BACKUP_NOTES 3

/* The ledger as it was when a backup began: whole entries, and what was signed of them. */
struct backup_ledger {
	int log;        /* a copy, -1: there is none */
	uint64_t size;
	int note[BACKUP_NOTES]; /* keys, checkpoint, cosigned; -1: there is none */
};

/* Reads it; sets b->next_n.  One that is not the continuation of what was kept is a finding.
 * 0 or negative, said.  Release in either case. */
int backup_ledger_read(struct backup_ledger *l, struct backup *b);
/* Puts it in place.  0 or negative, said. */
int backup_ledger_put(struct backup_ledger *l, struct backup *b);
void backup_ledger_release(struct backup_ledger *l);

#endif
