/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_WALK_H
#define SHELLAC_PROCESS_WALK_H

#include <stdint.h>

#include "process_record.h"
#include "store.h"

/* Reads the process records of a store, shellac-format(5), PROCESS RECORDS. */
struct process_walk {
	/* each record that is right, in the order they were written */
	void (*record)(void *arg, const struct process_record *p, const struct acct_record *r);
	/* what is wrong with the file path: at offset.  tail: only its end is not
	 * there yet.  May be NULL. */
	void (*trouble)(void *arg, const char *path, uint64_t offset, const char *text, int tail);
	void *arg;
};

/* Returns the number of files, 0 when there was no accounting, or -errno. */
long process_walk(const struct store *s, const struct process_walk *w);

#endif
