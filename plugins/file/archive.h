/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ARCHIVE_H
#define SHELLAC_ARCHIVE_H

#include <sys/types.h>

#include "../feed.h"
#include "tidy.h"

struct archive_options {
	const char *folder;
	uint64_t size;    /* bytes of a file, unless its first event is longer */
	uint64_t every_s; /* that events go into one file; 0: for ever */
	mode_t mode;      /* of files */
	struct tidy_options tidy;
};

/* A folder of events. */
struct archive;

/* Opens the folder (made 0700 where it is missing) and goes on behind the last event in it; the
 * torn end of a last line is cut off.  One process at a time.  o is kept by reference.  0,
 * -EPERM where it belongs to another user or others may write to it, -EBUSY, or -errno. */
int archive_open(struct archive **out, const struct archive_options *o);

/* What was not synced is cut off again. */
void archive_close(struct archive *a);

/* Takes the event, or leaves it because it is there already.  0, or -errno: it was not taken,
 * and no harm was done; to be tried again where archive_full() says so. */
int archive_append(struct archive *a, const struct feed_event *e);

/* Makes all that was taken safe.  0, or -errno: where archive_full() of it is not so, the
 * archive is to be closed; -ESTALE: somebody deleted the file. */
int archive_sync(struct archive *a);

/* Begins a new file with the next event where this one's time is over.  As archive_sync(). */
int archive_turn(struct archive *a);

/* ms until archive_turn() has something to do, -1 nothing. */
int archive_turn_ms(const struct archive *a);

/* 1 where room on the disk is all that is missing. */
int archive_full(int r);

#endif
