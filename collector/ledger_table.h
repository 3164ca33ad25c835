/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LEDGER_TABLE_H
#define SHELLAC_LEDGER_TABLE_H

#include "ledger_internal.h"

/* Writes the table of the sessions that the ledger has open, LEDGER_LIVE/epoch: what is
 * on disk of each.  It is not synced: EPOCH says what stands in it, and without it the
 * sessions are vouched for by what comes later.  An empty one is not written.  0 and
 * their number and root, or -errno. */
int ledger_table_write(const struct ledger *l, uint64_t epoch, uint32_t *live,
    uint8_t root[MERKLE_HASH]);

/* A table may go when a later one is there, but for the last before a session's CLOSE
 * that was cut: it says how far the session was.  Takes away the one that is
 * LEDGER_TABLES older than the last epoch's. */
#define LEDGER_TABLES 16
void ledger_table_prune(const struct ledger *l);

#endif
