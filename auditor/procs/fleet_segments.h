/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_SEGMENTS_H
#define SHELLAC_FLEET_SEGMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "store/fleet.h"

/* Bytes of files of process records, out of the pieces that a fleet has of them: only those
 * that are wanted. */
struct fleet_range {
	size_t host;       /* which of those given */
	uint64_t segment;
	uint64_t from, to; /* offsets; behind the last byte */
};

/* Puts ranges in order and joins those of a segment that lie close.  Returns how many there
 * are then. */
size_t fleet_ranges_join(struct fleet_range *range, size_t count);

/* Hands over a file for each segment, in the ranges' order, that has their bytes at their
 * offsets, and nothing known between them; what the fleet does not have is left out.  fd is
 * closed when got returns, 0 to go on.  What got returned, -EIO or -errno. */
int fleet_segments(struct fleet *f, const struct fleet_host *const *host,
    const struct fleet_range *range, size_t count,
    int (*got)(void *arg, size_t host, uint64_t segment, int fd), void *arg);

#endif
