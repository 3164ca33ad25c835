/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_INPUT_FOLLOW_INTERNAL_H
#define SHELLAC_INPUT_FOLLOW_INTERNAL_H

#include "follow.h"

/* A regular file to be read, without waiting.  A descriptor or -errno. */
int follow_open_file(const char *path);

/* Goes on with fd, which becomes its own, at offset. */
void follow_use(struct follow *f, int fd, uint64_t offset);

/* follow_find.c: which file, and where in it, to begin with.  0 or -errno. */
int follow_find(struct follow *f, int from_start);

#endif
