/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_WALK_H
#define SHELLAC_PROCESS_WALK_H

#include <stdint.h>

#include "process_record.h"
#include "process_text.h"
#include "store/store.h"

/* Reads the process records of a store, shellac-format(5), PROCESS RECORDS. */

/* A slot: i, from 0, of segment k, from 1. */
struct process_place {
	uint64_t k, i;
};

struct process_segment {
	uint64_t k;
	uint8_t version;
	uint8_t boot_id[BOOT_ID_SIZE];
	struct process_boot boot; /* ticks_per_s 0: version 1 does not say it */
};

struct process_walk {
	/* Each may be NULL.  A segment, before what is in it; each slot that is right, of
	 * whichever kind, in the order they were written. */
	void (*segment)(void *arg, const struct process_segment *g);
	void (*slot)(void *arg, const struct process_place *at, const struct process_record *p);
	/* after slot: an ACCT; an EXEC, once its text is whole */
	void (*record)(void *arg, const struct process_record *p, const struct acct_record *r);
	void (*exec)(void *arg, const struct process_text *t);
	/* an INPUT, once its text is whole */
	void (*input)(void *arg, const struct process_text *t);
	/* what is wrong with the file path: at offset.  tail: only its end is not
	 * there yet. */
	void (*trouble)(void *arg, const char *path, uint64_t offset, const char *text, int tail);
	void *arg;
};

/* Returns the number of files, 0 when there was no accounting, or -errno. */
long process_walk(const struct store *s, const struct process_walk *w);

/* Slots i to i + count - 1 of a segment, as far as they are there, and the TEXTs behind
 * the last where it has such; TEXTs whose record stands before are left out. */
struct process_part {
	uint64_t i, count;
};

/* Parts of segment k, ascending.  0 or negative: -ENOENT no such file; E_FORMAT, E_SHORT
 * (said as trouble); -errno. */
int process_walk_parts(const struct store *s, const struct process_walk *w, uint64_t k,
    const struct process_part *part, size_t parts);

/* The same of a file that is open: of which only the first slot and what the parts need has
 * to be there.  fd stays the caller's. */
int process_walk_parts_of(int fd, const struct process_walk *w, uint64_t k,
    const struct process_part *part, size_t parts);

/* Goes on at *at, which then is where the next call goes on: behind the last slot that is
 * whole, an EXEC or INPUT with all its TEXTs.  { 0, 0 } is the begin of the first segment.  What is
 * torn at the end is no trouble here: it may be there the next time.  0 or negative. */
int process_walk_on(const struct store *s, const struct process_walk *w,
    struct process_place *at);

/* The numbers of all segments in order: a new array, which the caller frees, *count of
 * them.  0 or -errno; no folder is 0 with a count of 0. */
int process_walk_list(const struct store *s, uint64_t **out, size_t *count);

#endif
