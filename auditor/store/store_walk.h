/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_STORE_WALK_H
#define SHELLAC_STORE_WALK_H

#include <sys/stat.h>

#include "store/store.h"

/* store_walk() without the file number: fills in sessions, which are in order, and strays of
 * a store that has none.  Folders are read by several threads: with many sessions that takes
 * longer than all that is then done with them.  0 or -errno. */
int store_walk_folders(struct store *s);

/* Sessions by n, then by id, which most often they are; strays by path. */
void store_put_in_order(struct store *s);

struct store_state store_state_from(const struct stat *st);

#endif
