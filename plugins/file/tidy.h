/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TIDY_H
#define SHELLAC_TIDY_H

#include "file_name.h"

/* What becomes of files that are full, in a thread of its own: they are compressed, and the
 * oldest of too many go. */
struct tidy;

struct tidy_options {
	int compress;
	uint64_t keep; /* files beside the one that is written to; 0 all */
};

/* dir and o stay the caller's, until tidy_free().  0 or -errno. */
int tidy_new(struct tidy **out, int dir, const struct tidy_options *o);

/* Leaves the work where it is: the next start does it. */
void tidy_free(struct tidy *t);

/* Has it look again.  written: the file that is not full, NULL none.  Called before that is
 * made. */
void tidy_look(struct tidy *t, const struct file_name *written);

#endif
