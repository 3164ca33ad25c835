/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_INPUT_FOLLOW_H
#define SHELLAC_INPUT_FOLLOW_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "lines.h"
#include "place.h"

/*
 * A file that others write lines to, as it grows: through its being renamed and made anew, or
 * cut and written again.  Of one that was renamed the rest is read, until there is something
 * in the new one.
 */
struct follow {
	const char *path, *state; /* state: NULL, or the file that keeps the place */
	int fd;                   /* -1: there is none now */
	int notify;               /* inotify, for fd */
	uint64_t dev, ino;        /* of fd */
	uint64_t read, given;     /* of fd: read up to, and lines given up to */
	struct place place;       /* of given, or of what was last saved */
	int have_place, changed;  /* changed: it is not saved yet */
	char **rest;              /* older files that are read first, the oldest last */
	size_t rests;
	uint64_t look_ns, saved_ns; /* when the path is looked at, and it was saved */
	int missing_said;
	int refused;              /* for the caller: lines were not taken, so the place stays */
	struct lines lines;
};

#define FOLLOW_LOOK_MS 500

/* path and state stay the caller's.  Goes on where state says; without that, at the end of
 * the file or, where from_start is set, at its begin.  Says on the log what was found to be
 * otherwise.  0 or -errno. */
int follow_open(struct follow *f, const char *path, const char *state, int from_start);

/* Reads what is there, at most a few hundred KiB.  got's end is of no meaning.  0, 1: there
 * may be more at once; or -errno. */
int follow_turn(struct follow *f, lines_got *got, void *ctx);

/* What to wait for besides FOLLOW_LOOK_MS. */
int follow_fd(const struct follow *f);

/* Saves the place up to which lines were given, and frees. */
void follow_close(struct follow *f);

#endif
