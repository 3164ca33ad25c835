/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REVIEW_ENTRIES_H
#define SHELLAC_REVIEW_ENTRIES_H

#include "ledger_entry.h"

struct store;

/* The ledger's entries as somebody signs them off: by index and merkle_leaf(). */

/* Calls take for each, as far as the ledger is right; it returns 0 to go on.  What take
 * returned, or -errno; no ledger is 0. */
int entries_each(const struct store *s,
    int (*take)(void *arg, const struct entry *e, const uint8_t leaf[MERKLE_HASH]), void *arg);

/* What "entry:12" names: 1 and *index; 0: it is something else. */
int entries_named(const char *text, uint64_t *index);
#define ENTRIES_NAME "entry:"

/* The hash of one.  0; -ENOENT: there is none; or -errno. */
int entries_leaf(const struct store *s, uint64_t index, uint8_t leaf[MERKLE_HASH]);

#endif
